"""Which of a layout's rules count on a page: a portal file's all, a platform's those that match something there.

A platform's rules fit many portals and none of them quite. Where one matches no element of the page, the field is
looked for without rules; an element that is there and empty says that the field is empty. It reads no field.
"""

from __future__ import annotations

from crawler.parsing.index import Index
from crawler.parsing.rules import ArticleRules, FieldRule, ItemRules, Layout
from crawler.parsing.select import find_elements, first_value

_LINES = ("lead", "date", "byline", "section")
_ITEMS = ("related", "attachments", "images")


def rules_for(layout: Layout, index: Index, *, whole: bool) -> ArticleRules:
    """The rules of `layout` that count on a page. `whole`: title and text are of this layout, or it is another one."""
    rules = layout.article
    if layout.extractor != "platform":
        return rules
    open_fields: list[str] = []
    for name in _LINES if whole else (*_LINES, "title", "body"):
        if (rule := getattr(rules, name)) and not find_elements(rule, index):
            open_fields.append(name)
    for name in _ITEMS:
        if (rule := item_rule(getattr(rules, name))) and not find_elements(rule, index):
            open_fields.append(name)
    return layout.article_without(tuple(open_fields)) if open_fields else rules


def item_rule(rules: ItemRules) -> FieldRule:
    """The rule that finds the items themselves."""
    return rules.entry or rules.url


def unfit(layout: Layout, index: Index) -> str | None:
    """The field, title or body, whose rule finds nothing, so that the page is of another layout; None where both do."""
    rules = layout.article
    if rules.title and first_value(rules.title, index) is None:
        return "title"
    return "body" if rules.body and not find_elements(rules.body, index) else None


def may_fit(layout: Layout, markup: str) -> bool:
    """False where the text of a page lacks what a rule for title or text needs, whatever tree is made of it."""
    rules = (layout.article.title, layout.article.body)
    return all(not rule or may_find(rule, markup) for rule in rules)


def may_find(rule: FieldRule, markup: str) -> bool:
    """False where the text of a page lacks what each selector of the rule needs."""
    return any(selector.find.may_be_in(markup) for selector in rule)


def fits_partly(layout: Layout, index: Index) -> bool:
    """True where the layout's rule for title or text finds something."""
    return first_value(layout.article.title, index) is not None or bool(find_elements(layout.article.body, index))
