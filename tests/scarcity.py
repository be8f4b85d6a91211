"""Each verb that writes, on a disk that is full from its nth write on; then once more, with room.

`Try.fill_up` says what was wrong, or None: the full disk is one line and exit code 3 (or what did not fit was a
courtesy, and all is done); the archive then opens and verifies; and the same command with room leaves what it would
have left at once. The quick form, a sample of n, is `test_fault_disk.py`, every n is `scripts/soak disk`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_server import FaultServer
from full_disk import FullDisk
from interruption import count_runs, differences, dump, is_finished
from small_portal import SmallPortal

import command

NOW, LATER = "2026-11-27T09:00:00+07:00", "2026-11-27T09:30:00+07:00"
ARTICLES = ("/0", "/1")


@dataclass(frozen=True)
class Verb:
    """A command, and what it leaves in a form that is equal for equal results."""

    run: Callable[..., command.Result]
    """Called with the portal, and `before` and `now` for the process."""
    state: Callable[[SmallPortal], Any]
    on_crawled: bool = True
    """False where it begins with an archive in which nothing is yet."""


def _crawl(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.crawl(**given)


def _mark(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("changes", "--mark", **given)


def _export(name: str) -> Callable[..., command.Result]:
    def run(portal: SmallPortal, **given: Any) -> command.Result:
        (portal.archive / "exports").mkdir(exist_ok=True)
        return portal.run("export", "--force", "-o", str(portal.archive / "exports" / name), **given)

    return run


def _backup(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("backup", **given)


def _feeds(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("feeds", **given)


def _restore(portal: SmallPortal, **given: Any) -> command.Result:
    """Of a backup that is made first, with room, into a folder of the same disk."""
    backups = portal.archive / "backups"
    if not backups.exists():
        assert portal.run("backup").code == 0
        (portal.archive / "exports").mkdir()
    (backup,) = backups.iterdir()
    return command.run("restore", str(backup), "--archive", str(portal.archive / "exports" / "restored"), **given)


def _stored(portal: SmallPortal) -> Any:
    return dump(portal.archive), sorted(portal.told())


def _told(portal: SmallPortal) -> Any:
    return portal.told()


def _exported(portal: SmallPortal) -> Any:
    """The tables as they are; of files that say when they were made, that they are there."""
    files = sorted((portal.archive / "exports").iterdir())
    return {path.name: path.read_bytes() if path.suffix in (".jsonl", ".csv") else b"" for path in files}


def _backed_up(portal: SmallPortal) -> Any:
    (backup,) = (portal.archive / "backups").iterdir()
    return dump(backup)


def _fed(portal: SmallPortal) -> Any:
    folder = portal.archive / "feeds"
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


def _restored(portal: SmallPortal) -> Any:
    return dump(portal.archive / "exports" / "restored")


VERBS: Mapping[str, Verb] = {
    "crawl": Verb(_crawl, _stored, on_crawled=False),
    "second crawl": Verb(_crawl, _stored),
    "changes --mark": Verb(_mark, _told),
    "export jsonl": Verb(_export("articles.jsonl"), _exported),
    "export csv": Verb(_export("articles.csv"), _exported),
    "export sqlite": Verb(_export("articles.sqlite"), _exported),
    "export warc": Verb(_export("evidence.warc.gz"), _exported),
    "export wacz": Verb(_export("evidence.wacz"), _exported),
    "backup": Verb(_backup, _backed_up),
    "restore": Verb(_restore, _restored),
    "feeds": Verb(_feeds, _fed),
}


@dataclass
class Try:
    """A verb on the archive it begins with, and what it leaves where nothing is in its way."""

    verb: Verb
    server: FaultServer
    begins_with: Path
    folder: Path
    wanted: Any = None
    runs: int = 0
    """How many the archive has afterwards: a crawl that ended with its last byte unwritten is done all the same."""
    calls: tuple[str, ...] = ()
    """Each call that needs room, in order: what it was."""

    @classmethod
    def of(cls, name: str, server: FaultServer, folder: Path) -> Try:
        """Runs the verb undisturbed. The server is for this one alone."""
        verb, begins_with = VERBS[name], folder / "begins-with"
        begins_with.mkdir()
        portal = SmallPortal(begins_with, server)
        portal.publish(*ARTICLES)
        if verb.on_crawled:
            assert portal.crawl(now=NOW).code == 0
            portal.witness.relieve()
            portal.publish(*ARTICLES, "/2")
        made, note = cls(verb, server, begins_with, folder), folder / "note"
        calm = made._copy("calm")
        result = verb.run(calm, now=LATER, before=FullDisk(calm.archive, 0, note=note))
        assert result.code == 0, result.err
        made.calls = tuple(note.read_text("utf-8").splitlines())
        made.wanted, made.runs = verb.state(calm), count_runs(calm.archive)
        return made

    def fill_up(self, at: int, *, once: bool = False) -> str | None:
        """What is wrong where the disk is full at the nth call, or None."""
        portal = self._copy(f"full-{at}")
        full = self.verb.run(portal, now=LATER, before=FullDisk(portal.archive, at, once=once))
        where = f"{'only ' if once else ''}call {at}, {self.calls[at - 1]}"
        if full.code not in (0, 3) or len(full.err.splitlines()) != (1 if full.code else 0):
            return f"{where}: ended with {full.code}: {full.err}"
        if full.code == 3 and not any(word in full.err for word in ("full", "No space")):
            return f"{where}: does not say that the disk is full: {full.err}"
        if (portal.archive / "archive.db").exists() and portal.witness.has_begun():
            verified = portal.run("verify")
            if verified.code != 0:
                return f"{where}: verify ended with {verified.code}: {verified.out}{verified.err}"
        was_done = (
            self.verb.state is _stored and count_runs(portal.archive) == self.runs and is_finished(portal.archive)
        )
        again = full if full.code == 0 or was_done else self.verb.run(portal, now=LATER)
        if again.code != 0 and not was_done:
            return f"{where}: with room again it ended with {again.code}: {again.out}{again.err}"
        if (state := self.verb.state(portal)) != self.wanted:
            return f"{where}: left {_apart(self.wanted, state)}"
        if was_done and self.verb.run(portal, now=LATER).code != 0:
            return f"{where}: the next run did not end well"
        portal.witness.relieve()
        shutil.rmtree(portal.archive.parent)
        return None

    def _copy(self, name: str) -> SmallPortal:
        shutil.copytree(self.begins_with, self.folder / name)
        return SmallPortal.over(self.folder / name, self.server)


def _apart(wanted: Any, state: Any) -> str:
    if isinstance(wanted, tuple):
        return f"{differences(wanted[0], state[0])} {wanted[1] if wanted[1] != state[1] else ''}"
    return f"{str(state)[:300]} instead of {str(wanted)[:300]}"


def sample(calls: tuple[str, ...]) -> list[int]:
    """One n for each kind of call: the last one of its kind, where most is at stake."""
    return sorted({call: number for number, call in enumerate(calls, 1)}.values())
