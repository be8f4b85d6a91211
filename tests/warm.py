"""What a `portalwatch` command would do by itself in its first second: done once, in the server that forks commands.

Each command of the tests begins with all of it done: modules imported, the shipped portal files read, and nothing for
the collector to look at again. None of it leaves a file, a socket or a reactor open.
"""

from __future__ import annotations

import gc
import os
from importlib import import_module

import click

from crawler.cli import VERBS, cli
from crawler.portals import load_portals

_SCRAPY = (  # what a crawl would import by itself; none of it installs a reactor
    "responsetypes",
    "dupefilters",
    "extensions.closespider",
    "extensions.corestats",
    "extensions.feedexport",
    "extensions.logcount",
    "extensions.logstats",
    "extensions.memdebug",
    "extensions.memusage",
    "extensions.remote_control",
    "extensions.spiderstate",
    "extensions.telnet",
    "extensions.throttle",
    "logformatter",
    "downloadermiddlewares.cookies",
    "downloadermiddlewares.defaultheaders",
    "downloadermiddlewares.downloadtimeout",
    "downloadermiddlewares.httpauth",
    "downloadermiddlewares.httpcache",
    "downloadermiddlewares.httpcompression",
    "downloadermiddlewares.httpproxy",
    "downloadermiddlewares.offsite",
    "downloadermiddlewares.redirect",
    "downloadermiddlewares.retry",
    "downloadermiddlewares.robotstxt",
    "downloadermiddlewares.stats",
    "downloadermiddlewares.useragent",
    "pqueues",
    "spidermiddlewares.depth",
    "spidermiddlewares.httperror",
    "spidermiddlewares.metacopy",
    "spidermiddlewares.referer",
    "spidermiddlewares.start",
    "spidermiddlewares.urllength",
    "squeues",
    "statscollectors",
)


def _warm_up() -> None:
    _, _, before = os.environ.pop("PYTHONPATH").partition(os.pathsep)  # the first was for this module
    if before:
        os.environ["PYTHONPATH"] = before
    for verb in VERBS:
        cli.get_command(click.Context(cli), verb)
    for name in _SCRAPY:
        import_module(f"scrapy.{name}")
    for name in (
        "alembic.command",
        "crawler.fetching.handler",
        "crawler.middlewares",
        "crawler.pipelines",
        "crawler.settings",
    ):
        import_module(name)
    load_portals(None)
    gc.collect()
    gc.freeze()


_warm_up()
