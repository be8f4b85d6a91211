"""What was known of an article before a capture, as today's rules read it, and what a capture adds to that.

What it does not do: decide what a visit means (`crawler.recording`), or write outcomes.
"""

from __future__ import annotations

from crawler.dating import dated
from crawler.visit import Visit
from storage import history, queries, timeline
from storage.diff import diff_articles, weigh
from storage.digests import same_content
from storage.records import Article, Version
from storage.timeline import Provenance
from storage.vocabulary import Cause, ChangeKind

CUT = "the page has no end and less than half of its text; believed if the next visit finds the same, and few pages so"
"""Why a page that was probably cut in transit is held back."""


def lost_its_rules(before: Article, article: Article) -> bool:
    """True where rules read the article before and now it could only be read without: what differs is the reading."""
    return article.extractor == "generic" != before.extractor and not same_content(before, article)


def what_is_missing(before: Article, article: Article, *, has_end: bool) -> str | None:
    """Why the page may have been cut or half made, so that it must not become a version; None for a sound one."""
    if before.body and not article.body:
        return "the text is missing from the page; what was read before still stands"
    if not has_end and 2 * len(article.body) < len(before.body):
        return CUT
    return None


def reread_version(visit: Visit, known: history.Known) -> Version:
    """The version before this capture, as today's rules read it: our own edits are not their edits (DESIGN §4.3)."""
    version = _version_before(visit, known)
    if visit.read_by in (version.read_by, known.checked_by):
        return version
    again = reread(visit, version)
    if again is version:  # nothing better is to be had from that capture
        history.set_checked_by(visit.connection, known.article_id, visit.read_by)
    return again


def reread(visit: Visit, version: Version) -> Version:
    """The version as today's rules read it; one of its own where they read something else."""
    if version.read_by == visit.read_by:
        return version
    article = visit.read(visit.archive.load_capture(visit.connection, version.capture_id), visit.portal)
    if article is None:
        return version
    article = dated(article, version.article, visit.address.claim, fetched_at=version.captured_at)
    if same_content(version.article, article):
        return version
    provenance = Provenance(
        capture_id=version.capture_id,
        captured_at=version.captured_at,
        recorded_at=visit.now,
        cause=Cause.REPARSE,
        read_by=visit.read_by,
    )
    return timeline.add_version(visit.connection, version.article_id, article, provenance)


def seen_before(visit: Visit, previous: Version) -> Version | None:
    """The version that the crawls knew last, whatever the clock said then. None where they knew none.

    That is `previous`, unless that is an import's, a re-parse's of a page that the crawl could not read, or the clock
    jumped.
    """
    if visit.is_import:
        return previous
    later = timeline.find_recorded_after(visit.connection, previous)
    if later is not None:
        return reread(visit, later)
    if previous.cause is Cause.CRAWL:
        return previous
    until = visit.kept.capture.fetched_at
    seen = timeline.find_seen_version(visit.connection, previous.article_id, until=until)
    if seen is None:
        return None
    return previous if seen.version_id == previous.version_id else reread(visit, seen)


def add_version(visit: Visit, article_id: int, article: Article) -> Version:
    """The version that this capture is."""
    return timeline.add_version(visit.connection, article_id, article, provenance_of(visit))


def provenance_of(visit: Visit) -> Provenance:
    """Where a version comes from that this capture is."""
    return Provenance(
        capture_id=visit.kept.capture_id,
        captured_at=visit.kept.capture.fetched_at,
        recorded_at=visit.now,
        cause=visit.run.cause,
        read_by=visit.read_by,
    )


def tell_history(visit: Visit, previous: Version, version: Version) -> None:
    """Between what an import found and what a crawl found lies an edit, which is no news."""
    if previous.captured_at > version.captured_at or same_content(previous.article, version.article):
        return
    if not timeline.is_imported(visit.connection, previous):
        return
    fields = diff_articles(previous.article, version.article)
    visit.tell(
        ChangeKind.EDITED,
        version,
        url=version.article.url,
        weight=weigh(fields),
        previous=previous,
        fields=fields,
        cause=Cause.IMPORT,
    )


def _version_before(visit: Visit, known: history.Known) -> Version:
    """What the article said when this capture was made: its latest version, unless a clock was wrong."""
    fetched_at = visit.kept.capture.fetched_at
    if known.version.captured_at <= fetched_at and known.version.number == known.last_number:
        return known.version
    return queries.find_version_at(visit.connection, known.article_id, fetched_at) or known.version
