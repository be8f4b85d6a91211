"""What a download failure means for an address: the exceptions of Scrapy, Twisted and OpenSSL as outcome kinds.

What it does not do: retry (the middlewares did) or store.
"""

from __future__ import annotations

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet import error as internet
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

from storage.vocabulary import OutcomeKind

_KINDS: tuple[tuple[type[BaseException], OutcomeKind], ...] = (
    (CannotResolveHostError, OutcomeKind.DNS),
    (internet.DNSLookupError, OutcomeKind.DNS),
    (DownloadTimeoutError, OutcomeKind.TIMEOUT),
    (internet.TimeoutError, OutcomeKind.TIMEOUT),
    (VerificationError, OutcomeKind.TLS),
    (SSL.Error, OutcomeKind.TLS),
    (DownloadCancelledError, OutcomeKind.TOO_BIG),
    (ResponseDataLossError, OutcomeKind.INCOMPLETE),
    (DownloadConnectionRefusedError, OutcomeKind.CONNECT),
    (internet.ConnectError, OutcomeKind.CONNECT),
    (UnsupportedURLSchemeError, OutcomeKind.BLOCKED),
    (ParseError, OutcomeKind.PROTOCOL),
    (DownloadFailedError, OutcomeKind.LOST),
    (internet.ConnectionLost, OutcomeKind.LOST),
    (internet.ConnectionDone, OutcomeKind.LOST),
    (ResponseFailed, OutcomeKind.LOST),
    (IgnoreRequest, OutcomeKind.BLOCKED),
)


class RefusedRequest(IgnoreRequest):
    """A request that was not sent. `kind` is the outcome its address gets."""

    def __init__(self, kind: OutcomeKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def outcome_of(error: BaseException) -> tuple[OutcomeKind, str]:
    """The outcome kind of a failed download, and one line that says why."""
    if isinstance(error, RefusedRequest):
        return error.kind, str(error)
    causes = _causes(error)
    for wanted, kind in _KINDS:
        if any(isinstance(cause, wanted) for cause in causes):
            return kind, _one_line(error)
    return OutcomeKind.PROTOCOL, _one_line(error)


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error, what it was raised from, and the reasons that Twisted packs inside it."""
    found: list[BaseException] = []
    queue = [error]
    while queue:
        current = queue.pop(0)
        if current is None or current in found:
            continue
        found.append(current)
        queue += [current.__cause__, current.__context__]
        queue += [reason.value for reason in getattr(current, "reasons", None) or ()]
    return found


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]
