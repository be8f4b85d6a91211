"""What a reading means for the archive: the last step of the road, inside the caller's transaction.

What it does not do: read pages or open transactions. Each function writes exactly one outcome for the visited address,
and with it the version, change and addresses that follow.
"""

from __future__ import annotations

from crawler.announced import SOURCES, is_hint
from crawler.dating import as_compared, dated
from crawler.known import (
    CUT,
    add_version,
    lost_its_rules,
    provenance_of,
    reread_version,
    seen_before,
    tell_history,
    what_is_missing,
)
from crawler.replaced import DOUBT, is_another, is_cut_again, is_in_doubt
from crawler.visit import Visit
from storage import addresses, history, listings, timeline
from storage.absences import end_absence, forget_absence
from storage.agreement import is_told_at_the_end
from storage.diff import diff_articles, weigh
from storage.digests import same_content, same_story
from storage.records import Article, FieldChange, Outcome, Version
from storage.savings import SAME_VALIDATOR
from storage.vocabulary import READ, Absence, ChangeKind, OutcomeKind, Role, Weight

_LOST = "the rules that read this article before find it no more; layout changed? mend the portal file"

_LOST_LISTING = {OutcomeKind.OTHER_PAGE: OutcomeKind.UNREADABLE, OutcomeKind.ABSENT: OutcomeKind.HTTP_ERROR}
"""What it is called when a page that was a listing is none any more: a failure, so that it is told."""

_NO_SUCH_PAGE = frozenset(
    {
        OutcomeKind.ABSENT,
        OutcomeKind.BLOCKED,
        OutcomeKind.EMPTY,
        OutcomeKind.NOT_HTML,
        OutcomeKind.OTHER_PAGE,
        OutcomeKind.PARSE_LIMITS,
        OutcomeKind.TOO_BIG,
        OutcomeKind.UNREADABLE,
    }
)
"""Outcomes after which an address that was only a hint is left alone."""


def record_article(visit: Visit, article: Article, *, has_end: bool = True, page_digest: str | None = None) -> Outcome:
    """An article was read: new, edited, unchanged, moved, restored, or a second address of one we have."""
    known = _find_known(visit, article)
    if known is None:
        return _record_new(visit, article, page_digest)
    outcome = _record_look(visit, known, article, has_end=has_end)
    _remember_page(visit, outcome, page_digest)
    return outcome


def _find_known(visit: Visit, article: Article) -> history.Known | None:
    """The article that was read, where the archive has it: by its address, else by what it says."""
    connection, address = visit.connection, visit.address
    known = history.find_article(connection, address.article_id)
    if known is None and address.moved_from is not None:
        known = history.find_article(connection, address.moved_from)
    return history.find_same_article(connection, visit.portal.slug, article) if known is None else known


def _record_look(visit: Visit, known: history.Known, article: Article, *, has_end: bool) -> Outcome:
    """A page says what an article says that we have, or it is at one of its addresses."""
    address = visit.address
    if not (known.watched or visit.is_import):
        return _record_first_look(visit, known, article, has_end=has_end)
    moved = address.moved_from == known.article_id and address.key != known.key
    if moved and is_another(known.version.article, article):
        return _record_led_astray(visit, article)
    if address.key != known.key and not moved and known.status == "live":
        if not same_story(known.version.article, article):  # the old address of a moved article, used again
            return _record_new(visit, article)
        _attach(visit, known)
        return visit.finish(OutcomeKind.DUPLICATE, article_id=known.article_id, read_as=article.platform)
    _attach(visit, known)
    maimed = _what_is_missing(visit, known, article, has_end=has_end)
    if maimed is not None:
        return visit.finish(OutcomeKind.INCOMPLETE, article_id=known.article_id, detail=maimed)
    return _record_known(visit, known, article)


def _record_led_astray(visit: Visit, article: Article) -> Outcome:
    """An article's address redirects to a page that says something else. The page counts where a listing names it."""
    if listings.is_named(visit.connection, visit.portal.slug, visit.address.key):
        return _record_new(visit, article)
    return record_other(visit, OutcomeKind.OTHER_PAGE, detail="an address of an article leads here, to another text")


def _what_is_missing(visit: Visit, known: history.Known, article: Article, *, has_end: bool) -> str | None:
    """Why the page must not become a version. One that was perhaps cut may, where two runs saw it cut alike."""
    missing = what_is_missing(known.version.article, article, has_end=has_end)
    return None if missing == CUT and is_cut_again(visit, article) else missing


