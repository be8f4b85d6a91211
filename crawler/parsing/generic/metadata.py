"""What a page says about itself to machines: JSON-LD, Open Graph, Dublin Core, microdata and its `<title>`.

They are witnesses, never the last word: titles come HTML-escaped once or twice, authors are often the name of the site,
dates are of the database. Nothing here looks at the text that people read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from crawler.parsing.text import clean
from crawler.parsing.tree import Element, text_content

_MAX_JSON = 500_000
"""Longest JSON-LD block that is read, in characters."""
_MAX_NODES = 2000
"""Most objects of one JSON-LD block that are looked at."""
_ARTICLE = re.compile(r"Article$|^(?:BlogPosting|Report|NewsArticle|WebPage|Posting|Review|Recipe|ScholarlyArticle)$")
_PAGE = frozenset({"WebPage"})
_PUBLISHED = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "pubdate",
    "publishdate", "publish_date", "publish-date", "article.published", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "date", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "article_date_original", "citation_publication_date", "citation_date",
    "citation_online_date", "date_published", "originalpublicationdate", "rnews:datepublished", "published_time",
    "published", "release_date", "created", "article:published", "blogger:published",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "last-modified",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "revised",
)
_AUTHORS = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "citation_author", "byl", "dc.creator.author", "article:author_name",
)  # fmt: skip
_TITLES = (
    "og:title",
    "twitter:title",
    "headline",
    "title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
    "sailthru.title",
    "citation_title",
)
_SECTIONS = ("article:section", "og:article:section", "parsely-section", "section", "cxenseparse:recs:category")
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What the page says of itself, best first, unescaped and on one line each."""

    titles: tuple[str, ...] = ()
    """JSON-LD headline, Open Graph and other titles; not the `<title>`."""
    page_title: str | None = None
    """The `<title>`, with the name of the site in it or not."""
    site_names: tuple[str, ...] = ()
    """Names of the site, the publisher and the application."""
    published: tuple[str, ...] = ()
    """Dates of publication, as written."""
    modified: str | None = None
    """The date of the last change, as written."""
    authors: tuple[str, ...] = ()
    """Names, as written; several of one source joined by commas."""
    section: str | None = None
    """What it is filed under, e.g. `Kinh tế`."""
    description: str | None = None
    """A summary, often the lead."""


def read_metadata(root: Element) -> Metadata:
    """The metadata of a page."""
    metas = _metas(root)
    nodes = [node for script in root.iter("script") if _is_json_ld(script) for node in _nodes(script.text or "")]
    articles = [node for node in nodes if _is_article(node)]
    articles.sort(key=lambda node: bool(_PAGE & set(_types(node))))
    publishers = [name for node in [*articles, *nodes] for name in _names(node.get("publisher"))]
    sites = [
        name
        for node in nodes
        if set(_types(node)) & {"WebSite", "Organization", "NewsMediaOrganization"}
        for name in _names(node)
    ]
    title = next((clean(unescaped(text_content(found))) for found in root.iter("title") if not _in_svg(found)), None)
    return Metadata(
        titles=_unique([*_texts(articles, "headline"), *_values(metas, _TITLES)]),
        page_title=title or None,
        site_names=_unique(
            [
                *_values(metas, ("og:site_name", "application-name", "twitter:site", "copyright", "publisher")),
                *publishers,
                *sites,
            ]
        ),
        published=_unique([*_texts(articles, "datePublished"), *_values(metas, _PUBLISHED)]),
        modified=next(iter([*_texts(articles, "dateModified"), *_values(metas, _MODIFIED)]), None),
        authors=_unique([*(", ".join(_names(node.get("author"))) for node in articles), *_joined_authors(metas)]),
        section=next(iter([*_texts(articles, "articleSection"), *_values(metas, _SECTIONS)]), None),
        description=next(iter([*_values(metas, _DESCRIPTIONS), *_texts(articles, "description")]), None),
    )


def unescaped(text: str) -> str:
    """`text` with its character references undone, also where they were escaped twice (`&amp;#7849;`)."""
    for _ in range(3):
        if "&" not in text or (plain := unescape(text)) == text:
            break
        text = plain
    return text


def _in_svg(element: Element) -> bool:
    return any(parent.tag == "svg" for parent in element.iterancestors())


def _metas(root: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        content = clean(unescaped(meta.get("content") or ""))
        if content:
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                name = (meta.get(attribute) or "").strip().lower()
                if name:
                    found.setdefault(name, []).append(content)
    return found


def _values(metas: dict[str, list[str]], names: Iterable[str]) -> list[str]:
    return [metas[name][0] for name in names if name in metas]


def _joined_authors(metas: dict[str, list[str]]) -> list[str]:
    return [", ".join(dict.fromkeys(metas[name][:6])) for name in _AUTHORS if name in metas]


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _is_json_ld(script: Element) -> bool:
    return (script.get("type") or "").strip().lower().startswith("application/ld+json")


def _nodes(text: str) -> Iterator[dict[str, Any]]:
    """Every object of a JSON-LD block, outer ones first; nothing where it is no JSON."""
    if not text or len(text) > _MAX_JSON:
        return
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    try:
        queue: list[Any] = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    seen = 0
    while queue and seen < _MAX_NODES:
        seen += 1
        item = queue.pop(0)
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            yield item
            queue.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart") if key in item)


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _is_article(node: dict[str, Any]) -> bool:
    return any(_ARTICLE.search(kind) for kind in _types(node))


def _texts(nodes: list[dict[str, Any]], key: str) -> list[str]:
    found: list[str] = []
    for node in nodes:
        value = node.get(key)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str) and (text := clean(unescaped(value))):
            found.append(text)
    return found


def _names(value: Any) -> list[str]:
    """The names of persons or organisations, however they are written down."""
    if isinstance(value, str):
        text = clean(unescaped(value))
        return [text] if text else []
    if isinstance(value, dict):
        return _names(value.get("name"))
    if isinstance(value, list):
        return list(dict.fromkeys(name for item in value[:10] for name in _names(item)))
    return []
