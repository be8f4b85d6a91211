"""How cron and systemd are told to start something: the lines of a crontab, the files of a service and its timer.

What it does not do: find programs or folders, read the clock, or write. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from shlex import quote

from crawler.errors import UsageError
from crawler.timetable import Timetable

_LONGEST = 990  # Debian's cron has room for 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What is to be started, all in absolute paths."""

    archive: Path
    """The archive's folder."""
    words: tuple[str, ...]
    """The command, with `flock` and `timeout` before it; it prints its lines."""
    env_file: Path | None
    """File with variables, `NAME=value` a line."""
    timetable: Timetable
    """When."""


def crontab(job: Job, zone: tzinfo, now: datetime) -> str:
    """A comment and the lines for cron."""
    command = " ".join(quote(word) for word in (*job.words, "--log"))
    if job.env_file is not None:
        command = f"set -a; . {quote(str(job.env_file))}; set +a; {command}"
    lines = [f"# portalwatch: {job.archive}; times of Vietnam, turned into {zone}"]
    for fields, condition in job.timetable.cron_lines(zone, now):
        whole = command if condition is None else f"{condition} {command};; esac"
        lines.append(f"{fields}  " + whole.replace("%", r"\%"))  # cron takes a bare % for the end of the line
        if len(lines[-1].encode()) > _LONGEST:
            raise UsageError(f"{job.archive}: cron takes no line of more than {_LONGEST} bytes; use --systemd")
    return "\n".join(lines) + "\n"


def units(job: Job) -> dict[str, str]:
    """The files for systemd, by name."""
    name = "portalwatch-" + (re.sub(r"[^A-Za-z0-9_.-]+", "-", job.archive.name).strip("-") or "archive")
    what = f"portalwatch: {job.archive}".replace("%", "%%")
    environment = f"EnvironmentFile={str(job.env_file).replace('%', '%%')}\n" if job.env_file is not None else ""
    service = f"""\
[Unit]
Description={what}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
{environment}ExecStart={" ".join(_unit_word(word) for word in job.words)}
# 1: some page or letter failed, the journal says which; 4: another run is at work; 5: the rest waits for the next run
SuccessExitStatus=1 4 5
Nice=10
"""
    calendar = "\n".join(f"OnCalendar={line}" for line in job.timetable.calendar_lines())
    timer = f"""\
[Unit]
Description={what}

[Timer]
{calendar}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"{name}.service": service, f"{name}.timer": timer}


def _unit_word(word: str) -> str:
    """A word of `ExecStart=`: quoted where it must be, with nothing that systemd would replace."""
    plain = word.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w@%+=:,./$-]+", plain):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
