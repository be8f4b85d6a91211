"""Opening an archive folder, its lock, and what is left when something else stands there."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from storage import database, errors
from storage.archive import Archive
from storage.errors import ArchiveLocked, NewerSchema, NotAnArchive, StorageError

HOLD = """
import sys, time
from pathlib import Path
from storage.archive import Archive
with Archive.open(Path(sys.argv[1])) as archive, archive.locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def make_database(path: Path, *, revision: str | None, application_id: int = 0x50574152) -> None:
    """A database that says of itself what an archive of that schema revision says."""
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        if revision is not None:
            connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    connection.close()


def tables(archive: Archive) -> set[str]:
    with archive.reading() as connection:
        return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_archive_is_made_in_a_new_folder(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a" / "b", create=True) as archive:
        assert {"captures", "stored_versions", "stored_changes", "article_search"} <= tables(archive)


def test_archive_is_made_in_an_empty_folder(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as archive:
        assert "captures" in tables(archive)


def test_archive_is_made_beside_the_archivists_own_files(tmp_path: Path) -> None:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portalwatch.toml").write_text("contact = 'x@example.vn'\n", encoding="utf-8")
    with Archive.open(tmp_path, create=True) as archive:
        assert "captures" in tables(archive)


@pytest.mark.parametrize("name", ["kho lưu trữ 100%", "a#b?c=d&mode=memory", 'it\'s; "quoted"'])
def test_archive_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    Archive.open(tmp_path / name, create=True).close()
    with Archive.open(tmp_path / name) as archive:
        assert "captures" in tables(archive)
    assert names(tmp_path) == [name]


def test_archive_opens_again_without_create(tmp_path: Path) -> None:
    Archive.open(tmp_path, create=True).close()
    with Archive.open(tmp_path) as archive:
        assert "captures" in tables(archive)


def test_archive_is_in_wal_mode_with_durable_commits(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as archive, archive.reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]


@pytest.mark.parametrize("create", [True, False])
def test_archive_path_that_is_a_file_is_refused(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("ghi chú", encoding="utf-8")
    with pytest.raises(NotAnArchive) as caught:
        Archive.open(path, create=create)
    assert caught.value.exit_code == 2
    assert path.read_text(encoding="utf-8") == "ghi chú"


@pytest.mark.parametrize("create", [True, False])
def test_archive_folder_that_is_something_else_is_refused_untouched(tmp_path: Path, create: bool) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"jpg")
    with pytest.raises(NotAnArchive, match=r"photo\.jpg"):
        Archive.open(tmp_path, create=create)
    assert names(tmp_path) == ["photo.jpg"]


def test_archive_is_not_made_without_being_asked(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path / "none")
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("create", [True, False])
def test_fault_083_foreign_database_is_left_byte_for_byte(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "archive.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE contacts (name TEXT)")
        connection.execute("INSERT INTO contacts VALUES ('Thanh Bình')")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path, create=create)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["archive.db"]


@pytest.mark.parametrize("text", ["not a database\n", "x" * 5000])
def test_fault_083_text_file_named_like_the_database_is_left(tmp_path: Path, text: str) -> None:
    path = tmp_path / "archive.db"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path, create=True)
    assert path.read_text(encoding="utf-8") == text


def test_fault_083_directory_named_like_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive.db").mkdir()
    with pytest.raises(StorageError):
        Archive.open(tmp_path, create=True)


def test_fault_083_empty_database_file_becomes_an_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.db").touch()
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path)
    with Archive.open(tmp_path, create=True) as archive:
        assert "captures" in tables(archive)


def test_archive_killed_while_it_was_made_is_made_again(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "archive.db")
    connection.execute("PRAGMA journal_mode = WAL")  # done before the tables are: no longer 0 bytes
    connection.close()
    assert (tmp_path / "archive.db").stat().st_size > 0
    with Archive.open(tmp_path, create=True) as archive:
        assert "captures" in tables(archive)


@pytest.mark.parametrize("left", [None, b""])
def test_archive_without_its_database_is_not_begun_anew(tmp_path: Path, left: bytes | None) -> None:
    warc = tmp_path / "warc" / "2026" / "11" / "lao-cai-000001.warc.gz"
    warc.parent.mkdir(parents=True)
    warc.write_bytes(b"evidence")
    if left is not None:
        (tmp_path / "archive.db").write_bytes(left)
    with pytest.raises(StorageError, match="backup") as caught:
        Archive.open(tmp_path, create=True)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("revision", ["9001", "9999", "ae1027a6acf"])
