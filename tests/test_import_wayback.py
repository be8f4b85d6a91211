"""The Wayback Machine's captures become history: asked for politely, from a queue, and from nobody else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from histories import history_of
from interruption import KILLED, Kill
from small_portal import RULES, SLUG, article, listing
from wayback_server import Snapshot, Trouble, WaybackServer

import command
from crawler.replay import wayback
from databases import Database
from storage.archive import Archive
from storage.verification import verify

HOST = "http://www.cong-thu.vn"
TEXT = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn."
SPAN = ("--from", "2019-01-01", "--to", "2020-12-31")


def edition(number: int, path: str = "/a") -> bytes:
    return article(f"Tin {path}", text=f"{TEXT} Bản {number}.").encode()


SNAPSHOTS = (
    Snapshot(f"{HOST}/", "20190501030000", listing("/a", "/b").encode()),
    Snapshot(f"{HOST}/a", "20190501030100", edition(1)),
    Snapshot(f"{HOST}/a", "20190601030100", edition(1)),
    Snapshot(f"{HOST}/a", "20200301030100", edition(2)),
    Snapshot(f"{HOST}/a", "20210301030100", edition(3)),
    Snapshot(f"{HOST}/b", "20190501030200", edition(1, "/b")),
    Snapshot(f"{HOST}/b", "20200401030200", b"<h1>404</h1>", status=404),
    Snapshot(f"{HOST}/logo.png", "20190501030200", b"\x89PNG", mimetype="image/png"),
)


class Wayback:
    """An archive that asks the server on loopback."""

    def __init__(self, folder: Path, server: WaybackServer, settings: str = "") -> None:
        self.server = server
        self.archive = folder / "archive"
        (self.archive / "portals").mkdir(parents=True)
        portal = f'name = "Cổng thử"\nstart = ["{HOST}/"]\n{RULES}'
        (self.archive / "portals" / f"{SLUG}.toml").write_text(portal, encoding="utf-8")
        fast = "searches_per_second = 0\ncaptures_per_second = 0\nretries = 2\nbackoff_s = 0.01\ntimeout_s = 1\n"
        text = f'[gone]\nconfirmations = 1\nmin_hours = 0\n[wayback]\nendpoint = "{server.url}"\n{fast}{settings}'
        (self.archive / "portalwatch.toml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **kwargs: Any) -> command.Result:
        options = ("--archive", str(self.archive))
        return command.run("import", "wayback", *arguments, *options, env={"NO_PROXY": "*"}, **kwargs)

    def said(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        result = self.run(*arguments, "--json")
        assert result.code == code, result.out + result.err
        return dict(json.loads(result.out))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.archive / "archive.db")) as connection:
            return connection.execute(query).fetchall()

    def versions(self) -> list[tuple[str, str]]:
        query = "SELECT url, captured_at FROM versions ORDER BY url, captured_at"
        return [(url.removeprefix(HOST), at[:10]) for url, at in self.rows(query)]

    def is_sound(self) -> bool:
        with Archive.open(self.archive) as opened:
            found = verify(opened)
        return (found.faults, found.unsealed) == ((), ())


@pytest.fixture
def server() -> Iterator[WaybackServer]:
    with WaybackServer(*SNAPSHOTS) as server:
        yield server


@pytest.fixture
def asking(tmp_path: Path, server: WaybackServer) -> Wayback:
    return Wayback(tmp_path, server)


def test_import_of_a_prefix_makes_history(asking: Wayback) -> None:
    said = asking.said(f"{HOST}/*", *SPAN)
    assert asking.versions() == [("/a", "2019-05-01"), ("/a", "2020-03-01"), ("/b", "2019-05-01")]
    assert (said["listed"], said["waiting"], said["failed"]) == (5, 0, {})
    assert said["portals"][0]["changes"] == {"edited": 1, "gone": 1, "new": 2}
    assert len(asking.server.mementos_asked) == 5  # the one that says what the one before it says is not asked for
    assert asking.is_sound()
    changes = command.run("changes", "--archive", str(asking.archive), "--format", "jsonl")
    assert (changes.code, changes.out) == (0, "")


def test_import_keeps_the_page_as_it_was_captured_and_says_whence_it_came(asking: Wayback) -> None:
    asking.said(f"{HOST}/a", *SPAN)
    with Archive.open(asking.archive) as opened, opened.reading() as connection:
        capture = opened.load_capture(connection, 1)
    assert (capture.payload, capture.header("Server")) == (edition(1), "Microsoft-IIS/7.5")
    assert asking.rows("SELECT record FROM origins ORDER BY capture_id")[0] == (
        f"https://web.archive.org/web/20190501030100id_/{HOST}/a",
    )


def test_import_of_a_page_asks_for_that_page_alone(asking: Wayback) -> None:
    said = asking.said(f"{HOST}/a", *SPAN)
    assert said["portals"][0]["captures"] == 2
    assert {path.rpartition("/")[2] for path in asking.server.mementos_asked} == {"a"}


def test_import_of_a_portal_asks_for_its_host(asking: Wayback) -> None:
    assert asking.said(SLUG, *SPAN)["portals"][0]["captures"] == 5


def test_import_of_the_same_span_fetches_nothing_again(asking: Wayback) -> None:
    asking.said(f"{HOST}/*", *SPAN)
    asked = len(asking.server.mementos_asked)
    result = asking.run(f"{HOST}/*", *SPAN, "--lang", "en")
    assert (result.code, len(asking.server.mementos_asked)) == (0, asked)
    assert "no further capture" in result.out


def test_import_of_what_nobody_captured_says_so(asking: Wayback) -> None:
    result = asking.run(f"{HOST}/nichts", *SPAN, "--lang", "en")
    assert (result.code, asking.server.mementos_asked) == (0, [])
    assert "no further capture" in result.out


def test_import_reads_a_long_list_page_by_page(tmp_path: Path) -> None:
    with WaybackServer(*SNAPSHOTS, page=2) as server:
        assert Wayback(tmp_path, server).said(f"{HOST}/*", *SPAN)["portals"][0]["captures"] == 5


def test_import_waits_as_a_429_asks(asking: Wayback) -> None:
    asking.server.troubles["/web/20200301030100"] = Trouble(429, times=1, headers={"Retry-After": "1"})
    assert asking.said(f"{HOST}/a", *SPAN)["portals"][0]["captures"] == 2


def test_import_leaves_to_the_next_time_what_a_429_forbids_for_long(tmp_path: Path, server: WaybackServer) -> None:
    asking = Wayback(tmp_path, server, "longest_wait_s = 5\n")
    server.troubles["/web/20200301030100"] = Trouble(429, times=1, headers={"Retry-After": "3600"})
    said = asking.said(f"{HOST}/*", *SPAN, code=1)
    assert (said["waiting"], said["portals"][0]["captures"]) == (2, 3)
    assert "3600" in said["stopped"]
    assert asking.is_sound()
    asked = len(server.mementos_asked)
    assert asking.said(f"{HOST}/*", *SPAN)["portals"][0]["captures"] == 2
    assert len(server.mementos_asked) == asked + 2
    assert asking.versions() == [("/a", "2019-05-01"), ("/a", "2020-03-01"), ("/b", "2019-05-01")]


def test_import_tries_again_after_a_5xx_and_a_hang(asking: Wayback) -> None:
    asking.server.troubles["/cdx"] = Trouble(503, times=2)
    asking.server.troubles["/web/20190501030100"] = Trouble(504, times=1, hang_s=1.5)
    assert asking.said(f"{HOST}/a", *SPAN)["portals"][0]["captures"] == 2


def test_import_without_a_list_is_one_line(asking: Wayback) -> None:
    asking.server.troubles["/cdx"] = Trouble(503, times=9)
    result = asking.run(f"{HOST}/*", *SPAN)
    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert asking.server.url in result.err


def test_import_names_what_cannot_be_played(tmp_path: Path) -> None:
    broken = Snapshot(f"{HOST}/a", "20200301030100", edition(2), playable=False)
    with WaybackServer(*SNAPSHOTS[:2], broken) as server:
        asking = Wayback(tmp_path, server)
        said = asking.said(f"{HOST}/*", *SPAN, code=1)
        assert (sum(said["failed"].values()), said["portals"][0]["captures"]) == (1, 2)


def test_import_asks_no_other_host(asking: Wayback) -> None:
    asking.server.troubles["/cdx"] = Trouble(302, times=1, headers={"Location": "http://127.0.0.2:9/cdx"})
    result = asking.run(f"{HOST}/*", *SPAN)
    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert "127.0.0.2" in result.err


@pytest.mark.parametrize("kill", [Kill("commit", 2), Kill("record", 2), Kill("commit", 6), Kill("commit", 9)], ids=str)
def test_import_that_was_killed_goes_on(asking: Wayback, kill: Kill) -> None:
    assert asking.run(f"{HOST}/*", *SPAN, before=SmallBatches(kill)).code == KILLED
    with Archive.open(asking.archive) as opened:
        assert verify(opened).faults == ()
    asking.said(f"{HOST}/*", *SPAN)
    assert asking.versions() == [("/a", "2019-05-01"), ("/a", "2020-03-01"), ("/b", "2019-05-01")]
    assert asking.rows("SELECT count(*) FROM captures") == [(5,)]
    assert asking.is_sound()


class SmallBatches:
    """One capture a write; then a kill."""

    def __init__(self, kill: Kill) -> None:
        self.kill = kill

    def __call__(self) -> None:
        wayback._BATCH = 1
        self.kill()


@pytest.mark.databases("postgresql")
def test_import_makes_the_same_history_on_postgresql_also_after_a_kill(
    database: Database, asking: Wayback, tmp_path: Path
) -> None:
    asking.said(f"{HOST}/*", *SPAN)
    there = Wayback(tmp_path / "there", asking.server)
    database.settle(there.archive)
    assert there.run(f"{HOST}/*", *SPAN, before=SmallBatches(Kill("commit", 6))).code == KILLED
    with Archive.open(there.archive) as opened:
        assert verify(opened).faults == ()
    there.said(f"{HOST}/*", *SPAN)
    assert there.is_sound()
    history = history_of(there.archive)
    assert len(history["versions"]) == 3
    assert history == history_of(asking.archive)


@pytest.mark.parametrize(
    "arguments, named",
    [
        ((f"{HOST}/*", "--from", "2020-01-01", "--to", "2019-01-01"), "--from"),
        (("http://anderswo.example/*", *SPAN), "anderswo.example"),
        (("cong-thu", *SPAN), "cong-thu"),
        ((f"{HOST}/*", "--from", "gestern", "--to", "2019-01-01"), "gestern"),
    ],
)
def test_import_of_a_bad_query_is_one_line(asking: Wayback, arguments: tuple[str, ...], named: str) -> None:
    result = asking.run(*arguments)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert named in result.err
    assert asking.server.asked == []
