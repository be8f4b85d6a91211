"""What it means that an address leads to another one: the article moved, or is gone, or nothing can be read there.

What it does not do: follow. Where an address leads is visited next, with an outcome of its own.
"""

from __future__ import annotations

from crawler.announced import SOURCES
from crawler.visit import Visit
from storage import addresses, discovery, history, listings, runs
from storage.absences import end_absence
from storage.digests import same_story
from storage.discovery import Found
from storage.records import Address, Outcome
from storage.vocabulary import Absence, ChangeKind, OutcomeKind, Role, Weight

MOST_HOPS = 5
"""Redirects followed from one address (the number RFC 9309 gives for robots.txt; browsers allow 20). FAULTS case 25."""


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
    if _leads_back(visit, key):
        return visit.finish(OutcomeKind.HTTP_ERROR, article_id=address.article_id, detail="redirects in a circle")
    if address.role is Role.LISTING and _is_given_up(visit, location):
        detail = f"the listing is not there: HTTP {visit.kept.capture.status} to {location[:200]}"
        return visit.finish(OutcomeKind.HTTP_ERROR, detail=detail)
    origin = address.article_id or address.moved_from
    target = addresses.find_address(connection, portal.slug, key)
    if origin is not None and target is not None and _is_no_move(visit, origin, target):
        detail = f"HTTP {visit.kept.capture.status} to {location[:200]}"
        return visit.finish(OutcomeKind.ABSENT, article_id=origin, absence=Absence.REDIRECT_HOME, detail=detail)
    if target is None or target.imported:
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
            published_in=address.published_in,
        )
        discovery.discover(connection, portal.slug, [found], visit.now)
    elif origin is not None:
        _record_move_to_known(visit, origin, target, location)
    elif address.role in (Role.LISTING, *SOURCES) and not runs.has_outcome(connection, visit.run, key):
        addresses.want(connection, portal.slug, [key])  # it is read wherever it is now, in every run
    return visit.finish(OutcomeKind.REDIRECT, article_id=address.article_id, detail=location)


def _is_given_up(visit: Visit, location: str) -> bool:
    """True where what was read as a listing leads to the home page: its section is there no more."""
    portal = visit.portal
    if not portal.is_home(location) or portal.is_home(visit.kept.capture.url):
        return False
    return listings.was_listing(visit.connection, portal.slug, visit.address.key)


def _leads_back(visit: Visit, key: str) -> bool:
    """True where the redirects of this run lead from there to the visited address."""
    for _ in range(MOST_HOPS):
        location = runs.find_redirect(visit.connection, visit.run, key)
        if location is None:
            return False
        key = visit.portal.key(location)
        if key == visit.address.key:
            return True
    return False


def _is_no_move(visit: Visit, origin: int, target: Address) -> bool:
    """True where the article is not there: what its address leads to is a list, or another article of the portal."""
    is_elsewhere = _is_list(visit, target) or _is_another_article(visit, origin, target)
    return visit.address.role is Role.ARTICLE and is_elsewhere


def _is_another_article(visit: Visit, origin: int, target: Address) -> bool:
    """True where that address has an article of its own, with another headline and another text."""
    if target.article_id in (None, origin):
        return False
    ours, theirs = (history.find_article(visit.connection, each) for each in (origin, target.article_id))
    return ours is not None and theirs is not None and not same_story(ours.version.article, theirs.version.article)


def _is_list(visit: Visit, target: Address) -> bool:
    """True where no one article lives: a known listing, or a page to which another article's address leads as well."""
    if target.role is Role.SECTION:
        return listings.was_listing(visit.connection, visit.portal.slug, target.key)
    origin = visit.address.article_id or visit.address.moved_from
    shared = target.article_id is None and target.moved_from not in (None, origin)
    return target.role is Role.LISTING or shared


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
    end_absence(connection, origin)
    visit.tell(ChangeKind.MOVED, known.version, url=known.url, weight=Weight.MINOR, moved_to=location)
