"""Scrapy settings of portalwatch: politeness first, each value with its reason and unit.

What a portal file's `[fetch]` says overrides the pace (`PortalSpider.update_settings`). `PORTALWATCH_ARCHIVE` names the
archive folder for `scrapy` commands, as a setting (`-s PORTALWATCH_ARCHIVE=…`) or in the environment.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from importlib.util import find_spec
from urllib.request import getproxies

BOT_NAME = "portalwatch"
# Who we are, and where to find us (RFC 9110 §10.1.5): the contact from portalwatch.toml is added where there is one.
USER_AGENT = f"portalwatch/{version('portalwatch')} (monitor of public news pages)"
PORTALWATCH_ARCHIVE = os.environ.get("PORTALWATCH_ARCHIVE", "archive")

SPIDER_LOADER_CLASS = "crawler.spiders.loader.PortalSpiderLoader"  # one spider per portal file
SPIDER_MODULES: list[str] = []  # no other spiders
COMMANDS_MODULE = ""

# The road: keep the bytes, read them, record what they mean.
ITEM_PIPELINES = {
    "crawler.pipelines.KeepPipeline": 100,
    "crawler.pipelines.ReadPipeline": 200,
    "crawler.pipelines.RecordPipeline": 300,
}
ITEM_PROCESSOR = "crawler.pipelines.Pipelines"  # Scrapy's own with less ado

# Scrapy imports and asks also what is switched off, so the lists are whole and its own are empty: 0.6 s of CPU at the
# start (the remote control brings aiohttp, cookies tldextract and requests), 0.3 ms for each page.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.AddressGuard": 50,  # stricter than Scrapy's offsite
    "crawler.middlewares.RobotsObeyed": 100,  # Scrapy's own takes a 503 for a yes (FAULTS finding 6)
    "crawler.middlewares.ConditionalRequests": 410,
    "crawler.middlewares.PatientRetry": 560,  # Scrapy's own, which ignores Retry-After, is part of it
}
if getproxies():  # the environment names one
    DOWNLOADER_MIDDLEWARES["scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware"] = 750
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}  # they work on requests that a page yields; ours yield none
EXTENSIONS_BASE: dict[str, int] = {}  # Scrapy's own have consoles that listen and run code (FAULTS finding 11)
EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,  # for `scrapy crawl -s CLOSESPIDER_…`
    "scrapy.extensions.feedexport.FeedExporter": 0,  # for `scrapy crawl -O FILE`
    "scrapy.extensions.logstats.LogStats": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}

# Politeness. The pace of a portal is set by its file: one request at a time and a second between two, by default.
CONCURRENT_REQUESTS = 16  # of one portal, over all its hosts; each portal has an engine of its own
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0  # seconds
DOWNLOAD_DELAY_JITTER = 0  # a random delay would sometimes be half of what we promise
AUTOTHROTTLE_ENABLED = True  # slower where the portal is slow
AUTOTHROTTLE_MAX_DELAY = 60.0  # seconds
# No cookies and no credentials (GHSA-cjvr-mfj7-j4j8: they went along with redirects): public pages need no session,
# and a session id would make every address new. No referer.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "vi,en;q=0.5",  # portals with an English edition answer in Vietnamese
    "Accept-Encoding": "gzip, deflate",  # parsing.decode undoes more, but these every server has
}

# Evidence: the body as received, each redirect a capture of its own, every status seen by the road: the middlewares of
# Scrapy for compression, redirects and statuses are not in the lists.

# Bounds.
DOWNLOAD_TIMEOUT = 60  # seconds for a whole answer: a slow drip ends too
# Bytes on the wire; the decoded size is bounded in parsing.decode. Scrapy's 1 GiB let a bomb of 493 bytes take 678 MB
# (GHSA-7j7m-v7m3-jqm7, GHSA-2qfp-q593-8484); with 32 MiB each stays under 180 MB.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
RETRY_TIMES = 2  # after the first request
RETRY_EXCEPTIONS = [  # Scrapy's list names Twisted's errors too, which would be imported
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
RETRY_HTTP_CODES = [500, 502, 504, 408, 522, 524]  # 429 and 503: PatientRetry
URLLENGTH_LIMIT = 8192  # characters
# The crawl stops and is resumed by the next one (FAULTS case 86). Measured: 223 MB with 34 portals of small pages, 3 MB
# for each further one, 395 MB with three portals whose every page is the largest that is read (parsing.limits). The
# bound is what all shipped portals would take with three such pages at once; the tests ask 400 MB of each command.
MEMUSAGE_LIMIT_MB = 640
MEMUSAGE_CHECK_INTERVAL_SECONDS = 10.0

# Safety: Scrapy's own defaults are to check no certificate (FAULTS finding 5) and to connect anywhere (FAULTS finding
# 7). The handler does neither, whatever Scrapy's settings for certificates and names say.
DOWNLOAD_HANDLERS_BASE: dict[str, str] = {}  # no files, no ftp
DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "crawler.fetching.handler.PortalHandler")
DOWNLOADER = "crawler.fetching.downloader.PortalDownloader"  # Scrapy's own with less ado
TWISTED_REACTOR_ENABLED = False  # the handler needs asyncio only
ASYNCIO_EVENT_LOOP = "uvloop.Loop" if find_spec("uvloop") else None  # a quarter less CPU for fetching

FEED_EXPORT_ENCODING = "utf-8"  # Vietnamese stays readable in -O articles.jsonl
LOG_LEVEL = "INFO"
