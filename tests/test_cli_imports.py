"""What a verb imports before it begins: a cron line pays for it every ten minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.postponed import postpone

TEXTS = {"storage.places", "storage.garbling", "storage.stories", "rapidfuzz"}  # compared where something was edited
PAGES = {
    "crawler.parsing.article",
    "crawler.parsing.listing",
    "crawler.parsing.page",
}  # read where they are not as before
TOLD = {"crawler.monitor.report", "crawler.monitor.delivery", "apprise"}
TAKEN_AWAY = {"storage.export", "storage.verification", "pyarrow", "rfc3161_client"}
REACTOR = {"twisted.internet.asyncioreactor", "twisted.web.http", "OpenSSL", "cryptography"}  # Scrapy's, not ours
OTHERS = {"alembic", "sqlalchemy.orm", "requests", "bs4", "rich", "dateparser", "crawler.demo", "crawler.probe"}


@pytest.mark.parametrize("verb", ["run", "crawl"])
def test_cron_line_does_not_import_what_a_quiet_run_never_needs(verb: str) -> None:
    code = f"import crawler.cli.{verb}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert f"crawler.cli.{verb}" in imported
    assert imported & (TEXTS | PAGES | TOLD | TAKEN_AWAY | REACTOR | OTHERS) == set()


def test_postponed_modules_are_run_when_something_of_them_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "slow_things"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "reactor.py").write_text("KIND = 'asyncio'\n", encoding="utf-8")
    (package / "versions.py").write_text("def tell(name, *, long):\n    return [name, long]\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    postpone(["slow_things.reactor"], {"slow_things.versions": ("tell",)})
    from slow_things import reactor  # type: ignore[import-not-found]
    from slow_things.versions import tell  # type: ignore[import-not-found]

    assert "slow_things.reactor" not in sys.modules
    with pytest.raises(AttributeError, match="slow_things.reactor' has no attribute 'SPEED'"):
        _ = reactor.SPEED
    assert (reactor.KIND, sys.modules["slow_things"].reactor.KIND, tell("a", long=True)) == (
        "asyncio",
        "asyncio",
        ["a", True],
    )
    assert [sys.modules.pop(f"slow_things.{name}").__file__ for name in ("reactor", "versions")] == [
        str(package / "reactor.py"),
        str(package / "versions.py"),
    ]
    del sys.modules["slow_things"]


def test_changes_do_not_import_what_fetches() -> None:
    code = "import crawler.cli.changes, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"scrapy", "twisted", "alembic", "crawler.parsing.article"} == set()
