"""JSON as it is written: one object on one line for files and pipes of JSON lines, or a file that people read too.

What it does not do: decide keys. RFC 8259 in UTF-8; characters that some readers take for the end of a line (U+0085,
U+2028, U+2029) are escaped, and so are lone surrogates, which are no UTF-8.
"""

from __future__ import annotations

import json
import re
from typing import Any

_ESCAPED = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def json_line(value: Any) -> str:
    """`value` as JSON without a line break. `ValueError` for NaN and infinity, which are no JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_bytes(value: Any) -> bytes:
    """`value` as a JSON file."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    return (_ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n").encode()
