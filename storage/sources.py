"""Where a portal's news may be: its feeds, sitemaps and sections, and the addresses that nothing but a sitemap names.

What it does not do: find them (`crawler.announced`, `crawler.listed`), or write (`storage.discovery`).
"""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, or_, select

from storage.addresses import as_address
from storage.records import Address, Run
from storage.schema import addresses, articles, outcomes
from storage.vocabulary import FoundIn, Role


def count_sections(connection: Connection, portal: str) -> int:
    """How many addresses of the portal were taken for sections of its home page."""
    sections = (addresses.c.portal == portal, addresses.c.role == Role.SECTION.value, ~addresses.c.imported)
    query = select(func.count()).where(*sections)
    return int(connection.execute(query).scalar_one())


def read_sources(connection: Connection, portal: str) -> list[Address]:
    """The feeds and sitemaps that are known, those of an index left out: the index names them again."""
    query = select(addresses).where(
        addresses.c.portal == portal,
        addresses.c.role.in_([Role.FEED.value, Role.SITEMAP.value]),
        ~addresses.c.imported,
        func.coalesce(addresses.c.found_in, "") != FoundIn.SITEMAP.value,
    )
    return [as_address(row) for row in connection.execute(query.order_by(addresses.c.address_id))]


def read_unproven(connection: Connection, portal: str, *, most: int = 5000) -> list[str]:
    """Keys of addresses that only a sitemap names and nobody looked at, in order of discovery."""
    query = select(addresses.c.address_key).where(
        addresses.c.portal == portal,
        addresses.c.role == Role.ARTICLE.value,
        addresses.c.found_in == FoundIn.SITEMAP.value,
        addresses.c.last_fetched_at.is_(None),
        ~addresses.c.pending,
        ~addresses.c.imported,
    )
    return list(connection.execute(query.order_by(addresses.c.address_id).limit(most)).scalars())


def count_unproven_of(connection: Connection, run: Run) -> int:
    """How many addresses that only a sitemap names the run has looked at or still will.

    Not those that an earlier run found to be articles: they are visited by their age, like any other.
    """
    known_before = exists().where(
        articles.c.article_id == addresses.c.article_id, articles.c.first_seen_at < run.started_at
    )
    looked_at = exists().where(outcomes.c.run_id == run.run_id, outcomes.c.address_key == addresses.c.address_key)
    query = select(func.count()).where(
        addresses.c.portal == run.portal,
        addresses.c.found_in == FoundIn.SITEMAP.value,
        addresses.c.role.in_([Role.ARTICLE.value, Role.OTHER.value]),
        or_(addresses.c.pending, looked_at),
        ~known_before,
        ~addresses.c.imported,
    )
    return int(connection.execute(query).scalar_one())


def read_article_keys(connection: Connection, portal: str, *, most: int = 1000) -> list[str]:
    """Keys of the articles' addresses, the latest first."""
    query = select(articles.c.address_key).where(articles.c.portal == portal).order_by(articles.c.article_id.desc())
    return list(connection.execute(query.limit(most)).scalars())
