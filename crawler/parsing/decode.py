"""Content-Encoding undone: the bytes of the wire in, the bytes of the page out, whole or not at all.

A cut gzip body reaches us as a good 200 answer with a shorter text (FAULTS finding 1), so a stream without its end is
an error here: gzip has a trailer (RFC 1952 §2.3.1), deflate, Brotli and Zstandard a last block. Decoding stops at
`max_bytes`, before the memory is taken: a bomb of 300 KB is 300 MB (Scrapy's GHSA-7j7m-v7m3-jqm7), one of Brotli 500
bytes (GHSA-2qfp-q593-8484). A crawl asks for gzip and deflate alone; the others come from servers that do not listen,
and in the WARC files that browsers made. It does not look at charsets.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from functools import lru_cache

from crawler.errors import BadEncoding, BodyTooBig, IncompleteBody

MAX_BYTES = 32 * 1024 * 1024
"""Largest body that is read, once decoded; the same bound as the download's."""
_NO_CODING = frozenset({"identity", "none", "binary", "8bit", "utf-8"})
"""What servers write there when nothing was compressed."""
_CHUNK = 256 * 1024
_MAX_CODINGS = 4
_MOST_MEMBERS = 1024
"""Gzip members or Zstandard frames of one body. A page has one; of empty ones a million and a half fit into 32 MiB."""
_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP, _ZLIB, _RAW = 31, 15, -15
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW_LOG = 23
"""8 MiB, the largest window that a server may use (RFC 9659); a frame may ask for gigabytes."""


def decode_payload(payload: bytes, content_encoding: str | None, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of `payload`, whose `Content-Encoding` header is given (RFC 9110 §8.4: last applied, last named).

    A body that is still gzip afterwards was compressed twice by its server and is decoded once more.
    Raises `IncompleteBody`, `BodyTooBig` or `BadEncoding`.
    """
    codings = _codings(content_encoding or "")
    if len(codings) > _MAX_CODINGS:
        raise BadEncoding(f"the body names {len(codings)} content codings; at most {_MAX_CODINGS} are undone")
    _check_size(len(payload), max_bytes)
    if not payload:
        return payload
    content = payload
    for coding in reversed(codings):
        content = _undo(coding, content, max_bytes)
    if content.startswith(_GZIP_MAGIC):
        content = _gunzip(content, max_bytes)
    return content


@lru_cache(maxsize=64)
def _codings(content_encoding: str) -> tuple[str, ...]:
    """The codings that a header names, in its order."""
    names = re.split(r"[,\s]+", content_encoding.lower())
    return tuple(name for name in names if name and name not in _NO_CODING)


def _undo(coding: str, content: bytes, max_bytes: int) -> bytes:
    undo = _CODINGS.get(coding)
    if undo is None:
        raise BadEncoding(f"the body is coded as {coding[:40]!r}, which is none of {', '.join(_CODINGS)}")
    return undo(content, max_bytes)


def _gunzip(content: bytes, max_bytes: int) -> bytes:
    """All members of a gzip stream; bytes after the last one that start no further member are padding."""
    if not content.startswith(_GZIP_MAGIC[: len(content)]):
        raise BadEncoding("the body is said to be gzip but does not begin like it")
    if (page := _at_once(content, max_bytes)) is not None:
        return page
    decoded = bytearray()
    position = members = 0
    while position < len(content) and content.startswith(_GZIP_MAGIC[: len(content) - position], position):
        members += 1
        _check_members(members)
        position = _stream(content, position, _GZIP, decoded, max_bytes)
    return bytes(decoded)


def _at_once(content: bytes, max_bytes: int) -> bytes | None:
    """What a gzip stream of one member and no more than a chunk holds, as most pages are; None of any other."""
    if int.from_bytes(content[-4:], "little") > _CHUNK:  # where its size stands, if it is one
        return None
    stream = zlib.decompressobj(_GZIP)
    try:
        page = stream.decompress(content, _CHUNK)
    except zlib.error:
        return None
    return page if stream.eof and not stream.unused_data and len(page) <= max_bytes else None


def _inflate(content: bytes, max_bytes: int) -> bytes:
    """`deflate` is a zlib stream by the RFC and a raw one by the habit of some servers."""
    is_zlib = len(content) >= 2 and content[0] & 0x0F == 8 and int.from_bytes(content[:2], "big") % 31 == 0
    decoded = bytearray()
    try:
        _stream(content, 0, _ZLIB if is_zlib else _RAW, decoded, max_bytes)
    except BadEncoding:
        if not is_zlib or decoded:
            raise
        _stream(content, 0, _RAW, decoded, max_bytes)  # a raw stream may begin like a zlib header
    return bytes(decoded)


def _stream(content: bytes, position: int, wbits: int, out: bytearray, max_bytes: int) -> int:
    """Append the decoded stream that begins at `position` to `out`; where it ends."""
    stream = zlib.decompressobj(wbits)
    pending = b""
    try:
        while not stream.eof:
            if not pending:
                pending = content[position : position + _CHUNK]
                position += len(pending)
                if not pending:
                    raise _cut(out)
            out += stream.decompress(pending, _CHUNK)
            pending = stream.unconsumed_tail
            _check_size(len(out), max_bytes)
    except zlib.error as error:
        raise _damaged(out, error) from error
    return position - len(stream.unused_data)


def _unbrotli(content: bytes, max_bytes: int) -> bytes:
    """A Brotli stream (RFC 7932); its window is 16 MiB at most. Bytes after its end are damage."""
    import brotli  # here: no server that listens sends it

    stream, decoded, position = brotli.Decompressor(), bytearray(), 0
    try:
        while not stream.is_finished():
            part = b""
            if stream.can_accept_more_data():
                part = content[position : position + _CHUNK]
                position += len(part)
            page = stream.process(part, output_buffer_limit=_CHUNK)
            if not part and not page:
                raise _cut(decoded)
            decoded += page
            _check_size(len(decoded), max_bytes)
    except brotli.error as error:
        raise _damaged(decoded, error) from error
    return bytes(decoded)


def _unzstd(content: bytes, max_bytes: int) -> bytes:
    """All frames of a Zstandard stream (RFC 8878); bytes after the last one that start no further frame are padding."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    decoded, position, frames = bytearray(), 0, 0
    try:
        while position == 0 or content.startswith(_ZSTD_MAGIC, position):
            frames += 1
            _check_members(frames)
            frame = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
            while not frame.eof:
                part = content[position : position + _CHUNK] if frame.needs_input else b""
                if frame.needs_input and not part:
                    raise _cut(decoded)
                position += len(part)
                decoded += frame.decompress(part, _CHUNK)
                _check_size(len(decoded), max_bytes)
            position -= len(frame.unused_data)
    except zstd.ZstdError as error:
        raise _damaged(decoded, error) from error
    return bytes(decoded)


_CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
"""By the name in `Content-Encoding`."""


def _cut(decoded: bytearray) -> IncompleteBody:
    return IncompleteBody(f"the compressed body breaks off after {len(decoded)} decoded bytes")


def _damaged(decoded: bytearray, error: Exception) -> BadEncoding:
    return BadEncoding(f"the compressed body is damaged after {len(decoded)} decoded bytes: {error}")


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise BodyTooBig(f"the body is larger than {max_bytes} bytes")


def _check_members(count: int) -> None:
    if count > _MOST_MEMBERS:
        raise BadEncoding(f"the compressed body has more than {_MOST_MEMBERS} parts")
