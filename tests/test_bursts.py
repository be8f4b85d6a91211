"""Answers that arrive together take each step together, and wait for one that does not come only for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from crawler import answers, bursts, pipelines
from crawler.bursts import Bursts
from storage.records import Capture, Kept
from storage.vocabulary import Role


def run(*waits: Coroutine[Any, Any, None]) -> None:
    """All of them, each begun in this order."""

    async def gathered() -> None:
        await asyncio.wait_for(asyncio.gather(*waits), timeout=20)

    asyncio.run(gathered())


def test_burst_goes_on_when_all_that_is_under_way_has_arrived(monkeypatch) -> None:
    monkeypatch.setattr(bursts, "MOST_S", 3600)
    burst, passed = Bursts(), []

    async def arrive(name: str) -> None:
        await burst.wait(3)
        passed.append(name)

    async def last() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert passed == []
        await arrive("c")

    run(arrive("a"), arrive("b"), last())
    assert passed == ["a", "b", "c"]


def test_lone_answer_does_not_wait(monkeypatch) -> None:
    monkeypatch.setattr(bursts, "MOST_S", 3600)
    passed: list[int] = []

    async def arrive(under_way: int) -> None:
        await Bursts().wait(under_way)
        passed.append(under_way)

    run(arrive(1), arrive(0))
    assert sorted(passed) == [0, 1]


def test_answer_waits_but_a_moment_for_one_that_does_not_come() -> None:
    burst, passed = Bursts(), []

    async def arrive(under_way: int) -> None:
        await burst.wait(under_way)
        passed.append(under_way)

    run(arrive(2))
    run(arrive(4), arrive(3))
    assert passed == [2, 4, 3]


def test_burst_goes_on_without_a_visit_that_was_cancelled(monkeypatch) -> None:
    monkeypatch.setattr(bursts, "MOST_S", 3600)
    burst = Bursts()

    async def cancelled() -> None:
        visit = asyncio.create_task(burst.wait(2))
        await asyncio.sleep(0)
        visit.cancel()
        await asyncio.sleep(0)
        await burst.wait(2)
        assert visit.cancelled()

    run(cancelled())


class Session:
    """A crawl that only notes which step it takes with which page."""

    under_way = 3

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def keep(self, capture: Capture) -> Kept:
        self.steps.append(("keep", capture.url))
        return Kept(capture_id=1, capture=capture, revisit_of=None)

    def read(self, kept: Kept) -> answers.Reading:
        self.steps.append(("read", kept.capture.url))
        return answers.Reading(detail=kept.capture.url)

    def record(self, kept: Kept, reading: answers.Reading) -> SimpleNamespace:
        assert reading.detail == kept.capture.url
        self.steps.append(("record", kept.capture.url))
        return SimpleNamespace(outcome=None, article=reading)


def test_captures_that_arrive_together_take_each_step_together() -> None:
    session = Session()
    crawler: Any = SimpleNamespace(
        spider=SimpleNamespace(session=session), stats=SimpleNamespace(inc_value=lambda name: None)
    )
    steps = [
        step.from_crawler(crawler)
        for step in (pipelines.KeepPipeline, pipelines.ReadPipeline, pipelines.RecordPipeline)
    ]

    async def take(url: str) -> None:
        item: Any = Capture(
            url=url,
            fetched_at=datetime(2021, 4, 13, 2, tzinfo=UTC),
            status=200,
            headers=(),
            payload=b"",
            portal="p",
            role=Role.ARTICLE,
        )
        for step in steps:
            item = await step.process_item(item)

    run(take("a"), take("b"), take("c"))
    assert session.steps == [(step, url) for step in ("keep", "read", "record") for url in ("a", "b", "c")]
