"""Seals closed runs: ends their WARC file, and writes a manifest of file and rows that names the one before it.

    in the transaction that closes the run      metadata record ─► manifest under its `.part` name ─► row in `seals`
    after it                                    the manifest gets its name

So a run is closed if and only if it is sealed, whatever moment a process is killed at: before the commit the run is
open and resumed; after it only a name is missing, which `publish` gives. What it does not do: check what was sealed
(`storage.verification`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, exists, func, insert, select

from storage.database import SCHEMA
from storage.errors import StorageError
from storage.evidence import end_of_records
from storage.fixity import MARK_CHARS, OF_A_RUN, OF_VERSIONS, STATE, Scope, digest_rows
from storage.manifests import FOLDER, PART, Manifest, SealedFile, SealedRecord, manifest_digest
from storage.members import warc_date
from storage.records import Run
from storage.runs import as_run, count_outcomes, read_outcomes
from storage.schema import articles, captures, plain_name, runs, seals, versions
from storage.warc import WarcFile, sync_folder, warc_name


def seal_closed_runs(archive: Path, connection: Connection, portal: str, now: datetime) -> int:
    """Seals every closed run of the portal that is not sealed yet, in order; returns how many.

    Raises `StorageError` where a file cannot be written; nothing of the transaction may be committed then.
    """
    sealed = exists().where(seals.c.run_id == runs.c.run_id)
    query = select(runs).where(runs.c.portal == portal, runs.c.state != "running", ~sealed).order_by(runs.c.run_id)
    closed = [as_run(row) for row in connection.execute(query)]
    for run in closed:
        files = _end_files(archive, connection, run, now)
        _seal(archive, connection, portal, run.run_id, files, now)
    return len(closed)


def seal_versions(archive: Path, connection: Connection, portal: str, now: datetime) -> None:
    """Seals what a re-parse wrote, which belongs to no run. Raises `StorageError`."""
    _seal(archive, connection, portal, None, (), now)


def publish(archive: Path, connection: Connection) -> None:
    """Gives manifests their names that a killed process could not give, and removes those of undone transactions."""
    for part in sorted((archive / FOLDER).glob(f"*{PART}")):
        name = part.with_name(part.name.removesuffix(PART))
        row = connection.execute(select(seals).where(seals.c.manifest == f"{FOLDER}/{name.name}")).one_or_none()
        try:
            if row is not None and manifest_digest(part.read_bytes()) == row.digest:
                part.replace(name)
                sync_folder(name.parent)
            else:
                part.unlink()
        except OSError as error:
            raise StorageError(f"{part}: {error.strerror}; check the folder's permissions") from error


def last_sealed_version(connection: Connection, portal: str) -> int:
    """The id up to which the versions of the portal are sealed; 0 where none is."""
    query = select(func.max(seals.c.through_version_id)).where(seals.c.portal == portal)
    return int(connection.execute(query).scalar() or 0)


def _seal(
    archive: Path, connection: Connection, portal: str, run_id: int | None, files: Sequence[SealedFile], now: datetime
) -> None:
    """Writes the manifest and its row."""
    last = connection.execute(select(seals).order_by(seals.c.number.desc()).limit(1)).one_or_none()
    after = last_sealed_version(connection, portal)
    newest = select(func.max(versions.c.version_id)).join(articles, articles.c.article_id == versions.c.article_id)
    through = connection.execute(newest.where(versions.c.version_id > after, articles.c.portal == portal)).scalar() or 0
    scope = Scope(portal=portal, run_id=run_id, after=after, through=max(after, through))
    tables = (*OF_A_RUN, *OF_VERSIONS) if run_id is not None else OF_VERSIONS
    manifest = Manifest(
        number=1 if last is None else last.number + 1,
        previous=None if last is None else last.digest,
        portal=portal,
        run_id=run_id,
        sealed_at=warc_date(now),
        schema=SCHEMA,
        after=scope.after,
        through=scope.through,
        files=tuple(files),
        rows={plain_name(table): digest_rows(connection, table, scope, marked=True) for table in tables},
        state={plain_name(table): digest_rows(connection, table, scope, marked=False) for table in STATE},
    )
    content = manifest.as_bytes()
    _write_part(archive / (manifest.name + PART), content)
    connection.execute(
        insert(seals).values(
            number=manifest.number,
            portal=portal,
            run_id=run_id,
            manifest=manifest.name,
            digest=manifest_digest(content),
            previous=manifest.previous,
            through_version_id=manifest.through,
            sealed_at=now,
        )
    )


def _write_part(path: Path, content: bytes) -> None:
    """Writes the file durably."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
            sync_folder(folder)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; the run was not closed") from error


