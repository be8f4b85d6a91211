"""Whether a subscription wants a change. Pure: records in, yes or no out.

Words are compared folded, as in `portalwatch search`: without marks, letter case and the place of the tone. A phrase
is words side by side, whatever stands between them: `thu hoi dat` is in “Thu hồi đất”, not in “thu hồi lại đất”.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crawler.subscriptions.subscription import Subscription
from storage.digests import fold
from storage.outbox import Addressee
from storage.records import Change
from storage.vocabulary import ChangeKind, Weight

_WORD = re.compile(r"[^\W_]+")
_RANK = {Weight.TECHNICAL: 0, Weight.MINOR: 1, Weight.SUBSTANTIVE: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressing:
    """Who is to be told of the changes of one portal. Called by the archive, in the transaction that records them."""

    subscriptions: Sequence[Subscription]
    """All there are."""
    province: str | None
    """The portal's province, by its slug until 30 June 2025."""

    def __call__(self, change: Change, text: str) -> list[Addressee]:
        """Every channel of every subscription that wants the change; `text` is lead and body of its version."""
        told = Told(change, text)
        wanting = [one for one in self.subscriptions if wants(one, told, province=self.province)]
        return [Addressee(one.name, channel.digest) for one in wanting for channel in one.channels]

    def of_health(self, portal: str) -> list[Addressee]:
        """Every channel of every subscription that is to be told how the portal is doing."""
        wanting = [one for one in self.subscriptions if wants_health(one, portal, province=self.province)]
        return [Addressee(one.name, channel.digest) for one in wanting for channel in one.channels]


class Told:
    """A change and what its version says, made ready for many subscriptions."""

    def __init__(self, change: Change, text: str) -> None:
        self.change = change
        self._text = text

    @cached_property
    def phrases(self) -> list[str]:
        """Title, text, and the old and new words of an edit, as they are compared."""
        edits = [words for each in self.change.fields for words in (each.old, each.new)]
        return [as_phrase(part) for part in (self.change.title, self._text, *edits) if part]


def wants(subscription: Subscription, told: Told, *, province: str | None) -> bool:
    """True where the subscription is to be told of the change.

    What a portal's first crawl found is one line on the portal, so only the portal and `new` are asked for.
    """
    change = told.change
    if subscription.kinds and change.kind not in subscription.kinds:
        return False
    if subscription.portals and change.portal not in subscription.portals:
        return False
    if subscription.provinces and province not in subscription.provinces:
        return False
    if change.first_crawl:
        return True
    if change.kind is ChangeKind.EDITED and _RANK[change.weight] < _RANK[subscription.weight]:
        return False
    if subscription.sections and fold(change.section) not in subscription.sections:
        return False
    if subscription.words and not _any_in(subscription.words, told):
        return False
    return not (subscription.exclude and _any_in(subscription.exclude, told))


def wants_health(subscription: Subscription, portal: str, *, province: str | None) -> bool:
    """True where the subscription is to be told how the portal is doing: only portals and provinces are asked for."""
    if not subscription.health or (subscription.portals and portal not in subscription.portals):
        return False
    return not subscription.provinces or province in subscription.provinces


def as_phrase(text: str) -> str:
    """The words of a text as they are compared, a blank around each: ` thu hoi dat `."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def _any_in(phrases: Sequence[str], told: Told) -> bool:
    return any(phrase in text for phrase in phrases for text in told.phrases)
