"""What happened to articles. What it does not do: hold what is stored of it, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.vocabulary import Absence, Cause, ChangeKind, Flapping, Weight


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One difference between two versions, as a report tells it."""

    field: str
    """title, lead, body, byline, published, section, attachments or images."""
    cls: str
    """Class of the difference: number, name, date, negation, wording, paragraph_added, … (`class` in JSON)."""
    old: str | None
    """The old words with a little context, None where something was added."""
    new: str | None
    """The new words with a little context, None where something was removed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A recorded fact about an article (DESIGN §6, `changes`)."""

    change_id: int
    """Row id; grows in the order of recording."""
    kind: ChangeKind
    """What happened."""
    portal: str
    """Slug of the portal."""
    article_id: int
    """The article it happened to."""
    url: str
    """The article's address at that time."""
    title: str
    """The article's title at that time."""
    section: str | None
    """Its section, for grouping."""
    detected_at: datetime
    """When the row was written; of an imported change `fetched_at`, so that it stands where it belongs in time."""
    fetched_at: datetime
    """When the capture that shows it was fetched."""
    version: int | None
    """Row id of the version it led to, or the last one there was."""
    previous_version: int | None
    """Row id of the version before, where there is one."""
    weight: Weight
    """How much it matters."""
    fields: tuple[FieldChange, ...] = ()
    """The differences, for `edited` (and `moved` or `restored` with an edit)."""
    gone_kind: Absence | None = None
    """How it is missing, for `gone`."""
    confirmations: int | None = None
    """How many visits agreed, for `gone` and `delisted`."""
    moved_to: str | None = None
    """The new address, for `moved`."""
    first_crawl: bool = False
    """True for a `new` that the portal's first crawl found: told as one summary, never one by one."""
    published_on: date | None = None
    """The date that the article bears in that version."""
    is_date_printed: bool = True
    """False where the page prints none, and a feed says it."""
    cause: Cause = Cause.CRAWL
    """`import` for what only captures show that others made: history, which is never told as news."""
    flapping: Flapping | None = None
    """Where the article goes back and forth (`storage.flapping`): `notice` is told as such, `quiet` is not told."""
    times: int = 1
    """More than 1 for edits of one article that a letter tells as one: how many there were. Never stored."""
