"""How well rules read a sample: field by field, beside the reading without rules.

Two readings of a page agree on a field where they mean the same; what rules find that the generic reading lacks is
theirs alone. It decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.errors import Unreadable
from crawler.parsing import Reader, read_article
from crawler.parsing.generic.title_witness import folded
from crawler.probe.sample import Specimen
from storage.records import Article

FIELDS = ("title", "date", "byline", "section", "lead", "body", "related", "attachments", "images")
"""The fields of an article, as portal files name them."""
_NEARLY = 0.97
"""How much of two bodies must be the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """One field on all pages."""

    pages: int
    """How many pages there are."""
    found: int
    """On how many the rules find it."""
    lost: int
    """On how many only the generic reading has it."""
    differs: int
    """On how many the two say different things."""

    @property
    def missed(self) -> int:
        """On how many pages the rules say nothing or something else."""
        return self.lost + self.differs


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A reading of all pages of a sample with rules."""

    articles: tuple[Article | None, ...]
    """For each page what the rules read; None where they cannot."""
    fields: Mapping[str, Agreement]
    """For each field."""

    def missed(self, *names: str) -> int:
        """Misses of these fields together."""
        return sum(self.fields[name].missed for name in names)


def measure(reader: Reader, specimens: Sequence[Specimen]) -> Measured:
    """How `reader` reads the pages with the layouts that its portal file declares; nothing else helps out."""
    own = replace(reader, layouts=reader.own, guessed=not reader.declared)
    articles = tuple(_read(own, specimen) for specimen in specimens)
    pairs = [(article, specimen.article) for article, specimen in zip(articles, specimens, strict=True)]
    return Measured(articles=articles, fields={name: _agreement(name, pairs) for name in FIELDS})


def _read(reader: Reader, specimen: Specimen) -> Article | None:
    try:
        return read_article(specimen.page, reader=reader, fetched_at=specimen.fetched_at)
    except Unreadable:
        return None


def _agreement(name: str, pairs: Sequence[tuple[Article | None, Article]]) -> Agreement:
    found = lost = differs = 0
    for article, generic in pairs:
        given, wanted = value_of(article, name) if article is not None else None, value_of(generic, name)
        found += bool(given)
        lost += bool(wanted) and not given
        differs += bool(wanted) and bool(given) and not _same(name, given, wanted)
    return Agreement(pages=len(pairs), found=found, lost=lost, differs=differs)


def value_of(article: Article, name: str) -> object:
    """What an article says in a field, in a form in which equal things are equal; empty or None where nothing."""
    values: dict[str, object] = {
        "title": folded(article.title),
        "date": article.published_on,
        "byline": folded(article.byline or ""),
        "section": folded(article.section or ""),
        "lead": folded(article.lead or ""),
        "body": article.body,
        "related": frozenset(item.url for item in article.related),
        "attachments": frozenset(item.url for item in article.attachments),
        "images": frozenset(item.url for item in article.images),
    }
    return values[name]


def _same(name: str, given: object, wanted: object) -> bool:
    if name != "body":
        return given == wanted
    one, two = _words(str(given)), _words(str(wanted))
    return sum((one & two).values()) >= _NEARLY * max(one.total(), two.total())


def _words(text: str) -> Counter[str]:
    return Counter(folded(text).split())
