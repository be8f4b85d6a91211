"""Which feeds there are: one of everything, one of each portal, section and subscription.

What it does not do: read the archive, or entries. The form of a feed is a digest over all that its entries are made
with besides the changes, so that a setting that is altered makes them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from crawler.i18n import Messages
from crawler.monitor.feeds import names
from crawler.monitor.feeds.entry import Composer, Entry
from crawler.monitor.feeds.feed import Feed
from crawler.monitor.sentences import clean
from crawler.subscriptions import Subscription
from crawler.subscriptions.feeds import FeedPolicy

_MADE_BY = version("portalwatch")

Speak = Callable[[Subscription | None], Messages]
"""The messages in a subscription's language; of None in the archive's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A feed that there is to be."""

    name: str
    """Path of its files without the ending."""
    title: str
    """What it is about."""
    home: str | None
    """The home page of that."""
    messages: Messages
    """Its language."""
    form: str
    """What its entries are made with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """The feeds of one archive."""

    archive: str
    """Name of the archive (`storage.news.name_archive`)."""
    since: datetime
    """When it began."""
    policy: FeedPolicy
    """`[feeds]`."""
    subscriptions: Sequence[Subscription]
    """All there are."""
    speak: Speak
    """The languages."""
    names: Mapping[str, str]
    """Names of portals by slug."""
    homes: Mapping[str, str]
    """Home pages of portals by slug."""
    provinces: Mapping[str, str | None]
    """Provinces of portals by slug, by their slugs until 30 June 2025."""

    def plans(self, portals: Sequence[str]) -> Iterator[Plan]:
        """The feeds of everything, of these portals and of the subscriptions. Sections have theirs when they occur."""
        messages = self.speak(None)
        everything = messages.gettext("Changes on the portals")
        yield self._plan(names.ALL, everything, None, messages, dict(self.names))
        for slug in portals:
            yield self._plan(names.portal_feed(slug), self.title(slug), slug, messages, self.title(slug))
        for one in self.subscriptions:
            title = f"portalwatch – {clean(one.name)}"
            yield self._plan(
                names.subscription_feed(one.name), title, None, self.speak(one), [dict(self.names), _criteria(one)]
            )

    def section(self, slug: str, section: str) -> Plan:
        """The feed of a portal's section."""
        name = names.section_feed(slug, section)
        return self._plan(name, f"{self.title(slug)} – {clean(section)}", slug, self.speak(None), self.title(slug))

    def other(self, name: str, title: str) -> Plan:
        """A feed of something that is no more."""
        return self._plan(name, title, None, self.speak(None), "ended")

    def title(self, slug: str) -> str:
        """The name of a portal."""
        return clean(self.names.get(slug)) or clean(slug)

    def composer(self, messages: Messages) -> Composer:
        """What makes entries in this language."""
        return Composer(archive=self.archive, authority=self.policy.authority, messages=messages)

    def feed(self, plan: Plan, entries: tuple[Entry, ...], *, expired: bool = False) -> Feed:
        """The feed with these entries."""
        return Feed(
            name=plan.name,
            tag=self.composer(plan.messages).tag(f"feeds/{plan.name}"),
            title=plan.title,
            description=plan.messages.gettext("What is new, edited, gone or back, as portalwatch saw it"),
            language=plan.messages.language,
            home=plan.home,
            base_url=self.policy.base_url,
            since=self.since,
            entries=entries,
            form=plan.form,
            expired=expired,
        )

    def _plan(self, name: str, title: str, slug: str | None, messages: Messages, made_with: Any) -> Plan:
        home = None if slug is None else self.homes.get(slug)
        policy = self.policy
        form = [_MADE_BY, self.archive, messages.language, home, made_with]
        form += [policy.base_url, policy.authority, policy.entries, policy.max_kb]
        digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()[:16]
        return Plan(name=name, title=title, home=home, messages=messages, form=digest)


def _criteria(one: Subscription) -> list[Any]:
    """What a subscription asks for, without where and when its letters go."""
    chosen = [sorted(one.kinds), sorted(one.portals), sorted(one.provinces), sorted(one.sections)]
    return [*chosen, one.words, one.exclude, one.weight.value]
