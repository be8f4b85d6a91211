"""A Wayback Machine on loopback: lists of captures and mementos as the real one answers, and its bad days.

The form of the answers follows the Internet Archive's documentation of its CDX server, and the headers of its
mementos; the pages are this project's own.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Snapshot:
    """A capture that the Wayback Machine has."""

    url: str
    stamp: str
    """`20190501030000`"""
    body: bytes = b""
    status: int = 200
    mimetype: str = "text/html"
    location: str | None = None
    playable: bool = True

    @property
    def digest(self) -> str:
        return base64.b32encode(hashlib.sha1(self.body).digest()).decode()

    @property
    def urlkey(self) -> str:
        parts = urlsplit(self.url)
        host = ",".join(reversed(parts.netloc.removeprefix("www.").split(".")))
        return f"{host}){parts.path or '/'}".lower()

    @property
    def line(self) -> str:
        return f"{self.urlkey} {self.stamp} {self.url} {self.mimetype} {self.status} {self.digest} {len(self.body)}"


@dataclass
class Trouble:
    """What the server does instead of answering, so many times."""

    status: int = 503
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    hang_s: float = 0


class WaybackServer:
    """Use in a `with` statement. `troubles` are used up by requests whose path begins with their key."""

    def __init__(self, *snapshots: Snapshot, page: int = 1000) -> None:
        self.snapshots = list(snapshots)
        self.page = page
        self.asked: list[str] = []
        self.troubles: dict[str, Trouble] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> WaybackServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def mementos_asked(self) -> list[str]:
        return [path for path in self.asked if path.startswith("/web/")]

    def search(self, query: dict[str, str]) -> str:
        """Lines of the list; after a page of them an empty line and the key to go on with."""
        url = query["url"]
        plain = url.removesuffix("*").removeprefix("http://").removeprefix("https://").removeprefix("www.")
        chosen = []
        for one in sorted(self.snapshots, key=lambda each: (each.urlkey, each.stamp)):
            bare = one.url.split("://", 1)[1].removeprefix("www.")
            fits = bare.startswith(plain) if url.endswith("*") else bare.rstrip("/") == plain.rstrip("/")
            if fits and query.get("from", "0") <= one.stamp <= query.get("to", "9"):
                chosen.append(one.line)
        start = int(query.get("resumeKey", 0))
        lines = chosen[start : start + self.page]
        rest = start + self.page
        return "".join(f"{line}\n" for line in lines) + (f"\n{rest}\n" if rest < len(chosen) else "")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in ({"Content-Type": "text/plain"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:  # noqa: N802
                outer.asked.append(self.path)
                for prefix, trouble in outer.troubles.items():
                    if self.path.startswith(prefix) and trouble.times > 0:
                        trouble.times -= 1
                        time.sleep(trouble.hang_s)
                        return self.answer(trouble.status, b"trouble", trouble.headers)
                parts = urlsplit(self.path)
                if parts.path == "/cdx/search/cdx":
                    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    return self.answer(200, outer.search(query).encode(), {})
                return self.memento()

            def memento(self) -> None:
                stamp, _, url = self.path.removeprefix("/web/").partition("id_/")
                url = unquote(url)
                found = [one for one in outer.snapshots if (one.stamp, one.url) == (stamp, url) and one.playable]
                if not found:
                    return self.answer(404, b"not archived", {})
                one = found[0]
                at = datetime.strptime(one.stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                headers = {
                    "Content-Type": f"{one.mimetype}; charset=utf-8",
                    "Memento-Datetime": at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
                    "Link": f'<{one.url}>; rel="original"',
                    "X-Archive-Orig-Content-Type": f"{one.mimetype}; charset=utf-8",
                    "X-Archive-Orig-Server": "Microsoft-IIS/7.5",
                }
                if one.location:
                    headers["X-Archive-Orig-Location"] = one.location
                    headers["Location"] = f"/web/{one.stamp}id_/{one.location}"
                return self.answer(one.status, one.body, headers)

        return Handler
