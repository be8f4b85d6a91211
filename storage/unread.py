"""Versions that only a re-parse could read, of captures that told the crawl nothing: nobody was ever told of them.

What it does not do: say what follows for the next visit (`storage.timeline`, `storage.savings`).
"""

from __future__ import annotations

from sqlalchemy import and_, exists

from storage.schema import outcomes, versions
from storage.vocabulary import READ, Cause, OutcomeKind

IS_UNREAD = and_(
    versions.c.cause == Cause.REPARSE.value,
    exists()
    .where(
        outcomes.c.capture_id == versions.c.capture_id,
        *(outcomes.c.kind != kind.value for kind in (*READ, OutcomeKind.NOT_MODIFIED)),
    )
    .correlate(versions),
)
"""Of a row of `versions`: the crawl that made its capture could not read an article in it."""
