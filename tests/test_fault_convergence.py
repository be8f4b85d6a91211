"""After every fault of process, disk and clock one plain run leaves what an undisturbed one does (FAULTS I4, group D).

The fault falls on the crawl of a day on which an article is edited, one vanishes and one is new. Kills at each commit
and record are in `test_crawl_kill.py`, full disks in `test_fault_disk.py`. A copy of the database without its journal
cannot converge by a run, nor can a damaged page: `verify` says so, and a backup is put in its place.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from full_disk import FullDisk
from interruption import CONTENT, count_runs, differences, dump, is_finished
from older_schema import make_older
from small_portal import SLUG, SmallPortal, article
from test_upgrading import die_at

import command
from crawler import answers

DAY, NEXT_DAY, LATER = "2021-04-13T09:00:00+07:00", "2021-04-14T11:00:00+07:00", "2021-04-14T11:20:00+07:00"
OPTIONS = ("--revisit", "all")


@dataclass
class Story:
    """The archive before the day, and what an undisturbed crawl of the day leaves."""

    server: FaultServer
    before: Path
    wanted: dict[str, Any]
    told: list[tuple[str, str]]

    def copy(self, folder: Path) -> SmallPortal:
        shutil.copytree(self.before, folder / "archive")
        return SmallPortal.over(folder, self.server)

    def assert_converges(self, portal: SmallPortal) -> None:
        """One plain run, and all is as if nothing had happened."""
        if count_runs(portal.archive) == 2 and is_finished(portal.archive):  # it went through, whatever it says
            assert differences(self.wanted, dump(portal.archive)) == {}
            assert portal.crawl(now=LATER).code == 0
            after = dump(portal.archive)
            assert [name for name in CONTENT if after[name] != self.wanted[name]] == []
        else:
            assert portal.crawl(*OPTIONS, now=LATER).code == 0
            assert differences(self.wanted, dump(portal.archive)) == {}
        assert sorted(portal.told()) == self.told
        assert portal.run("verify").code == 0


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("before"), server)
        portal.publish("/0", "/1", "/2")
        assert portal.crawl(now=DAY).code == 0
        portal.told()
        portal.witness.relieve()
        portal.publish("/3", "/0", "/1", "/2")
        server.routes |= {"/0": http(article("Tin /0", text="Họp bất thường.")), "/1": http("", "404 Not Found")}
        made = Story(server, portal.archive, {}, [])
        calm = made.copy(tmp_path_factory.mktemp("calm"))
        assert calm.crawl(*OPTIONS, now=NEXT_DAY).code == 0
        made.wanted, made.told = dump(calm.archive), sorted(calm.told())
        assert made.told == [("edited", "/0"), ("gone", "/1"), ("new", "/3")]
        yield made


@pytest.fixture
def portal(story: Story, tmp_path: Path) -> Iterator[SmallPortal]:
    routes = dict(story.server.routes)
    yield story.copy(tmp_path)
    story.server.routes = routes


def crawl(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.crawl(*OPTIONS, now=NEXT_DAY, **given)


def is_one_line(result: command.Result, code: int, *words: str) -> None:
    assert (result.code, len(result.err.splitlines())) == (code, 1), result.err
    for word in words:
        assert word in result.err


def read_forever() -> None:
    """In the crawl's process: the parser is stuck in one page, as libxml2 was; no signal of the language ends it."""

    def stuck(*_: object, **__: object) -> answers.Reading:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        stop = f"kill -TERM {os.getpid()}; sleep 0.5; kill -KILL {os.getpid()}"  # as systemd does
        subprocess.Popen(["/bin/sh", "-c", stop])
        while True:
            time.sleep(0.1)

    answers.read = stuck


def test_fault_070_crawl_stuck_in_a_page_is_killed_from_outside_and_converges(
    story: Story, portal: SmallPortal
) -> None:
    assert crawl(portal, before=read_forever).code == -signal.SIGKILL
    assert count_runs(portal.archive) == 2
    assert not is_finished(portal.archive)
    story.assert_converges(portal)


def test_fault_073_folder_that_became_read_only_is_told_before_any_request(story: Story, portal: SmallPortal) -> None:
    asked = len(story.server.asked)
    is_one_line(crawl(portal, before=FullDisk(portal.archive, 1, error=errno.EROFS)), 3)
    assert len(story.server.asked) == asked
    story.assert_converges(portal)


STRANGER = 65534


