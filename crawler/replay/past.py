"""What a capture of the past means: a version in its place in time. The state of today is not touched.

Imported captures come in any order and beside what crawls know. So nothing is concluded here from what lies before or
after them: edits, absences and moves are settled when all captures of an import are there (`settling`). Listings and
feeds prove which addresses are articles. What it does not do: put anything on the frontier.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler import answers
from crawler.announced import claims_of
from crawler.dating import dated
from crawler.known import add_version, lost_its_rules, reread, what_is_missing
from crawler.visit import Visit
from storage import addresses, discovery, history, queries
from storage.claims import note_claims
from storage.digests import same_content, same_story
from storage.discovery import Found
from storage.records import Address, Announcements, Article, Listing
from storage.vocabulary import Absence, ChangeKind, FoundIn, OutcomeKind, Role, Weight


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What became of an imported capture."""

    kind: OutcomeKind
    """As of a visit."""
    absence: Absence | None = None
    """How the article is missing."""
    detail: str | None = None
    """One line."""
    article_id: int | None = None
    """The article."""


def record_past(visit: Visit, reading: answers.Reading) -> Recorded:
    """Writes what the capture means, in the visit's transaction."""
    article_id = visit.address.article_id or visit.address.moved_from
    if reading.article is not None:
        return _record_article(visit, reading.article, has_end=reading.has_end)
    if reading.listing is not None:
        return _record_listing(visit, reading.listing)
    if reading.announced is not None:
        return _record_announced(visit, reading.announced)
    if reading.location is not None:
        return _record_redirect(visit, reading.location)
    if visit.address.role is Role.FILE and reading.kind is None:
        detail = "an attached file: only crawls compare it with what it was"
        return Recorded(kind=OutcomeKind.NOT_HTML, detail=detail, article_id=article_id)
    assert reading.kind is not None
    return Recorded(kind=reading.kind, absence=reading.absence, detail=reading.detail, article_id=article_id)


def _record_listing(visit: Visit, listing: Listing) -> Recorded:
    """Its entries are articles, and the page after it is a listing too."""
    portal = visit.portal
    found = [
        Found(key=portal.key(entry.url), url=entry.url, role=Role.ARTICLE, found_in=FoundIn.LISTING)
        for entry in listing.entries
        if portal.is_own(entry.url)
    ]
    if listing.next_url is not None and portal.is_own(listing.next_url):
        key = portal.key(listing.next_url)
        first = visit.address.listing or visit.address.key
        page = (visit.address.page or 1) + 1
        found.append(Found(key=key, url=listing.next_url, role=Role.LISTING, listing=first, page=page))
    discovery.add_imported(visit.connection, portal.slug, found, visit.now)
    return Recorded(kind=OutcomeKind.LISTING)


def _record_announced(visit: Visit, said: Announcements) -> Recorded:
    """What a feed names are articles. What a sitemap names may be any page, but where it says when it was published."""
    portal, source = visit.portal, visit.address.url
    is_feed = visit.address.role is Role.FEED
    own = {
        portal.key(entry.url): entry
        for entry in said.entries
        if portal.is_own(entry.url) and not portal.is_front(entry.url) and (is_feed or entry.published_raw is not None)
    }
    found = [
        Found(
            key=key,
            url=entry.url,
            role=Role.ARTICLE,
            found_in=FoundIn.FEED if is_feed else FoundIn.SITEMAP,
            published_raw=entry.published_raw,
            published_in=source if entry.published_raw is not None else None,
        )
        for key, entry in own.items()
    ]
    discovery.add_imported(visit.connection, portal.slug, found, visit.now)
    note_claims(visit.connection, portal.slug, claims_of(own, source))
    return Recorded(kind=OutcomeKind.FEED if is_feed else OutcomeKind.SITEMAP)


def _record_redirect(visit: Visit, location: str) -> Recorded:
    """Where the address of an article leads to, its text decides whether that is the article (`_record_article`)."""
    connection, portal, address = visit.connection, visit.portal, visit.address
    key = portal.key(location)
    if address.article_id is not None and key != address.key:
        found = Found(key=key, url=location, role=Role.ARTICLE, found_in=address.found_in)
        discovery.add_imported(connection, portal.slug, [found], visit.now)
        addresses.note_move(connection, portal.slug, key, address.article_id)
    return Recorded(kind=OutcomeKind.REDIRECT, detail=location, article_id=address.article_id)


