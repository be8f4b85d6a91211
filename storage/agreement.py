"""Edits of pages read without rules, told at the end of a run without what is the site's.

Without rules nobody says where an article ends, so that a line of the site (a hot line, a campaign) may be read as its
last paragraph; when the site changes that line, every article seems edited. A paragraph that stands, in whichever
version, in most of a portal's articles is therefore left out of both sides before they are compared.

What it does not do: read pages, change versions, or look at articles that rules read: their edits are told at once
(DESIGN §4.7).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from storage import history, version_rows
from storage.diff import diff_articles, weigh
from storage.digests import normal, same_content
from storage.records import Article, FieldChange, Problem, Run, Version
from storage.schema import articles, captures, changes, outcomes, runs, versions
from storage.vocabulary import ChangeKind, OutcomeKind

GENERIC = "generic"
"""`extractor` of what was read without rules."""
MOST = 0.6
"""Share of the compared articles from which a paragraph is the site's."""
FEWEST = 3
"""Fewer articles prove nothing."""
SAMPLE = 60
"""Articles of the portal that are asked beside those of the run."""
_BATCH = 500
_COMPARED = (OutcomeKind.EDITED.value, OutcomeKind.UNCHANGED.value)
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """A version that this run found to differ from the one before it."""

    before: Version
    after: Version
    url: str
    fetched_at: datetime


def settle_edits(connection: Connection, run: Run, now: datetime) -> Problem | None:
    """Tells the run's edits of articles read without rules, less what is the site's; a problem where that differs."""
    edits = _read_edits(connection, run)
    if not edits:
        return None
    compared = _compared(connection, run)
    frame = _frame(connection, compared) | _frame(connection, _latest(connection, run.portal))
    changed: list[str] = []
    alike = 0
    for edit in edits:
        differing = _paragraphs(edit.before.article) ^ _paragraphs(edit.after.article)
        alike += not frame.isdisjoint(differing)
        changed += differing & frame
        before, after = without(edit.before.article, frame), without(edit.after.article, frame)
        if not same_content(before, after):
            _tell(connection, run, edit, diff_articles(before, after), now)
    return Problem(code="alike", count=alike, of=len(compared), what=min(changed)[:80]) if changed else None


def read_frame(connection: Connection, portal: str) -> frozenset[str]:
    """The paragraphs that stand in most of the portal's articles that were read without rules (see `without`)."""
    return _frame(connection, _latest(connection, portal))


def _tell(connection: Connection, run: Run, edit: _Edit, fields: tuple[FieldChange, ...], now: datetime) -> None:
    history.add_change(
        connection,
        run,
        ChangeKind.EDITED,
        edit.after,
        url=edit.url,
        at=now,
        fetched_at=edit.fetched_at,
        weight=weigh(fields),
        previous=edit.before,
        fields=fields,
    )


def _read_edits(connection: Connection, run: Run) -> list[_Edit]:
    """Versions of articles read without rules that differ from the one before and are not told yet.

    Those of this run, and of earlier ones that were killed and had no end.
    """
    settled = select(func.max(runs.c.run_id)).where(
        runs.c.portal == run.portal,
        runs.c.cause == run.cause.value,
        runs.c.run_id < run.run_id,
        runs.c.state.in_(("finished", "partial")),
    )
    told = and_(
        changes.c.version_id == versions.c.version_id,
        changes.c.kind == ChangeKind.EDITED.value,
        changes.c.cause == run.cause.value,
    )
    made_by = and_(outcomes.c.capture_id == versions.c.capture_id, outcomes.c.article_id == versions.c.article_id)
    query = (
        select(versions.c.version_id, versions.c.article_id, versions.c.number, outcomes.c.url, captures.c.fetched_at)
        .join(outcomes, made_by)
        .join(runs, runs.c.run_id == outcomes.c.run_id)
        .join(captures, captures.c.capture_id == versions.c.capture_id)
        .outerjoin(changes, told)
        .where(
            runs.c.portal == run.portal,
            runs.c.cause == run.cause.value,
            runs.c.run_id <= run.run_id,
            runs.c.run_id > func.coalesce(settled.scalar_subquery(), 0),
            outcomes.c.kind == OutcomeKind.EDITED.value,
            versions.c.cause == run.cause.value,
            versions.c.extractor == GENERIC,
            changes.c.change_id.is_(None),
        )
        .order_by(versions.c.version_id)
    )
    found = []
    for row in connection.execute(query).all():
        before = history.find_seen_version(connection, row.article_id, below=row.number, cause=run.cause)
        if before is not None:
            found.append(
                _Edit(
                    before=before,
                    after=version_rows.load_version(connection, row.version_id),
                    url=row.url,
                    fetched_at=row.fetched_at,
                )
            )
    return found


def _compared(connection: Connection, run: Run) -> list[int]:
    """The articles read without rules that the run compared with what it knew."""
    query = (
        select(articles.c.article_id)
        .distinct()
        .join(outcomes, articles.c.article_id == outcomes.c.article_id)
        .join(versions, versions.c.version_id == articles.c.version_id)
        .where(outcomes.c.run_id == run.run_id, outcomes.c.kind.in_(_COMPARED), versions.c.extractor == GENERIC)
    )
    return list(connection.execute(query).scalars())


def _latest(connection: Connection, portal: str) -> list[int]:
    """The portal's articles read without rules that were captured last."""
    query = (
        select(articles.c.article_id)
        .join(versions, versions.c.version_id == articles.c.version_id)
        .where(articles.c.portal == portal, versions.c.extractor == GENERIC)
        .order_by(versions.c.captured_at.desc(), articles.c.article_id)
    )
    return list(connection.execute(query.limit(SAMPLE)).scalars())


def _frame(connection: Connection, article_ids: Sequence[int]) -> frozenset[str]:
    """The paragraphs that stand, in one version or another, in most of these articles."""
    said: dict[int, set[str]] = {}
    for start in range(0, len(article_ids), _BATCH):
        batch = article_ids[start : start + _BATCH]
        query = select(versions.c.article_id, versions.c.lead, versions.c.body).where(versions.c.article_id.in_(batch))
        for article_id, lead, body in connection.execute(query):
            said.setdefault(article_id, set()).update(_keys(lead, body))
    counts = Counter(text for texts in said.values() for text in texts)
    needed = max(FEWEST, math.ceil(MOST * len(said)))
    return frozenset(text for text, count in counts.items() if count >= needed)


def _paragraphs(article: Article) -> set[str]:
    return _keys(article.lead, article.body)


def _keys(lead: str | None, body: str) -> set[str]:
    return {_key(text) for text in [lead or "", *body.split("\n\n")] if text}


def without(article: Article, frame: Collection[str]) -> Article:
    """The article without the site's paragraphs."""
    if not frame:
        return article
    kept = [text for text in article.body.split("\n\n") if _key(text) not in frame]
    lead = None if article.lead is not None and _key(article.lead) in frame else article.lead
    return replace(article, body="\n\n".join(kept), lead=lead)


def _key(text: str) -> str:
    return _NUMBER.sub("0", normal(text))
