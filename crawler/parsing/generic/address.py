"""What an address alone says: is it made like an article's, and which addresses are made alike.

A witness beside the page's make-up, never proof: portals differ, and an address can lie. It opens nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|rtf|odt|zip|rar|7z|jpe?g|png|gif|bmp|svg|webp|mp[34]|avi|flv|wmv|wav|exe|apk|xml|rss)$"
)
_DETAIL = re.compile(
    r"/-/|/view_content/|/(?:chi-?tiet|chitiet|details?|view_?detail|bai-viet|baiviet|newsid|node|article|post)(?=[/.-])"
    r"|chitiet\w*\.|viewdetail|/\d{4}[/-]\d{1,2}(?=[/-])|/view/",
)
_SECTION = re.compile(
    r"/(?:chuyen-?muc|category|categories|danh-?muc|tags?|topic|author|search|tim-kiem|page|trang)(?=[/.-]|$)"
    r"|/(?:default|index|home)(?:\.\w+)?$|/rss(?=[/.]|$)"
)
_ID_KEYS = re.compile(
    r"(?!(?:\w*(?:tab|menu|cat|category|lang|language|portal|site|section|page|group|folder|chuyenmuc|type)_?id|cid|p_[pl]_id)$)"
    r"(?:\w*id|item|p|news|view|a|detailview)"
)
"""Keys that name an article; not those of tabs, menus and categories."""
_ID = re.compile(r"\d{2,}(?:\D.*)?|\w*\d{3,}\w*|[0-9a-f]{8}-.*")
_LONG_NUMBER = re.compile(r"\d{3,}")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_ENDING = re.compile(r"\.(?:html?|aspx|php|jsp|do|asp|shtml)$")
_FEW = 4
"""Hyphens from which on a name is a headline's."""
_PIECES = re.compile(r"[^/]+")


def is_file(url: str) -> bool:
    """True for an address that ends like a document, a picture or a feed."""
    return _FILE.search(_path(url)) is not None


@lru_cache(maxsize=8192)
def is_detail(url: str) -> bool:
    """True for an address that is made like those of single articles: an id, a headline as its name, `/-/`."""
    path = _path(url)
    query = _pairs(url)
    if any(_ID_KEYS.fullmatch(name) and _ID.fullmatch(value.lower()) for name, value in query):
        return True
    if _SECTION.search(path):
        return False
    if _DETAIL.search(path + "/"):
        return True
    name = _ENDING.sub("", path.rstrip("/").rpartition("/")[2])
    return name.count("-") >= _FEW or _LONG_NUMBER.search(name) is not None or _GUID.search(path) is not None


@lru_cache(maxsize=8192)
def shape_of(url: str) -> tuple[object, ...]:
    """What alike addresses share: the directory, how the name is made, the ending, the keys of the query.

    Numbers and headlines in it are the same whatever they say: `/tin/-/view_content/31-a-b.html` is made like
    `/tin/-/view_content/452-c-d-e.html`.
    """
    path = _path(url)
    pieces = _PIECES.findall(path)
    name = pieces[-1] if pieces else ""
    ending = _ENDING.search(name)
    name = _ENDING.sub("", name)
    return (
        urlsplit(url).netloc,
        tuple(_generalised(piece) for piece in pieces[:-1]),
        "slug" if name.count("-") >= 2 else "number" if name.isdecimal() else "word",
        _LONG_NUMBER.search(name) is not None,
        ending.group() if ending else "",
        tuple(sorted(name for name, _ in _pairs(url))),
    )


def _generalised(piece: str) -> str:
    return "*" if piece.count("-") >= _FEW else re.sub(r"\d+", "0", piece)


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).lower()
    except ValueError:
        return ""


def _pairs(url: str) -> list[tuple[str, str]]:
    try:
        return [(name.lower(), value) for name, value in parse_qsl(urlsplit(url).query, errors="replace")]
    except ValueError:
        return []
