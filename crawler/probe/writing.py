"""A draft as a portal file: TOML with comments that say what each line rests on.

It writes what it is given, in the order in which portal files are read; nothing is decided here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from crawler.probe.body import Body
from crawler.probe.induce import Induced
from crawler.probe.lists import ListRules

Written: TypeAlias = tuple[str, str]
"""A value as TOML, and the comment behind it."""
_WIDTH = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The rules of a draft, as TOML values with their comments, by key."""

    listing: Mapping[str, Written] = field(default_factory=dict)
    """`[listing]`."""
    article: Mapping[str, Written] = field(default_factory=dict)
    """`[article]`, without the lists."""
    related: Mapping[str, Written] = field(default_factory=dict)
    """`[article.related]`."""

    def without(self, name: str) -> Rules:
        """The same without a field of the article."""
        article = {key: value for key, value in self.article.items() if key != name}
        return Rules(listing=self.listing, article=article, related={} if name == "related" else self.related)

    def only(self, names: Sequence[str]) -> Rules:
        """The same with these fields of the article alone."""
        article = {key: value for key, value in self.article.items() if key in names}
        return Rules(listing=self.listing, article=article, related=self.related if "related" in names else {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a portal file says beside its rules."""

    slug: str
    """Its name, e.g. `lao-cai`."""
    name: str
    """The site's name, e.g. `Cổng thông tin điện tử tỉnh Lào Cai`."""
    start: tuple[str, ...]
    """The listings."""
    platform: str | None = None
    """The CMS family whose rules it builds upon."""
    province: str | None = None
    """The province's slug, e.g. `lao-cai`."""
    feeds: tuple[str, ...] = ()
    """Addresses of RSS and Atom feeds."""
    sitemap: str | None = None
    """Address of a sitemap."""
    allow_private: bool = False
    """It is on loopback or in a private network."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """`[expect]`."""

    fields: tuple[str, ...] = ("title", "body")
    """Those found on every page."""
    entries: tuple[int, int] | None = None
    """Bounds of the entries of a listing page."""


def text_of(value: str) -> str:
    """`value` as a TOML string: in single quotes where it holds double ones or backslashes."""
    if ('"' in value or "\\" in value) and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def rule_of(found: Sequence[Induced], *, link: bool = False) -> str:
    """Selectors as a TOML value; `link` reads the address."""
    tables = [_table(made, link=link) for made in found]
    return tables[0] if len(tables) == 1 else f"[{', '.join(tables)}]"


def _table(made: Induced, *, link: bool = False, remove: Sequence[str] = ()) -> str:
    parts = [f"css = {text_of(made.css)}"]
    attr = made.form.attr or ("href" if link else None)
    if attr is not None:
        parts.append(f"attr = {text_of(attr)}")
    if made.form.re is not None:
        parts.append(f"re = {text_of(made.form.re)}")
    if remove:
        parts.append(f"remove = [{', '.join(map(text_of, remove))}]")
    return f"{{ {', '.join(parts)} }}"


def body_of(body: Body) -> str:
    """The body's rule as a TOML value."""
    return _table(body.made, remove=body.remove)


def list_of(rules: ListRules, pages: int) -> dict[str, Written]:
    """The parts of a list, as keys of its table."""
    right = f"{rules.entry[0].right} of {pages} pages"
    written = {"entry": (rule_of(rules.entry), right)}
    if rules.link:
        written["link"] = (rule_of(rules.link, link=True), "")
    if rules.title:
        written["title"] = (rule_of(rules.title), "")
    if rules.date:
        written["date"] = (rule_of(rules.date), "")
    return written


def toml_of(head: Head, rules: Rules, expected: Expected, comments: Sequence[str] = ()) -> str:
    """The text of the portal file."""
    lines = [*(f"# {comment}" for comment in comments), *_head_lines(head)]
    fetch = ["allow_private = true"] if head.allow_private else []
    lines += _section("fetch", fetch)
    expect = []
    if expected.entries is not None:
        expect.append(f"listing_entries = {{ min = {expected.entries[0]}, max = {expected.entries[1]} }}")
    if expected.fields != ("title", "body"):
        expect.append(f"fields = [{', '.join(map(text_of, expected.fields))}]")
    lines += _section("expect", expect)
    lines += _section("listing", _assignments(rules.listing))
    lines += _section("article", _assignments(rules.article))
    lines += _section("article.related", _assignments(rules.related))
    return "\n".join(lines) + "\n"


def _head_lines(head: Head) -> Iterator[str]:
    yield f"name     = {text_of(head.name)}"
    if head.province is not None:
        yield f"province = {text_of(head.province)}"
    if head.platform is not None:
        yield f"platform = {text_of(head.platform)}"
    yield f"start    = {_array(head.start)}"
    if head.feeds:
        yield f"feeds    = {_array(head.feeds)}"
    if head.sitemap is not None:
        yield f"sitemap  = {text_of(head.sitemap)}"
    yield 'verified = "never"                   # set it to the day on which you have read the pages beside the site'


def _array(values: Sequence[str]) -> str:
    return f"[{', '.join(map(text_of, values))}]"


def _section(name: str, lines: Sequence[str]) -> list[str]:
    return ["", f"[{name}]", *lines] if lines else []


def _assignments(values: Mapping[str, Written]) -> list[str]:
    width = max((len(key) for key in values), default=0)
    lines = []
    for key, (value, comment) in values.items():
        line = f"{key:<{width}} = {value}"
        lines.append(f"{line:<{_WIDTH}}  # {comment}" if comment else line)
    return lines
