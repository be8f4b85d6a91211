"""Files offered for download: by the rules, and by the links to documents inside the text.

A paragraph that is nothing but such links and their label (`Đính kèm: …`) leaves the body; a link inside a sentence
leaves its words where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from crawler.parsing.address import absolute_url
from crawler.parsing.index import Index
from crawler.parsing.related import address_of, link_in
from crawler.parsing.repeated import Repeated
from crawler.parsing.rules import ItemRules
from crawler.parsing.select import find_elements, find_values, first_value
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element
from storage.records import Attachment

_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf|zip|rar|7z|signed)$", re.IGNORECASE)
_MAYBE_FILE = re.compile(
    r"\.(?:pdf|doc|xls|ppt|od[tsp]|rtf|zip|rar|7z|signed|ashx)|%|download|get_?file|tai-?ve|attach|dinh-?kem"
)
"""In the address, in small letters, of every document, encoded or not: cheaper to look for."""
_FILE_MARKS = (
    *(".pdf", ".doc", ".xls", ".ppt", ".odt", ".ods", ".odp", ".rtf", ".zip", ".rar", ".7z", ".signed", "%", ".ashx"),
    *("download", "getfile", "get_file", "taive", "tai-ve", "attach", "dinhkem", "dinh-kem"),
)
"""One of them is in whatever `_MAYBE_FILE` finds; cheaper still."""
_HREFS = etree.XPath("descendant-or-self::a/@href", smart_strings=False)
_LIFERAY_FILE = re.compile(r"/documents/.*(\.[a-z\d]{2,6})/[^/]*$", re.IGNORECASE)
"""Liferay's address of a document: the id of its version stands behind the name."""
_HANDLER = re.compile(r"download|get_?file|tai-?ve|attach|dinh-?kem|\.ashx", re.IGNORECASE)
"""What the address of a program that hands out files says; the name of the file is then in the query or the words."""
_LABEL = re.compile(
    r"^[\s(\[*•-]*(?:"
    r"(?:các\s+)?(?:file|tệp(?: tin)?|tập tin|văn bản|tài liệu|phụ lục)?\s*(?:gửi\s+)?(?:đính kèm|kèm theo)"
    r"|tải (?:về|xuống|file|tệp|văn bản)(?: tại đây)?|download"
    r"|(?:xem|chi tiết)(?: chi tiết)?(?: file| tệp| văn bản)?(?: đính kèm| tại đây)?"
    r"|stt|số thứ tự|tên (?:tệp|file|tập tin|văn bản|tài liệu)(?: đính kèm)?|dung lượng|kích thước|loại|xem"
    r"|(?:stt\s+)?tên (?:tệp|file|tập tin|tài liệu|văn bản)(?:\s+(?:dung lượng|kích thước|loại|ngày đăng|tải về))*"
    r")?[\s:;,.|()\[\]•–-]*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*\d{1,3}[.)]?\s*")
