"""One difference between two texts. What it does not do: find it (`storage.places`), or weigh it (`storage.diff`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One difference: what `FieldChange` says without the field."""

    cls: str
    """Its class, e.g. `number`."""
    old: str | None
    """The old words with some context; None where something was added."""
    new: str | None
    """The new words with some context; None where something was removed."""
