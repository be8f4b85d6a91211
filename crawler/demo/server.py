"""The site over HTTP on loopback: compression, conditional answers, keep-alive, a count of what was asked.

What it answers is decided in `pages`. It serves one site on one port of 127.0.0.1 until it is closed, and closing it
waits for its threads, so that no socket outlives it.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any

from crawler.demo.pages import Answer, answer, http_date
from crawler.demo.site import Site


class Server:
    """A running server. `close()` it, or use it in a `with` statement."""

    def __init__(self, site: Site, port: int = 0) -> None:
        self.site = site
        self.hits: Counter[str] = Counter()
        """Requests by path and query as asked for."""
        self.statuses: Counter[int] = Counter()
        """Answers by status."""
        self.delay_s = 0.0
        """Wait before each answer, for tests that interrupt a crawl."""
        self._http = _HTTPServer(("127.0.0.1", port), self)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Base address without a final slash, e.g. `http://127.0.0.1:41234`."""
        return f"http://127.0.0.1:{self.port}"

    def reset_hits(self) -> None:
        """Forget what was asked so far."""
        self.hits.clear()
        self.statuses.clear()

    def close(self) -> None:
        """Stop listening, cut idle connections, wait for the threads. Closing again does nothing."""
        if not self._thread.is_alive():
            return
        self._http.shutdown()
        self._thread.join()
        self._http.cut_connections()
        self._http.server_close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def serve(site: Site, port: int = 0) -> Iterator[Server]:
    """The site served on 127.0.0.1 while the `with` block runs; port 0 takes a free one."""
    with Server(site, port) as server:
        yield server


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: Server) -> None:
        self.owner = owner
        self._connections: set[socket.socket] = set()
        self._connections_lock = Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        """Wake the threads that wait for a further request on a kept-alive connection."""
        with self._connections_lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of the site."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-IIS/7.5"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536  # headers and body leave together
    server: _HTTPServer

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.hits[self.path] += 1
        if owner.delay_s:
            time.sleep(owner.delay_s)
        found = answer(owner.site, self.path, {name.lower(): value for name, value in self.headers.items()})
        owner.statuses[found.status] += 1
        self._send(found)

    do_HEAD = do_GET

    def _send(self, found: Answer) -> None:
        body = found.body
        self.send_response(found.status)
        for name, value in found.headers:
            self.send_header(name, value)
        if found.status != 304:
            self.send_header("Content-Type", found.content_type)
            if body and "gzip" in self.headers.get("Accept-Encoding", "") and found.content_type.startswith("text/"):
                body = gzip.compress(body, mtime=0)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and found.status != 304:
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header: the site's clock, not the machine's."""
        return http_date(self.server.owner.site.now.timestamp() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: `hits` is enough."""
