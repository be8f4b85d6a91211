"""A made-up portal on loopback, in a process of its own: articles of realistic size, listings of twenty, validators.

The pages are those of the Tân Dân product (`crawler/portals/platforms/tandan.toml` reads them) in the furniture of a
whole portal page (`dressing`), 40 to 60 KB, compressed beforehand, and every link of the furniture leads to a page that
exists. The same at every run. `python scripts/bench/newsroom.py N` serves N articles on a free port, which it prints,
and counts what it answered (`/_counts`), until its standard input ends. The words are syllables by chance and say
nothing. Titles and texts choose from some thousand: of few, any two texts would share runs of words, which real ones do
only where one prints the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import random
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from dressing import dressed  # noqa: E402

ENTRIES = 20
"""Articles on a listing page."""
START = "/portal/Pages/default.aspx"
"""The first listing page."""
MODIFIED = "Tue, 13 Apr 2021 02:00:00 GMT"
_SMALLEST, _LARGEST = 40_000, 60_000
_NEWEST = date(2021, 4, 13)
_ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
_RIMES = (
    "a à án ạng ảnh ao ay ăn ằng âm ấn ậu e èm én ẹo ê ền ếu ị ình iên iều o ói ọn ỏng ô ồi ốn ộng ơ ời ớ u ùn ụng ư ừa"
    " ước ương ười ảo ội ệnh iệm"
)
_SYLLABLES = [onset + rime for onset in _ONSETS.split() for rime in _RIMES.split()]
_HREFS = re.compile(r'href="/(tin|chuyen-muc|muc)[-/][^"]*"')


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page, as it is sent."""

    plain: bytes
    """The body."""
    packed: bytes
    """The same, compressed with gzip."""
    etag: str
    """Its validator."""


def article_path(number: int) -> str:
    """The address of an article; 0 is the newest."""
    day = _published(number)
    return f"/portal/Pages/{day.year}-{day.month}-{day.day}/Tin-so-{number:05d}-a{number:05d}.aspx"


def listing_path(number: int) -> str:
    """The address of a listing page; 1 is the newest."""
    return START if number == 1 else f"{START}?PageIndex={number}"


