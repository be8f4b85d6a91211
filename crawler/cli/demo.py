"""`portalwatch demo`: the main job on the bundled portal, from the first crawl to the report of an editorial day.

The bundled portal is served on loopback and lives on 13 and 14 April 2021; every crawl is the ordinary command, run as
a process of its own with its clock set to that time. What it does not do: anything a user could not type herself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from crawler.cli.options import find_messages, language_option
from crawler.clock import VARIABLE
from crawler.demo.day import apply_day, before_day
from crawler.demo.server import Server, serve
from crawler.demo.site import Site, load_site
from crawler.errors import PortalwatchError, UsageError
from crawler.i18n import Messages
from crawler.portals import load_portals

SLUG = "ninhthuan-2021"
STATE = ".demo.json"
SETTINGS = """\
# Settings of the demo. Hours instead of days, because the demo's two days pass in seconds.
contact = "demo@localhost"

[gone]
confirmations = 2
min_hours = 1
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the story: what happens on the portal, then a crawl."""

    at: str
    """The portal's time."""
    title: str
    """What happens, in words (a message)."""
    act: Callable[[Site], None] | None = None
    """What the editors do before the crawl."""
    online: bool = True
    """Whether the portal answers."""
    report: bool = False
    """Whether the report is printed and marked as read after the crawl."""


def _rebuild(site: Site) -> None:
    site.template = "tandan"


def _(text: str) -> str:
    """Marks a message for the catalogue; it is translated when it is printed."""
    return text


STORY = (
    Scene("2021-04-13T09:00:00+07:00", _("First crawl: every listing, every article."), report=True),
    Scene("2021-04-13T10:00:00+07:00", _("An article is withdrawn. One visit proves nothing yet."), before_day),
    Scene("2021-04-13T11:30:00+07:00", _("A second visit, more than an hour later, agrees."), report=True),
    Scene("2021-04-14T11:30:00+07:00", _("A day of editorial work has passed."), apply_day),
    Scene("2021-04-14T14:00:00+07:00", _("Disappearances are confirmed by a second look.")),
    Scene(
        "2021-04-14T16:00:00+07:00", _("The portal is down: that is an outage, not a hundred deletions."), online=False
    ),
    Scene(
        "2021-04-14T18:00:00+07:00", _("The whole portal is rebuilt with another template, same articles."), _rebuild
    ),
)


@click.command()
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    default=Path("demo-archive"),
    show_default=True,
    help="Where the demo keeps its archive.",
)
@click.option("--fresh", is_flag=True, help="Remove the demo's archive and begin again.")
@language_option()
def demo(archive: Path, fresh: bool, lang: str | None) -> None:
    """Serve the bundled Ninh Thuận portal, crawl it, let a day of editorial work happen, and report it."""
    messages = find_messages(lang)
    if fresh and _state(archive) is not None:
        shutil.rmtree(archive)
    state = _state(archive)
    if state is None and archive.exists() and (not archive.is_dir() or any(archive.iterdir())):
        raise UsageError(f"{archive}: not the demo's archive; name another folder with --archive")
    stage = _Stage(archive, messages, lang)
    stage.play(done=state["done"] if state else 0, port=state["port"] if state else 0)


