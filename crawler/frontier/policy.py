"""What the archivist may say about visits: `--revisit`, `[revisit]` and `[budget]` of portalwatch.toml.

What it does not do: decide anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Revisit(StrEnum):
    """`--revisit`: which known articles are visited."""

    DUE = "due"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisitPolicy:
    """`[revisit]` of portalwatch.toml."""

    longest_days: float = 30
    """The longest time between two visits of an article, however old it is."""
    sweep_days: float = 7
    """How often listings are followed to their last page, to notice what left them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """`[budget]` of portalwatch.toml: where a run of a portal ends, whatever its pages still name (FAULTS 42, 48)."""

    listing_pages: int = 2000
    """Most pages of one listing."""
    barren_pages: int = 3
    """Pages of a listing in a row that show nothing which its earlier pages had not: then it is followed no further."""
    sitemap_pages: int = 200
    """Most addresses that only a sitemap names and nobody looked at yet."""
    run_pages: int = 20_000
    """Most pages of all kinds; the rest waits for the next run."""
    day_pages: int | None = None
    """Most pages of a portal a day, where its file does not say another number."""
