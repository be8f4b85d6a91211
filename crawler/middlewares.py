"""Guards between Scrapy and the network: addresses, robots.txt, Retry-After, conditional requests.

What they do not do: judge pages. A request that must not be sent is refused with the outcome kind that its address
gets. Sources: RFC 9309 (robots.txt), RFC 9110 §10.2.3 (Retry-After) and §13 (conditional requests); FAULTS findings 4,
6 and 7.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler import parsing
from crawler.clock import load_clock
from crawler.errors import ReadingError
from crawler.failures import RefusedRequest, outcome_of
from crawler.guard import allow_private, is_private_literal
from crawler.portals import Portal
from crawler.session import Session
from storage.records import Address
from storage.vocabulary import OutcomeKind, Role

ROBOTS_AGENT = "portalwatch"
"""The name that robots.txt files know us by."""

_MOST_ROBOTS_REDIRECTS = 5  # RFC 9309 §2.3.1.2
_MOST_ROBOTS_BYTES = 512 * 1024  # RFC 9309 §2.5 asks for at least 500 KiB
_MOST_CRAWL_DELAY_S = 60  # a longer one would leave no portal readable in a night
_MOST_WAIT_S = 600  # a longer Retry-After ends the portal's run instead
_MOST_WAITS = 3  # times one address is asked again
_PAUSE_IN_DELAYS = 5  # the first pause where Retry-After says nothing: 5 s at the usual delay of 1 s


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware for this crawler."""
        return cls(crawler)

    @property
    def _portal(self) -> Portal:
        portal: Portal = self._crawler.spidercls.portal  # type: ignore[attr-defined]
        return portal

    def _rest(self, reason: str) -> None:
        """Ends the portal's run early; what waits is left to the next one."""
        session: Session | None = getattr(self._crawler.spider, "session", None)
        if session is not None:
            session.rest(reason)


class AddressGuard(_Middleware):
    """Lets only requests to the portal's own hosts pass, over http and https, never to a private network.

    Names are checked again when they are resolved (`crawler.guard`), so that no DNS answer leads inside.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if self._portal.fetch.allow_private:
            allow_private(urlsplit(f"//{host}").hostname or "" for host in self._portal.hosts)

    def process_request(self, request: Request) -> None:
        """Raises `RefusedRequest` for an address we must not open."""
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https"):
            raise RefusedRequest(OutcomeKind.BLOCKED, f"scheme {parts.scheme}: only http and https are opened")
        if not self._portal.is_own(request.url):
            raise RefusedRequest(OutcomeKind.BLOCKED, f"{parts.netloc}: not a host of portal {self._portal.slug}")
        if is_private_literal(parts.hostname or "") and not self._portal.fetch.allow_private:
            reason = f"{parts.netloc}: a private address; set allow_private = true in the portal file if it is yours"
            raise RefusedRequest(OutcomeKind.BLOCKED, reason)


class RobotsObeyed(_Middleware):
    """Obeys robots.txt as RFC 9309 says: also when it cannot be had, which means that nothing may be fetched."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[Protego | RefusedRequest]] = {}
        self._next_at: dict[str, float] = {}

    async def process_request(self, request: Request) -> None:
        """Raises `RefusedRequest` where robots.txt forbids the address or could not be had."""
        if request.meta.get("robots_txt"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(f"{origin}/robots.txt"))
        rules = await asyncio.shield(self._rules[origin])
        if isinstance(rules, RefusedRequest):
            self._rest(str(rules))
            raise RefusedRequest(rules.kind, str(rules))
        if not rules.can_fetch(request.url, ROBOTS_AGENT):
            raise RefusedRequest(OutcomeKind.ROBOTS, "robots.txt forbids this address")
        await self._keep_distance(origin, rules.crawl_delay(ROBOTS_AGENT) or 0)

    def _announce(self, rules: Protego) -> None:
        """Tells the crawl which sitemaps robots.txt names."""
        session: Session | None = getattr(self._crawler.spider, "session", None)
        if session is not None:
            session.hear_of_sitemaps(tuple(rules.sitemaps))

    async def _keep_distance(self, origin: str, delay_s: float) -> None:
        """Waits until `Crawl-delay` has passed since the last request; no standard, but portals print it."""
        if delay_s > 0:
            now = asyncio.get_running_loop().time()
            turn = max(now, self._next_at.get(origin, now))
            self._next_at[origin] = turn + min(delay_s, _MOST_CRAWL_DELAY_S)
            await asyncio.sleep(turn - now)

    async def _fetch(self, url: str) -> Protego | RefusedRequest:
        """The rules, or the refusal that every request gets while they cannot be had (RFC 9309 §2.3.1.4)."""
        for _ in range(_MOST_ROBOTS_REDIRECTS + 1):
            request = Request(url, callback=NO_CALLBACK, priority=1000, meta={"robots_txt": True}, dont_filter=True)
            try:
                response = await self._crawler.engine.download_async(request)
            except Exception as error:  # whatever kept it from us
                kind, reason = outcome_of(error)
                return RefusedRequest(kind, f"{reason} (at robots.txt, without which nothing is fetched)")
            location = response.headers.get("Location")
            if 300 <= response.status < 400 and location:
                url = urljoin(url, location.decode("latin-1"))
                continue
            rules = _robots_rules(response)
            if isinstance(rules, Protego):
                self._announce(rules)
            return rules
        return RefusedRequest(OutcomeKind.ROBOTS, "robots.txt redirects too often; nothing is fetched without it")


