"""The one road into the archive: keep → read → record.

    capture ─► keep    the bytes are kept (WARC record, row) before anything is read
            ─► read    bytes → Article | Listing | what else it is            (pure: crawler.parsing)
            ─► record  outcome, version, change and discovered addresses      (one step of a transaction)

`ingest` does all three; the Scrapy pipelines do them one by one. A capture from an import or a stored file takes the
same road, so nothing is decided twice. What it does not do: fetch. It is told the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from crawler import answers, attached, recording, redirects
from crawler.announced import SOURCES, record_announcements, record_unmodified
from crawler.answers import Reading
from crawler.dating import dated
from crawler.frontier import Budget
from crawler.listed import record_listing
from crawler.portals import Portal
from crawler.visit import Visit
from storage.archive import Archive
from storage.listing_readings import keep_listing
from storage.records import Article, Capture, Kept, Outcome, Run
from storage.vocabulary import OutcomeKind, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Ingested:
    """The end of the road for one capture."""

    outcome: Outcome | None
    """None where the address only answered under another spelling of itself and is asked again."""
    article: Article | None
    """What the page says, where it is an article."""


def ingest(capture: Capture, *, portal: Portal, archive: Archive, run: Run, now: datetime) -> Ingested:
    """Takes a capture down the whole road. Raises `StorageError`; everything else becomes the outcome."""
    kept = archive.keep(capture, run=run, key=portal.key(capture.url))
    return record(kept, answers.read(capture, portal), portal=portal, archive=archive, run=run, now=now)


def record(
    kept: Kept,
    reading: Reading,
    *,
    portal: Portal,
    archive: Archive,
    run: Run,
    now: datetime,
    since: date | None = None,
    revisits: bool = True,
    budget: Budget | None = None,
    with_files: bool = False,
) -> Ingested:
    """Writes what the reading means, in one transaction. An address that already has an outcome in the run keeps it.

    `since`: listing entries with an earlier date are not followed. `revisits`: known articles may be visited again.
    `with_files`: the files that an article links are to be looked at too.
    """
    with archive.writing() as connection:
        outcome: Outcome | None
        visit = Visit.of(
            connection,
            archive=archive,
            portal=portal,
            run=run,
            kept=kept,
            now=now,
            since=since,
            revisits=revisits,
            budget=budget or Budget(),
            read=answers.reread,
        )
        if visit is None:
            return Ingested(outcome=None, article=reading.article)
        outcome, article = record_visit(visit, reading, with_files=with_files)
    return Ingested(outcome=outcome, article=article)


def record_visit(visit: Visit, reading: Reading, *, with_files: bool = False) -> tuple[Outcome | None, Article | None]:
    """Writes what the reading means in the visit's transaction; the outcome, and the article where it is one."""
    reading = _as_far_as_proven(visit, reading)
    if visit.address.role is Role.FILE:
        outcome = _record_file(visit, reading)
    elif reading.listing is not None:
        outcome = record_listing(visit, reading.listing, seen=reading.detail)
        if reading.page_digest is not None:
            keep_listing(visit.connection, visit.portal.slug, visit.address.key, reading.page_digest, reading.listing)
    elif reading.is_known:
        outcome, article = recording.record_known_page(visit, detail=reading.detail)
        if with_files:
            attached.note_files(visit, article, outcome)
        return outcome, article
    elif reading.article is not None:
        page = reading.page_digest
        outcome = recording.record_article(visit, reading.article, has_end=reading.has_end, page_digest=page)
        if with_files:
            attached.note_files(visit, reading.article, outcome)
    elif reading.announced is not None:
        outcome = record_announcements(visit, reading.announced)
    elif reading.kind is OutcomeKind.NOT_MODIFIED and visit.address.role in SOURCES:
        outcome = record_unmodified(visit)
    elif reading.location is not None:
        outcome = redirects.record_redirect(visit, reading.location)
    else:
        assert reading.kind is not None
        outcome = recording.record_other(
            visit, reading.kind, absence=reading.absence, detail=reading.detail, lists_news=reading.lists_news
        )
    return outcome, reading.article


def _record_file(visit: Visit, reading: Reading) -> Outcome | None:
    """What an answer at a file's address means. Redirects are followed to other spellings of the address only."""
    if reading.location is not None and visit.portal.key(reading.location) == visit.address.key:
        return redirects.record_redirect(visit, reading.location)
    if reading.location is not None:
        return visit.finish(OutcomeKind.REDIRECT, detail=reading.location)
    if reading.kind is not None:
        return attached.record_other_answer(visit, reading.kind, reading.absence, reading.detail)
    return attached.record_file(visit, reading.file)


def _as_far_as_proven(visit: Visit, reading: Reading) -> Reading:
    """The reading; of an address that only a sitemap names an article only where it has a date.

    Sitemaps name contact pages, sections and files too; a page without a date that only they name is no news. A news
    sitemap's word on when it was published will do.
    """
    article, fetched_at = reading.article, visit.kept.capture.fetched_at
    if not visit.address.is_unproven or article is None:
        return reading
    if dated(article, None, visit.address.claim, fetched_at=fetched_at).published_on is not None:
        return reading
    return Reading(kind=OutcomeKind.OTHER_PAGE, detail="only a sitemap names it, and it prints no date")
