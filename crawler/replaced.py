"""Pages on which nothing is left of the article that was there before.

It may be another article, under an address that the portal used again. It may as well be what the portal shows
everywhere today: a notice in the dress of an article, with status 200. The first visit believes neither. The second
one, in another run, does, where the page says the same again and no other article's page says it too.

The same is asked of a page that lacks its end and most of its text: cut by the network, or a shorter text.

What it does not do: look at edits. Where the headline or a twentieth of the text is left, it is the article.
"""

from __future__ import annotations

from sqlalchemy import func, select

from crawler.visit import Visit
from storage import history
from storage.digests import fold, same_content
from storage.records import Article
from storage.schema import captures, outcomes, runs
from storage.vocabulary import OutcomeKind

DOUBT = "nothing is left of the article; believed if the next visit finds the same, and on no other article's page"

_MOST_LEFT = 0.05
_RUN = 3  # words; single ones are in every text
_MOST_CUT = 3
_MOST_COMPARED = 20  # pages of the portal that were in doubt too


def is_in_doubt(visit: Visit, article_id: int, before: Article, article: Article) -> bool:
    """True where the page says something else altogether, and it is not known yet that this is the article now."""
    if not is_another(before, article):
        return False
    earlier = _visited_before(visit, OutcomeKind.REPLACED)
    return earlier is None or not _says(visit, earlier, article) or _is_elsewhere(visit, article_id, article)


def is_cut_again(visit: Visit, article: Article) -> bool:
    """True where an earlier run saw the page cut at the same place, and few others: then it is no fault of the day."""
    earlier = _visited_before(visit, OutcomeKind.INCOMPLETE)
    return earlier is not None and _says(visit, earlier, article) and not _were_many(visit, earlier)


def _were_many(visit: Visit, capture_id: int) -> bool:
    """True where the run of that capture saw more than a few pages cut."""
    its_run = select(captures.c.run_id).where(captures.c.capture_id == capture_id).scalar_subquery()
    query = select(func.count()).where(outcomes.c.run_id == its_run, outcomes.c.kind == OutcomeKind.INCOMPLETE.value)
    return visit.connection.execute(query).scalar_one() > _MOST_CUT


def is_another(before: Article, article: Article) -> bool:
    """True where neither the headline nor a twentieth of the text is left."""
    if fold(before.title) == fold(article.title):
        return False
    one, other = _runs(before), _runs(article)
    return len(one & other) <= _MOST_LEFT * len(one | other)


def _runs(article: Article) -> set[tuple[str, ...]]:
    words = fold(f"{article.lead or ''} {article.body}").split()
    return {tuple(words[at : at + _RUN]) for at in range(max(len(words) - _RUN + 1, 1))}


def _visited_before(visit: Visit, kind: OutcomeKind) -> int | None:
    """The capture of the last visit in an earlier run, where it ended so."""
    query = (
        select(outcomes.c.kind, outcomes.c.capture_id)
        .join(runs, runs.c.run_id == outcomes.c.run_id)
        .where(
            runs.c.portal == visit.portal.slug,
            outcomes.c.run_id < visit.run.run_id,
            outcomes.c.address_key == visit.address.key,
        )
        .order_by(outcomes.c.run_id.desc())
        .limit(1)
    )
    row = visit.connection.execute(query).one_or_none()
    return row.capture_id if row is not None and row.kind == kind.value else None


def _is_elsewhere(visit: Visit, article_id: int, article: Article) -> bool:
    """True where another article of the portal says the same, or the page of one did when it was in doubt."""
    same = history.find_same_article(visit.connection, visit.portal.slug, article)
    if same is not None and same.article_id != article_id:
        return True
    query = (
        select(outcomes.c.capture_id)
        .join(runs, runs.c.run_id == outcomes.c.run_id)
        .where(
            runs.c.portal == visit.portal.slug,
            outcomes.c.kind == OutcomeKind.REPLACED.value,
            outcomes.c.article_id != article_id,
        )
        .order_by(outcomes.c.run_id.desc())
        .limit(_MOST_COMPARED)
    )
    return any(_says(visit, other, article) for other in visit.connection.execute(query).scalars().all())


def _says(visit: Visit, capture_id: int, article: Article) -> bool:
    """True where that capture says the same as the article."""
    found = visit.read(visit.archive.load_capture(visit.connection, capture_id), visit.portal)
    return found is not None and same_content(found, article)
