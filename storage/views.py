"""The views of the archive: what people, Datasette and notebooks ask, whatever becomes of the tables behind them.

A column that was published here keeps its name and meaning; others may be added. The DDL is made of these definitions,
and so is the documentation of each column. Views are made again whenever the schema changes (`migrations/env.py`), so
a change here needs a revision there, be it an empty one. What it does not do: run queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    case,
    func,
    inspect,
    select,
)

from storage.computed import field_names, field_words, stamp, vietnam_day
from storage.schema import (
    addresses,
    articles,
    captures,
    changes,
    outcomes,
    portals,
    related,
    runs,
    stories,
    story_members,
    versions,
)
from storage.view import View, ViewColumn
from storage.vocabulary import ChangeKind, OutcomeKind


def create_views(connection: Connection) -> None:
    """Makes every view; none of them may be there."""
    for view in VIEWS:
        connection.exec_driver_sql(view.ddl(connection.dialect))


def drop_views(connection: Connection) -> None:
    """Takes them away, where they are there; nobody else's."""
    ours = {view.name for view in VIEWS}
    for name in ours.intersection(inspect(connection).get_view_names()):
        connection.exec_driver_sql(f"DROP VIEW {name}")


_latest, _own, _before, _next = (versions.alias(name) for name in ("latest", "own", "earlier", "later"))
_latest_capture = captures.alias("latest_capture")
_status = case((articles.c.delisted & (articles.c.status == "live"), "delisted"), else_=articles.c.status)


def _columns(*described: tuple[str, ColumnElement[Any], str]) -> Mapping[str, ViewColumn]:
    return {name: ViewColumn(expression=expression, doc=doc) for name, expression, doc in described}


def _text_of(version: FromClause) -> list[tuple[str, ColumnElement[Any], str]]:
    """The long columns, which come last."""
    return [
        ("lead", version.c.lead, "sapô, the opening paragraph; null where there is none"),
        ("body", version.c.body, "text; paragraphs are separated by one empty line"),
    ]


def _portal_of(table: FromClause) -> list[tuple[str, ColumnElement[Any], str]]:
    """The portal and where it is."""
    return [
        ("portal", table.c.portal, "slug of the portal"),
        ("province", portals.c.province, "the portal's province by its name until 30 June 2025: `Ninh Thuận`"),
        ("province_now", portals.c.province_now, "the province that this is part of since: `Khánh Hòa`"),
    ]


def _located(source: FromClause, table: FromClause) -> FromClause:
    """The tables, and what is known of the portal."""
    return source.outerjoin(portals, portals.c.portal == table.c.portal)


def _head_of(version: FromClause) -> list[tuple[str, ColumnElement[Any], str]]:
    """What both `articles` and `versions` say of a version."""
    return [
        ("title", version.c.title, "headline, NFC, one line"),
        (
            "published_on",
            version.c.published_on,
            "date of publication, as the page says; where it says none, as its feed does; null where neither does",
        ),
        ("section", version.c.section, "chuyên mục"),
        ("byline", version.c.byline, "who signed, as printed"),
    ]


def _permalink(version: FromClause) -> ColumnElement[Any]:
    return stamp(version.c.captured_at).concat("/").concat(version.c.url)


