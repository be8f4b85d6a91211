"""A small HTTP server on loopback that answers with exactly the bytes it is told to, however broken they are.

It also remembers what was asked and when, and how many requests it had in hand at once.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class Asked:
    """One request."""

    at: float
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Served:
    """One answer as it left the server."""

    path: str
    sent: bytearray
    """What was handed to the network so far, at most the first `MOST_REMEMBERED` bytes."""
    method: str = "GET"


MOST_REMEMBERED = 1 << 20


class Line(socket.socket):
    """A connection that remembers what was sent on it."""

    sent: bytearray
    waiting: Callable[[], None] | None = None
    """Is told once that the answer begins."""

    @classmethod
    def of(cls, connection: socket.socket) -> Line:
        """Takes the connection over."""
        line = cls(fileno=connection.detach())
        line.sent = bytearray()
        return line

    def sendall(self, data: bytes, *flags: int) -> None:  # type: ignore[override]
        self.sent += data[: MOST_REMEMBERED - len(self.sent)]  # before: the client may be quicker than this thread
        self.begin()
        super().sendall(data, *flags)

    def begin(self) -> None:
        """The answer begins, or there is none."""
        tell, self.waiting = self.waiting, None
        if tell is not None:
            tell()


Answer = bytes | Callable[[socket.socket, Asked], None]
"""Bytes are sent as they are and the connection is closed; a function does what it likes with the socket."""


class FaultServer:
    """Use in a `with` statement. `routes` gives the answer of each path; a list is used up but for its last answer."""

    def __init__(self, routes: Mapping[str, Answer | Sequence[Answer]] | None = None) -> None:
        self.routes: dict[str, Answer | Sequence[Answer]] = dict(routes or {})
        self.posts: dict[str, bytes] = {}
        """Answers to POST requests, by `<path> <what is in the body>`."""
        self.asked: list[Asked] = []
        self.served: list[Served] = []
        """Every answer, in the order of their requests: what a site can bear witness of."""
        self.most_at_once = 0
        """Requests that waited at the same time for their answer to begin."""
        self._at_once = 0
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._open: set[Line] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def hits(self) -> Counter[str]:
        """Requests by path."""
        return Counter(asked.path for asked in self.asked)

    @property
    def posted(self) -> list[tuple[str, bytes]]:
        """(path, body) of the POST requests, in order."""
        return [(asked.path, asked.body) for asked in self.asked if asked.method == "POST"]

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                _quietly(lambda c=connection: c.shutdown(socket.SHUT_RDWR))
        self._acceptor.join()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection = Line.of(self._listener.accept()[0])
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Line) -> None:
        with connection:
            asked = _read_request(connection)
            if asked is not None:
                with self._lock:
                    self.asked.append(asked)
                    self.served.append(Served(asked.path, connection.sent, asked.method))
                    self._at_once += 1
                    self.most_at_once = max(self.most_at_once, self._at_once)
                    answer = self._answer(asked)
                connection.waiting = self._one_less
                _quietly(lambda: connection.sendall(answer) if isinstance(answer, bytes) else answer(connection, asked))
                connection.begin()
            with self._lock:
                self._open.discard(connection)

    def _one_less(self) -> None:
        with self._lock:
            self._at_once -= 1

    def _answer(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            answers = (answer for key, answer in self.posts.items() if _is_meant(key, asked))
            return next(answers, http("", "500 Internal Server Error"))
        found = self.routes.get(asked.path, http("", "404 Not Found"))
        if isinstance(found, bytes) or callable(found):
            return found
        if len(found) > 1:
            self.routes[asked.path] = found[1:]
        return found[0]


def _read_request(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = connection.recv(65536)
        except OSError:
            return None
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Asked(time.monotonic(), path, headers, method, body)


def _is_meant(key: str, asked: Asked) -> bool:
    path, _, words = key.partition(" ")
    return path == asked.path and words.encode() in asked.body


def _quietly(do: Callable[[], object]) -> None:
    with contextlib.suppress(OSError):  # the client was faster
        do()


def http(body: str | bytes = b"", status: str = "200 OK", **headers: str | None) -> bytes:
    """A whole answer. `Retry_After="5"` becomes the header Retry-After; Content-Type and -Length are added."""
    payload = body.encode() if isinstance(body, str) else body
    given: dict[str, str | None] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(payload)),
        "Connection": "close",
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items() if value is not None)]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + payload


def zipped(body: str | bytes, *, keep: int | None = None, **headers: str) -> bytes:
    """A gzip answer, of whose body only `keep` bytes are sent; Content-Length is of what is sent."""
    payload = gzip.compress(body.encode() if isinstance(body, str) else body, mtime=0)[:keep]
    return http(payload, Content_Encoding="gzip", **headers)


def redirect(location: str, status: str = "302 Found") -> bytes:
    return http("", status, Location=location)


def reset(connection: socket.socket, _: Asked) -> None:
    """Breaks the connection (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def stall(connection: socket.socket, _: Asked) -> None:
    """Says nothing until the client or the test gives up."""
    while connection.recv(65536):
        pass


def reset_after(part: bytes) -> Callable[[socket.socket, Asked], None]:
    """Sends a part of an answer and breaks the connection (RST) once the client has it."""

    def send(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(part)
        time.sleep(0.05)
        reset(connection, asked)

    return send


def stall_after(part: bytes) -> Callable[[socket.socket, Asked], None]:
    """Sends a part of an answer and nothing more."""

    def send(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(part)
        stall(connection, asked)

    return send


def drip(answer: bytes, at_once: int = 0, every_s: float = 0.1) -> Callable[[socket.socket, Asked], None]:
    """The answer byte by byte, so that something always comes; the first `at_once` bytes together."""

    def send(connection: socket.socket, _: Asked) -> None:
        connection.sendall(answer[:at_once])
        for number in range(at_once, len(answer)):
            connection.sendall(answer[number : number + 1])
            time.sleep(every_s)

    return send


class Held:
    """An answer that comes once it is released."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked, self.released = threading.Event(), threading.Event()

    def __call__(self, connection: socket.socket, _: Asked) -> None:
        self.asked.set()
        self.released.wait(60)
        connection.sendall(self.answer)


def slowly(answer: bytes, seconds: float) -> Callable[[socket.socket, Asked], None]:
    """The answer after a while."""

    def send(connection: socket.socket, _: Asked) -> None:
        time.sleep(seconds)
        connection.sendall(answer)

    return send