def record_known_page(visit: Visit, *, detail: str | None) -> tuple[Outcome, Article]:
    """The page is the one that the article's version was read from: it is unchanged, and was not read."""
    known = history.find_article(visit.connection, visit.address.article_id)
    assert known is not None, "who recognised the page found the article"
    _record_alive(visit, known, known.version)
    article = known.version.article
    outcome = visit.finish(OutcomeKind.UNCHANGED, article_id=known.article_id, read_as=article.platform, detail=detail)
    return outcome, article


def _remember_page(visit: Visit, outcome: Outcome, page_digest: str | None) -> None:
    """Notes that this page says what the article's latest version says, where the outcome proves it."""
    if page_digest is not None and outcome.kind in READ:
        at = visit.kept.capture.fetched_at
        history.set_page(visit.connection, visit.portal.slug, visit.address.key, page_digest, at)


def record_other(
    visit: Visit,
    kind: OutcomeKind,
    *,
    absence: Absence | None = None,
    detail: str | None = None,
    lists_news: bool = False,
) -> Outcome:
    """The address gave no article, listing or redirect: an outcome, never a version.

    `lists_news`: what could not be read as an article is a list. Where an article's own address leads there, it is not
    there; at its own address it may be an article in a new layout, with a list of other news that the rules still fit.
    """
    article_id = visit.address.article_id or visit.address.moved_from
    if lists_news and visit.is_led_to:
        kind = OutcomeKind.OTHER_PAGE
    if kind in _NO_SUCH_PAGE and is_hint(visit.connection, visit.portal.slug, visit.address):
        return visit.set_aside(detail=detail)
    if visit.address.role in SOURCES and kind is OutcomeKind.ABSENT:
        kind, absence, detail = OutcomeKind.HTTP_ERROR, None, f"the {visit.address.role} is not there: {detail}"
    if visit.address.role is Role.SECTION and listings.was_listing(
        visit.connection, visit.portal.slug, visit.address.key
    ):
        kind, absence = _LOST_LISTING.get(kind, kind), None
    if kind is OutcomeKind.OTHER_PAGE and visit.address.role is Role.ARTICLE and article_id is not None:
        kind, absence = _what_became(visit, article_id)
    if kind is OutcomeKind.NOT_MODIFIED:
        return _record_not_modified(visit, article_id)
    return visit.finish(kind, article_id=article_id, absence=absence, detail=detail)


def _record_not_modified(visit: Visit, article_id: int | None) -> Outcome:
    """The server says that the page is the one that was read last: its article is alive, where this is its address."""
    connection, address = visit.connection, visit.address
    was_asked = bool(address.etag or address.last_modified)
    if was_asked and article_id is not None and history.lives_at(connection, article_id, address.key):
        end_absence(connection, article_id)  # most pages of most runs: nothing else of the article is looked at
        return visit.finish(OutcomeKind.NOT_MODIFIED, article_id=article_id)
    known = history.find_article(connection, article_id)
    if known is None or not was_asked:  # it cannot mean a page of ours
        return visit.finish(OutcomeKind.HTTP_ERROR, detail="HTTP 304 although nothing was asked conditionally")
    if address.key == known.key:
        _record_alive(visit, known, known.version)
    return visit.finish(OutcomeKind.NOT_MODIFIED, article_id=article_id)


def _what_became(visit: Visit, article_id: int) -> tuple[OutcomeKind, Absence | None]:
    """What it means that a known article's address answers with a list or a home page: the article is not there.

    Only where today's rules still see the article in the capture that it was read from: else the fault may be ours.
    """
    known = history.find_article(visit.connection, article_id)
    if known is None:
        return OutcomeKind.OTHER_PAGE, None
    capture = visit.archive.load_capture(visit.connection, known.version.capture_id)
    if visit.read(capture, visit.portal) is None:
        return OutcomeKind.UNREADABLE, None
    return OutcomeKind.ABSENT, Absence.REDIRECT_HOME if visit.is_led_to else Absence.SOFT_404


def _record_new(visit: Visit, article: Article, page_digest: str | None = None) -> Outcome:
    """The first version of an article never seen before. `page_digest`: of its page; else that is noted afterwards."""
    connection, capture, address = visit.connection, visit.kept.capture, visit.address
    article = dated(article, None, address.claim, fetched_at=capture.fetched_at)
    article_id = history.add_article(
        connection,
        visit.portal.slug,
        capture.url,
        address.key,
        capture.fetched_at,
        says=article,
        page_digest=page_digest,
        watched=not visit.is_import,
    )
    version = timeline.add_first_version(connection, article_id, article, provenance_of(visit))
    first = visit.run.first_crawl or address.baseline
    visit.tell(ChangeKind.NEW, version, url=capture.url, weight=Weight.SUBSTANTIVE, first_crawl=first)
    return visit.finish(OutcomeKind.NEW, article_id=article_id, read_as=article.platform, is_new=True)


