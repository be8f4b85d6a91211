"""The identity of an address: two spellings of one page have one key.

Scheme, `www.`, default ports, fragment, percent-encoding, Unicode form, slashes too many, session ids, tracking
parameters and print views do not count; parameters that carry meaning (`PageIndex`, `ItemID`, `_cur` …) do, in any
order. Where a platform gives its articles an id that never repeats, the id is the address. It opens nothing, and the
key is not an address to fetch.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from storage.parameters import meaningful, without_print

MAX_KEY = 1500
"""Characters of the longest key; of a longer one the beginning and a digest stay. PostgreSQL indexes no more."""

POSTED = "__doPostBack="
"""Begins the fragment of an address whose page is got by posting a form; the page's number follows.
No server sees it; it tells the pages of such a listing apart: `…/danh-sach.aspx#__doPostBack=2`."""

_PLAIN = re.compile(
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*(?::(?!(?:80|443)\b)(?:[1-5]\d|[1-9])\d{0,3})?)"
    r"((?:/[\w~-][\w.~-]*)*)/?",
    re.ASCII,
)
"""An address in which nothing is decoded, left out or told by parameters; most links to articles are such."""
_NOT_PLAIN = re.compile(r"print|newsid|\d{16}\.|/(?:index|default)\.\w+/?$", re.IGNORECASE)
"""What calls for a closer look all the same."""
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:-]++/")
"""The beginning of nearly every web address, which all pages of a portal share."""
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;&?]*", re.IGNORECASE)
_WEB_FORMS_SESSION = re.compile(r"\((?:(?:[A-Z]\([^()]{1,200}\))+|[a-z0-9]{24})\)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp;)+", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SHORT_URL = 300
"""Characters of an address up to which its key is remembered."""
_SAFE_SEGMENT = "!$&'()*+,;=:@-._~"
_GUID = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
_TIMED_ID = re.compile(
    r"(?:.*-)?(\d{1,5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\d{3})\.html?"
)
"""VCCorp: a prefix and `yyMMddHHmmssfff`, the millisecond of its making; the words before it may change."""
_ARTICLE = re.compile(r"(?:[^-]+-){2,}\d{6,}(?:\.html?|\.aspx)?")
"""ArticleDetail: two words at least and the article's id of six digits or more; sections have no such id."""

_INDEX = re.compile(r"(?:index|default)\.(?:html?|php|aspx?|jsp)", re.IGNORECASE)
"""What a server shows for a folder; with parameters it is a page of its own."""

_WEBSPHERE = frozenset({"urile", "wcm_global_context"})
"""IBM WebSphere: these name the page; the state after `/!ut/` changes with the session and says it once more."""


@lru_cache(maxsize=1024)  # each address is asked for several times on its way
def address_key(url: str, *, fold_case: bool) -> str:
    """The identity of `url`, e.g. `ninhthuan.gov.vn/chinhquyen/sonv/pages/thong-bao.aspx`.

    `fold_case`: the portal's paths are the same in any letter case (SharePoint). What is no web address is its own key.
    """
    return _known_key(url, fold_case) if len(url) <= _SHORT_URL else _key(url, fold_case)


def _key(url: str, fold_case: bool) -> str:
    if (plain := _PLAIN.fullmatch(url)) is not None and _NOT_PLAIN.search(url) is None:
        host, path = plain.groups()
        key = f"{host}{(path.lower() if fold_case else path) or '/'}"
        return key if len(key) <= MAX_KEY else _shortened(key)
    return _key_of_parts(url, fold_case)


def _key_of_parts(url: str, fold_case: bool) -> str:
    url = _SURROGATE.sub("\ufffd", url.replace("\n", "").strip())
    try:
        parts = urlsplit(url)
        host = host_key(parts)
    except ValueError:
        return url
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return url
    segments = _segments(parts.path)
    query = _query(parts.query, segments)
    if "!ut" in segments and any(name.lower() in _WEBSPHERE for name, _ in query):
        segments = segments[: segments.index("!ut")]
    if not query and segments and _INDEX.fullmatch(segments[-1]):
        del segments[-1]
    if fold_case:
        segments = [_nfc(segment.casefold()) for segment in segments]
        query = [(_nfc(name.casefold()), _nfc(value.casefold())) for name, value in query]
    key = f"{host}/{'/'.join(_quoted(segment, _SAFE_SEGMENT) for segment in segments)}"
    if query:
        key += "?" + "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(query))
    if (page := posted_page(url)) is not None:
        key += f"#{POSTED}{page}"
    return key if len(key) <= MAX_KEY else _shortened(key)


