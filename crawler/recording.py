"""What a reading means for the archive: the last step of the road, inside the caller's transaction.

What it does not do: read pages or open transactions. Each function writes exactly one outcome for the visited address,
and with it the version, change and addresses that follow.
"""

from __future__ import annotations

from crawler.announced import SOURCES, is_hint
from crawler.visit import Visit
from storage import addresses, history, listings, queries, runs, vanishing
from storage.addresses import Found
from storage.agreement import GENERIC
from storage.diff import diff_articles, weigh
from storage.digests import identity_digest, normal, same_content
from storage.records import Address, Article, FieldChange, Outcome, Version
from storage.vocabulary import Absence, Cause, ChangeKind, OutcomeKind, Role, Weight

_LOST = "the rules that read this article before find it no more; layout changed? mend the portal file"

MOST_HOPS = 5
"""Redirects followed from one address (the number RFC 9309 gives for robots.txt; browsers allow 20)."""


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


def record_article(visit: Visit, article: Article, *, has_end: bool = True) -> Outcome:
    """An article was read: new, edited, unchanged, moved, restored, or a second address of one we have."""
    connection, address = visit.connection, visit.address
    known = history.find_article(connection, address.article_id)
    if known is None and address.moved_from is not None:
        known = history.find_article(connection, address.moved_from)
    if known is None:
        known = history.find_same_article(connection, visit.portal.slug, article)
        if known is None:
            return _record_new(visit, article)
    moved = address.moved_from == known.article_id and address.key != known.key
    if address.key != known.key and not moved and known.status == "live":
        if not _is_same_story(known.version.article, article):  # the old address of a moved article, used again
            return _record_new(visit, article)
        _attach(visit, known)
        return visit.finish(OutcomeKind.DUPLICATE, article_id=known.article_id, read_as=article.platform)
    _attach(visit, known)
    maimed = what_is_missing(known.version.article, article, has_end=has_end)
    if maimed is not None:
        return visit.finish(OutcomeKind.INCOMPLETE, article_id=known.article_id, detail=maimed)
    return _record_known(visit, known, article)


def record_redirect(visit: Visit, location: str) -> Outcome | None:
    """The address points to another page of the portal, which is visited next. None where it is the same address."""
    connection, portal, address = visit.connection, visit.portal, visit.address
    key = portal.key(location)
    hops = address.hops + 1
    if hops > MOST_HOPS:
        return visit.finish(OutcomeKind.HTTP_ERROR, article_id=address.article_id, detail="too many redirects")
    if key == address.key:
        if location == visit.kept.capture.url:
            return visit.finish(OutcomeKind.HTTP_ERROR, article_id=address.article_id, detail="redirects to itself")
        addresses.redirect_to(connection, portal.slug, key, location, hops=hops)
        return None
    origin = address.article_id or address.moved_from
    target = addresses.find_address(connection, portal.slug, key)
    if target is None:
        found = Found(
            key=key,
            url=location,
            role=address.role,
            listing=address.listing,
            page=address.page,
            moved_from=origin,
            hops=hops,
            baseline=address.baseline,
            found_in=address.found_in,
            published_raw=address.published_raw,
        )
        addresses.discover(connection, portal.slug, [found], visit.now)
    elif origin is not None:
        _record_move_to_known(visit, origin, target, location)
    elif address.role in (Role.LISTING, *SOURCES) and not runs.has_outcome(connection, visit.run, key):
        addresses.want(connection, portal.slug, [key])  # it is read wherever it is now, in every run
    return visit.finish(OutcomeKind.REDIRECT, article_id=address.article_id, detail=location)


def record_other(
    visit: Visit, kind: OutcomeKind, *, absence: Absence | None = None, detail: str | None = None
) -> Outcome:
    """The address gave no article, listing or redirect: an outcome, never a version."""
    article_id = visit.address.article_id or visit.address.moved_from
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
        known = history.find_article(visit.connection, article_id)
        if known is None or not (visit.address.etag or visit.address.last_modified):  # it cannot mean a page of ours
            return visit.finish(OutcomeKind.HTTP_ERROR, detail="HTTP 304 although nothing was asked conditionally")
        if visit.address.key == known.key:
            _record_alive(visit, known, known.version)
    return visit.finish(kind, article_id=article_id, absence=absence, detail=detail)


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
    return OutcomeKind.ABSENT, Absence.SOFT_404


def _record_new(visit: Visit, article: Article) -> Outcome:
    """The first version of an article never seen before."""
    connection, capture, address = visit.connection, visit.kept.capture, visit.address
    article_id = history.add_article(connection, visit.portal.slug, capture.url, address.key, capture.fetched_at)
    addresses.attach(connection, visit.portal.slug, address.key, article_id)
    version = _add_version(visit, article_id, article)
    first = visit.run.first_crawl or address.baseline
    visit.tell(ChangeKind.NEW, version, url=capture.url, weight=Weight.SUBSTANTIVE, first_crawl=first)
    return visit.finish(OutcomeKind.NEW, article_id=article_id, read_as=article.platform)


