"""`backup.json`: what a backup is of, written last. A folder without it is no backup.

What it does not do: prove anything. The manifests in the backup do.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from storage.errors import NotAnArchive
from storage.location import BACKUP

BACKUPS = "backups"
"""The folder of an archive in which its backups are, unless told otherwise."""
FORMAT = "portalwatch-backup-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What a backup says of itself."""

    made_at: str
    """When, ISO 8601 in UTC."""
    schema: str
    """Version of the database's schema."""
    database: str
    """What the archive's database was: `sqlite` or `postgresql`. In the backup it is always an SQLite file."""
    files: int
    """Files of evidence and settings, without the database."""
    size: int
    """Their bytes, and the database's."""
    head: str | None
    """Digest of the newest manifest: the same that `verify` prints."""
    sound: bool
    """True where `verify` found nothing in the copy."""

    def as_bytes(self) -> bytes:
        """The file's content."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n").encode()


def load_record(backup: Path) -> Record:
    """The record of the backup in a folder. Raises `NotAnArchive` where it is none."""
    try:
        data = json.loads((backup / BACKUP).read_bytes())
        if data.pop("format") != FORMAT:
            raise ValueError("another format")
        return Record(**data)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        message = f"{backup}: no backup of portalwatch (its {BACKUP}: {reason}); name a folder in backups/"
        raise NotAnArchive(message) from error


def read_backups(folder: Path) -> list[Path]:
    """The complete backups in a folder, oldest first."""
    return sorted(record.parent for record in folder.glob(f"[0-9]*/{BACKUP}"))