def _record_first_look(visit: Visit, known: history.Known, article: Article, *, has_end: bool) -> Outcome:
    """A crawl finds what only imports knew: to those it tells this is new. What lies in between is history."""
    connection, capture, address = visit.connection, visit.kept.capture, visit.address
    maimed = _what_is_missing(visit, known, article, has_end=has_end)
    if maimed is not None:
        return visit.finish(OutcomeKind.INCOMPLETE, article_id=known.article_id, detail=maimed)
    previous = reread_version(visit, known)
    article = dated(article, previous.article, address.claim, fetched_at=capture.fetched_at)
    version = add_version(visit, known.article_id, article)
    history.set_watched(connection, known.article_id)
    forget_absence(connection, known.article_id)
    _attach(visit, known)
    if address.key != known.key:
        history.set_address(connection, known.article_id, capture.url, address.key)
    tell_history(visit, previous, version)
    first = visit.run.first_crawl or address.baseline
    visit.tell(ChangeKind.NEW, version, url=capture.url, weight=Weight.SUBSTANTIVE, first_crawl=first)
    return visit.finish(OutcomeKind.NEW, article_id=known.article_id, read_as=article.platform)


def _attach(visit: Visit, known: history.Known) -> None:
    """The visited address belongs to the article, if it belonged to none."""
    if visit.address.article_id is None:
        addresses.attach(visit.connection, visit.portal.slug, visit.address.key, known.article_id)


def _record_known(visit: Visit, known: history.Known, article: Article) -> Outcome:
    """A further look at an article we have, at its own address or at the one it moved to.

    What is told is the difference to what was told before. Where an import knows what lies in between, the version is
    stored in any case, so that the crawls' own versions do not hang on what was imported. Where the clock jumped, what
    was told may stand before another by its time: then a version is stored untold, unless that other one says the same
    or is still to come.
    """
    capture = visit.kept.capture
    previous = reread_version(visit, known)
    fields: tuple[FieldChange, ...] = ()
    version = previous
    if lost_its_rules(previous.article, article):
        return visit.finish(OutcomeKind.UNREADABLE, article_id=known.article_id, detail=_LOST)
    seen = seen_before(visit, previous)
    if seen is not None and is_in_doubt(visit, known.article_id, seen.article, article):
        return visit.finish(OutcomeKind.REPLACED, article_id=known.article_id, detail=DOUBT)
    article = dated(article, previous.article, visit.address.claim, fetched_at=capture.fetched_at)
    before = as_compared(seen.article, article) if seen is not None else None
    is_told = before is not None and not same_content(before, article)
    clock_jumped = seen is not None and seen.capture_id > previous.capture_id
    is_stored = clock_jumped and (previous.number < known.last_number or same_content(previous.article, article))
    if is_told or (seen is not previous and not is_stored):
        version = add_version(visit, known.article_id, article)
    if before is not None and is_told:
        fields = diff_articles(before, article)
    if seen is not previous and not clock_jumped:
        tell_history(visit, previous, version)
    _record_alive(visit, known, version)
    if fields and before is not None and not is_told_at_the_end(before, article):
        visit.tell(ChangeKind.EDITED, version, url=capture.url, weight=weigh(fields), previous=seen, fields=fields)
    kind = OutcomeKind.EDITED if fields else OutcomeKind.UNCHANGED
    detail = SAME_VALIDATOR if fields and _has_same_validator(visit) else None
    return visit.finish(kind, article_id=known.article_id, read_as=article.platform, detail=detail)


def _has_same_validator(visit: Visit) -> bool:
    """True where the server sent what a conditional request would have been answered 304 for."""
    etag, modified = visit.kept.capture.header("ETag"), visit.kept.capture.header("Last-Modified")
    known = visit.address
    return etag == known.etag if etag or known.etag else modified is not None and modified == known.last_modified


def _record_alive(visit: Visit, known: history.Known, version: Version) -> None:
    """The article was found: whatever was counted against it is over, and a new address is its own from now on."""
    connection, url = visit.connection, visit.kept.capture.url
    end_absence(connection, known.article_id)
    elsewhere = visit.address.key != known.key
    if elsewhere:
        history.set_address(connection, known.article_id, url, visit.address.key)
    if known.status == "gone":
        history.set_status(connection, known.article_id, "live")
        moved_to = url if elsewhere else None
        visit.tell(ChangeKind.RESTORED, version, url=known.url, weight=Weight.SUBSTANTIVE, moved_to=moved_to)
    elif elsewhere:
        visit.tell(ChangeKind.MOVED, version, url=known.url, weight=Weight.MINOR, moved_to=url)
