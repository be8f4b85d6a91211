"""What an answer of a server says: an article, a list of them, an attached file, where else to look, or why it is none.

    capture ─► by its status ─► by its bytes ─► by what page it is ─► `Reading`

It never raises for anything a server can send, and asks nothing but the capture and the portal file. What it does not
do: know the archive, so it cannot say whether anything is new (`crawler.recording`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlsplit

from crawler import attached, parsing
from crawler.errors import ReadingError, Unreadable
from crawler.parsing.address import absolute_url
from crawler.portals import Portal
from storage.records import Announcements, Article, Capture, Listing
from storage.vocabulary import Absence, OutcomeKind, Role

_log = logging.getLogger(__name__)

_ABSENCES = {404: Absence.NOT_FOUND, 410: Absence.REMOVED, 401: Absence.LOGIN}
_LISTS = (Role.LISTING, Role.SECTION)
_FEWEST_ENTRIES = 3
"""Fewer links are no list."""
_LOGIN_WORDS = ("login", "signin", "dang-nhap", "dangnhap", "authenticate.aspx")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a capture turned out to be: one of `article`, `listing`, `announced`, `location`, `is_known`, `kind`."""

    article: Article | None = None
    """What the page says, where it is an article."""
    has_end: bool = True
    """False where the article's page lacks its closing tags, as one that was cut in transit does."""
    listing: Listing | None = None
    """What the page says, where it lists articles."""
    announced: Announcements | None = None
    """What it names, where it is a feed or a sitemap."""
    file: attached.FileRead | None = None
    """What arrived, where an attached file was asked for: its digest; None for a web page in its place."""
    location: str | None = None
    """Absolute address that a redirect points to."""
    is_known: bool = False
    """True where the article's version, or `listing`, was read from this page before, so that it was not read again."""
    page_digest: str | None = None
    """Of the page of an article or a listing, by which it is known when it comes again (`crawler.recognition`)."""
    kind: OutcomeKind | None = None
    """The outcome, where the capture is none of these."""
    absence: Absence | None = None
    """How the article is missing, for `kind = absent`."""
    detail: str | None = None
    """One line for the archivist."""
    lists_news: bool = False
    """True where a page that could not be read as an article is a list by the portal's rules."""


def read(capture: Capture, portal: Portal, *, content: bytes | None = None) -> Reading:
    """What the capture says. Never raises for anything a server can send.

    `content`: its body, where that is decoded already (`content_of`).
    """
    reading = _read_answer(capture, portal, content)
    if capture.role is Role.LISTING and reading.kind is OutcomeKind.ABSENT:
        return Reading(kind=OutcomeKind.HTTP_ERROR, detail=f"the listing is not there: {reading.detail}")
    return reading


def _read_answer(capture: Capture, portal: Portal, content: bytes | None) -> Reading:
    """By its status, then by its bytes."""
    status = capture.status
    if status == HTTPStatus.NOT_MODIFIED:
        return Reading(kind=OutcomeKind.NOT_MODIFIED)
    if 300 <= status < 400:
        return _read_redirect(capture, portal)
    if status in _ABSENCES:
        return Reading(kind=OutcomeKind.ABSENT, absence=_ABSENCES[status], detail=f"HTTP {status}")
    if status != HTTPStatus.OK:
        return Reading(kind=OutcomeKind.HTTP_ERROR, detail=f"HTTP {status}")
    if capture.role is Role.FILE:
        return Reading(file=attached.read_file(capture))
    try:
        return _read_page(capture, portal, content)
    except ReadingError as error:
        kind = OutcomeKind(error.kind)
        if capture.role is Role.SECTION and kind in (OutcomeKind.UNREADABLE, OutcomeKind.NOT_HTML):
            return Reading(kind=OutcomeKind.OTHER_PAGE, detail=f"no list of news: {error}")
        return Reading(kind=kind, detail=str(error))
    # A fault of ours must not end an unattended crawl: the bytes are kept and can be read again.
    except Exception as error:
        _log.info("fault while reading %s", capture.url, exc_info=True)  # with --verbose; never a traceback without
        return Reading(kind=OutcomeKind.UNREADABLE, detail=f"fault of portalwatch: {error!r}; please report it")


def reread(capture: Capture, portal: Portal) -> Article | None:
    """An earlier capture read with today's rules; None where they cannot read it."""
    return read(capture, portal).article


def content_of(capture: Capture) -> bytes:
    """The body of an answer, its content coding undone. Raises `BodyError`."""
    return parsing.decode_payload(capture.payload, capture.header("Content-Encoding"))


