"""`feeds`: what it prints, what it leaves when it is killed or cannot write, and mistakes in its settings."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import feedparser
import pytest
from fault_server import FaultServer, http
from interruption import KILLED
from small_portal import SLUG, SmallPortal, article

import command
from crawler.config import load_config
from crawler.errors import TomlError
from storage.archive import Archive
from storage.locks import Lock

SETTINGS = """
language = "vi"
[gone]
confirmations = 1
min_hours = 0
[[subscription]]
name = "tiền"
channel = "feed"
words = ["215 ty"]
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """Two articles are found; then one is edited."""
    with FaultServer() as server:
        made = SmallPortal(tmp_path_factory.mktemp("feeds"), server)
        (made.archive / "portalwatch.toml").write_text(SETTINGS, encoding="utf-8")
        made.publish("/a", "/b")
        made.crawl(now="2021-04-13T09:00:00+07:00")
        server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
        made.crawl("--revisit", "all", now="2021-04-14T09:00:00+07:00")
        yield made


@dataclass(frozen=True)
class Place:
    """A copy of that archive."""

    archive: Path

    def feeds(self, *options: str, **kwargs: object) -> command.Result:
        return command.run("feeds", *options, "--archive", str(self.archive), **kwargs)  # type: ignore[arg-type]

    def files(self) -> dict[str, bytes]:
        root = self.archive / "feeds"
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def place(portal: SmallPortal, tmp_path: Path) -> Place:
    shutil.copytree(portal.archive, tmp_path / "archive")
    return Place(tmp_path / "archive")


def test_feeds_says_what_it_did(place: Place) -> None:
    result = place.feeds()
    said = f"3 nguồn tin trong {place.archive}/feeds; đã ghi 7 tệp\n"  # three times two, and the list
    assert (result.code, result.err, result.out) == (0, "", said)
    found = place.files()
    assert {name for name in found if name.endswith(".atom")} == {
        "all.atom", f"portals/{SLUG}.atom", "subscriptions/tien-cf456a52.atom",
    }  # fmt: skip
    (edited, first) = feedparser.parse(found["subscriptions/tien-cf456a52.atom"]).entries
    assert (edited.title, edited.updated[:14]) == ("Sửa: Tin /a", "2021-04-14T09:")
    assert first.title == "Cổng thử: Lần thu thập đầu tiên của cổng này: 2 bài, từ nay được theo dõi."
    again = place.feeds("--json")
    assert json.loads(again.out) == {"folder": f"{place.archive}/feeds", "feeds": 3, "files": 0, "ended": 0}
    assert place.files() == found


def test_subscription_with_a_feed_alone_gets_no_letter(place: Place) -> None:
    result = command.run("alert", "--archive", str(place.archive))
    assert (result.code, result.out, result.err) == (0, "không có gì phải gửi\n", "")
    told = command.run("alert", "--dry-run", "--since", "2021-04-14", "--json", "--archive", str(place.archive))
    line = json.loads(told.out)
    assert (line["channels"], len(line["changes"])) == (["feed"], 1)


def test_feeds_of_an_archive_without_a_crawl_are_none(tmp_path: Path) -> None:
    Archive.open(tmp_path / "archive", create=True).close()
    result = Place(tmp_path / "archive").feeds(env={"LANG": "C"})
    assert (result.code, result.err) == (0, "")
    assert result.out == "nothing was crawled into this archive yet: there are no feeds\n"
    assert not (tmp_path / "archive" / "feeds").exists()


@dataclass(frozen=True)
class KillBeforeRename:
    """Ends the process as SIGKILL does when a file is whole, but has not got its name."""

    number: int

    def __call__(self) -> None:
        inner, done = Path.replace, 0

        def replace(path: Path, target: Path) -> Path:
            nonlocal done
            done += path.name.endswith(".part")
            if done == self.number:
                os._exit(KILLED)
            return inner(path, target)

        Path.replace = replace  # type: ignore[method-assign, assignment]


