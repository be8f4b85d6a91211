"""Asks an authority for time stamps on what was sealed. Off unless `[stamp] url` is set.

What it does not do: fail. An authority that does not answer, or answers with something else than a stamp, is told; the
manifests wait until the next crawl. Only digests are sent, never what they are of.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from crawler.config import StampPolicy
from crawler.errors import UsageError
from storage import stamps
from storage.archive import Archive

_TIMEOUT_S = 20
_MOST_BYTES = 1 << 20  # an answer has a few kilobytes; anything larger is none
_MOST = 100  # a run: where more wait, the older ones are covered by the stamps of the newer


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamped:
    """What became of it."""

    count: int
    """Manifests that were stamped."""
    waiting: int
    """Manifests that wait for the next time."""
    problem: str | None
    """Why, in a line; None where all went well."""


def stamp_manifests(archive: Archive, policy: StampPolicy, software: str) -> Stamped:
    """Has every manifest stamped that waits for it, oldest first, until one fails.

    Raises `UsageError` where the certificates cannot be read, `StorageError` where a stamp cannot be stored.
    """
    if policy.url is None:
        return Stamped(count=0, waiting=0, problem=None)
    roots = load_authorities(policy)
    with archive.reading() as connection:
        waiting = stamps.read_unstamped(archive.path, connection, _MOST)
    count, problem = 0, None
    for name in waiting:
        try:
            answer = _ask(policy.url, (archive.path / name).read_bytes(), roots, software)
        except (OSError, HTTPException, stamps.BadStamp) as error:
            problem = f"{policy.url}: {' '.join(str(error).split()) or type(error).__name__}"
            break
        stamps.keep_stamp(archive.path, name, answer)
        count += 1
    return Stamped(count=count, waiting=len(waiting) - count, problem=problem)


def load_authorities(policy: StampPolicy) -> stamps.Roots | None:
    """The certificates that are trusted; None where no file is named. Raises `UsageError`."""
    if policy.ca_file is None:
        return None
    try:
        return stamps.load_roots(Path(policy.ca_file))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no certificates in PEM form"
        raise UsageError(
            f"[stamp] ca_file {policy.ca_file}: {reason}; name the file that the authority gives"
        ) from error


def _ask(url: str, content: bytes, roots: stamps.Roots | None, software: str) -> bytes:
    """The authority's answer, checked. Raises `OSError`, `HTTPException`, `BadStamp`."""
    wanted = stamps.request_for(content)
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": software}
    with urlopen(Request(url, data=wanted.body, headers=headers), timeout=_TIMEOUT_S) as response:
        answer: bytes = response.read(_MOST_BYTES)
    stamps.check_stamp(answer, content, roots, wanted.nonce)
    return answer
