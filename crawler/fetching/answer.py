"""One HTTP/1.x answer from its bytes, as they come.

As patient as browsers are with what is sent besides an answer (a body after 304, bytes after the end, lines that are no
header), and strict about where the answer itself ends: a body that is shorter than announced is never whole. What it
does not do: send, decode or wait. Source: RFC 9112; bounds are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, ResponseDataLossError

MOST_LINE_BYTES = 16 * 1024
"""Of one header line."""
MOST_HEAD_BYTES = 512 * 1024
_MOST_SIZE_BYTES = 4 * 1024  # of the line before a chunk, with its extensions

_STATUS = re.compile(rb"HTTP/(\d)\.(\d) +(\d{3})(?: .*)?", re.IGNORECASE | re.DOTALL)
_HEAD_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"\d{1,18}")
_CHUNK_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,15})\s*(?:;.*)?", re.DOTALL)
_FRAMING = (b"connection", b"transfer-encoding", b"content-length")
_WITHOUT_BODY = (101, 204, 304)


class NotHttp(DownloadFailedError):
    """What came is no HTTP/1.x answer."""


class AnswerReader:
    """Takes the bytes of one answer (`feed`, `end`) until it `is_whole`. Faults are Scrapy's download exceptions."""

    def __init__(self, *, has_body: bool = True, most_bytes: int = 0) -> None:
        self._has_body = has_body
        self._most_bytes = most_bytes
        self._buffer = bytearray()
        self._body = bytearray()
        self._searched = 0
        """Bytes in which the end of the headers was looked for."""
        self._left = 0
        """Bytes of the body, or of its chunk, that are to come."""
        self._step: Callable[[], bool] = self._read_head
        self.status = 0
        self.version = b"1.1"
        self.headers: list[tuple[bytes, bytes]] = []
        """Names as sent, values without the blanks around them, in order."""
        self.is_whole = False
        self.ends_line = False
        """True where nothing more can be asked on the connection."""

    @property
    def has_begun(self) -> bool:
        """True once anything has come."""
        return bool(self._buffer) or self._step != self._read_head

    @property
    def has_head(self) -> bool:
        """True once status and headers are there."""
        return self._step != self._read_head

    @property
    def body(self) -> bytes:
        """The body so far, without its transfer coding."""
        return bytes(self._body)

    def feed(self, data: bytes) -> None:
        """Takes what came."""
        self._buffer += data
        while not self.is_whole and self._step():
            pass
        if self.is_whole and self._buffer:  # not ours: whatever it is, the next answer is not looked for behind it
            self.ends_line = True

    def end(self, *, is_broken: bool) -> None:
        """The connection has ended, by the server's wish or because it broke."""
        self.ends_line = True
        if self.is_whole:
            return
        if self._step == self._read_rest and not is_broken:
            self.is_whole = True
        elif self.has_head:
            raise ResponseDataLossError("the connection ended before the answer did")
        else:
            raise DownloadFailedError("the connection ended before an answer came")

    def _read_head(self) -> bool:
        if self._buffer.startswith((b"\r", b"\n")):  # RFC 9112 §2.2; what is left of a body
            self._buffer = self._buffer.lstrip(b"\r\n")  # at once: looked at with every packet they cost their square
            self._searched = 0
        found = _HEAD_END.search(self._buffer, max(0, self._searched - 3))
        self._searched = len(self._buffer)
        if (found.end() if found else self._searched) > MOST_HEAD_BYTES:
            raise DownloadFailedError(f"headers of more than {MOST_HEAD_BYTES} bytes")
        if found is None:
            if len(self._buffer) >= 9 and self._buffer[:5].upper() != b"HTTP/":
                raise NotHttp(f"no HTTP answer: {bytes(self._buffer[:60])!r}")
            return False
        lines = bytes(self._buffer[: found.start()]).split(b"\n")
        del self._buffer[: found.end()]
        self._searched = 0
        if max(map(len, lines)) > MOST_LINE_BYTES:
            raise DownloadFailedError(f"a header of more than {MOST_LINE_BYTES} bytes")
        status = _STATUS.fullmatch(lines[0].rstrip(b"\r"))
        if status is None:
            raise NotHttp(f"no HTTP answer: {lines[0][:60]!r}")
        self.status = int(status[3])
        self.version = status[1] + b"." + status[2]
        self.headers = _headers(lines[1:])
        if 100 <= self.status < 200 and self.status != 101:  # the answer itself is yet to come
            return True
        self._frame()
        return True

    def _frame(self) -> None:
        """Finds out how long the body is: RFC 9112 §6.3."""
        words = self._words()
        wishes = words.get(b"connection", ())
        self.ends_line = b"close" in wishes or (self.version == b"1.0" and b"keep-alive" not in wishes)
        codings = [word for word in words.get(b"transfer-encoding", ()) if word != b"identity"]
        if not self._has_body or self.status in _WITHOUT_BODY:
            self._finish()
        elif codings:
            if codings != [b"chunked"]:
                raise NotHttp(f"unknown transfer coding {b', '.join(codings)[:60]!r}")
            self._step = self._read_size
        elif lengths := set(words.get(b"content-length", ())):
            length = lengths.pop()
            if lengths or not _LENGTH.fullmatch(length):
                raise NotHttp("headers contradict each other about the length of the body")
            self._left = int(length)
            self._step = self._read_counted
            self._bound(self._left)
        else:
            self.ends_line = True
            self._step = self._read_rest

    def _words(self) -> dict[bytes, list[bytes]]:
        """The words of the headers that say how long the body is, in lower case."""
        found: dict[bytes, list[bytes]] = {}
        for name, value in self.headers:
            key = name.lower()
            if key in _FRAMING:
                found.setdefault(key, []).extend(word.strip() for word in value.lower().split(b",") if word.strip())
        return found

    def _bound(self, size: int) -> None:
        if self._most_bytes and size > self._most_bytes:
            raise DownloadCancelledError(f"{size} bytes or more, where {self._most_bytes} are allowed")

    def _take(self, most: int) -> None:
        """Moves that many bytes of what came into the body."""
        self._body += self._buffer[:most] if most < len(self._buffer) else self._buffer
        del self._buffer[:most]
        self._bound(len(self._body))

    def _finish(self) -> bool:
        self._step = self._read_rest
        self.is_whole = True
        return True

    def _read_counted(self) -> bool:
        came = min(self._left, len(self._buffer))
        self._take(came)
        self._left -= came
        return self._left == 0 and self._finish()

    def _read_rest(self) -> bool:
        self._take(len(self._buffer))
        return False

    def _read_size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        size = _CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise ResponseDataLossError(f"broken chunk: {line[:60]!r}")
        self._left = int(size[1], 16)
        self._bound(len(self._body) + self._left)
        self._step = self._read_chunk if self._left else self._read_trailer
        return True

    def _read_chunk(self) -> bool:
        came = min(self._left, len(self._buffer))
        self._take(came)
        self._left -= came
        if self._left:
            return False
        self._step = self._read_chunk_end
        return True

    def _read_chunk_end(self) -> bool:
        line = self._line()
        if line:
            raise ResponseDataLossError(f"broken chunk: its end has {line[:60]!r}")
        self._step = self._read_size if line is not None else self._read_chunk_end
        return line is not None

    def _read_trailer(self) -> bool:
        line = self._line()
        return line is not None and (bool(line) or self._finish())

    def _line(self) -> bytes | None:
        """The next line of a chunked body, without its end; None where it is not there yet."""
        end = self._buffer.find(b"\n", 0, _MOST_SIZE_BYTES)
        if end < 0:
            if len(self._buffer) > _MOST_SIZE_BYTES:
                raise ResponseDataLossError("broken chunk: a line without an end")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")


def _headers(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Names and values. A line that begins with a blank goes on with the last; one without a colon is left out."""
    found: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and found:
            name, value = found[-1]
            found[-1] = (name, value + b" " + line.strip())
            continue
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            found.append((name.strip(), value.strip()))
    return found
