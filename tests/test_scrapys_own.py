"""What of Scrapy's insides ours stands in for, or calls, is what it was when ours was written.

Scrapy may rename or change what begins with an underscore in any version. Ours would then no longer be called, or do
no longer what Scrapy does: in silence. So the source of each such function has a print here, and an upgrade of Scrapy
that touches one fails until somebody has read what has changed.
"""

from __future__ import annotations

import inspect
from hashlib import sha256
from pkgutil import resolve_name
from types import FunctionType
from typing import Any

import pytest

from crawler.closing import is_closing, kept_open
from crawler.fetching.downloader import Middlewares, PortalDownloader
from crawler.heard import HeardSignals
from crawler.pipelines import Pipelines

READ: dict[Any, dict[str, str]] = {
    PortalDownloader: {
        "scrapy.core.downloader:Downloader.__init__": "6214e4413e9e",
        "scrapy.core.downloader:Downloader.fetch": "302384ee47a9",
        "scrapy.core.downloader:Downloader.get_slot_key": "8002233252c1",
        "scrapy.core.downloader:Downloader._get_slot": "5e928fd8ef75",
        "scrapy.core.downloader:Downloader._enqueue_request": "1a02e3882d82",
        "scrapy.core.downloader:Downloader._wait_for_download": "35ca6793c879",
        "scrapy.core.downloader:Downloader._process_queue": "872b81a4bbb4",
        "scrapy.core.downloader:Downloader._latercall": "a63f8c948b8c",
        "scrapy.core.downloader:Downloader._download": "a05f219045c8",
        "scrapy.core.downloader:Downloader._slot_gc": "fbed0354e58c",
        "scrapy.core.downloader:Slot": "eb54740ec5af",
        "scrapy.core.engine:ExecutionEngine.download_async": "c3904f6efe12",
        "scrapy.core.engine:ExecutionEngine._download": "c058b362cce4",
    },
    Middlewares: {
        "scrapy.middleware:MiddlewareManager.__init__": "a0d54bbe2ef6",
        "scrapy.core.downloader.middleware:DownloaderMiddlewareManager.download_async": "00e854e1a38e",
        "scrapy.core.downloader.middleware:DownloaderMiddlewareManager._handle_mw_method": "0efff254fbd8",
        "scrapy.core.downloader.middleware:DownloaderMiddlewareManager._process_request": "f2b83efff7fc",
        "scrapy.core.downloader.middleware:DownloaderMiddlewareManager._process_response": "d94bf8a9c519",
        "scrapy.core.downloader.middleware:DownloaderMiddlewareManager._process_exception": "45cd05273bb7",
    },
    Pipelines: {
        "scrapy.middleware:MiddlewareManager._process_chain": "c4e98e82d613",
        "scrapy.pipelines:ItemPipelineManager.process_item_async": "5f8e18db4edf",
    },
    HeardSignals: {
        "scrapy.signalmanager:SignalManager.send_catch_log": "81ac78d853fe",
        "scrapy.signalmanager:SignalManager.send_catch_log_async": "5f57f8128f39",
    },
    kept_open: {
        "scrapy.core.engine:_Slot": "46bba3133282",
    },
    is_closing: {
        "scrapy.core.engine:ExecutionEngine.needs_backout": "1ae5b0d611b9",
    },
}
"""By what stands in for it or calls it: Scrapy's functions, and the print of each as it was read."""


@pytest.mark.parametrize(
    "ours, name, known",
    [(ours, name, known) for ours, those in READ.items() for name, known in those.items()],
    ids=lambda value: value.partition(":")[2] if isinstance(value, str) else value.__qualname__,
)
def test_scrapys_own_is_what_ours_was_written_against(ours: Any, name: str, known: str) -> None:
    todo = f"read what is new there and mend {ours.__module__}.{ours.__qualname__}"
    try:
        source = inspect.getsource(resolve_name(name))
    except (AttributeError, ImportError):
        pytest.fail(f"Scrapy has no {name} any more: {todo}, then take the name out of this file")
    found = sha256(source.encode()).hexdigest()[:12]
    assert found == known, f"Scrapy has changed {name}: {todo}, then write {found!r} in this file"


@pytest.mark.parametrize("ours", [PortalDownloader, Middlewares, Pipelines, HeardSignals])
def test_all_that_ours_stands_in_for_was_read(ours: type) -> None:
    """What it overrides, and Scrapy's methods with an underscore that it calls."""
    (base,) = ours.__bases__
    written = {name: value for name, value in vars(ours).items() if isinstance(value, FunctionType)}
    called = {name for value in written.values() for name in value.__code__.co_names if name.startswith("_")}
    scrapys = {name for name in {*written, *called} if callable(getattr(base, name, None))}
    assert scrapys <= {name.rpartition(".")[2] for name in READ[ours]}