ARTICLES = View(
    name="articles",
    doc="One row for each publication, as its latest version says it.",
    source=_located(articles, articles)
    .outerjoin(_latest, _latest.c.version_id == articles.c.version_id)
    .outerjoin(_latest_capture, _latest_capture.c.capture_id == _latest.c.capture_id)
    .outerjoin(
        addresses,
        (addresses.c.portal == articles.c.portal) & (addresses.c.address_key == articles.c.address_key),
    )
    .outerjoin(story_members, story_members.c.article_id == articles.c.article_id),
    columns=_columns(
        ("article_id", articles.c.article_id, "number of the article"),
        *_portal_of(articles),
        *_head_of(_latest),
        (
            "status",
            _status,
            "`live`, `delisted` (lives, but is in no listing any more), `gone`,"
            " or `moved` (into another article that was known already)",
        ),
        ("url", articles.c.url, "the address it lives at now"),
        ("permalink", _permalink(_latest), "`20210413020000/http://…`: what `cite` names the latest version by"),
        (
            "version_count",
            select(func.count()).where(versions.c.article_id == articles.c.article_id).scalar_subquery(),
            "how many versions there are",
        ),
        (
            "version_id",
            articles.c.version_id,
            "its latest version: the last by time of capture, or what a crawl saw last under a clock that was wrong",
        ),
        ("first_seen_at", articles.c.first_seen_at, "when it was first captured"),
        ("captured_at", _latest.c.captured_at, "when its latest version was captured"),
        ("visited_at", addresses.c.last_fetched_at, "when its address was last visited"),
        ("moved_into", articles.c.moved_into, "the article it turned out to be, for `moved`"),
        ("story_id", story_members.c.story_id, "the story that it prints; null where nobody else has its text"),
        ("published_at", _latest.c.published_at, "instant of publication; null where no time of day is given"),
        ("published_raw", _latest.c.published_raw, "the date as printed; null where the page prints none"),
        ("language", _latest.c.language, "`vi`, `en`"),
        ("content_digest", _latest.c.content_digest, "SHA-256 of the content in its normal form"),
        ("warc_record_id", _latest_capture.c.warc_record_id, "`<urn:uuid:…>` of the evidence"),
        *_text_of(_latest),
    ),
)

_later = select(_next.c.captured_at).where(
    _next.c.article_id == versions.c.article_id, _next.c.number == versions.c.number + 1
)

VERSIONS = View(
    name="versions",
    doc="One row for each state of an article. What it said at an instant is the row with"
    " `valid_from <= instant AND (valid_until IS NULL OR instant < valid_until)`.",
    source=_located(
        versions.join(articles, articles.c.article_id == versions.c.article_id).join(
            captures, captures.c.capture_id == versions.c.capture_id
        ),
        articles,
    ),
    columns=_columns(
        ("version_id", versions.c.version_id, "id of the version"),
        ("article_id", versions.c.article_id, "the article"),
        ("number", versions.c.number, "1 for the first, by time of capture"),
        *_portal_of(articles),
        *_head_of(versions),
        ("valid_from", versions.c.captured_at, "since when it is known that the article said this: `captured_at`"),
        (
            "valid_until",
            _later.scalar_subquery(),
            "when the next version was captured; null for the last by time, also of an article that is gone",
        ),
        ("captured_at", versions.c.captured_at, "when the capture was fetched that it was read from"),
        ("recorded_at", versions.c.recorded_at, "when this row was written"),
        ("cause", versions.c.cause, "why it exists: `crawl`, `import`, `reparse`"),
        ("url", versions.c.url, "address of the capture"),
        ("permalink", _permalink(versions), "`20210413020000/http://…`: what `cite` names it by"),
        ("content_digest", versions.c.content_digest, "SHA-256 of the content in its normal form"),
        ("capture_id", versions.c.capture_id, "the capture it was read from: the evidence"),
        ("payload_digest", captures.c.payload_digest, "`sha256:` and 64 hex digits over the body as received"),
        ("warc_record_id", captures.c.warc_record_id, "`<urn:uuid:…>` of the evidence"),
        ("warc_file", captures.c.warc_file, "WARC file, relative to the archive"),
        ("rules_fingerprint", versions.c.rules_fingerprint, "SHA-256 of the rules that read it"),
        ("parser_version", versions.c.parser_version, "version of the parsing code"),
        ("platform", versions.c.platform, "CMS family whose rules read it"),
        ("extractor", versions.c.extractor, "whose rules read title and body: `portal`, `platform` or `generic`"),
        ("published_at", versions.c.published_at, "instant of publication; null where no time of day is given"),
        ("published_precision", versions.c.published_precision, "`day`, `minute`, `second`"),
        ("published_raw", versions.c.published_raw, "the date as printed; null where the page prints none"),
        ("language", versions.c.language, "`vi`, `en`"),
        (
            "warnings",
            versions.c.warnings,
            "JSON: what the reader should know, for example `legacy font: TCVN3, converted to Unicode`",
        ),
        ("attachments", versions.c.attachments, 'JSON: `[{"title", "url"}]`'),
        ("images", versions.c.images, 'JSON: `[{"url", "caption"}]`'),
        *_text_of(versions),
    ),
)

