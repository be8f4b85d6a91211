"""The tools a Scrapy user knows work on the project, and one page reads the same on every road."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from small_portal import article, portal_file

import command
from conftest import MORNING, SLUG, Watch, make_watch
from crawler.demo.server import serve
from crawler.demo.site import Site, load_site

ROOT = Path(__file__).parents[1]
SEED = "Pho-Chu-tich-UBND-tinh-Nguyen-Long-Bien"
KEYS = [
    *("url", "portal", "platform", "extractor", "title", "lead", "body", "byline", "section"),
    *("published_at", "published_on", "published_precision", "published_raw"),
    *("related", "attachments", "images", "language", "warnings"),
]
"""Of the `extract` object, in the order of the contract."""


def shell(*arguments: str, archive: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command run as a person types it, in the project's folder."""
    env = os.environ | {"PORTALWATCH_NOW": MORNING, "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"PORTALWATCH_ARCHIVE": str(archive)} if archive else {}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=command.LIMIT_S,
    )  # fmt: skip


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """A site of six articles, the seed's among them, crawled with `scrapy crawl`."""
    everything = load_site().articles
    seed = next(article for article in everything if article.slug.startswith(SEED))
    site = Site((seed, *[article for article in everything if article is not seed][:5]))
    with serve(site) as server:
        yield make_watch(site, server, tmp_path_factory.mktemp("scrapy") / "archive")


