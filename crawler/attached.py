"""Attached files on the road: looked at after all pages, kept as captures, compared by digest, never parsed.

What it does not do: judge what is in a file. A file that is known is asked for with HEAD first: the same validators and
length mean the same file. Else it is fetched. Only files on the portal's own hosts are, within `[files]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from crawler import parsing
from crawler.errors import ReadingError
from crawler.visit import Visit
from storage import addresses, files
from storage.archive import Archive
from storage.digests import payload_digest
from storage.files import FilePolicy, StoredFile
from storage.records import Address, Article, Capture, Outcome, Run
from storage.vocabulary import READ, Absence, OutcomeKind, Role

_LEFT_ALONE = {
    OutcomeKind.TOO_BIG: "larger than [files] max_mb: not fetched",
    OutcomeKind.ROBOTS: "robots.txt forbids this file",
    OutcomeKind.BLOCKED: "not opened",
}
"""What keeps a file from us without being a failure of the portal or of the crawl."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRead:
    """A file that was fetched."""

    digest: str
    """`sha256:` and 64 hex digits over its bytes, content coding undone."""
    size: int
    """How many bytes it has."""


def read_file(capture: Capture) -> FileRead | None:
    """The file that an answer is; None for a web page, which stands where a file was."""
    try:
        content = parsing.decode_payload(capture.payload, capture.header("Content-Encoding"))
    except ReadingError:  # broken coding, or a bomb: then the bytes as they came
        content = capture.payload
    kind = (capture.header("Content-Type") or "").partition(";")[0].strip().lower()
    is_page = kind in ("text/html", "application/xhtml+xml") or content[:512].lstrip().lower().startswith(
        (b"<!doctype html", b"<html")
    )
    return None if is_page or not content else FileRead(digest=payload_digest(content), size=len(content))


def note_files(visit: Visit, article: Article, outcome: Outcome | None) -> None:
    """Remembers which files of the portal the article links, so that they are looked at."""
    if outcome is None or outcome.kind not in READ:
        return
    found = [(visit.portal.key(file.url), file) for file in article.attachments if visit.portal.is_own(file.url)]
    if outcome.kind is OutcomeKind.NEW and not found:
        return
    article_id = _article_of(visit, outcome)
    if article_id is None:
        return
    new = set(files.link(visit.connection, article_id, found))
    if new:
        unknown = [(key, file) for key, file in found if key in new]
        files.expect(visit.connection, visit.portal.slug, unknown, visit.now)


def _article_of(visit: Visit, outcome: Outcome) -> int | None:
    """The article that the address belongs to after the visit."""
    if outcome.kind is not OutcomeKind.NEW and visit.address.article_id is not None:
        return visit.address.article_id
    address = addresses.find_address(visit.connection, visit.portal.slug, visit.address.key)
    return None if address is None else address.article_id


def record_file(visit: Visit, read: FileRead | None) -> Outcome | None:
    """A file, or a page in its place, was fetched. None where a second request has to say the same first."""
    known = files.find_file(visit.connection, visit.portal.slug, visit.address.key)
    if read is None:
        if known is None:
            return visit.set_aside(detail="a web page, no file")
        return visit.finish(OutcomeKind.ABSENT, absence=Absence.SOFT_404, detail="a web page stands where the file was")
    now = StoredFile(digest=read.digest, size=read.size, length=visit.kept.capture.header("Content-Length"))
    if known is None:
        return _keep(visit, now, OutcomeKind.FILE)
    if known.candidate not in (None, read.digest) and read.digest != known.digest:
        return visit.set_aside(detail="the server makes another file at every request: not watched")
    if read.digest != known.digest and known.candidate is None:
        _set(visit, replace(known, candidate=read.digest))
        return None
    if read.digest != known.digest or known.told_missing:
        old = Absence.NOT_FOUND.value if known.told_missing else known.state
        fetched_at = visit.kept.capture.fetched_at
        files.tell(
            visit.connection, visit.run, visit.address.key, old=old, new=now.state, at=visit.now, fetched_at=fetched_at
        )
    if read.digest == known.digest:
        return _keep(visit, now, OutcomeKind.UNCHANGED)
    return _keep(visit, now, OutcomeKind.FILE, f"another file than before: {known.digest}")


def record_other_answer(visit: Visit, kind: OutcomeKind, absence: Absence | None, detail: str | None) -> Outcome:
    """The address gave no file, or the one that we have."""
    known = files.find_file(visit.connection, visit.portal.slug, visit.address.key)
    if kind is OutcomeKind.NOT_MODIFIED and known is not None:
        _set(visit, replace(known, candidate=None))
    return visit.finish(kind, absence=absence, detail=detail)


def left_alone(address: Address, kind: OutcomeKind, detail: str) -> tuple[OutcomeKind, str]:
    """The outcome of a file that could not be had: none of what is no failure of the portal counts as one."""
    if address.role is Role.FILE and kind in _LEFT_ALONE:
        return OutcomeKind.OTHER_PAGE, f"{_LEFT_ALONE[kind]}: {detail}"
    return kind, detail


def is_same(address: Address, known: StoredFile, status: int, header: Callable[[str], str | None]) -> bool:
    """Whether the answer to HEAD says that the file is the one we have; a length alone proves nothing."""
    if known.candidate is not None or known.told_missing:
        return False
    if status == 304:
        return bool(address.etag or address.last_modified)
    pairs = [(address.etag, header("ETag")), (address.last_modified, header("Last-Modified"))]
    told = [(old, new) for old, new in pairs if old and new]
    length = header("Content-Length")
    same_length = length is None or known.length is None or length == known.length
    return status == 200 and bool(told) and all(old == new for old, new in told) and same_length


def want_due(archive: Archive, run: Run, policy: FilePolicy, now: datetime) -> bool:
    """Lets the files that are due wait in the frontier, after all pages; False where there is none."""
    if not policy.fetch:
        return False
    with archive.reading() as connection:
        due = files.read_due(connection, run, policy, now)
    if due:
        with archive.writing() as connection:
            addresses.want(connection, run.portal, due)
    return bool(due)


def _keep(visit: Visit, file: StoredFile, kind: OutcomeKind, detail: str | None = None) -> Outcome:
    _set(visit, file, visit.kept.capture_id)
    return visit.finish(kind, detail=detail)


def _set(visit: Visit, file: StoredFile, capture_id: int | None = None) -> None:
    files.set_file(visit.connection, visit.portal.slug, visit.address.key, file, capture_id)
