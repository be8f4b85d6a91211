"""Listings that a run asked for and that are not there, or are lists no more: what is new on them is not seen.

What it does not do: judge one run. A listing that did not come at all (no connection, maintenance) is not among them.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from storage.records import Run
from storage.schema import addresses, outcomes
from storage.vocabulary import OutcomeKind, Role

_LOST = (OutcomeKind.UNREADABLE, OutcomeKind.HTTP_ERROR, OutcomeKind.NOT_HTML)


def read_lost_listings(connection: Connection, run: Run) -> dict[str, str]:
    """By address, the key of each listing whose first page was asked for and showed no list."""
    query = (
        select(outcomes.c.url, outcomes.c.address_key)
        .join(addresses, outcomes.c.address_key == addresses.c.address_key)
        .where(
            outcomes.c.run_id == run.run_id,
            outcomes.c.role == Role.LISTING.value,
            outcomes.c.kind.in_([kind.value for kind in _LOST]),
            addresses.c.portal == run.portal,
            func.coalesce(addresses.c.page, 1) == 1,
        )
        .order_by(outcomes.c.url)
    )
    return {row.url: row.address_key for row in connection.execute(query)}
