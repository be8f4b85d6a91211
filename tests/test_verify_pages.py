"""An archive of 200 pages: whatever single thing is wrong in it, `verify` finds it and the versions it touches."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from exported import close, new
from sqlalchemy import Engine, event
from watched import Watched, article

import command
from storage.archive import Archive
from storage.verification import Fault, verify

PAGES = 200


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Each page an article with its WARC record, in two sealed runs."""
    watched = Watched(Archive.open(tmp_path_factory.mktemp("pages") / "archive", create=True))
    for hour, numbers in ((0, range(PAGES // 2)), (24, range(PAGES // 2, PAGES))):
        run = watched.begin(hour)
        for number in numbers:
            kept = watched.keep(run, f"tin-{number}", f"<p>Tin {number}</p>".encode() * 20)
            new(watched, run, f"tin-{number}", article(f"Tin số {number}", body=f"Bài {number}."), kept)
        close(watched, run, hour + 1)
    assert verify(watched.archive).faults == ()
    yield watched.archive
    watched.archive.close()


def records(archive: Archive) -> list[tuple[str, int, int, int]]:
    """(file, offset, length, version) of every page."""
    query = """SELECT c.warc_file, c.warc_offset, c.warc_length, v.version_id
        FROM captures c JOIN versions v USING (capture_id) ORDER BY v.version_id"""
    with closing(sqlite3.connect(archive.path / "archive.db")) as connection:
        return connection.execute(query).fetchall()


def touched(faults: tuple[Fault, ...]) -> set[int]:
    return {version.version_id for fault in faults for version in fault.versions}


def test_any_flipped_byte_is_found_with_the_version_it_touches(pages: Archive) -> None:
    """One byte after the other: a sample of pages, each at another place of its record."""
    chance = random.Random(20250701)
    there = records(pages)
    assert len(there) == PAGES
    for file, offset, length, version in chance.sample(there, 9):
        path = pages.path / file
        kept = path.read_bytes()
        place = offset + chance.randrange(length)
        path.write_bytes(kept[:place] + bytes([kept[place] ^ 1 << chance.randrange(8)]) + kept[place + 1 :])
        faults = verify(pages).faults
        path.write_bytes(kept)
        assert [(fault.where, fault.offset) for fault in faults] == [(file, offset)]
        assert touched(faults) == {version}


def test_a_missing_file_is_found_with_every_version_in_it(pages: Archive) -> None:
    there = records(pages)
    file = there[0][0]
    path = pages.path / file
    away = path.rename(path.with_suffix(".away"))
    shutil.move(away, pages.path.parent / "away")  # a file that is only called otherwise is told as foreign, too
    faults = verify(pages).faults
    shutil.move(pages.path.parent / "away", path)
    assert {fault.where for fault in faults} == {file}
    assert touched(faults) == {version for name, _, _, version in there if name == file}


@pytest.mark.parametrize(
    "edit", ["title = 'khác'", "body = body || ' '", "captured_at = '2020-01-01T00:00:00.000000Z'"]
)
def test_any_edited_row_is_found_with_its_version(pages: Archive, edit: str) -> None:
    chance = random.Random(edit)
    with closing(sqlite3.connect(pages.path / "archive.db", isolation_level=None)) as connection:
        for version in chance.sample(range(1, PAGES + 1), 2):
            column = edit.split(" ", 1)[0]
            query = f"SELECT {column} FROM stored_versions WHERE version_id = ?"
            (kept,) = connection.execute(query, (version,)).fetchone()
            connection.execute(f"UPDATE stored_versions SET {edit} WHERE version_id = ?", (version,))
            faults = verify(pages).faults
            connection.execute(f"UPDATE stored_versions SET {column} = ? WHERE version_id = ?", (kept, version))
            assert touched(faults) == {version}
    assert verify(pages).faults == ()


def die_while_checking_the_index() -> None:
    """The one moment at which `verify` holds the lock for writing."""

    def die(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "integrity-check" in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", die)


def test_killed_verify_leaves_the_archive_sound(pages: Archive, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(pages.path, tmp_path / "archive"))
    asked = ("verify", "--archive", str(folder))
    assert command.run(*asked, before=die_while_checking_the_index).code == -signal.SIGKILL
    done = command.run(*asked)
    assert (done.code, done.err) == (0, "")
    assert f"with {PAGES + 4} records" in done.out  # each file has a warcinfo and a metadata record
