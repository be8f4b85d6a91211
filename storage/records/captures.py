"""What was fetched: the evidence. What it does not do: decode or read the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.vocabulary import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One fetch of one URL at one instant (WARC `response`, Memento's memento). Redirects are captures of their own."""

    url: str
    """Absolute address that was requested, e.g. `http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx`."""
    fetched_at: datetime
    """Aware instant at which the answer was complete."""
    status: int
    """HTTP status, 100–599."""
    headers: tuple[tuple[str, str], ...]
    """Response headers in order, names as received, values decoded as Latin-1."""
    payload: bytes
    """The body bytes as received, still content-encoded (gzip …). Empty for a 304."""
    portal: str
    """Slug of the portal file, e.g. `ninhthuan-2021`."""
    role: Role
    """What the address was expected to be."""
    posted: bytes | None = None
    """The form that was posted, for a page that is got so; None for a GET."""
    ip_address: str | None = None
    """The server's address, e.g. `203.0.113.7`; None where it is not known."""

    def header(self, name: str) -> str | None:
        """The last value of the header `name` (any letter case), or None."""
        wanted = name.lower()
        return next((value for key, value in reversed(self.headers) if key.lower() == wanted), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A capture that is durable in the archive."""

    capture_id: int
    """Row id in `captures`."""
    capture: Capture
    """The capture itself, with its payload."""
    revisit_of: int | None
    """Row id of the earlier capture with the same payload (WARC `revisit`), or None."""
