"""Backups are complete, verified, cheap, and become archives again; whatever fails leaves what was there."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from exported import MEETING, new, story
from sqlalchemy import URL, select
from watched import PORTAL, Watched, article, at

import command
from databases import Database
from storage import runs, schema
from storage.archive import Archive
from storage.backups.making import make_backup
from storage.backups.record import read_backups
from storage.backups.restoring import restore_backup
from storage.errors import ArchiveLocked, NewerSchema, NotAnArchive, StorageError
from storage.location import FILE, sqlite_url
from storage.locks import Lock, hold
from storage.stored import stored
from storage.verification import verify
from storage.vocabulary import OutcomeKind


@pytest.fixture(scope="module")
def told(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """An archive with edits, a revisit, an absence; with a portal file, and a setting that names a secret."""
    folder = tmp_path_factory.mktemp("told") / "archive"
    archive = database.open(folder)
    watched = story(folder, archive)
    (folder / "portals").mkdir()
    (folder / "portals" / "lao-cai.toml").write_text('name = "Lào Cai"\n', encoding="utf-8")
    (folder / "logs").mkdir()
    (folder / "logs" / "crawl.log").touch()
    settings = folder / FILE
    kept = settings.read_text(encoding="utf-8") if settings.exists() else ""
    settings.write_text(kept + 'contact = "${WATCH_CONTACT}"\n', encoding="utf-8")
    yield watched
    watched.archive.close()


@pytest.fixture(scope="module")
def backup(told: Watched, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_backup(told.archive, tmp_path_factory.mktemp("backups"), at(100)).path


def rows(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds, as it is sealed."""
    with archive.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(*(stored(column) for column in table.columns)).order_by(
                        *(stored(column) for column in table.primary_key)
                    )
                )
            ]
            for table in schema.metadata.sorted_tables
        }


