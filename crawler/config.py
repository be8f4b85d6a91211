"""`portalwatch.toml`: the archivist's settings. No file is needed; every setting has a default.

What it does not do: portal files (`crawler.portals`). Secrets are never written in it, only as `${NAME}` of the
environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from crawler.errors import UsageError
from crawler.frontier import RevisitPolicy
from storage.vanishing import GonePolicy

FILE = "portalwatch.toml"
_Policy = TypeVar("_Policy", GonePolicy, RevisitPolicy)
_REFERENCE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The settings of one archive."""

    contact: str | None = None
    """Who runs this watcher, for the user agent: an e-mail address or a web page. Portals' webmasters want to know."""
    language: str | None = None
    """`vi` or `en`; default: by the environment."""
    gone: GonePolicy = GonePolicy()
    """`[gone]`: when a disappearance is believed."""
    revisit: RevisitPolicy = RevisitPolicy()
    """`[revisit]`: how often known articles and whole listings are looked at again."""


def load_config(archive: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in the archive's folder, or the defaults. Raises `UsageError` naming file, line and key."""
    path = archive / FILE
    if not path.exists():
        return Config()
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; make it readable or remove it") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error
    return _Checked(path, text, environment).config(values)


class _Checked:
    """Turns the values of one file into settings, saying of each wrong one where it is."""

    def __init__(self, path: Path, text: str, environment: Mapping[str, str]) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._environment = environment

    def config(self, values: dict[str, Any]) -> Config:
        known = {field.name for field in fields(Config)}
        for key in values:
            if key not in known:
                raise self._wrong(key, "unknown key", f"known are: {', '.join(sorted(known))}")
        language = self._text(values, "language")
        if language not in (None, "vi", "en"):
            raise self._wrong("language", f"{language!r} is no language of portalwatch", "write vi or en")
        return Config(
            contact=self._text(values, "contact"),
            language=language,
            gone=self._table(values, "gone", GonePolicy),
            revisit=self._table(values, "revisit", RevisitPolicy),
        )

    def _text(self, values: dict[str, Any], key: str) -> str | None:
        value = values.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self._wrong(key, "must be a text in quotes", f'for example {key} = "…"')
        return None if value is None else _REFERENCE.sub(lambda match: self._variable(key, match[1]), value)

    def _variable(self, key: str, name: str) -> str:
        if name not in self._environment:
            raise self._wrong(key, f"the environment has no {name}", "set the variable or write the value here")
        return self._environment[name]

    def _table(self, values: dict[str, Any], key: str, policy: type[_Policy]) -> _Policy:
        return policy(**self._numbers(values, key, policy))

    def _numbers(self, values: dict[str, Any], key: str, policy: type) -> dict[str, float]:
        table = values.get(key, {})
        if not isinstance(table, dict):
            raise self._wrong(key, "must be a table", f"write [{key}] on a line of its own")
        known = {field.name: field.type for field in fields(policy)}
        for name, value in table.items():
            if name not in known:
                raise self._wrong(name, f"unknown key in [{key}]", f"known are: {', '.join(sorted(known))}")
            whole = known[name] == "int"
            if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value < whole:
                raise self._wrong(
                    name, f"{value!r} is no {'whole number from 1' if whole else 'number from 0'}", "mend it"
                )
        return dict(table)

    def _wrong(self, key: str, what: str, mend: str) -> UsageError:
        assigned = re.compile(rf"^\s*(\[\[?\s*)?[\"']?{re.escape(key)}[\"']?\s*(=|\]|\.)")
        line = next((number for number, text in enumerate(self._lines, start=1) if assigned.match(text)), 1)
        return UsageError(f"{self._path}:{line}: {key}: {what}; {mend}")