def _end_files(archive: Path, connection: Connection, run: Run, now: datetime) -> tuple[SealedFile, ...]:
    """The run's WARC file, cut after its last record and ended with a record about the run.

    None where there is no file. One that lost records is sealed as it is, so that the portal can be crawled again:
    `verify` names what is missing.
    """
    name = warc_name(run)
    path = archive / name
    end = end_of_records(connection, name)
    if not path.exists():
        return ()
    if path.stat().st_size >= end:
        file = WarcFile(archive, name, info={}, began_at=run.started_at)
        file.cut(end)
        if end == 0:  # nothing arrived in the run: a warcinfo alone is no evidence
            path.unlink()
            return ()
        file.end(f"metadata://portalwatch/{run.portal}/run/{run.run_id}", now, _about(connection, run))
    return (_describe(archive, connection, name),)


def _about(connection: Connection, run: Run) -> list[tuple[str, str]]:
    """What the `metadata` record says of the run: how it went, and where nothing arrived."""
    counts = count_outcomes(connection, run.run_id)
    lost = read_outcomes(connection, run.run_id, unanswered=True)
    finished = run.finished_at or run.started_at
    return [
        ("portal", run.portal),
        ("run", str(run.run_id)),
        ("started", warc_date(run.started_at)),
        ("finished", warc_date(finished)),
        ("state", run.state),
        ("cause", run.cause.value),
        ("first-crawl", "yes" if run.first_crawl else "no"),
        ("sweep", "yes" if run.sweep else "no"),
        *((f"outcome-{kind.value}", str(count)) for kind, count in sorted(counts.items())),
        *(("no-answer", f"{outcome.kind.value} {outcome.url}") for outcome in lost),
    ]


def _describe(archive: Path, connection: Connection, name: str) -> SealedFile:
    """Size and digests of a finished file. Its records are where the rows say; warcinfo and metadata fill the rest."""
    content = hashlib.sha256()
    places = [
        (row.warc_offset, row.warc_length)
        for row in connection.execute(
            select(captures.c.warc_offset, captures.c.warc_length)
            .where(captures.c.warc_file == name)
            .order_by(captures.c.warc_offset)
        )
    ]
    records = []
    path = archive / name
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            for offset, length in _cover(places, size):
                member = file.read(length)
                content.update(member)
                mark = hashlib.sha256(member).hexdigest()[:MARK_CHARS]
                records.append(SealedRecord(offset=offset, length=length, mark=mark))
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; the run was not closed") from error
    times = (func.min(captures.c.fetched_at), func.max(captures.c.fetched_at))
    first, last = connection.execute(select(*times).where(captures.c.warc_file == name)).one()
    return SealedFile(
        file=name,
        size=size,
        digest=f"sha256:{content.hexdigest()}",
        first_at=warc_date(first) if first else None,
        last_at=warc_date(last) if last else None,
        records=tuple(records),
    )


def _cover(places: Sequence[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """The whole file as consecutive parts: the places, and what lies before, between and after them."""
    parts, at = [], 0
    for offset, length in places:
        if not at <= offset < offset + length <= size:  # a file that lost its end
            break
        if offset > at:
            parts.append((at, offset - at))
        parts.append((offset, length))
        at = offset + length
    return [*parts, (at, size - at)] if at < size else parts