def as_a_stranger() -> None:
    """In the crawl's process: another user, whom the folder's mode bits stop (they stop no root)."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(STRANGER)
        os.setuid(STRANGER)


@contextmanager
def opened_to_all(archive: Path, *, folders: int, files: int) -> Iterator[None]:
    """The archive with these mode bits; a stranger may go through the test's own folders above it."""
    tree, temporary = [archive, *archive.rglob("*")], Path(tempfile.gettempdir())
    above = [path for path in archive.parents if temporary in path.parents] if os.geteuid() == 0 else []
    modes = {path: path.stat().st_mode for path in (*tree, *above)}
    try:
        for path in tree:
            path.chmod(folders if path.is_dir() else files)
        for path in above:
            path.chmod(modes[path] | 0o111)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_fault_073_folder_of_another_owner_is_told_before_any_request(story: Story, portal: SmallPortal) -> None:
    asked = len(story.server.asked)
    with opened_to_all(portal.archive, folders=0o555, files=0o444):
        is_one_line(crawl(portal, before=as_a_stranger), 3, str(portal.archive))
    assert len(story.server.asked) == asked
    story.assert_converges(portal)


@dataclass(frozen=True)
class Impatient:
    """In the crawl's process: another writer is waited for a moment, not a minute."""

    def __call__(self) -> None:
        from storage import sqlite

        sqlite._BUSY_S = 0.05
        sqlite._PATIENCE_S = 0  # one more try


def hold_the_database(portal: SmallPortal, at: str, until: threading.Event) -> threading.Event:
    """Another program takes the write lock when that page is asked for; the page comes once it has it."""
    held = threading.Event()

    def hold() -> None:
        database = portal.archive / "archive.db"
        with closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            until.wait(60)
            connection.execute("COMMIT")

    page = portal.server.routes[at]
    assert isinstance(page, bytes)

    def answer(connection: Any, _: object) -> None:
        threading.Thread(target=hold).start()
        held.wait(60)
        connection.sendall(page)

    portal.server.routes[at] = answer
    return held


def test_fault_075_crawl_waits_for_another_writer_and_loses_nothing(story: Story, portal: SmallPortal) -> None:
    released = threading.Event()
    held = hold_the_database(portal, "/2", released)

    def release() -> None:
        held.wait(60)
        time.sleep(0.5)  # in which the crawl, which has its page, wants to write
        released.set()

    threading.Thread(target=release).start()
    assert crawl(portal).code == 0
    story.assert_converges(portal)


def test_fault_075_crawl_that_waited_in_vain_says_so_and_converges(story: Story, portal: SmallPortal) -> None:
    released = threading.Event()
    page = portal.server.routes["/2"]
    hold_the_database(portal, "/2", released)
    try:
        is_one_line(crawl(portal, before=Impatient()), 3, "locked")
    finally:
        released.set()
    portal.server.routes["/2"] = page
    story.assert_converges(portal)


def test_fault_076_two_crons_at_once_are_one_crawl(story: Story, portal: SmallPortal) -> None:
    second: list[command.Result] = []

    def answer(connection: Any, _: object) -> None:
        second.append(portal.crawl(*OPTIONS, now=NEXT_DAY))
        connection.sendall(http(article("Tin /3")))

    portal.server.routes["/3"] = answer
    assert crawl(portal).code == 0
    is_one_line(second[0], 4)
    story.assert_converges(portal)


@pytest.mark.parametrize("left", ["process 1", "", "\x00\xff"])
def test_fault_077_lock_file_that_was_left_locks_nothing(story: Story, portal: SmallPortal, left: str) -> None:
    (portal.archive / ".lock").write_text(left, encoding="latin-1")
    assert crawl(portal).code == 0
    story.assert_converges(portal)


def test_fault_078_crawl_under_a_clock_ten_years_ahead_leaves_the_same(story: Story, portal: SmallPortal) -> None:
    assert portal.crawl(*OPTIONS, now="2031-04-14T11:00:00+07:00").code == 0
    story.assert_converges(portal)


def numbers_in(said: Any) -> Iterator[float]:
    """Every number of a JSON document."""
    if isinstance(said, int | float):
        yield said
    elif isinstance(said, dict | list):
        for part in said.values() if isinstance(said, dict) else said:
            yield from numbers_in(part)


@pytest.mark.parametrize("now", ["2021-04-13T08:00:00+07:00", "2021-04-12T09:00:00+07:00", "1970-01-01T07:00:01+07:00"])
def test_fault_078_clock_that_jumped_back_loses_nothing_and_makes_nothing_new_or_gone_again(
    story: Story, portal: SmallPortal, now: str
) -> None:
    assert portal.crawl(*OPTIONS, now=now).code == 0
    told = portal.told()
    for verb in ("status", "plan"):
        said = portal.run(verb, "--json", now=now)
        assert said.code == 0
        assert [number for number in numbers_in(json.loads(said.out)) if number < 0] == [], verb
    assert portal.crawl(*OPTIONS, now=LATER).code == 0
    told += portal.told()
    assert sorted(told) == sorted(story.told)
    assert dump(portal.archive)["articles"] == story.wanted["articles"]
    assert portal.run("verify").code == 0


