"""TLS for a portal whose server is not as it should be: `[fetch] ca_file` and `old_tls` of its portal file.

`old_tls` is a lower level of OpenSSL, SSL_CTX_set_security_level(3), where Debian's default of 2 refuses such servers.

Scrapy itself takes any certificate (FAULTS finding 5), so it is told to check them (`crawler.settings`). Many portals
send an incomplete chain. The file adds its certificates to the system's; host names are checked as ever.
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

_OLD = b"DEFAULT:@SECLEVEL=1"
"""For OpenSSL, level 1 instead of 2: also keys of 1024 bits and what else was usual
until 2013. Certificates are checked as ever.

It is said to the connection's context itself: Twisted's list of ciphers, and with it Scrapy's
`DOWNLOADER_CLIENT_TLS_CIPHERS`, drops the level.
"""


@implementer(IOpenSSLTrustRoot)
class _SystemAnd:
    """The system's certificate authorities and those of a PEM file, and how old the keys may be."""

    def __init__(self, ca_file: Path | None, *, old_tls: bool) -> None:
        self._ca_file = ca_file
        self._old_tls = old_tls

    def _addCACertsToContext(self, context: SSL.Context) -> None:  # noqa: N802 - the name Twisted calls
        context.set_default_verify_paths()
        if self._ca_file is not None:
            context.load_verify_locations(str(self._ca_file))
        if self._old_tls:
            context.set_cipher_list(_OLD)


class ExtraTrustHandler(HTTP11DownloadHandler):
    """Scrapy's HTTPS handler with the portal's `ca_file` and `old_tls` (`PortalSpider.update_settings` installs it)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        fetch: Any = crawler.spidercls.portal.fetch  # type: ignore[attr-defined]
        trust = _SystemAnd(fetch.ca_file, old_tls=fetch.old_tls)
        policy: Any = BrowserLikePolicyForHTTPS(trustRoot=trust)  # type: ignore[no-untyped-call]
        self._contextFactory = policy
