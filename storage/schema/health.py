"""How portals are doing: what runs could read, what is wrong since when, and what is told of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.schema.base import Instant, metadata
from storage.schema.telling import letters

measures = Table(
    "measures",
    metadata,
    Column("run_id", ForeignKey("stored_runs.run_id"), primary_key=True),
    Column("visited", Integer, nullable=False, doc="addresses of articles that were visited"),
    Column("read", Integer, nullable=False, doc="of these, where an article was found"),
    Column("pages", Integer, nullable=False, doc="articles whose page was read; a 304 is none"),
    Column("fields", JSON, nullable=False, doc="JSON: on how many of these pages each field was found"),
    info={"doc": "What each crawl could read of a portal: what is usual there is learnt from it."},
)

troubles = Table(
    "troubles",
    metadata,
    Column("trouble_id", Integer, primary_key=True, doc="number of the trouble"),
    Column("portal", Text, nullable=False),
    Column("code", Text, nullable=False, doc="[code of the problem](archivist.md#problems)"),
    Column("what", Text, nullable=False, doc="what it is about: a field, a listing's address, an outcome; or empty"),
    Column("count", Integer, nullable=False, doc="how many there were when it was last seen"),
    Column("of", Integer, nullable=False, doc="out of how many"),
    Column("usual", Integer, doc="what is usual there: a number, or a share in percent"),
    Column("began_at", Instant, nullable=False, doc="when it was first seen"),
    Column("began_run", ForeignKey("stored_runs.run_id"), nullable=False, doc="in which run"),
    Column("ended_at", Instant, doc="when it was over; null while it lasts"),
    Column("ended_run", ForeignKey("stored_runs.run_id"), doc="the run that saw that"),
    Index("ix_troubles_portal", "portal", "ended_at"),
    sqlite_autoincrement=True,
    info={"doc": "What was wrong with a portal, and for how long."},
)

conditions = Table(
    "conditions",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("state", Text, nullable=False, doc="`well`, `ill` or `blind`: what was told"),
    Column("since", Instant, nullable=False, doc="since when"),
    Column("seen", Text, nullable=False, doc="what the last run saw; told when further runs agree"),
    Column("seen_since", Instant, nullable=False, doc="since when"),
    Column("seen_runs", Integer, nullable=False, doc="in how many runs in a row"),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False, doc="the run that looked last"),
    info={"doc": "How each portal is doing."},
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", Integer, primary_key=True, doc="number; grows in the order of recording"),
    Column("portal", Text, nullable=False),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False),
    Column("state", Text, nullable=False, doc="`ill`, `blind` or `well` (again)"),
    Column("since", Instant, nullable=False, doc="since when"),
    Column("problems", JSON, nullable=False, doc="JSON: why, [{code, count, of, what, usual}]; [] when well"),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("run_id"),
    Index("ix_notices_portal", "portal"),
    sqlite_autoincrement=True,
    info={"doc": "What is told of a portal's health, each once: that it is ill or blind, and that it is well again."},
)

notice_outbox = Table(
    "notice_outbox",
    metadata,
    Column("notice_id", ForeignKey(notices.c.notice_id), primary_key=True, doc="the notice"),
    Column("subscription", Text, primary_key=True, doc="its name in `portalwatch.toml`"),
    Column("channel", Text, primary_key=True, doc="digest of the channel's address as written there"),
    Column("queued_at", Instant, nullable=False, doc="since when it waits"),
    Column("letter_id", ForeignKey(letters.c.letter_id), doc="the letter that tells it; null while it waits for one"),
    Index("ix_notice_outbox_letter", "letter_id"),
    info={"doc": "Which notice is to be told to whom; written in the transaction of the notice."},
)
