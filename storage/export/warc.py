"""The evidence as one WARC/1.1 file that any tool reads.

What it does not do: change a record. A `warcinfo` of its own comes first and says what the file is; the records after
it are those of the archive, byte for byte (`storage.export.records`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from storage.export.origin import Origin
from storage.export.records import TakenRecord
from storage.members import info_member, new_record_id


class Sink(Protocol):
    """What bytes are written into."""

    def write(self, content: bytes, /) -> int:
        """Writes all of them; how many."""


Told = Callable[[TakenRecord, int], None]
"""Told of each answer, and its first byte in the new file."""


def write_warc(records: Iterable[TakenRecord], out: Sink, name: str, origin: Origin, told: Told | None = None) -> int:
    """Writes the file; how many answers are in it. `name`: the file's own."""
    info = {
        "software": origin.software.replace(" ", "/", 1),
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": "Records copied byte for byte from an archive; the warcinfo before them says what is verbatim.",
        **{f"export-{name}": value for name, value in origin.pairs if name != "software"},
    }
    at = out.write(info_member(Path(name).name, new_record_id(), origin.exported_at, info))
    count = 0
    for record in records:
        if record.capture is not None:
            count += 1
            if told is not None:
                told(record, at)
        at += out.write(record.member)
    return count
