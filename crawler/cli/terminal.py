"""Whether a person watches a stream."""

from __future__ import annotations

from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """False for a file, for a pipe, and for a stream that was closed before we began, which Python has as None."""
    return stream is not None and stream.isatty()
