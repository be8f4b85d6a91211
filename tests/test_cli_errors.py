"""Wrong input ends with one line on stderr and exit code 2, and changes nothing; odd surroundings do no harm."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fault_server import FaultServer
from pace import assert_within
from small_portal import SmallPortal, portal_file

import command

PAGE_URL = "http://www.ninhthuan.gov.vn/chinhquyen/sotttt/Pages/Tin.aspx"
READERS = ("changes", "search", "show", "status")
"""Verbs that read an archive that is there."""

ARGUMENTS = {
    "crawl": ["crawl", "thu"],
    "changes": ["changes"],
    "extract": ["extract", "page.html", "--url", PAGE_URL],
    "portals": ["portals"],
    "search": ["search", "tin"],
    "show": ["show", PAGE_URL],
    "status": ["status"],
}
"""A right call of each verb, but for the archive."""


@dataclass(frozen=True)
class Place:
    """A folder with an archive in it, and pages."""

    folder: Path
    archive: Path
    page: str
    """Address of an article of the archive."""

    def run(self, *arguments: str, archive: Path | str | None = None) -> command.Result:
        where = [] if archive == "" else ["--archive", str(archive or self.archive)]
        return command.run(*arguments, *where, before=Inside(self.folder))


@dataclass(frozen=True)
class Inside:
    """Runs the command in a folder."""

    folder: Path

    def __call__(self) -> None:
        os.chdir(self.folder)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Nothing here may change: `unchanged` looks at every byte of it."""
    folder = tmp_path_factory.mktemp("errors")
    with FaultServer() as server:
        portal = SmallPortal(folder, server)
        portal.publish("/a")
        assert portal.crawl().code == 0
    (folder / "file").write_text("no archive", encoding="utf-8")
    (folder / "page.html").write_text("<p>", encoding="utf-8")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "thesis.doc").write_text("mine", encoding="utf-8")
    (folder / "text-db").mkdir()
    (folder / "text-db" / "archive.db").write_text("this is no database, " * 50, encoding="utf-8")
    (folder / "other-db").mkdir()
    import sqlite3

    with sqlite3.connect(folder / "other-db" / "archive.db") as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    return Place(folder, portal.archive, f"{server.url}/a")


@pytest.fixture
def place(shared: Place) -> Iterator[Place]:
    before = fingerprint(shared.folder)
    yield shared
    assert fingerprint(shared.folder) == before


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file and folder, with its bytes; SQLite's own companions apart, which a reader may leave or remove."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith(("-wal", "-shm"))
    }


def is_refused(result: command.Result, *words: str) -> None:
    assert result.code == 2, (result.out, result.err)
    assert result.out == ""
    assert result.err.startswith("portalwatch: ")
    assert len(result.err.splitlines()) == 1, result.err
    for word in words:
        assert word in result.err


# The command line


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_unknown_option_is_refused(place: Place, verb: str) -> None:
    is_refused(place.run(*ARGUMENTS[verb], "--no-such-option"), "--no-such-option", f"portalwatch {verb} --help")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["fetch"], ["fetch"]),
        (["crawl", "no-such-portal"], ["no-such-portal"]),
        (["crawl", "thu", "--since", "yesterday"], ["--since", "yesterday"]),
        (["crawl", "thu", "--since", "31/12/2021"], ["--since"]),
        (["crawl", "thu", "--limit", "0"], ["--limit"]),
        (["crawl", "thu", "--limit", "many"], ["--limit"]),
        (["crawl", "thu", "--revisit", "never"], ["--revisit"]),
        (["crawl", "--portal-file", "no-such-file.toml"], ["no-such-file.toml"]),
        (["crawl", "--portal-file", "."], []),
        (["changes", "--since", "2021-02-30"], ["--since"]),
        (["changes", "--until", "0001-01-01"], ["--until"]),
        (["changes", "--until", "9999-12-31"], ["--until"]),
        (["changes", "--since", "2021-04-13T25:00"], ["--since"]),
        (["changes", "--since", "2021-04-14", "--until", "2021-04-13"], ["--since", "--until"]),
        (["changes", "--format", "xml"], ["--format"]),
        (["changes", "--kind", "vanished"], ["--kind"]),
        (["changes", "--portal", "ninhthuan"], ["ninhthuan", "thu"]),
        (["changes", "--mark", "--portal", "thu"], ["--mark"]),
        (["status", "no-such-portal"], ["no-such-portal", "thu"]),
        (["search"], ["nothing to search for", "--province"]),
        (["search", "--section", "—"], ["--section '—'", "no word to look for"]),
        (["search", "tin", "--province", "Atlantis"], ["--province Atlantis", "1 July 2025"]),
        (["search", "tin", "--since", "hôm qua"], ["--since hôm qua", "2021-04-13"]),
        (["search", "tin", "--order", "oldest"], ["--order"]),
        (["search", "tin", "--portal", "no-such-portal"], ["no-such-portal"]),
        (["search", "tin", "--limit", "0"], ["--limit"]),
        (["show"], ["URL"]),
        (["show", "ninhthuan.gov.vn"], ["http"]),
        (["show", "http://[::1"], ["http"]),
        (["show", "ftp://www.ninhthuan.gov.vn/"], ["http"]),
        (["show", "http://nowhere.example/a"], ["nowhere.example"]),
        (["extract"], ["FILE"]),
        (["extract", "page.html"], ["--url"]),
        (["extract", "page.html", "--url", "tin"], ["tin"]),
        (["extract", "page.html", "--url", "http://a b:x/"], ["http"]),
        (["extract", "no-such-file.html", "--url", PAGE_URL], ["no-such-file.html"]),
        (["extract", ".", "--url", PAGE_URL], []),
        (["extract", "page.html", "--url", PAGE_URL, "--portal", "no-such"], ["no-such"]),
        (["extract", "page.html", "--url", PAGE_URL, "--fetched-at", "today"], ["--fetched-at"]),
        (["extract", "--jsonl", "page.html"], ["--jsonl"]),
    ],
    ids=lambda value: " ".join(value)[:50] if value and value[0] in {*ARGUMENTS, "fetch"} else "",
)
def test_wrong_value_is_refused(place: Place, arguments: list[str], words: list[str]) -> None:
    is_refused(place.run(*arguments, archive="" if arguments[0] == "fetch" else None), *words)