def files(folder: Path) -> dict[str, bytes]:
    """The files of an archive but for its database and locks."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "archive.db", "backup.json"))
    }


def test_backup_holds_every_row_and_all_evidence(told: Watched, backup: Path) -> None:
    with Archive.at(backup, sqlite_url(backup / "archive.db")) as copy:
        assert rows(copy) == rows(told.archive)
        assert verify(copy).faults == ()
    everything = files(told.archive.path)
    assert files(backup) == {name: content for name, content in everything.items() if not name.startswith("logs/")}
    assert any(name.endswith(".warc.gz") for name in files(backup))


def test_backup_says_what_it_is_of(told: Watched, backup: Path) -> None:
    record = json.loads((backup / "backup.json").read_bytes())
    assert record["sound"] is True
    assert record["made_at"] == "2021-04-17T06:00:00Z"
    assert record["database"] == told.archive.database.get_backend_name()
    assert record["head"] == verify(told.archive).head
    assert backup.name == "20210417T060000Z"


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_backup_is_an_archive_that_verbs_read(backup: Path) -> None:
    found = command.run("search", "hop", "--archive", str(backup), env={"WATCH_CONTACT": "x@example.vn"})
    assert (found.code, found.err) == (0, "")
    assert MEETING.title in found.out


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_backup_is_not_crawled_into(backup: Path) -> None:
    with pytest.raises(NotAnArchive, match="restore"):
        Archive.open(backup, create=True)


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_second_backup_shares_with_the_first_and_not_with_the_archive(told: Watched, tmp_path: Path) -> None:
    first, second = (make_backup(told.archive, tmp_path, at(hour)) for hour in (100, 101))
    evidence = [name for name in files(second.path) if name.startswith("warc/")]
    assert (first.shared_files, second.shared_files) == (0, len(evidence))
    for name in evidence:
        assert (second.path / name).samefile(first.path / name)
        assert not (second.path / name).samefile(told.archive.path / name)
    shutil.rmtree(first.path)
    with Archive.at(second.path, sqlite_url(second.path / "archive.db")) as copy:
        assert verify(copy).faults == ()


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_file_of_an_earlier_backup_that_was_damaged_is_not_shared(told: Watched, tmp_path: Path) -> None:
    first = make_backup(told.archive, tmp_path, at(100))
    (name, *_) = (name for name in files(first.path) if name.endswith(".warc.gz"))
    damaged = first.path / name
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    second = make_backup(told.archive, tmp_path, at(101))
    assert second.record.sound
    assert (second.path / name).read_bytes() == (told.archive.path / name).read_bytes()
    assert second.copied_bytes > second.record.size - second.shared_bytes - 1


def test_backup_of_a_run_that_goes_on_is_sound(database: Database, tmp_path: Path) -> None:
    """What the crawl writes after the moment of the copy is not in it."""
    with database.open(tmp_path / "archive") as archive:
        watched = Watched(archive)
        run = watched.begin(0)
        watched.visit(run, "a", OutcomeKind.OTHER_PAGE, kept=watched.keep(run, "a"))

        def crawl_on(done: int, total: int) -> None:
            if not written:
                written.append(watched.keep(run, "b"))
                with watched.write() as connection:
                    runs.finish_run(connection, run, at(1), state="finished")
                    archive.seal(connection, PORTAL, at(1))
                archive.publish()

        written: list[Any] = []
        first = make_backup(archive, tmp_path / "backups", at(100), watch=crawl_on)
        assert first.record.sound
        second = make_backup(archive, tmp_path / "backups", at(101))
        assert second.record.sound
    restored = restore_backup(second.path, tmp_path / "again", at(102), named="")
    assert restored.found.records > 0


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_keep_takes_the_oldest_away(told: Watched, tmp_path: Path) -> None:
    made = [make_backup(told.archive, tmp_path, at(hour), keep=2) for hour in (100, 101, 102)]
    assert [path.name for path in read_backups(tmp_path)] == [one.path.name for one in made[1:]]
    assert made[2].removed == (made[0].path,)
    assert not made[0].path.exists()


def broken_copy(told: Watched, folder: Path) -> Archive:
    """An archive in whose evidence a byte is wrong."""
    restored = restore_backup(make_backup(told.archive, folder / "b", at(100)).path, folder / "a", at(101), named="")
    warc = next(iter(sorted(restored.archive.rglob("*.warc.gz"))))
    content = bytearray(warc.read_bytes())
    content[len(content) // 2] ^= 1
    warc.write_bytes(content)
    return Archive.open(restored.archive)


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_backup_of_a_damaged_archive_says_so_and_takes_nothing_away(told: Watched, tmp_path: Path) -> None:
    with broken_copy(told, tmp_path) as archive:
        made = make_backup(archive, tmp_path / "backups", at(102))
        again = make_backup(archive, tmp_path / "backups", at(103), keep=1)
    assert not made.record.sound
    assert made.faults
    assert again.removed == ()
    with pytest.raises(StorageError, match=r"verify finds .*; nothing was replaced"):
        restore_backup(made.path, tmp_path / "new", at(104))
    assert not (tmp_path / "new").exists()


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_backup_while_another_is_made_is_refused(told: Watched, tmp_path: Path) -> None:
    with hold(told.archive.path, Lock.BACKUP), pytest.raises(ArchiveLocked) as caught:
        make_backup(told.archive, tmp_path, at(100))
    assert caught.value.exit_code == 4


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_unfinished_backup_is_taken_away_by_the_next(told: Watched, tmp_path: Path) -> None:
    left = tmp_path / ".20210101T000000Z.part"
    left.mkdir()
    (left / "archive.db").write_bytes(b"half")
    make_backup(told.archive, tmp_path, at(100))
    assert [path.name for path in tmp_path.iterdir()] == ["20210417T060000Z"]


def fill_the_disk(size: int) -> None:
    """No file can grow beyond so many bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.databases("sqlite")  # the limit is of the process that writes files
@pytest.mark.parametrize("size", [2_000, 20_000, 60_000])
def test_fault_071_disk_full_leaves_no_half_backup(told: Watched, tmp_path: Path, size: int) -> None:
    archive = told.archive.path
    before = make_backup(told.archive, tmp_path, at(100)).path
    done = command.run(
        "backup", "--archive", str(archive), "-o", str(tmp_path), now="2021-04-18T00:00:00+07:00",
        before=partial(fill_the_disk, size), env={"WATCH_CONTACT": "x@example.vn"},
    )  # fmt: skip
    assert (done.code, done.out) == (3, "")
    assert done.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == [before.name]


