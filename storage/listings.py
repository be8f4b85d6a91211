"""What listing pages showed: which addresses each listing names, and how its pages hang together.

What it does not do: read pages, or follow them. It is the evidence for `delisted` and for a listing that shrank.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, exists, insert, or_, select, update

from storage.portions import portions
from storage.prepared import PreparedAmong, PreparedChange, PreparedInsert, PreparedSelect
from storage.records import Run
from storage.schema import addresses, articles, listing_pages, runs, sightings
from storage.vocabulary import Role

_ADD_PAGE = PreparedInsert(insert(listing_pages))
_MINE = (sightings.c.portal == bindparam("its_portal"), sightings.c.listing == bindparam("its_listing"))
_SEEN = PreparedAmong(select(sightings.c.address_key, sightings.c.run_id).where(*_MINE), sightings.c.address_key)
_SEE = PreparedInsert(insert(sightings))
_SEE_AGAIN = PreparedChange(
    update(sightings).where(*_MINE, sightings.c.address_key == bindparam("its_key")).values(run_id=bindparam("its_run"))
)
_OF_PORTAL = select(addresses.c.address_key).where(addresses.c.portal == bindparam("its_portal"))
_OF_SECTIONS = _OF_PORTAL.where(addresses.c.role == Role.SECTION.value)
_VISITED_SECTIONS = PreparedAmong(_OF_SECTIONS.where(addresses.c.last_fetched_at.is_not(None)), addresses.c.address_key)
_SECTIONS = PreparedSelect(
    _OF_SECTIONS.where(
        ~addresses.c.imported,
        exists().where(
            listing_pages.c.address_key == addresses.c.address_key,
            listing_pages.c.run_id == runs.c.run_id,
            runs.c.portal == addresses.c.portal,
        ),
    ).order_by(addresses.c.address_id)
)
_MISSING = PreparedAmong(
    _OF_PORTAL.join(articles, articles.c.article_id == addresses.c.article_id).where(
        or_(articles.c.status == "gone", articles.c.delisted)
    ),
    addresses.c.address_key,
)

NOT_FOLLOWED = "!"
"""In place of the next page's key: there is one, but the run's budget ended there (`storage.health`, `endless`)."""
CUT = "/"
"""In place of the next page's key: the page itself was read in part, being longer than what is read of one."""
OPEN_END = ""
"""In place of the next page's key: nobody knows whether there is one, so that the list never counts as read whole."""


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
    fresh: int = 0,
) -> None:
    """Remembers one page of a listing in this run."""
    row = {
        "run_id": run.run_id,
        "address_key": key,
        "listing": listing,
        "page": page,
        "entries": entries,
        "unknown": unknown,
        "next_key": next_key,
        "fresh": fresh,
    }
    _ADD_PAGE.add(connection, row)


def count_fresh(connection: Connection, run: Run, listing: str, pages: Sequence[int]) -> list[int]:
    """What these pages of the listing showed in this run that earlier ones had not, one number a page that was read."""
    query = select(listing_pages.c.fresh).where(
        listing_pages.c.run_id == run.run_id, listing_pages.c.listing == listing, listing_pages.c.page.in_(pages)
    )
    return list(connection.execute(query).scalars())


def see_entries(connection: Connection, run: Run, listing: str, keys: Sequence[str]) -> int:
    """Remembers that the listing named these addresses in this run; returns how many it had not named in it before."""
    mine = {"its_portal": run.portal, "its_listing": listing}
    known = {row.address_key: row.run_id for row in _SEEN.read(connection, keys, mine)}
    earlier = [key for key in keys if key in known and known[key] != run.run_id]
    _SEE_AGAIN.run_all(connection, [mine | {"its_key": key, "its_run": run.run_id} for key in earlier])
    new = [key for key in keys if key not in known]
    rows = [{"portal": run.portal, "listing": listing, "address_key": key, "run_id": run.run_id} for key in new]
    _SEE.add_all(connection, rows)
    return len(earlier) + len(new)


def is_named(connection: Connection, portal: str, key: str) -> bool:
    """True where a listing of the portal named the address, in whatever run."""
    named = select(sightings.c.run_id).where(sightings.c.portal == portal, sightings.c.address_key == key)
    return connection.execute(named.limit(1)).first() is not None


def read_sections(connection: Connection, portal: str) -> list[str]:
    """Keys of the sections that turned out to be listings, in order of discovery."""
    return [row.address_key for row in _SECTIONS.read(connection, {"its_portal": portal})]


def was_listing(connection: Connection, portal: str, key: str) -> bool:
    """True where the address was once read as a listing."""
    query = (
        select(listing_pages.c.run_id)
        .join(runs, runs.c.run_id == listing_pages.c.run_id)
        .where(runs.c.portal == portal, listing_pages.c.address_key == key)
    )
    return connection.execute(query.limit(1)).first() is not None


def take_for_articles(connection: Connection, portal: str, keys: Sequence[str]) -> None:
    """Of the addresses that a listing names, those that were taken for sections and are none: they may be articles."""
    taken = [row.address_key for row in _VISITED_SECTIONS.read(connection, keys, {"its_portal": portal})]
    if not taken:
        return
    sections = set(read_sections(connection, portal))
    for some in portions(key for key in taken if key not in sections):
        connection.execute(
            update(addresses)
            .where(addresses.c.portal == portal, addresses.c.address_key.in_(some))
            .values(role=Role.ARTICLE.value, page=None, pending=True)
        )


def missing_among(connection: Connection, portal: str, keys: Sequence[str]) -> list[str]:
    """Those of the addresses whose article is gone or delisted: a listing names them again, so they deserve a look."""
    return [row.address_key for row in _MISSING.read(connection, keys, {"its_portal": portal})]
