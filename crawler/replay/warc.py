"""Reads captures out of WARC files, ours or others'.

What it does not do: store them. It reads `response` records and the revisits of records in the same file, and passes
the other kinds by.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.errors import UsageError
from storage.records import Capture
from storage.vocabulary import Role
from storage.warc import Answer, read_answers


def read_captures(path: Path, portal: str, *, role: Role = Role.ARTICLE) -> Iterator[Capture]:
    """The captures of a WARC file in file order, payloads as stored (still content-encoded).

    Raises `UsageError` when the file cannot be read or holds no WARC record.
    """
    originals: dict[str, Answer] = {}
    found = False
    try:
        for answer in read_answers(path):
            found = True
            if not answer.is_revisit:
                originals[answer.record_id] = answer
            original = originals.get(answer.refers_to or answer.record_id)
            if original is not None:
                yield Capture(
                    url=answer.url,
                    fetched_at=answer.fetched_at,
                    status=answer.status,
                    headers=answer.headers or original.headers,
                    payload=original.payload,
                    portal=portal,
                    role=role,
                )
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}; name a WARC file that can be read") from error
    if not found:
        raise UsageError(f"{path}: holds no WARC response; name a .warc or .warc.gz file")