def test_fault_078_edit_between_a_clock_of_the_future_and_the_right_one_is_told_once(
    story: Story, portal: SmallPortal
) -> None:
    assert portal.crawl(*OPTIONS, now="2031-04-14T11:00:00+07:00").code == 0
    portal.told()
    portal.server.routes["/2"] = http(article("Tin /2", text="Một câu đã sửa sau khi đồng hồ đúng trở lại."))
    crawls = [portal.crawl(*OPTIONS, now=f"2021-04-{day}T11:00:00+07:00").code for day in (15, 16, 17)]
    assert crawls == [0, 0, 0]
    assert portal.told() == [("edited", "/2")]
    assert portal.run("verify").code == 0


def test_fault_078_what_was_visited_under_a_clock_of_the_future_is_visited_under_the_right_one(
    tmp_path: Path, server: FaultServer
) -> None:
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a")
    assert [portal.crawl(now=now).code for now in (DAY, "2031-04-14T11:00:00+07:00")] == [0, 0]
    portal.told()
    server.routes["/a"] = http(article("Tin /a", text="Một câu đã sửa."))
    assert portal.crawl(now=NEXT_DAY).code == 0
    assert portal.told() == [("edited", "/a")]
    assert portal.rows("SELECT sweep FROM runs") == [(1,)] * 3


def test_fault_078_article_missing_first_under_a_clock_of_the_future_is_told_under_the_right_one(
    tmp_path: Path, server: FaultServer
) -> None:
    portal = SmallPortal(tmp_path, server)
    (portal.archive / "portalwatch.toml").write_text("[gone]\nconfirmations = 2\nmin_hours = 1\n", encoding="utf-8")
    portal.publish(*(f"/{number}" for number in range(6)))
    assert portal.crawl(*OPTIONS, now=DAY).code == 0
    portal.told()
    del server.routes["/1"]
    told = []
    for now in ("2031-04-14T11:00:00+07:00", NEXT_DAY, "2021-04-14T13:00:00+07:00"):
        assert portal.crawl(*OPTIONS, now=now).code == 0
        told.append(portal.told())
    assert told == [[], [], [("gone", "/1")]]


CLOCKS = (
    "2021-04-13T08:00:00+07:00",  # an hour back
    "2021-04-12T09:00:00+07:00",
    "1970-01-01T07:00:01+07:00",
    "2031-04-14T11:00:00+07:00",
    "2021-04-14T11:00:00+07:00",  # right again
)
"""Under each of them the article is edited."""


def test_fault_078_what_a_crawl_saw_last_is_what_the_article_says_whatever_the_clock(
    tmp_path: Path, server: FaultServer
) -> None:
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a")
    assert portal.crawl(*OPTIONS, now=DAY).code == 0
    portal.told()
    texts = [f"Câu được sửa lần thứ {number}." for number in range(len(CLOCKS))]
    for text, now in zip(texts, CLOCKS, strict=True):
        server.routes["/a"] = http(article("Tin /a", text=text))
        assert portal.crawl(*OPTIONS, now=now).code == 0
        assert portal.rows("SELECT instr(body, ?) > 0 FROM articles", [text]) == [(1,)], now
    assert portal.crawl(*OPTIONS, now="2021-04-15T11:00:00+07:00").code == 0  # it says the same
    told = portal.changes()
    for change, before, text in zip(told, ["Ủy ban nhân dân tỉnh họp", *texts], texts, strict=False):
        old, new = (" ".join(field[side] or "" for field in change["fields"]) for side in ("old", "new"))
        assert (change["kind"], before in old, text in new) == ("edited", True, True), change
    assert len(told) == len(texts)
    for verb in (["show", f"{server.url}/a"], ["export", "--format", "jsonl"], ["search", f'"{texts[-1]}"']):
        said = portal.run(*verb).out
        assert "Tin /a" in said
        assert (texts[-1] in said) == (verb[0] != "search")
    intervals = portal.rows("SELECT valid_from, valid_until FROM versions ORDER BY number")
    assert all(until is None or start < until for start, until in intervals)
    assert len(intervals) == len(texts) + 1
    assert portal.run("verify").code == 0


