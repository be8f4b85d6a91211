"""The folder of feeds: its files, and how far they tell.

What it does not do: know what stands in a feed. A file is replaced when it is whole and on the disk, and is left
untouched, bytes and times, where it would be the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.monitor.feeds import names
from storage.errors import StorageError
from storage.news import Mark
from storage.wholefile import whole_file

_STATE = ".state.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """A feed that the folder has."""

    title: str
    """Its title."""
    form: str
    """What its entries were made with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """How far the feeds tell, and which there are. Written last: a run that is killed is done again."""

    mark: Mark
    """The last change that they tell."""
    feeds: Mapping[str, Shelf] = field(default_factory=dict)
    """By name."""


@dataclass(kw_only=True, slots=True)
class Folder:
    """Where the files are."""

    path: Path
    """The folder."""
    written: int = 0
    """Files for readers that were replaced or are new."""

    def put(self, name: str, data: bytes) -> None:
        """Makes the file hold these bytes. Raises `StorageError` where it cannot be written; then it is as it was."""
        self.written += self._replace(self.path / name, data)

    def _replace(self, path: Path, data: bytes) -> bool:
        """True where the file held something else."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
                return False
        except OSError as error:
            what = f"{error.strerror or error}; check the folder's permissions and free space"
            raise StorageError(f"{error.filename or path}: {what}") from error
        with whole_file(path) as file:
            file.write(data)
        return True

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path / name}: {error.strerror or error}; remove it by hand") from error

    def has(self, name: str, *endings: str) -> bool:
        """True where the feed has a file of each of these endings."""
        return all((self.path / f"{name}.{ending}").is_file() for ending in endings)

    def names(self, *, sections: bool) -> Iterator[str]:
        """Names of the feeds of portals and subscriptions, as far as files are there; also those of sections."""
        patterns = [f"{names.PORTALS}/*.json", f"{names.SUBSCRIPTIONS}/*.json"]
        for pattern in [*patterns, *([f"{names.PORTALS}/*/*.json"] if sections else [])]:
            for path in sorted(self.path.glob(pattern)):
                yield path.relative_to(self.path).with_suffix("").as_posix()

    def load_state(self) -> State:
        """How far the feeds tell; a folder without feeds, or with a spoilt state, tells nothing."""
        try:
            return _state(json.loads((self.path / _STATE).read_bytes()))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return State(mark=Mark(change_id=0, detected_at=None))

    def keep_state(self, state: State) -> None:
        """Remembers how far the feeds tell."""
        detected = state.mark.detected_at
        top = {
            "change_id": state.mark.change_id,
            "detected_at": detected.isoformat() if detected else None,
            "feeds": {name: {"title": one.title, "form": one.form} for name, one in sorted(state.feeds.items())},
        }
        self._replace(self.path / _STATE, (json.dumps(top, ensure_ascii=False, indent=1) + "\n").encode())


def _state(top: dict[str, Any]) -> State:
    detected = top["detected_at"]
    mark = Mark(change_id=int(top["change_id"]), detected_at=datetime.fromisoformat(detected) if detected else None)
    feeds = {name: Shelf(title=str(one["title"]), form=str(one["form"])) for name, one in top["feeds"].items()}
    return State(mark=mark, feeds=feeds)
