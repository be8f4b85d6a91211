"""TLS for a portal that needs more certificates than the system has: `[fetch] ca_file` of its portal file.

Many portals send an incomplete chain. The file adds its certificates to the system's; host names are checked as ever.
What it does not do: switch verification off (`[fetch] verify_tls = false` does, and every version then says so).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.web.client import BrowserLikePolicyForHTTPS
from zope.interface import implementer


@implementer(IOpenSSLTrustRoot)
class _SystemAnd:
    """The system's certificate authorities and those of one PEM file."""

    def __init__(self, ca_file: Path) -> None:
        self._ca_file = ca_file

    def _addCACertsToContext(self, context: SSL.Context) -> None:  # noqa: N802 - the name Twisted calls
        context.set_default_verify_paths()
        context.load_verify_locations(str(self._ca_file))


class ExtraTrustHandler(HTTP11DownloadHandler):
    """Scrapy's HTTPS handler, trusting the portal's `ca_file` too (`PortalSpider.update_settings` installs it)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        ca_file: Any = crawler.spidercls.portal.fetch.ca_file  # type: ignore[attr-defined]
        policy: Any = BrowserLikePolicyForHTTPS(trustRoot=_SystemAnd(ca_file))  # type: ignore[no-untyped-call]
        self._contextFactory = policy
