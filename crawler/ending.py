"""How the crawl of a portal ends: what is missing is counted, the run closed and sealed, in one transaction.

What it does not do: decide what that proves (`storage.ending`), or end a run that was stopped, which goes on.
"""

from __future__ import annotations

from datetime import datetime

from crawler.beginning import addressing_of
from crawler.config import Config
from crawler.limits import Limits
from crawler.portals import Portal
from crawler.robots import RobotsFiles
from storage import runs, unvisited
from storage.archive import Archive
from storage.ending import EndPolicy, settle_run
from storage.health import exhausted
from storage.notices import post_notice
from storage.records import Problem, Run


def end_run(
    archive: Archive, portal: Portal, run: Run, *, config: Config, limits: Limits, robots: RobotsFiles, now: datetime
) -> tuple[Problem, ...]:
    """Ends the run; what is wrong with the portal by it. Raises `StorageError`."""
    policy = EndPolicy(gone=config.gone, health=config.health, expected=portal.expect.as_expected())
    archive.commit()  # what ends the run is a transaction of its own
    with archive.writing() as connection:
        ended = settle_run(connection, run, now, policy)
        if ended.notice is not None:
            addressing = addressing_of(portal, config)
            post_notice(connection, ended.notice, addressing.of_health(portal.slug))
        waiting = unvisited.count_waiting(connection, run)
        used_up = [exhausted(waiting, limits.run_pages)] if waiting and limits.is_used_up else []
        problems = (*ended.problems, *used_up)
        state = "partial" if waiting else "finished"
        runs.finish_run(connection, run, now, state=state, problems=problems)
        robots.settle(connection)
        archive.seal(connection, portal.slug, now)
    archive.commit()
    archive.publish()
    return problems
