"""Portals: one TOML file each, read into validated, frozen, fingerprinted `Portal`s.

A new portal on a known platform is a file `<slug>.toml` in this folder or in `ARCHIVE/portals/`, five to fifteen lines
(DESIGN §6); a platform is a file in `platforms/`. Nothing here fetches or reads a page.
"""

from crawler.portals.loader import is_slug, load_named, load_platforms, load_portal_file, load_portals, portal_slugs
from crawler.portals.platform import Platform
from crawler.portals.portal import Expectations, FetchPolicy, Portal, find_portal

__all__ = [
    "Expectations",
    "FetchPolicy",
    "Platform",
    "Portal",
    "find_portal",
    "is_slug",
    "load_named",
    "load_platforms",
    "load_portal_file",
    "load_portals",
    "portal_slugs",
]
