"""The labelled edits under `fixtures/edits`: read, taken through the diff, and scored.

What it does not do: print (`scripts/bench/edits`) or set the floor (`tests/test_edit_pairs.py`). A pair is right when
the classes told are those of its label, no more and no fewer.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from storage.diff import diff_articles, weigh
from storage.records import VIETNAM, Article, Attachment, FieldChange
from storage.vocabulary import Precision

EDITS = Path(__file__).parents[2] / "fixtures" / "edits"
NONE = "nothing"
"""How a table names a pair that has, or was told, no difference."""

_ALTERNATIVE = re.compile(r"\{([^{}→]*)→([^{}→]*)\}")
_FILE = re.compile(r"(?:(.*) )?<(.*)>")
_AROUND = "<<"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two versions of a field, and what a reader says about them."""

    name: str
    """File and number, e.g. `01-news/17`."""
    field: str
    """The field that differs; `body` where only the article's text matters."""
    old: str
    """The field's old value; empty where there is none."""
    new: str
    """Its new value."""
    classes: tuple[str, ...]
    """The classes of the places, sorted; empty where nothing is to be told."""
    weight: str | None
    """The weight of the whole edit; None where nothing is to be told."""
    why: str
    """What the pair is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A pair and what the diff told."""

    pair: Pair
    """The pair."""
    fields: tuple[FieldChange, ...]
    """What was told."""

    @property
    def told(self) -> tuple[str, ...]:
        """The classes told, sorted; one of another field with that field's name before it."""
        own = self.pair.field
        return tuple(sorted(each.cls if each.field == own else f"{each.field}:{each.cls}" for each in self.fields))

    @property
    def right(self) -> bool:
        """Whether the classes are those of the label."""
        return self.told == self.pair.classes

    @property
    def weighed(self) -> bool:
        """Whether the weight is that of the label."""
        return (weigh(self.fields).value if self.fields else None) == self.pair.weight


def load_pairs(path: Path) -> list[Pair]:
    """The pairs of one file, in its order."""
    batch = tomllib.loads(path.read_text("utf-8"))["pair"]
    return [_pair(f"{path.stem}/{number}", each) for number, each in enumerate(batch, 1)]


def judge(pairs: Iterable[Pair]) -> list[Verdict]:
    """The diff of each pair."""
    return [Verdict(pair=pair, fields=diff_articles(_article(pair, 0), _article(pair, 1))) for pair in pairs]


def accuracy(verdicts: list[Verdict]) -> float:
    """The part of the pairs whose classes are right."""
    return sum(verdict.right for verdict in verdicts) / len(verdicts)


def weight_accuracy(verdicts: list[Verdict]) -> float:
    """The part of the pairs whose weight is right."""
    return sum(verdict.weighed for verdict in verdicts) / len(verdicts)


def confusion(verdicts: Iterable[Verdict]) -> Counter[tuple[str, str]]:
    """How often each label (several classes joined by `+`) was told as what."""
    return Counter(("+".join(each.pair.classes) or NONE, "+".join(each.told) or NONE) for each in verdicts)


def around(pair: Pair) -> Pair:
    """The same edit in the midst of a long text."""
    text = _long_text()
    return replace(pair, old=text.replace(_AROUND, pair.old), new=text.replace(_AROUND, pair.new))


@cache
def _long_text() -> str:
    return (EDITS / "around.txt").read_text("utf-8").strip()


def _pair(name: str, entry: dict[str, Any]) -> Pair:
    old, new = (_ALTERNATIVE.sub(rf"\{side}", entry["text"]) for side in (1, 2))
    pair = Pair(
        name=name,
        field=entry["field"],
        old=old,
        new=new,
        classes=tuple(sorted(entry["classes"])),
        weight=entry.get("weight"),
        why=entry["why"],
    )
    pair = around(pair) if entry.get("long") else pair
    form = entry.get("new_form")
    return replace(pair, new=unicodedata.normalize(form, pair.new)) if form else pair


_BLANK = Article(
    url="http://www.ninhthuan.gov.vn/tin.aspx",
    portal="ninhthuan",
    platform=None,
    extractor="portal",
    title="Tin trong tỉnh",
    lead=None,
    body="Nội dung.",
    byline=None,
    section=None,
    published_at=None,
    published_on=None,
    published_precision=None,
    published_raw=None,
)


def _article(pair: Pair, side: int) -> Article:
    text = (pair.old, pair.new)[side]
    if pair.field == "attachments":
        found = _FILE.fullmatch(text)
        return replace(_BLANK, attachments=(Attachment(title=found[1], url=found[2]),) if found else ())
    if pair.field != "published":
        return replace(_BLANK, **{pair.field: text or ("" if pair.field in ("title", "body") else None)})
    if "T" not in text:
        return replace(_BLANK, published_on=date.fromisoformat(text) if text else None, published_raw=text or None)
    at = datetime.fromisoformat(text).replace(tzinfo=VIETNAM)
    return replace(
        _BLANK, published_at=at, published_on=at.date(), published_precision=Precision.MINUTE, published_raw=text
    )
