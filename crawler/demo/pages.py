"""What the site answers to a path: status, headers and body, before compression.

Routing only: what a page looks like is in the templates, what the site holds is in `site`, HTTP is in `server`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from types import ModuleType
from urllib.parse import parse_qs, quote, unquote, urlsplit

from crawler.demo import sharepoint, tandan
from crawler.demo.articles import Presence, SiteArticle
from crawler.demo.site import Site

HTML = "text/html; charset=utf-8"
ROBOTS = b"User-agent: *\nDisallow: /_layouts/\n"
HOME = ("/", "/pages/default.aspx")
STATIC = ("/pages/van-ban.aspx", "/pages/lich-tiep-cong-dan.aspx", "/pages/tim-kiem.aspx")
TEMPLATES: dict[str, ModuleType] = {"sharepoint": sharepoint, "tandan": tandan}

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6368000000820081773cd7f00000000049454e44ae426082"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A response without its hop-by-hop headers."""

    status: int
    """HTTP status."""
    body: bytes = b""
    """The page, before compression."""
    content_type: str = HTML
    """Content-Type header."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers."""


def answer(site: Site, target: str, headers: Mapping[str, str]) -> Answer:
    """The answer to GET `target` (path and query); `headers` with lower-case names."""
    parts = urlsplit(target)
    path = unquote(parts.path)
    folded = path.casefold()
    with site.lock:
        if folded == "/robots.txt":
            return Answer(status=200, body=ROBOTS, content_type="text/plain; charset=utf-8")
        if (found := site.find(quote(path, safe="/,()!"))) is not None:
            return _article(site, found, headers)
        if folded in site.moved:
            return Answer(status=301, headers=(("Location", site.moved[folded]),))
        return _elsewhere(site, path, parse_qs(parts.query))


def _elsewhere(site: Site, path: str, query: Mapping[str, list[str]]) -> Answer:
    template = TEMPLATES[site.template]
    folded = path.casefold()
    if folded in HOME:
        return _html(template.home_page(site, path, site.view(path)))
    if folded.startswith("/chinhquyen/") and folded.endswith("pages/default.aspx"):
        return _listing(site, path, query)
    if folded in STATIC or any(href.casefold() == folded for _, href in site.menu):
        return _html(template.text_page(site, path, "Thông tin", "Nội dung đang được cập nhật.", site.view(path)))
    if "/publishingimages/" in folded or "/documents/" in folded:
        return _file(site, path)
    return not_found(site, path)


def _article(site: Site, article: SiteArticle, headers: Mapping[str, str]) -> Answer:
    template = TEMPLATES[site.template]
    if article.presence is Presence.NOT_FOUND:
        return not_found(site, article.path)
    if article.presence is Presence.REDIRECT_HOME:
        return Answer(status=302, headers=(("Location", "/Pages/default.aspx"),))
    if article.presence is Presence.SOFT_404:
        return _html(_notice(site, article.path))
    validators = _validators(site, article)
    if _not_modified(validators, headers):
        return Answer(status=304, headers=tuple(validators.items()))
    page = template.article_page(site, article, site.view(article.path))
    if article.slug in site.nfd:
        page = unicodedata.normalize("NFD", page)
    return _html(page, tuple(validators.items()))


def _validators(site: Site, article: SiteArticle) -> dict[str, str]:
    validators = {}
    if article.validators in ("etag", "both"):
        state = f"{article.slug} {article.revision} {site.template}"
        validators["ETag"] = f'"{hashlib.sha256(state.encode()).hexdigest()[:20]}"'
    if article.validators in ("modified", "both"):
        validators["Last-Modified"] = http_date(site.last_modified(article).timestamp())
    return validators


def _not_modified(validators: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """RFC 9110 §13.2.2: If-None-Match wins over If-Modified-Since."""
    if "if-none-match" in headers:
        return "ETag" in validators and validators["ETag"] in headers["if-none-match"]
    if "if-modified-since" not in headers or "Last-Modified" not in validators:
        return False
    try:
        since = parsedate_to_datetime(headers["if-modified-since"])
    except ValueError:
        return False
    return parsedate_to_datetime(validators["Last-Modified"]) <= since


def http_date(timestamp: float) -> str:
    """An instant in the form of HTTP: `Tue, 13 Apr 2021 02:00:00 GMT`."""
    return format_datetime(datetime.fromtimestamp(timestamp, UTC), usegmt=True)


def _listing(site: Site, path: str, query: Mapping[str, list[str]]) -> Answer:
    folder = path.casefold().removeprefix("/chinhquyen/").removesuffix("pages/default.aspx").rstrip("/")
    number = query.get("PageIndex", ["1"])[0]
    listing = site.listing(folder, int(number)) if number.isdecimal() and int(number) > 0 else None
    if listing is None:
        return not_found(site, path)
    return _html(TEMPLATES[site.template].listing_page(site, listing, path, site.view(path)))


def _file(site: Site, path: str) -> Answer:
    """Small bytes that differ for each file, for those that some article shows or has shown."""
    wanted = quote(path, safe="/,()!").casefold()
    known = {picture.path.casefold() for article in site.articles for picture in article.pictures}
    known |= {item.path.casefold() for article in site.articles for item in article.downloads}
    if wanted not in known and wanted != "/publishingimages/banner.jpg":
        return not_found(site, path)
    mark = hashlib.sha256(wanted.encode()).hexdigest().encode()
    if wanted.endswith(".pdf"):
        return Answer(status=200, body=b"%PDF-1.4\n% " + mark + b"\n%%EOF\n", content_type="application/pdf")
    if wanted.endswith((".jpg", ".png")):
        return Answer(status=200, body=_PNG + mark, content_type="image/png")
    return Answer(status=200, body=b"PK\x05\x06" + bytes(18) + mark, content_type="application/octet-stream")


def not_found(site: Site, path: str) -> Answer:
    """A true 404, in the portal's frame."""
    return Answer(status=404, body=_notice(site, path).encode())


def _notice(site: Site, path: str) -> str:
    template = TEMPLATES[site.template]
    text = "Trang mà bạn yêu cầu không tồn tại, đã bị xóa hoặc đã được chuyển sang địa chỉ khác."
    page = template.text_page(site, path, "Không tìm thấy trang", text, site.view(path))
    return str(page)


def _html(page: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status=200, body=page.encode(), headers=(("Cache-Control", "private, max-age=0"), *headers))
