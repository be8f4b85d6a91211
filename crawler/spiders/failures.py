"""What a download failure means for an address: the exceptions of Scrapy, Twisted and OpenSSL as outcome kinds.

What it does not do: retry (Scrapy's retry middleware did) or store.
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
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

from crawler.middlewares import RefusedRequest
from storage.records import OutcomeKind

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


def outcome_of(failure: Failure) -> tuple[OutcomeKind, str]:
    """The outcome kind of a failed download, and one line that says why."""
    error = failure.value
    if isinstance(error, RefusedRequest):
        return error.kind, str(error)
    causes = list(_causes(error))
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
