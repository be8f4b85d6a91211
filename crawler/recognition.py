"""Pages that need not be read, because just these bytes were read before with today's rules.

What it does not do: see through tokens and counters that change at every request; such a page is read, and found
unchanged by its fields.
"""

from __future__ import annotations

from http import HTTPStatus

from crawler import ingest
from crawler.parsing import PARSER_VERSION
from crawler.portals import Portal
from storage import savings
from storage.archive import Archive
from storage.records import Kept, ReadBy
from storage.vocabulary import Role


def recognise(kept: Kept, *, portal: Portal, archive: Archive) -> ingest.Reading | None:
    """The reading of an article's page whose bytes were read before, without reading them; None where it must be read.

    On portals without validators this is what most visits end with.
    """
    capture = kept.capture
    if kept.revisit_of is None or capture.status != HTTPStatus.OK or capture.role is not Role.ARTICLE:
        return None
    reader = ReadBy(rules_fingerprint=portal.fingerprint, parser_version=PARSER_VERSION)
    with archive.reading() as connection:
        known = savings.was_read(connection, kept, portal=portal.slug, key=portal.key(capture.url), read_by=reader)
    return ingest.Reading(is_known=True) if known else None
