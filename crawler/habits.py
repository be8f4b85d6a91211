"""What the archive's own history says of a portal's habits: how often articles are edited, and when offices work.

It reads and never writes. What it does not do: assume (`crawler.frontier.assumptions`), or plan (`crawler.planned`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crawler.frontier.activity import Reading, Rhythm, learn_rhythm
from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.fitting import Exposure, edit_at, expose, fit, watch
from crawler.frontier.hazard import BOUNDS, DAY_S, Hazard, split
from storage.exposures import read_edits, read_edits_elsewhere, read_watched_elsewhere
from storage.revisits import Visitable
from storage.spending import read_readings

_OWN = timedelta(days=365)
"""So much of a portal's own history counts: habits change."""
_OTHERS = timedelta(days=28)
"""So much of the other portals': it is read in every run."""


def read_rhythm(connection: Connection, portal: str, now: datetime) -> Rhythm:
    """When the portal's office publishes."""
    return learn_rhythm(load_assumptions(), [Reading(*one) for one in read_readings(connection, portal, now)])


def read_hazard(connection: Connection, portal: str, known: Sequence[Visitable], now: datetime) -> Hazard:
    """How often the portal's articles are edited, by age: its own history, shrunk to that of the others."""
    assumed = load_assumptions()
    own = _own(connection, portal, known, now, assumed.edits)
    return fit(assumed, own, [_others(connection, portal, now)])


def _own(connection: Connection, portal: str, known: Sequence[Visitable], now: datetime, assumed: Hazard) -> Exposure:
    """What was seen of the portal's own articles."""
    since = now - _OWN
    found = watch(known, since.timestamp())
    edits = list(read_edits(connection, portal, since))
    wanted = {edit.article_id for edit in edits}
    born = {item.article_id: item.born_at for item in known if item.canonical and item.article_id in wanted}
    for edit in edits:
        if edit.article_id not in born:
            continue
        end = (edit.found - born[edit.article_id]) / DAY_S
        if edit.before is None:
            found += edit_at(end)
        else:
            begin = (edit.before - born[edit.article_id]) / DAY_S
            found += Exposure(edits=expose(begin, end, edited=True, hazard=assumed).edits)
    return found


def _others(connection: Connection, portal: str, now: datetime) -> Exposure:
    """What was seen of the other portals' articles that are not old."""
    since = now - _OTHERS
    youngest = since - timedelta(days=BOUNDS[-1])
    found = Exposure()
    for watched in read_watched_elsewhere(connection, portal, since, youngest):
        found += Exposure(days=tuple(watched.articles * days for days in split(watched.begin_days, watched.end_days)))
    for age in read_edits_elsewhere(connection, portal, since, youngest):
        found += edit_at(age)
    return found