def test_unknown_version_number_is_refused(place: Place) -> None:
    is_refused(place.run("show", place.page, "--diff", "1", "9"), "9")


def test_moment_before_the_first_capture_is_refused(place: Place) -> None:
    is_refused(place.run("show", place.page, "--at", "1999-12-31"), "1999-12-31")


@pytest.mark.parametrize("name", ["page.warc", "page.warc.gz"])
def test_file_that_is_no_warc_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01 no WARC at all " * 10)
    is_refused(command.run("extract", str(tmp_path / name), "--url", PAGE_URL), name)


def test_wrong_clock_is_refused(place: Place) -> None:
    for value in ("noon", "2021-04-13T09:00:00"):
        is_refused(command.run("crawl", "thu", "--archive", str(place.archive), now=value), "PORTALWATCH_NOW")


# The archive


@pytest.mark.parametrize("verb", ["crawl", *READERS])
@pytest.mark.parametrize("name", ["file", "foreign", "text-db", "other-db"])
def test_archive_that_is_something_else_is_refused(place: Place, verb: str, name: str) -> None:
    arguments = ["ninhthuan-2021" if word == "thu" else word for word in ARGUMENTS[verb]]
    is_refused(place.run(*arguments, archive=place.folder / name), name)


@pytest.mark.parametrize("verb", READERS)
def test_archive_that_is_not_there_is_refused_and_not_made(place: Place, verb: str) -> None:
    is_refused(place.run(*ARGUMENTS[verb], archive=place.folder / "none"), "none", "portalwatch crawl")


def test_unknown_portal_makes_no_archive(place: Place) -> None:
    is_refused(place.run("crawl", "no-such-portal", archive=place.folder / "none"))


# Files that people write

