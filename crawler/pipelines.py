"""The road as item pipelines: a `Capture` goes in, the `Article` comes out.

    keep (100) → read (200) → record (300)

What does not end as an article (a listing, a redirect, an absence) leaves the pipelines as a `DropItem`, with its
outcome recorded. Other items pass untouched, so `scrapy parse` and further pipelines work as ever.

Captures that arrive at about the same time take each step one after the other (`crawler.bursts`): they are all kept,
then all read, then all recorded.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from types import CoroutineType
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.defer import ensure_awaitable
from scrapy.utils.python import global_object_name

from crawler import answers
from crawler.bursts import Bursts
from crawler.session import Session
from storage.errors import StorageError
from storage.records import Article, Capture, Kept


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPage:
    """Between `read` and `record`: a kept capture and what it says."""

    kept: Kept
    """The capture, kept."""
    reading: answers.Reading
    """What it says."""


class Pipelines(ItemPipelineManager):
    """The item pipelines. A step of ours is awaited as it is, without asking first whether it can be."""

    async def process_item_async(self, item: Any) -> Any:
        """The item as the last pipeline left it. Raises `DropItem` where one of them drops it."""
        for method in self.methods["process_item"]:
            assert method is not None
            arguments = (item, self._spider) if method in self._mw_methods_requiring_spider else (item,)
            said = method(*arguments)
            is_ours = isinstance(said, CoroutineType)
            item = await (said if is_ours else ensure_awaitable(said, _warn=global_object_name(method)))
        return item


class _Step:
    """A step of the road in a crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The step for this crawler."""
        return cls(crawler)

    @cached_property
    def session(self) -> Session:
        """The crawl under way."""
        session: Session | None = getattr(self._crawler.spider, "session", None)
        assert session is not None, "a Capture is only yielded in a session"
        return session

    def fail(self, error: StorageError) -> DropItem:
        """The archive cannot be written: the crawl ends, and nothing acknowledged is lost."""
        self.session.abort(error)
        return DropItem(str(error), log_level="ERROR")


class KeepPipeline(_Step):
    """Keeps the bytes before anything looks at them: durable with, and never after, what is read in them."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._bursts = Bursts()

    async def process_item(self, item: Any) -> Any:
        """`Capture` → `Kept`."""
        if not isinstance(item, Capture):
            return item
        await self._bursts.wait(self.session.under_way)
        try:
            return self.session.keep(item)
        except StorageError as error:
            raise self.fail(error) from error


class ReadPipeline(_Step):
    """Reads what the capture says. A page that cannot be read is an outcome, not an error."""

    async def process_item(self, item: Any) -> Any:
        """`Kept` → `ReadPage`."""
        if not isinstance(item, Kept):
            return item
        await asyncio.sleep(0)  # until the others of the burst have taken the step before
        try:
            return ReadPage(kept=item, reading=self.session.read(item))
        except StorageError as error:
            raise self.fail(error) from error


class RecordPipeline(_Step):
    """Writes outcome, version, change and discovered addresses in one transaction."""

    async def process_item(self, item: Any) -> Any:
        """`ReadPage` → `Article`, or `DropItem` for what is no article."""
        if not isinstance(item, ReadPage):
            return item
        await asyncio.sleep(0)  # until the others of the burst have taken the step before
        try:
            ingested = self.session.record(item.kept, item.reading)
        except StorageError as error:
            raise self.fail(error) from error
        kind = ingested.outcome.kind.value if ingested.outcome else "respelled"
        self._crawler.stats.inc_value(f"portalwatch/outcome/{kind}")
        article: Article | None = ingested.article
        if article is None:
            raise DropItem(f"{item.kept.capture.url}: {kind}", log_level="DEBUG")
        return article