def _record_article(visit: Visit, article: Article, *, has_end: bool) -> Recorded:
    """An article's state at that time: new, another version, the same, or a second address of it."""
    connection, address = visit.connection, visit.address
    known = (
        history.find_article(connection, address.article_id)
        or history.find_article(connection, address.moved_from)
        or history.find_article_at(connection, visit.portal.slug, address.key)
        or history.find_same_article(connection, visit.portal.slug, article)
    )
    if known is None:
        article = dated(article, None, address.claim, fetched_at=visit.kept.capture.fetched_at)
        if _is_unproven(address) and article.published_on is None:
            return Recorded(kind=OutcomeKind.OTHER_PAGE, detail="no listing names it, and it prints no date")
        return _record_new(visit, article)
    moved = address.moved_from == known.article_id
    if address.key != known.key and not moved and not history.lived_at(connection, known.article_id, address.key):
        if not same_story(known.version.article, article):
            return Recorded(kind=OutcomeKind.DUPLICATE, detail="another article lives there now")
        _attach(visit, known.article_id)
        return Recorded(kind=OutcomeKind.DUPLICATE, article_id=known.article_id)
    if not moved:
        _attach(visit, known.article_id)
    return _record_state(visit, known, article, has_end=has_end, moved=moved)


def _record_new(visit: Visit, article: Article) -> Recorded:
    connection, capture, address = visit.connection, visit.kept.capture, visit.address
    article_id = history.add_article(
        connection, visit.portal.slug, capture.url, address.key, capture.fetched_at, watched=False
    )
    _attach(visit, article_id)
    version = add_version(visit, article_id, article)
    visit.tell(ChangeKind.NEW, version, url=capture.url, weight=Weight.SUBSTANTIVE)
    return Recorded(kind=OutcomeKind.NEW, article_id=article_id)


def _record_state(visit: Visit, known: history.Known, article: Article, *, has_end: bool, moved: bool) -> Recorded:
    """What a known article said then. Between two versions that say the same there is none."""
    connection, at, article_id = visit.connection, visit.kept.capture.fetched_at, known.article_id
    before = queries.find_version_at(connection, article_id, at)
    after = queries.find_version_after(connection, article_id, at)
    beside = before or after
    assert beside is not None, "an article has a version"
    maimed = what_is_missing(beside.article, article, has_end=has_end)
    if maimed is not None:
        return Recorded(kind=OutcomeKind.INCOMPLETE, detail=maimed, article_id=article_id)
    if lost_its_rules(beside.article, article):
        detail = "it can only be read without rules, unlike what is known of this article"
        return Recorded(kind=OutcomeKind.UNREADABLE, detail=detail, article_id=article_id)
    article = dated(article, before.article if before is not None else None, visit.address.claim, fetched_at=at)
    if after is not None:
        reread(visit, after)
    kind, version = OutcomeKind.UNCHANGED, reread(visit, before) if before is not None else None
    if version is None or not same_content(version.article, article):
        kind = OutcomeKind.NEW if version is None else OutcomeKind.EDITED
        version = add_version(visit, article_id, article)
    if moved and not known.watched and after is None:
        _record_move(visit, known)
    elif moved:
        _attach(visit, article_id)
    return Recorded(kind=kind, article_id=article_id)


def _record_move(visit: Visit, known: history.Known) -> None:
    """Only imports know the article, and they know nothing later: it lives where its old address led to."""
    connection, address, url = visit.connection, visit.address, visit.kept.capture.url
    _attach(visit, known.article_id)
    if history.find_article_at(connection, visit.portal.slug, address.key) is None:
        history.set_address(connection, known.article_id, url, address.key)
        visit.tell(ChangeKind.MOVED, known.version, url=known.url, weight=Weight.MINOR, moved_to=url)


def _attach(visit: Visit, article_id: int) -> None:
    """The address belongs to the article, if it belonged to none."""
    connection, portal, address = visit.connection, visit.portal.slug, visit.address
    if address.article_id is not None:
        return
    found = Found(key=address.key, url=visit.kept.capture.url, role=Role.ARTICLE)
    discovery.add_imported(connection, portal, [found], visit.now)
    addresses.attach(connection, portal, address.key, article_id)


def _is_unproven(address: Address) -> bool:
    """True for an address of which nobody says that an article lives there."""
    return address.is_unproven or (address.imported and address.found_in is None and address.moved_from is None)
