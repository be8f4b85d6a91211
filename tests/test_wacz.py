"""py-wacz and frictionless, which know nothing of us, find no fault in what we export.

They live in an environment of their own, `.venv-wacz`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from exported import export, story
from watched import Watched

from storage.export import Format

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv-wacz" / "bin"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The story, and the environment; without the network there is one line that says why it is not there."""
    done = subprocess.run(["scripts/setup", "wacz"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.fail(f"py-wacz cannot be installed; is the network there? scripts/setup wacz: {reason}", pytrace=False)
    watched = story(tmp_path_factory.mktemp("validated") / "archive")
    yield watched
    watched.archive.close()


def test_wacz_validates(told: Watched, tmp_path: Path) -> None:
    path = tmp_path / "all.wacz"
    export(told, Format.WACZ, path)
    command = [BIN / "wacz", "validate", "-f", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the passed WACZ is valid" in done.stdout


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
def test_rows_are_what_their_codebook_says(told: Watched, tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"tin.{form.value}"
    export(told, form, path)
    command = [BIN / "frictionless", "validate", f"{path.name}.datapackage.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "VALID" in done.stdout
