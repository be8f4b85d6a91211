"""What a verb imports before it begins: a cron line pays for it every ten minutes."""

from __future__ import annotations

import subprocess
import sys

import pytest

TEXTS = {"storage.places", "storage.garbling", "storage.stories", "rapidfuzz"}  # compared where something was edited
PAGES = {
    "crawler.parsing.article",
    "crawler.parsing.listing",
    "crawler.parsing.page",
}  # read where they are not as before
TOLD = {"crawler.monitor.report", "crawler.monitor.delivery", "apprise"}
TAKEN_AWAY = {"storage.export", "storage.verification", "pyarrow", "rfc3161_client"}
OTHERS = {"alembic", "sqlalchemy.orm", "requests", "bs4", "rich", "dateparser", "crawler.demo", "crawler.probe"}


@pytest.mark.parametrize("verb", ["run", "crawl"])
def test_cron_line_does_not_import_what_a_quiet_run_never_needs(verb: str) -> None:
    code = f"import crawler.cli.{verb}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert f"crawler.cli.{verb}" in imported
    assert imported & (TEXTS | PAGES | TOLD | TAKEN_AWAY | OTHERS) == set()


def test_changes_do_not_import_what_fetches() -> None:
    code = "import crawler.cli.changes, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"scrapy", "twisted", "alembic", "crawler.parsing.article"} == set()
