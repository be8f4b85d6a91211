"""The captures of an address in a WARC file, ours or others', read as `import warc` reads it.

What it does not do: store them (`crawler.replay.intake`), or look for the payload of a revisit in another file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

from crawler.replay.foreign import Answered, agrees, read_file
from storage.records import Capture
from storage.vocabulary import Role

ENDINGS = (".warc", ".warc.gz", ".warc.zst")


def read_captures(
    path: Path, portal: str, is_wanted: Callable[[str], bool], *, role: Role = Role.ARTICLE
) -> Iterator[Capture]:
    """The captures whose address is wanted, in file order, payloads as stored (still content-encoded).

    A record that is damaged, or a revisit whose payload is not in the file, is passed by. Raises `UsageError` when the
    file cannot be read or holds no WARC record.
    """
    wanted = [answer for answer in _answers(path) if is_wanted(answer.url)]
    repeated = [answer for answer in wanted if _lacks_payload(answer)]
    originals = _find_originals(path, repeated) if repeated else {}
    for answer in wanted:
        original = originals.get(answer.record_id) if _lacks_payload(answer) else answer
        if original is not None:
            yield Capture(
                url=answer.url,
                fetched_at=answer.fetched_at,
                status=answer.status,
                headers=original.headers,  # they say how the payload is encoded
                payload=original.payload,
                portal=portal,
                role=role,
            )


def _answers(path: Path) -> Iterator[Answered]:
    return (found for found in read_file(path) if isinstance(found, Answered))


def _lacks_payload(answer: Answered) -> bool:
    """True for the repetition of another record's payload; a 304 has none."""
    return answer.is_revisit and answer.status != HTTPStatus.NOT_MODIFIED


def _find_originals(path: Path, repeated: list[Answered]) -> dict[str, Answered]:
    """By id of a revisit, the record whose payload it repeats; reads the file once more."""
    found: dict[str, Answered] = {}
    for original in _answers(path):
        if not original.is_revisit:
            found |= {each.record_id: original for each in repeated if _repeats(each, original)}
    return found


def _repeats(revisit: Answered, original: Answered) -> bool:
    """By id, by address and instant, or by the digest of the payload, whatever the revisit says of its original."""
    if revisit.refers_to is not None:
        return revisit.refers_to == original.record_id
    if revisit.refers_to_url is not None and revisit.refers_to_at is not None:
        return (revisit.refers_to_url, revisit.refers_to_at) == (original.url, original.fetched_at)
    return bool(revisit.payload_digest) and agrees(original.payload, str(revisit.payload_digest)) is True
