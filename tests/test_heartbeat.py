"""The heartbeat of `run`: a monitor is told at the end, and hears nothing where nothing was done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http, reset, stall
from small_portal import SLUG, SmallPortal

import command
from crawler.cli import heartbeat
from crawler.clock import system_clock
from crawler.config import load_config
from crawler.errors import DeliveryError, TomlError, UsageError
from crawler.unattended import Heartbeat
from storage.archive import Archive

SECRET = "0f4d-bí-mật-71"


def settings(*lines: str) -> str:
    return "\n".join([f'[run]\nportals = ["{SLUG}"]\n[gone]\nconfirmations = 1\nmin_hours = 0\n[health]', *lines, ""])


def load(folder: Path, *lines: str) -> Heartbeat:
    (folder / "portalwatch.toml").write_text("[health]\n" + "\n".join(lines), encoding="utf-8")
    found = load_config(folder).heartbeat
    assert found is not None
    return found


@pytest.fixture
def monitor() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@dataclass
class Desk:
    """A portal that is watched, and the monitor that is told."""

    portal: SmallPortal
    monitor: FaultServer

    def run(self, **kwargs: Any) -> command.Result:
        return self.portal.run("run", env={"BEAT": f"{self.monitor.url}/ping/{SECRET}"}, **kwargs)

    def asked(self) -> list[str]:
        return [each.path.replace("%C3%AD", "í").replace("%E1%BA%AD", "ậ") for each in self.monitor.asked]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """A portal with an article that is known."""
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("known"), server)
        portal.publish("/a")
        assert portal.crawl(now="2021-04-13T09:00:00+07:00").code == 0
        portal.witness.relieve()
        yield portal


@pytest.fixture
def desk(known: SmallPortal, monitor: FaultServer, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(known.archive, tmp_path / "archive")
    portal = SmallPortal.over(tmp_path, known.server)
    (portal.archive / "portalwatch.toml").write_text(
        settings('heartbeat = "${BEAT}"', "heartbeat_private = true"), encoding="utf-8"
    )
    monitor.routes |= {
        f"/ping/{SECRET}".replace("í", "%C3%AD").replace("ậ", "%E1%BA%AD") + end: http("OK") for end in ("", "/fail")
    }
    routes = dict(known.server.routes)
    yield Desk(portal, monitor)
    known.server.routes = routes


def test_monitor_is_told_once_that_a_run_was_well(desk: Desk) -> None:
    result = desk.run()
    assert (result.code, result.err) == (0, "")
    assert desk.asked() == [f"/ping/{SECRET}"]
    assert "portalwatch/" in desk.monitor.asked[0].headers["user-agent"]


def test_page_that_fails_is_no_failure_of_the_watcher_but_a_portal_that_cannot_be_seen_is(desk: Desk) -> None:
    desk.portal.server.routes["/a"] = http("", "500 Internal Server Error")
    assert desk.run(now="2021-04-14T09:00:00+07:00").code == 1
    assert desk.asked() == [f"/ping/{SECRET}"]
    desk.portal.server.routes.clear()
    desk.portal.server.routes["/"] = reset
    assert desk.run(now="2021-04-15T09:00:00+07:00").code == 1
    assert desk.asked()[1:] == [f"/ping/{SECRET}/fail"]


def break_a_step() -> None:
    """In the process: a step fails."""
    from crawler.cli import rounds

    def broken(*_: object, **__: object) -> None:
        raise DeliveryError("khóa")

    rounds.read_changes = broken  # type: ignore[assignment]


def test_monitor_is_told_of_a_step_that_failed(desk: Desk) -> None:
    assert desk.run(before=break_a_step).code == 1
    assert desk.asked() == [f"/ping/{SECRET}/fail"]


def test_monitor_is_told_of_an_archive_that_cannot_be_opened(desk: Desk) -> None:
    desk.portal.witness.give_up("its database is written over")
    (desk.portal.archive / "archive.db").write_bytes(b"x" * 5000)
    result = desk.run()
    assert (result.code, result.err.count("\n")) == (3, 1)
    assert desk.asked() == [f"/ping/{SECRET}/fail"]


def test_run_that_did_nothing_beside_another_one_tells_nothing(desk: Desk) -> None:
    with Archive.open(desk.portal.archive) as archive, archive.locked():
        assert desk.run().code == 4
    assert desk.asked() == []


def test_fault_117_monitor_that_does_not_answer_is_a_line_without_secrets_and_the_run_is_done(desk: Desk) -> None:
    desk.monitor.routes = dict.fromkeys(desk.monitor.routes, http("", "404 Not Found"))
    result = desk.run()
    assert (result.code, result.err) == (1, "portalwatch: heartbeat: HTTP 404\n")
    assert "changes: none" in result.out
    assert desk.asked() == [f"/ping/{SECRET}"]
    assert SECRET not in result.out


def test_variable_that_is_missing_is_a_line(desk: Desk) -> None:
    result = desk.portal.run("run")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "health.heartbeat: the environment has no BEAT" in result.err
    assert "changes: none" in result.out


# In this process


def beat(found: Heartbeat, *, failed: bool = False, **environment: str) -> None:
    heartbeat.beat(found, environment, system_clock, failed=failed)


def test_monitor_that_has_a_bad_moment_is_asked_again(monitor: FaultServer, tmp_path: Path) -> None:
    monitor.routes["/x"] = [reset, http("", "502 Bad Gateway"), http("OK")]
    beat(load(tmp_path, f'heartbeat = "{monitor.url}/x"', "heartbeat_private = true"))
    assert monitor.hits == {"/x": 3}


def test_monitor_that_stalls_costs_seconds_and_no_more(
    monitor: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(heartbeat, "_TRIES", 1)
    monitor.routes["/x"] = stall
    with pytest.raises(DeliveryError, match="no (answer|end) in time"):
        beat(load(tmp_path, f'heartbeat = "{monitor.url}/x"', "heartbeat_private = true"))


@pytest.mark.parametrize(
    "well, more, asked",
    [
        ("/x", "", "/x/fail"),
        ("/x/", "", "/x/fail"),
        ("/push?status=up", "", None),
        ("/push?status=up", 'heartbeat_fail = "{url}/push?status=down"', "/push?status=down"),
        ("/x", 'heartbeat_fail = "none"', None),
    ],
)
def test_failure_has_an_address_of_its_own(
    monitor: FaultServer, tmp_path: Path, well: str, more: str, asked: str | None
) -> None:
    monitor.routes |= {path: http() for path in ("/x", "/x/fail", "/push?status=up", "/push?status=down")}
    lines = [f'heartbeat = "{monitor.url}{well}"', "heartbeat_private = true", more.format(url=monitor.url)]
    found = load(tmp_path, *lines)
    beat(found, failed=True)
    assert [each.path for each in monitor.asked] == ([asked] if asked else [])


def test_private_network_is_not_opened_and_no_redirect_is_followed(monitor: FaultServer, tmp_path: Path) -> None:
    monitor.routes["/x"] = http("", "302 Found", Location=f"{monitor.url}/y")
    for host in ("127.0.0.1", "localhost", "2130706433"):
        with pytest.raises(DeliveryError, match="private network; if that is meant, set heartbeat_private = true"):
            beat(load(tmp_path, f'heartbeat = "http://{host}:{monitor.port}/x"'))
    assert monitor.asked == []
    with pytest.raises(DeliveryError, match="redirects are not followed"):
        beat(load(tmp_path, f'heartbeat = "{monitor.url}/x"', "heartbeat_private = true"))
    assert monitor.hits == {"/x": 1}


def test_variable_that_holds_no_address_is_told_without_it(tmp_path: Path) -> None:
    found = load(tmp_path, 'heartbeat = "${BEAT}"')
    for value in ("ftp://127.0.0.1/bi-mat", "bi-mat", "http://[bi-mat"):
        with pytest.raises(UsageError, match=r"health\.heartbeat: is no web address") as told:
            beat(found, BEAT=value)
        assert "bi-mat" not in str(told.value)


@pytest.mark.parametrize(
    "lines, said",
    [
        (['heartbeat = "hc.example.vn/ping"'], "'hc.example.vn/ping' is no web address"),
        (['heartbeat = "https://hc.example.vn/1f0e3dad-9990-4345-b743-9f3a1c2b4d5e"'], "has a secret written out"),
        (['heartbeat = "http://[x"'], "cannot be read as an address"),
        (['heartbeat_fail = "none"'], "stands alone; write heartbeat beside it"),
        (['heartbeet = "x"'], "is no key here; did you mean heartbeat?"),
    ],
)
def test_mistake_in_the_settings_names_its_line(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(TomlError) as told:
        load(tmp_path, *lines)
    assert "portalwatch.toml:2: health.heartbe" in str(told.value)
    assert said in str(told.value)
