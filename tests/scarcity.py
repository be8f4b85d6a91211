"""Each verb that writes, on a disk that is full from its nth write on; then once more, with room.

`Try.fill_up` says what was wrong, or None: the full disk is one line and exit code 3 (or what did not fit was a
courtesy, and all is done); the archive then opens and verifies; and the same command with room leaves what it would
have left at once. The quick form, a sample of n, is `test_fault_disk.py`, every n is `scripts/soak disk`.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_server import FaultServer, http
from foreign_warc import ForeignWarc
from full_disk import FullDisk
from interruption import CONTENT, count_runs, differences, dump, is_finished
from older_schema import make_older
from small_portal import SLUG, SmallPortal, article, listing, portal_file
from wayback_server import Snapshot, WaybackServer

import command

NOW, SOON, LATER, AGAIN = (f"2026-11-27T{time}:00+07:00" for time in ("09:00", "09:20", "09:30", "09:40"))
ARTICLES = ("/0", "/1")
OLD_HOST = "http://www.cong-thu.vn"
SETTINGS = """
[run]
portals = ["{slug}"]
[gone]
confirmations = 1
min_hours = 0
[alert]
tries = 1
quiet_edits_min = 0
[[subscription]]
name = "tin"
channel = "{hook}"
"""


def _nothing(portal: SmallPortal) -> None:
    """An archive in which nothing is yet."""


def _crawled(portal: SmallPortal) -> None:
    """One crawl, after which an article is new."""
    assert portal.crawl(now=NOW).code == 0
    portal.publish(*ARTICLES, "/2")


def _subscribed(portal: SmallPortal) -> None:
    """The same with a webhook that is told."""
    portal.server.posts["/hook"] = http("cảm ơn")
    hook = f"json://127.0.0.1:{portal.server.port}/hook"
    (portal.archive / "portalwatch.toml").write_text(SETTINGS.format(slug=SLUG, hook=hook), encoding="utf-8")
    _crawled(portal)


def _waiting(portal: SmallPortal) -> None:
    """Letters wait to be sent."""
    _subscribed(portal)
    assert portal.crawl(now=SOON).code == 0


def _mended(portal: SmallPortal) -> None:
    """The rules read less of a page than when it was crawled."""
    _crawled(portal)
    text = portal_file(f"{portal.server.url}/")
    portal.write_file(text.replace('body = { css = ".body" }', 'body = { css = ".body p:first-child" }'))


def _older(portal: SmallPortal) -> None:
    """An archive of the first schema."""
    _crawled(portal)
    portal.witness.give_up("another database takes its place")
    make_older(portal.archive)


def _headlines(portal: SmallPortal) -> None:
    """A list that is recognised without rules."""
    _crawled(portal)
    titles = {f"/tin-{n}": f"Ủy ban nhân dân tỉnh họp phiên thường kỳ tháng {n} năm 2021" for n in range(1, 9)}
    links = "".join(f"<li><a href='{path}'>{title}</a><i>12/04/2021</i></li>" for path, title in titles.items())
    portal.server.routes["/"] = http(f"<html><body><ul class='list'>{links}</ul></body></html>")
    portal.server.routes |= {path: http(article(title)) for path, title in titles.items()}


def _foreign(portal: SmallPortal) -> None:
    """A WARC file of another program beside the archive: an article in two versions, and one that was gone."""
    url, warc = portal.server.url, ForeignWarc()
    warc.page(f"{url}/", "2019-05-01T03:00:00Z", listing("/a", "/b"))
    for day in (1, 2):
        warc.page(f"{url}/a", f"2019-06-0{day}T03:00:00Z", article("Tin a", text=f"Ủy ban họp lần thứ {day}."))
    warc.page(f"{url}/b", "2019-05-01T03:00:00Z", article("Tin b"))
    warc.page(f"{url}/b", "2019-07-01T03:00:00Z", "", status=404)
    warc.write(portal.archive.parent / "cu.warc.gz")


@dataclass(frozen=True)
class Verb:
    """A command, and what it leaves in a form that is equal for equal results."""

    run: Callable[..., command.Result]
    """Called with the portal, and `before` and `now` for the process."""
    state: Callable[[SmallPortal], Any]
    prepare: Callable[[SmallPortal], None] = _crawled
    """Makes the archive that it begins with."""
    most_lines: int = 1
    """`run` says one for each of its steps that failed."""
    again: str = LATER
    """When it is called once more. What is told of a clock that stands still may be another thing."""


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


def _schedule(portal: SmallPortal, **given: Any) -> command.Result:
    folder = portal.archive / "exports"
    folder.mkdir(exist_ok=True)
    return portal.run("schedule", "--systemd", "--zone", "UTC", "-o", str(folder), **given)


def _probe(portal: SmallPortal, **given: Any) -> command.Result:
    """Whether the draft is complete is another test's matter."""
    portal.witness.server = None  # what a probe asks is no crawl's
    (portal.archive / "exports").mkdir(exist_ok=True)
    file = portal.archive / "exports" / "ban-nhap.toml"
    file.unlink(missing_ok=True)
    done = portal.run("probe", f"{portal.server.url}/", "--allow-private", "-o", str(file), **given)
    return done if done.code not in (0, 1) else command.Result(0, done.out, "")


