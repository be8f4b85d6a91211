"""Content management systems on loopback: installed as they ship, filled through their own means.

A site is only started and told what to publish. Its pages, addresses, lists and pagers are made by programs and themes
that nobody here wrote, and no test changes them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from cms.plan import edited, first_articles, later_articles, write_plan

ROOT = Path(__file__).parents[2]
_HERE = Path(__file__).parent
EDITED = 3
"""Which of the first articles is edited later."""


class Site(Protocol):
    """A running site."""

    url: str
    """Its home page."""

    prints_captions: bool
    """Does it have a caption for a picture, beside its title?"""

    def publish_later(self) -> None:
        """Two articles are added and one is edited."""

    def printed(self, text: str) -> str:
        """`text` as the system's typography prints it."""


def articles_of(site: Site, *, later: bool = False) -> dict[str, dict[str, Any]]:
    """What the archive must hold, by title, as the site prints it."""
    articles = first_articles()
    if later:
        articles[EDITED] = edited(articles[EDITED])
        articles.extend(later_articles())
    return {
        site.printed(article["title"]): {
            "date": article["published_on"],
            "byline": article["byline"],
            "body": "\n\n".join(map(site.printed, article["paragraphs"])),
            "files": [file["title"] for file in [article["attachment"]] if file],
            "captions": [
                picture["caption"] if site.prints_captions else None for picture in [article["picture"]] if picture
            ],
        }
        for article in articles
    }


@dataclass(frozen=True)
class CodeRed:
    """CodeRed CMS: Wagtail on Django, with SQLite."""

    url: str
    folder: Path
    prints_captions: bool = False

    def publish_later(self) -> None:
        run(self._command("later", str(self.folder / "plan")), self.folder / "portal")

    def printed(self, text: str) -> str:
        return text

    @staticmethod
    def _command(*arguments: str) -> list[str]:
        return [str(ROOT / ".venv-cms" / "bin" / "python"), str(_HERE / "codered_project" / "publish.py"), *arguments]

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[CodeRed]:
        """A new site in an empty folder; installs the system on first use."""
        _install()
        write_plan(folder / "plan", EDITED)
        run([str(ROOT / ".venv-cms" / "bin" / "coderedcms"), "start", "portal"], folder)
        project = folder / "portal"
        shutil.copy(_HERE / "codered_project" / "settings.py", project / "portal" / "settings" / "watched.py")
        run(cls._command("fill", str(folder / "plan")), project)
        with serving(cls._command("serve"), project) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield cls(f"http://127.0.0.1:{port}/", folder)


def _install() -> None:
    """Makes .venv-cms once; without the network there is one line that says why."""
    done = subprocess.run(["scripts/setup", "cms"], cwd=ROOT, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        pytest.fail(
            f"CodeRed CMS cannot be installed; is the network there? scripts/setup cms: {reason}", pytrace=False
        )


def run(command: Sequence[str], folder: Path) -> None:
    """Runs a program that must succeed; what it said is in the error where it does not."""
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


@contextmanager
def serving(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A server that lives until the test is over, or killed: it ends with its input. Its log is beside the site."""
    with (folder.parent / f"{Path(command[0]).name}.log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        with server:  # closes its input at the end
            try:
                yield server
            finally:
                server.terminate()


def _environment() -> dict[str, str]:
    """The environment without what concerns our own Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
