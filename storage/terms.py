"""What a person typed, as words and phrases: the part of a search that no database sees as syntax.

What it does not do: look for them (`storage.fts5`, `storage.tsearch`).
"""

from __future__ import annotations

import re

Phrase = tuple[str, ...]
"""Words that must stand side by side; one word alone is a phrase of one."""

MOST_TERMS = 64
"""Beyond it a query is a pasted text; its first words decide."""

_PHRASE = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W_]+")  # what unicode61 takes for a word, so that no term is empty to it


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(text)


def phrases_of(text: str) -> tuple[Phrase, ...]:
    """The words and, between quotation marks, the phrases of a query; empty where it holds no word at all."""
    phrases = (tuple(words_of(phrase or word)) for phrase, word in _PHRASE.findall(text))
    return tuple(phrase for phrase in phrases if phrase)[:MOST_TERMS]
