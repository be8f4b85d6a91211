"""The states of an article. What it does not do: tell how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.records.articles import Article
from storage.vocabulary import Cause


@dataclass(frozen=True, slots=True)
class ReadBy:
    """What read a version: so that our own edits are told from theirs (DESIGN §4.3)."""

    rules_fingerprint: str
    """SHA-256 of the portal file's rules and the platforms they may fall back to."""
    parser_version: str
    """Version of the parsing code, e.g. `1`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """The extracted state of an article, born of one capture."""

    version_id: int
    """Row id in `versions`."""
    article_id: int
    """The article it is a state of."""
    number: int
    """1 for the first, in order of `captured_at`."""
    capture_id: int
    """The capture it was read from: the evidence."""
    captured_at: datetime
    """`fetched_at` of that capture."""
    recorded_at: datetime
    """When this row was written."""
    cause: Cause
    """Why it exists."""
    read_by: ReadBy
    """The rules and the code that read it."""
    content_digest: str
    """SHA-256 over the compared fields in their normal form (`storage.digests`)."""
    article: Article
    """The fields."""
