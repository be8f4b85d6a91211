"""A crawl that is killed at any moment and run again leaves the archive that an undisturbed one would have left."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from itertools import cycle
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from fault_server import Asked, FaultServer, stall
from interruption import KILLED, CountCommits, Kill, differences, dump, is_finished
from small_portal import SmallPortal

import command
import crawler.demo.site
from conftest import MORNING, Watch, make_watch
from crawler.demo.day import EDITORIAL_DAY, apply_act
from crawler.demo.server import Server, serve
from crawler.demo.site import Site, load_site
from storage import warc
from storage.errors import StorageError

NEXT_DAY = "2021-04-14T11:00:00+07:00"
ACTS = ("not-found", "redirect-home", "moved", "delisted", "title", "sum-of-money", "new-article")
OPTIONS = ("--revisit", "all")


def small_site() -> Site:
    """The articles that something happens to on the day, and two that nothing happens to: a list of two pages."""
    chosen = [act.slug for act in day_of(ACTS)]
    articles = [article for article in load_site().articles if article.slug in chosen]
    quiet = [article for article in load_site().articles if article.slug not in {act.slug for act in EDITORIAL_DAY}]
    return Site((*articles, *quiet[:2]))


def day_of(names: tuple[str, ...]) -> list[Any]:
    """The first act of each name."""
    return [next(act for act in EDITORIAL_DAY if act.name == name) for name in names]


@dataclass
class Story:
    """A portal on one of its days, the archive before the crawl of that day, and what an undisturbed crawl leaves."""

    site: Site
    server: Server
    before: Path
    now: str
    commits: int
    undisturbed: dict[str, Any]

    def copy(self, folder: Path) -> Watch:
        shutil.copytree(self.before, folder)
        return Watch(self.site, self.server, folder)


def tell(watch: Watch, folder: Path, now: str) -> Story:
    """Crawls a copy of the archive without disturbance."""
    before, count = folder / "before", folder / "commits"
    shutil.copytree(watch.archive, before)
    result = watch.crawl(*OPTIONS, now=now, before=CountCommits(count))
    assert result.code == 0, result.out + result.err
    return Story(watch.site, watch.server, before, now, int(count.read_text("ascii")), dump(watch.archive))


@dataclass(frozen=True)
class SignalSelf:
    """Sends the process a signal after some WARC records: in the middle of the crawl."""

    number: signal.Signals
    records: int
    again_after_s: float | None = None
    """Somebody has no patience, and sends it once more."""

    def __call__(self) -> None:
        inner, seen = warc.WarcFile._write, 0

        def write(file: warc.WarcFile, member: bytes) -> int:
            nonlocal seen
            seen += 1
            if seen == self.records:
                os.kill(os.getpid(), self.number)
                if self.again_after_s is not None:
                    Timer(self.again_after_s, os.kill, (os.getpid(), self.number)).start()
            return inner(file, member)

        warc.WarcFile._write = write  # type: ignore[method-assign]


@dataclass(frozen=True)
class NoteProcess:
    """Writes down which process the crawl is."""

    file: Path

    def __call__(self) -> None:
        self.file.write_text(str(os.getpid()), encoding="utf-8")


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Story]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crawler.demo.site, "PAGE_SIZE", 5)
        folder = tmp_path_factory.mktemp("kill")
        site, new_site = small_site(), small_site()
        for act in day_of(ACTS):
            apply_act(new_site, act)
        with serve(site) as server:
            watch = make_watch(site, server, folder / "archive")
            (folder / "first").mkdir()
            first = tell(watch, folder / "first", MORNING)
            server.site = new_site  # the same address on the next day
            (folder / "day").mkdir()
            day = tell(Watch(new_site, server, watch.archive), folder / "day", NEXT_DAY)
            yield {"first": first, "day": day}


@pytest.fixture(params=["first", "day"])
def story(request: pytest.FixtureRequest, stories: dict[str, Story]) -> Story:
    story = stories[request.param]
    story.server.site = story.site
    return story


def crawl(watch: Watch, story: Story, minutes: int = 0, **kwargs: Any) -> command.Result:
    """The crawl of the day, so many minutes after the undisturbed one."""
    now = datetime.fromisoformat(story.now) + timedelta(minutes=minutes)
    return watch.crawl(*OPTIONS, now=now.isoformat(), **kwargs)


def test_undisturbed_crawls_see_all_that_happens(stories: dict[str, Story]) -> None:
    kinds = Counter(change.split("'kind': '")[1].split("'")[0] for change in stories["day"].undisturbed["changes"])
    assert kinds == {"new": len(small_site().articles) + 1, "gone": 2, "moved": 1, "delisted": 1, "edited": 2}


def test_fault_068_crawl_killed_at_each_step_of_each_address_converges(story: Story, tmp_path: Path) -> None:
    """Each run gets a step further than the one before: record without row, row without outcome, outcome."""
    watch = story.copy(tmp_path / "archive")
    middle = cycle([Kill("record", 1), Kill("torn", 1), Kill("uncommitted", 2), Kill("uncommitted", 3)])
    steps = (step for first in middle for step in (first, Kill("commit", 2), Kill("commit", 3)))
    kills = 0
    while crawl(watch, story, kills, before=next(steps)).code == KILLED and not is_finished(watch.archive):
        kills += 1
    assert kills >= story.commits
    assert differences(story.undisturbed, dump(watch.archive)) == {}


@pytest.mark.parametrize(
    "kill",
    [
        *(Kill("uncommitted", 1), Kill("commit", 1), Kill("record", 1), Kill("commit", 8)),
        *(Kill("uncommitted", 2, steps=7), Kill("commit", 2, steps=7), Kill("torn", 7, steps=7)),
        *(Kill("record", 9, steps=128), Kill("uncommitted", 3, steps=128)),
    ],
    ids=str,
)
def test_fault_067_crawl_killed_once_converges(story: Story, tmp_path: Path, kill: Kill) -> None:
    watch = story.copy(tmp_path / "archive")
    assert crawl(watch, story, before=kill).code == KILLED
    result = crawl(watch, story, 1)
    assert result.code == 0, result.out + result.err
    assert differences(story.undisturbed, dump(watch.archive)) == {}


@pytest.mark.parametrize("point", ["uncommitted", "commit"])
def test_fault_068_crawl_killed_at_its_last_commit_converges(story: Story, tmp_path: Path, point: str) -> None:
    watch = story.copy(tmp_path / "archive")
    assert crawl(watch, story, before=Kill(point, story.commits)).code == KILLED
    if point == "uncommitted":  # else there is nothing left to do
        assert crawl(watch, story, 1).code == 0
    assert differences(story.undisturbed, dump(watch.archive)) == {}


def test_fault_067_crawl_killed_from_outside_converges(story: Story, tmp_path: Path) -> None:
    """SIGKILL at times that nobody chose, in which no machine gets through: each page takes a quarter of a second."""
    watch = story.copy(tmp_path / "archive")
    story.server.delay_s = 0.25
    try:
        for minutes, wait_s in enumerate((0.3, 0.45, 0.6, 0.35)):
            assert crawl(watch, story, minutes, kill_after_s=wait_s).code == -signal.SIGKILL
    finally:
        story.server.delay_s = 0.0
    assert crawl(watch, story, 10).code == 0
    assert differences(story.undisturbed, dump(watch.archive)) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_fault_069_stopped_crawl_ends_in_time_and_is_resumed(
    story: Story, tmp_path: Path, number: signal.Signals
) -> None:
    watch = story.copy(tmp_path / "archive")
    stopped = crawl(watch, story, before=SignalSelf(number, 5))
    assert stopped.code == 5
    assert len(stopped.err.splitlines()) == 1
    assert "Traceback" not in stopped.err
    assert crawl(watch, story, 1).code == 0
    assert differences(story.undisturbed, dump(watch.archive)) == {}


@pytest.mark.parametrize(
    "number, again_after_s", [(signal.SIGTERM, 0), (signal.SIGTERM, 0.05), (signal.SIGINT, 0.02)], ids=str
)
def test_fault_069_crawl_that_is_stopped_twice_loses_nothing(
    stories: dict[str, Story], tmp_path: Path, number: signal.Signals, again_after_s: float
) -> None:
    story = stories["first"]
    story.server.site = story.site
    watch = story.copy(tmp_path / "archive")
    stopped = crawl(watch, story, before=SignalSelf(number, 5, again_after_s))
    assert (stopped.code, len(stopped.err.splitlines())) == (5, 1), stopped.err
    assert crawl(watch, story, 1).code == 0
    assert differences(story.undisturbed, dump(watch.archive)) == {}


@dataclass(frozen=True)
class Break:
    """Lets a function of the program fail at its nth call."""

    module: str
    name: str
    number: int
    error: Exception

    def __call__(self) -> None:
        owner, _, name = self.name.rpartition(".")
        place = import_module(self.module)
        place = getattr(place, owner) if owner else place
        inner, calls = getattr(place, name), 0

        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == self.number:
                raise self.error
            return inner(*arguments, **options)

        setattr(place, name, call)


FULL = OSError(errno.ENOSPC, "No space left on device")
BREAKS = {
    "warc-full": (Break("storage.warc", "WarcFile._write", 6, FULL), 3),
    "frontier-unreadable": (Break("storage.unvisited", "read_waiting", 5, StorageError("archive.db: damaged")), 3),
    "capture-not-stored": (Break("storage.archive", "Archive.keep", 4, StorageError("archive.db: full")), 3),
    "outcome-not-stored": (Break("crawler.ingest", "record", 5, StorageError("archive.db: full")), 3),
    "fault-of-ours-in-the-road": (Break("crawler.ingest", "record", 5, RuntimeError("a fault")), 1),
    "fault-of-ours-in-the-spider": (Break("crawler.session", "Session.next_addresses", 5, RuntimeError("a fault")), 1),
    "fault-at-the-end": (Break("storage.vanishing", "settle", 1, StorageError("archive.db: full")), 3),
}


@pytest.mark.parametrize("name", BREAKS)
def test_crawl_that_broke_off_says_so_and_is_resumed(stories: dict[str, Story], tmp_path: Path, name: str) -> None:
    story = stories["first"]
    story.server.site = story.site
    fault, code = BREAKS[name]
    watch = story.copy(tmp_path / "archive")
    broken = crawl(watch, story, before=fault)
    assert broken.code == code, broken.out + broken.err
    assert len(broken.err.splitlines()) == 1
    assert broken.err.startswith("portalwatch: ")
    assert crawl(watch, story, 1).code == 0
    assert differences(story.undisturbed, dump(watch.archive)) == {}


def stopped_at_once() -> None:
    """In the crawl's process: SIGTERM comes before there is anything to wind up."""
    import crawler.cli.crawl as verb

    def load(_: object) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)

    verb.load_clock = load