CHANGES = View(
    name="changes",
    doc="One row for each recorded fact about an article; never altered.",
    source=_located(changes, changes)
    .outerjoin(_own, _own.c.version_id == changes.c.version_id)
    .outerjoin(_before, _before.c.version_id == changes.c.previous_version_id),
    columns=_columns(
        ("change_id", changes.c.change_id, "number; grows in the order of recording"),
        ("kind", changes.c.kind, "`new`, `edited`, `gone`, `restored`, `moved`, `delisted`"),
        *_portal_of(changes),
        ("article_id", changes.c.article_id, "the article"),
        ("title", changes.c.title, "its title at that time"),
        ("section", changes.c.section, "its section at that time"),
        ("url", changes.c.url, "its address at that time"),
        ("weight", changes.c.weight, "how much it matters: `substantive`, `minor`, `technical`"),
        ("changed", field_names(changes.c.fields), "the fields that differ: `title, body`"),
        ("summary", field_words(changes.c.fields), "the differences in words: `body: 21,5 tỷ → 215 tỷ`"),
        ("detected_on", vietnam_day(changes.c.detected_at), "the day of `detected_at` in Vietnam"),
        ("detected_at", changes.c.detected_at, "when it was recorded; of an imported change `fetched_at`"),
        ("fetched_at", changes.c.fetched_at, "when the capture that shows it was fetched"),
        ("number", _own.c.number, "number of the version it led to, or of the last one there was"),
        ("previous_number", _before.c.number, "number of the version before"),
        ("version_id", changes.c.version_id, "id of the version it led to, or of the last one there was"),
        ("previous_version_id", changes.c.previous_version_id, "id of the version before"),
        (
            "cause",
            changes.c.cause,
            "`crawl`, or `import`: what only captures of others show; never told as news",
        ),
        ("gone_kind", changes.c.gone_kind, "how it is missing: `404`, `410`, `soft_404`, `redirect_home`, `login`"),
        ("confirmations", changes.c.confirmations, "how many visits agreed, for `gone` and `delisted`"),
        ("moved_to", changes.c.moved_to, "the new address, for `moved`"),
        ("first_crawl", changes.c.first_crawl, "found by the portal's first crawl: it may be older"),
        (
            "flapping",
            changes.c.flapping,
            "of an article that goes back and forth: `notice` is told as such, `quiet` is not told; else null",
        ),
        ("run_id", changes.c.run_id, "the run that recorded it"),
        ("fields", changes.c.fields, 'JSON: the differences one by one, `[{"field", "class", "old", "new"}]`'),
    ),
)

RELATED = View(
    name="related",
    doc="One row for each entry of the list of other news on the page of a version. Stored, never compared.",
    source=_located(
        related.join(versions, versions.c.version_id == related.c.version_id).join(
            articles, articles.c.article_id == versions.c.article_id
        ),
        articles,
    ),
    columns=_columns(
        ("version_id", related.c.version_id, "the version on whose page it stands"),
        ("position", related.c.position, "1 for the first entry"),
        ("article_id", versions.c.article_id, "the article on whose page it stands"),
        *_portal_of(articles),
        ("title", related.c.title, "link text"),
        ("url", related.c.url, "address"),
        ("published_on", related.c.published_on, "date; the year of `(12/04)` is inferred"),
        ("published_raw", related.c.published_raw, "the date as printed"),
        ("captured_at", versions.c.captured_at, "when the page was fetched"),
    ),
)


