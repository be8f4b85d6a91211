"""The benchmark of a large archive still asks all its questions; what it measures is no matter here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts" / "bench" / "archive"
QUESTIONS = ["latest", "as of", "what could be seen", "one day's changes", "phrase", "two words, best first"]


def test_archive_bench_answers_each_question(tmp_path: Path) -> None:
    line = [sys.executable, str(SCRIPT), "--versions", "400", "--folder", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [question for question in QUESTIONS if f"| {question}" not in done.stdout] == []
