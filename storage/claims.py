"""The dates of publication that feeds and news sitemaps give addresses: the first that each is given stays.

What it does not do: say what such a date is worth (`crawler.dating`).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from storage.addresses import MINE
from storage.prepared import PreparedAmong, PreparedChange, PreparedSelect
from storage.records import Claim
from storage.schema import addresses, articles

_UNDATED = PreparedAmong(
    select(addresses.c.address_key).where(
        addresses.c.portal == bindparam("its_portal"), addresses.c.published_raw.is_(None)
    ),
    addresses.c.address_key,
)
_DATE = PreparedChange(
    update(addresses).where(*MINE).values(published_raw=bindparam("its_date"), published_in=bindparam("its_source"))
)
_OF_ARTICLE = PreparedSelect(
    select(addresses.c.published_raw, addresses.c.published_in)
    .join(articles, articles.c.article_id == addresses.c.article_id)
    .where(
        addresses.c.article_id == bindparam("its_article"),
        addresses.c.published_raw.is_not(None),
        addresses.c.published_in.is_not(None),
    )
    .order_by(addresses.c.address_key != articles.c.address_key, addresses.c.address_id)
    .limit(1)
)


def note_claims(connection: Connection, portal: str, claims: Mapping[str, Claim]) -> None:
    """Dates those of the known addresses, named by key, that nobody has dated yet."""
    if not claims:
        return
    undated = _UNDATED.read(connection, list(claims), {"its_portal": portal})
    dates = [
        {"its_portal": portal, "its_key": key, "its_date": claims[key].raw, "its_source": claims[key].source}
        for (key,) in undated
    ]
    if dates:
        _DATE.run_all(connection, dates)


def find_claim(connection: Connection, article_id: int) -> Claim | None:
    """The date that the article's address was given, or else another address that it had; None for none."""
    row = _OF_ARTICLE.find(connection, {"its_article": article_id})
    return None if row is None else Claim(raw=row.published_raw, source=row.published_in)
