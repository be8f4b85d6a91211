"""CSS selectors as steps that Python follows through an index, without looking at the whole tree.

A step is what one element is called and has, and how it stands to the element of the step before. Names, attributes,
`:not(…)` of these, the first and last of their kind and all combinators but `+` are known; for any other selector there
are no steps and `finder` asks XPath. Both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

from cssselect import parser as css

from crawler.parsing.index import Index, class_names
from crawler.parsing.tree import Element

_Test: TypeAlias = Callable[[Element], bool]
_Attribute: TypeAlias = tuple[str, Callable[[str], bool] | None]
"""An attribute, and what must be true of its value; None where it only has to be there."""
_PLAIN_NAME = re.compile(r"[a-z_][a-z\d_.-]*")


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a selector."""

    names: frozenset[str]
    """Every name that the element must have, e.g. `li` and `.news-item`."""
    tests: tuple[_Test, ...] = ()
    """What else must be true of it."""
    attribute: _Attribute | None = None
    """Of a step without names: an attribute that the element must have, and what must be true of its value."""
    link: str = " "
    """How it stands to the step before: below it, its child (`>`), or after it in the same parent (`~`)."""


Path: TypeAlias = tuple[Step, ...]


def path_of(tree: Any) -> Path | None:
    """The steps of one parsed selector; None where it asks something that is not known here."""
    if isinstance(tree, css.CombinedSelector):
        if tree.combinator not in (" ", ">", "~"):
            return None
        before, step = path_of(tree.selector), _step_of(tree.subselector, tree.combinator)
        return (*before, step) if before and step else None
    step = _step_of(tree, " ")
    return (step,) if step else None


def follow(path: Path, index: Index) -> Sequence[Element]:
    """The elements that the last step of `path` is, in page order."""
    if len(path) > 1 or len(path[0].names) > 1:
        for step in path:
            if not index.has(step.names):
                return ()
    found = _tested(_named(path[0], index), path[0])
    for step in path[1:]:
        if not found:
            return ()
        found = _tested(_linked(found, step, index), step)
    return found


def _linked(above: Sequence[Element], step: Step, index: Index) -> Sequence[Element]:
    """The elements of the step's names that stand to one of `above` as it says."""
    tag = next((name for name in step.names if name[0] not in ".#"), None)
    if step.link == " " and tag is not None:
        inside = dict.fromkeys(chain.from_iterable(element.iterdescendants(tag) for element in above))
        if len(step.names) == 1:
            return list(inside)
        return [element for element in _named(step, index) if element in inside]
    found = _named(step, index)
    around = set(above)
    if step.link == ">":
        return [item for item in found if item.getparent() in around]
    if step.link == "~":
        return [item for item in found if not around.isdisjoint(item.itersiblings("*", preceding=True))]
    return below(found, around)


def _tested(elements: Sequence[Element], step: Step) -> Sequence[Element]:
    """Those of `elements` of which all is true that the step asks beside names."""
    if not step.tests:
        return elements
    return [element for element in elements if all(test(element) for test in step.tests)]


def below(elements: Sequence[Element], above: set[Element]) -> list[Element]:
    """Those of `elements` that have one of `above` around them. Each element on the way is looked at once."""
    known: dict[Element, bool] = {}
    kept = []
    for element in elements:
        way = []
        is_below = False
        for parent in element.iterancestors():
            is_below = parent in above or known.get(parent, False)
            if is_below or parent in known:
                break
            way.append(parent)
        known.update(dict.fromkeys(way, is_below))
        if is_below:
            kept.append(element)
    return kept


def _named(step: Step, index: Index) -> Sequence[Element]:
    """The elements that are called what the step says, wherever they stand."""
    if not step.names:
        assert step.attribute is not None
        return index.having(*step.attribute)
    if len(step.names) == 1:
        return index.named(next(iter(step.names)))
    first, *others = sorted((index.named(name) for name in step.names), key=len)
    for other in map(set, others):
        first = [element for element in first if element in other]
    return first


