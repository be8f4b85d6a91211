"""What a crawl or an import did. What it does not do: weigh it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from storage.vocabulary import Cause, OutcomeKind, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something wrong with a portal, seen at the end of a run: for the archivist, never a change of an article."""

    code: str
    """One of `storage.problems.PROBLEMS`, e.g. `failing`."""
    count: int
    """How many addresses it is about."""
    of: int
    """Out of how many."""
    what: str
    """What it is about: the commonest outcome, a listing's address, a field, a platform."""
    usual: int | None = None
    """What is usual there: a number, or a share in percent; None where nothing is known of it."""

    def as_json(self) -> dict[str, Any]:
        """As it is stored and printed; what is usual only where it is known."""
        found = asdict(self)
        return found if self.usual is not None else {name: found[name] for name in ("code", "count", "of", "what")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One execution of the crawl over one portal."""

    run_id: int
    """Row id in `runs`."""
    portal: str
    """Slug of the portal."""
    started_at: datetime
    """When it began."""
    finished_at: datetime | None
    """When it ended; None while it runs or after it was killed."""
    state: str
    """`running`, `finished`, `partial` (addresses are left to the next one) or `interrupted` (killed, and too old)."""
    first_crawl: bool
    """True for the portal's first: what it finds was there before we came."""
    sweep: bool
    """True where listings are followed to their last page, so that what is missing from them can be told."""
    problems: tuple[Problem, ...] = ()
    """What was wrong with the portal; empty when all was well, and while it runs."""
    cause: Cause = Cause.CRAWL
    """`crawl`, or `import` for captures that others made: what follows from those is never told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one address in one run."""

    run_id: int
    """The run."""
    url: str
    """The address."""
    role: Role
    """What it was expected to be."""
    kind: OutcomeKind
    """What became of it."""
    detail: str | None
    """One line: status, absence kind, error, what to do."""
    capture_id: int | None
    """The capture it was judged by, None when nothing arrived."""