def test_fault_071_backup_whose_last_write_fails_is_none_and_can_be_made_again(
    told: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        if folder == tmp_path:  # the last of them: the backup has its name already
            raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    with monkeypatch.context() as patch:
        patch.setattr("storage.backups.making.sync_folder", full)
        with pytest.raises(StorageError):
            make_backup(told.archive, tmp_path, at(100))
    assert list(tmp_path.iterdir()) == []
    assert make_backup(told.archive, tmp_path, at(100)).record.sound


def test_restored_archive_holds_what_was_backed_up(told: Watched, backup: Path, tmp_path: Path) -> None:
    restored = restore_backup(backup, tmp_path / "again", at(101), named="")
    with Archive.open(restored.archive) as archive:
        assert archive.database.drivername == "sqlite"
        assert rows(archive) == rows(told.archive)
    assert files(restored.archive).keys() == files(backup).keys()
    for name in files(backup):
        assert not (restored.archive / name).samefile(backup / name)  # the next crawl must not write into the backup


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_restored_archive_goes_on(backup: Path, tmp_path: Path) -> None:
    restored = restore_backup(backup, tmp_path / "again", at(101), named="")
    with Archive.open(restored.archive) as archive:
        watched = Watched(archive)
        run = watched.begin(200)
        new(watched, run, "moi", article("Tin mới"), watched.keep(run, "moi"))
        assert verify(archive).faults == ()


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_restore_refuses_a_folder_that_is_not_empty(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("của tôi", encoding="utf-8")
    with pytest.raises(NotAnArchive, match="--force"):
        restore_backup(backup, tmp_path, at(101))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_restore_by_force_keeps_what_was_there(told: Watched, tmp_path: Path) -> None:
    place = tmp_path / "archive"
    with broken_copy(told, tmp_path / "broken") as archive:
        shutil.copytree(archive.path, place)
    made = make_backup(told.archive, place / "backups", at(102))
    before = files(place)
    restored = restore_backup(made.path, place, at(103), force=True, named="")
    assert restored.kept_aside == tmp_path / "archive.before-20210417T090000Z"
    kept = files(restored.kept_aside)
    assert kept == {name: content for name, content in before.items() if not name.startswith("backups/")}
    assert read_backups(place / "backups") == [place / "backups" / made.path.name]
    with Archive.open(place) as archive:
        assert verify(archive).faults == ()


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_restore_does_not_replace_an_archive_at_work(told: Watched, backup: Path, tmp_path: Path) -> None:
    place = tmp_path / "archive"
    restore_backup(backup, place, at(101), named="")
    with hold(place, Lock.CRAWL), pytest.raises(ArchiveLocked):
        restore_backup(backup, place, at(102), force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_restore_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match=r"\(its backup\.json: No such file or directory\)"):
        restore_backup(tmp_path, tmp_path / "new", at(101))


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_fault_085_backup_of_a_newer_version_is_refused(backup: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(backup, tmp_path / "backup")
    record = json.loads((copy / "backup.json").read_bytes()) | {"schema": "9999"}
    (copy / "backup.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(NewerSchema):
        restore_backup(copy, tmp_path / "new", at(101))
    assert not (tmp_path / "new").exists()


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_fault_071_disk_full_while_restoring_replaces_nothing(backup: Path, tmp_path: Path) -> None:
    place = tmp_path / "archive"
    place.mkdir()
    (place / "mine").touch()
    done = command.run(
        "restore",
        str(backup),
        "--archive",
        str(place),
        "--force",
        "--database",
        "sqlite",
        before=partial(fill_the_disk, 3_000),
    )
    assert (done.code, done.out) == (3, "")
    assert "nothing was replaced" in done.err or "free space" in done.err
    assert [path.name for path in place.iterdir() if not path.name.startswith(".")] == ["mine"]
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_fault_082_restore_of_a_damaged_backup_replaces_nothing(backup: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(backup, tmp_path / "backup")
    with closing(sqlite3.connect(copy / "archive.db")) as connection, connection:
        connection.execute("UPDATE stored_versions SET title = 'khác' WHERE version_id = 1")
    with pytest.raises(StorageError, match="nothing was replaced"):
        restore_backup(copy, tmp_path / "new", at(101), named="")
    assert not (tmp_path / "new").exists()


def die_after(step: int) -> None:
    """Lets the process kill itself when so many files are copied."""
    from storage.backups import making, restoring

    count = iter(range(step))
    real = making.copy_part

    def copy(*arguments: Any) -> None:
        if next(count, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*arguments)

    making.copy_part = restoring.copy_part = copy


@pytest.mark.databases("sqlite")  # the files are the same
@pytest.mark.parametrize("step", [0, 2, 5])
def test_fault_068_killed_backup_or_restore_leaves_what_was_there(
    told: Watched, backup: Path, tmp_path: Path, step: int
) -> None:
    environment = {"WATCH_CONTACT": "x@example.vn"}
    make = ("backup", "--archive", str(told.archive.path), "-o", str(tmp_path / "b"))
    assert command.run(*make, before=partial(die_after, step), env=environment).code == -signal.SIGKILL
    assert read_backups(tmp_path / "b") == []
    assert command.run(*make, env=environment).code == 0
    assert len(read_backups(tmp_path / "b")) == len([*(tmp_path / "b").iterdir()]) == 1
    put = ("restore", str(backup), "--archive", str(tmp_path / "a"))
    assert command.run(*put, before=partial(die_after, step)).code == -signal.SIGKILL
    assert not (tmp_path / "a").exists()
    assert command.run(*put).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.fixture
def empty(database: Database) -> URL:
    return database.new_database(empty=True)


@pytest.mark.databases("postgresql")
def test_archive_moves_from_one_database_to_the_other_and_back(told: Watched, empty: URL, tmp_path: Path) -> None:
    """PostgreSQL → SQLite → PostgreSQL → SQLite: no row is another, and every seal holds."""
    before = rows(told.archive)
    first = make_backup(told.archive, tmp_path / "b", at(100))
    there = restore_backup(first.path, tmp_path / "sqlite", at(101), named="")
    with Archive.open(there.archive) as archive:
        assert rows(archive) == before
        second = make_backup(archive, tmp_path / "b", at(102))
    named = empty.render_as_string(hide_password=False)
    back = restore_backup(second.path, tmp_path / "postgresql", at(103), named=named)
    with Archive.open(back.archive) as archive:
        assert archive.database.drivername == "postgresql+psycopg"
        assert rows(archive) == before
        assert not (back.archive / "archive.db").exists()
        watched = Watched(archive)
        run = watched.begin(200)
        new(watched, run, "moi", article("Tin mới"), watched.keep(run, "moi"))  # the next numbers are free
        assert verify(archive).faults == ()


@pytest.mark.databases("postgresql")
def test_restore_does_not_write_into_a_database_that_holds_an_archive(
    told: Watched, backup: Path, tmp_path: Path
) -> None:
    before = rows(told.archive)
    with pytest.raises(StorageError, match="holds an archive"):
        restore_backup(backup, tmp_path / "new", at(101), named=told.archive.database.render_as_string(False))
    assert not (tmp_path / "new").exists()
    assert rows(told.archive) == before


@pytest.mark.databases("postgresql")
def test_restore_that_fails_leaves_an_empty_database(backup: Path, empty: URL, tmp_path: Path) -> None:
    copy = shutil.copytree(backup, tmp_path / "backup")
    with closing(sqlite3.connect(copy / "archive.db")) as connection, connection:
        connection.execute("UPDATE stored_versions SET title = 'khác' WHERE version_id = 1")
    named = empty.render_as_string(hide_password=False)
    with pytest.raises(StorageError, match="verify finds"):
        restore_backup(copy, tmp_path / "new", at(101), named=named)
    restored = restore_backup(backup, tmp_path / "new", at(101), named=named)
    assert restored.found.faults == ()


@pytest.mark.databases("sqlite")  # about files, which are the same
def test_commands_say_what_they_did(told: Watched, tmp_path: Path) -> None:
    environment = {"WATCH_CONTACT": "x@example.vn"}
    made = command.run("backup", "--archive", str(told.archive.path), "-o", str(tmp_path / "b"), env=environment)
    assert (made.code, made.err) == (0, "")
    assert "the copy was opened and verified: it is sound" in made.out
    again = command.run(
        "backup", "--archive", str(told.archive.path), "-o", str(tmp_path / "b"), "--keep", "1", "--json",
        now="2021-04-18T00:00:00+07:00", env=environment,
    )  # fmt: skip
    said = json.loads(again.out)
    assert (said["sound"], said["faults"], said["copied"]["files"]) == (True, 0, 2)
    (path,) = read_backups(tmp_path / "b")
    put = command.run("restore", str(path), "--archive", str(tmp_path / "a"), "--database", "sqlite", "--json")
    assert (put.code, put.err) == (0, "")
    assert json.loads(put.out)["sound"] is True
    assert command.run("verify", "--archive", str(tmp_path / "a"), env=environment).code == 0