def stopped_while_it_says_so() -> None:
    """The same, and again when all is done but the line that says so."""
    import crawler.cli

    inner = crawler.cli._say

    def say(text: str) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        inner(text)

    crawler.cli._say = say
    stopped_at_once()


@pytest.mark.parametrize("stop", [stopped_at_once, stopped_while_it_says_so])
def test_fault_069_crawl_that_is_stopped_before_it_begins_says_so_in_one_line(
    tmp_path: Path, stop: Callable[[], None]
) -> None:
    stopped = command.run("crawl", "ninhthuan-2021", "--archive", str(tmp_path / "archive"), before=stop)
    assert (stopped.code, stopped.out, len(stopped.err.splitlines())) == (5, "", 1)
    assert stopped.err.startswith("portalwatch: stopped")


def test_fault_069_crawl_of_a_silent_portal_stops_within_ten_seconds(tmp_path: Path) -> None:
    note, stopped_at = tmp_path / "process", []

    def stop_and_stall(connection: socket.socket, asked: Asked) -> None:
        os.kill(int(note.read_text(encoding="utf-8")), signal.SIGTERM)
        stopped_at.append(time.monotonic())
        stall(connection, asked)

    with FaultServer({"/": stop_and_stall}) as server:
        portal = SmallPortal(tmp_path, server)
        result = portal.crawl(before=NoteProcess(note))
        assert (result.code, len(result.err.splitlines())) == (5, 1), result.err
        assert time.monotonic() - stopped_at[0] < 10
        portal.publish("/a")
        assert portal.crawl().code == 0
        assert portal.told() == [("new", "/a")]


def test_report_marked_between_kill_and_resume_tells_each_change_once(story: Story, tmp_path: Path) -> None:
    watch = story.copy(tmp_path / "archive")
    if (watch.archive / "archive.db").exists():
        watch.changes("--mark")
    told: list[tuple[str, str]] = []
    for minutes, kill in enumerate([Kill("commit", 5), Kill("record", 2), Kill("uncommitted", 7), None]):
        crawl(watch, story, minutes, before=kill)
        told += [(change["kind"], change["url"]) for change in watch.changes("--mark")]
    all_changes = {change["change_id"]: change for change in watch.changes("--since", story.now)}
    assert sorted(told) == sorted((change["kind"], change["url"]) for change in all_changes.values())
    assert len(set(told)) == len(told) > 0
