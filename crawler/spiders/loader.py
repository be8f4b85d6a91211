"""Makes one spider of each portal file, so that `scrapy list` and `scrapy crawl <slug>` work.

Scrapy asks for this through `SPIDER_LOADER_CLASS`. What it does not do: parse TOML (`crawler.portals` does).
"""

from __future__ import annotations

import builtins
from functools import cached_property
from pathlib import Path
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from crawler.portals import Portal, load_portals
from crawler.spiders.portal import PortalSpider


def spider_class(portal: Portal) -> type[PortalSpider]:
    """The spider of one portal file."""
    return type(f"{portal.slug}-spider", (PortalSpider,), {"name": portal.slug, "portal": portal})


class PortalSpiderLoader:
    """The spiders of the shipped portal files and of those in `ARCHIVE/portals` (setting `PORTALWATCH_ARCHIVE`)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """The loader for the archive of the settings."""
        archive = settings.get("PORTALWATCH_ARCHIVE")
        return cls(Path(archive) / "portals" if archive else None)

    @cached_property
    def _portals(self) -> dict[str, Portal]:
        """Read when Scrapy asks for spiders, as `portalwatch` never does. Raises `TomlError` for a file of no use."""
        return load_portals(self._folder)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of that name. Raises `KeyError` as Scrapy expects."""
        if spider_name not in self._portals:
            raise KeyError(f"Spider not found: {spider_name}; 'scrapy list' names the portals")
        return spider_class(self._portals[spider_name])

    def list(self) -> list[str]:
        """Names of all spiders: the slugs of the portal files."""
        return sorted(self._portals)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """The portals that own the address; a retired portal only where no living one does."""
        own = [portal for portal in self._portals.values() if portal.is_own(request.url)]
        living = [portal.slug for portal in own if portal.retired is None]
        return living or [portal.slug for portal in own]
