"""What the database takes for due is what the planner says of each address (storage.due, crawler.frontier.ranking)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import insert, select
from watched import PORTAL, START, Watched

from crawler.frontier.policy import Revisit, RevisitPolicy
from crawler.frontier.ranking import bounds, choose_articles
from storage import schema
from storage.due import want_due
from storage.records import VIETNAM
from storage.records.runs import Run
from storage.revisits import read_visitable

NOW = START + timedelta(hours=1)
HOURS = (-30, 1, 2, 23, 24, 25, 71, 73, 167, 168, 169, 335, 337, 719, 720, 721, 2159, 2161, 9000)
"""Ages and waits on both sides of every bound of the rule."""
WAITS = (None, -9000, -25, -23, *HOURS[1:13], 721)
"""Hours since the last visit; below zero a clock was ahead then, which is believed for a day."""


def rows(run: Run) -> dict[str, list[dict[str, Any]]]:
    """An address, and mostly its article, of every kind that the rule tells apart."""
    made: dict[str, list[dict[str, Any]]] = {"articles": [], "addresses": [], "absences": []}

    def add(age: float, wait: float | None, **but: Any) -> None:
        number = len(made["addresses"]) + 1
        key, seen = f"a/{number}", NOW - timedelta(hours=age)
        own = {"portal": PORTAL, "url": f"http://a.example/{number}"}
        day = seen.astimezone(VIETNAM).date() if but.get("dated", True) else None
        if but.get("of_article", True):
            status = but.get("status", "live")
            article = {"article_id": number, "first_seen_at": seen, "published_on": day, "status": status}
            place = key if but.get("canonical", True) else f"elsewhere/{number}"
            made["articles"].append(own | article | {"address_key": place, "delisted": False})
        visited = None if wait is None else NOW - timedelta(hours=wait)
        address = {"address_key": key, "article_id": number if but.get("of_article", True) else None, "hops": 0}
        known = {"discovered_at": seen, "baseline": False, "pending": but.get("pending", False)}
        made["addresses"].append(
            own
            | address
            | known
            | {"role": but.get("role", "article"), "last_fetched_at": visited, "imported": False}
            | {"failures": but.get("failures", 0)}
        )
        if but.get("missing"):
            absence = {"article_id": number, "kind": "gone", "first_at": seen, "last_at": seen, "visits": 1}
            made["absences"].append(absence | {"run_id": run.run_id})

    for age, wait, dated in product(HOURS, WAITS, (True, False)):
        add(age, wait, dated=dated)
    for failures, wait in product((1, 3, 4), (*WAITS, 169)):
        for but in ({}, {"of_article": False}, {"canonical": False}, {"role": "section", "of_article": False}):
            add(2000, wait, failures=failures, **but)
    for wait in (None, 1, 721):
        for but in (
            {"missing": True},
            {"canonical": False},
            {"status": "moved"},
            {"pending": True},
            {"status": "gone"},
        ):
            add(9000, wait, **but)
    return made


def planned(watched: Watched, now: datetime) -> set[str]:
    with watched.archive.reading() as connection:
        known = list(read_visitable(connection, PORTAL))
    chosen = choose_articles(known, revisit=Revisit.DUE, policy=RevisitPolicy(), expected=None, now=now.timestamp())
    return {one.item.key for one in chosen}


def waiting(watched: Watched) -> set[str]:
    with watched.archive.reading() as connection:
        return set(
            connection.execute(select(schema.addresses.c.address_key).where(schema.addresses.c.pending)).scalars()
        )


def test_addresses_that_are_marked_are_those_that_the_planner_names(watched: Watched) -> None:
    run = watched.begin(0)
    with watched.archive.writing() as connection:
        for name, made in rows(run).items():
            connection.execute(insert(getattr(schema, name)), made)
    before, due = waiting(watched), planned(watched, NOW)
    done = set(sorted(due)[:7])
    with watched.archive.writing() as connection:
        outcome = {"run_id": run.run_id, "role": "article", "kind": "unchanged", "recorded_at": NOW}
        connection.execute(
            insert(schema.outcomes), [outcome | {"address_key": key, "url": f"http://{key}"} for key in done]
        )
        want_due(connection, run, bounds(RevisitPolicy(), NOW.timestamp()))
    assert 100 < len(due) < 600  # so many are not
    assert len(before) == 3
    assert waiting(watched) == before | (due - done)