def _of_run(*conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many rows belong to the run."""
    return select(func.count()).where(*conditions).scalar_subquery()


def _recorded(kind: ChangeKind) -> tuple[str, ColumnElement[Any], str]:
    count = _of_run(changes.c.run_id == runs.c.run_id, changes.c.kind == kind.value)
    return kind.value, count, f"changes of kind `{kind.value}` that it recorded"


_failures = [kind.value for kind in OutcomeKind if kind.is_failure]
RUNS = View(
    name="runs",
    doc="One row for each crawl of a portal, and for each file or query that was imported for it.",
    source=_located(runs, runs),
    columns=_columns(
        ("run_id", runs.c.run_id, "number of the run"),
        *_portal_of(runs),
        ("started_at", runs.c.started_at, "when it began"),
        ("finished_at", runs.c.finished_at, "when it ended; null while it runs, or after it was killed"),
        ("state", runs.c.state, "`running`, `finished`, `partial` (addresses are left to the next run), `interrupted`"),
        ("first_crawl", runs.c.first_crawl, "the portal's first"),
        ("cause", runs.c.cause, "`crawl` or `import`"),
        ("sweep", runs.c.sweep, "listings are followed to their last page"),
        ("visited", _of_run(outcomes.c.run_id == runs.c.run_id), "addresses that it visited"),
        (
            "failed",
            _of_run(outcomes.c.run_id == runs.c.run_id, outcomes.c.kind.in_(_failures)),
            "of these, told nothing about their content",
        ),
        ("captured", _of_run(captures.c.run_id == runs.c.run_id), "captures that it made"),
        *(_recorded(kind) for kind in ChangeKind),
        ("problems", runs.c.problems, 'JSON: `[{"code", "count", "of", "what"}]`: what was wrong with the portal'),
    ),
)

_member, _print, _first = story_members.alias("member"), articles.alias("print"), articles.alias("first")
_spread = (
    select(
        _member.c.story_id,
        func.count().label("articles"),
        func.count(_print.c.portal.distinct()).label("portals"),
        func.max(_member.c.published_on).label("last_published_on"),
    )
    .join(_print, _print.c.article_id == _member.c.article_id)
    .where(_print.c.status != "moved")
    .group_by(_member.c.story_id)
    .having(func.count() > 1)
    .subquery("spread")
)
STORIES = View(
    name="stories",
    doc="One row for each text that several articles print, on one portal or several; `articles.story_id` leads here.",
    source=stories.join(_spread, _spread.c.story_id == stories.c.story_id)
    .join(_first, _first.c.article_id == stories.c.first_article_id)
    .join(_latest, _latest.c.version_id == _first.c.version_id)
    .join(story_members, story_members.c.article_id == stories.c.first_article_id),
    columns=_columns(
        ("story_id", stories.c.story_id, "number of the story"),
        ("title", _latest.c.title, "headline of the article that was published first"),
        ("articles", _spread.c.articles, "how many articles print it"),
        ("portals", _spread.c.portals, "on how many portals"),
        ("first_portal", _first.c.portal, "slug of the portal that published it first"),
        (
            "first_published_on",
            story_members.c.published_on,
            "the date on it when it was first captured",
        ),
        ("last_published_on", _spread.c.last_published_on, "the latest date that one of the articles printed so"),
        (
            "evidence",
            stories.c.evidence,
            "what says who was first: `printed_day`, `printed_time`, or `captured` where the day does not decide",
        ),
        ("first_published_at", story_members.c.published_at, "instant, where a time of day was printed"),
        ("first_captured_at", story_members.c.captured_at, "when the first article was first captured"),
        ("first_url", _first.c.url, "the address it lives at"),
        ("first_article_id", stories.c.first_article_id, "the article"),
    ),
)

VIEWS = (ARTICLES, VERSIONS, CHANGES, RELATED, RUNS, STORIES)
"""All of them."""
