"""`portalwatch alert`: tells every subscription what is due, once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler.cli.changes import find_coverage
from crawler.cli.options import (
    archive_option,
    find_config,
    find_messages,
    find_portals,
    json_option,
    language_option,
    parse_instant,
)
from crawler.cli.trying import print_trials, try_out
from crawler.clock import load_clock
from crawler.config import Config
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.delivery import Alerting, Dispatch
from crawler.monitor.health import notice_json
from crawler.monitor.outline import moment
from crawler.monitor.rehearsal import Rehearsed, rehearse
from crawler.monitor.report import change_json, text_report
from crawler.portals import Portal
from crawler.subscriptions import Subscription
from crawler.subscriptions.reading import ONLY_FEED
from storage import letters
from storage.archive import Archive
from storage.conditions import Notice
from storage.jsonline import json_line
from storage.letters import Letter
from storage.locks import Lock
from storage.notices import notices_of
from storage.provinces import find_slug
from storage.records import as_vietnam_iso


@click.command()
@archive_option()
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send and mark nothing.")
@click.option("--since", help="With --dry-run: what each subscription would have been told since then.")
@click.option("--list-dead", is_flag=True, help="List the letters that could not be sent and are tried no more.")
@click.option("--retry-dead", is_flag=True, help="Try those again, and send what is due.")
@click.option("--test", "tried", metavar="NAME", help="Send a test letter to this subscription or channel only.")
@json_option("what was done, one object a line,")
@language_option()
def alert(
    archive: Path,
    dry_run: bool,
    since: str | None,
    list_dead: bool,
    retry_dead: bool,
    tried: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Send what is due to the subscriptions of portalwatch.toml, each change once.

    Exit code 1 means that some letter could not be sent; it is tried again by a later run.
    """
    begin = parse_instant(since, "--since")
    if begin is not None and not dry_run:
        raise UsageError("--since looks back and sends nothing; add --dry-run")
    if sum((dry_run, list_dead, retry_dead, tried is not None)) > 1:
        raise UsageError("--dry-run, --list-dead, --retry-dead and --test exclude each other; give one of them")
    with Archive.open(archive) as opened:
        config = find_config(archive)
        if list_dead:
            _list_dead(opened, config, as_json=as_json, messages=find_messages(lang, config))
            return
        if not config.subscription:
            raise UsageError(f"{archive}/portalwatch.toml: has no [[subscription]]; docs/subscriber.md has examples")
        if tried is not None:
            done = try_out(config, tried, lang=lang)
            print_trials(done, find_messages(lang, config), as_json=as_json)
            raise click.exceptions.Exit(0 if all(each.sent for each in done) else 1)
        portals = find_portals(archive)
        if begin is not None:
            _look_back(opened, config, portals, begin, as_json=as_json, lang=lang)
        elif dry_run:
            _print_due(find_alerting(opened, config, portals, lang), as_json=as_json)
        else:
            sent = send_due(opened, config, portals, lang=lang, retry_dead=retry_dead)
            _print_done(sent, find_messages(lang, config), as_json=as_json)
            raise click.exceptions.Exit(1 if any(each.letter.state != "sent" for each in sent) else 0)


def find_alerting(archive: Archive, config: Config, portals: Mapping[str, Portal], lang: str | None = None) -> Alerting:
    """What delivers the archive's letters. Raises `UsageError` where a channel cannot be used."""
    return Alerting.of(
        archive,
        config.subscription,
        config.alert,
        clock=load_clock(os.environ),
        environment=os.environ,
        speak=lambda one: find_messages(lang or one.language, config),
        names={slug: portal.name for slug, portal in portals.items()},
    )


def dispatch_line(done: Dispatch, messages: Messages) -> str:
    """What became of a letter, in a line; those that begin with `!` are failures."""
    _ = messages.gettext
    letter = done.letter
    part = f" ({letter.part}/{letter.parts})" if letter.parts > 1 else ""
    told = _told_words(done.changes, done.notices, messages)
    head = f"{letter.addressee.subscription} → {done.channel}{part}: {told}"
    if letter.state == "sent":
        return f"{head}, " + _("sent") + (f" ({letter.error})" if letter.error else "")
    if letter.state == "dead":
        return f"! {head}, " + _("given up after %(tries)d tries: %(error)s; see portalwatch alert --list-dead") % {
            "tries": letter.tries,
            "error": letter.error,
        }
    when = moment(letter.retry_at) if letter.retry_at else "?"
    return f"! {head}, " + _("not sent: %(error)s; tried again after %(when)s") % {"error": letter.error, "when": when}


