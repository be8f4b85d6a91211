"""Processes, disks and clocks that misbehave (FAULTS group D), and what others could see of a crawl (group F).

Kills are in `test_crawl_kill.py`, locks and full disks in `test_storage_*.py`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from fault_server import Asked, FaultServer, http
from interruption import dump
from small_portal import SmallPortal, article, listing, portal_file

import command

PAGE_BYTES = 4096
PATIENCE_S = 20


@pytest.fixture
def portal(server: FaultServer, tmp_path: Path) -> SmallPortal:
    made = SmallPortal(tmp_path, server)
    made.publish(*(f"/{number}" for number in range(12)))
    return made


def acknowledged(archive: Path) -> int:
    """Outcomes that are committed."""
    with closing(sqlite3.connect(f"file:{archive / 'archive.db'}?mode=ro", uri=True, timeout=60)) as connection:
        return int(connection.execute("SELECT count(*) FROM outcomes").fetchone()[0])


def test_fault_080_database_as_a_power_cut_leaves_it_holds_what_was_acknowledged(
    portal: SmallPortal, tmp_path: Path
) -> None:
    """What is in the files when a page is asked for is what the next start would find."""
    copies: list[Path] = []
    started = threading.Event()

    def copy_and_answer(connection: socket.socket, asked: Asked) -> None:
        started.wait(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while acknowledged(portal.archive) <= len(copies) and time.monotonic() < deadline:
            time.sleep(0.01)  # until what the crawl saw before is committed: the list, and a page more each time
        process.send_signal(signal.SIGSTOP)
        copies.append(tmp_path / f"copy{len(copies)}")
        copies[-1].mkdir()
        for name in ("archive.db", "archive.db-wal"):
            shutil.copy(portal.archive / name, copies[-1])
        process.send_signal(signal.SIGCONT)
        connection.sendall(http(article(f"Tin {asked.path}")))

    portal.server.routes |= {f"/{number}": copy_and_answer for number in range(12)}
    arguments = [sys.executable, "-m", "crawler", "crawl", "thu", "--archive", str(portal.archive)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        started.set()
    assert process.returncode == 0
    counts = []
    for copy in copies:
        with closing(sqlite3.connect(copy / "archive.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            counts.append(connection.execute("SELECT count(*) FROM outcomes").fetchone()[0])
    assert counts == [*range(1, 13)]
    assert acknowledged(portal.archive) == 13


def test_fault_081_database_without_its_journal_is_an_older_state_and_verify_says_what_is_missing(
    portal: SmallPortal, tmp_path: Path
) -> None:
    assert portal.crawl().code == 0
    with closing(sqlite3.connect(portal.archive / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        portal.publish(*(f"/{number}" for number in range(13)))
        assert portal.crawl().code == 0  # our connection keeps the journal from being taken into the file
        copy = tmp_path / "copy"
        shutil.copytree(portal.archive, copy, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    result = command.run("verify", "--archive", str(copy))
    assert result.code == 3
    assert "Traceback" not in result.err
    assert "warc" in result.out.lower()  # the evidence that no row names


@dataclass(frozen=True)
class NotePid:
    """In the crawl's process: writes down which process it is."""

    file: Path

    def __call__(self) -> None:
        self.file.write_text(str(os.getpid()), "ascii")


def test_fault_097_crawl_listens_on_no_port(portal: SmallPortal, tmp_path: Path) -> None:
    note, seen = tmp_path / "pid", []

    def look(connection: socket.socket, _: Asked) -> None:
        crawl = psutil.Process(int(note.read_text("ascii")))
        seen.append([each.laddr for each in crawl.net_connections("all") if each.status == psutil.CONN_LISTEN])
        connection.sendall(http(article("Tin một")))

    portal.server.routes["/1"] = look
    assert portal.crawl(before=NotePid(note)).code == 0
    assert seen == [[]]


HOSTILE = "Tin \x1b[31mđỏ\x1b[0m\x07 &#27;]0;x&#7;\u202ehết\r\nERROR giả mạo &lt;script&gt;alert(1)&lt;/script&gt;"


def test_fault_116_text_of_a_page_cannot_forge_lines_or_colours(portal: SmallPortal) -> None:
    portal.publish("/0")
    portal.crawl()
    portal.server.routes |= {
        "/": http(listing("/0", "/1", "/x%0d%0aERROR%1b[31m", "/y\x1b[2J")),
        "/1": http(article(HOSTILE)),
    }
    log = portal.crawl()
    shown = [
        log.out + log.err,
        portal.run("changes").out,
        portal.run("search", "hết").out,
        portal.run("show", f"{portal.server.url}/1").out,
        portal.run("status").out,
    ]
    assert "hết" in shown[1]
    for text in shown:
        assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}
        assert not [line for line in text.splitlines() if line.startswith("ERROR")]


