"""XML from a portal as a tree, parsed so that it can neither read files, open addresses nor grow without bound.

What it does not do: know feeds or sitemaps. Entities are never expanded and no DTD is loaded (FAULTS 66: external
entities, a billion laughs); broken markup gives what can be read, with a warning. Names are compared without namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from crawler.errors import EmptyBody, NotXml
from storage.records import VIETNAM


@dataclass(frozen=True, kw_only=True, slots=True)
class XmlDocument:
    """A parsed document."""

    root: etree._Element
    """Its root element."""
    warnings: tuple[str, ...] = ()
    """What was wrong with it."""


def read_xml(content: bytes, *, url: str, roots: frozenset[str]) -> XmlDocument:
    """The document in `content`, whose root must be one of `roots` (local names). Raises `EmptyBody` or `NotXml`."""
    text = content.strip()
    if not text:
        raise EmptyBody(f"{url}: the body is empty")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(f"{url}: no XML: {error}") from error
    name = local_name(root) if root is not None else "nothing"
    if root is None or name not in roots:
        raise NotXml(f"{url}: {name} instead of {' or '.join(sorted(roots))}")
    faults = [entry.message for entry in parser.error_log if entry.level_name != "WARNING"]
    warnings = (f"the XML is broken ({faults[0][:100]}); only what stands before is sure",) if faults else ()
    return XmlDocument(root=root, warnings=warnings)


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
    if not raw:
        return None
    try:
        instant = datetime.fromisoformat(raw)
    except (ValueError, OverflowError):
        try:
            instant = parsedate_to_datetime(raw)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)
