"""Answers as servers send them: where one ends, what is forgiven and what is not, however the network cuts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import bounded
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, ResponseDataLossError

from crawler.fetching.answer import MOST_HEAD_BYTES, MOST_LINE_BYTES, AnswerReader, NotHttp

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(*parts: bytes, is_broken: bool = False, has_body: bool = True, most_bytes: int = 0) -> AnswerReader:
    """The reader after these parts, and after the end of the connection where they were not all."""
    reader = AnswerReader(has_body=has_body, most_bytes=most_bytes)
    for part in parts:
        if not reader.is_whole:
            reader.feed(part)
    if not reader.is_whole:
        reader.end(is_broken=is_broken)
    return reader


BOTH = b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE: dict[str, tuple[bytes, int, bytes, bool]] = {
    "counted": (OK + b"Content-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "empty": (OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    "until-the-end": (OK + b"\r\nhello", 200, b"hello", False),
    "chunked": (CHUNKED + b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n", 200, b"hello world", True),
    "chunked-with-trailer": (CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", 200, b"hello", True),
    "chunked-with-bare-line-ends": (CHUNKED + b"5\nhello\n0\n\n", 200, b"hello", True),
    "chunk-sizes-padded": (CHUNKED + b"0005  \r\nhello\r\n0\r\n\r\n", 200, b"hello", True),
    "bare-line-ends": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, b"hello", True),
    "no-reason": (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "reason-in-utf-8": ("HTTP/1.1 404 Không thấy\r\nContent-Length: 2\r\n\r\nhi".encode(), 404, b"hi", True),
    "small-letters": (b"http/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, b"hello", True),
    "blank-line-first": (b"\r\n" + OK + b"Content-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "status-of-its-own": (b"HTTP/1.1 999 Odd\r\nContent-Length: 5\r\n\r\nhello", 999, b"hello", True),
    "100-continue": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", 200, b"hi", True),
    "103-early-hints": (b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "304-with-length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\n\r\n", 304, b"", True),
    "304-with-body": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", 304, b"", False),
    "bytes-after-the-end": (OK + b"Content-Length: 5\r\n\r\nhello<!-- served -->", 200, b"hello", False),
    "bytes-after-the-last-chunk": (CHUNKED + b"5\r\nhello\r\n0\r\n\r\njunk", 200, b"hello", False),
    "length-twice": (OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "length-listed": (OK + b"Content-Length: 5, 5\r\n\r\nhello", 200, b"hello", True),
    "length-and-chunked": (OK + BOTH + b"5\r\nhello\r\n0\r\n\r\n", 200, b"hello", True),
    "identity": (OK + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "blank-before-colon": (OK + b"Content-Length : 5\r\n\r\nhello", 200, b"hello", True),
    "no-header": (OK + b"nonsense\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "folded": (OK + b"X: a\r\n  b\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "nul": (OK + b"X: a\0b\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "two-hundred-headers": (OK + b"X: 1\r\n" * 200 + b"Content-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "close": (OK + b"Connection: Close\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
    "1.0-kept": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
}  # fmt: skip
"""What came, and: status, body, whether the connection can be asked again."""


@pytest.mark.parametrize("name", WHOLE)
def test_answer_is_read_at_once_and_byte_by_byte(name: str) -> None:
    came, status, body, can_be_asked = WHOLE[name]
    at_once, in_bytes = read(came), read(*(came[at : at + 1] for at in range(len(came))))
    assert (at_once.status, at_once.body, not at_once.ends_line) == (status, body, can_be_asked)
    assert (in_bytes.status, in_bytes.body) == (status, body)


CUT: dict[str, bytes] = {
    "counted": OK + b"Content-Length: 99\r\n\r\nhello",
    "counted-no-body": OK + b"Content-Length: 99\r\n\r\n",
    "chunk": CHUNKED + b"ff\r\n<html>",
    "between-chunks": CHUNKED + b"5\r\nhello\r\n",
    "before-the-last-line": CHUNKED + b"5\r\nhello\r\n0\r\n",
    "no-size": CHUNKED + b"hello world\r\n0\r\n\r\n",
    "negative-size": CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",
    "chunk-longer-than-said": CHUNKED + b"3\r\nhello\r\n0\r\n\r\n",
    "size-without-end": CHUNKED + b"1" * 10_000,
}


@pytest.mark.parametrize("name", CUT)
def test_body_that_is_cut_or_broken_is_never_whole(name: str) -> None:
    with pytest.raises(ResponseDataLossError):
        read(CUT[name])


def test_body_without_a_length_is_cut_where_the_connection_breaks() -> None:
    assert read(OK + b"\r\nhello").body == b"hello"
    with pytest.raises(ResponseDataLossError):
        read(OK + b"\r\nhello", is_broken=True)


NO_HTTP: dict[str, bytes] = {
    "tls": b"\x16\x03\x01 what is this?\r\n\r\n",
    "page-alone": b"<html><body>\r\n\r\n",
    "page-without-end": b"<html><body><h1>Tin",
    "http-2": b"HTTP/2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "no-status": b"HTTP/1.1 OK\r\n\r\n",
    "two-lengths": OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    "negative-length": OK + b"Content-Length: -5\r\n\r\nhello",
    "unknown-coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
}


@pytest.mark.parametrize("name", NO_HTTP)
def test_answer_that_is_no_http_is_told(name: str) -> None:
    with pytest.raises(NotHttp):
        read(NO_HTTP[name])


@pytest.mark.parametrize("came", [b"", b"HTTP/1.1 2", OK, OK + b"Content-Type: text/html\r\n"])
def test_end_before_the_headers_are_there_is_a_lost_answer(came: bytes) -> None:
    with pytest.raises(DownloadFailedError, match="before an answer came"):
        read(came)


@pytest.mark.parametrize("head", [b"X: " + b"x" * MOST_LINE_BYTES, b"X: 1\r\n" * (MOST_HEAD_BYTES // 6 + 1)])
def test_headers_are_bounded(head: bytes) -> None:
    with pytest.raises(DownloadFailedError, match=r"header.* of more than \d+ bytes"):
        read(OK + head + b"\r\n\r\n")


@pytest.mark.parametrize(
    "came",
    [
        OK + b"Content-Length: 11\r\n\r\n",
        CHUNKED + b"B\r\n",
        CHUNKED + b"6\r\n123456\r\n5\r\n",
        OK + b"\r\n" + b"x" * 11,
    ],
)
def test_body_is_bounded_before_it_has_come(came: bytes) -> None:
    with pytest.raises(DownloadCancelledError):
        AnswerReader(most_bytes=10).feed(came)


def test_answer_to_head_has_no_body_however_long_it_is() -> None:
    reader = read(OK + b"Content-Length: 99999\r\n\r\n", has_body=False, most_bytes=10)
    assert (reader.is_whole, reader.body, reader.ends_line) == (True, b"", False)


def test_headers_are_kept_in_order_and_as_they_are_spelt() -> None:
    reader = read(OK + 'etag:  W/"1" \r\nServer: Máy chủ\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n'.encode())
    assert reader.headers == [
        (b"etag", b'W/"1"'), (b"Server", "Máy chủ".encode()), (b"Set-Cookie", b"a"), (b"set-cookie", b"b")
    ]  # fmt: skip


@given(name=st.sampled_from(sorted(WHOLE)), cuts=st.sets(st.integers(1, 200)))
def test_answer_is_the_same_wherever_the_network_cuts_it(name: str, cuts: set[int]) -> None:
    came = WHOLE[name][0]
    places = [0, *sorted(cut for cut in cuts if cut < len(came)), len(came)]
    reader = read(*(came[start:end] for start, end in zip(places, places[1:], strict=False)))
    assert (reader.status, reader.body) == WHOLE[name][1:3]


@given(came=st.binary(max_size=300), start=st.sampled_from([b"", OK, CHUNKED, OK + b"Content-Length: 9\r\n\r\n"]))
def test_any_bytes_end_in_an_answer_or_in_an_exception_of_scrapy(came: bytes, start: bytes) -> None:
    try:
        reader = read(start + came)
    except (DownloadFailedError, ResponseDataLossError):
        return
    assert reader.is_whole


def test_blank_lines_without_end_cost_what_they_are_long() -> None:
    reader = AnswerReader()
    with bounded(1.0):
        for _ in range(2_000):
            reader.feed(b"\r\n" * 700)
    assert not reader.has_begun
