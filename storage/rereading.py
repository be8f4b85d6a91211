"""What a re-parse works on: the captures of each article and of pages nobody could read, and how far it has come.

What it does not do: read pages, or decide which versions arise (crawler.replay.reparse).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, insert, or_, select, update

from storage.evidence import Stored, joined_stored, with_original
from storage.records import ReadBy, Version
from storage.schema import addresses, articles, captures, origins, outcomes, reparses, versions
from storage.version_rows import read_versions
from storage.vocabulary import READ, OutcomeKind, Role

_OF_NOBODY = (OutcomeKind.UNREADABLE, OutcomeKind.DECODE_ERROR, OutcomeKind.PARSE_LIMITS)
"""Outcomes of pages that may have been articles, where none is known."""
_OF_ARTICLES = (*READ, OutcomeKind.INCOMPLETE, *_OF_NOBODY)
"""Outcomes of pages that were the article, or may turn out to have been. A second address says nothing new."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """Everything that was captured of one article, or of an address that never gave one, in order of time."""

    article_id: int | None
    """The article; None where none was ever read there."""
    address_id: int
    """Row id of the address; 0 for an article, which may have had several."""
    key: str
    """Identity of the address of its first capture."""
    captures: tuple[Stored, ...]
    """Where the captures are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the re-parse of a portal has come."""

    articles_through: int
    """Articles up to this id are done."""
    addresses_through: int
    """Addresses without an article up to this id are done."""
    counts: Mapping[str, Any]
    """What it has found so far."""


def begin_reparse(connection: Connection, portal: str, read_by: ReadBy, now: datetime) -> Progress:
    """A new re-parse of the portal, or the one that was killed where it had the same rules and parser."""
    row = connection.execute(select(reparses).where(reparses.c.portal == portal)).one_or_none()
    if row is not None and row.finished_at is None and ReadBy(row.rules_fingerprint, row.parser_version) == read_by:
        return Progress(
            articles_through=row.articles_through, addresses_through=row.addresses_through, counts=row.counts
        )
    connection.execute(delete(reparses).where(reparses.c.portal == portal))
    connection.execute(
        insert(reparses).values(
            portal=portal,
            rules_fingerprint=read_by.rules_fingerprint,
            parser_version=read_by.parser_version,
            started_at=now,
            articles_through=0,
            addresses_through=0,
            counts={},
        )
    )
    return Progress(articles_through=0, addresses_through=0, counts={})


def save_progress(connection: Connection, portal: str, progress: Progress) -> None:
    """Remembers how far it has come, in the transaction of what it wrote."""
    connection.execute(
        update(reparses)
        .where(reparses.c.portal == portal)
        .values(
            articles_through=progress.articles_through,
            addresses_through=progress.addresses_through,
            counts=dict(progress.counts),
        )
    )


def end_reparse(connection: Connection, portal: str, now: datetime) -> None:
    """The re-parse is done."""
    connection.execute(update(reparses).where(reparses.c.portal == portal).values(finished_at=now))


def is_reparsing(connection: Connection, portal: str) -> bool:
    """True while a re-parse of the portal works, and after it was killed."""
    query = select(reparses.c.portal).where(reparses.c.portal == portal, reparses.c.finished_at.is_(None))
    return connection.execute(query).first() is not None


def count_captures(connection: Connection, portal: str, progress: Progress) -> int:
    """How many captures `read_bundles` will give."""
    query = _captures_of(portal, progress)
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def read_bundles(connection: Connection, portal: str, progress: Progress) -> Iterator[Bundle]:
    """The bundles that are left: articles first, each group in the order of its ids."""
    query = with_original(_captures_of(portal, progress))
    rows = connection.execute(query.execution_options(yield_per=500))
    for (article_id, address_id), group in groupby(rows, key=attrgetter("of_article", "of_address")):
        found = list(group)
        yield Bundle(
            article_id=article_id,
            address_id=address_id,
            key=found[0].address_key,
            captures=tuple(map(joined_stored, found)),
        )


def read_stored(connection: Connection, article_ids: Sequence[int]) -> dict[int, list[Version]]:
    """The versions of each of some articles, in order of capture; an article without any is not there."""
    found: dict[int, list[Version]] = {}
    for version in read_versions(connection, versions.c.article_id.in_(article_ids)):
        found.setdefault(version.article_id, []).append(version)
    return found


def set_all_checked_by(connection: Connection, article_ids: Sequence[int], read_by: ReadBy) -> None:
    """Today's reader finds in each article's captures what is stored, or cannot read them."""
    value = f"{read_by.rules_fingerprint} {read_by.parser_version}"
    connection.execute(update(articles).where(articles.c.article_id.in_(article_ids)).values(checked_by=value))


def _captures_of(portal: str, progress: Progress) -> Select[Any]:
    """The captures that are left, with their article or address, in the order of `read_bundles`."""
    of_article = func.coalesce(outcomes.c.article_id, origins.c.article_id, addresses.c.article_id)
    nobodys = of_article.is_(None)
    of_address = case((nobodys, addresses.c.address_id), else_=0)
    own = and_(addresses.c.portal == captures.c.portal, addresses.c.address_key == captures.c.address_key)
    return (
        select(captures, nobodys.label("nobodys"), of_article.label("of_article"), of_address.label("of_address"))
        .join(addresses, own)
        .outerjoin(outcomes, outcomes.c.capture_id == captures.c.capture_id)
        .outerjoin(origins, origins.c.capture_id == captures.c.capture_id)
        .where(
            captures.c.portal == portal,
            captures.c.role == Role.ARTICLE.value,
            captures.c.status == 200,
            or_(
                and_(~nobodys, of_article > progress.articles_through, _outcome_in(_OF_ARTICLES)),
                and_(nobodys, addresses.c.address_id > progress.addresses_through, _outcome_in(_OF_NOBODY)),
            ),
        )
        .order_by(nobodys, of_article, of_address, captures.c.fetched_at, captures.c.capture_id)
    )


def _outcome_in(kinds: tuple[OutcomeKind, ...]) -> ColumnElement[bool]:
    """One of these, or none: the crawl was killed between keeping and recording."""
    of_capture = func.coalesce(outcomes.c.kind, origins.c.kind)
    return or_(of_capture.is_(None), of_capture.in_([kind.value for kind in kinds]))
