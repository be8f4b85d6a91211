"""What is wrong with a portal, and since when: one row for each problem from the run that first saw it to its end.

What it does not do: find problems (`storage.health`, `storage.learnt`), or tell of them (`storage.conditions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.problems import condition_of
from storage.records import Problem, Run
from storage.schema import troubles


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A problem of a portal that lasts, or lasted, for some runs."""

    trouble_id: int
    """Row id in `troubles`."""
    problem: Problem
    """As it was last seen."""
    began_at: datetime
    """When it was first seen."""
    began_run: int
    """In which run."""
    ended_at: datetime | None
    """When it was over; None while it lasts."""
    ended_run: int | None
    """Which run saw that."""

    def covers(self, run_id: int) -> bool:
        """True where that run saw it."""
        return self.began_run <= run_id and (self.ended_run is None or run_id < self.ended_run)

    def seen(self, count: int) -> Problem:
        """The same problem, as it is seen now."""
        return replace(self.problem, count=count)


def read_troubles(connection: Connection, portal: str, *, lasting: bool = False) -> list[Trouble]:
    """The portal's troubles in the order in which they began; `lasting`: only those that are not over."""
    query = select(troubles).where(troubles.c.portal == portal).order_by(troubles.c.trouble_id)
    if lasting:
        query = query.where(troubles.c.ended_at.is_(None))
    return [
        Trouble(
            trouble_id=row.trouble_id,
            problem=Problem(code=row.code, count=row.count_, of=row.of, what=row.what, usual=row.usual),
            began_at=row.began_at,
            began_run=row.began_run,
            ended_at=row.ended_at,
            ended_run=row.ended_run,
        )
        for row in connection.execute(query.add_columns(troubles.c.count.label("count_")))
    ]


def settle_troubles(
    connection: Connection, run: Run, found: Sequence[Problem], lasting: Sequence[Trouble], now: datetime
) -> list[Trouble]:
    """Begins a trouble for each problem found that tells on the portal's condition, ends those that were not found.

    `lasting`: those that were not over before. Returns those that last now.
    """
    seen = {(one.code, one.what): one for one in found if condition_of(one) is not None}
    for trouble in lasting:
        problem = seen.pop((trouble.problem.code, trouble.problem.what), None)
        mine = update(troubles).where(troubles.c.trouble_id == trouble.trouble_id)
        if problem is None:
            connection.execute(mine.values(ended_at=now, ended_run=run.run_id))
        elif problem != trouble.problem:
            connection.execute(mine.values(count=problem.count, of=problem.of, usual=problem.usual))
    rows = [
        {"portal": run.portal, "began_at": now, "began_run": run.run_id, **asdict(problem)} for problem in seen.values()
    ]
    if rows:
        connection.execute(insert(troubles), rows)
    return read_troubles(connection, run.portal, lasting=True)