@pytest.fixture(scope="module")
def crawled(watch: Watch) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """`scrapy crawl … -O articles.jsonl`: what it answered, and the items."""
    watch.site.clock = datetime.fromisoformat(MORNING)
    file = watch.archive.parent / "articles.jsonl"
    done = shell("scrapy", "crawl", SLUG, "-O", str(file), archive=watch.archive)
    return done, [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def seed_url(watch: Watch) -> str:
    seed = next(article for article in watch.site.articles if article.slug.startswith(SEED))
    return watch.server.url + seed.path


def truth(watch: Watch) -> dict[str, Any]:
    seed = next(article for article in watch.site.articles if article.slug.startswith(SEED))
    return watch.site.truth(seed.slug, watch.server.url)


def fields(article: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """What the site itself knows of an article."""
    return {name: article[name] for name in truth(watch)}


def test_module_prints_its_version() -> None:
    done = shell("crawler", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("portalwatch ")


def test_scrapy_list_names_the_portal_files() -> None:
    done = shell("scrapy", "list")
    assert done.returncode == 0, done.stderr
    assert {"ninhthuan", "ninhthuan-2021"} <= set(done.stdout.split())


def test_scrapy_crawl_exports_the_extract_object(crawled: Any, watch: Watch) -> None:
    done, items = crawled
    assert done.returncode == 0, done.stderr
    assert len(items) == 6
    assert [list(item) for item in items] == [KEYS] * 6
    (seed,) = [item for item in items if item["url"] == seed_url(watch)]
    assert fields(seed, watch) == truth(watch)


def test_scrapy_crawl_counts_outcomes_in_its_stats(crawled: Any) -> None:
    done, _ = crawled
    assert "'portalwatch/outcome/new': 6" in done.stderr
    assert "'portalwatch/outcome/listing': 1" in done.stderr
    assert "Traceback" not in done.stderr


def test_scrapy_crawl_closes_its_run(crawled: Any, watch: Watch) -> None:
    status = json.loads(watch.run("status", "--json").out)
    assert [(portal["last_run"]["state"], portal["articles"]["live"]) for portal in status] == [("finished", 6)]


def test_scrapy_crawl_respects_the_lock(crawled: Any, watch: Watch) -> None:
    from storage.archive import Archive

    watch.server.reset_hits()
    with Archive.open(watch.archive) as opened, opened.locked():
        done = shell("scrapy", "crawl", SLUG, archive=watch.archive)
    assert "Traceback" not in done.stderr
    assert "is crawling into this archive" in done.stderr
    assert not watch.server.hits


def test_scrapy_parse_prints_the_article_and_stores_nothing(crawled: Any, watch: Watch) -> None:
    before = (watch.archive / "archive.db").read_bytes()
    done = shell("scrapy", "parse", seed_url(watch), "--nolog", "--nocolour", archive=watch.archive)
    assert done.returncode == 0, done.stderr
    assert "Thanh Bình" in done.stdout
    assert (watch.archive / "archive.db").read_bytes() == before


def test_page_reads_the_same_from_file_http_and_warc(crawled: Any, watch: Watch, tmp_path: Path) -> None:
    import urllib.request

    _, items = crawled
    (through_http,) = [item for item in items if item["url"] == seed_url(watch)]
    page = tmp_path / "page.html"
    with urllib.request.urlopen(seed_url(watch), timeout=60) as answer:
        page.write_bytes(answer.read())
    options = ("--url", seed_url(watch), "--archive", str(watch.archive), "--fetched-at", MORNING)
    from_file = command.run("extract", str(page), *options)
    (file,) = (watch.archive / "warc").rglob("*.warc.gz")
    from_warc = command.run("extract", str(file), *options)
    assert (from_file.code, from_warc.code) == (0, 0), from_file.err + from_warc.err
    assert json.loads(from_file.out) == json.loads(from_warc.out) == through_http


def test_stored_page_is_shown_with_its_evidence(crawled: Any, watch: Watch) -> None:
    shown = json.loads(watch.run("show", seed_url(watch), "--json").out)
    assert list(shown)[: len(KEYS)] == KEYS
    evidence = shown["evidence"]
    assert (watch.archive / evidence["warc_file"]).stat().st_size >= evidence["warc_offset"] + evidence["warc_length"]
    assert evidence["payload_digest"].startswith("sha256:")


# extract --jsonl


def line(url: object, payload: bytes | str | None, **more: object) -> bytes:
    encoded = base64.b64encode(payload).decode() if isinstance(payload, bytes) else payload
    return json.dumps({"url": url, "payload_base64": encoded} | more).encode()


PAGE = "http://thu.example/{}.html"

BAD_LINES: dict[str, tuple[bytes, str]] = {
    "no-json": (b"{", "line 2"),
    "not-utf-8": (b'{"url": "\xff"}', "line 2"),
    "list": (b"[1, 2]", "line 2"),
    "number": (b"3", "line 2"),
    "deep": (b"[" * 100_000, "line 2"),
    "no-url": (line(None, b"<p>"), "url"),
    "number-as-url": (line(3, b"<p>"), "url"),
    "no-payload": (line(PAGE.format("x"), None), "payload_base64"),
    "bad-base64": (line(PAGE.format("x"), "***"), "payload_base64"),
    "letters-as-base64": (line(PAGE.format("x"), "ế"), "payload_base64"),
    "bad-date": (line(PAGE.format("x"), b"<p>", fetched_at="noon"), "fetched_at"),
    "number-as-date": (line(PAGE.format("x"), b"<p>", fetched_at=3), "fetched_at"),
    "number-as-type": (line(PAGE.format("x"), b"<p>", content_type=3), "content_type"),
    "unknown-host": (line("http://nowhere.example/", b"<p>"), "nowhere.example"),
    "nonsense-url": (line("http://[::1", b"<p>"), "http://[::1"),
    "empty-page": (line(PAGE.format("x"), b""), "empty"),
    "pdf": (line(PAGE.format("x"), b"%PDF-1.4"), "not_html"),
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive folder with a portal file, and nothing else."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "thu.toml").write_text(portal_file("http://thu.example/"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", BAD_LINES)
def test_bad_line_is_an_error_in_its_place(archive: Path, name: str) -> None:
    bad, word = BAD_LINES[name]
    first, third = (line(PAGE.format(n), article(f"Tin số {n}").encode()) for n in (1, 3))
    given = b"\n".join([first, bad, third, b""])
    result = command.run("extract", "--jsonl", "--archive", str(archive), stdin=given)
    answers = [json.loads(text) for text in result.out.splitlines()]
    assert result.code == 1
    assert result.err == ""
    assert [answer.get("title") for answer in answers] == ["Tin số 1", None, "Tin số 3"]
    assert set(answers[1]) == {"url", "error"}
    assert word in answers[1]["error"]


def test_many_pages_come_out_in_order(archive: Path) -> None:
    given = b"\n".join(line(PAGE.format(n), article(f"Tin số {n}").encode()) for n in range(40))
    result = command.run("extract", "--jsonl", "--archive", str(archive), stdin=given)
    answers = [json.loads(text) for text in result.out.splitlines()]
    assert result.code == 0
    assert [answer["title"] for answer in answers] == [f"Tin số {n}" for n in range(40)]
    assert list(answers[0]) == KEYS


def test_page_that_is_no_article_is_one_line_and_exit_code_1(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("", encoding="utf-8")
    result = command.run("extract", str(tmp_path / "page.html"), "--url", PAGE.format("x"), "--archive", str(archive))
    assert (result.code, result.out) == (1, "")
    assert len(result.err.splitlines()) == 1
