"""The prints of a story: where the same text stands, in which order it was published, and what says so.

What it does not do: find out which texts are the same (`storage.stories`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, case, func, select, update

from storage.computed import vietnam_day
from storage.portions import portions
from storage.records import VIETNAM, as_vietnam_iso
from storage.schema import articles, stories, story_members, versions
from storage.vocabulary import Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Print:
    """One article of a story."""

    article_id: int
    """Row id in `articles`."""
    portal: str
    """Slug of the portal."""
    url: str
    """The address it lives at."""
    published_on: date | None
    """The day that its first version prints."""
    published_at: datetime | None
    """The instant that its first version prints."""
    captured_at: datetime
    """When its first version was captured."""

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "article_id": self.article_id,
            "portal": self.portal,
            "url": self.url,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "published_at": as_vietnam_iso(self.published_at),
            "captured_at": as_vietnam_iso(self.captured_at),
        }

    @property
    def day(self) -> date:
        """The day by which it was there: the one it prints, or that of its first capture."""
        return self.published_on or self.captured_at.astimezone(VIETNAM).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The same text in several places."""

    story_id: int
    """Its number; it leads here also after it was merged into another."""
    prints: tuple[Print, ...]
    """Its articles, the first that was published before the others; without those that live on as another article."""
    evidence: Evidence
    """What says which was first."""

    def as_json(self) -> dict[str, Any]:
        """The `story` of `show --json`; JSON types only."""
        prints = [one.as_json() for one in self.prints]
        return {"story_id": self.story_id, "evidence": self.evidence.value, "prints": prints}


_together = story_members.join(articles, articles.c.article_id == story_members.c.article_id)
_is_print = articles.c.status != "moved"
_day = func.coalesce(story_members.c.published_on, vietnam_day(story_members.c.captured_at), type_=Date)
"""`Print.day`, for the database."""


def find_story(connection: Connection, article_id: int) -> Story | None:
    """The story of the article; None where nobody else has its text."""
    story_id = find_story_id(connection, article_id)
    return None if story_id is None else load_story(connection, story_id)


def load_story(connection: Connection, story_id: int) -> Story | None:
    """The story with that number, or the one it was merged into; None where its articles have parted."""
    into = connection.execute(select(stories.c.merged_into).where(stories.c.story_id == story_id)).scalar()
    if into is not None:
        return load_story(connection, into)
    prints, evidence = _in_order(_prints(connection, story_id))
    return Story(story_id=story_id, prints=tuple(prints), evidence=evidence) if len(prints) > 1 else None


def read_story_ids(connection: Connection, article_ids: Collection[int]) -> dict[int, int]:
    """The stories of those of the articles that have one, by article."""
    found: dict[int, int] = {}
    for some in portions(sorted(article_ids)):
        query = select(story_members.c.article_id, story_members.c.story_id)
        found |= {
            row.article_id: row.story_id
            for row in connection.execute(query.where(story_members.c.article_id.in_(some)))
        }
    return found


def find_story_id(connection: Connection, article_id: int) -> int | None:
    """The number of the story that the article belongs to, or None."""
    mine = story_members.c.article_id == article_id
    return connection.execute(select(story_members.c.story_id).where(mine)).scalar()


def as_first_printed(connection: Connection, article_id: int) -> dict[str, Any]:
    """What the article's first version prints of its date, as it was read last: columns of `story_members`."""
    printed = versions.c.published_raw.is_not(None)  # what a feed says of its date is not as sure as a page
    query = (
        select(
            case((printed, versions.c.published_on)).label("published_on"),
            case((printed, versions.c.published_at)).label("published_at"),
            versions.c.captured_at,
        )
        .where(versions.c.article_id == article_id)
        .order_by(versions.c.captured_at, versions.c.number.desc())
        .limit(1)
    )
    return dict(connection.execute(query).one()._mapping)


def rank_story(connection: Connection, story: int) -> None:
    """Says again which of the story's articles was first: looks at those of its first day."""
    days = select(func.min(_day)).select_from(_together).where(story_members.c.story_id == story, _is_print)
    first_day = connection.execute(days).scalar()
    if first_day is not None:
        prints, evidence = _in_order_of_day(_prints(connection, story, on=first_day))
        values = {"first_article_id": prints[0].article_id, "evidence": evidence.value}
        connection.execute(update(stories).where(stories.c.story_id == story).values(**values))


def rank_story_of(connection: Connection, article_id: int) -> None:
    """The same for the article's story, if it has one: the article lives on as another one now."""
    story = find_story_id(connection, article_id)
    if story is not None:
        rank_story(connection, story)


def _prints(connection: Connection, story: int, *, on: date | None = None) -> list[Print]:
    """The prints of the story, or of one day of it."""
    query = select(story_members, articles.c.portal, articles.c.url).select_from(_together)
    query = query.where(story_members.c.story_id == story, _is_print)
    if on is not None:
        query = query.where(_day == on)
    return [
        Print(
            article_id=row.article_id,
            portal=row.portal,
            url=row.url,
            published_on=row.published_on,
            published_at=row.published_at,
            captured_at=row.captured_at,
        )
        for row in connection.execute(query)
    ]


def _in_order(prints: Iterable[Print]) -> tuple[list[Print], Evidence]:
    """By day, then by the time that is printed where all of the day print one, then by capture; and what decided."""
    days: dict[date, list[Print]] = {}
    for one in prints:
        days.setdefault(one.day, []).append(one)
    ordered: list[Print] = []
    evidence = None
    for day in sorted(days):
        part, decided = _in_order_of_day(days[day])
        ordered += part
        evidence = evidence or decided
    return ordered, evidence or Evidence.CAPTURED


def _in_order_of_day(prints: list[Print]) -> tuple[list[Print], Evidence]:
    """The prints of one day; what says that the first of them was."""
    times = [one.published_at for one in prints if one.published_at is not None]
    timed = len(times) == len(prints)
    ordered = sorted(
        prints,
        key=lambda one: (one.published_at if timed else one.captured_at, one.captured_at, one.portal, one.url),
    )
    if len(prints) == 1:
        return ordered, Evidence.PRINTED_DAY if prints[0].published_on else Evidence.CAPTURED
    return ordered, Evidence.PRINTED_TIME if timed and times.count(min(times)) == 1 else Evidence.CAPTURED
