"""Which addresses may be asked at all. Source: FAULTS finding 7, cases 20 to 23; GHSA-23j4-mw76-5v7h.

What it does not do: check what a name resolves to (`crawler.guard`).
"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.failures import RefusedRequest
from crawler.fetching.place import place_of
from crawler.middlewares.base import Middleware
from crawler.networks import is_private_literal
from storage.vocabulary import OutcomeKind


class AddressGuard(Middleware):
    """Lets only requests to the portal's own hosts pass, over http and https, never to a private network.

    Names are checked again when they are resolved (`crawler.guard`), so that no DNS answer leads inside.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._open: set[str] = set()  # origins that may be opened: the verdict hangs on scheme and host

    def process_request(self, request: Request) -> None:
        """Raises `RefusedRequest` for an address we must not open."""
        place = place_of(request)
        if place.origin in self._open:
            return
        if place.scheme not in ("http", "https"):
            raise RefusedRequest(OutcomeKind.BLOCKED, f"scheme {place.scheme}: only http and https are opened")
        if not self._portal.is_own(request.url):
            raise RefusedRequest(OutcomeKind.BLOCKED, f"{place.netloc}: not a host of portal {self._portal.slug}")
        if is_private_literal(place.host) and not self._portal.fetch.allow_private:
            reason = f"{place.netloc}: a private address; set allow_private = true in the portal file if it is yours"
            raise RefusedRequest(OutcomeKind.BLOCKED, reason)
        self._open.add(place.origin)
