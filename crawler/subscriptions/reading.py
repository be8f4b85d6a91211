"""`[[subscription]]` and `[alert]`: TOML to records. Every mistake names file, line, key and what to do.

What it does not do: look at the environment; a crawl need not know the password of the mail server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import fields
from datetime import time
from enum import StrEnum
from typing import TypeVar

from crawler.i18n import LANGUAGES
from crawler.subscriptions.channel import Channel, find_literal_secret
from crawler.subscriptions.matching import as_phrase
from crawler.subscriptions.subscription import AlertPolicy, Subscription
from crawler.subscriptions.timing import WEEKDAYS, Timing
from crawler.tomlfile import Table, dotted, find_line, shown
from storage.digests import fold
from storage.vocabulary import ChangeKind, Weight

SUBSCRIPTION_KEYS = (
    *("name", "channel", "kinds", "portals", "provinces", "sections", "words", "exclude", "weight", "health"),
    *("hour", "weekday", "quiet_hours", "language"),
)
"""The keys of a `[[subscription]]`."""
ONLY_FEED = "feed"
"""The `channel` of a subscription that gets no letters."""

_ADDRESS = re.compile(r"\$\{\w+\}|[A-Za-z][A-Za-z0-9+.-]*://\S+")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
_LONGEST_NAME = 60
_Word = TypeVar("_Word", bound=StrEnum)

FindProvinces = Callable[[str], Collection[str]]
"""The slugs of the old provinces that a name, old or new, means; none for an unknown one."""


def read_subscriptions(
    table: Table, *, find_provinces: FindProvinces, portals: Callable[[], Collection[str]]
) -> tuple[Subscription, ...]:
    """Every `[[subscription]]` of the file. Raises `TomlError`. `portals`: the slugs that there are."""
    items = table.pop("subscription")
    if items is None:
        return ()
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise table.error("subscription", "is no list of tables", "write [[subscription]] above each one's keys")
    found: list[Subscription] = []
    for number, item in enumerate(items):
        inner = Table(table.source, item, (*table.key, "subscription", number))
        one = _read_one(inner, find_provinces, portals)
        if one.name in {other.name for other in found}:
            raise inner.error("name", f"{one.name!r} is the name of another subscription", "give each its own")
        found.append(one)
    return tuple(found)


def read_alert_policy(table: Table | None) -> AlertPolicy:
    """The `[alert]` table, or the defaults. Raises `TomlError`."""
    if table is None:
        return AlertPolicy()
    default = AlertPolicy()
    give_up_days = table.number("give_up_days")
    policy = AlertPolicy(
        timeout_s=table.whole("timeout_s", least=1, default=default.timeout_s),
        tries=table.whole("tries", least=1, default=default.tries),
        give_up_days=default.give_up_days if give_up_days is None else give_up_days,
        quiet_edits_min=table.whole("quiet_edits_min", least=0, default=default.quiet_edits_min),
    )
    table.finish([field.name for field in fields(AlertPolicy)])
    return policy


def _read_one(table: Table, find_provinces: FindProvinces, portals: Callable[[], Collection[str]]) -> Subscription:
    subscription = Subscription(
        name=_name(table),
        channels=_channels(table),
        kinds=frozenset(_words_of(table, "kinds", ChangeKind)),
        portals=_portals(table, portals),
        provinces=_provinces(table, find_provinces),
        sections=frozenset(fold(section) for section in table.texts("sections")),
        words=_phrases(table, "words"),
        exclude=_phrases(table, "exclude"),
        weight=_weight(table),
        health=table.flag("health") is not False,
        timing=_timing(table),
        language=read_language(table),
    )
    table.finish(SUBSCRIPTION_KEYS)
    return subscription


def _name(table: Table) -> str:
    name = table.text("name")
    if name is None:
        raise table.error("name", "is missing", 'give the subscription a name: name = "ngan-sach"')
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise table.error("name", "is no short line", f"write at most {_LONGEST_NAME} printable characters")
    return name


def _channels(table: Table) -> tuple[Channel, ...]:
    given = table.peek("channel")
    if given == ONLY_FEED:
        table.pop("channel")
        return ()
    addresses = table.texts("channel") if isinstance(given, list) else tuple(filter(None, [table.text("channel")]))
    if not addresses:
        raise table.error("channel", "is missing", 'say where to send: channel = "mailtos://…"')
    key = (*table.key, "channel")
    where = f"{shown(table.source.path)}:{find_line(table.source.text, key)}: {dotted(key)}"
    for number, address in enumerate(addresses, start=1):
        nth = f"address {number} " if len(addresses) > 1 else ""
        if not _ADDRESS.fullmatch(address):
            todo = 'write one like "tgram://${TELEGRAM_TOKEN}/${TELEGRAM_CHAT}"; docs/subscriber.md has them'
            raise table.error("channel", f"{nth}is no address of a channel", todo)
        secret = _find_secret(table, address, nth)
        if secret is not None:
            todo = "put it into a variable of the environment and write ${NAME} instead"
            raise table.error("channel", f"{nth}has a secret written out ({secret})", todo)
    if len(set(addresses)) < len(addresses):
        raise table.error("channel", "names one address twice", "write each once")
    return tuple(Channel(reference=address, where=where) for address in addresses)


def _find_secret(table: Table, address: str, nth: str) -> str | None:
    try:
        return find_literal_secret(address)
    except ValueError as error:  # "http://[": the address itself may hold secrets, so it is not repeated
        raise table.error("channel", f"{nth}cannot be read as an address", "correct its host") from error


def _portals(table: Table, known: Callable[[], Collection[str]]) -> frozenset[str]:
    slugs = table.texts("portals")
    there = known() if slugs else ()
    for slug in slugs:
        if slug not in there:
            todo = f"portalwatch portals lists them; or add portals/{slug}.toml"
            raise table.error("portals", f"{slug!r} is no portal", todo)
    return frozenset(slugs)


def _provinces(table: Table, find: FindProvinces) -> frozenset[str]:
    found: set[str] = set()
    for name in table.texts("provinces"):
        meant = find(name)
        if not meant:
            todo = "write a name before or after 1 July 2025; marks do not matter"
            raise table.error("provinces", f"{name!r} is no province", todo)
        found.update(meant)
    return frozenset(found)


def _phrases(table: Table, key: str) -> tuple[str, ...]:
    phrases = []
    for text in table.texts(key):
        phrase = as_phrase(text)
        if not phrase.strip():
            raise table.error(key, f"{text!r} has no word in it", "write words")
        phrases.append(phrase)
    return tuple(phrases)


def _words_of(table: Table, key: str, kind: type[_Word]) -> tuple[_Word, ...]:
    known = [item.value for item in kind]
    given = table.texts(key)
    for text in given:
        if text not in known:
            raise table.error(key, f"{text!r} is none of them", f"known here: {', '.join(known)}")
    return tuple(kind(text) for text in given)


def _weight(table: Table) -> Weight:
    value = table.text("weight")
    known = [weight.value for weight in Weight]
    if value is not None and value not in known:
        raise table.error("weight", f"{value!r} is no weight", f"write {', '.join(known)}")
    return Weight(value) if value else Weight.TECHNICAL


def _timing(table: Table) -> Timing:
    hour, weekday, quiet = table.number("hour", whole=True), table.text("weekday"), table.text("quiet_hours")
    if hour is not None and hour > 23:
        raise table.error("hour", f"{hour:.0f} is no hour of the day", "write 0 to 23, Vietnam's time")
    if weekday is not None and weekday not in WEEKDAYS:
        raise table.error("weekday", f"{weekday!r} is no day of the week", f"write {', '.join(WEEKDAYS)}")
    if weekday is not None and hour is None:
        raise table.error("weekday", "says no hour", "add hour = 7 for a weekly digest")
    begin, end = _span(table, quiet) if quiet else (None, None)
    timing = Timing(
        hour=None if hour is None else int(hour),
        weekday=None if weekday is None else WEEKDAYS.index(weekday),
        quiet_from=begin,
        quiet_until=end,
    )
    if timing.hour is not None and timing.is_quiet_at(time(timing.hour)):
        raise table.error("hour", f"{timing.hour} lies in the quiet hours", "choose another hour, or other quiet_hours")
    return timing


def _span(table: Table, text: str) -> tuple[time, time]:
    found = _SPAN.fullmatch(text)
    hours = [int(number) for number in found.groups()] if found else []
    if not found or max(hours[::2]) > 23 or max(hours[1::2]) > 59 or hours[:2] == hours[2:]:
        raise table.error("quiet_hours", f"{text!r} is no span of the day", 'write it like "22:00-06:30"')
    return time(hours[0], hours[1]), time(hours[2], hours[3])


def read_language(table: Table) -> str | None:
    """The language that the table names, None where it names none. `TomlError` for one that nobody translated."""
    value = table.text("language")
    if value is not None and value not in LANGUAGES:
        raise table.error("language", f"{value!r} is no language of portalwatch", "write vi or en")
    return value
