"""`schedule`: its lines are right in every zone, and what they start works in what cron surrounds it with."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fault_server import Asked, FaultServer, http
from small_portal import SLUG, SmallPortal, article

import command
from crawler.hours import Hours
from crawler.timetable import Timetable, parse_span, timetable_at, timetable_every
from storage.records import VIETNAM

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ZONES = ("Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Adelaide")
TIMETABLES = {
    "night": timetable_at(["02:30"]),
    "midnight": timetable_at(["23:45", "00:15", "6:00"]),
    "hourly": timetable_every("1h", offset_min=7),
    "often": timetable_every("15m", offset_min=11),
    "nights": timetable_every("2h", between=parse_span("20:00-06:00"), offset_min=127),
    "half": timetable_every("30m", between=parse_span("05:20-07:00")),
}


def begun(timetable: Timetable, zone: str, day: datetime) -> list[str]:
    """When cron starts something between noon and noon of that day, as clocks in Vietnam show it."""
    minutes = [day.astimezone(ZoneInfo(zone)) + timedelta(minutes=minute) for minute in range(24 * 60)]
    found = []
    for fields, condition in timetable.cron_lines(ZoneInfo(zone), NOW):
        minute, hours, *rest = fields.split()
        assert rest == ["*"] * 3
        wanted = set(range(24)) if hours == "*" else {int(hour) for hour in hours.split(",")}
        allowed = re.search(r"in ([\d|]+)\)$", condition)[1].split("|") if condition else None  # type: ignore[index]
        for each in minutes:
            local, vietnam = each.astimezone(UTC).astimezone(ZoneInfo(zone)), each.astimezone(VIETNAM)
            if local.minute == int(minute) and local.hour in wanted and (not allowed or f"{vietnam:%H}" in allowed):
                found.append(f"{vietnam:%H:%M}")
    return sorted(found)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", TIMETABLES)
def test_cron_starts_it_when_it_is_time_in_vietnam_in_summer_and_in_winter(name: str, zone: str) -> None:
    for day in (datetime(2027, 1, 15, 5, tzinfo=UTC), datetime(2027, 7, 15, 5, tzinfo=UTC)):
        assert begun(TIMETABLES[name], zone, day) == [f"{each:%H:%M}" for each in TIMETABLES[name].times]


def test_condition_is_asked_only_where_clocks_are_changed() -> None:
    assert TIMETABLES["night"].cron_lines(ZoneInfo("UTC"), NOW) == [("30 19 * * *", None)]
    assert TIMETABLES["hourly"].cron_lines(ZoneInfo("Europe/Berlin"), NOW) == [("7 * * * *", None)]
    assert TIMETABLES["night"].cron_lines(ZoneInfo("Europe/Berlin"), NOW) == [
        ("30 20,21 * * *", "case $(TZ=ICT-7 date +%H) in 02)")
    ]


def test_hours_over_midnight_are_one_night() -> None:
    assert parse_span("20:00-06:00") == Hours(time(20), time(6))
    assert [each.hour for each in TIMETABLES["nights"].times] == [0, 2, 4, 20, 22]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An archive's folder whose name is hard to write in a crontab, without an archive in it yet."""
    folder = tmp_path / "kho 100% 'của' $HOME"
    (folder / "archive").mkdir(parents=True)
    return folder


def schedule(place: Path, *options: str) -> command.Result:
    return command.run("schedule", "ninhthuan", *options, "--archive", str(place / "archive"))


@pytest.mark.parametrize(
    "options, said",
    [
        (["--at", "25:00"], "--at 25:00: no time of the day"),
        (["--at", "2"], "--at 2: no time of the day"),
        (["--every", "7m"], "--every 7m: divides no day"),
        (["--every", "1d"], "--every 1d: divides no day"),
        (["--every", "0h"], "--every 0h: divides no day"),
        (["--every", "1h", "--at", "02:00"], "--at excludes --every"),
        (["--every", "12h", "--hours", "03:00-03:10"], "none of its times lies in 03:00-03:10"),
        (["--hours", "20-6"], "--hours 20: no time of the day"),
        (["--hours", "06:00-06:00"], "is no span of the day"),
        (["--zone", "Asia/Hanoi"], "--zone Asia/Hanoi: no such zone"),
        (["--zone", "../etc"], "no such zone"),
        (["--env-file", "khong-co"], "--env-file khong-co: No such file or directory; write NAME=value"),
        (["--env-file", command.__file__], "word 1 is no NAME=value"),
        (["-o", "units"], "-o is for the files of --systemd"),
        (["khong-co"], "khong-co: no such portal"),
    ],
)
def test_wrong_option_is_one_line(place: Path, options: list[str], said: str) -> None:
    result = schedule(place, *options)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert said in result.err


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = command.run("schedule", "--archive", str(tmp_path / "khong-co"))
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "no such folder; make it" in result.err


