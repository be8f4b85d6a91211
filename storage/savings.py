"""What need not be sent, read or stored again: answers 304, the same bytes, the same page but for its tokens.

What it does not do: decide that a page is unchanged (`crawler.recording`), or compute what is compared.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection, bindparam, case, exists, func, or_, select

from storage.prepared import PreparedSelect
from storage.records import Kept, ReadBy, Run
from storage.schema import addresses, articles, captures, outcomes, runs, versions
from storage.unread import IS_UNREAD
from storage.vocabulary import Cause, OutcomeKind, Role, Sameness

_original = captures.alias("original")
_later = versions.alias("later")
_LIVE = PreparedSelect(
    select(
        versions.c.capture_id,
        versions.c.rules_fingerprint,
        versions.c.parser_version,
        articles.c.checked_by,
        articles.c.page_digest,
    )
    .select_from(addresses)
    .join(articles, articles.c.article_id == addresses.c.article_id)
    .join(versions, versions.c.version_id == articles.c.version_id)
    .join(captures, captures.c.capture_id == versions.c.capture_id)
    .join(runs, runs.c.run_id == captures.c.run_id)
    .where(
        addresses.c.portal == bindparam("its_portal"),
        addresses.c.address_key == bindparam("its_key"),
        addresses.c.address_key == articles.c.address_key,
        articles.c.status == "live",
        articles.c.watched,
        versions.c.captured_at <= bindparam("its_time"),
        ~exists().where(  # a wrong clock put it before another: what the page says is stored once more
            _later.c.article_id == versions.c.article_id,
            _later.c.number > versions.c.number,
            _later.c.captured_at <= bindparam("its_time"),
        ),
        runs.c.cause == Cause.CRAWL.value,
        ~IS_UNREAD,  # what it says is still to be told
    )
)
_UNCHANGED = (
    select(outcomes.c.kind, outcomes.c.detail, func.count().label("pages"))
    .where(
        outcomes.c.run_id == bindparam("its_run"),
        or_(
            (outcomes.c.role == Role.ARTICLE.value)
            & outcomes.c.kind.in_((OutcomeKind.NOT_MODIFIED.value, OutcomeKind.UNCHANGED.value)),
            (outcomes.c.kind == OutcomeKind.LISTING.value) & (outcomes.c.detail == Sameness.PAGE.value),
        ),
    )
    .group_by(outcomes.c.kind, outcomes.c.detail)
)
SAME_VALIDATOR = "edited, although its ETag or Last-Modified is that of the page before"
"""Detail of an outcome by which answers 304 of the portal may hide edits."""
_is_304 = captures.c.status == HTTPStatus.NOT_MODIFIED
_SAVED = (
    select(
        func.coalesce(func.sum(case((_is_304, _original.c.payload_bytes), else_=0)), 0),
        func.coalesce(func.sum(case((_is_304, 0), else_=captures.c.payload_bytes)), 0),
    )
    .join(_original, _original.c.capture_id == captures.c.revisit_of)
    .where(captures.c.run_id == bindparam("its_run"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WasRead:
    """What the archive remembers of the page behind an article's latest version."""

    same_bytes: bool
    """True where the capture has the very bytes that today's rules read that version from."""
    page_digest: str | None
    """Of the page that said so when it was read last (`crawler.recognition`); None where that is not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Savings:
    """What a run was spared, and how far each of its unchanged articles had to be looked at to see that."""

    by_304: int
    """Articles that their server said were not modified."""
    by_bytes: int
    """Articles that came as the bytes they were read from, and were not read again."""
    by_page: int
    """Articles whose pages differed in what nobody reads, and were not read again."""
    by_fields: int
    """Articles that were read, and whose fields said what they said before."""
    listings: int
    """Pages of listings that differed at most in what nobody reads, and were not read again."""
    not_sent: int
    """Bytes that answers 304 stood for."""
    not_stored: int
    """Bytes that were sent, and which the archive had already."""


def find_read(connection: Connection, kept: Kept, *, portal: str, key: str, read_by: ReadBy) -> WasRead | None:
    """From which page the latest version of the live article at the address was read; None where none lives there.

    To read that page again would give that version again, but for a date like "2 hours ago", which stands.
    """
    asked = {"its_portal": portal, "its_key": key, "its_time": kept.capture.fetched_at}
    row = _LIVE.find(connection, asked)
    if row is None:
        return None
    today = (read_by.rules_fingerprint, read_by.parser_version)
    is_todays = today == (row.rules_fingerprint, row.parser_version) or row.checked_by == " ".join(today)
    same_bytes = is_todays and kept.revisit_of is not None and kept.revisit_of == row.capture_id
    return WasRead(same_bytes=same_bytes, page_digest=row.page_digest)


def read_savings(connection: Connection, run: Run) -> Savings:
    """What the run was spared."""
    not_sent, not_stored = connection.execute(_SAVED, {"its_run": run.run_id}).one()
    pages: Counter[str] = Counter()
    for kind, detail, count in connection.execute(_UNCHANGED, {"its_run": run.run_id}):
        pages[detail if kind == OutcomeKind.UNCHANGED and detail else kind] += count
    return Savings(
        by_304=pages[OutcomeKind.NOT_MODIFIED],
        by_bytes=pages[Sameness.BYTES],
        by_page=pages[Sameness.PAGE],
        by_fields=pages[OutcomeKind.UNCHANGED],
        listings=pages[OutcomeKind.LISTING],
        not_sent=int(not_sent),
        not_stored=int(not_stored),
    )
