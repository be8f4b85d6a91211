"""What need not be sent, read or stored again: answers 304, and pages whose bytes are those of an earlier capture.

What it does not do: decide that a page is unchanged (`crawler.ingest`); it recognises bytes that were read before.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection, bindparam, case, func, select

from storage.prepared import PreparedSelect
from storage.records import Kept, ReadBy, Run
from storage.schema import addresses, articles, captures, runs, versions
from storage.vocabulary import Cause

_original = captures.alias("original")
_READ = PreparedSelect(
    select(versions.c.rules_fingerprint, versions.c.parser_version, articles.c.checked_by)
    .select_from(addresses)
    .join(articles, articles.c.article_id == addresses.c.article_id)
    .join(versions, versions.c.version_id == articles.c.version_id)
    .join(captures, captures.c.capture_id == versions.c.capture_id)
    .join(runs, runs.c.run_id == captures.c.run_id)
    .where(
        addresses.c.portal == bindparam("its_portal"),
        addresses.c.address_key == bindparam("its_key"),
        addresses.c.address_key == articles.c.address_key,
        articles.c.status == "live",
        articles.c.watched,
        versions.c.capture_id == bindparam("its_original"),
        versions.c.captured_at <= bindparam("its_time"),
        runs.c.cause == Cause.CRAWL.value,
    )
)
_is_304 = captures.c.status == HTTPStatus.NOT_MODIFIED
_SAVED = (
    select(
        func.coalesce(func.sum(case((_is_304, _original.c.payload_bytes), else_=0)), 0),
        func.coalesce(func.sum(case((_is_304, 0), else_=captures.c.payload_bytes)), 0),
    )
    .join(_original, _original.c.capture_id == captures.c.revisit_of)
    .where(captures.c.run_id == bindparam("its_run"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Savings:
    """What a run was spared."""

    not_sent: int
    """Bytes that answers 304 stood for."""
    not_stored: int
    """Bytes that were sent, and which the archive had already."""


def was_read(connection: Connection, kept: Kept, *, portal: str, key: str, read_by: ReadBy) -> bool:
    """True where the latest version of the live article at the address was read from just these bytes, as today.

    To read them again would give that version again, but for a date that is printed as "2 hours ago", which stands.
    """
    asked = {
        "its_portal": portal,
        "its_key": key,
        "its_original": kept.revisit_of,
        "its_time": kept.capture.fetched_at,
    }
    row = _READ.find(connection, asked)
    if row is None:
        return False
    today = (read_by.rules_fingerprint, read_by.parser_version)
    return today == (row.rules_fingerprint, row.parser_version) or row.checked_by == " ".join(today)


def read_savings(connection: Connection, run: Run) -> Savings:
    """What the run was spared."""
    not_sent, not_stored = connection.execute(_SAVED, {"its_run": run.run_id}).one()
    return Savings(not_sent=int(not_sent), not_stored=int(not_stored))
