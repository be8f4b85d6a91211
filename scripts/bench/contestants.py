"""The builds that `scripts/bench/crawl` compares, each a process of its own: `contestants.py NAME TASK`.

What the process did, it prints as a line of JSON: pages, CPU seconds (of the process from after its imports to its end,
and as a whole), the clock, its largest memory. What it does not do: repeat, pair or judge. Scrapy's log is at INFO for
all but ours, which keeps none, as `portalwatch crawl` does.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

SLUG = "newsroom"
PORTAL_FILE = """name = "Cổng thử"
platform = "tandan"
start = ["{url}{start}"]
feeds = []
sitemap = ""
[fetch]
allow_private = true
delay_s = 0
concurrency = {concurrency}
"""


def cpu_seconds() -> float:
    """CPU time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run_spider(spider: type, settings: dict[str, Any]) -> Callable[[], int]:
    """Scrapy with its defaults and these settings; how many pages arrived."""
    from scrapy.crawler import AsyncCrawlerProcess

    process = AsyncCrawlerProcess({"LOG_LEVEL": "INFO", "TELNETCONSOLE_ENABLED": False, **settings})

    def run() -> int:
        process.crawl(spider)
        crawler = next(iter(process.crawlers))
        process.start(install_signal_handlers=False)
        return int(crawler.stats.get_value("response_received_count"))

    return run


def bare(task: dict[str, Any]) -> Callable[[], int]:
    """Default Scrapy that fetches the pages and does nothing with them."""
    import scrapy

    class Bare(scrapy.Spider):
        name = "bare"
        start_urls = [task["url"] + path for path in task["paths"]]

        def parse(self, response: Any) -> None:
            """Nothing."""

    return run_spider(Bare, {})


def following(task: dict[str, Any]) -> Callable[[], int]:
    """Default Scrapy that finds the pages by their links: LinkExtractor, a Request for each, the dupefilter."""
    import scrapy
    from scrapy.linkextractors import LinkExtractor

    class Following(scrapy.Spider):
        name = "following"
        start_urls = [task["url"] + task["paths"][0]]
        links = LinkExtractor(allow=[r"^http://127\.0\.0\.1"])  # allow_domains takes no host with a port

        def parse(self, response: Any) -> Iterator[scrapy.Request]:
            """A request for every link."""
            if response.status == 200:
                for link in self.links.extract_links(response):
                    yield scrapy.Request(link.url)

    return run_spider(Following, {"HTTPERROR_ALLOWED_CODES": [404], "DEPTH_STATS_VERBOSE": False})


def naive(task: dict[str, Any]) -> Callable[[], int]:
    """Scrapy as tutorials have it: BeautifulSoup, dateparser, one ORM commit an item; no WARC, no versions."""
    import dateparser
    import scrapy
    from bs4 import BeautifulSoup
    from sqlalchemy import Column, Text, create_engine
    from sqlalchemy.orm import DeclarativeBase, Session

    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = "items"
        url = Column(Text, primary_key=True)
        title = Column(Text)
        lead = Column(Text)
        body = Column(Text)
        section = Column(Text)
        published = Column(Text)
        links = Column(Text)
        html = Column(Text)

    engine = create_engine(f"sqlite:///{task['folder']}/naive.db")
    Base.metadata.create_all(engine)
    session = Session(engine)

    class Naive(scrapy.Spider):
        name = "naive"
        start_urls = [task["url"] + path for path in task["paths"]]

        def parse(self, response: Any) -> None:
            """All fields of an article, stored."""
            soup = BeautifulSoup(response.text, "lxml")
            title = soup.select_one("p.tandan-p-article-news-title")
            links = [response.urljoin(a["href"]) for a in soup.find_all("a", href=True)]
            if title is None:
                return
            lead, body = soup.select_one("p.tandan-p-article-news-summary"), soup.select_one("div.ms-rtestate-field")
            printed = soup.select_one("span.tandan-span-date-publish")
            day = dateparser.parse(printed.get_text().removeprefix("Đăng ngày ").replace(" ", "")) if printed else None
            crumb = soup.select_one("div.tandan-div-breadcrumb a:last-child")
            session.add(
                Item(
                    url=response.url,
                    title=title.get_text(strip=True),
                    lead=lead.get_text(strip=True) if lead else None,
                    body="\n\n".join(p.get_text(" ", strip=True) for p in body.find_all("p")) if body else "",
                    section=crumb.get_text(strip=True) if crumb else None,
                    published=day.isoformat() if day else None,
                    links="\n".join(links),
                    html=response.text,
                )
            )
            session.commit()

    return run_spider(Naive, {})


def ours(task: dict[str, Any]) -> Callable[[], int]:
    """`portalwatch crawl`, the whole of it: guards, every field, listings, versions, search index, WARC, seal."""
    from crawler.garbage import no_garbage

    with no_garbage():  # as the command imports its verbs
        from crawler.cli import main
        from crawler.spiders import process  # noqa: F401 - before the clock starts, like Scrapy for the others

    archive = Path(task["folder"]) / "archive"
    file = archive / "portals" / f"{SLUG}.toml"
    if not file.exists():
        file.parent.mkdir(parents=True)
        text = PORTAL_FILE.format(url=task["url"], start=task["paths"][0], concurrency=task["concurrency"])
        file.write_text(text, encoding="utf-8")
        (archive / "portalwatch.toml").write_text("[files]\nfetch = false\n", encoding="utf-8")  # the others fetch none

    def run() -> int:
        try:
            main(["crawl", SLUG, "--archive", str(archive), *task.get("options", [])])
        except SystemExit as error:
            if error.code:
                raise RuntimeError(f"portalwatch crawl: exit code {error.code}") from error
        with closing(sqlite3.connect(archive / "archive.db")) as connection:
            query = "SELECT count(*) FROM outcomes WHERE run_id = (SELECT max(run_id) FROM runs)"
            return int(connection.execute(query).fetchone()[0])

    return run


CONTESTANTS = {"bare": bare, "following": following, "naive": naive, "ours": ours}


def main() -> None:
    """Runs one of them and prints what it took."""
    task = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    run = CONTESTANTS[sys.argv[1]](task)
    log = Path(task["folder"]) / f"{sys.argv[1]}.log"
    with log.open("w", encoding="utf-8") as stream, redirect_stdout(stream), redirect_stderr(stream):
        imported, began = cpu_seconds(), time.perf_counter()
        pages = run()
        cpu, clock = cpu_seconds() - imported, time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = cpu + imported
    print(json.dumps({"pages": pages, "cpu": cpu, "whole": whole, "clock": clock, "peak": peak}))


if __name__ == "__main__":
    main()