BROKEN = {
    "no-toml": ("name = ", ".toml:1:"),
    "unknown-key": ('name = "Thử"\nstart = ["http://127.0.0.1:9/"]\nspeed = 3\n', ".toml:3: speed"),
    "unknown-key-in-table": (
        'name = "Thử"\nstart = ["http://127.0.0.1:9/"]\n\n[fetch]\nspeed = 3\n',
        ".toml:5: fetch.speed",
    ),
    "key-twice": ('name = "Thử"\nname = "Hai"\n', ".toml:2: "),
    "table-twice": ('name = "Thử"\n[fetch]\ndelay_s = 1\n[fetch]\n', ".toml:4: "),
    "bad-start": ('name = "Thử"\nstart = ["127.0.0.1"]\n', ".toml:2: start"),
    "bad-selector": ('name = "Thử"\nstart = ["http://127.0.0.1:9/"]\n[article]\ntitle = { css = "h1[" }\n', "title"),
    "bad-utf-8": (b'name = "Th\xff"\n', ".toml:1: "),
    "utf-16": ('name = "Thử"\n'.encode("utf-16"), ".toml:1: "),
    "old-line-ends": ('name = "Thử"\rstart = ["http://127.0.0.1:9/"]\r', ".toml:1: "),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("verb", ["crawl", "portals", "extract", "show"])
def test_fault_088_broken_portal_file_is_refused_with_file_and_key(tmp_path: Path, name: str, verb: str) -> None:
    text, word = BROKEN[name]
    archive = tmp_path / "archive"
    (archive / "portals").mkdir(parents=True)
    (archive / "portals" / "lao-cai.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "page.html").write_text("<p>", encoding="utf-8")
    arguments = ["crawl", "lao-cai"] if verb == "crawl" else ARGUMENTS[verb]
    result = command.run(*arguments, "--archive", str(archive), before=Inside(tmp_path))
    is_refused(result, *(["lao-cai.toml", word] if verb != "show" else []))
    assert not (archive / "archive.db").exists()


@pytest.mark.parametrize("form", ["bom", "crlf", "start-twice"])
def test_fault_088_portal_file_in_an_odd_form_is_read(tmp_path: Path, server: FaultServer, form: str) -> None:
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a")
    text = portal_file(*[f"{server.url}/"] * (2 if form == "start-twice" else 1))
    text = {"bom": f"\ufeff{text}", "crlf": text.replace("\n", "\r\n")}.get(form, text)
    (portal.archive / "portals" / "thu.toml").write_bytes(text.encode())
    settings = (portal.archive / "portalwatch.toml").read_bytes()
    (portal.archive / "portalwatch.toml").write_bytes(b"\xef\xbb\xbf" + settings.replace(b"\n", b"\r\n"))
    assert portal.crawl().code == 0
    assert portal.outcomes() == {"/": "listing", "/a": "new"}
    assert server.hits["/"] == 1


def test_fault_088_one_of_ten_thousand_portals_is_crawled_at_once(tmp_path: Path, server: FaultServer) -> None:
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a")
    for number in range(10_000):
        (portal.archive / "portals" / f"x{number}.toml").write_text('name = "Thử"\n', encoding="utf-8")
    result = portal.crawl()
    assert result.code == 0
    assert result.memory_mb < 200
    assert_within(result.cpu_s, 5)
    assert portal.outcomes() == {"/": "listing", "/a": "new"}


SETTINGS = {
    "unknown-key": ("speed = 3\n", ".toml:1: speed"),
    "unknown-key-in-table": ("[gone]\nconfirmation = 2\n", ".toml:2: gone.confirmation"),
    "table-twice": ("[gone]\nconfirmations = 2\n[gone]\n", ".toml:3: "),
    "wrong-type": ('[gone]\nconfirmations = "two"\n', "confirmations"),
    "language": ('language = "fr"\n', "language"),
    "no-toml": ("[gone\n", ".toml:1:"),
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("verb", ["crawl", *READERS])
def test_fault_088_broken_settings_are_refused_with_file_and_key(
    shared: Place, tmp_path: Path, name: str, verb: str
) -> None:
    text, word = SETTINGS[name]
    archive = tmp_path / "archive"
    archive.mkdir()
    if verb != "crawl":
        (archive / "archive.db").write_bytes((shared.archive / "archive.db").read_bytes())
    (archive / "portalwatch.toml").write_text(text, encoding="utf-8")
    arguments = ["ninhthuan-2021" if word == "thu" else word for word in ARGUMENTS[verb]]
    is_refused(command.run(*arguments, "--archive", str(archive)), "portalwatch.toml", word)
    assert (archive / "archive.db").exists() == (verb != "crawl")


# Surroundings


def portalwatch(*arguments: str, env: dict[str, str], shell: str = "") -> subprocess.CompletedProcess[bytes]:
    """The real command, without forkserver, in a folder that cannot be written to; `shell` goes behind it."""
    line = f"'{sys.executable}' -m crawler {' '.join(arguments)} {shell}"
    return subprocess.run(
        ["/bin/sh", "-c", line], env=env, cwd="/proc", capture_output=True, check=False, timeout=command.LIMIT_S
    )


HERE = {"PYTHONPATH": str(Path(__file__).parents[1])}


def test_fault_087_empty_environment_prints_utf_8(place: Place) -> None:
    done = portalwatch("search", "tin", "--archive", str(place.archive), env=HERE | {"LANG": "C"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Tin /a" in done.stdout.decode("utf-8")


def test_fault_087_vietnamese_messages_survive_a_c_locale(place: Place) -> None:
    done = portalwatch(
        "status",
        "--lang",
        "vi",
        "--archive",
        str(place.archive),
        env=HERE | {"LC_ALL": "C"},
    )
    assert done.returncode == 0
    assert "lần" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("shell", [">&-", "<&-", "2>&-", "| head -0", "| head -1"])
def test_fault_087_closed_stream_is_no_fault(place: Place, shell: str) -> None:
    done = portalwatch("show", place.page, "--archive", str(place.archive), env=HERE, shell=shell)
    assert done.returncode == 0
    assert done.stderr == b""


def test_fault_072_full_disk_under_stdout_is_one_line(place: Place) -> None:
    done = portalwatch(
        "show",
        place.page,
        "--archive",
        str(place.archive),
        env=HERE,
        shell="> /dev/full",
    )
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["crawl", "--help"], []], ids=" ".join)
def test_help_and_version_are_no_errors(arguments: list[str]) -> None:
    result = command.run(*arguments)
    assert result.code in (0, 2)
    assert "Traceback" not in result.err
    assert "portalwatch" in result.out + result.err
