"""What of a page a server makes anew for each visitor and nobody reads: form state, tokens, scripts, comments.

Two answers that differ in nothing else say the same, so the later one need not be read. It errs on the safe side: only
a part that no reading looks at, whatever stands around it, is masked. A page with a counter or a clock in its text
differs every time, and is found unchanged by its fields. What it does not do: read a page.
"""

from __future__ import annotations

import re

_MASKED = re.compile(
    rb"""
    <(?:
        (?P<input> input\b[^<>]{0,300}?\btype\s*=\s*["']?hidden\b[^<>]*> )     # __VIEWSTATE, __REQUESTDIGEST, _token
      | (?P<meta> meta\b[^<>]{0,300}?\bname\s*=\s*["']?csrf-(?:token|param)\b[^<>]*> )
      | (?P<script> script\b(?:\s[^<>]*)?>(?:(?!-->)[^<])*(?=</script\b) )       # nonces, correlation ids, clocks
      | (?P<comment> !--(?!\[if|>|->)[^<>]*?--> )                               # "rendered in 0.31 s"; no condition
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""No part may hold a `<` within: so it is one piece for every HTML parser, and no text lies in it.

Only behind a tag that was never closed could that be otherwise.
A script that begins within a comment would end it (`<!-- <script> --> text </script>`), hence no `-->` within either.
What stands before the word that decides is bounded: else a tag without end would cost the square of its length.
"""
_EMPTY = {"input": b"<input type=hidden>", "meta": b"<meta>", "script": b"<script>", "comment": b"<!-- -->"}


def mask(content: bytes) -> bytes:
    """`content` with these parts emptied. Of text in UTF-16 nothing is masked."""
    return _MASKED.sub(_emptied, content)


def _emptied(part: re.Match[bytes]) -> bytes:
    return _EMPTY[part.lastgroup or ""]
