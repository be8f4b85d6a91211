"""What readers were told, and what waits to be told."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.schema.articles import changes
from storage.schema.base import Instant, metadata

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("reader", Text, primary_key=True, doc="`report` for `changes --mark`"),
    Column("change_id", Integer, nullable=False, doc="the last change that was told"),
    Column("marked_at", Instant, nullable=False, doc="when"),
    Column("notice_id", Integer, nullable=False, server_default="0", doc="the last notice that was told"),
    info={"doc": "What a reader of reports was told."},
)

letters = Table(
    "letters",
    metadata,
    Column("letter_id", Integer, primary_key=True, doc="number"),
    Column(
        "message_id",
        Text,
        nullable=False,
        doc="what a receiver may tell a second copy by: digits over what it tells, and whom",
    ),
    Column("subscription", Text, nullable=False, doc="name"),
    Column("channel", Text, nullable=False, doc="digest of the channel's address"),
    Column("part", Integer, nullable=False, doc="1 for the first of a letter that is sent in parts"),
    Column("parts", Integer, nullable=False, doc="in how many parts its letter is sent"),
    Column("composed_at", Instant, nullable=False, doc="when its changes were put together"),
    Column("state", Text, nullable=False, doc="`waiting`, `sent` or `dead`"),
    Column("tries", Integer, nullable=False, doc="runs of `alert` that tried and failed"),
    Column("retry_at", Instant, doc="not tried before; null for at once"),
    Column("sent_at", Instant, doc="when a server took it"),
    Column("error", Text, doc="what went wrong last"),
    UniqueConstraint("message_id"),
    Index("ix_letters_state", "state"),
    sqlite_autoincrement=True,
    info={"doc": "What was sent, or is to be sent, to one channel at once."},
)

outbox = Table(
    "outbox",
    metadata,
    Column("change_id", ForeignKey(changes.c.change_id), primary_key=True, doc="the change"),
    Column("subscription", Text, primary_key=True, doc="its name in `portalwatch.toml`"),
    Column(
        "channel", Text, primary_key=True, doc="digest of the channel's address as written there; never the address"
    ),
    Column("queued_at", Instant, nullable=False, doc="since when it waits"),
    Column("letter_id", ForeignKey(letters.c.letter_id), doc="the letter that tells it; null while it waits for one"),
    Index("ix_outbox_letter", "letter_id"),
    info={
        "doc": (
            "What is to be told to whom; written in the transaction of the change. Nothing here is "
            "evidence, and no seal covers it."
        )
    },
)
