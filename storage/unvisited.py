"""What of the frontier waits: the addresses that a run has still to visit, in their order.

What it does not do: make addresses wait (`storage.addresses`), or decide when one is due (`crawler.frontier`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, select

from storage.addresses import MINE, as_address
from storage.prepared import PreparedSelect
from storage.records import Address, Run
from storage.schema import WAITING_RANK, addresses, outcomes

_DONE = exists().where(outcomes.c.run_id == bindparam("its_run"), outcomes.c.address_key == addresses.c.address_key)
_WAITS: tuple[ColumnElement[bool], ...] = (addresses.c.portal == bindparam("its_portal"), addresses.c.pending, ~_DONE)
"""The condition for an address that a run has still to visit."""
_WAITING = PreparedSelect(
    select(addresses.c.address_id, addresses.c.address_key)
    .where(*_WAITS)
    .order_by(WAITING_RANK, addresses.c.address_id)
    .limit(bindparam("most"))
)
_FIND_WAITING = PreparedSelect(select(addresses).where(addresses.c.address_id == bindparam("its_id"), *_WAITS))
_COUNT_WAITING = PreparedSelect(select(func.count().label("waiting")).where(*_WAITS))
_DONE_HERE = (outcomes.c.run_id == bindparam("its_run")) & (outcomes.c.address_key == addresses.c.address_key)
_FIND_TO_VISIT = PreparedSelect(
    select(addresses, outcomes.c.run_id.label("done_in"))
    .select_from(addresses.outerjoin(outcomes, _DONE_HERE))
    .where(*MINE)
)


def find_to_visit(connection: Connection, run: Run, key: str) -> tuple[Address | None, bool]:
    """The address with that identity, or None; and whether it has its outcome in the run already."""
    row = _FIND_TO_VISIT.find(connection, _of_run(run) | {"its_key": key})
    return (None, False) if row is None else (as_address(row), row.done_in is not None)


def read_waiting(connection: Connection, run: Run, *, limit: int, beyond: Collection[str]) -> list[int]:
    """Numbers of the addresses to fetch next in this run, by `WAITING_RANK`, each kind in order of discovery.

    Known articles come before new ones so that a moved article is recognised at its old address first. `beyond` are the
    keys already handed out.
    """
    asked = _of_run(run) | {"most": limit + len(beyond)}
    return [row.address_id for row in _WAITING.read(connection, asked) if row.address_key not in beyond][:limit]


def find_waiting(connection: Connection, run: Run, number: int) -> Address | None:
    """The address with that number (`read_waiting`); None where it does not wait in this run any more."""
    row = _FIND_WAITING.find(connection, _of_run(run) | {"its_id": number})
    return None if row is None else as_address(row)


def count_waiting(connection: Connection, run: Run) -> int:
    """How many addresses wait to be fetched in this run."""
    return int(_COUNT_WAITING.get(connection, _of_run(run)).waiting)


def _of_run(run: Run) -> dict[str, Any]:
    return {"its_portal": run.portal, "its_run": run.run_id}


def count_pending(connection: Connection, portal: str) -> int:
    """How many addresses of the portal wait to be fetched, in whatever run."""
    query = select(func.count()).where(addresses.c.portal == portal, addresses.c.pending, ~addresses.c.imported)
    return int(connection.execute(query).scalar_one())
