"""Addresses to captures, on the crawl's own road: robots.txt, the address guard, Retry-After, the portal's pace, TLS.

An errand is a coroutine that asks one address after another and decides by what came back what to ask next. It runs
inside Scrapy, so no rule of politeness is written twice. Nothing is stored.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http.request import NO_CALLBACK

from crawler import answers
from crawler.clock import load_clock
from crawler.errors import PortalwatchError
from crawler.failures import outcome_of
from crawler.portals import Portal
from crawler.spiders.asking import as_capture
from crawler.spiders.portal import PortalSpider
from crawler.spiders.process import run_spiders
from storage.records import Capture
from storage.vocabulary import OutcomeKind, Role

_MOST_REDIRECTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an address answered with."""

    url: str
    """The address that answered, after redirects."""
    capture: Capture | None = field(default=None, repr=False)
    """The answer; None where there was none."""
    reading: answers.Reading | None = None
    """What the portal's rules say it is."""
    kind: OutcomeKind | None = None
    """Why it is no page, where it is none."""
    detail: str = ""
    """The same in one line."""

    @property
    def is_page(self) -> bool:
        """True for a page that may be an article or a listing, whether rules read it or not."""
        return self.capture is not None and self.kind is None


Watch = Callable[[str], None]
"""Is told each address before it is asked for."""

Errand = Callable[["Visitor"], Awaitable[None]]
"""What is done with a visitor."""


class Visitor:
    """Asks for pages of one portal."""

    def __init__(self, spider: ErrandSpider, watch: Watch | None = None) -> None:
        self._spider = spider
        self._watch = watch
        self._now = load_clock(os.environ)

    @property
    def portal(self) -> Portal:
        """The portal."""
        return self._spider.portal

    async def visit(self, url: str, role: Role = Role.ARTICLE) -> Answer:
        """The answer of an address; redirects on the portal's hosts are followed."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._ask(url, role)
            if answer.reading is None or answer.reading.location is None:
                return answer
            url = answer.reading.location
        return Answer(url=url, kind=OutcomeKind.PROTOCOL, detail=f"more than {_MOST_REDIRECTS} redirects")

    async def read_robots(self, url: str) -> str:
        """The robots.txt of the host of `url`, which is asked for in any case; empty where there is none."""
        address = "/".join([*url.split("/")[:3], "robots.txt"])
        answer = await self._ask(address, Role.LISTING, meta={"robots_txt": True})
        if answer.capture is None or answer.capture.status != 200:
            return ""
        return answers.content_of(answer.capture).decode("utf-8-sig", errors="replace")

    async def _ask(self, url: str, role: Role, meta: dict[str, Any] | None = None) -> Answer:
        engine = self._spider.crawler.engine
        assert engine is not None
        if self._watch is not None:
            self._watch(url)
        try:
            request = scrapy.Request(url, callback=NO_CALLBACK, dont_filter=True, meta=meta or {})
            response = await engine.download_async(request)
        except Exception as error:  # whatever kept it from us; an outcome of that address
            kind, detail = outcome_of(error)
            return Answer(url=url, kind=kind, detail=detail)
        capture = as_capture(response, self.portal, role, self._now())
        reading = answers.read(capture, self.portal)
        return Answer(
            url=capture.url,
            capture=capture,
            reading=reading,
            kind=None if reading.kind is OutcomeKind.UNREADABLE else reading.kind,
            detail=reading.detail or "",
        )


class ErrandSpider(PortalSpider):
    """A spider that runs an errand instead of a crawl."""

    errand: Errand
    watch: Watch | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Runs the errand; yields nothing."""
        await self.errand(Visitor(self, self.watch))
        for request in list[scrapy.Request]():
            yield request


def run_errands(errands: Sequence[tuple[Portal, Errand]], *, archive: Path, watch: Watch | None = None) -> bool:
    """Runs each errand on its portal, all in one process; False where a signal stopped them.

    `archive`: whose portalwatch.toml names the contact that portals are told. Raises `PortalwatchError` for a fault.
    """
    faults: list[PortalwatchError] = []
    done: list[bool] = []

    def guarded(portal: Portal, errand: Errand) -> Errand:
        async def run(visitor: Visitor) -> None:
            try:
                await errand(visitor)
            except PortalwatchError as error:
                faults.append(error)
            except Exception as error:  # a fault of ours is one line, never a traceback
                faults.append(PortalwatchError(f"{portal.slug}: fault of portalwatch: {error!r}; please report it"))
            done.append(True)

        return run

    spiders = [
        (
            type(f"{portal.slug}-errand", (ErrandSpider,), {"name": portal.slug, "portal": portal}),
            {"errand": guarded(portal, errand), "watch": watch},
        )
        for portal, errand in errands
    ]
    broken, signalled = run_spiders(spiders, archive=archive)
    if faults:
        raise faults[0]
    if len(done) < len(errands) and not signalled:
        reason = next((repr(fault) for fault in broken if fault is not None), "the visit broke off")
        raise PortalwatchError(f"{reason}; please report this fault")
    return len(done) == len(errands)