_LONGEST_NAME = 200
_SIZE = re.compile(r"\(?\b\d+(?:[.,]\d+)?\s*(?:bytes|[KMG]B)\b\)?", re.IGNORECASE)
"""A size such as `(245 KB)` beside the name of a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """A body and the files of its page."""

    blocks: list[Block]
    """The blocks that stay."""
    attachments: tuple[Attachment, ...]
    """The files, in page order."""


def take_attachments(
    rules: ItemRules, index: Index, blocks: list[Block], body: Iterable[Element], base_url: str
) -> Attached:
    """The files that `rules` find and the body links, and the blocks without the paragraphs that only list them."""
    found = _by_rules(rules, index, base_url)
    for link in chain.from_iterable(map(files_in, body)):
        url = absolute_url(base_url, link.get("href") or "")
        if url is not None and link not in found:
            found[link] = Attachment(title=_title_of(link), url=url)
    if not found:
        return Attached(blocks=blocks, attachments=())
    ordered = [found[element] for element in index.in_order(found)] if len(found) > 1 else [*found.values()]
    titles = sorted(
        {text for link, file in found.items() for text in (inline(link), file.title) if text}, key=len, reverse=True
    )
    return Attached(blocks=_without_lists(blocks, titles), attachments=_unique(ordered))


def _title_of(link: Element) -> str | None:
    """The words of a link; where they only say `Tải về`, the name that stands beside it in its row or item."""
    text = inline(link)
    if text and not _LABEL.match(text):
        return text
    around = next(link.iterancestors("tr", "li"), None)
    if around is None or sum(1 for other in around.iter("a") if is_file(other)) > 1:
        return text or None
    parts = [inline(cell) for cell in around.iter("td", "th")] or [inline(around).replace(text, " ", 1)]
    names = (_SIZE.sub(" ", part).strip(" :;,.|()-–•") for part in parts)
    named = next((name for name in names if not _LABEL.match(name) and not name.isdecimal()), None)
    return named if named and len(named) <= _LONGEST_NAME else text or None


def _without_lists(blocks: list[Block], titles: list[str]) -> list[Block]:
    """`blocks` without those that only list files, and without the label (`Tệp đính kèm:`) above such a list."""
    kept: list[Block] = []
    listing = False
    for block in reversed(blocks):
        only_lists = not block.images and _only_lists(block.text, titles)
        if only_lists or (listing and not block.images and _heads_list(block.text)):
            listing = True
            continue
        listing = listing and not block.text
        kept.append(block)
    return kept[::-1]


def _by_rules(rules: ItemRules, index: Index, base_url: str) -> dict[Element, Attachment]:
    found: dict[Element, Attachment] = {}
    for entry in find_elements(rules.entry, index):
        link = first_value(rules.url, entry)
        element = link.element if link is not None else link_in(entry)
        if element is None:
            continue
        url = address_of(link, base_url) if link is not None else absolute_url(base_url, element.get("href") or "")
        title = first_value(rules.title, entry)
        if url is not None:
            found[element] = Attachment(title=title.value if title else _title_of(element), url=url)
    if not rules.entry:
        for item in find_values(rules.url, index):
            if (url := address_of(item, base_url)) is not None:
                found[item.element] = Attachment(title=_title_of(item.element), url=url)
    return found


def is_file(link: Element) -> bool:
    """True for a link to a document."""
    href = (link.get("href") or "").strip()
    if _MAYBE_FILE.search(href.lower()) is None:
        return False
    if _HANDLER.search(href) is not None and not href.startswith("#") and _names_file(href, link):
        return True
    try:
        path = unquote(urlsplit(href).path)
    except ValueError:
        return False
    known = _LIFERAY_FILE.search(path)
    return _FILE.search(path) is not None or (known is not None and _FILE.search(known.group(1)) is not None)


def files_in(element: Element) -> list[Element]:
    """The links to documents at or below `element`: a look at their addresses clears most pages."""
    marked = _MARKED.those(cast("list[str]", _HREFS(element)))
    return [link for link in element.iter("a") if link.get("href") in marked and is_file(link)] if marked else []


def _is_marked(href: str) -> bool:
    """False for an address that `is_file` is false for, whatever the words of its link."""
    small = href.lower()
    for mark in _FILE_MARKS:  # noqa: SIM110 - a loop takes half the time of `any` here
        if mark in small:
            return True
    return False


_MARKED = Repeated(_is_marked, longest=300)


def _names_file(href: str, link: Element) -> bool:
    """True where the words of the link or a part of its query end like the name of a document."""
    query = href.partition("?")[2]
    return _FILE.search(inline(link)) is not None or any(_FILE.search(unquote(part)) for part in query.split("&"))


def _only_lists(text: str, titles: list[str]) -> bool:
    """True where `text` without the link texts is a label or nothing."""
    if not text or len(text) > 2000 or not any(title in text for title in titles):
        return False
    rest = text
    for title in titles:
        rest = rest.replace(title, " ")
    rest = _SIZE.sub(" ", rest)
    return all(_is_label(part) for part in re.split(r"[\n\t]", rest))


def _is_label(text: str) -> bool:
    """True for the label of a list of files, one of its cells' headings or numbers, or nothing."""
    return _LABEL.match(text) is not None or _NUMBER.fullmatch(text) is not None


def _heads_list(text: str) -> bool:
    """True for the line above a list of files: a label, or the headings of its columns."""
    return bool(text.strip(" :;,.|-–•\t")) and all(_is_label(part) for part in text.split("\t"))


def _unique(attachments: list[Attachment]) -> tuple[Attachment, ...]:
    """Each file once; of two links to one file the title is the one that is not just "Tải về"."""
    files: dict[str, Attachment] = {}
    for file in attachments:
        known = files.setdefault(file.url, file)
        if (known.title is None or _LABEL.match(known.title)) and file.title is not None:
            files[file.url] = file
    return tuple(files.values())
