"""Entries of lists, feeds and sitemaps that lead where nothing is ever asked: to other schemes, into private networks.

They are left out, counted, and told with the outcome and at the end of the run (FAULTS cases 20 and 21). What it does
not do: look at menus, which rules and feeds do not name, or look names up; a name that leads into a private network
is no host of the portal, or else refused when it is asked (`crawler.guard`).
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from crawler.networks import is_private_literal
from crawler.portals import Portal
from storage.records import Announcements, Listing

PRIVATE = "a private network"
"""Where an entry leads that names no scheme of its own."""
_MOST_PLACES = 5
"""Schemes that are named; a page can make up any number."""


def find_strays(said: Listing | Announcements, portal: Portal) -> Counter[str]:
    """How many entries lead where nothing is asked, by scheme, and as `PRIVATE`."""
    found = Counter(said.strays)
    urls = [entry.url for entry in said.entries]
    if isinstance(said, Announcements):
        urls += said.sitemaps
    origins = Counter("/".join(url.split("/", 3)[:3]) for url in urls)
    private = sum(origins[origin] for origin in origins if not portal.is_own(origin) and _is_private(origin))
    return +(found + Counter({PRIVATE: private}))


def places(strays: Counter[str], private: str = PRIVATE) -> str:
    """Where they lead, the commonest first. `private`: the words for a private network."""
    named = [private if place == PRIVATE else place for place, _ in strays.most_common(_MOST_PLACES)]
    return ", ".join([*named, "…"] if len(strays) > len(named) else named)


def warn(strays: Counter[str]) -> list[str]:
    """What the outcome says of them."""
    return [f"entries left out: {strays.total()} that lead to {places(strays)}"] if strays else []


def _is_private(origin: str) -> bool:
    try:
        return is_private_literal(urlsplit(origin).hostname or "")
    except ValueError:
        return False