def test_fault_116_address_of_a_megabyte_is_no_line_of_a_megabyte(portal: SmallPortal) -> None:
    portal.server.routes["/"] = http(listing("/0", "/" + "x" * (1 << 20), "/1\x1b[31m" + "y" * 9000))
    shown = [portal.crawl(), portal.run("status"), portal.run("plan"), portal.run("changes")]
    assert portal.outcomes()["/0"] == "new"
    for done in shown:
        longest = max((done.out + done.err).splitlines(), key=len, default="")
        assert len(longest) < 10_000
        assert "\x1b" not in done.out + done.err


def test_fault_057_markup_and_templates_in_a_title_are_letters(portal: SmallPortal) -> None:
    title = "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} ${x} %s {0.__class__}"
    portal.publish("/0")
    portal.crawl()
    portal.publish("/0", "/1")
    portal.server.routes["/1"] = http(article(title))
    portal.crawl()
    wanted = "<script>alert(1)</script> {{7*7}} ${x} %s {0.__class__}"
    assert (wanted,) in portal.rows("SELECT title FROM versions")
    assert wanted in portal.run("changes").out
    html = portal.run("changes", "--format", "html").out
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in html


def test_fault_117_password_in_an_address_is_shown_and_kept_nowhere(portal: SmallPortal) -> None:
    secret = portal.server.url.replace("http://", "http://nguoi-doc:CANARY-7f3a@")
    portal.server.routes["/"] = http(listing("/0", "/1").replace("'/1'", f"'{secret}/1'"))
    assert portal.crawl().code == 0
    assert portal.outcomes() == {"/": "listing", "/0": "new", "/1": "new"}
    assert not [asked for asked in portal.server.asked if "authorization" in asked.headers]
    shown = [portal.run("show", f"{secret}/1"), portal.run("probe", f"{secret}/"), portal.run("status")]
    portal.write_file(portal_file(f"{secret}/"))
    refused = portal.crawl()
    assert refused.code == 2
    assert "thu.toml" in refused.err
    assert not [result for result in (*shown, refused) if "CANARY" in result.out + result.err]
    files = [path for path in portal.archive.rglob("*") if path.is_file() and path.suffix != ".toml"]
    assert not [path for path in files if b"CANARY" in path.read_bytes()]


def test_fault_059_relative_date_makes_no_edit(portal: SmallPortal) -> None:
    page = article("Tin một").replace("12/04/2021", "2 giờ trước")
    portal.server.routes["/1"] = http(page)
    portal.crawl(now="2021-04-13T09:00:00+07:00")
    portal.told()
    portal.server.routes["/1"] = http(page.replace("2 giờ trước", "1 ngày trước"))
    portal.crawl("--revisit", "all", now="2021-04-14T10:00:00+07:00")
    assert portal.told() == []


def test_fault_059_page_without_a_date_has_none(portal: SmallPortal) -> None:
    portal.server.routes["/1"] = http(article("Tin một").replace("12/04/2021", ""))
    assert portal.crawl().code == 0
    row = portal.rows("SELECT published_on, published_at FROM versions WHERE url LIKE '%/1'")
    assert row == [(None, None)]


def test_fault_082_damaged_page_of_the_database_is_found_and_never_written_to(
    portal: SmallPortal, tmp_path: Path
) -> None:
    """A sample; `scripts/soak` damages every page. The names of tables are those of the views and the dictionary."""
    assert portal.crawl().code == 0
    with closing(sqlite3.connect(portal.archive / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outcomes'").fetchone()
        before = dump(portal.archive)
    data = (portal.archive / "archive.db").read_bytes()
    noise = bytes((number * 131 + 17) % 256 for number in range(PAGE_BYTES))
    pages = len(data) // PAGE_BYTES
    for page in {*range(0, pages, max(pages // 8, 1)), root - 1}:
        damaged = tmp_path / f"page{page}"
        shutil.copytree(portal.archive, damaged)
        with (damaged / "archive.db").open("r+b") as file:
            file.seek(page * PAGE_BYTES)
            file.write(noise)
        spoiled, asked = (damaged / "archive.db").read_bytes(), len(portal.server.asked)
        crawl = command.run("crawl", "thu", "--archive", str(damaged))
        assert (crawl.code, len(crawl.err.splitlines()), crawl.out) == (3, 1, ""), page
        assert len(portal.server.asked) == asked
        assert (damaged / "archive.db").read_bytes() == spoiled
        result = command.run("verify", "--archive", str(damaged), "--lang", "en")
        assert result.code == 3, page
        assert "Traceback" not in result.out + result.err
        if page == root - 1:
            assert "table outcomes: damaged; 0 rows can still be read" in result.out
            assert "tables can be read to their last row" in result.out
    assert dump(portal.archive) == before