def _attach(visit: Visit, known: history.Known) -> None:
    """The visited address belongs to the article, if it belonged to none."""
    if visit.address.article_id is None:
        addresses.attach(visit.connection, visit.portal.slug, visit.address.key, known.article_id)


def _is_same_story(one: Article, other: Article) -> bool:
    """True where two pages are the same publication, perhaps edited: same headline, or same text and date."""
    identity = identity_digest(one)
    return normal(one.title) == normal(other.title) or (identity is not None and identity == identity_digest(other))


def _record_known(visit: Visit, known: history.Known, article: Article) -> Outcome:
    """A further look at an article we have, at its own address or at the one it moved to."""
    capture = visit.kept.capture
    previous = _reread_version(visit, known)
    fields: tuple[FieldChange, ...] = ()
    version = previous
    if lost_its_rules(previous.article, article):
        return visit.finish(OutcomeKind.UNREADABLE, article_id=known.article_id, detail=_LOST)
    if not same_content(previous.article, article):
        fields = diff_articles(previous.article, article)
        version = _add_version(visit, known.article_id, article)
    _record_alive(visit, known, version)
    if fields and article.extractor != GENERIC:  # those of pages read without rules are told at the end of the run
        visit.tell(ChangeKind.EDITED, version, url=capture.url, weight=weigh(fields), previous=previous, fields=fields)
    kind = OutcomeKind.EDITED if fields else OutcomeKind.UNCHANGED
    return visit.finish(kind, article_id=known.article_id, read_as=article.platform)


def lost_its_rules(before: Article, article: Article) -> bool:
    """True where rules read the article before and now it could only be read without: what differs is the reading."""
    return article.extractor == "generic" != before.extractor and not same_content(before, article)


def what_is_missing(before: Article, article: Article, *, has_end: bool) -> str | None:
    """Why the page may have been cut or half made, so that it must not become a version; None for a sound one."""
    if before.body and not article.body:
        return "the text is missing from the page; what was read before still stands"
    if not has_end and 2 * len(article.body) < len(before.body):
        return "the page has no end and less than half of its text; it was probably cut in transit"
    return None


def _record_alive(visit: Visit, known: history.Known, version: Version) -> None:
    """The article was found: whatever was counted against it is over, and a new address is its own from now on."""
    connection, url = visit.connection, visit.kept.capture.url
    vanishing.end_absence(connection, known.article_id)
    elsewhere = visit.address.key != known.key
    if elsewhere:
        history.set_address(connection, known.article_id, url, visit.address.key)
    if known.status == "gone":
        history.set_status(connection, known.article_id, "live")
        moved_to = url if elsewhere else None
        visit.tell(ChangeKind.RESTORED, version, url=known.url, weight=Weight.SUBSTANTIVE, moved_to=moved_to)
    elif elsewhere:
        visit.tell(ChangeKind.MOVED, version, url=known.url, weight=Weight.MINOR, moved_to=url)


def _reread_version(visit: Visit, known: history.Known) -> Version:
    """The version before this capture, as today's rules read it: our own edits are not their edits (DESIGN §4.3)."""
    connection, today = visit.connection, visit.read_by
    version = _version_before(visit, known)
    if today in (version.read_by, known.checked_by):
        return version
    article = visit.read(visit.archive.load_capture(connection, version.capture_id), visit.portal)
    if article is None or same_content(version.article, article):
        history.set_checked_by(connection, known.article_id, today)  # nothing better is to be had from that capture
        return version
    return history.add_version(
        connection,
        known.article_id,
        article,
        capture_id=version.capture_id,
        captured_at=version.captured_at,
        recorded_at=visit.now,
        cause=Cause.REPARSE,
        read_by=today,
    )


def _version_before(visit: Visit, known: history.Known) -> Version:
    """What the article said when this capture was made: its latest version, unless a wrong clock dated one later."""
    fetched_at = visit.kept.capture.fetched_at
    if known.version.captured_at <= fetched_at:
        return known.version
    return queries.find_version_at(visit.connection, known.article_id, fetched_at) or known.version


def _record_move_to_known(visit: Visit, origin: int, target: Address, location: str) -> None:
    """The article's address redirects to one we already know."""
    connection = visit.connection
    if target.article_id is None:  # not read yet: the text found there decides
        addresses.expect_move(connection, visit.portal.slug, target.key, origin)
        return
    known = history.find_article(connection, origin)
    if known is None or known.status == "moved" or known.key == target.key:
        return
    if target.article_id == origin:  # recognised there by its text already
        history.set_address(connection, origin, target.url, target.key)
    else:
        history.set_moved_into(connection, origin, target.article_id)
    vanishing.end_absence(connection, origin)
    visit.tell(ChangeKind.MOVED, known.version, url=known.url, weight=Weight.MINOR, moved_to=location)


def _add_version(visit: Visit, article_id: int, article: Article) -> Version:
    return history.add_version(
        visit.connection,
        article_id,
        article,
        capture_id=visit.kept.capture_id,
        captured_at=visit.kept.capture.fetched_at,
        recorded_at=visit.now,
        cause=Cause.CRAWL,
        read_by=visit.read_by,
    )
