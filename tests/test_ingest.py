"""A fault of our own while reading is an outcome in one line, never a traceback and never the end of a crawl."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BROKEN = """
from crawler import parsing
def broken(*_, **__):
    raise KeyError("fault")
parsing.read_page = broken
from crawler.cli import main
main(["extract", {page!r}, "--url", "http://www.ninhthuan.gov.vn/chinhquyen/sotttt/Pages/x.aspx"])
"""


def test_fault_of_our_own_is_one_line() -> None:
    page = str(ROOT / "fixtures" / "ninhthuan-2021" / "pages" / "seed.html")
    done = subprocess.run(
        [sys.executable, "-c", BROKEN.format(page=page)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "KeyError('fault')" in done.stderr
    assert "please report" in done.stderr
