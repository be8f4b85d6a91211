"""Which versions arise when the captures of one article are read with today's rules.

A pure decision: it does not interact with the archive, it only processes what was stored and what was read. Nothing is
ever taken away: a version whose page today's rules cannot read stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from crawler.dating import as_compared, dated
from crawler.known import lost_its_rules, what_is_missing
from storage.digests import same_content
from storage.records import Article, Claim, Version

_NOT_CONTENT = frozenset({"url", "portal", "platform", "extractor", "warnings"})
COMPARED = tuple(field.name for field in fields(Article) if field.name not in _NOT_CONTENT)
"""Fields whose difference makes a better version: what the page says, not how it was read."""


class Why(StrEnum):
    """Why a version arises."""

    BETTER = "better"  # the capture of a version is read otherwise
    LATER = "later"  # an edit that was not seen when it was captured
    FIRST = "first"  # the capture could not be read before


@dataclass(frozen=True, kw_only=True, slots=True)
class Reread:
    """A capture, read with today's rules."""

    capture_id: int
    """Row id in `captures`."""
    captured_at: datetime
    """When it was fetched."""
    payload_of: tuple[str, int, int]
    """Place of the record that holds its payload: the same place is the same page."""
    url: str
    """Address it was fetched from."""
    article: Article | None
    """What it says; None where today's rules cannot read it."""
    has_end: bool
    """False where the page lacks its closing tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addition:
    """A version that is due."""

    why: Why
    """Why."""
    reread: Reread
    """The capture it is born of."""
    article: Article
    """What it says."""
    before: Article | None
    """What was stored of that capture (`better`), or what the article said until then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A version whose capture today's rules cannot read, or only without rules."""

    version: Version
    """The version, which stays."""


def rebuild(
    stored: Sequence[Version], rereads: Sequence[Reread], claim: Claim | None = None
) -> Iterator[Addition | Lost]:
    """What is due, in order of time. `stored`: the article's versions; `rereads`: its captures in order of time.

    `claim`: the date that a feed gives the article.
    """
    own = {version.capture_id: version for version in stored}  # the last one of each capture
    now: Article | None = None
    for reread in rereads:
        version, article = own.get(reread.capture_id), reread.article
        if article is not None:
            article = dated(
                article, version.article if version is not None else now, claim, fetched_at=reread.captured_at
            )
        if version is not None:
            before = version.article
            if article is None or lost_its_rules(before, article):
                yield Lost(version=version)
                now = before
                continue
            if differing(before, article):
                yield Addition(why=Why.BETTER, reread=reread, article=article, before=before)
            now = article
        elif article is not None and _is_news(now, reread, article):
            yield Addition(why=Why.FIRST if now is None else Why.LATER, reread=reread, article=article, before=now)
            now = article


def differing(before: Article, after: Article) -> tuple[str, ...]:
    """The fields of `COMPARED` in which two readings differ."""
    return tuple(name for name in COMPARED if getattr(before, name) != getattr(after, name))


def _is_news(now: Article | None, reread: Reread, article: Article) -> bool:
    """True where a capture without a version of its own says something else than the one before it."""
    if now is None:
        return True
    if same_content(as_compared(now, article), article) or lost_its_rules(now, article):
        return False
    return what_is_missing(now, article, has_end=reread.has_end) is None
