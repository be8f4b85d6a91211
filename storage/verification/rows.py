"""Rows of the database against the manifests: sealed rows one by one, the state of each portal as a whole.

What it does not do: judge rows of a run that is still open. They are not proven until it is closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, exists, select

from storage.fixity import Rows, Scope, digest_rows, row_key
from storage.manifests import Manifest
from storage.schema import (
    TABLES,
    articles,
    captures,
    changes,
    outcomes,
    plain_name,
    related,
    runs,
    seals,
    versions,
)
from storage.stored import stored
from storage.verification.faults import (
    Fault,
    FaultKind,
    Touched,
    touched_by_article,
    touched_by_captures,
    touched_version,
)

DATABASE = "archive.db"


def sealed_faults(connection: Connection, manifest: Manifest) -> Iterator[Fault]:
    """Rows that are not what the manifest says of them."""
    scope = _scope(manifest)
    for name, sealed in manifest.rows.items():
        table = TABLES[name]
        found = digest_rows(connection, table, scope, columns=sealed.columns, marked=True)
        if (found.count, found.digest) != (sealed.count, sealed.digest):
            yield from _differences(connection, table, scope, sealed, found)


def state_faults(connection: Connection, manifest: Manifest) -> Iterator[Fault]:
    """Tables that do not hold what they held when the portal's last run was closed. Not for one with an open run."""
    for name, sealed in manifest.state.items():
        table = TABLES[name]
        found = digest_rows(connection, table, _scope(manifest), columns=sealed.columns, marked=False)
        if (found.count, found.digest) != (sealed.count, sealed.digest):
            yield Fault(kind=FaultKind.STATE, where=DATABASE, table=name, detail=manifest.portal)


def added_faults(connection: Connection, portal: str, after: int) -> Iterator[Fault]:
    """Versions of the portal that no seal covers, although none of its runs is open."""
    own = versions.c.article_id.in_(select(articles.c.article_id).where(articles.c.portal == portal))
    for version_id in connection.execute(
        select(versions.c.version_id).where(versions.c.version_id > after, own)
    ).scalars():
        touched = touched_version(connection, version_id)
        yield Fault(kind=FaultKind.ADDED, where=DATABASE, table="versions", row=str(version_id), versions=touched)


def unsealed_runs(connection: Connection, portal: str) -> list[tuple[int, bool]]:
    """(run, whether it is open) of the portal's runs that no seal covers."""
    unsealed = ~exists().where(seals.c.run_id == runs.c.run_id)
    query = select(runs.c.run_id, runs.c.state).where(runs.c.portal == portal, unsealed).order_by(runs.c.run_id)
    return [(row.run_id, row.state == "running") for row in connection.execute(query)]


def _scope(manifest: Manifest) -> Scope:
    return Scope(portal=manifest.portal, run_id=manifest.run_id, after=manifest.after, through=manifest.through)


def _differences(connection: Connection, table: Table, scope: Scope, sealed: Rows, found: Rows) -> Iterator[Fault]:
    """One fault for each row that was edited, deleted or added."""
    for key in sorted({*sealed.marks, *found.marks}, key=lambda key: (len(key), key)):
        if sealed.marks.get(key) == found.marks.get(key):
            continue
        kind = FaultKind.EDITED
        if key not in found.marks:
            kind = FaultKind.DELETED
        elif key not in sealed.marks:
            kind = FaultKind.ADDED
        touched = _touched(connection, table, scope, sealed.columns, key)
        yield Fault(kind=kind, where=DATABASE, table=plain_name(table), row=key, versions=touched)


def _touched(
    connection: Connection, table: Table, scope: Scope, columns: Sequence[str], key: str
) -> tuple[Touched, ...]:
    """The versions that a row is about; none where it is gone and its key does not tell."""
    if table in (versions, related):
        return touched_version(connection, int(key.partition("/")[0]))
    if table is captures:
        return touched_by_captures(connection, [int(key)])
    if table in (changes, outcomes):
        row = _find(connection, table, scope, columns, key)
        return touched_by_article(connection, row.article_id) if row is not None else ()
    return ()


def _find(connection: Connection, table: Table, scope: Scope, columns: Sequence[str], key: str) -> Any | None:
    names = [name for name in columns if name in {*table.primary_key.columns.keys(), "article_id"}]
    rows = connection.execute(select(*(stored(table.c[name]) for name in names)).where(scope.condition(table)))
    return next((row for row in rows if row_key(table, names, row) == key), None)