def _step_of(tree: Any, link: str) -> Step | None:
    """What one element must be; None where something unknown is asked of it, or nothing."""
    names: set[str] = set()
    tests: list[_Test] = []
    attribute = None
    while not isinstance(tree, css.Element):
        if isinstance(tree, css.Class):
            names.add(f".{tree.class_name}")
        elif isinstance(tree, css.Hash):
            names.add(f"#{tree.id}")
        elif isinstance(tree, css.Attrib) and (asked := _attribute_of(tree)) is not None:
            tests.append(_with_value(*asked))
            attribute = _both(attribute, asked)
        elif (test := _test_of(tree)) is not None:
            tests.append(test)
        else:
            return None
        tree = tree.selector
    if tree.namespace is not None:
        return None
    if tree.element is not None:
        names.add(tree.element.lower())
    if not names and attribute is None:
        return None
    return Step(frozenset(names), tuple(tests), attribute, link)


def _test_of(tree: Any) -> _Test | None:
    """What a parsed part of a selector asks beside names and attributes; None where it is not known here."""
    if isinstance(tree, css.Negation):
        inner = _step_of(tree.subselector, " ")
        return None if inner is None else _negated(inner)
    if isinstance(tree, css.Pseudo):
        return _PLACES.get(tree.ident) if tree.ident.endswith("child") or _has_tag(tree.selector) else None
    return None


def _attribute_of(tree: Any) -> _Attribute | None:
    """`[name]`, `[name=value]` and its like; `!=`, other case and odd names are left to XPath."""
    if tree.namespace is not None or getattr(tree, "flag", None) is not None:
        return None
    name = tree.attrib.lower()
    if _PLAIN_NAME.fullmatch(name) is None:
        return None
    if tree.operator == "exists":
        return name, None
    wanted = str(tree.value.value)
    if tree.operator == "=":
        return name, lambda value: value == wanted
    if not wanted or tree.operator not in _COMPARED:
        return None
    compare = _COMPARED[tree.operator]
    return name, lambda value: compare(value, wanted)


def _both(first: _Attribute | None, second: _Attribute) -> _Attribute:
    """What two tests ask of one attribute; of two attributes the first."""
    if first is None:
        return second
    (name, test), (other, another) = first, second
    if name != other or another is None:
        return first
    return name, another if test is None else lambda value: test(value) and another(value)


def _with_value(name: str, test: Callable[[str], bool] | None) -> _Test:
    """True for an element that has the attribute, and of whose value `test` is true."""
    if test is None:
        return lambda element: element.get(name) is not None
    return lambda element: (value := element.get(name)) is not None and test(value)


_COMPARED: dict[str, Callable[[str, str], bool]] = {
    "^=": str.startswith,
    "$=": str.endswith,
    "*=": str.__contains__,
}


def _negated(step: Step) -> _Test:
    """True for an element that is not what the step says."""

    def test(element: Element) -> bool:
        return not (step.names <= names_at(element) and all(wanted(element) for wanted in step.tests))

    return test


def names_at(element: Element) -> frozenset[str]:
    """Every name of an element: its tag, its classes, its id."""
    own = element.get("id")
    names = _tag_and_classes(element.tag, element.get("class") or "")
    return names | {f"#{own}"} if own else names


@lru_cache(maxsize=4096)
def _tag_and_classes(tag: str, classes: str) -> frozenset[str]:
    return frozenset((tag, *class_names(classes)))


def _has_tag(tree: Any) -> bool:
    """True where the part of a selector names its element, as `:last-of-type` needs it."""
    while not isinstance(tree, css.Element):
        tree = tree.selector
    return tree.element is not None


_PLACES: dict[str, _Test] = {
    "first-child": lambda element: not any(True for _ in element.itersiblings("*", preceding=True)),
    "last-child": lambda element: not any(True for _ in element.itersiblings("*")),
    "first-of-type": lambda element: not any(True for _ in element.itersiblings(element.tag, preceding=True)),
    "last-of-type": lambda element: not any(True for _ in element.itersiblings(element.tag)),
}
"""Where an element stands among its siblings."""
