"""Letters through Apprise: Telegram, Zalo, Slack, Teams, Discord, ntfy and a hundred more, as short plain text.

What it does not do: markup. Page text must not mention people, open links or format anything in a chat, so characters
that services give a meaning are replaced by look-alikes (`‹!channel›`). Services take no message id: after a crash in
between, a letter may come twice.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from crawler.errors import DeliveryError, UsageError
from crawler.i18n import Messages
from crawler.monitor.contents import Contents, Limit, fit, subject_of, test_line
from crawler.monitor.coverage import coverage_lines
from crawler.monitor.deadline import within
from crawler.monitor.health import notice_line
from crawler.monitor.outline import PortalPart, arrange, left_out_line
from crawler.monitor.sentences import clean, edit_note, field_sentence, is_web, kind_label, state_sentence
from storage.records import Change

_MOST_FIELDS = 4
_MOST_COVERAGE = 3
_LONGEST_LINE = 300
_LONGEST_HEADING = 120
_HEADINGS = 2 * _LONGEST_HEADING + 40  # a portal's and a section's name before a change, and their line breaks
_MARGIN = 0.9  # what a service adds to a text: its own title, a picture's address
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "`": "'", "*": "∗", "~": "∼", "|": "¦", "[": "［", "]": "］"})
_MENTION = re.compile(r"[@#](?=\w)")
_UNSAFE_IN_ADDRESS = {"<": "%3C", ">": "%3E", "@": "%40", "*": "%2A", "|": "%7C", "`": "%60", "[": "%5B", "]": "%5D"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatChannel:
    """A service that Apprise knows."""

    service: Any
    """Apprise's plugin, with the address in it."""
    limit: Limit
    """Characters as the service counts them."""
    timeout_s: float
    """Seconds for one letter."""

    def cost(self, change: Change, messages: Messages) -> int:
        """Characters that the change takes, its headings included."""
        return measure("\n".join(_change_lines(change, messages))) + _HEADINGS

    def send(self, contents: Contents, messages: Messages) -> str | None:
        """Hands the letter to the service. Raises `DeliveryError`; Apprise does not always know why."""
        title = harmless(clean(subject_of(contents, messages)))

        def lay_out(told: Sequence[Change], left_out: Sequence[Change]) -> tuple[str, int]:
            body = "\n".join(_lines(contents, told, left_out, messages))
            return body, measure(f"{title}\n{body}")

        body = fit(contents, self.limit, lay_out)
        patience = self.timeout_s + self.service.request_rate_per_sec  # Apprise's own pause between two letters
        within(patience, lambda: self._notify(title, body, patience))
        return None

    def _notify(self, title: str, body: str, patience: float) -> None:
        from apprise import Apprise, NotifyFormat

        sender = Apprise(asset=self.service.asset)
        sender.add(self.service)
        result = sender.notify(title=title, body=body, body_format=NotifyFormat.TEXT, timeout=patience)
        if not result:
            said = [entry.message for entry in result.logs()]
            raise DeliveryError(
                f"the service did not take it ({clean(said[-1])[:_LONGEST_LINE]})"
                if said
                else "the service did not take it"
            )


def open_chat(address: str, where: str, *, timeout_s: float) -> ChatChannel:
    """The channel of an address that Apprise understands. Raises `UsageError` for another."""
    from apprise import Apprise, AppriseAsset

    logging.getLogger("apprise").propagate = False  # it would print addresses, with what is secret in them
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    asset = AppriseAsset(
        app_id="portalwatch",
        app_desc="portalwatch",
        async_mode=False,
        http_redirects=False,  # they could lead into a private network
        secure_logging=True,
        storage_mode="memory",
    )
    with warnings.catch_warnings():  # it imports every plugin, and some of them import what Python gives up
        warnings.simplefilter("ignore", DeprecationWarning)
        service = Apprise.instantiate(address, asset=asset)
    if service is None:
        raise UsageError(f"{where}: is no address that Apprise understands; docs/subscriber.md has examples")
    service.socket_connect_timeout = service.socket_read_timeout = timeout_s
    return ChatChannel(
        service=service,
        limit=Limit(size=int(service.body_maxlen * _MARGIN), items=100, parts=5),
        timeout_s=timeout_s,
    )


def harmless(text: str) -> str:
    """A text that no chat takes for markup, a mention or a command: `@everyone` gets an invisible joiner."""
    return _MENTION.sub(lambda found: f"{found[0]}\u2060", text.translate(_LOOK_ALIKES))


def measure(text: str) -> int:
    """How long a service may take a text to be: in UTF-16, quoted for HTML, with a tag for each line break."""
    return len(escape(text).encode("utf-16-le")) // 2 + 5 * text.count("\n")


def _lines(contents: Contents, told: Sequence[Change], left_out: Sequence[Change], messages: Messages) -> Iterator[str]:
    if contents.is_test:
        yield harmless(test_line(contents, messages))
    for notice in contents.notices:
        yield f"⚠ {harmless(notice_line(notice, messages))}"
    for part in arrange(told, messages, contents.names):
        yield from _part_lines(part, messages)
    if left_out:
        yield harmless(left_out_line(len(left_out), messages))
    for line in coverage_lines(contents.blind, messages)[:_MOST_COVERAGE] if contents.blind else ():
        yield f"⚠ {harmless(line)}"


def _part_lines(part: PortalPart, messages: Messages) -> Iterator[str]:
    yield _short(harmless(part.heading), _LONGEST_HEADING)
    if part.first_crawl:
        yield harmless(part.first_crawl)
    for section, changes in part.sections:
        yield _short(f"— {harmless(section)}", _LONGEST_HEADING)
        for change in changes:
            yield from _change_lines(change, messages)
    yield ""


def _change_lines(change: Change, messages: Messages) -> Iterator[str]:
    note = edit_note(change, messages)
    title = _short(f"“{harmless(clean(change.title))}”")
    yield f"• {kind_label(change.kind, messages)}: {title}" + (f" ({note})" if note else "")
    state = state_sentence(change, messages)
    if state:
        yield _short(f"  {harmless(state)}")
    for each in change.fields[:_MOST_FIELDS]:
        yield _short(f"  {harmless(field_sentence(each, messages))}")
    more = len(change.fields) - _MOST_FIELDS
    if more > 0:
        yield "  " + messages.ngettext("and %(n)d more difference", "and %(n)d more differences", more) % {"n": more}
    yield f"  {_address(clean(change.url))}"


def _address(url: str) -> str:
    """A web address that can be opened and does nothing else; anything else as text."""
    if not is_web(url) or len(url) > _LONGEST_LINE:
        return _short(harmless(url))
    return "".join(_UNSAFE_IN_ADDRESS.get(letter, letter) for letter in url)


def _short(line: str, most: int = _LONGEST_LINE) -> str:
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
