"""`export` into files: complete or not there, whatever happens meanwhile."""

from __future__ import annotations

import fcntl
import os
import random
import resource
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from exported import MEETING, new
from watched import Watched, article

import command
from storage.archive import Archive
from storage.export import Format

FORMS = {form: f"tin{form.endings[0]}" for form in Format}
NOISE = random.Random(0).randbytes(200_000)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Two articles, one of them of a size that no format packs into 100,000 bytes."""
    watched = Watched(Archive.open(tmp_path_factory.mktemp("command") / "archive", create=True))
    run = watched.begin(0)
    new(watched, run, "hop", MEETING, watched.keep(run, "hop"))
    noise = article("Phụ lục số liệu", body=NOISE.hex(), section="Kinh tế")
    new(watched, run, "lon", noise, watched.keep(run, "lon", NOISE))
    watched.finish(run)
    yield watched.archive
    watched.archive.close()


@dataclass(frozen=True)
class KillAtSync:
    """Ends the process as SIGKILL does, once all is written and nothing has its name."""

    def __call__(self) -> None:
        os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]


@dataclass(frozen=True)
class FullDisk:
    """Lets no file grow beyond so many bytes."""

    size: int

    def __call__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def with_codebook(form: Format) -> list[str]:
    return [FORMS[form], f"{FORMS[form]}.datapackage.json"] if form.is_text else [FORMS[form]]


@pytest.mark.parametrize("form", Format)
def test_export_takes_its_form_from_the_name(archive: Archive, tmp_path: Path, form: Format) -> None:
    done = command.run("export", "--archive", str(archive.path), "-o", str(tmp_path / FORMS[form]))
    assert (done.code, names(tmp_path)) == (0, with_codebook(form)), done.err
    assert ("2 captures" if form.is_evidence else "2 articles") in done.err


@pytest.mark.parametrize("form", Format)
def test_killed_export_leaves_nothing_under_the_name(archive: Archive, tmp_path: Path, form: Format) -> None:
    arguments = ("export", "--archive", str(archive.path), "-o", str(tmp_path / FORMS[form]))
    assert command.run(*arguments, before=KillAtSync()).code == -signal.SIGKILL
    assert not (tmp_path / FORMS[form]).exists()
    assert command.run(*arguments).code == 0
    assert names(tmp_path) == with_codebook(form)


@pytest.mark.parametrize("form", Format)
def test_full_disk_leaves_nothing_and_is_one_line(archive: Archive, tmp_path: Path, form: Format) -> None:
    target = tmp_path / FORMS[form]
    arguments = ("export", "--archive", str(archive.path), "-o", str(target))
    done = command.run(*arguments, before=FullDisk(100_000))
    assert (done.code, names(tmp_path)) == (3, []), done.err
    assert len(done.err.strip().splitlines()) == 1
    assert str(target) in done.err
    assert "nothing was written" in done.err


def test_export_replaces_a_file_only_when_told(archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "tin.csv"
    arguments = ("export", "--archive", str(archive.path), "-o", str(target))
    target.write_bytes(b"mine")
    again = command.run(*arguments)
    assert (again.code, "--force" in again.err, target.read_bytes()) == (2, True, b"mine")
    assert command.run(*arguments, "--force").code == 0
    assert target.read_bytes().startswith("\ufeffarticle_id".encode())


def test_export_replaces_a_file_only_by_a_complete_one(archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "tin.parquet"
    target.write_bytes(b"mine")
    arguments = ("export", "--archive", str(archive.path), "-o", str(target), "--force")
    assert command.run(*arguments, before=FullDisk(100_000)).code == 3
    assert (target.read_bytes(), names(tmp_path)) == (b"mine", ["tin.parquet"])


@pytest.mark.parametrize("form", [form for form in Format if not form.is_text])
def test_export_of_bytes_asks_for_a_file(archive: Archive, form: Format) -> None:
    done = command.run("export", "--archive", str(archive.path), "--format", form.value)
    assert (done.code, done.out, "-o" in done.err) == (2, "", True)


def test_export_onto_a_folder_is_a_usage_fault(archive: Archive, tmp_path: Path) -> None:
    done = command.run("export", "--archive", str(archive.path), "-o", str(tmp_path), "--force")
    assert (done.code, "folder" in done.err) == (2, True)


def test_two_exports_to_one_name_do_not_mix(archive: Archive, tmp_path: Path) -> None:
    with (tmp_path / ".tin.csv.part").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = command.run("export", "--archive", str(archive.path), "-o", str(tmp_path / "tin.csv"))
    assert (done.code, "another export" in done.err) == (3, True)
    assert not (tmp_path / "tin.csv").exists()
