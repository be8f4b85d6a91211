"""When a subscription is told: at once or in a digest, and never in its quiet hours. Pure; time is an argument.

All hours are Vietnam's, which has no daylight saving time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from storage.records import VIETNAM

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As `weekday` is written; Monday is 0."""

_AHEAD = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """When a subscription is told."""

    hour: int | None = None
    """The hour of its daily digest, 0–23; None tells at once."""
    weekday: int | None = None
    """The day of its weekly digest, 0 for Monday; None is every day."""
    quiet_from: time | None = None
    """Its quiet hours begin then; None for none."""
    quiet_until: time | None = None
    """Its quiet hours end then; before `quiet_from` it is the next day."""

    def is_quiet(self, now: datetime) -> bool:
        """True in the quiet hours."""
        return self.is_quiet_at(now.astimezone(VIETNAM).time())

    def is_quiet_at(self, moment: time) -> bool:
        """True where that time of day lies in the quiet hours."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= moment < self.quiet_until
        return moment >= self.quiet_from or moment < self.quiet_until

    def is_due(self, queued_at: datetime, now: datetime) -> bool:
        """True where what was recorded then may be told now; also where the clock was far ahead when it was."""
        return queued_at < self.due_before(now) or queued_at > now + _AHEAD

    def due_before(self, now: datetime) -> datetime:
        """Changes recorded before this instant may be told now: the last digest's hour, or the present."""
        if self.hour is None:
            return now
        local = now.astimezone(VIETNAM)
        due = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        if due > local:
            due -= timedelta(days=1)
        if self.weekday is not None:
            due -= timedelta(days=(due.weekday() - self.weekday) % 7)
        return due
