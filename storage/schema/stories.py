"""Which articles of several portals print the same text."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text

from storage.schema.base import Instant, metadata

stories = Table(
    "stored_stories",
    metadata,
    Column("story_id", Integer, primary_key=True),
    Column("first_article_id", ForeignKey("stored_articles.article_id"), nullable=False, doc="who published it first"),
    Column("evidence", Text, nullable=False, doc="what says so: printed_time, printed_day or captured"),
    Column("merged_into", ForeignKey("stored_stories.story_id"), doc="the older story that it turned out to be"),
    sqlite_autoincrement=True,
    info={"doc": "What `stories` does not show."},
)

story_members = Table(
    "story_members",
    metadata,
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    Column("story_id", ForeignKey("stored_stories.story_id"), nullable=False),
    Column("published_on", Date, doc="date of publication, as its first version prints it"),
    Column("published_at", Instant, doc="the same as instant; null where no time of day is printed"),
    Column("captured_at", Instant, nullable=False, doc="when its first version was captured"),
    Index("ix_story_members_story", "story_id"),
    info={"doc": "Which articles print which story."},
)

story_bands = Table(
    "story_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False, doc="a number of 64 bits; alike texts share one"),
    Column("day", Date, primary_key=True, doc="the day the text was published or, where it prints none, captured"),
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    sqlite_with_rowid=False,
    info={
        "doc": (
            "By what the same text is found: parts of its MinHash. One row for each of twenty parts and "
            "each text of an article."
        )
    },
)
