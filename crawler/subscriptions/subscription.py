"""What one reader wants to be told, and how alerts are sent at all: frozen records, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.subscriptions.channel import Channel
from crawler.subscriptions.timing import Timing
from storage.vocabulary import ChangeKind, Weight


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One `[[subscription]]`. A criterion that is empty lets everything through."""

    name: str
    """What it is called in the archive, in messages and in letters; unique."""
    channels: tuple[Channel, ...]
    """Where its letters go; each gets its own. None for a subscription that has only a feed."""
    kinds: frozenset[ChangeKind] = frozenset()
    """Only changes of these kinds."""
    portals: frozenset[str] = frozenset()
    """Only of portals with these slugs."""
    provinces: frozenset[str] = frozenset()
    """Only of portals of these provinces, by their slugs until 30 June 2025."""
    sections: frozenset[str] = frozenset()
    """Only of sections with these names, folded."""
    words: tuple[str, ...] = ()
    """Only where one of these phrases is found: folded words, which must stand side by side."""
    exclude: tuple[str, ...] = ()
    """Not where one of these phrases is found."""
    weight: Weight = Weight.TECHNICAL
    """Only edits of this weight or more."""
    health: bool = True
    """Whether it is told that a portal is ill, that we are blind there, and that it is well again."""
    timing: Timing = Timing()
    """When it is told."""
    language: str | None = None
    """`vi` or `en`; None is the archive's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertPolicy:
    """How stubbornly letters are delivered."""

    timeout_s: int = 20
    """Seconds that a server may take for one letter, all in all."""
    tries: int = 3
    """Tries in one run of `alert`, for failures that are told at once."""
    give_up_days: float = 3
    """After so many days (and at least five runs of `alert` that tried) a letter is dead: told, and tried no more."""
    quiet_edits_min: int = 60
    """Minutes in which a channel is told of edits of the same article once; later ones wait, and are told together."""
