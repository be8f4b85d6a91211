"""Names of feeds, as paths of their files without the ending: `portals/ninhthuan/kinh-te`.

What it does not do: know which feeds there are. A name follows from what it names alone, so it never changes; it holds
small letters of ASCII, digits and hyphens, whatever a portal calls its sections.
"""

from __future__ import annotations

import hashlib
import re

from storage.digests import fold

ALL = "all"
"""The feed of everything."""
PORTALS = "portals"
"""The folder of portals' feeds; each has a folder of its sections' beside it."""
SUBSCRIPTIONS = "subscriptions"
"""The folder of subscriptions' feeds."""
_LONGEST = 60
_RESERVED = frozenset({"aux", "con", "nul", "prn", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))})


def portal_feed(slug: str) -> str:
    """The feed of a portal."""
    return f"{PORTALS}/{safe_name(slug)}"


def section_feed(slug: str, section: str) -> str:
    """The feed of a portal's section. Names that differ in marks, letter case or punctuation alone share one."""
    words = re.findall(r"[^\W_]+", fold(section))
    return f"{PORTALS}/{safe_name(slug)}/{safe_name('-'.join(words) or section)}"


def subscription_feed(name: str) -> str:
    """The feed of a subscription: of that very name."""
    return f"{SUBSCRIPTIONS}/{safe_name(name)}"


def is_section(name: str) -> bool:
    """True for the feed of a portal's section."""
    return name.startswith(f"{PORTALS}/") and name.count("/") > 1


def safe_name(text: str) -> str:
    """The text where it is a safe name of a file, or else its letters without marks and eight digits of its SHA-256."""
    stem = "-".join(re.findall(r"[a-z0-9]+", fold(text)))[:_LONGEST].rstrip("-")
    if stem == text and stem not in _RESERVED:
        return stem
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{stem}-{digest}" if stem else digest
