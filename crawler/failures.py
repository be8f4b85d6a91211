"""What a download failure means for an address: the exceptions of Scrapy and of TLS as outcome kinds.

What it does not do: retry (the middlewares did) or store.
"""

from __future__ import annotations

import ssl

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

from crawler.fetching.answer import NotHttp
from storage.vocabulary import OutcomeKind

_KINDS: tuple[tuple[type[BaseException], OutcomeKind], ...] = (
    (CannotResolveHostError, OutcomeKind.DNS),
    (DownloadTimeoutError, OutcomeKind.TIMEOUT),
    (ssl.SSLError, OutcomeKind.TLS),
    (DownloadCancelledError, OutcomeKind.TOO_BIG),
    (ResponseDataLossError, OutcomeKind.INCOMPLETE),
    (DownloadConnectionRefusedError, OutcomeKind.CONNECT),
    (UnsupportedURLSchemeError, OutcomeKind.BLOCKED),
    (NotHttp, OutcomeKind.PROTOCOL),
    (DownloadFailedError, OutcomeKind.LOST),
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
    """The error, and what it was raised from."""
    found: list[BaseException] = []
    queue = [error]
    while queue:
        current = queue.pop(0)
        if current is None or current in found:
            continue
        found.append(current)
        queue += [current.__cause__, current.__context__]
    return found


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]
