"""`run`: the cron line. One step that fails keeps no other from its work, and everything is told once."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, reset
from mail_sink import MailSink
from small_portal import SLUG, SmallPortal

import command
from storage.archive import Archive
from storage.locks import Lock

SETTINGS = f"""
language = "vi"

[run]
portals = ["{SLUG}"]

[gone]
confirmations = 1
min_hours = 0

[alert]
tries = 1
timeout_s = 5
quiet_edits_min = 0

[[subscription]]
name = "thư"
channel = "${{MAIL}}"
"""
DAYS = [f"2021-04-{day}T09:07:00+07:00" for day in range(13, 20)]


@dataclass
class Desk:
    """A portal that is watched by the cron line alone, and the mailbox that is told."""

    portal: SmallPortal
    sink: MailSink
    settings: str = SETTINGS
    extra: dict[str, str] = field(default_factory=dict)

    def run(self, *options: str, now: str = DAYS[1], **kwargs: Any) -> command.Result:
        environment = {"LANG": "", "MAIL": f"mailto://127.0.0.1:{self.sink.port}?from=a@example.vn&to=b@example.vn"}
        return self.portal.run("run", *options, now=now, env=environment | self.extra, **kwargs)

    def set(self, text: str) -> None:
        (self.portal.archive / "portalwatch.toml").write_text(self.settings + text, encoding="utf-8")

    def told(self) -> list[str]:
        """The paths of the articles in each letter after the first one, which sums up the first crawl."""
        texts = [self.sink.text(number) for number in range(1, len(self.sink.raw))]
        return ["".join(sorted(path[1] for path in ("/a", "/b", "/c") if f"Tin {path}" in text)) for text in texts]

    def fed(self) -> list[str]:
        """What the titles in the feed of everything end with, but for that of the first crawl."""
        (file,) = (self.portal.archive / "feeds").glob("all*.json")
        titles = [item["title"] for item in json.loads(file.read_text(encoding="utf-8"))["items"]]
        return [title.partition(": ")[2] for title in titles if "Tin /" in title]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallPortal, MailSink]]:
    """The first round is done: one article is known, and one letter says so."""
    with FaultServer() as server, MailSink() as sink:
        portal = SmallPortal(tmp_path_factory.mktemp("run"), server)
        desk = Desk(portal, sink)
        desk.set("")
        portal.publish("/a")
        result = desk.run(now=DAYS[0])
        assert (result.code, result.err, len(sink.raw)) == (0, "", 1)
        portal.witness.relieve()
        yield portal, sink


@pytest.fixture
def desk(begun: tuple[SmallPortal, MailSink], tmp_path: Path) -> Iterator[Desk]:
    """The day after the first round, on which an article is new."""
    portal, sink = begun
    shutil.copytree(portal.archive, tmp_path / "archive")
    server = portal.server
    routes, raw = dict(server.routes), list(sink.raw)
    copy = SmallPortal.over(tmp_path, server)
    copy.publish("/b", "/a")
    server.asked.clear()
    yield Desk(copy, sink)
    server.routes = routes
    sink.raw[:], sink.answers = raw, {}


def test_run_visits_what_the_archive_has_and_nobody_else(desk: Desk) -> None:
    settings = desk.settings.replace(f'portals = ["{SLUG}"]', "")
    assert settings != desk.settings
    (desk.portal.archive / "portalwatch.toml").write_text(settings, encoding="utf-8")
    result = desk.run()
    assert (result.code, result.err) == (0, "")
    assert desk.portal.rows("SELECT DISTINCT portal FROM runs") == [("thu",)]


def test_run_where_no_portal_was_chosen_asks_nobody(tmp_path: Path) -> None:
    for archive in (tmp_path / "none", tmp_path / "empty"):
        done = command.run("run", "--archive", str(archive))
        assert (done.code, done.out) == (2, "")
        assert "no portal is named, and none was crawled here yet" in done.err
        assert not archive.exists()


def test_run_where_every_portal_is_retired_says_so(tmp_path: Path, server: FaultServer) -> None:
    portal = SmallPortal(tmp_path, server, extra="retired = 2025-07-01")
    done = portal.run("run")
    assert (done.code, server.asked) == (2, [])
    assert "no portal is named, and all of this archive are retired: name them" in done.err


def test_run_crawls_says_what_changed_and_sends_it_in_the_language_of_the_settings(desk: Desk) -> None:
    result = desk.run()
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "14/04/2021 09:07"
    assert lines[1].startswith("thu: đã xem 3 địa chỉ: 1 mới")
    assert lines[2] == "  không đổi: 1 trùng từng byte"
    assert lines[3].startswith("  không phải gửi lại: ")
    assert lines[4] == "thay đổi: 1 mới"
    assert lines[5].startswith("thư → env-")
    assert lines[5].endswith(": 1 thay đổi, đã gửi")
    assert lines[6].startswith("nguồn tin: 3 nguồn tin trong ")
    assert lines[7:] == ["14/04/2021 09:07: mã thoát 0"]
    assert "changes: none" in desk.run("--lang", "en", now=DAYS[2]).out.splitlines()
    assert desk.told() == ["b"]


def test_letter_of_a_run_names_the_crawl_of_that_run(desk: Desk) -> None:
    desk.run()
    assert "Phạm vi: thu, 14/04/2021 09:07: đã xem 3 địa chỉ" in desk.sink.text()


def test_run_whose_mail_server_is_down_crawls_all_the_same_and_the_next_one_sends_once(desk: Desk) -> None:
    desk.sink.answers["MAIL"] = "451 later"
    result = desk.run("--lang", "en")
    assert result.code == 1
    assert "changes: 1 new" in result.out
    assert result.err == "portalwatch: alert: 1 letter could not be sent (the server answers 451 later)\n"
    desk.sink.answers.clear()
    assert desk.run(now=DAYS[2]).code == 0
    assert desk.told() == ["b"]


def break_crawl() -> None:
    """In the process: a fault of ours, in the first step."""
    from crawler.cli import rounds

    def broken(*_: object, **__: object) -> None:
        raise KeyError("khóa")

    rounds.crawl_portals = broken  # type: ignore[assignment]


def test_step_that_breaks_keeps_no_other_from_its_work(desk: Desk) -> None:
    desk.portal.crawl(now=DAYS[1])
    result = desk.run(before=break_crawl)
    assert (result.code, result.err) == (1, "portalwatch: crawl: KeyError: 'khóa'; please report this fault\n")
    assert desk.told() == ["b"]


def test_variable_that_is_missing_keeps_no_step_but_its_own_from_its_work(desk: Desk) -> None:
    desk.extra = {"MAIL": ""}
    result = desk.run()
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "the environment has no MAIL" in result.err
    assert "thay đổi: 1 mới" in result.out
    desk.extra = {}
    assert desk.run(now=DAYS[2]).code == 0
    assert desk.told() == ["b"]


def test_fault_076_two_runs_at_once_are_one(desk: Desk) -> None:
    with Archive.open(desk.portal.archive) as archive, archive.locked():
        result = desk.run()
    assert (result.code, result.out, desk.portal.server.asked) == (4, "", [])
    assert result.err.count("\n") == 1
    assert "is crawling into this archive; try again when it has finished" in result.err


def test_run_beside_an_alert_crawls_and_leaves_the_letters_to_the_next_one(desk: Desk) -> None:
    with Archive.open(desk.portal.archive) as archive, archive.locked(Lock.ALERT):
        result = desk.run()
    assert (result.code, desk.told()) == (1, [])
    assert result.err.startswith("portalwatch: alert: ")
    assert desk.run(now=DAYS[2]).code == 0
    assert desk.told() == ["b"]


def die_before_letters() -> None:
    """In the process: it is killed when all is crawled and nothing is sent."""
    from crawler.cli import alert

    alert.send_due = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]


def die_after_letters() -> None:
    """In the process: it is killed when all is sent, before it says so."""
    from crawler.cli import alert

    alert.dispatch_line = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]


@pytest.mark.parametrize("moment", [die_before_letters, die_after_letters])
def test_run_that_is_killed_between_two_steps_tells_everything_once_all_the_same(desk: Desk, moment: Any) -> None:
    assert desk.run(before=moment).code == -signal.SIGKILL
    assert desk.run(now=DAYS[2]).code == 0
    assert desk.told() == ["b"]
    assert desk.fed() == ["Tin /b"]


def test_run_that_cannot_write_its_feeds_does_all_else_and_the_next_one_writes_them(desk: Desk) -> None:
    folder = desk.portal.archive / "feeds"
    shutil.rmtree(folder)
    folder.write_text("", encoding="utf-8")
    result = desk.run()
    assert (result.code, result.err.count("\n")) == (3, 1)
    assert result.err.startswith(f"portalwatch: feeds: {folder}")
    assert desk.told() == ["b"]
    folder.unlink()
    assert desk.run(now=DAYS[2]).code == 0
    assert desk.fed() == ["Tin /b"]


def test_portal_that_is_ill_is_said_to_somebody_once_and_that_it_is_well_again(desk: Desk) -> None:
    desk.set("[health]\nconfirmations = 1\nmin_hours = 0\n")
    routes = dict(desk.portal.server.routes)
    desk.portal.server.routes = dict.fromkeys(routes, reset)
    first, second = desk.run("--lang", "en"), desk.run("--lang", "en", now=DAYS[2])
    assert (first.code, first.err.count("\n")) == (1, 1)
    assert first.err.startswith("portalwatch: thu: ill since 14/04/2021 09:07, ")
    assert (second.code, second.err) == (1, "")
    assert "thu: health: ill since 14/04/2021 09:07" in second.out.splitlines()
    desk.portal.server.routes = routes
    third = desk.run("--lang", "en", now=DAYS[3])
    assert (third.code, third.err) == (0, "portalwatch: thu: well again since 16/04/2021 09:07\n")
    assert "health:" not in third.out


def ask_to_stop() -> None:
    """In the process: the machine shuts down while the crawl is on."""
    from crawler.session import Session

    inner = Session.next_addresses

    def next_addresses(self: Session, most: int) -> Any:
        if self.visited == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return inner(self, most)

    Session.next_addresses = next_addresses  # type: ignore[method-assign]


def test_run_that_is_asked_to_stop_ends_at_once_and_the_next_one_goes_on(desk: Desk) -> None:
    result = desk.run("--log", before=ask_to_stop)
    assert (result.code, result.out, result.err.count("\n")) == (5, "", 1)
    log = (desk.portal.archive / "logs" / "run-2021-04.log").read_text(encoding="utf-8")
    assert log.splitlines()[-1] == "14/04/2021 09:07: đã dừng"
    assert desk.told() == []
    assert desk.run(now="2021-04-14T09:30:00+07:00").code == 0
    assert desk.told() == ["b"]


def be_late() -> None:
    """In the process: the crawl's minutes are over after five addresses."""
    from crawler.limits import Limits

    Limits.is_late = lambda self, _: self.spent >= 5  # type: ignore[method-assign]