def _robots_rules(response: Response) -> Protego | RefusedRequest:
    """What an answer for robots.txt means."""
    if response.status >= 500 or response.status == 429:
        reason = f"robots.txt answered {response.status}: nothing is fetched until it can be read"
        return RefusedRequest(OutcomeKind.ROBOTS, reason)
    if response.status != 200:
        return Protego.parse("")  # RFC 9309 §2.3.1.3: unavailable means that all may be fetched
    coding = response.headers.get("Content-Encoding")
    try:
        body = parsing.decode_payload(response.body, coding.decode("latin-1") if coding else None)
    except ReadingError as error:
        return RefusedRequest(OutcomeKind.ROBOTS, f"robots.txt cannot be read: {error}")
    if len(body) > _MOST_ROBOTS_BYTES:  # half a line would be another rule: "Disallow: /" of "Disallow: /cong-dan"
        body = body[: body.rfind(b"\n", 0, _MOST_ROBOTS_BYTES) + 1]
    return Protego.parse(body.decode("utf-8-sig", errors="replace"))


class PatientRetry(_Middleware):
    """Waits as long as Retry-After asks, the whole portal with it; a wait beyond ten minutes ends the portal's run.

    An overloaded portal that does not say how long gets a pause of some of its usual delays, twice as long each time.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._until = 0.0

    async def process_request(self, request: Request) -> None:
        """Holds every request back while the portal asked for patience."""
        loop = asyncio.get_running_loop()
        while (left := self._until - loop.time()) > 0:
            await asyncio.sleep(left)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """429 and 503 are asked again, after the time that Retry-After says or a pause."""
        if response.status not in (429, 503):
            return response
        waits = request.meta.get("retry_after_waits", 0)
        wait_s = _retry_after(response, load_clock(os.environ)())
        if wait_s is None:
            wait_s = _PAUSE_IN_DELAYS * self._portal.fetch.delay_s * 2**waits
        elif wait_s > _MOST_WAIT_S:
            self._rest(f"the portal asks to be left alone for {wait_s:.0f} s")
            return response
        if waits >= _MOST_WAITS:
            return response
        self._until = max(self._until, asyncio.get_running_loop().time() + wait_s)
        await asyncio.sleep(wait_s)
        return request.replace(dont_filter=True, meta={**request.meta, "retry_after_waits": waits + 1})


def _retry_after(response: Response, now: datetime) -> float | None:
    """Seconds to wait, or None where the header is missing or makes no sense."""
    raw = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if raw.isascii() and raw.isdecimal():
        return float(raw)
    try:
        wait_s = (parsedate_to_datetime(raw) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return wait_s if wait_s >= 0 else None


class ConditionalRequests(_Middleware):
    """Asks for an article we have only if it changed, with the validators of the page that was read last.

    Not Scrapy's RFC 2616 policy: that one guesses freshness and then sends no request at all (PERFORMANCE §4).
    """

    def process_request(self, request: Request) -> None:
        """Adds If-None-Match and If-Modified-Since."""
        address = request.cb_kwargs.get("address")
        if not isinstance(address, Address) or not _has_state(address):
            return
        if address.etag:
            request.headers.setdefault("If-None-Match", address.etag)
        if address.last_modified:
            request.headers.setdefault("If-Modified-Since", address.last_modified)


def _has_state(address: Address) -> bool:
    """True where what was read at the address before still stands if it has not changed."""
    if address.role in (Role.FEED, Role.SITEMAP, Role.FILE):
        return address.last_fetched_at is not None
    return address.role is Role.ARTICLE and address.article_id is not None
