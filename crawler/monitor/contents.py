"""What a letter tells: its changes, the crawls behind them, and how much of it fits.

What it does not do: lay out (mail, webhook and chat each do), read the archive, or send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from crawler.i18n import Messages
from crawler.monitor.coverage import Coverage
from crawler.monitor.health import condition_label
from crawler.monitor.outline import count_words
from crawler.monitor.sentences import clean, kind_label
from storage.conditions import Notice
from storage.records import Change

_LONGEST_SUBJECT = 120
_Laid = TypeVar("_Laid")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How much one letter of a channel may hold."""

    size: int
    """In the measure of the channel: characters or bytes."""
    items: int
    """Changes."""
    parts: int = 1
    """Letters that what is due at once may be spread over; what is more than they hold is one letter, cut off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What one letter tells."""

    message_id: str
    """What a receiver may tell a second copy by."""
    subscription: str
    """Name of the subscription."""
    part: int
    """1 for the first of several letters."""
    parts: int
    """How many there are."""
    composed_at: datetime
    """When its changes were put together: the letter's date, however late it is sent."""
    changes: tuple[Change, ...]
    """In the order in which they are told; of a first crawl every article, which is told as one line."""
    notices: tuple[Notice, ...] = ()
    """What is told of portals' health, in the order of recording."""
    coverage: tuple[Coverage, ...]
    """The crawls behind them, one a portal."""
    names: Mapping[str, str]
    """Names of portals by slug."""
    tries: int = 0
    """Runs that tried to send it before."""
    is_test: bool = False
    """True for a letter that tells nothing but that it arrived."""

    @property
    def blind(self) -> tuple[Coverage, ...]:
        """The crawls that did not see everything."""
        return tuple(each for each in self.coverage if each.failed or each.ill or each.finished_at is None)


def subject_of(contents: Contents, messages: Messages) -> str:
    """One line that says what a letter is about, e.g. `ngan-sach: 3 mới, 1 sửa (2/3)`."""
    told = contents.changes
    warnings = [f"{clean(one.portal)} {condition_label(one.state, messages)}" for one in contents.notices]
    if contents.is_test:
        about = messages.gettext("TEST, no news")
    elif len(told) == 1 and not told[0].first_crawl and not warnings:
        about = f"{kind_label(told[0].kind, messages)}: {clean(told[0].title)}"
    else:
        about = ", ".join([*warnings, *([count_words(told, messages)] if told else [])])
    part = f" ({contents.part}/{contents.parts})" if contents.parts > 1 else ""
    line = f"{contents.subscription}: {about}"
    most = _LONGEST_SUBJECT - len(part)
    return (line if len(line) <= most else f"{line[: most - 1].rstrip()}…") + part


def test_line(contents: Contents, messages: Messages) -> str:
    """All that a test letter says."""
    said = messages.gettext(
        "This is a test: nothing happened on the portals. What the subscription “%(name)s” asks for will arrive here."
    )
    return said % {"name": clean(contents.subscription)}


def in_order(changes: Sequence[Change]) -> list[Change]:
    """The changes as reports order them: by portal and section, those without a section last."""
    return sorted(changes, key=lambda each: (each.portal, not each.section, clean(each.section), each.change_id))


def fit(
    contents: Contents, limit: Limit, lay_out: Callable[[Sequence[Change], Sequence[Change]], tuple[_Laid, int]]
) -> _Laid:
    """The longest layout within the limit; one that tells nothing but numbers is taken whatever its size.

    `lay_out` takes the changes that are told and those that are only counted; it gives the layout and its size.
    """
    first = [change for change in contents.changes if change.first_crawl]
    told = [change for change in contents.changes if not change.first_crawl]
    least, most = 0, min(len(told), limit.items)
    laid, size = lay_out([*first, *told[:most]], told[most:])
    if size <= limit.size or most == 0:
        return laid
    best, _ = lay_out(first, told)
    while most - least > 1:
        middle = (least + most) // 2
        laid, size = lay_out([*first, *told[:middle]], told[middle:])
        if size <= limit.size:
            least, best = middle, laid
        else:
            most = middle
    return best
