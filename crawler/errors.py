"""The exceptions of the crawler, and the exit code each one ends a command with.

    PortalwatchError                     one line for the user: what, where, what to do
    ├── UsageError                 2     wrong command line: unknown portal, bad URL, unreadable file
    │   └── TomlError              2     a portal or settings file that cannot be used (file, line, key)
    ├── DeliveryError                    a letter that a server did not take; it waits, and others go on
    └── ReadingError                     a page that cannot be read; an outcome of its URL, the crawl goes on
        ├── BodyError                    the payload does not decode
        │   ├── IncompleteBody           cut short: the compressed stream has no end
        │   ├── BodyTooBig               more than `max_bytes` once decoded
        │   └── BadEncoding              not what Content-Encoding says
        ├── EmptyBody                    nothing, or blanks only
        ├── NotHtml                      another kind of file
        ├── NotXml                       no feed or sitemap where one was expected
        ├── ParseLimits                  a tag too long or nesting too deep to be parsed safely
        └── Unreadable                   HTML, but a mandatory field was not found
            └── OtherPage                a list of articles where an article was expected, or none where one was

The storage errors (exit codes 3 and 4) are in `storage.errors`: storage knows nothing of the crawler.
"""

from __future__ import annotations


class PortalwatchError(Exception):
    """Base of all: `str(error)` is one line fit for the user."""

    exit_code = 1


class UsageError(PortalwatchError):
    """The command line or a file that it names cannot be used."""

    exit_code = 2


class TomlError(UsageError):
    """A portal, platform or settings file is wrong. The message names file, line and key."""


class DeliveryError(PortalwatchError):
    """A letter could not be handed over. The message says why, without a secret.

    `down`: True where the server could not be reached or did not answer in time, so that its other channels need not
    try; `again`: where it may be tried again in a moment; `retry_after_s`: how long it wants to be left alone.
    """

    def __init__(
        self, reason: str, *, down: bool = False, again: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.down = down
        self.again = again
        self.retry_after_s = retry_after_s


class ReadingError(PortalwatchError):
    """A page cannot be read. `kind` is the value of the `OutcomeKind` it becomes."""

    kind = "unreadable"


class BodyError(ReadingError):
    """The payload does not decode."""

    kind = "decode_error"


class IncompleteBody(BodyError):
    """The compressed body has no end: a cut page must never become a version (FAULTS finding 1)."""

    kind = "incomplete"


class BodyTooBig(BodyError):
    """The body is larger than the bound once decoded."""

    kind = "too_big"


class BadEncoding(BodyError):
    """The body is not in the encoding that its header names."""


class EmptyBody(ReadingError):
    """No bytes, or blanks only."""

    kind = "empty"


class NotHtml(ReadingError):
    """Another kind of file, whatever its Content-Type says."""

    kind = "not_html"


class NotXml(ReadingError):
    """No feed or sitemap, although one was expected."""


class ParseLimits(ReadingError):
    """Parsing would hang or lose text (FAULTS findings 2 and 3)."""

    kind = "parse_limits"


class Unreadable(ReadingError):
    """A mandatory field was not found. Says which, with which rule, on which URL."""


class OtherPage(Unreadable):
    """A sound page of another kind: a list or a home page at an article's address, no list where a section was."""

    kind = "other_page"