_known_key = lru_cache(maxsize=16_384)(_key)
"""Menus, lists and other news name the same addresses on page after page."""


def posted_page(url: str) -> int | None:
    """The number of a listing's page that is got by posting a form; None for every other address."""
    number = url.rpartition(f"#{POSTED}")[2] if f"#{POSTED}" in url else ""
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= 5 else None


def host_of(url: str) -> str | None:
    """Host and port of an address as `host_key` tells them; None for a nonsensical one."""
    return _known_host(root_of(url))


def root_of(url: str) -> str:
    """What an address that begins with `/` is relative to on the page `url`: of most the same on all pages."""
    origin = _ORIGIN.match(url)
    return origin.group() if origin is not None else url


@lru_cache(maxsize=256)
def _known_host(url: str) -> str | None:
    try:
        return host_key(urlsplit(url))
    except ValueError:
        return None


def host_key(parts: SplitResult) -> str:
    """Host and port without `www.`, default port, final dot and letter case. `ValueError` for a nonsensical port."""
    host = (parts.hostname or "").rstrip(".")
    if "%" in host and not set(plain := unquote(host)) & set("%/?#@:[]\\ "):
        host = plain.lower().rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = _nfc(host).casefold()
    host = host.removeprefix("www.")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return host if port in (None, *_DEFAULT_PORTS.values()) else f"{host}:{port}"


def _segments(path: str) -> list[str]:
    """The path's segments, decoded: no empty ones, no dots, no session, no print view, an article's own id alone."""
    segments: list[str] = []
    for raw in path.split("/"):
        segment = _nfc(unquote(raw, errors="surrogateescape")) if "%" in raw or not raw.isascii() else raw
        if ";" in segment:
            segment = _PATH_SESSION.sub("", segment)
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", ".") and not (segment[0] == "(" and _WEB_FORMS_SESSION.fullmatch(segment)):
            segments.append(segment)
    return _own_id(without_print(segments))


def _own_id(segments: list[str]) -> list[str]:
    """The id of an article where its platform's ids are unique (VCCorp's, DotNetNuke's news GUID), else the path."""
    if len(segments) == 1 and (timed := _TIMED_ID.fullmatch(segments[0])) is not None:
        return [f"{timed.group(1)}.htm"]
    for name, value in zip(segments, segments[1:], strict=False):
        if name.casefold() == "newsid" and (guid := _GUID.fullmatch(value)) is not None:
            return ["newsid", guid.group(1).lower()]
    return segments


def _query(query: str, segments: list[str]) -> list[tuple[str, str]]:
    """The pairs that carry meaning, decoded."""
    if not query:
        return []
    if ";" in query:
        query = _ESCAPED_AMPERSAND.sub("&", _PATH_SESSION.sub("", query))
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    last = segments[-1] if segments else ""
    kept = meaningful(
        pairs,
        is_article=_ARTICLE.fullmatch(last) is not None,
        has_friendly_name="-" in segments[:-1],
    )
    if last.lower().endswith((".aspx", ".ashx")):  # ASP.NET reads the names in any letter case
        kept = [(name.lower(), value) for name, value in kept]
    return [(_nfc(name), _nfc(_of_print(name, value))) for name, value in kept]


def _of_print(name: str, value: str) -> str:
    """NukeViet without rewriting: `op=print/<section>/<slug>-<id>` shows `op=<section>/<slug>-<id>`."""
    return re.sub(r"^(?:print/)+", "", value) if name == "op" else value


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=safe, errors="surrogateescape")


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _shortened(key: str) -> str:
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: MAX_KEY - len(digest) - 1]}~{digest}"
