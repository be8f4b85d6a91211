"""What listing pages showed: which addresses each listing names, and how its pages hang together.

What it does not do: read pages, or follow them. It is the evidence for `delisted` and for a listing that shrank.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, or_, select, update

from storage.records import Run
from storage.schema import addresses, articles, listing_pages, sightings

_BATCH = 500


def add_page(
    connection: Connection,
    run: Run,
    *,
    key: str,
    listing: str,
    page: int,
    entries: int,
    unknown: int,
    next_key: str | None,
) -> None:
    """Remembers one page of a listing in this run."""
    connection.execute(
        insert(listing_pages).values(
            run_id=run.run_id,
            address_key=key,
            listing=listing,
            page=page,
            entries=entries,
            unknown=unknown,
            next_key=next_key,
        )
    )


def see_entries(connection: Connection, run: Run, listing: str, keys: Sequence[str]) -> None:
    """Remembers that the listing named these addresses in this run."""
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        mine = (sightings.c.portal == run.portal) & (sightings.c.listing == listing)
        query = select(sightings.c.address_key).where(mine, sightings.c.address_key.in_(batch))
        known = set(connection.execute(query).scalars())
        connection.execute(update(sightings).where(mine, sightings.c.address_key.in_(known)).values(run_id=run.run_id))
        rows = [
            {"portal": run.portal, "listing": listing, "address_key": key, "run_id": run.run_id}
            for key in batch
            if key not in known
        ]
        if rows:
            connection.execute(insert(sightings), rows)


def missing_among(connection: Connection, portal: str, keys: Sequence[str]) -> list[str]:
    """Those of the addresses whose article is gone or delisted: a listing names them again, so they deserve a look."""
    found: list[str] = []
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        query = (
            select(addresses.c.address_key)
            .join(articles, articles.c.article_id == addresses.c.article_id)
            .where(
                addresses.c.portal == portal,
                addresses.c.address_key.in_(batch),
                or_(articles.c.status == "gone", articles.c.delisted),
            )
        )
        found.extend(connection.execute(query).scalars())
    return found