def test_run_at_its_time_limit_sends_what_it_has_and_ends_with_code_5(desk: Desk) -> None:
    desk.portal.publish(*(f"/{number}" for number in range(40)))
    result = desk.run("--time-limit", "1", "--lang", "en", before=be_late)
    assert (result.code, result.err) == (5, "")
    assert "The time limit of 1 minutes is over" in result.out
    assert ": exit code 5" in result.out
    assert len(desk.portal.versions()) == 4  # the list and the article that was known were asked first
    assert len(desk.sink.raw) == 2


def test_log_takes_the_lines_and_leaves_on_stderr_what_needs_somebody(desk: Desk) -> None:
    desk.sink.answers["MAIL"] = "451 later"
    result = desk.run("--log")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    log = desk.portal.archive / "logs" / "run-2021-04.log"
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "14/04/2021 09:07"
    assert result.err.strip() in lines
    assert lines[-1] == "14/04/2021 09:07: mã thoát 1"


def test_log_that_cannot_be_written_costs_nothing_but_the_log(desk: Desk) -> None:
    (desk.portal.archive / "logs").write_text("", encoding="utf-8")
    result = desk.run("--log")
    assert (result.code, result.err.count("\n")) == (0, 1)
    assert "the lines are printed instead" in result.err
    assert "thay đổi: 1 mới" in result.out
    assert desk.told() == ["b"]


@pytest.mark.parametrize(
    "key, said",
    [
        ('portals = ["không-có"]', "run.portals: 'không-có' is no portal"),
        ("time_limit_min = 0", "run.time_limit_min: 0 minutes are no run"),
        ("hours = 2", "run.hours: is no key here"),
    ],
)
def test_mistake_in_the_settings_of_run_is_told_before_any_request(desk: Desk, key: str, said: str) -> None:
    desk.settings = f"[run]\n{key}\n"
    desk.set("")
    result = desk.run()
    assert (result.code, result.out, desk.portal.server.asked) == (2, "", [])
    assert said in result.err