def test_fault_078_text_that_a_clock_put_before_an_older_one_is_stored_once_more_by_the_right_clock(
    tmp_path: Path, server: FaultServer
) -> None:
    """So that what was said at an instant is right from then on; and no edit is told of it."""
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a")
    assert portal.crawl(*OPTIONS, now=DAY).code == 0
    server.routes["/a"] = http(article("Tin /a", text="Câu mới."))
    for now in ("1970-01-01T07:00:01+07:00", NEXT_DAY, LATER):
        assert portal.crawl(*OPTIONS, now=now).code == 0
    assert portal.told() == [("new", "/a"), ("edited", "/a")]
    said = portal.rows(
        "SELECT valid_from, valid_until IS NULL, instr(body, 'Câu mới') > 0 FROM versions ORDER BY number"
    )
    assert [row[1:] for row in said] == [(0, 1), (0, 0), (1, 1)]
    assert "Câu mới." in portal.run("show", f"{server.url}/a", "--at", LATER).out
    assert portal.run("verify").code == 0


def test_fault_079_crawl_in_another_time_zone_leaves_the_same(story: Story, portal: SmallPortal) -> None:
    assert crawl(portal, env={"TZ": "America/New_York"}, before=time.tzset).code == 0
    story.assert_converges(portal)
    (at,) = portal.rows("SELECT started_at FROM runs WHERE run_id = 2")[0]
    assert at.startswith("2021-04-14T04:00:00")


def test_fault_080_copy_of_the_whole_folder_in_the_middle_of_a_crawl_converges(
    story: Story, portal: SmallPortal, tmp_path: Path
) -> None:
    def answer(connection: Any, _: object) -> None:  # the crawl waits for this page meanwhile
        shutil.copytree(portal.archive, tmp_path / "copy" / "archive")
        connection.sendall(http(article("Tin /2")))

    page = story.server.routes["/2"]
    portal.server.routes["/2"] = answer
    assert crawl(portal).code == 0
    portal.server.routes["/2"] = page
    copy = SmallPortal.over(tmp_path / "copy", story.server)
    assert not is_finished(copy.archive)
    story.assert_converges(copy)


def lose_the_journal(portal: SmallPortal) -> None:
    """The archive as a copy that was made without `archive.db-wal`: evidence of today, the database of yesterday."""
    database = portal.archive / "archive.db"
    yesterday = database.read_bytes()
    assert crawl(portal).code == 0
    database.write_bytes(yesterday)
    for name in ("archive.db-wal", "archive.db-shm"):
        (portal.archive / name).unlink(missing_ok=True)


def damage_a_page(portal: SmallPortal) -> None:
    with (portal.archive / "archive.db").open("r+b") as file:
        file.seek(5 * 4096)
        file.write(os.urandom(4096))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lose_the_journal, id="081-database-without-its-journal"),
        pytest.param(damage_a_page, id="082-damaged-page"),
    ],
)
def test_archive_that_is_damaged_is_restored_from_its_backup_and_converges(
    story: Story, portal: SmallPortal, tmp_path: Path, damage: Callable[[SmallPortal], None]
) -> None:
    assert portal.run("backup").code == 0
    damage(portal)
    portal.witness.give_up("its database is not what it was")
    assert portal.run("verify").code == 3
    (backup,) = (portal.archive / "backups").iterdir()
    restored = tmp_path / "restored" / "archive"
    restored.parent.mkdir()
    assert command.run("restore", str(backup), "--archive", str(restored)).code == 0
    copy = SmallPortal.over(restored.parent, story.server)
    assert crawl(copy).code == 0
    story.assert_converges(copy)


def as_text(path: Path) -> None:
    path.write_text("ghi chú của ai đó, không phải cơ sở dữ liệu\n" * 99, encoding="utf-8")


def as_folder(path: Path) -> None:
    path.mkdir()


def as_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE contacts (name TEXT)")
        connection.commit()


def as_half(path: Path) -> None:
    """What a copy that was broken off leaves."""
    whole = path.parent.parent / "kept.db"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])


@pytest.mark.parametrize("put", [as_text, as_folder, as_other, as_half])
def test_fault_083_what_stands_in_place_of_the_database_is_left_and_the_archive_goes_on(
    story: Story, portal: SmallPortal, put: Callable[[Path], None]
) -> None:
    database, kept = portal.archive / "archive.db", portal.archive.parent / "kept.db"
    witness, asked = portal.witness, len(story.server.asked)
    database.rename(kept)
    put(database)
    result = command.run("crawl", SLUG, "--archive", str(portal.archive), now=NEXT_DAY)
    assert (result.code, len(result.err.splitlines())) == (2 if put is as_other else 3, 1), result.err
    assert len(story.server.asked) == asked
    shutil.rmtree(database) if database.is_dir() else database.unlink()
    kept.rename(database)
    witness.look()
    story.assert_converges(portal)


