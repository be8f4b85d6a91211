"""The project's own Python, so that a script can be started as it stands: `scripts/bench/crawl`.

What it does not do: install what a script says that it needs besides.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def enter() -> None:
    """Goes on in `.venv`, which is made first where there is none; returns where the script runs there already."""
    if Path(sys.prefix).resolve() == ROOT / ".venv":
        return
    subprocess.run([ROOT / "scripts" / "setup", "dev"], check=True)
    python = str(ROOT / ".venv" / "bin" / "python")
    os.execv(python, [python, *sys.argv])
