"""robots.txt, obeyed. Source: RFC 9309, also for what cannot be had (§2.3.1.4); FAULTS finding 6: Scrapy crawls then.

Once in a run each origin is asked, or spared the question (`crawler.robots`), and the answer held for a day at most.
One that cannot be had forbids everything, unless the answer of an earlier run may stand in. That hides no outage: the
stand-in is obeyed only while pages of the origin answer, and an answer that was spared is asked for once a page fails.

    spared ── a page fails ──► asked ──► answers: obeyed
                                 └─► cannot be had ──► no stand-in, or a page has failed: nothing more is asked
                                                 └──► stands in ── the first page fails: nothing more is asked

What it does not do: remember (`crawler.robots`), or read the rules (Protego).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler import parsing
from crawler.clock import load_clock
from crawler.errors import ReadingError
from crawler.failures import RefusedRequest, outcome_of
from crawler.fetching.place import place_of
from crawler.middlewares.base import Middleware
from crawler.robots import LONGEST, StandIn, holds_until, is_spared, may_stand_in, spared_until
from storage.errors import StorageError
from storage.robots import RobotsFile
from storage.vocabulary import OutcomeKind

ROBOTS_AGENT = "portalwatch"
"""The name that robots.txt files know us by."""

_MOST_REDIRECTS = 5  # RFC 9309 §2.3.1.2
_MOST_BYTES = 512 * 1024  # RFC 9309 §2.5 asks for at least 500 KiB
_MOST_CRAWL_DELAY_S = 60  # a longer one would leave no portal readable in a night
_SILENCE = frozenset(
    {
        OutcomeKind.CONNECT,
        OutcomeKind.DNS,
        OutcomeKind.LOST,
        OutcomeKind.PROTOCOL,
        OutcomeKind.TIMEOUT,
        OutcomeKind.TLS,
    }
)
"""Of a page: nothing that the server said came."""
_NEVER = datetime.max.replace(tzinfo=UTC)


class RobotsSilent(RefusedRequest):
    """robots.txt could not be had because the server, or the way to it, fails (RFC 9309 §2.3.1.4: unreachable).

    `cause` is why, without what follows from it.
    """

    def __init__(self, kind: OutcomeKind, reason: str, cause: str) -> None:
        super().__init__(kind, reason)
        self.cause = cause


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    """What is obeyed for an origin."""

    rules: Protego | RefusedRequest
    """The rules, or the refusal that every request gets."""
    until: datetime
    """When it is to be asked for again."""
    spared: bool = False
    """True for an answer of an earlier run that is young enough."""
    silent: str | None = None
    """Of an answer that stands in: why there is none now."""


class _Origin:
    """What one origin did in this run."""

    def __init__(self) -> None:
        self.task: asyncio.Future[_Held] | None = None
        self.answers = False  # a page of it came
        self.fails = False  # a page of it did not, and none had come
        self.next_at = 0.0  # of the event loop's clock, when Crawl-delay lets the next request go

    @property
    def held(self) -> _Held | None:
        """What is obeyed; None before it is known."""
        return self.task.result() if self.task is not None and self.task.done() else None


class RobotsObeyed(Middleware):
    """Obeys robots.txt as RFC 9309 says: also when it cannot be had, which means that nothing may be fetched."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._origins: dict[str, _Origin] = {}
        self._now = load_clock(os.environ)

    def process_request(self, request: Request) -> Awaitable[None] | None:
        """What there is to wait for. Raises `RefusedRequest` where robots.txt forbids the address or cannot be had."""
        if request.meta.get("robots_txt"):
            return None
        name = place_of(request).origin
        origin = self._origins.get(name)
        held = None if origin is None else origin.held
        if origin is None or held is None or held.until <= self._now():
            return self._ask_first(request, name)
        return self._obey(request, origin, held)

    async def _ask_first(self, request: Request, name: str) -> None:
        origin = self._origins.setdefault(name, _Origin())
        if origin.task is None or origin.held is not None:
            origin.task = asyncio.ensure_future(self._ask(name, origin))
        wait = self._obey(request, origin, await asyncio.shield(origin.task))
        if wait is not None:
            await wait

    def _obey(self, request: Request, origin: _Origin, held: _Held) -> Awaitable[None] | None:
        rules = held.rules
        if isinstance(rules, RefusedRequest):
            self._rest(str(rules))
            raise RefusedRequest(rules.kind, str(rules))
        if not rules.can_fetch(request.url, ROBOTS_AGENT):
            raise RefusedRequest(OutcomeKind.ROBOTS, "robots.txt forbids this address")
        delay_s = rules.crawl_delay(ROBOTS_AGENT) or 0
        return _keep_distance(origin, delay_s) if delay_s > 0 else None

    def process_response(self, request: Request, response: Response) -> Response:
        """Notes whether the origin answers; after all retries, so that a 503 here is one that stays."""
        if not request.meta.get("robots_txt"):
            self._note(request, answered=response.status < 500 and response.status != 429)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """The same where nothing came, or no whole answer."""
        if not request.meta.get("robots_txt") and not isinstance(exception, RefusedRequest):
            self._note(request, answered=outcome_of(exception)[0] not in _SILENCE)

    def _note(self, request: Request, *, answered: bool) -> None:
        """What an answer, or none, says of the robots.txt that is obeyed without having been had in this run."""
        origin = self._origins.get(place_of(request).origin)
        if origin is None or origin.answers:
            return
        origin.answers, origin.fails = answered, not answered
        held = origin.held
        if answered or held is None:
            return
        if held.silent is not None and self._session is not None:
            self._session.robots.stood_in.pop(place_of(request).origin, None)
            self._rest(held.silent)
        elif held.spared:
            origin.task = None

    async def _ask(self, name: str, origin: _Origin) -> _Held:
        """What is obeyed for the origin from now on."""
        held = await self._decide(name, origin)
        if isinstance(held.rules, Protego) and self._session is not None:
            self._session.hear_of_sitemaps(tuple(held.rules.sitemaps))
        return held

    async def _decide(self, name: str, origin: _Origin) -> _Held:
        before = self._find(name)
        if before is not None and not origin.fails and is_spared(before, self._now()):
            return _Held(rules=_rules_of(before.text), until=spared_until(before), spared=True)
        answer = await self._fetch(f"{name}/robots.txt")
        now = self._now()
        if not isinstance(answer, RefusedRequest):
            self._keep(name, answer, now)
            return _Held(rules=_rules_of(answer), until=now + LONGEST)
        if not isinstance(answer, RobotsSilent) or origin.fails or self._is_resting:
            return _Held(rules=answer, until=_NEVER)
        if before is None or not may_stand_in(before, now):
            return _Held(rules=answer, until=_NEVER)
        if self._session is not None:
            self._session.robots.stood_in[name] = StandIn(file=before, cause=answer.cause)
        return _Held(rules=_rules_of(before.text), until=holds_until(before), silent=str(answer))

    async def _fetch(self, url: str) -> str | None | RefusedRequest:
        """The file, None where there is none, or the refusal where it cannot be had (RFC 9309 §2.3.1)."""
        for _ in range(_MOST_REDIRECTS + 1):
            request = Request(url, callback=NO_CALLBACK, priority=1000, meta={"robots_txt": True}, dont_filter=True)
            try:
                response = await self._crawler.engine.download_async(request)
            except Exception as error:  # whatever kept it from us
                kind, reason = outcome_of(error)
                refusal = f"{reason} (at robots.txt, without which nothing is fetched)"
                if kind is OutcomeKind.BLOCKED:
                    return RefusedRequest(kind, refusal)
                return RobotsSilent(kind, refusal, reason)
            location = response.headers.get("Location")
            if 300 <= response.status < 400 and location:
                url = urljoin(url, location.decode("latin-1"))
                continue
            return _text_of(response)
        return RefusedRequest(OutcomeKind.ROBOTS, "robots.txt redirects too often; nothing is fetched without it")

    @property
    def _is_resting(self) -> bool:
        """True where the portal asked to be left alone: then no earlier answer stands in."""
        return self._session is not None and self._session.resting is not None

    def _find(self, name: str) -> RobotsFile | None:
        """The answer of an earlier run."""
        try:
            return None if self._session is None else self._session.robots.find(name)
        except StorageError as error:
            self._abort(error)
            return None

    def _keep(self, name: str, text: str | None, now: datetime) -> None:
        """Remembers the answer for later runs."""
        try:
            if self._session is not None:
                self._session.robots.keep(name, text, now)
        except StorageError as error:
            self._abort(error)

    def _abort(self, error: StorageError) -> None:
        if self._session is not None:
            self._session.abort(error)


