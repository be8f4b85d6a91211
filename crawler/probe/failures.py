"""Why an address gave no page, in one line: what, where, what to do."""

from __future__ import annotations

from crawler.probe.visits import Answer
from storage.vocabulary import OutcomeKind

_WHAT = {
    OutcomeKind.DNS: "there is no such host, or only in a private network; check the spelling, or add --allow-private",
    OutcomeKind.CONNECT: "nothing answers there; check address and port, and whether the site opens in a browser",
    OutcomeKind.TIMEOUT: "no complete answer within a minute; try again later",
    OutcomeKind.ROBOTS: "{detail}; what it forbids is not fetched: choose another listing",
    OutcomeKind.TLS: "its certificate is not accepted ({detail}); write a portal file with ca_file by hand",
    OutcomeKind.CHALLENGE: "{detail}; ask the portal's owner for access",
    OutcomeKind.MAINTENANCE: "the portal is being worked on; try again later",
    OutcomeKind.NOT_HTML: "{detail}; give the address of a page that lists news",
    OutcomeKind.EMPTY: "the answer is empty; see whether the page opens in a browser",
    OutcomeKind.BLOCKED: "{detail}; give an address on the host that holds the news",
}
_ELSE = "{detail}; see whether the page opens in a browser"


def unreachable(answer: Answer, before: str = "") -> str:
    """The line about an answer that is no page."""
    kind = answer.kind or OutcomeKind.PROTOCOL
    what = _WHAT.get(kind, _ELSE).format(detail=answer.detail.removeprefix("the listing is not there: ") or kind.value)
    return f"{answer.url}: {before}{what}"
