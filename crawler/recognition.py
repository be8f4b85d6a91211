"""Pages that need not be read, because they were read before with today's rules: the same bytes, or all but the same.

    304 ─► the same bytes ─► the same page without what nobody reads in it ─► the same fields

Each step costs more than the one before it, and only a page that fails them all is edited. A listing's page that is
the same says what it said earlier on that day (its dates may lack their year), and its entries are looked up as ever.
What it does not do: see through counters and clocks in the text of a page; such a page is read, and found unchanged by
its fields.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from http import HTTPStatus

from crawler import answers
from crawler.errors import BodyError
from crawler.parsing import PARSER_VERSION, mask
from crawler.portals import Portal
from storage import savings
from storage.archive import Archive
from storage.listing_readings import find_listing
from storage.records import VIETNAM, Capture, Kept, ReadBy
from storage.vocabulary import Role, Sameness

_LISTS = (Role.LISTING, Role.SECTION)


def read(kept: Kept, *, portal: Portal, archive: Archive, is_new: bool = False) -> answers.Reading:
    """The reading of a capture; of a page that was read before, that it is known. Raises `StorageError`.

    `is_new`: no article is known at its address, so there is none to ask for.
    """
    capture = kept.capture
    if capture.status == HTTPStatus.OK and capture.role in _LISTS:
        return _read_list(capture, portal, archive)
    if capture.status != HTTPStatus.OK or capture.role is not Role.ARTICLE:
        return answers.read(capture, portal)
    reader = _reader(portal)
    before = None if is_new else _find_read(kept, portal, archive, reader)
    if before is not None and before.same_bytes:
        return answers.Reading(is_known=True, detail=Sameness.BYTES)
    try:
        content = answers.content_of(capture)
    except BodyError:
        return answers.read(capture, portal)
    digest = page_digest(capture, content, portal)
    if before is not None and before.page_digest == digest:
        return answers.Reading(is_known=True, detail=Sameness.PAGE)
    reading = answers.read(capture, portal, content=content)
    return reading if reading.article is None else replace(reading, page_digest=digest)


def _read_list(capture: Capture, portal: Portal, archive: Archive) -> answers.Reading:
    """The reading of what may be a listing's page. What it says hangs on its address too, and on the day."""
    try:
        content = answers.content_of(capture)
    except BodyError:
        return answers.read(capture, portal)
    today = capture.fetched_at.astimezone(VIETNAM).date()
    digest = page_digest(capture, content, portal, capture.url, today.isoformat())
    with archive.reading() as connection:
        before = find_listing(connection, portal.slug, portal.key(capture.url), digest)
    if before is not None:
        return answers.Reading(listing=before, is_known=True, detail=Sameness.PAGE)
    reading = answers.read(capture, portal, content=content)
    return reading if reading.listing is None else replace(reading, page_digest=digest)


def _find_read(kept: Kept, portal: Portal, archive: Archive, reader: ReadBy) -> savings.WasRead | None:
    """What is remembered of the page that the article at the capture's address was read from."""
    key = portal.key(kept.capture.url)
    with archive.reading() as connection:
        return savings.find_read(connection, kept, portal=portal.slug, key=key, read_by=reader)


def _reader(portal: Portal) -> ReadBy:
    """What reads today."""
    return ReadBy(rules_fingerprint=portal.fingerprint, parser_version=PARSER_VERSION)


def page_digest(capture: Capture, content: bytes, portal: Portal, *more: str) -> str:
    """SHA-256 (64 hex digits) over all that decides what a page says: what can be read of it, its type, the rules.

    `content`: the capture's body, decoded. `more`: what else its reading hangs on.
    """
    told = (portal.fingerprint, PARSER_VERSION, capture.header("Content-Type") or "", *more)
    digest = hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape") + b"\n")
    digest.update(content if portal.reader.may_read_state else mask(content))
    return digest.hexdigest()
