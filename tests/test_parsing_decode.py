"""Content-Encoding: whole or not at all (FAULTS findings 1, cases 12, 43, 44)."""

from __future__ import annotations

import gzip
import os
import tracemalloc
import zlib

import brotli
import pytest
from bombs import BOMBS, zstd
from pace import bounded

from crawler.errors import BadEncoding, BodyTooBig, IncompleteBody
from crawler.parsing.decode import decode_payload

PAGE = ("<html><body><p>" + "Phan Rang – Tháp Chàm. " * 3000 + "</p></body></html>").encode()


def zstd_frame(content: bytes, *, window: int) -> bytes:
    """One block as it is, and how much memory the frame asks for (RFC 8878 §3.1.1.1.2)."""
    return b"\x28\xb5\x2f\xfd\x00" + bytes([window]) + (len(content) << 3 | 1).to_bytes(3, "little") + content


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    "payload, header",
    [
        (PAGE, None),
        (PAGE, ""),
        (PAGE, "identity"),
        (PAGE, "utf-8"),
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE), "GZIP"),
        (gzip.compress(PAGE), "x-gzip"),
        (zlib.compress(PAGE), "deflate"),
        (raw_deflate(PAGE), "deflate"),
        (gzip.compress(gzip.compress(PAGE)), "gzip, gzip"),
        (gzip.compress(gzip.compress(PAGE)), "gzip"),
        (gzip.compress(zlib.compress(PAGE)), "deflate, gzip"),
        (gzip.compress(PAGE), None),
        (gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:]), "gzip"),
        (gzip.compress(PAGE) + b"\0" * 512, "gzip"),
        (gzip.compress(PAGE) + b"trailing", "gzip"),
        (brotli.compress(PAGE), "br"),
        (brotli.compress(PAGE), "BR"),
        (gzip.compress(brotli.compress(PAGE)), "br, gzip"),
        (zstd.compress(PAGE), "zstd"),
        (zstd.compress(PAGE[:100]) + zstd.compress(PAGE[100:]), "zstd"),
        (zstd.compress(PAGE) + b"trailing", "zstd"),
        (zstd_frame(PAGE, window=0x68), "zstd"),  # eight megabytes
    ],
)
def test_decode_gives_the_whole_content(payload, header):
    assert decode_payload(payload, header) == PAGE


@pytest.mark.parametrize("header", ["gzip", "deflate", "br", "zstd", None])
def test_decode_of_nothing_is_nothing(header):
    assert decode_payload(b"", header) == b""


@pytest.mark.parametrize("kept", [5, 20, 200, -9, -8, -4, -1])
def test_fault_012_truncated_gzip_is_incomplete(kept):
    with pytest.raises(IncompleteBody):
        decode_payload(gzip.compress(PAGE)[:kept], "gzip")


@pytest.mark.parametrize("packed", [zlib.compress(PAGE), raw_deflate(PAGE)])
def test_decode_truncated_deflate_is_incomplete(packed):
    with pytest.raises(IncompleteBody):
        decode_payload(packed[:-1], "deflate")


@pytest.mark.parametrize("pack, header", [(brotli.compress, "br"), (zstd.compress, "zstd")], ids=["br", "zstd"])
@pytest.mark.parametrize("content", [PAGE, os.urandom(900_000)], ids=["page", "noise"])
@pytest.mark.parametrize("kept", [1, 3, 0.5, -1])
def test_fault_012_truncated_brotli_or_zstd_is_incomplete(pack, header, content, kept):
    packed = pack(content)
    with pytest.raises(IncompleteBody):
        decode_payload(packed[: int(kept * len(packed)) if kept == 0.5 else kept], header)


@pytest.mark.parametrize("pack, header", [(brotli.compress, "br"), (zstd.compress, "zstd")], ids=["br", "zstd"])
def test_decode_of_what_cannot_be_packed_gives_the_whole_content(pack, header):
    noise = os.urandom(1_500_000)
    assert decode_payload(pack(noise), header) == noise


def test_decode_truncated_second_member_is_incomplete():
    with pytest.raises(IncompleteBody):
        decode_payload(gzip.compress(PAGE) + gzip.compress(PAGE)[:-4], "gzip")


@pytest.mark.parametrize(
    "payload, header",
    [
        (PAGE, "gzip"),
        (b"\x1f\x8b\x08" + b"garbage" * 10, "gzip"),
        (gzip.compress(PAGE)[:60] + b"\xff" * 60 + gzip.compress(PAGE)[120:], "gzip"),
        (gzip.compress(PAGE)[:-8] + b"\0\0\0\0" + gzip.compress(PAGE)[-4:], "gzip"),
        (PAGE, "br"),
        (PAGE, "zstd"),
        (PAGE, "chunked-nonsense"),
        (PAGE, "gzip, gzip, gzip, gzip, gzip"),
        (b"\xff\xff\xff\xff\xff", "deflate"),
        (brotli.compress(PAGE) + b"trailing", "br"),
        (zstd_frame(PAGE, window=0xA8), "zstd"),  # two gigabytes
    ],
)
def test_fault_044_damaged_or_unknown_coding_is_bad_encoding(payload, header):
    with pytest.raises(BadEncoding):
        decode_payload(payload, header)


@pytest.mark.parametrize("pack, header", [(gzip.compress, "gzip"), (zstd.compress, "zstd")], ids=["gzip", "zstd"])
def test_decode_of_members_without_end_stops_soon(pack, header):
    assert decode_payload(pack(PAGE[:64]) * 1024, header) == PAGE[:64] * 1024
    with bounded(2), pytest.raises(BadEncoding, match="more than 1024 parts"):
        decode_payload(pack(b"") * 200_000, header)


@pytest.mark.parametrize("coding", BOMBS)
def test_fault_043_bomb_stops_at_the_bound(coding):
    tracemalloc.start()
    with pytest.raises(BodyTooBig):
        decode_payload(BOMBS[coding], coding, max_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_decode_counts_all_members_against_the_bound():
    with pytest.raises(BodyTooBig):
        decode_payload(gzip.compress(b"a" * 600) * 2, "gzip", max_bytes=1000)


def test_decode_plain_body_is_bounded_too():
    with pytest.raises(BodyTooBig):
        decode_payload(b"a" * 1001, None, max_bytes=1000)


def test_decode_body_of_exactly_the_bound_is_read():
    assert decode_payload(gzip.compress(b"a" * 1000), "gzip", max_bytes=1000) == b"a" * 1000
