"""What figures were measured on: the machine, how busy it is, and the versions of what does the work."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("scrapy", "twisted", "lxml", "sqlalchemy")


def load() -> str:
    """The machine's load of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def machine() -> str:
    """The machine, its load and the versions on one line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    parts = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"{os.cpu_count()} cores of {model}, load {load()}; Python {platform.python_version()}, {parts}"
