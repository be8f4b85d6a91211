"""`portalwatch schedule`: prints the lines by which cron or systemd starts `run`.

The command stands behind `timeout -k`: a parser that hangs inside a library hears no signal but SIGKILL (FAULTS
finding 2), so the watchdog is another process. What it does not do: install the lines, or start anything.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from shlex import split
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from crawler.cli.options import archive_option
from crawler.cli.startup import Job, crontab, units
from crawler.cli.watched import choose_watched
from crawler.clock import load_clock
from crawler.config import Config, load_config
from crawler.errors import UsageError
from crawler.timetable import Timetable, parse_span, timetable_at, timetable_every
from storage.wholefile import whole_file

EVERY = "1h"
"""How often, where nothing is said."""
LOCK = ".run.lock"
"""The file in the archive that `flock` locks: another one than the archive's own locks, which `run` holds itself."""
_KILL_AFTER_S = 60
_MARGIN_MIN = 30  # for what comes after the crawl: letters, whose servers may stall


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option("--at", "at", multiple=True, metavar="HH:MM", help="At this time of the day in Vietnam; several times.")
@click.option("--every", metavar="30m|2h", help=f"So often; default {EVERY} where there is no --at.")
@click.option("--hours", metavar="HH:MM-HH:MM", help="With --every: only in these hours, Vietnam's time.")
@click.option("--env-file", type=click.Path(path_type=Path), help="File of NAME=value lines: passwords and tokens.")
@click.option("--systemd", is_flag=True, help="A service and a timer of systemd instead of a line for cron.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="With --systemd: write both into this folder.")
@click.option(
    "--zone", metavar="NAME", help="Time zone of the machine with cron, e.g. Europe/Berlin; default: this one's."
)
def schedule(
    portals: tuple[str, ...],
    archive: Path,
    at: tuple[str, ...],
    every: str | None,
    hours: str | None,
    env_file: Path | None,
    systemd: bool,
    output: Path | None,
    zone: str | None,
) -> None:
    """Print the line by which cron starts `run` for this archive, or units for systemd.

    Times are Vietnam's, whatever the machine's zone is. Append the line to your crontab, or with -o put the units into
    ~/.config/systemd/user.
    """
    if at and (every or hours):
        raise UsageError("--at excludes --every and --hours: write each time with an --at of its own")
    if output is not None and not systemd:
        raise UsageError("-o is for the files of --systemd; cron takes its line from the output")
    folder, config = _check(archive, env_file, portals)
    span = parse_span(hours)
    offset = crc32(str(folder).encode()) % 60 // 2 * 2 + 1  # neither at the full hour nor with all others
    timetable = timetable_at(at) if at else timetable_every(every or EVERY, between=span, offset_min=offset)
    job = Job(
        archive=folder,
        words=_words(folder, portals, timetable, config.run.time_limit_min),
        env_file=env_file.absolute() if env_file is not None else None,
        timetable=timetable,
    )
    if systemd:
        _write_units(job, output)
    else:
        print(crontab(job, _zone(zone), load_clock(os.environ)()), end="")


def _check(archive: Path, env_file: Path | None, portals: tuple[str, ...]) -> tuple[Path, Config]:
    """The archive's folder, absolute, and its settings. Raises `UsageError` for what would fail in the night."""
    if not archive.is_dir():
        raise UsageError(f"{archive}: no such folder; make it, with your portalwatch.toml in it")
    config = _load(archive, _variables(env_file) if env_file is not None else {})
    choose_watched(portals or config.run.portals, archive)
    folder = archive.absolute()
    if "\n" in f"{folder}{env_file}":
        raise UsageError("a path with a line break in it cannot stand in a crontab; move the archive")
    return folder, config


def _load(archive: Path, variables: Mapping[str, str]) -> Config:
    """The settings as cron's `run` will find them. Raises `UsageError` where they name a variable that it will lack."""
    config = load_config(archive, {**os.environ, **variables})
    beat = [config.heartbeat.well, config.heartbeat.failed] if config.heartbeat is not None else []
    channels = [*beat, *(channel for one in config.subscription for channel in one.channels)]
    try:
        load_config(archive, variables)
        for channel in filter(None, channels):
            channel.expand(variables)
    except UsageError as error:
        raise UsageError(f"{error}; cron has no variables but those in a file that --env-file names") from error
    return config


def _variables(env_file: Path) -> dict[str, str]:
    """What the file sets, as a shell and systemd both read it."""
    try:
        words = split(env_file.read_text(encoding="utf-8"), comments=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"--env-file {env_file}: {reason}; write NAME=value lines into it, and chmod 600") from error
    for number, word in enumerate(words, start=1):
        if not re.match(r"[A-Za-z_]\w*=", word):  # the word itself may be a secret
            raise UsageError(f"--env-file {env_file}: word {number} is no NAME=value; quote values with blanks")
    return dict(word.split("=", 1) for word in words)


def _words(archive: Path, portals: tuple[str, ...], timetable: Timetable, most_min: int) -> tuple[str, ...]:
    """The command with everything that keeps one run from another, and from running for ever."""
    limit = most_min if timetable.every_min is None else min(most_min, timetable.every_min * 5 // 6)
    return (
        *(_find("flock", "util-linux"), "-n", "-E", "4", str(archive / LOCK)),
        *(_find("timeout", "coreutils"), "--preserve-status", "-k", str(_KILL_AFTER_S), f"{limit + _MARGIN_MIN}m"),
        *(_find_ourselves(), "run", *portals, "--archive", str(archive), "--time-limit", str(limit)),
    )


def _find(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise UsageError(f"{program} is not here; install it: apt install {package}")
    return found


def _find_ourselves() -> str:
    """The `portalwatch` beside this Python, whose link into a virtual environment is not followed."""
    found = Path(sys.executable).with_name("portalwatch")
    if not os.access(found, os.X_OK):
        raise UsageError(f"{found}: no such program, so cron could not start it; install portalwatch with pip")
    return str(found)


def _zone(name: str | None) -> tzinfo:
    """The zone of that name, or the machine's: cron knows no other."""
    try:
        if name is not None:
            return ZoneInfo(name)
        with Path("/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file, key=str(Path("/etc/localtime").resolve()).rpartition("/zoneinfo/")[2])
    except OSError:
        return ZoneInfo("UTC")  # what the system takes where the file is not there
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(f"--zone {name}: no such zone; for example Asia/Ho_Chi_Minh or Europe/Berlin") from error


def _write_units(job: Job, folder: Path | None) -> None:
    """Prints both files, or writes them and says how they are started."""
    files = units(job)
    if folder is None:
        print("\n".join(f"# {name}\n{text}" for name, text in files.items()), end="")
        return
    for name, text in files.items():
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / name) as file:
            file.write(text.encode())
        print(folder / name)
