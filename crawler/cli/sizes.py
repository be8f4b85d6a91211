"""The words and JSON keys of `status` for how large an archive is.

What it does not do: measure (`storage.sizes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.i18n import Messages
from storage.sizes import PortalSize, Sizes


def sizes_json(sizes: Sizes) -> dict[str, Any]:
    """The whole archive."""
    return {
        "database_bytes": sizes.database,
        "evidence_bytes": sizes.evidence,
        "growth_7_days": sizes.week,
        "growth_30_days": sizes.month,
        "free_bytes": sizes.free,
        "full_on": sizes.full_on.isoformat() if sizes.full_on else None,
        "portals": {portal: portal_json(size) for portal, size in sorted(sizes.portals.items())},
    }


def portal_json(size: PortalSize) -> dict[str, int]:
    """One portal."""
    return {
        "captures": size.captures,
        "versions": size.versions,
        "evidence_bytes": size.evidence,
        "growth_7_days": size.week,
        "growth_30_days": size.month,
    }


def sizes_lines(sizes: Sizes, messages: Messages) -> Iterator[str]:
    """The whole archive, in sentences."""
    _ = messages.gettext
    yield _("size: %(database)s database, %(evidence)s evidence") % {
        "database": in_units(sizes.database),
        "evidence": in_units(sizes.evidence),
    }
    yield _("growth: %(week)s in 7 days, %(month)s in 30 days") % {
        "week": in_units(sizes.week),
        "month": in_units(sizes.month),
    }
    if sizes.full_on is None:
        yield _("free: %(free)s") % {"free": in_units(sizes.free)}
    else:
        yield _("free: %(free)s; at this rate full on %(day)s") % {
            "free": in_units(sizes.free),
            "day": f"{sizes.full_on:%d/%m/%Y}",
        }


def portal_line(size: PortalSize, messages: Messages) -> str:
    """One portal, in a sentence."""
    return messages.gettext(
        "evidence: %(evidence)s in %(captures)d captures; %(versions)d versions; %(week)s in 7 days"
    ) % {
        "evidence": in_units(size.evidence),
        "captures": size.captures,
        "versions": size.versions,
        "week": in_units(size.week),
    }


def in_units(size: int) -> str:
    """A size as people read it: `812 B`, `3.4 MB`; a kB is 1000 bytes."""
    value, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # noqa: B007 - the last one is used
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
