"""What of a page a server makes anew for each visitor and nobody reads: form state, tokens, scripts, comments.

Two answers that differ in nothing else say the same, so the later one need not be read. It errs on the safe side: only
a part that no reading looks at, whatever stands around it, is masked. A page with a counter or a clock in its text
differs every time, and is found unchanged by its fields. What it does not do: read a page.
"""

from __future__ import annotations

import re

_MASKED = re.compile(
    rb"""
    <(?=[iImMsS!][nNeEcC-])(?:
        (?P<input> [iI](?i:nput)\b[^<>]{0,300}?\b(?i:type)\s*=\s*["']?(?i:hidden)\b[^<>]*> )  # __VIEWSTATE, _token
      | (?P<meta> [mM](?i:eta)\b[^<>]{0,300}?\b(?i:name)\s*=\s*["']?(?i:csrf-(?:token|param))\b[^<>]*> )
      | (?P<script> [sS](?i:cript)\b(?:\s[^<>]*)?>(?:[^<-]++|-(?!->))*+(?=</(?i:script)\b) )   # nonces, ids, clocks
      | (?P<json> [sS](?i:cript)\b(?=[^<>]*(?:(?i:json)|&\#))[^<>]*>(?:[^<]++|<(?!/(?i:script)\b))*+ )
      | (?P<comment> !--(?!\[if|>|->)[^<>]*?--> )                                             # "rendered in 0.31 s"
    )
    """.replace(b"[^<>]", rb"[\x00-;=?-\xff]")
    .replace(b"[^<-]", rb"[\x00-,.-;=-\xff]")
    .replace(b"[^<]", rb"[\x00-;=-\xff]"),
    re.VERBOSE,
)
"""No part may hold a `<` within: so it is one piece for every HTML parser, and no text lies in it.

Only behind a tag that was never closed could that be otherwise.
A script that begins within a comment would end it (`<!-- <script> --> text </script>`), hence no `-->` within either.
What stands before the word that decides is bounded: else a tag without end would cost the square of its length.
A comment that is a condition is read by some browsers. Most tags are passed by after their first letters.
Sets of all but two letters are given to `re` as the ranges between them: it has a table for those, and passes through
the state of a form in a third of the time.
"""
_NAMES_JSON = re.compile(rb"[^>]*(?:json|&#)", re.IGNORECASE)
"""The tag of a script of which the text is read, `application/ld+json`: it may date the page. Or it may be one, spelled
otherwise. One that holds a `<`, be it a comment's, is the expression's `json`."""
_EMPTY = {"input": b"<input type=hidden>", "meta": b"<meta>", "script": b"<script>", "comment": b"<!-- -->"}


def mask(content: bytes) -> bytes:
    """`content` with these parts emptied. Of text in UTF-16 nothing is masked."""
    return _MASKED.sub(_emptied, content)


def _emptied(part: re.Match[bytes]) -> bytes:
    kind = part.lastgroup or ""
    is_read = kind == "json" or (kind == "script" and not part[0].endswith(b">") and _NAMES_JSON.match(part[0]))
    return part[0] if is_read else _EMPTY[kind]