@pytest.mark.parametrize(
    "settings",
    [
        'contact = "${BIẾN}"\n',
        '[health]\nheartbeat = "https://${BIẾN}"\n',
        '[[subscription]]\nname = "tin"\nchannel = "${BIẾN}"\n',
    ],
)
def test_variable_that_cron_will_lack_is_told_now(place: Path, settings: str) -> None:
    (place / "archive" / "portalwatch.toml").write_text(settings.replace("BIẾN", "BIEN"), encoding="utf-8")
    (place / "biến.env").write_text("BIEN='x y'\nexport=1\n", encoding="utf-8")
    here = ("ninhthuan", "--archive", str(place / "archive"))
    result = command.run("schedule", *here, env={"BIEN": "x"})
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "BIEN" in result.err
    assert "--env-file" in result.err
    assert command.run("schedule", *here, "--env-file", str(place / "biến.env")).code == 0


def test_line_that_cron_has_no_room_for_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("sâu" * 40) / ("sâu" * 40) / ("sâu" * 40)
    deep.mkdir(parents=True)
    result = command.run("schedule", "ninhthuan", "--archive", str(deep))
    assert (result.code, result.out) == (2, "")
    assert "use --systemd" in result.err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here to judge its units")
def test_units_are_what_systemd_takes(place: Path) -> None:
    (place / "biến 1.env").write_text("A=b\n", encoding="utf-8")
    times = ["--at", "02:30", "--at", "14:30", "--env-file", str(place / "biến 1.env")]
    result = schedule(place, *times, "--systemd", "-o", str(place / "units"))
    assert (result.code, result.err) == (0, "")
    files = [Path(line) for line in result.out.splitlines()]
    assert [file.name for file in files] == ["portalwatch-archive.service", "portalwatch-archive.timer"]
    said = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    assert "OnCalendar=*-*-* 2,14:30:00 Asia/Ho_Chi_Minh\n" in files[1].read_text("utf-8")
    shown = schedule(place, *times, "--systemd").out
    assert all(file.read_text("utf-8") in shown for file in files)


def line_of(portal: SmallPortal, *options: str) -> str:
    """The command that cron takes from the printed line."""
    printed = portal.run("schedule", *options)
    assert (printed.code, printed.err) == (0, "")
    (line,) = [line for line in printed.out.splitlines() if not line.startswith("#")]
    assert re.match(r"\d+ \* \* \* \*  \S", line)
    assert not re.search(r"(?<!\\)%", line)
    return re.sub(r"\\%", "%", line.split(None, 5)[5])


def as_cron(line: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of a crontab in what cron surrounds it with, and less: no home, no language, no terminal."""
    return subprocess.run(
        ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "/bin/sh", "-c", line],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip


def test_fault_087_printed_line_crawls_where_cron_starts_it_and_a_second_one_is_kept_off(place: Path) -> None:
    seconds = []
    with FaultServer() as server:
        portal = SmallPortal(place / "x", server)
        settings = f'contact = "${{WATCH_CONTACT}}"\nlanguage = "vi"\n[run]\nportals = ["{SLUG}"]\n'
        (portal.archive / "portalwatch.toml").write_text(settings, encoding="utf-8")
        (place / "bí mật.env").write_text("WATCH_CONTACT='thu@example.vn'\n", encoding="utf-8")
        line = line_of(portal, "--env-file", str(place / "bí mật.env"))
        portal.publish("/a", "/b")

        def answer(connection: socket.socket, _: Asked) -> None:
            seconds.append(as_cron(line))
            connection.sendall(http(article("Tin /a")))

        server.routes["/a"] = answer
        first = as_cron(line)
        assert "thu@example.vn" in server.asked[0].headers["user-agent"]
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    assert [(each.returncode, each.stdout, each.stderr) for each in seconds] == [(4, "", "")]
    (log,) = (portal.archive / "logs").iterdir()
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("thu: đã xem 3 địa chỉ: 2 mới")
    told, fed, ended = [line.partition(": ")[2] for line in lines[2:]]
    assert (told, fed[:13], ended) == ("2 bài của lần thu thập đầu tiên", "2 nguồn tin t", "mã thoát 0")
    assert len(portal.versions()) == 2


def test_condition_of_a_line_is_what_a_shell_takes() -> None:
    now = datetime.now(VIETNAM)
    for hours, said in (((0, 1), "x\n"), ((3, 5), "")):  # now and the hour that may have begun meanwhile; later
        times = [f"{(now.hour + hour) % 24}:10" for hour in hours]
        ((_, condition),) = timetable_at(times).cron_lines(ZoneInfo("Europe/Berlin"), NOW)
        assert as_cron(f"{condition} echo x;; esac").stdout == said