async def _keep_distance(origin: _Origin, delay_s: float) -> None:
    """Waits until `Crawl-delay` has passed since the last request; no standard, but portals print it."""
    now = asyncio.get_running_loop().time()
    turn = max(now, origin.next_at)
    origin.next_at = turn + min(delay_s, _MOST_CRAWL_DELAY_S)
    await asyncio.sleep(turn - now)


def _rules_of(text: str | None) -> Protego:
    """The rules of a file; of none, those that allow all (RFC 9309 §2.3.1.3)."""
    return Protego.parse(text or "")


def _text_of(response: Response) -> str | None | RefusedRequest:
    """What an answer for robots.txt says: the file, None where there is none, or why it cannot be had."""
    if response.status >= 500 or response.status == 429:
        reason = f"robots.txt answered {response.status}: nothing is fetched until it can be read"
        if response.status == 429:  # it is there, and wants us gone
            return RefusedRequest(OutcomeKind.ROBOTS, reason)
        return RobotsSilent(OutcomeKind.ROBOTS, reason, f"status {response.status}")
    if response.status != 200:
        return None
    coding = response.headers.get("Content-Encoding")
    try:
        body = parsing.decode_payload(response.body, coding.decode("latin-1") if coding else None)
    except ReadingError as error:
        return RobotsSilent(OutcomeKind.ROBOTS, f"robots.txt cannot be read: {error}", str(error))
    if len(body) > _MOST_BYTES:  # half a line would be another rule: "Disallow: /" of "Disallow: /cong-dan"
        body = body[: body.rfind(b"\n", 0, _MOST_BYTES) + 1]
    return body.decode("utf-8-sig", errors="replace").replace("\0", "")  # PostgreSQL stores no NUL
