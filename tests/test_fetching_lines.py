"""Requests as they reach a server, and connections that are used again, opened anew, or go through a proxy."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, UnsupportedURLSchemeError
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.misc import build_from_crawler
from small_portal import SmallPortal, article

from crawler.fetching.handler import WIRE_HEADERS, PortalHandler

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class KeptServer:
    """A server that answers on a connection as often as it is asked, `answers` in turn; the last one for ever.

    An empty answer hangs up.
    """

    def __init__(self, *answers: bytes, context: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.connections = 0
        self._context = context

    @contextmanager
    def running(self) -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield listener.getsockname()[1]
            listener.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while request := _request(connection):
                self.asked.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not answer:
                    return
                connection.sendall(answer)
                if request.startswith(b"CONNECT") and self._context is not None:
                    self._serve(self._context.wrap_socket(connection, server_side=True))
                    return


def _request(connection: socket.socket) -> bytes:
    came = b""
    while b"\r\n\r\n" not in came:
        try:
            more = connection.recv(65536)
        except OSError:
            return b""
        if not more:
            return b""
        came += more
    head, _, body = came.partition(b"\r\n\r\n")
    if b"Content-Length: " in head:
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def fetch(*requests: Request, ca_file: Path | None = None, usual: dict[str, str] | None = None) -> list[Response]:
    """The answers, one after another, of a handler whose portal may be on this machine."""
    rules = SimpleNamespace(allow_private=True, verify_tls=True, ca_file=ca_file, old_tls=False)
    portal = SimpleNamespace(fetch=rules, hosts=("127.0.0.1", "localhost"))
    settings = Settings({"DOWNLOAD_TIMEOUT": 20, "DOWNLOAD_MAXSIZE": 1 << 20, "USER_AGENT": None})
    settings.set("DEFAULT_REQUEST_HEADERS", usual or {})
    crawler: Any = SimpleNamespace(spidercls=SimpleNamespace(portal=portal), settings=settings)

    async def run() -> list[Response]:
        handler = build_from_crawler(PortalHandler, crawler)
        try:
            return [await handler.download_request(request) for request in requests]
        finally:
            await handler.close()

    return asyncio.run(run())


SENT = {
    "": "/",
    "/": "/",
    "/a?": "/a?",
    "?a=1": "/?a=1",
    "/a?b#c": "/a?b",
    "/tin-t%E1%BB%A9c/%7Ea": "/tin-t%E1%BB%A9c/%7Ea",
    "/%zz|[1]": "/%zz|[1]",
    "/a;jsessionid=1?b=%20&c=+": "/a;jsessionid=1?b=%20&c=+",
    "//a/../b": "//a/../b",
}


def test_addresses_are_sent_letter_for_letter() -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        for path in SENT:
            request = Request(f"http://127.0.0.1:{port}/")
            request._url = f"http://127.0.0.1:{port}{path}"  # past Scrapy, which has its own spelling
            fetch(request)
    assert [request.split(b" ")[1].decode() for request in server.asked] == list(SENT.values())


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: 1", "/tin-tức", "/a\0"])
def test_address_that_could_be_two_lines_is_not_sent(path: str) -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        request = Request(f"http://127.0.0.1:{port}/")
        request._url = f"http://127.0.0.1:{port}{path}"
        with pytest.raises(UnsupportedURLSchemeError):
            fetch(request)
    assert server.asked == []


def test_request_has_the_usual_headers_where_it_says_nothing_else() -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        url = f"http://127.0.0.1:{port}/a"
        fetch(Request(url), Request(url, headers={"accept": "b"}), usual={"Accept": "a\r\nEvil: 1", "Vary": "c"})
    first, second = (request.split(b"\r\n")[2:-2] for request in server.asked)
    assert first == [b"Accept: a Evil: 1", b"Vary: c"]
    assert second == [b"Accept: b", b"Vary: c"]


def test_request_has_its_headers_one_line_each_and_no_credentials() -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        fetch(Request(f"http://ten:mat-khau@127.0.0.1:{port}/a", headers={"If-None-Match": '"1"\r\nX-Evil: 1'}))
    assert (
        server.asked[0] == f'GET /a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nIf-None-Match: "1" X-Evil: 1\r\n\r\n'.encode()
    )


def test_form_is_posted_with_its_length() -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        fetch(
            Request(f"http://127.0.0.1:{port}/a", method="POST", body=b"trang=2"), Request(f"http://127.0.0.1:{port}/b")
        )
    assert server.asked[0].endswith(b"\r\nContent-Length: 7\r\n\r\ntrang=2")
    assert b"Content-Length" not in server.asked[1]


def test_headers_of_the_answer_are_kept_but_for_those_of_the_connection() -> None:
    head = b"HTTP/1.1 200 OK\r\nserver: x\r\nConnection: keep-alive\r\neTag: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with KeptServer(head + b"2\r\nhi\r\n0\r\n\r\n").running() as port:
        request = Request(f"http://127.0.0.1:{port}/")
        (answer,) = fetch(request)
    assert (answer.status, answer.body, answer.headers["ETag"], str(answer.ip_address)) == (
        200,
        b"hi",
        b"1",
        "127.0.0.1",
    )
    assert request.meta[WIRE_HEADERS] == ((b"server", b"x"), (b"eTag", b"1"))


def test_warc_has_the_headers_in_the_order_and_the_letters_of_the_server(portal: SmallPortal) -> None:
    head = b"HTTP/1.1 200 OK\r\nx-oDD: 2\r\nSERVER: a\r\nContent-type: text/html\r\nETag: 1\r\nX-Odd: 1\r\n"
    body = article("Tin a").encode()
    portal.publish("/a")
    portal.server.routes["/a"] = head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert portal.crawl().code == 0
    (file,) = portal.archive.rglob("*.warc.gz")
    assert head + b"Content-Length: %d\r\n\r\n" % len(body) + body in gzip.decompress(file.read_bytes())


def test_connection_is_used_again() -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        fetch(*(Request(f"http://127.0.0.1:{port}/{number}") for number in range(5)))
    assert (server.connections, len(server.asked)) == (1, 5)


ENDED: dict[str, bytes] = {
    "by-its-header": PAGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    "by-bytes-after-it": PAGE + b"<!-- served by x -->",
    "by-version-1.0": PAGE.replace(b"/1.1", b"/1.0"),
}


@pytest.mark.parametrize("name", ENDED)
def test_connection_that_an_answer_ends_is_not_used_again(name: str) -> None:
    server = KeptServer(ENDED[name])
    with server.running() as port:
        answers = fetch(*(Request(f"http://127.0.0.1:{port}/{number}") for number in range(3)))
    assert [answer.body for answer in answers] == [b"hello"] * 3
    assert server.connections == 3


def test_connection_that_was_hung_up_while_idle_is_opened_anew_but_nothing_is_posted_twice() -> None:
    server = KeptServer(PAGE, b"", PAGE, b"")
    with server.running() as port:
        get, post = Request(f"http://127.0.0.1:{port}/"), Request(f"http://127.0.0.1:{port}/", method="POST", body=b"x")
        assert [answer.body for answer in fetch(get, get)] == [b"hello"] * 2
        assert (server.connections, len(server.asked)) == (2, 3)
        server.answers = [PAGE, b""]
        with pytest.raises(DownloadFailedError, match="before an answer came"):
            fetch(get, post)
    assert len(server.asked) == 5


def test_proxy_is_asked_for_the_whole_address() -> None:
    server = KeptServer(PAGE)
    with server.running() as port:
        meta = {"proxy": f"http://127.0.0.1:{port}"}
        fetch(Request("http://www.example.vn/a?b=1", meta=meta, headers={"Proxy-Authorization": "Basic eDp5"}))
    assert server.asked[0].startswith(b"GET http://www.example.vn/a?b=1 HTTP/1.1\r\nHost: www.example.vn\r\n")
    assert b"Proxy-Authorization: Basic eDp5\r\n" in server.asked[0]


def test_proxy_of_a_secure_address_passes_tls_on_and_sees_no_more_than_the_host(tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("www.example.vn").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = KeptServer(b"HTTP/1.1 200 Connection established\r\n\r\n", PAGE, context=context)
    with server.running() as port:
        meta = {"proxy": f"http://127.0.0.1:{port}"}
        request = Request("https://www.example.vn/a", meta=meta, headers={"Proxy-Authorization": "Basic eDp5"})
        (answer,) = fetch(request, ca_file=tmp_path / "ca.pem")
        assert answer.body == b"hello"
    tunnel, asked = server.asked
    assert (
        tunnel
        == b"CONNECT www.example.vn:443 HTTP/1.1\r\nHost: www.example.vn:443\r\nProxy-Authorization: Basic eDp5\r\n\r\n"
    )
    assert asked == b"GET /a HTTP/1.1\r\nHost: www.example.vn\r\n\r\n"


def test_proxy_that_refuses_is_told() -> None:
    with KeptServer(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").running() as port:
        request = Request("https://www.example.vn/a", meta={"proxy": f"http://127.0.0.1:{port}"})
        with pytest.raises(DownloadFailedError, match="the proxy answered 403"):
            fetch(request)
