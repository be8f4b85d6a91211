"""Tables of a portal or platform file to reading rules: `[listing]`, `[article]`, `[detect]`.

Validation and building are one pass; a portal's keys are laid over its platform's before (`overlay`). It reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawler.parsing.finder import Finder, compile_css, compile_xpath
from crawler.parsing.rules import ArticleRules, FieldRule, ItemRules, ListingRules, Selector
from crawler.tomlfile import KeyPath, Table, TomlFile

SELECTOR_KEYS = ("css", "xpath", "attr", "re", "remove")
LISTING_KEYS = ("entry", "link", "title", "date", "next")
LINE_KEYS = ("title", "date", "lead", "body", "byline", "section")
ITEM_KEYS = {
    "related": ("entry", "link", "url", "title", "date"),
    "attachments": ("entry", "url", "title"),
    "images": ("entry", "url", "caption", "title"),
}
ARTICLE_KEYS = (*LINE_KEYS, *ITEM_KEYS)


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base` key by key; of item tables (`related` …) part by part."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if name in ITEM_KEYS and _is_parts(value) and _is_parts(below):
            merged[name] = {**(below or {}), **value}
        else:
            merged[name] = value
    return merged


def _is_parts(value: object) -> bool:
    return isinstance(value, Mapping) and not _is_selector(value)


def _is_selector(value: object) -> bool:
    return isinstance(value, Mapping) and ("css" in value or "xpath" in value)


def build_listing(source: TomlFile, data: Mapping[str, Any], key: KeyPath = ("listing",)) -> ListingRules:
    """The rules of a `[listing]` table."""
    table = Table(source, dict(data), key)
    rules = {name: _rule(table, name) for name in LISTING_KEYS}
    table.finish(LISTING_KEYS)
    items = ItemRules(entry=rules["entry"], url=rules["link"], title=rules["title"], date=rules["date"])
    return ListingRules(items=items, next=rules["next"])


def build_article(source: TomlFile, data: Mapping[str, Any], key: KeyPath = ("article",)) -> ArticleRules:
    """The rules of an `[article]` table (or of one `[[article.was]]`, without its `until`)."""
    table = Table(source, dict(data), key)
    line = {name: _rule(table, name) for name in LINE_KEYS}
    items = {name: _items(table, name) for name in ITEM_KEYS}
    table.finish((*ARTICLE_KEYS, "was"))
    return ArticleRules(
        title=line["title"],
        date=line["date"],
        lead=line["lead"],
        body=line["body"],
        byline=line["byline"],
        section=line["section"],
        related=items["related"],
        attachments=items["attachments"],
        images=items["images"],
    )


def build_detect(table: Table) -> FieldRule:
    """The markers of a platform's `[detect]` table: lists of CSS and XPath selectors."""
    rules = [
        Selector(source=source, find=_compiled(table, name, source))
        for name in ("css", "xpath")
        for source in ((table.text(name) or "",) if _is_text(table, name) else table.texts(name))
    ]
    table.finish(("css", "xpath"))
    return tuple(rules)


def _is_text(table: Table, name: str) -> bool:
    return isinstance(table.peek(name), str)


def _rule(table: Table, name: str) -> FieldRule:
    """One selector or a list of them."""
    value = table.pop(name)
    if value is None:
        return ()
    if isinstance(value, dict):
        return (_selector(Table(table.source, value, (*table.key, name))),)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return tuple(_selector(Table(table.source, item, (*table.key, name, i))) for i, item in enumerate(value))
    raise table.error(name, "is no selector", 'write { css = "…" } or { xpath = "…" }, or a list of such')


def _items(table: Table, name: str) -> ItemRules:
    """`related`, `attachments` or `images`: a table of parts, or the selector of the items themselves."""
    value = table.pop(name)
    if value is None:
        return ItemRules()
    if isinstance(value, list) or _is_selector(value) or not isinstance(value, dict):
        return ItemRules(url=_rule(Table(table.source, {name: value}, table.key), name))
    parts = Table(table.source, value, (*table.key, name))
    rules = {part: _rule(parts, part) for part in ITEM_KEYS[name]}
    parts.finish(ITEM_KEYS[name])
    return ItemRules(
        entry=rules["entry"],
        url=rules["url"] or rules.get("link", ()),
        title=rules.get("title", ()),
        date=rules.get("date", ()),
        caption=rules.get("caption", ()),
    )


def _selector(table: Table) -> Selector:
    if ("css" in table) == ("xpath" in table):
        what = "has both css and xpath" if "css" in table else "has neither css nor xpath"
        for name in SELECTOR_KEYS:
            table.pop(name)
        table.finish(SELECTOR_KEYS)
        raise table.source.error(table.key, what, "keep one of them")
    kind = "css" if "css" in table else "xpath"
    source = table.text(kind) or ""
    selector = Selector(
        source=source,
        find=_compiled(table, kind, source),
        attr=table.text("attr"),
        re=_expression(table),
        remove=tuple(_compiled(table, "css", item, key="remove") for item in table.texts("remove")),
    )
    table.finish(SELECTOR_KEYS)
    return selector


def _compiled(table: Table, kind: str, source: str, *, key: str | None = None) -> Finder:
    try:
        return compile_css(source) if kind == "css" else compile_xpath(source)
    except ValueError as error:
        raise table.error(key or kind, str(error), "correct the selector") from error


def _expression(table: Table) -> str | None:
    source = table.text("re")
    if source is not None:
        try:
            re.compile(source)
        except (re.error, RecursionError, OverflowError) as error:
            raise table.error(
                "re", f"{source!r} is no regular expression: {error}", "correct the expression"
            ) from error
    return source
