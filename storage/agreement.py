"""Edits of which only the whole run tells whether they are the article's, told at its end without what is the site's.

Without rules nobody says where an article ends, so that a line of the site (a hot line, a campaign) may be read as its
last paragraph; when the site changes that line, every article seems edited. A paragraph that stands, in whichever
version, in most of a portal's articles is therefore left out of both sides before they are compared. And with rules or
without: a field that most articles lose at once, or get back, was lost by the template (`storage.learnt`, `lost`). It
is left out where one of the two versions comes from a run in which it was lost.

What it does not do: read pages, change versions, or look at other edits: those are told at once (DESIGN §4.7).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from storage import history, timeline, version_rows
from storage.diff import diff_articles, weigh
from storage.digests import normal, same_content
from storage.measures import FIELDS
from storage.portions import portions
from storage.records import Article, FieldChange, Problem, Run, Version
from storage.schema import articles, captures, changes, outcomes, runs, versions
from storage.vocabulary import ChangeKind, OutcomeKind

SiteFields = Callable[[int], frozenset[str]]
"""The fields that the site, and not its articles, did not show in that run."""

GENERIC = "generic"
"""`extractor` of what was read without rules."""
MOST = 0.6
"""Share of the compared articles from which a paragraph is the site's."""
FEWEST = 3
"""Fewer articles prove nothing."""
SAMPLE = 60
"""Articles of the portal that are asked beside those of the run."""
_COMPARED = (OutcomeKind.EDITED.value, OutcomeKind.UNCHANGED.value)
_ABSENT: Mapping[str, Mapping[str, Any]] = {
    "lead": {"lead": None},
    "byline": {"byline": None},
    "section": {"section": None},
    "published": {
        "published_at": None,
        "published_on": None,
        "published_precision": None,
        "published_raw": None,
    },
    "attachments": {"attachments": ()},
}
"""What an article says of a field that it does not show."""
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """A version that this run found to differ from the one before it."""

    before: Version
    after: Version
    url: str
    fetched_at: datetime
    run_id: int

    @property
    def is_generic(self) -> bool:
        """True where the page was read without rules."""
        return self.after.article.extractor == GENERIC


def is_told_at_the_end(before: Article, after: Article) -> bool:
    """True for an edit of a page read without rules, and for one in which a field appears or vanishes altogether."""
    return after.extractor == GENERIC or any(_shows(before, name) != _shows(after, name) for name in FIELDS)


def settle_edits(
    connection: Connection, run: Run, now: datetime, site_fields: SiteFields = lambda run_id: frozenset()
) -> Problem | None:
    """Tells the run's edits that waited for its end, less what is the site's; a problem where its paragraphs differ."""
    edits = _read_edits(connection, run)
    if not edits:
        return None
    compared = _compared(connection, run)
    frame: frozenset[str] = frozenset()
    if any(edit.is_generic for edit in edits):
        frame = _frame(connection, compared) | _frame(connection, _latest(connection, run.portal))
    changed: list[str] = []
    alike = 0
    for edit in edits:
        before, after = edit.before.article, edit.after.article
        if edit.is_generic:
            differing = _paragraphs(before) ^ _paragraphs(after)
            alike += not frame.isdisjoint(differing)
            changed += differing & frame
            before, after = without(before, frame), without(after, frame)
        lost = site_fields(_run_of(connection, edit.before)) | site_fields(edit.run_id)
        if _differ_without(before, after, lost):
            before, after = without_fields(before, lost), without_fields(after, lost)
            _tell(connection, run, edit, diff_articles(before, after), now)
    return Problem(code="alike", count=alike, of=len(compared), what=min(changed)[:80]) if changed else None


def read_frame(connection: Connection, portal: str) -> frozenset[str]:
    """The paragraphs that stand in most of the portal's articles that were read without rules (see `without`)."""
    return _frame(connection, _latest(connection, portal))


def _differ_without(before: Article, after: Article, names: Collection[str]) -> bool:
    """True where two texts differ without these fields, and also where a lead that is lost stands in the text."""
    if same_content(without_fields(before, names), without_fields(after, names)):
        return False
    if "lead" not in names:
        return True
    one, other = (replace(text, body=f"{text.lead}\n\n{text.body}") if text.lead else text for text in (before, after))
    return not same_content(without_fields(one, names), without_fields(other, names))


def without_fields(article: Article, names: Collection[str]) -> Article:
    """The article without these fields."""
    gone: dict[str, Any] = {}
    for name in names:
        gone |= _ABSENT[name]
    return replace(article, **gone)


def _shows(article: Article, name: str) -> bool:
    return bool(article.printed_on if name == "published" else getattr(article, name))


def _run_of(connection: Connection, version: Version) -> int:
    query = select(captures.c.run_id).where(captures.c.capture_id == version.capture_id)
    return int(connection.execute(query).scalar_one())


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
    """Versions that differ from the one before and are not told yet.

    Those of this run, and of earlier ones that were killed and had no end.
    """
    found = []
    for row in connection.execute(_select_untold(run)).all():
        before = timeline.find_seen_version(connection, row.article_id, below=row.number, cause=run.cause)
        after = version_rows.load_version(connection, row.version_id)
        if before is not None and is_told_at_the_end(before.article, after.article):
            found.append(
                _Edit(
                    before=before,
                    after=after,
                    url=row.url,
                    fetched_at=row.fetched_at,
                    run_id=row.run_id,
                )
            )
    return found


def _select_untold(run: Run) -> Select[Any]:
    """Versions with the outcome `edited` and no change, since the portal's last run that came to its end."""
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
    return (
        select(
            versions.c.version_id,
            versions.c.article_id,
            versions.c.number,
            outcomes.c.url,
            outcomes.c.run_id,
            captures.c.fetched_at,
        )
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
            changes.c.change_id.is_(None),
        )
        .order_by(versions.c.version_id)
    )


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
    for some in portions(article_ids):
        query = select(versions.c.article_id, versions.c.lead, versions.c.body).where(versions.c.article_id.in_(some))
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
