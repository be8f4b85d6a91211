"""Which date a version bears where its page prints none, or only how long ago it was.

Such a date is never compared: what others say of an article is no edit of it (`storage.records.Article.printed_on`).
What it does not do: read pages or feeds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from storage.records import Article, Claim

CLAIMED = "date: the page prints none; taken from "
"""How the warning begins that names the feed or news sitemap."""


def dated(article: Article, before: Article | None, claim: Claim | None, *, fetched_at: datetime) -> Article:
    """`article`, whose page was fetched then, with the date that its version bears.

    That of its page. Where the page prints none, the date that a feed gave the version `before`, else the one that
    `claim` says; where it prints only how long ago it was, which ages every day, the date before.
    """
    if before is not None and _keeps_date(before, article):
        return _dated_like(before, article)
    if article.published_on is not None or claim is None:
        return article
    from crawler.parsing.claim import read_claim  # only here: most pages print their date
    from crawler.parsing.dates import warnings_for

    told = read_claim(claim.raw, fetched_at=fetched_at)
    if told is None:
        return article
    return replace(
        article,
        published_at=told.at,
        published_on=told.on,
        published_precision=told.precision,
        published_raw=None,
        warnings=(
            *article.warnings,
            f"{CLAIMED}{claim.source}: {claim.raw}",
            *warnings_for(told, fetched_at=fetched_at),
        ),
    )


def as_compared(before: Article, article: Article) -> Article:
    """`before`; dated like `article` where its page says nothing new.

    What was how long ago and is exact now is no edit; nor is a day that is printed now and that a feed had said before.
    """
    was_known = before.printed_on is None and before.published_on is not None
    if _is_relative(before.published_raw) or (was_known and article.printed_on == before.published_on):
        return _dated_like(article, before)
    return before


def _keeps_date(before: Article, article: Article) -> bool:
    """True where the date of the version before still says more than the page does."""
    if before.published_on is None:
        return False
    return _is_relative(article.published_raw) or (article.published_on is None and before.printed_on is None)


def _is_relative(raw: str | None) -> bool:
    """True for a date as printed that says how long ago something was."""
    if raw is None:
        return False
    from crawler.parsing.dates import is_relative  # only here: most runs read no dates

    return is_relative(raw)


def _dated_like(one: Article, other: Article) -> Article:
    """`other` with the date of `one`, and with what is said of where that is from."""
    said = (warning for warning in one.warnings if warning.startswith(CLAIMED) and warning not in other.warnings)
    return replace(
        other,
        published_at=one.published_at,
        published_on=one.published_on,
        published_precision=one.published_precision,
        published_raw=one.published_raw,
        warnings=(*other.warnings, *said),
    )