def test_fault_084_migration_that_was_killed_is_done_by_the_next_crawl(
    story: Story, portal: SmallPortal, tmp_path: Path
) -> None:
    portal.witness.give_up("another database takes its place")
    make_older(portal.archive)
    shutil.copytree(portal.archive, tmp_path / "calm" / "archive")
    calm = SmallPortal.over(tmp_path / "calm", story.server)
    killed = command.run("migrate", "--archive", str(portal.archive), before=partial(die_at, "commit"))
    assert killed.code == -signal.SIGKILL
    assert command.run("migrate", "--archive", str(calm.archive)).code == 0
    assert (crawl(portal).code, crawl(calm).code) == (0, 0)
    assert differences(dump(calm.archive), dump(portal.archive)) == {}
    assert [*differences(story.wanted, dump(calm.archive))] == ["addresses"]  # what found them was not noted then
    assert sorted(portal.told()) == story.told
    assert portal.run("verify").code == 0


def test_fault_085_archive_of_a_newer_version_is_left_and_goes_on_with_it(story: Story, portal: SmallPortal) -> None:
    def set_schema(name: str) -> str:
        with closing(sqlite3.connect(portal.archive / "archive.db")) as connection, connection:
            (before,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("UPDATE alembic_version SET version_num = ?", [name])
        return str(before)

    ours, asked = set_schema("9001"), len(story.server.asked)
    is_one_line(crawl(portal), 3, "9001")
    assert len(story.server.asked) == asked
    set_schema(ours)
    story.assert_converges(portal)


@dataclass(frozen=True)
class Limit:
    """In the crawl's process: a limit of the system."""

    kind: int
    value: int

    def __call__(self) -> None:
        resource.setrlimit(self.kind, (self.value, self.value))


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(Limit(resource.RLIMIT_NOFILE, 64), id="files"),
        pytest.param(Limit(resource.RLIMIT_AS, 512 << 20), id="memory"),
    ],
)
def test_fault_086_crawl_within_the_limits_of_a_small_machine_works(
    story: Story, portal: SmallPortal, limit: Limit
) -> None:
    result = crawl(portal, before=limit)
    assert (result.code, result.err) == (0, "")
    story.assert_converges(portal)


def alone() -> None:
    """In the crawl's process: its user may start no other process and no thread. That user cannot be root."""
    if os.geteuid() == 0:
        os.setresuid(STRANGER, 0, 0)  # the limit is that of the real user
        give_up_capabilities(21, 24)  # CAP_SYS_ADMIN, CAP_SYS_RESOURCE: with one of them there is no limit
    Limit(resource.RLIMIT_NPROC, 1)()
    with pytest.raises(RuntimeError, match="can't start new thread"):
        threading.Thread(target=print).start()


def give_up_capabilities(*numbers: int) -> None:
    """As `capset(2)` does, of which Python knows nothing: two words each of effective, permitted and inheritable."""
    library = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert library.capget(header, sets) == 0
    for number in numbers:
        sets[0] &= ~(1 << number)
    assert library.capset(header, sets) == 0


def test_fault_086_crawl_that_may_start_no_thread_works(story: Story, portal: SmallPortal) -> None:
    with opened_to_all(portal.archive, folders=0o777, files=0o666):
        result = crawl(portal, before=alone)
    assert (result.code, result.err) == (0, "")
    story.assert_converges(portal)


def test_fault_086_crawl_without_any_free_file_says_so_and_converges(story: Story, portal: SmallPortal) -> None:
    is_one_line(crawl(portal, before=Limit(resource.RLIMIT_NOFILE, 9)), 3, "Too many open files")
    story.assert_converges(portal)


@pytest.mark.parametrize("shell, code", [("<&- >&- 2>&-", 0), ("| head -0", 0), ("> /dev/full", 3)])
def test_fault_087_crawl_in_cron_s_empty_environment_leaves_the_same(
    story: Story, portal: SmallPortal, shell: str, code: int
) -> None:
    """The real command, in a folder that cannot be written to. The code behind a pipe is that of `head`."""
    line = f"'{sys.executable}' -m crawler crawl {SLUG} {' '.join(OPTIONS)} --archive '{portal.archive}' {shell}"
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "LANG": "C", "PORTALWATCH_NOW": NEXT_DAY}
    done = subprocess.run(
        ["/bin/sh", "-c", line], env=environment, cwd="/proc", capture_output=True, check=False, timeout=command.LIMIT_S
    )
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    story.assert_converges(portal)
