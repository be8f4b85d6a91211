"""Bodies of a few kilobytes that are a gigabyte of zeros once decoded (FAULTS 43), by their `Content-Encoding`.

Each is a stream of its coding whose block is repeated, so that making one takes no time. What follows the last block is
not there: nobody may get so far.
"""

from __future__ import annotations

import sys
import zlib

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["BOMBS", "MEGABYTES", "zstd"]

MEGABYTES = 1024
_ZEROS = bytes(1 << 20)


def _deflated(wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first, second = (packer.compress(_ZEROS) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + second * (MEGABYTES - 1)


def _brotli() -> bytes:
    packer = brotli.Compressor(quality=5, lgwin=16)
    first, second, third = (packer.process(_ZEROS) + packer.flush() for _ in range(3))
    assert second == third, "a block that depends on those before it"
    return bytes(first + second * (MEGABYTES - 1))


def _zstd() -> bytes:
    """A frame of one window of 128 KiB and as many blocks that repeat one byte (RFC 8878 §3.1.1.2.2)."""
    size = 128 * 1024
    block = (size << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (MEGABYTES * (len(_ZEROS) // size))


BOMBS = {"gzip": _deflated(31), "deflate": _deflated(15), "br": _brotli(), "zstd": _zstd()}