def count_listings(articles: int) -> int:
    """How many listing pages so many articles have."""
    return -(-articles // ENTRIES)


def paths(articles: int) -> list[str]:
    """All pages of a portal of so many articles."""
    listings = [listing_path(number) for number in range(1, count_listings(articles) + 1)]
    return [*listings, *map(article_path, range(articles))]


def make_pages(articles: int) -> dict[str, Page]:
    """The pages of such a portal, by address."""
    pages = {article_path(number): _page(_article(number, articles), number, articles) for number in range(articles)}
    for number in range(1, count_listings(articles) + 1):
        pages[listing_path(number)] = _page(_listing(number, articles), -number, articles)
    return pages


def _published(number: int) -> date:
    return _NEWEST - timedelta(days=number // 8)


def _words(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choices(_SYLLABLES, k=chance.randint(least, most))).capitalize()


def _title(number: int) -> str:
    return _words(random.Random(f"title {number}"), 8, 14)


def _page(html: str, number: int, articles: int) -> Page:
    """The page in its furniture, the links of which lead to other pages of the portal."""
    chance = random.Random(number)

    def link(match: re.Match[str]) -> str:
        if match[1] == "tin":
            return f'href="{article_path(chance.randrange(articles))}"'
        return f'href="{listing_path(chance.randint(1, count_listings(articles)))}"'

    whole = dressed(html.encode(), f"newsroom {number}", smallest=_SMALLEST, largest=_LARGEST).decode()
    plain = _HREFS.sub(link, whole).encode()
    return Page(plain=plain, packed=gzip.compress(plain, 6, mtime=0), etag=f'"{hashlib.md5(plain).hexdigest()}"')


def _article(number: int, articles: int) -> str:
    """An article of some 600 words with a picture, a file and ten other news."""
    chance, day = random.Random(f"article {number}"), _published(number)
    title = _title(number)
    paragraphs = [f"<p>{_words(chance, 40, 70)}.</p>" for _ in range(chance.randint(4, 9))]
    picture = f'<p><img src="/portal/PublishingImages/a{number}.jpg" alt=""></p><p>{_words(chance, 6, 10)}</p>'
    others = "".join(
        f'<li><a href="{article_path(other)}">{_title(other)}</a> '
        f'<span class="tandan-span-date-other">({_published(other):%d/%m/%Y})</span></li>\n'
        for other in range(number + 1, min(number + 11, articles))
    )
    files = (
        '<div class="tandan-div-file-attach"><span>Tệp đính kèm:</span><ul><li>'
        f'<a href="/portal/Documents/{number}.pdf">{_words(chance, 3, 5)}</a></li></ul></div>'
        if number % 4 == 0
        else ""
    )
    return _frame(
        title,
        f"""<div class="tandan-div-breadcrumb"><a href="/">Trang chủ</a> <span>/</span>
 <a href="{START}">Tin tức - Sự kiện</a></div>
<div class="tandan-div-article">
<p class="tandan-p-article-news-title">{title}</p>
<div class="tandan-div-info">
<span class="tandan-span-date-publish">Đăng ngày {day:%d} - {day:%m} - {day.year}</span></div>
<p class="tandan-p-article-news-summary">{_words(chance, 25, 40)}.</p>
<p class="tandan-p-article-main">
<div class="ms-rtestate-field">{"".join(paragraphs[:1])}{picture}{"".join(paragraphs[1:])}
<p style="text-align: right"><strong>{_author(chance)}</strong></p></div>
</p>
{files}
</div>
<div class="tandan-div-article-other"><p class="tandan-p-article-other">Các tin khác</p>
<ul class="tandan-ul-article-other">
{others}</ul></div>""",
    )


def _author(chance: random.Random) -> str:
    family, middle, given = ("Nguyễn", "Trần", "Lê", "Phạm"), ("Thị", "Văn", "Hữu"), ("Hòa", "Bình", "An")
    return " ".join(chance.choice(names) for names in (family, middle, given))


def _listing(number: int, articles: int) -> str:
    """The listing page of that number."""
    last = count_listings(articles)
    items = "".join(
        f'<div class="channel-news-item"><label class="channel-news-title"><a href="{article_path(entry)}">'
        f'{_title(entry)}</a></label> <span class="channel-news-date">({_published(entry):%d/%m/%Y})</span></div>\n'
        for entry in range((number - 1) * ENTRIES, min(number * ENTRIES, articles))
    )
    pager = " ".join(
        f'<span class="CurrentPage">{n}</span>' if n == number else f'<a href="{listing_path(n)}">{n}</a>'
        for n in range(max(1, number - 4), min(last, number + 4) + 1)
    )
    return _frame("Tin tức", f'<div class="channel-news">\n{items}</div>\n<div class="Pager">{pager}</div>')


def _frame(title: str, main: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="vi-VN"><head><meta charset="utf-8" /><title>{title}</title>
<link rel="stylesheet" href="/_layouts/15/TandanPortal/css/style.css" /></head>
<body>
<form method="post" action="{START}" id="aspnetForm">
{main}
</form>
</body></html>
"""


class _Speaker(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as much of it as the contestants use."""

    def __init__(self, pages: dict[str, Page], counts: Counter[str]) -> None:
        self._pages, self._counts = pages, counts
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, self._received = self._received.split(b"\r\n\r\n", 1)
            self._transport.write(self._answer(head.decode("latin-1")))

    def _answer(self, head: str) -> bytes:
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if path == "/_counts":
            body = json.dumps(self._counts).encode()
            self._counts.clear()
            return _message(200, body, "Content-Type: application/json")
        if path == "/robots.txt":
            return _message(200, b"User-agent: *\nDisallow: /_layouts/\n", "Content-Type: text/plain")
        page = self._pages.get(path)
        if page is None:
            self._counts["404"] += 1
            return _message(404, b"Khong tim thay", "Content-Type: text/plain")
        validators = f"ETag: {page.etag}\r\nLast-Modified: {MODIFIED}"
        if page.etag in headers.get("if-none-match", "") or headers.get("if-modified-since") == MODIFIED:
            self._counts["304"] += 1
            return _message(304, b"", validators)
        self._counts["200"] += 1
        kind = f"Content-Type: text/html; charset=utf-8\r\n{validators}"
        if "gzip" in headers.get("accept-encoding", ""):
            return _message(200, page.packed, f"{kind}\r\nContent-Encoding: gzip")
        return _message(200, page.plain, kind)


def _message(status: int, body: bytes, headers: str) -> bytes:
    length = "" if status == 304 else f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status} {'OK' if status == 200 else 'No'}\r\n{length}{headers}\r\n\r\n".encode() + body


async def _serve(articles: int) -> None:
    pages, counts = make_pages(articles), Counter[str]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Speaker(pages, counts), "127.0.0.1", 0)
    sizes = sorted(len(page.plain) for page in pages.values())
    packed = sum(len(page.packed) for page in pages.values()) // len(pages)
    print(
        json.dumps({"port": server.sockets[0].getsockname()[1], "bytes": sizes[len(sizes) // 2], "packed": packed}),
        flush=True,
    )
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


class Newsroom:
    """The portal in its own process."""

    def __init__(self, process: subprocess.Popen[str], said: dict[str, int]) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{said['port']}"
        """Base address without a final slash."""
        self.bytes_of_a_page, self.packed_bytes = said["bytes"], said["packed"]

    def take_counts(self) -> dict[str, int]:
        """Answers by status since it was asked last."""
        with urllib.request.urlopen(f"{self.url}/_counts") as answer:
            counts: dict[str, int] = json.load(answer)
        return counts


@contextlib.contextmanager
def open_newsroom(articles: int) -> Iterator[Newsroom]:
    """A portal of so many articles, until the block ends."""
    command = [sys.executable, str(Path(__file__).resolve()), str(articles)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Newsroom(process, json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
