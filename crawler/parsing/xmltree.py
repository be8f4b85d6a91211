"""XML from a portal as a tree, parsed so that it can neither read files, open addresses nor grow without bound.

What it does not do: know feeds or sitemaps. Entities are never expanded and no DTD is loaded (FAULTS 66: external
entities, a billion laughs); broken markup gives what can be read, with a warning. Names are compared without namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.entities import html5

from lxml import etree

from crawler.errors import EmptyBody, NotXml
from crawler.parsing.charset import decode_page
from storage.records import VIETNAM

_PROLOGUE = re.compile(r"\s*(?:<\?xml[^>]{0,500}\?>\s*)?(?:<!DOCTYPE\s[^\[>]{0,500}>)?")
"""The declaration, whose charset the bytes may belie, and a DTD that is elsewhere."""
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_AMPERSAND = re.compile(r"&(?!#(?:\d{1,7}|x[0-9a-fA-F]{1,6});)(?:(\w{1,32});)?")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NO_CONTROLS = str.maketrans("", "", "".join(map(chr, [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)])))


@dataclass(frozen=True, kw_only=True, slots=True)
class XmlDocument:
    """A parsed document."""

    root: etree._Element
    """Its root element."""
    warnings: tuple[str, ...] = ()
    """What was wrong with it."""


def read_xml(content: bytes, *, url: str, roots: frozenset[str]) -> XmlDocument:
    """The document in `content`, whose root must be one of `roots` (local names). Raises `EmptyBody` or `NotXml`."""
    text = decode_page(content, content_type=None, encoding=None).text.strip("\ufeff \t\r\n\0")
    text = _PROLOGUE.sub("", text, count=1)
    if not text:
        raise EmptyBody(f"{url}: the body is empty")
    root, fault = _parse(text)
    if fault and (mended := _mended(text)) != text:
        root, fault = _parse(mended)
    name = local_name(root) if root is not None else f"no XML ({fault[:100]})"
    if root is None or name not in roots:
        raise NotXml(f"{url}: {name} instead of {' or '.join(sorted(roots))}")
    warnings = (f"the XML is broken ({fault[:100]}); only what stands before is sure",) if fault else ()
    return XmlDocument(root=root, warnings=warnings)


def _parse(text: str) -> tuple[etree._Element | None, str]:
    """The root, or None where there is none, and the first fault; empty for sound XML."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, str(error)
    faults = [entry.message for entry in parser.error_log if entry.level_name != "WARNING"]
    return root, " ".join(faults[0].split()) if faults else ""


def _mended(text: str) -> str:
    """The text without what hand-made feeds get wrong: bare ampersands, HTML's entities, control characters.

    One that declares entities of its own is left as it is: it means them.
    """
    if "<!ENTITY" in text:
        return text
    parts = _CDATA.split(text.translate(_NO_CONTROLS))
    return "".join(part if part.startswith("<![CDATA[") else _AMPERSAND.sub(_character, part) for part in parts)


def _character(found: re.Match[str]) -> str:
    name = found.group(1)
    if name is None:
        return "&amp;"
    known = html5.get(f"{name};")
    return found.group() if name in _OF_XML else known if known else f"&amp;{name};"


def local_name(element: etree._Element) -> str:
    """The name without its namespace, in small letters; empty for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The children with one of these local names, in their order."""
    return (child for child in element if local_name(child) in names)


def text_of(element: etree._Element, *names: str) -> str | None:
    """The text of the first child with one of these names, tried in the order given; None where it has none."""
    for name in names:
        for child in children(element, name):
            text = " ".join("".join(map(str, child.itertext())).split())
            if text:
                return text
    return None


def read_instant(raw: str | None) -> datetime | None:
    """The instant of a machine's date: RFC 822 as in RSS, or ISO 8601 as in Atom and sitemaps; None for anything else.

    Without a zone it is Vietnam's time; a bare day is its beginning.
    """
    if not raw or len(raw) > 100:
        return None
    try:
        instant = datetime.fromisoformat(raw)
    except (ValueError, OverflowError):
        try:
            instant = parsedate_to_datetime(raw)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)
