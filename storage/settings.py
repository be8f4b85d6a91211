"""The one setting that the storage layer writes: `database` in portalwatch.toml, when an archive moves.

What it does not do: read settings (`crawler.config`), or touch any other line of the file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from storage.location import FILE

_LINE = re.compile(r"^\s*database\s*=.*\n?", re.MULTILINE)


def set_database(archive: Path, named: str) -> None:
    """Lets the archive's settings name this database, as it is written (`${NAME}` stays); "" for the SQLite file."""
    path = archive / FILE
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    head, tables = _split(text)
    head = _LINE.sub("", head)
    line = f"database = {json.dumps(named, ensure_ascii=False)}\n" if named else ""
    if text or line:
        path.write_text(line + head + tables, encoding="utf-8")


def _split(text: str) -> tuple[str, str]:
    """What stands before the first table, and the rest: only there the key is the archive's own."""
    found = re.search(r"^\s*\[", text, re.MULTILINE)
    return (text, "") if found is None else (text[: found.start()], text[found.start() :])