def _state(archive: Path) -> dict[str, int] | None:
    """How far an earlier demo in that archive came, or None."""
    try:
        found = json.loads((archive / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {"done": int(found["done"]), "port": int(found["port"])}


class _Stage:
    """Plays the story in one archive, from the scene it has reached."""

    def __init__(self, archive: Path, messages: Messages, lang: str | None) -> None:
        self._archive = archive
        self._messages = messages
        self._options = ["--archive", str(archive), *(["--lang", lang] if lang else [])]
        self._console = Console(highlight=False, soft_wrap=True)

    def play(self, *, done: int, port: int) -> None:
        """The scenes that are left, then the last screen."""
        site = load_site()
        for scene in STORY[:done]:
            _happen(site, scene)
        for number, scene in enumerate(STORY[done:], start=done + 1):
            port = self._scene(site, scene, number, port)
        if done == len(STORY):
            self._again(site, port)
        self._last_screen(repeated=done == len(STORY))

    def _scene(self, site: Site, scene: Scene, number: int, port: int) -> int:
        """One scene; returns the portal's port, which its addresses carry from then on."""
        when = datetime.fromisoformat(scene.at)
        self._heading(f"[{number}/{len(STORY)}] {when:%d/%m/%Y %H:%M}", self._messages.gettext(scene.title))
        _happen(site, scene)
        with ExitStack() as stack:
            if scene.online:
                port = self._serve(stack, site, port).port
                self._write_portal(port)
            self._run("crawl", SLUG, "--revisit", "all", at=scene.at)
        if scene.report:
            self._run("changes", "--mark", at=(when + timedelta(minutes=5)).isoformat())
        (self._archive / STATE).write_text(json.dumps({"done": number, "port": port}), encoding="utf-8")
        return port

    def _again(self, site: Site, port: int) -> None:
        """The demo has been played in this archive before: one more crawl must find nothing."""
        at = "2021-04-15T09:00:00+07:00"
        self._heading(self._messages.gettext("Once more"), self._messages.gettext("Nothing has happened since."))
        with ExitStack() as stack:
            site.clock = datetime.fromisoformat(at)
            self._serve(stack, site, port)
            self._run("crawl", SLUG, "--revisit", "all", at=at)

    def _last_screen(self, *, repeated: bool) -> None:
        """The report of the editorial day."""
        _ = self._messages.gettext
        at = "2021-04-15T09:30:00+07:00" if repeated else "2021-04-14T18:30:00+07:00"
        self._heading(_("The report"), _("What a reader is told of the day:"))
        self._run("changes", "--mark", at=at)
        if repeated:
            self._heading(_("Told already"), _("The day's report, from the archive:"))
            self._run("changes", "--since", "2021-04-14", "--until", "2021-04-14", at=at)
        command = f"scripts/run search --archive {self._archive} nguyen long bien"
        self._console.print(
            _("Try: %(command)s · start over: scripts/run demo --fresh") % {"command": command}, style="dim"
        )

    def _heading(self, label: str, text: str) -> None:
        self._console.print(f"\n[bold]{label}[/bold]  {text}")
        sys.stdout.flush()

    def _serve(self, stack: ExitStack, site: Site, port: int) -> Server:
        try:
            return stack.enter_context(serve(site, port))
        except OSError as error:
            raise UsageError(f"port {port} of the demo portal: {error.strerror}; begin again with --fresh") from error

    def _write_portal(self, port: int) -> None:
        """The demo's own portal file: the shipped one, at home on loopback."""
        folder = self._archive / "portals"
        folder.mkdir(parents=True, exist_ok=True)
        shipped = load_portals(None)[SLUG].source.read_text(encoding="utf-8")
        text = shipped.replace("http://www.ninhthuan.gov.vn", f"http://127.0.0.1:{port}")
        (folder / f"{SLUG}.toml").write_text(f"{text}\n[fetch]\nallow_private = true\n", encoding="utf-8")
        (self._archive / "portalwatch.toml").write_text(SETTINGS, encoding="utf-8")

    def _run(self, *arguments: str, at: str) -> None:
        """Runs `portalwatch` at that time. Raises `PortalwatchError` where it fails as no crawl may."""
        shown = " ".join(["portalwatch", *arguments])
        self._console.print(f"$ {shown}", style="dim")
        sys.stdout.flush()
        command = [sys.executable, "-m", "crawler", *arguments, *self._options]
        code = subprocess.run(command, env={**os.environ, VARIABLE: at}, check=False).returncode
        if code not in (0, 1):  # 1: something failed and the lines say what; here the outage and the new layout
            raise PortalwatchError(f"{shown}: ended with exit code {code}")


def _happen(site: Site, scene: Scene) -> None:
    """What the scene does to the site, and its time."""
    if scene.act is not None:
        scene.act(site)
    site.clock = datetime.fromisoformat(scene.at)
