"""Letters as a reader sees them: NFC, nothing that prints nothing. It knows strings only."""

from __future__ import annotations

import re
from unicodedata import is_normalized, normalize

INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\xad"
    "\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufffe\\uffff\\ud800-\\udfff]+"
)
"""Code points that print nothing: controls, soft hyphen, zero-width and direction marks, lone surrogates."""


def clean(text: str) -> str:
    """`text` on one line: NFC, no invisible characters, white space (also no-break) collapsed and trimmed."""
    if text.isprintable():  # the blank is the only white space that is printable
        text = text.strip(" ") if "  " not in text else " ".join(text.split())
    else:
        text = one_line(INVISIBLE.sub("", text))
    return text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text)


def one_line(text: str) -> str:
    """`text` with every run of white space one blank and none at its ends, which most texts are as they stand."""
    if "  " not in text and text.isprintable():  # the blank is the only white space that is printable
        return text.strip(" ")
    return " ".join(text.split())


def normal(text: str) -> str:
    """`text` in NFC."""
    return text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text)
