"""The CSS selectors that may stand for an element, each with how little it can be relied on.

Names come first: an id, an `itemprop`, a class, alone or inside a named element; positions only where there are no
names. Names with numbers in them (`post-123`, `css-1x2y3z`, the ids of web parts) and names of looks (`col-md-8`,
`text-center`) say nothing about what an element is and cost more. It tries no selector on any page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, islice

from crawler.parsing.tree import Element

_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
_NUMBERED = re.compile(r"\d")
_MADE_UP = re.compile(r"[0-9a-f]{8}[_-][0-9a-f]{4}|\d{4,}|(?=\w*\d)(?=\w*[a-z])[a-z0-9]{9,}", re.IGNORECASE)
"""GUIDs, numbers of articles and hashes: never the same for long."""
_LOOKS = re.compile(
    r"(?:col|row|container(?:-fluid)?|clearfix|clear|text|float|pull|d|m[tblrxy]?|p[tblrxy]?|w|h|bg|flex|grid|align"
    r"|justify|font|img|fa|glyphicon|hidden|visible|border|rounded|shadow|position|order|g|gap|is|has|wow|animated"
    r"|active|first|last|odd|even|left|right|center|bold|item|inner|wrapper|wrap|box|ng)(?:-.*)?",
    re.IGNORECASE,
)
_TELLING_TAGS = {"h1": 1.2, "article": 2.0, "main": 2.5, "time": 1.8, "h2": 3.0, "h3": 3.5, "figcaption": 2.0}
_PLAIN_TAGS = {"a": 2.2, "span": 2.4, "p": 3.2, "div": 3.6, "li": 3.0}
_PLAIN_TAG = 2.8
_ANCESTORS = 6
_MOST = 240
"""Most selectors of one element."""
_POSITION = 5.0
"""What a position costs beside a name."""


def selectors_for(element: Element, scope: Element | None = None) -> list[tuple[str, float]]:
    """Selectors that match `element`, each once, with its cost: 1 for a telling name, above 6 for a position.

    `scope`: the element inside which they will be looked for, if not in the whole page.
    """
    costs: dict[str, float] = {}
    for source, cost in islice(_all(element, scope), _MOST):
        if source not in costs or cost < costs[source]:
            costs[source] = cost
    return sorted(costs.items(), key=lambda item: (item[1], len(item[0]), item[0]))


def _all(element: Element, scope: Element | None) -> Iterator[tuple[str, float]]:
    own = list(_names(element))
    yield from own
    placed = list(_placed(element))
    tag = (str(element.tag), _tag_cost(str(element.tag)))
    if scope is not None:
        yield tag
    if element is scope:
        return
    around = list(_around(element, scope))
    for parent, cost, near in around:
        for name, extra in (tag, *own[:4]):
            yield f"{parent} {name}", cost + extra + 0.6
        if near:
            yield f"{parent} > {tag[0]}", cost + tag[1] + 0.7
        for name, extra in placed:
            yield f"{parent} {name}", cost + extra + _POSITION
    holder = element.getparent()
    if holder is not None:
        for above, cost, near in around:
            for name, extra in _placed(holder):
                if not near:
                    yield f"{above} {name} > {tag[0]}", cost + extra + tag[1] + _POSITION
                    for last, more in placed:
                        yield f"{above} {name} > {last}", cost + extra + more + 2 * _POSITION


def _tag_cost(tag: str) -> float:
    return _TELLING_TAGS.get(tag) or _PLAIN_TAGS.get(tag, _PLAIN_TAG)


def _names(element: Element) -> Iterator[tuple[str, float]]:
    """What the element itself is called, best first."""
    tag = str(element.tag)
    identity = element.get("id") or ""
    if _NAME.fullmatch(identity) and not _MADE_UP.search(identity):
        yield f"#{identity}", 4.5 if _NUMBERED.search(identity) else 1.0
    for attribute in ("itemprop", "rel"):
        value = element.get(attribute) or ""
        if _NAME.fullmatch(value) and not (attribute == "rel" and value in ("nofollow", "noopener", "noreferrer")):
            yield f'{tag}[{attribute}="{value}"]', 1.6
    prop = element.get("property") or element.get("name") or ""
    if tag == "meta" and re.fullmatch(r"[\w:.-]+", prop):
        yield f'meta[{"property" if element.get("property") else "name"}="{prop}"]', 2.4
    if tag in ("h1", "article", "main"):
        yield tag, _TELLING_TAGS[tag]
    classes = [
        (name, 3.5 if _NUMBERED.search(name) or _LOOKS.fullmatch(name) else 1.1)
        for name in dict.fromkeys((element.get("class") or "").split())
        if _NAME.fullmatch(name) and not _MADE_UP.search(name)
    ][:6]
    for name, cost in classes:
        yield f".{name}", cost
        yield f"{tag}.{name}", cost + 0.3
    for (one, cost), (two, more) in combinations(classes, 2):
        yield f".{one}.{two}", max(cost, more) + 0.9


def _placed(element: Element) -> Iterator[tuple[str, float]]:
    """The element by its tag and place among its siblings."""
    tag = str(element.tag)
    parent = element.getparent()
    if parent is None or tag in ("body", "html"):
        return
    same = [child for child in parent if child.tag == tag]
    if len(same) == 1:
        yield tag, 0.0
        return
    place = same.index(element) + 1
    if place == len(same):
        yield f"{tag}:last-of-type", 0.2
    if place == len(same) - 1 and place > 1:
        yield f"{tag}:nth-last-of-type(2)", 0.4
    yield f"{tag}:nth-of-type({place})", 0.3


def _around(element: Element, scope: Element | None) -> Iterator[tuple[str, float, bool]]:
    """The two best names of each of the elements around it; True for its parent."""
    for number, parent in enumerate(islice(element.iterancestors(), _ANCESTORS)):
        if parent.tag in ("body", "html"):
            return
        if parent.tag == "form":  # the one form around all of a Web Forms page
            continue
        best = sorted(_names(parent), key=lambda item: item[1])[:2]
        for name, cost in best:
            yield name, cost + 0.15 * number, number == 0
        if parent is scope:
            return