def _alert(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("alert", **given)


def _run(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("run", "--log", **given)


def _import(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("import", "warc", str(portal.archive.parent / "cu.warc.gz"), **given)


def _remembered(portal: SmallPortal) -> None:
    """A portal that the Wayback Machine has captures of, on a host of its own."""
    portal.write_file(portal_file(f"{portal.server.url}/", f"{OLD_HOST}/"))


def _import_wayback(portal: SmallPortal, **given: Any) -> command.Result:
    text = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn."
    captures = (
        Snapshot(f"{OLD_HOST}/", "20190501030000", listing("/a").encode()),
        Snapshot(f"{OLD_HOST}/a", "20190501030100", article("Tin a", text=text).encode()),
        Snapshot(f"{OLD_HOST}/a", "20190601030100", article("Tin a", text=f"{text} Họp lần thứ hai.").encode()),
        Snapshot(f"{OLD_HOST}/a", "20190701030100", b"<h1>404</h1>", status=404),
    )
    with WaybackServer(*captures) as server:
        settings = f'[wayback]\nendpoint = "{server.url}"\nsearches_per_second = 0\ncaptures_per_second = 0\n'
        (portal.archive / "portalwatch.toml").write_text(settings, encoding="utf-8")
        span = ("--from", "2019-01-01", "--to", "2020-12-31")
        return portal.run("import", "wayback", f"{OLD_HOST}/*", *span, env={"NO_PROXY": "*"}, **given)


def _reparse(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("reparse", SLUG, **given)


def _migrate(portal: SmallPortal, **given: Any) -> command.Result:
    return portal.run("migrate", **given)


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


def _content(portal: SmallPortal) -> Any:
    """What the archive says, however often it was told to do so."""
    stored = dump(portal.archive)
    return {name: stored[name] for name in CONTENT}


def _migrated(portal: SmallPortal) -> Any:
    """And as it was it is kept once."""
    return dump(portal.archive), len(list((portal.archive / "backups").iterdir()))


def _sent(portal: SmallPortal) -> Any:
    """The letters that arrived, by their ids; one of them may come once more, byte for byte (FAULTS 92)."""
    copies = Counter(body for _, body in portal.server.posted)
    assert max(copies.values()) <= 2, "I4: a letter came more than twice"
    letters = {letter["id"]: letter | {"composed_at": None} for letter in map(json.loads, copies)}
    assert len(letters) == len(copies), "I4: a letter came again, and said something else"
    return list(letters.values()), portal.rows("SELECT state, count(*) FROM letters GROUP BY state")


def _rounded(portal: SmallPortal) -> Any:
    """What was stored, told by letter, in how many ever, and what the feeds tell: a round's instants are its own."""
    letters, states = _sent(portal)
    told = [(change["kind"], portal.path(change["url"])) for letter in letters for change in letter["changes"]]
    first = [each["articles"] for letter in letters for each in letter["first_crawls"]]
    feeds = {
        str(path.relative_to(portal.archive)): [item["title"] for item in json.loads(path.read_bytes())["items"]]
        for path in sorted((portal.archive / "feeds").rglob("[!.]*.json"))
    }
    return _content(portal), told, first, {state for state, _ in states}, feeds


VERBS: Mapping[str, Verb] = {
    "crawl": Verb(_crawl, _stored, prepare=_nothing),
    "crawl again": Verb(_crawl, _stored),
    "changes --mark": Verb(_mark, _told),
    "export jsonl": Verb(_export("articles.jsonl"), _exported),
    "export csv": Verb(_export("articles.csv"), _exported),
    "export parquet": Verb(_export("articles.parquet"), _exported),
    "export sqlite": Verb(_export("articles.sqlite"), _exported),
    "export warc": Verb(_export("evidence.warc.gz"), _exported),
    "export wacz": Verb(_export("evidence.wacz"), _exported),
    "backup": Verb(_backup, _backed_up),
    "restore": Verb(_restore, _restored),
    "feeds": Verb(_feeds, _fed),
    "alert": Verb(_alert, _sent, prepare=_waiting),
    "import warc": Verb(_import, _content, prepare=_foreign),
    "import wayback": Verb(_import_wayback, _content, prepare=_remembered),
    "reparse": Verb(_reparse, _content, prepare=_mended),
    "migrate": Verb(_migrate, _migrated, prepare=_older),
    "run": Verb(_run, _rounded, prepare=_subscribed, most_lines=3, again=AGAIN),
    "probe": Verb(_probe, _exported, prepare=_headlines),
    "schedule": Verb(_schedule, _exported),
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
        verb.prepare(portal)
        portal.witness.relieve()
        made, note = cls(verb, server, begins_with, folder), folder / "note"
        calm = made._copy("calm")
        result = verb.run(calm, now=LATER, before=FullDisk(calm.archive, 0, note=note))
        assert result.code == 0, result.out + result.err
        made.calls = tuple(note.read_text("utf-8").splitlines())
        made.wanted, made.runs = verb.state(calm), count_runs(calm.archive)
        return made

    def fill_up(self, at: int, *, once: bool = False) -> str | None:
        """What is wrong where the disk is full at the nth call, or None."""
        portal = self._copy(f"full-{at}")
        full = self.verb.run(portal, now=LATER, before=FullDisk(portal.archive, at, once=once))
        where = f"{'only ' if once else ''}call {at}, {self.calls[at - 1]}"
        said = full.err.splitlines()
        if full.code not in (0, 3) or not (1 if full.code else 0) <= len(said) <= self.verb.most_lines:
            return f"{where}: ended with {full.code}: {full.err}"
        if not all("full" in line or "No space" in line for line in said):
            return f"{where}: does not say that the disk is full: {full.err}"
        if (portal.archive / "archive.db").exists() and portal.witness.has_begun():
            verified = portal.run("verify")
            if verified.code != 0:
                return f"{where}: verify ended with {verified.code}: {verified.out}{verified.err}"
        was_done = (
            self.verb.state is _stored and count_runs(portal.archive) == self.runs and is_finished(portal.archive)
        )
        again = full if full.code == 0 or was_done else self.verb.run(portal, now=self.verb.again)
        if again.code != 0 and not was_done:
            return f"{where}: with room again it ended with {again.code}: {again.out}{again.err}"
        if (state := self.verb.state(portal)) != self.wanted:
            return f"{where}: left {_apart(self.wanted, state)}"
        if was_done and self.verb.run(portal, now=LATER).code != 0:
            return f"{where}: the next run did not end well"
        portal.witness.relieve()
        shutil.rmtree(portal.archive.parent)
        return None

    def send(self, at: int) -> list[int]:
        """How often each letter arrived: on a disk that is full from the nth call on until room is given up, then once
        more with room."""
        portal = self._copy(f"sent-{at}")
        full = self.verb.run(portal, now=LATER, before=FullDisk(portal.archive, at, gives_room_back=True))
        assert full.code in (0, 3), full.err
        assert self.verb.run(portal, now=self.verb.again).code == 0
        portal.witness.relieve()
        return list(Counter(body for _, body in portal.server.posted).values())

    def _copy(self, name: str) -> SmallPortal:
        shutil.copytree(self.begins_with, self.folder / name)
        self.server.asked.clear()
        return SmallPortal.over(self.folder / name, self.server)


def _apart(wanted: Any, state: Any) -> str:
    if isinstance(wanted, tuple):
        return "; ".join(_apart(*both) for both in zip(wanted, state, strict=True) if both[0] != both[1])
    if isinstance(wanted, dict) and all(isinstance(rows, list) for rows in wanted.values()):
        return str(differences(wanted, state))
    return f"{str(state)[:300]} instead of {str(wanted)[:300]}"


def sample(calls: tuple[str, ...]) -> list[int]:
    """One n for each kind of call: the last one of its kind, where most is at stake."""
    return sorted({call: number for number, call in enumerate(calls, 1)}.values())
