"""The next page of a listing where no rule names it: by the numbers that pagers print.

Portals number their pages in a query key (`?page=2`, `?PageIndex=2`, `_101_cur=2`, `?start=20`, `b_start:int=10`) or in
the path (`/page/2/`, `/page-2`). Only links whose words are a number or say "next" count, so that `?p=1234`, which is a
post, is no page. It follows nothing; pagers of scripts carry no address (`postback` reads those).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

from crawler.parsing.address import absolute_url, host_key
from crawler.parsing.generic.names import Hint
from crawler.parsing.text import inline
from crawler.parsing.tree import Element

_KEY = re.compile(
    r"(?:page|pages|pageindex|pageno|page_no|pagenumber|paged|trang|p|pg|start|limitstart|b_start:int|currentpage|cur|\w+_cur)",
    re.IGNORECASE,
)
_PATH = re.compile(r"/(?:(?:page|trang)[/-]|index(?=\d))(\d{1,5})(?=[/.]|$)", re.IGNORECASE)
_FILE = re.compile(r"(?:/index)?\.html?$", re.IGNORECASE)
"""The end of a path that the same page may lack: `/index.html`, and what `/index2.html` leaves."""
_NEXT = re.compile(
    r"(?:trang\s+)?(?:tiếp(?: theo)?|sau|kế(?: tiếp)?|xem thêm|(?:các )?(?:(?:tin|bài(?: viết)?) )?cũ hơn"
    r"|next(?: page)?|older(?: posts| entries| articles| news)?)?\s*[›»>→⟩❯]{0,2}",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(r"trước|previous|prev|đầu|first|mới hơn|newer|cuối|last", re.IGNORECASE)
_MAX_PAGE = 99_999
_NEAR = 6
"""How many elements around a link are asked for their names."""
_PAGER = Hint(r"pager|paging|pagination|page numbers|taglib page iterator|page iterator|phan trang|phantrang")


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A link of a pager."""

    key: str
    """The query key, lower case, or `/` for a number in the path."""
    number: int
    """Its value: a page or an offset."""
    words: str
    """What the link says."""
    url: str


def find_next(root: Element, *, url: str, base_url: str) -> str | None:
    """The address of the page after `url` among the numbered links of `root`, or None on the last page."""
    try:
        here = urlsplit(url)
    except ValueError:
        return None
    links = list(_numbered_links(root, here, base_url)) or list(_numbered_links(root, here, base_url, elsewhere=True))
    if not links:
        return _named_next(root, url, base_url)
    ours = _numbers(here)
    known = [link for link in links if link.key in ours]
    if known:
        later = [link for link in known if link.number > ours[link.key]]
    else:
        commonest = Counter(link.key for link in links).most_common(1)[0][0]
        later = _after_first([link for link in links if link.key == commonest])
    return min(later, key=lambda link: link.number).url if later else None


def _named_next(root: Element, url: str, base_url: str) -> str | None:
    """What a link of the page says is its next one (`rel="next"`), on the same host."""
    for link in root.iter("a", "link"):
        if "next" in (link.get("rel") or "").lower().split():
            target = absolute_url(base_url, link.get("href") or "")
            if target is not None and target != url and host_key(urlsplit(target)) == host_key(urlsplit(url)):
                return target
    return None


def _after_first(links: list[_Numbered]) -> list[_Numbered]:
    """The links that can be page two, seen from a first page whose address says no number.

    Drupal counts from 0 and calls `?page=1` "2"; Joomla and Plone count entries. The words tell.
    """
    second = [link for link in links if link.words == "2"]
    return second or [link for link in links if not link.words.isdecimal() or link.number > 1]


def _numbered_links(root: Element, here: SplitResult, base_url: str, *, elsewhere: bool = False) -> list[_Numbered]:
    """The numbered links to this page's own path; `elsewhere`: those of a pager to other paths of the host."""
    found: list[_Numbered] = []
    path = _path(here)
    for link in root.iter("a"):
        href = link.get("href") or ""
        if not ("/" in href or "=" in href or "-" in href):
            continue
        words = inline(link)
        if len(words) > 24 or not is_next_word(words, link):
            continue
        target = absolute_url(base_url, href)
        if target is None:
            continue
        parts = urlsplit(target)
        if host_key(parts) != host_key(here):
            continue
        if _path(parts) != path if not elsewhere else not _in_pager(link):
            continue
        found.extend(
            _Numbered(key, number, words, target)
            for key, number in _numbers(parts).items()
            if not words.isdecimal() or number > 0
        )
    return found


def is_next_word(words: str, link: Element) -> bool:
    """True for the words of a link in a pager: a number, or what means the next page."""
    if words.isdecimal():
        return len(words) <= 5
    label = words or link.get("title") or link.get("aria-label") or ""
    return bool(label) and _says_next(label)


@lru_cache(maxsize=4096)
def _says_next(label: str) -> bool:
    """True for what means the next page. The words of most links are those of a menu, on every page the same."""
    return _NEXT.fullmatch(label) is not None and _PREVIOUS.search(label) is None


def _in_pager(link: Element) -> bool:
    """True where an element close around the link is named after a pager."""
    near = (parent for parent, _ in zip(link.iterancestors(), range(_NEAR), strict=False))
    return any(_PAGER.names(element) for element in near)


def _path(parts: SplitResult) -> str:
    return _FILE.sub("", _PATH.sub("", parts.path)).casefold().rstrip("/")


def _numbers(parts: SplitResult) -> dict[str, int]:
    """The page numbers that an address carries, by key."""
    numbers = {
        name.casefold(): int(value)
        for name, value in parse_qsl(parts.query, errors="replace")
        if value.isdecimal() and len(value) <= 5 and _KEY.fullmatch(name)
    }
    if (match := _PATH.search(parts.path)) is not None:
        numbers["/"] = int(match.group(1))
    return {key: number for key, number in numbers.items() if number <= _MAX_PAGE}
