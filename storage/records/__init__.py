"""The records that cross the border between `crawler` and `storage`: frozen, typed, documented one attribute at a time.

What it does not do: read, write, parse or compare. Instants (`…_at`) are aware; civil dates (`…_on`) are dates in
Asia/Ho_Chi_Minh; `…_raw` is the text as printed on the page. Absent is `None` or an empty tuple, never a made-up value.
"""

from __future__ import annotations

from storage.records.addresses import Address
from storage.records.announced import Announced, Announcements, Claim
from storage.records.articles import Article, Attachment, Image, Related
from storage.records.captures import Capture, Kept
from storage.records.changes import Change, FieldChange
from storage.records.instants import VIETNAM, as_vietnam_iso
from storage.records.listings import Entry, Listing, Posting
from storage.records.runs import Outcome, Problem, Run
from storage.records.versions import ReadBy, Version

__all__ = [
    "Address",
    "Announced",
    "Announcements",
    "Article",
    "Attachment",
    "Capture",
    "Change",
    "Claim",
    "Entry",
    "FieldChange",
    "Image",
    "Kept",
    "Listing",
    "Outcome",
    "Posting",
    "Problem",
    "ReadBy",
    "Related",
    "Run",
    "VIETNAM",
    "Version",
    "as_vietnam_iso",
]
