"""How large an archive is and how it grows: counted, not guessed, but for the day on which the disk is full."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from exported import story
from watched import PORTAL, Watched, at

import command
from crawler.cli.sizes import in_units
from databases import Database
from storage.sizes import Sizes, read_sizes


@pytest.fixture(scope="module")
def told(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Captures at the hours 0, 24, 48 and 72."""
    folder = tmp_path_factory.mktemp("sizes") / "archive"
    with database.open(folder) as archive:
        yield story(folder, archive)


def sizes(watched: Watched, hour: float) -> Sizes:
    with watched.archive.reading() as connection:
        return read_sizes(watched.archive, connection, at(hour))


def test_evidence_is_what_the_files_hold(told: Watched) -> None:
    found = sizes(told, 80)
    files = [path for path in (told.archive.path / "warc").rglob("*") if path.is_file()]
    assert found.evidence == sum(path.stat().st_size for path in files)
    (portal,) = found.portals.values()
    assert (portal.captures, portal.versions) == (7, 3)
    assert 0 < portal.evidence < found.evidence
    assert found.database > 10_000


def test_growth_is_what_was_fetched_in_these_days(told: Watched) -> None:
    everything = sizes(told, 80).portals[PORTAL]
    assert everything.week == everything.month == everything.evidence
    later = sizes(told, 24 * 7 + 60).portals[PORTAL]  # 7 days ago: between hours 48 and 72
    assert 0 < later.week < later.month == later.evidence
    assert sizes(told, 24 * 40).portals[PORTAL].month == 0


def test_disk_is_full_when_the_growth_of_a_month_has_used_it_up(told: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sizes(told, 24 * 10)
    is_here = told.archive.database.drivername == "sqlite"  # on a server the database is on another disk
    free = 10 * (before.month if is_here else before.portals[PORTAL].month)
    monkeypatch.setattr("storage.sizes.shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    found = sizes(told, 24 * 10)
    assert (found.free, found.full_on) == (free, (at(24 * 10) + timedelta(days=100, hours=7)).date())
    assert sizes(told, 24 * 40).full_on is None  # nothing was fetched any more


def test_status_says_how_large_the_archive_is(told: Watched) -> None:
    now = at(80).isoformat()
    said = json.loads(command.run("status", "--archive", str(told.archive.path), "--sizes", "--json", now=now).out)
    assert said["evidence_bytes"] == sizes(told, 80).evidence
    (one,) = json.loads(command.run("status", "--archive", str(told.archive.path), "--json", now=now).out)
    assert one["size"] == said["portals"][PORTAL]
    text = command.run("status", "--archive", str(told.archive.path), now=now).out
    assert "7 captures; 3 versions" in text
    assert "in 30 days" in text
    assert "free: " in text


@pytest.mark.parametrize(
    "size, text",
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456, "123 kB"), (5_600_000, "5.6 MB"), (4 * 10**15, "4000 TB")],
)
def test_size_is_shown_in_the_unit_that_people_read(size: int, text: str) -> None:
    assert in_units(size) == text
