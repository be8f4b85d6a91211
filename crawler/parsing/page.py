"""Bytes in, `Page` out: the charset by evidence, the bounds before the parse, one parse.

What is sent as a page may be a PDF, an empty body, a tag that hangs the parser or a nesting that makes it lose text
(FAULTS finding 2, FAULTS finding 3, FAULTS finding 8); each has its error. It does not undo Content-Encoding
(`decode`) and reads no field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar, cast
from urllib.parse import urljoin, urlsplit

from lxml import etree

from crawler.errors import EmptyBody, NotHtml, ParseLimits
from crawler.parsing.charset import decode_page
from crawler.parsing.index import Index
from crawler.parsing.limits import check_limits, find_cut
from crawler.parsing.text import Block, read_blocks
from crawler.parsing.tree import Element

Found = TypeVar("Found")
_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F])
_NO_CONTROLS = str.maketrans("", "", _CONTROLS.decode("ascii"))
_NO_BLANK = re.compile("[^\ufeff\u200b \\t\\r\\n\xa0]")
_TAG = re.compile(r"<[a-zA-Z!]")
_FEED = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(rss|feed|urlset|sitemapindex|rdf:RDF|svg)\b", re.S
)
_MAGIC = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a zip file or an Office document",
    b"PK\x05\x06": "a zip file",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"Rar!": "a RAR file",
    b"7z\xbc\xaf": "a 7z file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "a RIFF media file",
    b"\x00\x00\x01\x00": "an icon",
    b"{\\rtf": "an RTF document",
    b"OggS": "an Ogg media file",
    b"ID3": "an MP3 file",
    b"wOFF": "a font",
    b"\x1f\x8b": "a gzip file",
}
_MAGICS = tuple(_MAGIC)

_TAIL = 4096  # characters at the end of a page in which its closing tags are looked for
_END = re.compile(r"</(?:html|body)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """An HTML page, decoded and parsed once."""

    url: str
    """Address it came from."""
    text_encoding: str
    """Charset it was decoded with, e.g. `utf-8`, `windows-1258`."""
    root: Element = field(repr=False, compare=False)
    """The `html` element. Readers never change the tree."""
    markup: str = field(repr=False)
    """The decoded text of the page, without control characters."""
    encoded: bytes = field(repr=False, compare=False)
    """The same in UTF-8, as it was parsed."""
    base_url: str
    """What relative addresses are relative to: `url`, or the page's `<base href>`."""
    warnings: tuple[str, ...] = ()
    """What its bytes had to be helped with, e.g. text written for a legacy font."""
    uncut_length: int | None = None
    """Characters that it has in all, where it is longer than what is parsed and only its beginning was; else None."""
    index: Index = field(init=False, repr=False, compare=False)
    """Its elements by class, id and name."""
    _known: dict[Hashable, object] = field(init=False, repr=False, compare=False)
    """What `once` has found out."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", Index(self.root))
        object.__setattr__(self, "_known", {})

    @property
    def blocks(self) -> list[Block]:
        """Its paragraphs."""
        return self.once("blocks", lambda: read_blocks(self.root))

    def once(self, key: Hashable, work: Callable[[], Found]) -> Found:
        """What `work` finds out about the page, done once for each key however many readers ask."""
        if key not in self._known:
            self._known[key] = work()
        return cast("Found", self._known[key])

    def says(self, words: Iterable[bytes]) -> bool:
        """True where one of `words` (UTF-8, their ASCII letters small) is in the markup. An expression takes longer."""
        small = self.once("small", self.encoded.lower)
        return any(word in small for word in words)

    @property
    def has_end(self) -> bool:
        """True where the markup closes its `html` or `body`: a page cut in transit does not."""
        tail = self.markup[-_TAIL:]
        return "</html" in tail or "</body" in tail or _END.search(tail) is not None


def read_page(
    content: bytes, *, content_type: str | None, url: str, encoding: str | None = None, may_cut: bool = False
) -> Page:
    """The page of `content`. `content_type` is the header as sent, `encoding` the portal's own word on its charset.

    `may_cut`: of a page that is longer than what is parsed the beginning will do, as it does of lists alone.
    A wrong Content-Type does not matter: the bytes decide. Raises `EmptyBody`, `NotHtml` or `ParseLimits`.
    """
    _refuse_other_files(content, url)
    decoded = decode_page(content, content_type=content_type, encoding=encoding)
    markup = decoded.text
    encoded = decoded.encoded or markup.encode("utf-8", "replace")
    if len(encoded.translate(None, _CONTROLS)) != len(encoded):
        markup = markup.translate(_NO_CONTROLS)
        encoded = markup.encode("utf-8", "replace")
    if (first := _NO_BLANK.search(markup)) is None:
        raise EmptyBody(f"{url} answered with an empty body")
    _refuse_other_texts(markup, first.start(), url)
    uncut_length = None
    if may_cut and (cut := find_cut(markup)):
        uncut_length, markup = len(markup), markup[:cut]
        encoded = markup.encode("utf-8", "replace")
    check_limits(markup, url)
    root = _parse(encoded, url)
    return Page(
        url=url,
        text_encoding=decoded.encoding,
        root=root,
        markup=markup,
        encoded=encoded,
        base_url=_base_url(root, url),
        warnings=decoded.warnings,
        uncut_length=uncut_length,
    )


def _refuse_other_files(content: bytes, url: str) -> None:
    start = content[:1024].lstrip(b"\xef\xbb\xbf\t\r\n \x00") if content[:4] != b"\x00\x00\x01\x00" else content[:4]
    if start.startswith(_MAGICS):
        name = next(name for magic, name in _MAGIC.items() if start.startswith(magic))
        raise NotHtml(f"{url} answered with {name}, not with a page")


def _refuse_other_texts(markup: str, first: int, url: str) -> None:
    """`first`: where its first character stands that is no blank."""
    start = markup[first : first + 4096]
    if start[0] in "{[" and _is_json(markup):
        raise NotHtml(f"{url} answered with JSON, not with a page")
    if (feed := _FEED.match(start)) is not None:
        raise NotHtml(f"{url} answered with XML ({feed.group(1)}), not with a page")
    if _TAG.search(markup) is None:
        raise NotHtml(f"{url} answered with plain text: there is no tag in it")


def _is_json(markup: str) -> bool:
    try:
        json.loads(markup)
    except (ValueError, RecursionError):
        return False
    return True


@cache
def _parser() -> etree.HTMLParser:
    """The parser of all pages: to make one takes a fifteenth of a parse. Its log is that of the last page."""
    return etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)


def _parse(encoded: bytes, url: str) -> Element:
    """The tree. `huge_tree` lifts libxml2's depth from 256 to 2048; beyond it the log tells, and so do we.

    Source: FAULTS finding 3; libxml2 drops what is nested deeper without an error.
    """
    parser = _parser()
    try:
        root: Element | None = etree.fromstring(encoded, parser)
    except etree.ParserError:
        root = None
    except etree.LxmlError as error:
        raise ParseLimits(f"{url} cannot be parsed: {error}") from error
    if root is None:
        raise EmptyBody(f"{url} answered with markup that holds no element")
    for entry in parser.error_log.filter_from_fatals():
        if entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT or "depth" in entry.message:
            raise ParseLimits(f"{url} is nested deeper than any real page; the parser would lose its text")
    return root


def _base_url(root: Element, url: str) -> str:
    for base in root.iter("base"):
        href = (base.get("href") or "").strip()
        try:
            joined = str(urljoin(url, href))
            if href and urlsplit(joined).scheme in ("http", "https"):
                return joined
        except ValueError:
            continue
    return url
