"""The portal over HTTP: its articles as they are now, what became of those that are not there, its lists and files.

A test changes it between two visits. What it answers is the truth that the product is measured against.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from acceptance import pages
from acceptance.texts import SECTIONS, Article, make_articles

PER_PAGE = 25
RELATED = 8


class Answer(NamedTuple):
    """What the portal says to one request."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"


@dataclass
class Portal:
    """Five hundred articles, and everything that can be done to them."""

    now: datetime
    articles: dict[int, Article] = field(default_factory=lambda: {each.number: each for each in make_articles(500)})
    unlisted: set[int] = field(default_factory=set)
    """Articles that no list shows."""
    absent: dict[str, str] = field(default_factory=dict)
    """Paths where an article was, and what they answer: see `_absent`."""
    wears: dict[int, frozenset[str]] = field(default_factory=dict)
    """Articles that are saved again with the same words (`noise.WEARS`, `lines`, `charset`)."""
    revised_files: dict[str, int] = field(default_factory=dict)
    """Files that were replaced behind their links, and how often."""
    menu: list[str] = field(default_factory=lambda: ["Giới thiệu", "Văn bản", "Liên hệ"])
    redesigned: bool = False
    outage: bool = False
    visits: int = 0
    asked: Counter[str] = field(default_factory=Counter)

    def answer(self, target: str, known_tag: str | None) -> Answer:
        """The answer to GET or HEAD."""
        self.visits += 1
        parts = urlsplit(target)
        path = parts.path.partition(";")[0]
        self.asked[path] += 1
        if path == "/robots.txt":
            return Answer(404)
        if self.outage:
            return Answer(503, b"<html><body><h1>Service Unavailable</h1></body></html>")
        if path.startswith("/tai-lieu/"):
            return self._file(path, known_tag)
        view = self._view(path)
        if path in self.absent:
            return self._absent(self.absent[path], view)
        if path == "/":
            newest = [each for section in SECTIONS for each in self.listed(section)[:6]]
            return self._page(pages.home_page(newest, view))
        if path == "/dang-nhap":
            return self._page(pages.login_page(view))
        section = next((name for name, folder in SECTIONS.items() if path == f"/{folder}"), None)
        if section is not None:
            return self._list(section, int(parse_qs(parts.query).get("page", ["1"])[0]), view)
        article = next((each for each in self.articles.values() if each.path == path), None)
        if article is None:
            return self._absent("404", view)
        return self._article(article, view, known_tag)

    def listed(self, section: str) -> list[Article]:
        """The articles that the section's list shows, newest first."""
        found = [
            each for each in self.articles.values() if each.section == section and each.number not in self.unlisted
        ]
        return sorted(found, key=lambda each: (each.published, -each.number), reverse=True)

    def set(self, article: Article, **changes: Any) -> Article:
        """The article with these changes."""
        self.articles[article.number] = replace(article, **changes)
        return self.articles[article.number]

    def _view(self, path: str) -> pages.View:
        return pages.View(path=path, visits=self.visits, now=self.now, menu=self.menu, redesigned=self.redesigned)

    def _article(self, article: Article, view: pages.View, known_tag: str | None) -> Answer:
        """Two pages of five have an ETag over what they say, so that a visit may end with 304."""
        wears = self.wears.get(article.number, frozenset())
        said = f"{article} {sorted(wears)} {self.redesigned}".encode()
        tag = f'"{zlib.crc32(said):x}"' if article.number % 5 in (0, 3) else None
        if tag is not None and tag == known_tag:
            return Answer(304, headers=(("ETag", tag),))
        others = self.listed(article.section)
        first = view.visits % 3  # the list begins with what is newest now
        html = pages.article_page(article, others[first : first + RELATED], replace(view, wears=wears))
        answer = self._page(html, charset="windows-1258" if "charset" in wears else "utf-8")
        return answer._replace(headers=(("ETag", tag),)) if tag is not None else answer

    def _list(self, section: str, number: int, view: pages.View) -> Answer:
        articles = self.listed(section)
        start = (number - 1) * PER_PAGE
        following = f"/{SECTIONS[section]}?page={number + 1}" if start + PER_PAGE < len(articles) else None
        return self._page(pages.list_page(section, articles[start : start + PER_PAGE], following, view))

    def _page(self, html: str, charset: str = "utf-8") -> Answer:
        if charset == "utf-8":
            return Answer(200, html.encode())
        body = html.replace("charset='utf-8'", f"charset='{charset}'").encode(charset, "xmlcharrefreplace")
        return Answer(200, body, content_type=f"text/html; charset={charset}")

    def _file(self, path: str, known_tag: str | None) -> Answer:
        linked = any(file.path == path for article in self.articles.values() for file in article.files)
        if not linked:
            return Answer(404)
        revision = self.revised_files.get(path, 0)
        tag = f'"{revision}"'
        if tag == known_tag:
            return Answer(304, headers=(("ETag", tag),))
        body = f"%PDF-1.4\n% {path} {revision}\n%%EOF\n".encode()
        return Answer(200, body, (("ETag", tag),), "application/pdf")

    def _absent(self, what: str, view: pages.View) -> Answer:
        """`404`, `410`, `soft`, `form` (a login form), or `301 PATH`, `302 PATH`."""
        status, _, target = what.partition(" ")
        if target:
            return Answer(int(status), headers=(("Location", target),))
        if what == "form":
            return self._page(pages.login_page(view))
        text = "Trang mà bạn yêu cầu không tồn tại, đã bị xóa hoặc đã được chuyển sang địa chỉ khác."
        html = pages.notice_page("Không tìm thấy trang", text, view)
        return Answer(200 if what == "soft" else int(what), html.encode())


@contextmanager
def serving(portal: Portal) -> Iterator[str]:
    """Serves the portal on loopback; gives its address without a final slash."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536
        timeout = 60

        def do_GET(self) -> None:
            answer = portal.answer(self.path, self.headers.get("If-None-Match"))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD" and answer.status != 304:
                self.wfile.write(answer.body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """`asked` is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
