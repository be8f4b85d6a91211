"""Class names and ids as words: `postTags`, `post-tags` and `tandan_p_tags` all say `tags`.

It knows how names are taken apart, not what they mean (`hints`). Each name is looked at once per process.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.parsing.tree import Element

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_LONGEST = 400
_NO_HINT = re.compile(
    r"(?:has|no|not|is|with|without|tag|category|under|above|below|post-tag|hide|show|js|single|page"
    r"|type)[-_]|ms-rte(?:font|theme|fore|back|style|element|align)|.*[:\[/]|.*(?:enabled|disabled|true|false)",
    re.I,
)
"""Classes that say what is beside an element, how it looks or what it is filed under."""


class Hint:
    """Words that a name may hold, such as `related` or `tin khac`: whole words, one blank between them."""

    def __init__(self, words: str) -> None:
        self._pattern = re.compile(words)
        self._holds = lru_cache(maxsize=8192)(self._find)

    def names(self, element: Element) -> bool:
        """True where a class or the id of `element` holds the words."""
        classes, own = element.get("class"), element.get("id")
        return bool((classes and self._holds(classes[:_LONGEST])) or (own and self._holds(own[:_LONGEST])))

    def _find(self, names: str) -> bool:
        return any(self._pattern_in(name) for name in names.split() if _NO_HINT.match(name) is None)

    def _pattern_in(self, name: str) -> bool:
        words = _words(name)
        found = self._pattern.search(words)
        while found is not None:
            if words[found.start() - 1] == " " and words[found.end()] == " ":
                return True
            found = self._pattern.search(words, found.start() + 1)
        return False


@lru_cache(maxsize=16384)
def _words(name: str) -> str:
    return f" {' '.join(word for word in _BORDER.split(name) if word).lower()} "


def names_of(element: Element) -> str:
    """Its classes and its id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".strip()