def _told_words(changes: int, notices: int, messages: Messages) -> str:
    """How much a letter tells."""
    ngettext = messages.ngettext
    words = [ngettext("%(n)d change", "%(n)d changes", changes) % {"n": changes}] if changes or not notices else []
    words += (
        [ngettext("%(n)d notice of health", "%(n)d notices of health", notices) % {"n": notices}] if notices else []
    )
    return ", ".join(words)


def letter_json(letter: Letter, channel: str, changes: int, notices: int) -> dict[str, Any]:
    """A letter as `--json` prints it."""
    return {
        "letter_id": letter.letter_id,
        "message_id": letter.message_id,
        "subscription": letter.addressee.subscription,
        "channel": channel,
        "part": letter.part,
        "parts": letter.parts,
        "changes": changes,
        "notices": notices,
        "composed_at": as_vietnam_iso(letter.composed_at),
        "state": letter.state,
        "tries": letter.tries,
        "retry_at": as_vietnam_iso(letter.retry_at),
        "sent_at": as_vietnam_iso(letter.sent_at),
        "error": letter.error,
    }


def send_due(
    archive: Archive,
    config: Config,
    portals: Mapping[str, Portal],
    *,
    lang: str | None = None,
    retry_dead: bool = False,
) -> list[Dispatch]:
    """Sends what is due, under the lock of alerts; what became of each letter that was tried."""
    alerting = find_alerting(archive, config, portals, lang)
    with archive.locked(Lock.ALERT):
        if retry_dead:
            with archive.writing() as connection:
                letters.revive_dead(connection)
        return alerting.deliver()


def _print_done(done: Sequence[Dispatch], messages: Messages, *, as_json: bool) -> None:
    for each in done:
        if as_json:
            print(json_line(letter_json(each.letter, each.channel, each.changes, each.notices)))
        else:
            print(dispatch_line(each, messages))
    if not done and not as_json:
        print(messages.gettext("nothing is due"))


def _list_dead(archive: Archive, config: Config, *, as_json: bool, messages: Messages) -> None:
    names = {channel.digest: channel.name for one in config.subscription for channel in one.channels}
    with archive.reading() as connection:
        for letter in letters.read_letters(connection, "dead"):
            channel = names.get(letter.addressee.channel, letter.addressee.channel[:8])
            count = len(letters.changes_of(connection, letter.letter_id))
            notices = len(notices_of(connection, letter.letter_id))
            if as_json:
                print(json_line(letter_json(letter, channel, count, notices)))
            else:
                told = _told_words(count, notices, messages)
                since = moment(letter.composed_at)
                print(f"{letter.addressee.subscription} → {channel}: {told}, {since}: {letter.error}")


def _print_due(alerting: Alerting, *, as_json: bool) -> None:
    """Prints what would be sent now."""
    for addressee, contents in alerting.rehearse():
        one = alerting.subscriptions[addressee.subscription]
        messages, channel = alerting.speak(one), alerting.channels[addressee.channel].channel
        told = [change for each in contents for change in each.changes]
        notices = [notice for each in contents for notice in each.notices]
        if as_json:
            print(json_line(_told_json(one, [channel.name], told, notices, messages)))
        else:
            _print_heading(one, [channel.name])
            coverage = [each for part in contents[:1] for each in part.coverage]
            print(text_report(told, coverage, messages, names=alerting.names, notices=notices))


def _look_back(
    archive: Archive,
    config: Config,
    portals: Mapping[str, Portal],
    since: datetime,
    *,
    as_json: bool,
    lang: str | None,
) -> None:
    """Prints what each subscription would have been told."""
    provinces = {slug: find_slug(portal.province) for slug, portal in portals.items()}
    names = {slug: portal.name for slug, portal in portals.items()}
    with archive.reading() as connection:
        rehearsed: list[Rehearsed] = rehearse(connection, config.subscription, since=since, provinces=provinces)
        seen = [find_coverage(connection, sorted(one.subscription.portals), since, None) for one in rehearsed]
    for one, coverage in zip(rehearsed, seen, strict=True):
        messages = find_messages(lang or one.subscription.language, config)
        channels = [channel.name for channel in one.subscription.channels] or [ONLY_FEED]
        if as_json:
            print(json_line(_told_json(one.subscription, channels, one.changes, one.notices, messages)))
        else:
            _print_heading(one.subscription, channels)
            print(text_report(one.changes, coverage, messages, since=since, names=names, notices=one.notices))


def _told_json(
    one: Subscription, channels: list[str], told: Any, notices: Sequence[Notice], messages: Messages
) -> dict[str, Any]:
    return {
        "subscription": one.name,
        "channels": channels,
        "changes": [change_json(change, messages) for change in told],
        "health": [notice_json(notice) for notice in notices],
    }


def _print_heading(one: Subscription, channels: list[str]) -> None:
    heading = f"{one.name} → {', '.join(channels)}"
    print(f"{heading}\n{'=' * len(heading)}")
