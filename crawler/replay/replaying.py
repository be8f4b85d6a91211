"""A crawl that is done again from its own WARC file: the same captures, in the same order, with the same end.

The road is that of the crawl (`crawler.ingest`), so that articles, versions and changes come out the same; only their
cause is another one. What it does not do: choose which files may be done again (`importing`), or fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from crawler import answers, ingest
from crawler.config import Config
from crawler.portals import Portal
from crawler.replay import readers
from crawler.unanswered import record_without_capture
from crawler.visit import Visit
from storage import addresses, discovery, imports, runs
from storage.archive import Archive
from storage.discovery import Found
from storage.ending import EndPolicy, settle_run
from storage.evidence import Stored, load_capture
from storage.imports import OpenImport, Pending
from storage.records import Capture, Kept, Problem, Run
from storage.vocabulary import OutcomeKind, Role

Advance = Callable[[int], None]
"""Told of each batch, how many captures it had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCapture:
    """A stored capture and what it says."""

    capture: Capture
    """The capture, without its payload."""
    reading: answers.Reading
    """What it says, if it is what its role says."""


def read_captures(archive: Path, portal: Portal, batch: Sequence[Stored]) -> list[ReadCapture]:
    """What the captures say. Pure, so that any process may do it."""
    found = []
    for stored in batch:
        capture = load_capture(archive, stored)
        found.append(ReadCapture(capture=replace(capture, payload=b""), reading=answers.read(capture, portal)))
    return found


def read_in_batches(
    archive: Archive, portal: Portal, pool: readers.Pool, pending: Sequence[Pending]
) -> Iterator[list[tuple[Pending, ReadCapture]]]:
    """The captures in their order, with what they say."""
    starts = range(0, len(pending), readers.BATCH)
    batches = ([one.stored for one in pending[start : start + readers.BATCH]] for start in starts)
    done = 0
    for batch, found in readers.read_all(pool, archive.path, portal, batches, read_captures):
        yield list(zip(pending[done : done + len(batch)], found, strict=True))
        done += len(batch)


def with_role(archive: Archive, portal: Portal, one: Pending, read: ReadCapture, role: Role) -> ReadCapture:
    """The capture read as what its address is known to be by now."""
    if role is read.capture.role:
        return read
    capture = replace(load_capture(archive.path, one.stored), role=role)
    return ReadCapture(capture=replace(capture, payload=b""), reading=answers.read(capture, portal))


def replay_run(
    archive: Archive,
    portal: Portal,
    opened: OpenImport,
    *,
    pool: readers.Pool,
    config: Config,
    now: datetime,
    advance: Advance,
) -> None:
    """Does the crawl again and closes it. A killed one goes on from its last batch. Raises `StorageError`."""
    facts = opened.facts or {}
    run = replace(opened.run, started_at=datetime.fromisoformat(facts["started"]))
    with archive.reading() as connection:
        pending = imports.read_pending(connection, [run.run_id])
    pending.sort(key=lambda one: one.stored.capture_id)  # as they were fetched: the order of the file
    for batch in read_in_batches(archive, portal, pool, pending):
        with archive.writing() as connection:
            for one, read in batch:
                _record(archive, connection, portal, run, config, one, read)
        advance(len(batch))
    finished = datetime.fromisoformat(facts["finished"])
    with archive.writing() as connection:
        _add_lost(connection, portal, run, facts["lost"], finished)
        problems: tuple[Problem, ...] = ()
        if facts["state"] != "interrupted":
            policy = EndPolicy(gone=config.gone, health=config.health, expected=portal.expect.as_expected())
            problems = settle_run(connection, run, finished, policy).problems
        runs.finish_run(connection, run, now, state=facts["state"], problems=problems)
        archive.seal(connection, portal.slug, now)
    archive.publish()


def _record(
    archive: Archive, connection: Connection, portal: Portal, run: Run, config: Config, one: Pending, read: ReadCapture
) -> None:
    """What one capture means, as the crawl would have recorded it."""
    address = addresses.find_address(connection, portal.slug, one.key)
    role = one.stored.role if address is None else address.role
    read = with_role(archive, portal, one, read, role)
    kept = Kept(capture_id=one.stored.capture_id, capture=read.capture, revisit_of=None)
    visit = Visit.of(
        connection,
        archive=archive,
        portal=portal,
        run=run,
        kept=kept,
        now=read.capture.fetched_at,
        since=None,
        revisits=True,
        budget=config.budget,
        read=answers.reread,
    )
    kind, detail, article_id = OutcomeKind.REDIRECT, None, None  # to another spelling of the same address
    if visit is None:
        kind, detail = OutcomeKind.DUPLICATE, "visited already in this run"
    else:
        outcome, _ = ingest.record_visit(visit, read.reading, with_files=config.files.fetch)
        if outcome is not None:
            kind, detail = outcome.kind, outcome.detail
            article_id = runs.find_article_of(connection, run, one.key)
    imports.set_outcome(connection, one.stored.capture_id, kind, role=role, detail=detail, article_id=article_id)


def _add_lost(connection: Connection, portal: Portal, run: Run, lost: Sequence[Sequence[str]], at: datetime) -> None:
    """The addresses from which nothing had arrived."""
    for kind, url in lost:
        key = portal.key(url)
        discovery.discover(connection, portal.slug, [Found(key=key, url=url, role=portal.declared_role(key))], at)
        address = addresses.find_address(connection, portal.slug, key)
        assert address is not None
        outcome = OutcomeKind(kind)
        record_without_capture(connection, run, replace(address, url=url), outcome, at, told=not outcome.is_failure)