def test_fault_085_newer_schema_is_left_byte_for_byte(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "archive.db"
    make_database(path, revision=revision)
    before = path.read_bytes()
    with pytest.raises(NewerSchema, match=revision) as caught:
        Archive.open(tmp_path, create=True)
    assert caught.value.exit_code == 3
    assert path.read_bytes() == before


def test_fault_084_older_schema_is_brought_to_todays(tmp_path: Path) -> None:
    make_database(tmp_path / "archive.db", revision=None)
    with Archive.open(tmp_path) as archive, archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [
            database.SCHEMA
        ]
        assert connection.exec_driver_sql("SELECT count(*) FROM captures").scalar() == 0


def test_fault_084_unknown_older_schema_is_one_line(tmp_path: Path) -> None:
    make_database(tmp_path / "archive.db", revision="0000")
    with pytest.raises(StorageError, match="0000") as caught:
        Archive.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_fault_084_failed_upgrade_leaves_the_old_schema(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    make_database(path, revision=None)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE versions (mine TEXT)")  # in the way of the first migration, at its end
    connection.close()
    with pytest.raises(StorageError):
        Archive.open(tmp_path)
    with sqlite3.connect(path) as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert found == {"alembic_version", "versions"}


def test_fault_083_damaged_database_is_one_line(tmp_path: Path, empty_database: Path) -> None:
    whole = empty_database.read_bytes()
    (tmp_path / "archive.db").write_bytes(whole[:1024] + os.urandom(3072) + whole[4096 : len(whole) // 2])
    with pytest.raises(StorageError) as caught:
        Archive.open(tmp_path)
    assert "\n" not in str(caught.value)
    assert "archive.db" in str(caught.value)


def test_fault_073_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError) as caught:
        Archive.open(tmp_path / "file" / "archive", create=True)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def test_fault_073_folder_that_cannot_be_read_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)  # the tests may run as root, whom no mode bits stop
    with pytest.raises(StorageError, match="Permission denied") as caught:
        Archive.open(tmp_path, create=True)
    assert caught.value.exit_code == 3


def test_fault_073_database_that_cannot_be_made_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.location.DATABASE", "no/such/folder/archive.db")
    with pytest.raises(StorageError) as caught:
        Archive.open(tmp_path, create=True)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def test_fault_071_disk_full_while_making_the_archive_is_a_storage_error(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from storage.archive import Archive
from storage.errors import StorageError
for size in (0, 2000, 5000, 60_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        Archive.open(Path(sys.argv[1]), create=True)
    except StorageError as error:
        print(error.exit_code, len(str(error).splitlines()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with Archive.open(Path(sys.argv[1]), create=True) as archive, archive.reading() as connection:
    print(connection.exec_driver_sql("SELECT count(*) FROM captures").scalar())
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split("\n")[:-1] == ["3 1"] * 4 + ["0"]


def test_archive_made_by_two_at_once_is_one(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from storage.archive import Archive; "
    code += "Archive.open(Path(sys.argv[1]), create=True).close()"
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate()[1] for process in both] == ["", ""]
    with Archive.open(tmp_path) as archive:
        assert "captures" in tables(archive)


def hold(archive: Path) -> subprocess.Popen[str]:
    """A process that holds the archive's lock until its stdin is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(archive)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_fault_076_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as archive:
        with hold(tmp_path) as holder:
            with pytest.raises(ArchiveLocked, match=str(holder.pid)) as caught, archive.locked():
                pass
            assert caught.value.exit_code == 4
        with archive.locked():  # the holder has ended
            pass


def test_fault_077_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as archive:
        with hold(tmp_path) as holder:
            holder.send_signal(signal.SIGKILL)
        assert str(holder.pid) in (tmp_path / ".lock").read_text(encoding="utf-8")  # the file it left behind
        with archive.locked():
            assert (tmp_path / ".lock").read_text(encoding="utf-8") == f"process {os.getpid()}"


def test_lock_is_free_after_a_fault_inside(tmp_path: Path) -> None:
    def fail() -> None:
        with archive.locked():
            raise KeyError("fault")

    with Archive.open(tmp_path, create=True) as archive:
        with pytest.raises(KeyError):
            fail()
        with archive.locked():
            pass


def test_lock_that_the_file_system_refuses_is_a_storage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    with Archive.open(tmp_path, create=True) as archive:
        monkeypatch.setattr(fcntl, "flock", refuse)
        with pytest.raises(StorageError, match="No locks available") as caught, archive.locked():
            pass
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("error, code", [(StorageError, 3), (NotAnArchive, 2), (NewerSchema, 3), (ArchiveLocked, 4)])
def test_storage_errors_have_the_documented_exit_code(error: type[StorageError], code: int) -> None:
    assert error.exit_code == code
    assert f"{error.__name__}" in (errors.__doc__ or "")
