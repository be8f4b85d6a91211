"""Where an export comes from: said in each one, so that it can be told apart later.

What it does not do: read the clock or the command line; both are arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.members import warc_date
from storage.schema import seals


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """What is said of an export in itself."""

    software: str
    """Name and version, e.g. `portalwatch 0.1.0`."""
    exported_at: datetime
    """Aware instant at which it began."""
    question: str
    """What was asked for, e.g. `hội nghị --portal ninhthuan`; `everything` without a filter."""
    head: str | None
    """Digest of the archive's newest manifest: `verify --head` finds the state that was exported."""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values, without what is not known."""
        pairs = (
            ("software", self.software),
            ("exported_at", warc_date(self.exported_at)),
            ("question", self.question),
            ("head", self.head or ""),
        )
        return tuple(pair for pair in pairs if pair[1])


def find_head(connection: Connection) -> str | None:
    """Digest of the newest manifest; None where nothing is sealed yet."""
    newest = select(seals.c.digest).order_by(seals.c.number.desc()).limit(1)
    return connection.execute(newest).scalar()
