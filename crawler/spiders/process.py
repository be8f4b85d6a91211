"""Runs crawls in this process: one Scrapy crawler for each session, all in one reactor.

What it does not do: choose portals or print. Signals end the crawls at the next answer; a second one at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.session import Session
from crawler.spiders.loader import spider_class


def run_sessions(sessions: Sequence[Session], *, contact: str | None, verbose: bool = False) -> bool:
    """Crawls every session's portal; True where a signal stopped the crawl before it was done."""
    settings = Settings()
    settings.setmodule(import_module("crawler.settings"), priority="project")
    settings.set("LOG_ENABLED", verbose, priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", verbose, priority="cmdline")
    if contact:
        settings.set("USER_AGENT", with_contact(settings["USER_AGENT"], contact), priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    for session in sessions:
        process.crawl(spider_class(session.portal), session=session)
    process.start()
    return any(session.stopped for session in sessions)


def with_contact(user_agent: str, contact: str) -> str:
    """The user agent with the archivist's contact, so that a portal's webmaster can reach a person."""
    return f"{user_agent.rstrip(')')}; {contact})"
