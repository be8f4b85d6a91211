"""An archive that watches the portal, and what it told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acceptance.deeds import Deed, Places, Told
from acceptance.portal import Portal
from acceptance.texts import SECTIONS

SLUG = "nam-tram"
Run = Callable[..., Any]
"""Runs `portalwatch ARGUMENTS` with `now`; the result has `code`, `out` and `err`."""

_FILE = """
name = "Cổng năm trăm bài"
platform = "articledetail"
start = [{start}]
[fetch]
allow_private = true
concurrency = 8
[expect]
fields = ["title", "body", "date"]
[listing]
next = {{ css = "a.next", attr = "href" }}
[article]
body = {{ css = ".ArticleContent", remove = [".quang-cao"] }}
"""
_SETTINGS = "[revisit]\nsweep_days = 0.5\n"


@dataclass(frozen=True, slots=True)
class Pass:
    """One visit of the portal."""

    name: str
    now: str
    """When it begins."""
    revisit: str
    """`--revisit`: all, or what is due."""
    deeds: list[Deed]
    """What it must tell: this, and nothing else."""


@dataclass
class Watch:
    """Somebody who watches the portal with the usual settings; lists are read to their end in every run."""

    archive: Path
    url: str
    run: Run

    def set_up(self) -> None:
        """Writes the portal file and the settings."""
        start = ", ".join(f'"{self.url}/{folder}"' for folder in SECTIONS.values())
        (self.archive / "portals").mkdir(parents=True)
        (self.archive / "portals" / f"{SLUG}.toml").write_text(_FILE.format(start=start), encoding="utf-8")
        (self.archive / "portalwatch.toml").write_text(_SETTINGS, encoding="utf-8")

    def visit(self, portal: Portal, now: str, revisit: str) -> Any:
        """`portalwatch crawl`, the portal's clock set to the same time."""
        portal.now = datetime.fromisoformat(now)
        return self.do("crawl", SLUG, "--revisit", revisit, now=now)

    def do(self, verb: str, *arguments: str, now: str | None = None) -> Any:
        """A command on the archive."""
        return self.run(verb, *arguments, "--archive", str(self.archive), now=now)

    def changes(self) -> list[dict[str, Any]]:
        """What was recorded since this was asked last."""
        result = self.do("changes", "--format", "jsonl", "--mark")
        if result.code:
            raise RuntimeError(result.err)
        return [json.loads(line) for line in result.out.splitlines()]

    def problems(self) -> list[dict[str, Any]]:
        """What the last run says is wrong with the portal."""
        return list(json.loads(self.rows("SELECT problems FROM runs ORDER BY run_id DESC LIMIT 1")[0][0]))

    def notices(self) -> list[str]:
        """What was told of the portal's health, in order."""
        return [state for (state,) in self.rows("SELECT state FROM notices ORDER BY notice_id")]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Asks the archive's database."""
        with closing(sqlite3.connect(self.archive / "archive.db")) as connection:
            return connection.execute(query).fetchall()

    def told(self, change: dict[str, Any]) -> Told:
        """A change as the truth is written."""
        return Told(
            kind=change["kind"],
            path=self._path(change["url"]),
            fields=frozenset(each["field"] for each in change["fields"]),
            gone=change["gone"]["kind"] if change["kind"] == "gone" else None,
            moved_to=self._path(change["moved_to"]) if change["moved_to"] else None,
        )

    def _path(self, url: str) -> str:
        """The path alone: lists print addresses with a session or the number of their page behind it."""
        return urlsplit(url.removeprefix(self.url)).path.partition(";")[0]


def places_of(change: dict[str, Any]) -> Places:
    """Field and class of what a change says differs."""
    return frozenset((each["field"], each["class"]) for each in change["fields"])


@dataclass
class Score:
    """What one pass had to tell and what it told."""

    name: str
    expected: Sequence[Deed]
    changes: Sequence[dict[str, Any]]
    told: Sequence[Told]
    code: int
    output: str
    problems: list[dict[str, Any]]

    def __str__(self) -> str:
        counts = f"told {len(self.told)}, missed {len(self.missed)}, false {len(self.false)}"
        return f"{self.name}: {counts}, another class {len(self.misnamed)}"

    @property
    def missed(self) -> list[Deed]:
        """Deeds that were not told, or told otherwise."""
        return _without(self.expected, self.told, lambda deed: deed.told)

    @property
    def false(self) -> list[Told]:
        """What was told and not done."""
        return _without(self.told, [deed.told for deed in self.expected], lambda told: told)

    @property
    def misnamed(self) -> list[tuple[Deed, Places]]:
        """Edits that were told in the right field under another class."""
        found = {told: places_of(change) for told, change in zip(self.told, self.changes, strict=True)}
        return [
            (deed, found[deed.told])
            for deed in self.expected
            if deed.places is not None and deed.told in found and deed.places != found[deed.told]
        ]


def score(watch: Watch, portal: Portal, each: Pass) -> Score:
    """Makes the pass and compares."""
    result = watch.visit(portal, each.now, each.revisit)
    changes = watch.changes()
    told = [watch.told(change) for change in changes]
    return Score(each.name, each.deeds, changes, told, result.code, result.out + result.err, watch.problems())


def table(scores: Iterable[Score]) -> str:
    """Expected, told, missed and false, by kind and by field, over all passes."""
    rows: dict[str, list[int]] = {}
    for one in scores:
        for column, telling in enumerate(
            ([deed.told for deed in one.expected], one.told, [deed.told for deed in one.missed], one.false)
        ):
            for told in telling:
                for name in [told.kind, *(f"  {each}" for each in sorted(told.fields))]:
                    rows.setdefault(name, [0, 0, 0, 0])[column] += 1
    lines = [f"{'':14}{'expected':>9}{'told':>9}{'missed':>9}{'false':>9}"]
    lines += [f"{name:14}" + "".join(f"{count:9}" for count in counts) for name, counts in rows.items()]
    return "\n".join(lines)


def _without(items: Sequence[Any], others: Iterable[Told], told_of: Callable[[Any], Told]) -> list[Any]:
    """The items less one for each equal one of the others."""
    left = list(items)
    for other in others:
        same = next((item for item in left if told_of(item) == other), None)
        if same is not None:
            left.remove(same)
    return left
