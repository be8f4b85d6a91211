"""A TOML file as it is read: its tables, and the line of each key for the messages.

`tomllib` keeps no positions, so the line of a key is looked up in the text when a message needs it. It knows no portal.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from crawler.errors import TomlError

KeyPath: TypeAlias = tuple[str | int, ...]
_HEADER = re.compile(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_AT_LINE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class TomlFile:
    """One file."""

    path: Path
    """Where it is."""
    text: str = field(repr=False)
    """As written, for the line of a key."""
    data: dict[str, Any] = field(repr=False)
    """Its tables."""

    def error(self, key: KeyPath, what: str, todo: str) -> TomlError:
        """The error about `key`: `file:line: key: what; what to do`."""
        line = find_line(self.text, key)
        return TomlError(f"{shown(self.path)}:{line}: {dotted(key)}: {what}; {todo}")


def shown(path: Path) -> str:
    """The path as a person in the current folder would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def dotted(key: KeyPath) -> str:
    """`("article", "was", 0, "until")` as `article.was[0].until`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")


def load_toml(path: Path) -> TomlFile:
    """The file at `path`. A byte order mark and CRLF line ends are fine. `TomlError` where it is no TOML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TomlError(f"{shown(path)}: cannot be read: {error.strerror or error}") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TomlError(f"{shown(path)}:{line}: is not UTF-8; save the file as UTF-8") from error
    return parse_toml(text, path)


def parse_toml(text: str, path: Path) -> TomlFile:
    """The file at `path` with this text. `TomlError` where it is no TOML."""
    try:
        return TomlFile(path=path, text=text, data=tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found.group(1)) if found and found.group(1) else text.rstrip().count("\n") + 1
        reason = _AT_LINE.sub("", str(error))
        raise TomlError(f"{shown(path)}:{line}: is no valid TOML: {reason}; correct the line") from error
    except RecursionError as error:
        raise TomlError(f"{shown(path)}:1: is nested too deep; write it flat") from error


def find_line(text: str, key: KeyPath) -> int:
    """The line (1 is the first) on which `key` is written, or that of the nearest key around it."""
    lines = text.splitlines() or [""]
    best, best_depth = 1, 0
    table: KeyPath = ()
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        header = _HEADER.match(line)
        if header is not None:
            name = tuple(part.strip().strip("\"'") for part in header.group(2).split("."))
            if header.group(1):
                index = seen[".".join(name)] = seen.get(".".join(name), -1) + 1
                table = (*name, index)
            else:
                table = name
            depth = len(table) if key[: len(table)] == table else 0
        else:
            depth = _depth_of_key(line, table, key)
        if depth > best_depth:
            best, best_depth = number, depth
    return best if best_depth >= len(key) else _inside(lines, best, key[best_depth:])


def _depth_of_key(line: str, table: KeyPath, key: KeyPath) -> int:
    """How many parts of `key` the assignment on `line` in `table` names."""
    if key[: len(table)] != table:
        return 0
    found = re.match(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=", line)
    if found is None:
        return 0
    name = tuple(part.strip().strip("\"'") for part in found.group(1).split("."))
    full = (*table, *name)
    return len(full) if key[: len(full)] == full else 0


def _inside(lines: list[str], start: int, rest: KeyPath) -> int:
    """The line of a key inside the value that begins on line `start`: a list of tables over several lines."""
    index = next((part for part in rest if isinstance(part, int)), 0)
    leaf = next((part for part in reversed(rest) if isinstance(part, str)), None)
    count = -1
    for number in range(start, len(lines) + 1):
        line = lines[number - 1]
        if number > start and (_HEADER.match(line) or re.match(r"[\w\"'-]+\s*=", line)):
            break
        pattern = rf"(?<![\w-]){re.escape(leaf)}\s*=" if leaf else r"[\"'{]"
        for _ in re.finditer(pattern, line):
            count += 1
            if count == index:
                return number
    return start


class Table:
    """One table of a file: values are taken out of it by key, and what is left over is an error."""

    def __init__(self, source: TomlFile, data: dict[str, Any], key: KeyPath = ()) -> None:
        self.source = source
        self.key = key
        self._data = dict(data)

    def error(self, name: str, what: str, todo: str) -> TomlError:
        """The error about one of its keys."""
        return self.source.error((*self.key, name), what, todo)

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def peek(self, name: str) -> Any:
        """The raw value, left where it is, or None."""
        return self._data.get(name)

    def pop(self, name: str) -> Any:
        """The raw value, or None."""
        return self._data.pop(name, None)

    def text(self, name: str) -> str | None:
        """A non-empty string, or None where the key is not there."""
        value = self._typed(name, str, "a string", 'write it in quotes: "…"')
        if value is not None and not value.strip():
            raise self.error(name, "is empty", "fill it in or leave the key out")
        return None if value is None else str(value).strip()

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self._typed(name, bool, "true or false", "write true or false without quotes")
        return None if value is None else bool(value)

    def number(self, name: str, *, whole: bool = False) -> float | None:
        """A number that is not negative."""
        kinds = (int,) if whole else (int, float)
        value = self._typed(name, kinds, "a whole number" if whole else "a number", "write it without quotes")
        if value is not None and not 0 <= value < 1e9:
            raise self.error(name, f"{value} is out of range", "write a number from 0 up")
        return value if value is None else float(value)

    def whole(self, name: str, *, least: int, default: int) -> int:
        """A whole number of at least so many; the default where the key is not there."""
        value = self.number(name, whole=True)
        if value is not None and value < least:
            raise self.error(name, f"{value:.0f} is too little", f"write at least {least}")
        return default if value is None else int(value)

    def day(self, name: str) -> date | None:
        """A civil date."""
        value = self._typed(name, date, "a date", "write it like 2022-09-21, without quotes and time")
        if isinstance(value, datetime):
            raise self.error(name, "is a point in time, not a date", "write it like 2022-09-21")
        return value if value is None else date(value.year, value.month, value.day)

    def instant(self, name: str) -> datetime | None:
        """A point in time with its offset."""
        todo = "write it with an offset, like 2024-08-01T00:00:00+07:00"
        value = self._typed(name, datetime, "a point in time", todo)
        if value is not None and value.tzinfo is None:
            raise self.error(name, "says no time zone", todo)
        return value if isinstance(value, datetime) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of non-empty strings."""
        values = self._typed(name, list, "a list of strings", 'write it like ["…", "…"]')
        for value in values or ():
            if not isinstance(value, str) or not value.strip():
                raise self.error(name, f"{value!r} is no text", 'write it like ["…", "…"]')
        return tuple(value.strip() for value in values or ())

    def table(self, name: str) -> Table | None:
        """A table inside this one."""
        value = self._typed(name, dict, "a table", f"write [{dotted((*self.key, name))}] above its keys")
        return None if value is None else Table(self.source, value, (*self.key, name))

    def finish(self, known: Collection[str] = ()) -> None:
        """Raise for the first key that nobody took; `known` are the names to suggest."""
        for name in self._data:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
            raise self.error(name, "is no key here", hint)

    def _typed(self, name: str, kinds: type | tuple[type, ...], wanted: str, todo: str) -> Any:
        value = self._data.pop(name, None)
        wrong_flag = isinstance(value, bool) and kinds is not bool
        if value is not None and (wrong_flag or not isinstance(value, kinds)):
            raise self.error(name, f"{_brief(value)} is not {wanted}", todo)
        return value


def _brief(value: Any) -> str:
    text: str = repr(value) if not isinstance(value, (date, datetime)) else value.isoformat()
    return text if len(text) <= 60 else f"{text[:57]}…"
