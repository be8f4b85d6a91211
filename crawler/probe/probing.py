"""The whole of `probe`: visit, sample, draft, and what to say about it.

It prints nothing and writes no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.portals import load_portals
from crawler.portals.unknown import unknown_portal
from crawler.probe.draft import REQUIRED, Draft, draft_of
from crawler.probe.explore import Explored, explore
from crawler.probe.head import head_of
from crawler.probe.measure import FIELDS
from crawler.probe.sample import Sample, sample_of
from crawler.probe.visits import Visitor, Watch, run_errands
from storage.records import VIETNAM


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """A drafted portal and what it was drafted from."""

    explored: Explored = field(repr=False)
    """The pages."""
    sample: Sample = field(repr=False)
    """Those that are articles, read without rules."""
    draft: Draft = field(repr=False)
    """The portal file."""
    text: str = field(repr=False)
    """Its text, with comments."""

    @property
    def is_complete(self) -> bool:
        """True where every page has what every article should have."""
        measured = self.draft.measured
        return (
            not self.sample.refused
            and len(self.sample.specimens) > 1
            and all(measured.fields[name].found == len(self.sample.specimens) for name in REQUIRED)
        )


def probe_portal(
    url: str, *, slug: str, allow_private: bool, archive: Path, now: datetime, watch: Watch | None = None
) -> Probed | None:
    """The draft for the portal at `url`, None where a signal stopped it. Raises `PortalwatchError`."""
    portal = unknown_portal(url, allow_private=allow_private)
    found: list[Explored] = []

    async def errand(visitor: Visitor) -> None:
        found.append(await explore(visitor, url))

    if not run_errands([(portal, errand)], archive=archive, watch=watch) or not found:
        return None
    explored = found[0]
    sample = sample_of(explored.articles)
    head = head_of(explored, portal, slug=slug, known=load_portals(archive / "portals"))
    draft = draft_of(head, sample, explored.listing)
    return Probed(
        explored=explored, sample=sample, draft=draft, text=draft.text(_comments(explored, sample, draft, now))
    )


def _comments(explored: Explored, sample: Sample, draft: Draft, now: datetime) -> Sequence[str]:
    """What the file was made from, and what was not found. English, as all of a portal file."""
    pages = len(sample.specimens)
    found = {name: draft.measured.fields[name].found for name in FIELDS}
    yours = [*draft.rules.article, *(["related"] if draft.rules.related else [])]
    by_platform = f", and by platform {draft.head.platform}" if draft.head.platform else ""
    lines = [
        f"Drafted by portalwatch probe on {now.astimezone(VIETNAM).date()} from {pages} articles and "
        f"{len(explored.listing)} pages of the listing.",
        "Found on these articles: " + ", ".join(f"{name} {count}" for name, count in found.items() if count) + ".",
        f"By rules below: {', '.join(yours) or 'none'}{by_platform}; the rest is read without rules.",
    ]
    missing = [name for name, count in found.items() if not count]
    if missing:
        lines.append(f"Never found: {', '.join(missing)}.")
    if pages < 3:
        lines.append("So few pages prove little: probe again when there are more.")
    lines.append("Read some articles beside the site, correct what is wrong, then set verified to that day.")
    return lines