def open_page(capture: Capture, portal: Portal, content: bytes | None = None) -> parsing.Page:
    """The page that an answer is, whose body may be decoded already. Raises `ReadingError`."""
    return parsing.read_page(
        content_of(capture) if content is None else content,
        content_type=capture.header("Content-Type"),
        url=capture.url,
        encoding=portal.fetch.encoding,
        may_cut=capture.role in _LISTS,
    )


def _read_page(capture: Capture, portal: Portal, content: bytes | None) -> Reading:
    """A page answered with 200. Raises `ReadingError`."""
    if capture.role is Role.FEED:
        return Reading(announced=parsing.read_feed(content_of(capture), url=capture.url))
    if capture.role is Role.SITEMAP:
        return Reading(announced=parsing.read_sitemap(content_of(capture), url=capture.url))
    page = open_page(capture, portal, content)
    reading = _read_stand_in(page, portal, is_list=capture.role in _LISTS)
    if reading is not None:
        return reading
    if capture.role in _LISTS:
        is_home = portal.is_home(capture.url)
        listing = parsing.read_listing(page, reader=portal.reader, fetched_at=capture.fetched_at, is_home=is_home)
        return Reading(listing=replace(listing, feeds=parsing.find_feeds(page.root, base_url=page.base_url)))
    try:
        article = parsing.read_article(page, reader=portal.reader, fetched_at=capture.fetched_at)
    except Unreadable as error:
        lists_news = _lists_news(page, capture, portal)
        return Reading(kind=OutcomeKind(error.kind), detail=str(error), lists_news=lists_news)
    if capture.url.startswith("https:") and not portal.fetch.verify_tls:
        article = replace(article, warnings=(*article.warnings, "the server's certificate was not verified"))
    return Reading(article=article, has_end=page.has_end)


def _lists_news(page: parsing.Page, capture: Capture, portal: Portal) -> bool:
    """True where the portal's own rules find a list on the page."""
    try:
        found = parsing.read_listing(page, reader=portal.reader, fetched_at=capture.fetched_at)
    except Unreadable:
        return False
    return found.by_rules and len(found.entries) >= _FEWEST_ENTRIES


def _read_stand_in(page: parsing.Page, portal: Portal, *, is_list: bool) -> Reading | None:
    """A page that stands where another was expected: an error, a login form, a challenge. None for the real thing."""
    likely = None if is_list else parsing.likely_text(portal.reader, page.index)
    kind = parsing.page_kind(page, likely=likely, is_list=is_list)
    if kind is parsing.PageKind.SOFT_404:
        return Reading(kind=OutcomeKind.ABSENT, absence=Absence.SOFT_404, detail="HTTP 200 with an error page")
    if kind is parsing.PageKind.LOGIN:
        return Reading(kind=OutcomeKind.ABSENT, absence=Absence.LOGIN, detail="HTTP 200 with a login form")
    if kind is parsing.PageKind.CHALLENGE:
        return Reading(kind=OutcomeKind.CHALLENGE, detail="an anti-bot page, which is not solved by stealth")
    if kind is parsing.PageKind.MAINTENANCE:
        return Reading(kind=OutcomeKind.MAINTENANCE, detail="a maintenance page")
    return None


def _as_sent(header: str) -> str:
    """A header value whose bytes are UTF-8, as many servers here send addresses, or else Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])


def _read_redirect(capture: Capture, portal: Portal) -> Reading:
    location = _as_sent(capture.header("Location") or "").strip()
    if not location:
        return Reading(kind=OutcomeKind.HTTP_ERROR, detail=f"HTTP {capture.status} without Location")
    target = absolute_url(capture.url, location)
    if target is None:
        detail = f"redirect to {_one_line(location)}: only http and https addresses are followed"
        return Reading(kind=OutcomeKind.BLOCKED, detail=detail)
    if any(word in urlsplit(target).path.lower() for word in _LOGIN_WORDS):
        return Reading(
            kind=OutcomeKind.ABSENT, absence=Absence.LOGIN, detail=f"HTTP {capture.status} to {target[:200]}"
        )
    if not portal.is_own(target):
        return Reading(kind=OutcomeKind.BLOCKED, detail=f"redirect to {target[:200]}: not a host of the portal")
    if capture.role is Role.ARTICLE and portal.is_front(target):
        detail = f"HTTP {capture.status} to {target[:200]}"
        return Reading(kind=OutcomeKind.ABSENT, absence=Absence.REDIRECT_HOME, detail=detail)
    return Reading(location=target)