@pytest.fixture(scope="module")
def english(portal: SmallPortal, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The archive with feeds in another language: the next run writes each file."""
    made = Place(tmp_path_factory.mktemp("english") / "archive")
    shutil.copytree(portal.archive, made.archive)
    made.feeds("--lang", "en")
    return made


@pytest.fixture(scope="module")
def healthy(english: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What that run writes if nothing is in its way."""
    made = Place(tmp_path_factory.mktemp("healthy") / "archive")
    shutil.copytree(english.archive, made.archive)
    made.feeds()
    return made.files()


@pytest.fixture
def old(english: Place, tmp_path: Path) -> Place:
    shutil.copytree(english.archive, tmp_path / "archive")
    return Place(tmp_path / "archive")


@pytest.mark.parametrize("number", [1, 4, 8])
def test_feeds_that_are_killed_leave_whole_files_and_the_next_run_makes_it_good(
    old: Place, healthy: dict[str, bytes], number: int
) -> None:
    before = old.files()
    assert old.feeds(before=KillBeforeRename(number)).code == KILLED
    left = old.files()
    assert sum(left[name] != before[name] for name in before) == number - 1
    assert all(left[name] in (before[name], healthy[name]) for name in before)
    old.feeds()
    assert old.files() == healthy


def fill_disk() -> None:
    """The disk is full when a file is to be made durable."""
    full = OSError(errno.ENOSPC, "No space left on device")
    os.fsync = lambda _: (_ for _ in ()).throw(full)


def test_full_disk_is_one_line_and_leaves_the_old_files(old: Place) -> None:
    before = old.files()
    result = old.feeds(before=fill_disk)
    said = f"portalwatch: {old.archive}/feeds/all.atom: No space left on device; nothing was written\n"
    assert (result.code, result.err) == (3, said)
    assert old.files() == before


def test_folder_that_cannot_be_made_is_one_line(place: Place) -> None:
    (place.archive / "feeds").write_text("no folder", encoding="utf-8")
    result = place.feeds()
    assert result.code == 3
    assert result.err.startswith(f"portalwatch: {place.archive}/feeds: File exists; check the folder")
    assert result.err.count("\n") == 1


def test_two_at_once_are_one(place: Place) -> None:
    with Archive.open(place.archive) as archive, archive.locked(Lock.FEEDS):
        result = place.feeds()
    assert result.code == 4
    assert "is writing this archive's feeds" in result.err


@pytest.mark.parametrize(
    "line, said",
    [
        ('directory = "portals"', "feeds.directory: 'portals' is a folder of the archive's own"),
        ('directory = "."', "feeds.directory: '.' is a folder of the archive's own"),
        ('directory = "warc/2021"', "feeds.directory: 'warc/2021' is a folder of the archive's own"),
        ('base_url = "tin.example.vn"', "feeds.base_url: is no web address of a folder"),
        ('base_url = "http://[::1"', "feeds.base_url: is no web address of a folder"),
        ('base_url = "https://user:pass@tin.example.vn/"', "feeds.base_url: is no web address of a folder"),
        ('authority = "example.vn"', "feeds.authority: 'example.vn' is no name for tags; write a domain of yours"),
        ('authority = "example.vn,2026-13"', "feeds.authority: 'example.vn,2026-13' is no name for tags"),
        ("entries = 0", "feeds.entries: 0 is too little; write at least 1"),
        ("max_kb = 1", "feeds.max_kb: 1 is too little; write at least 64"),
        ("entry = 5", "feeds.entry: is no key here; did you mean entries?"),
    ],
)
def test_mistake_in_the_settings_is_told(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "portalwatch.toml").write_text(f"[feeds]\n{line}\n", encoding="utf-8")
    with pytest.raises(TomlError) as caught:
        load_config(tmp_path)
    assert f"portalwatch.toml:2: {said}" in str(caught.value)
    assert "pass" not in str(caught.value)
