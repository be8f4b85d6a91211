"""The records that cross the border between `crawler` and `storage`: frozen, typed, documented one attribute at a time.

What it does not do: read, write, parse or compare. Instants (`…_at`) are aware; civil dates (`…_on`) are dates in
Asia/Ho_Chi_Minh; `…_raw` is the text as printed on the page. Absent is `None` or an empty tuple, never a made-up value.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from storage.vocabulary import Absence, Cause, ChangeKind, Flapping, FoundIn, OutcomeKind, Precision, Role, Weight

VIETNAM = timezone(timedelta(hours=7), "+07")
"""Asia/Ho_Chi_Minh. Vietnam has had no daylight saving time since 1975: a fixed offset is exact for every web page."""


def as_vietnam_iso(instant: datetime | None) -> str | None:
    """ISO 8601 with Vietnam's offset, e.g. `2021-04-13T09:00:00+07:00`; None stays None."""
    return None if instant is None else instant.astimezone(VIETNAM).isoformat()


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One fetch of one URL at one instant (WARC `response`, Memento's memento). Redirects are captures of their own."""

    url: str
    """Absolute address that was requested, e.g. `http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx`."""
    fetched_at: datetime
    """Aware instant at which the answer was complete."""
    status: int
    """HTTP status, 100–599."""
    headers: tuple[tuple[str, str], ...]
    """Response headers in order, names as received, values decoded as Latin-1."""
    payload: bytes
    """The body bytes as received, still content-encoded (gzip …). Empty for a 304."""
    portal: str
    """Slug of the portal file, e.g. `ninhthuan-2021`."""
    role: Role
    """What the address was expected to be."""
    posted: bytes | None = None
    """The form that was posted, for a page that is got so; None for a GET."""
    ip_address: str | None = None
    """The server's address, e.g. `203.0.113.7`; None where it is not known."""

    def header(self, name: str) -> str | None:
        """The last value of the header `name` (any letter case), or None."""
        wanted = name.lower()
        return next((value for key, value in reversed(self.headers) if key.lower() == wanted), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A capture that is durable in the archive."""

    capture_id: int
    """Row id in `captures`."""
    capture: Capture
    """The capture itself, with its payload."""
    revisit_of: int | None
    """Row id of the earlier capture with the same payload (WARC `revisit`), or None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """An entry of the "Tin đã đưa" / "Các tin khác" list. Stored, never compared."""

    title: str | None
    """Link text, e.g. `Ninh Thuận: Khai mạc Ngày hội đọc sách năm 2021`; None where the page prints none."""
    url: str | None
    """Absolute address, or None."""
    published_on: date | None
    """Civil date; the year of `(12/04)` is inferred from the list's order and the time of the capture."""
    published_raw: str | None
    """As printed, e.g. `(12/04)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file that the article offers for download."""

    title: str | None
    """Link text, e.g. `quyet-dinh-1614.pdf`."""
    url: str
    """Absolute address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A picture of the article."""

    url: str
    """Absolute address."""
    caption: str | None
    """Caption, e.g. `Phó Chủ tịch UBND tỉnh Nguyễn Long Biên chủ trì Hội nghị`; never part of the body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """What one page says: the `extract` contract of DESIGN §6, and the item that leaves the Scrapy pipelines."""

    url: str
    """Address the page was read from."""
    portal: str | None
    """Slug of the portal file, or None when no portal file was used."""
    platform: str | None
    """CMS family whose rules read the page, e.g. `sharepoint-publishing`."""
    extractor: str
    """Whose rules read title and body: `portal`, `platform` or `generic`."""
    title: str
    """Headline, one line, NFC."""
    lead: str | None
    """Sapô, the summary printed above the text; None where the page has none."""
    body: str
    """Plain text, NFC, paragraphs separated by one empty line; without captions and byline."""
    byline: str | None
    """Author, office or agency as printed, e.g. `Thanh Bình` or `Trần Đức Lực - Phòng TCBM`."""
    section: str | None
    """Chuyên mục, e.g. `Chính trị - Xã hội`."""
    published_at: datetime | None = field(metadata={"serializer": as_vietnam_iso})
    """Aware instant of publication; None when the page prints no time of day."""
    published_on: date | None
    """Civil date of publication; None when none was found, never today."""
    published_precision: Precision | None
    """How exact the printed date is; None without a date."""
    published_raw: str | None
    """The date as printed, e.g. `26/02/2021`."""
    related: tuple[Related, ...] = ()
    """The related-news list in page order."""
    attachments: tuple[Attachment, ...] = ()
    """Files offered, in page order."""
    images: tuple[Image, ...] = ()
    """Pictures, in page order."""
    language: str | None = None
    """ISO 639-1 code of the text (`vi`, `en`), None when undecided."""
    warnings: tuple[str, ...] = ()
    """What the reader should know: fields not found, layout not as declared."""

    def as_json(self) -> dict[str, Any]:
        """The `extract` object of DESIGN §6: its exact keys, JSON types only."""
        return {
            "url": self.url,
            "portal": self.portal,
            "platform": self.platform,
            "extractor": self.extractor,
            "title": self.title,
            "lead": self.lead,
            "body": self.body,
            "byline": self.byline,
            "section": self.section,
            "published_at": as_vietnam_iso(self.published_at),
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "published_precision": self.published_precision,
            "published_raw": self.published_raw,
            "related": [
                {
                    "title": entry.title,
                    "url": entry.url,
                    "published_on": entry.published_on.isoformat() if entry.published_on else None,
                    "published_raw": entry.published_raw,
                }
                for entry in self.related
            ],
            "attachments": [{"title": item.title, "url": item.url} for item in self.attachments],
            "images": [{"url": item.url, "caption": item.caption} for item in self.images],
            "language": self.language,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """One address that a feed or a sitemap names."""

    url: str
    """Absolute address."""
    published_raw: str | None = None
    """Date of publication as it is written there, e.g. `Mon, 12 Apr 2021 08:00:00 +0700`."""
    updated_at: datetime | None = None
    """Aware instant of the last change, as far as it is told; of a bare day the beginning."""
    is_day: bool = False
    """True where only the day of the change is told, e.g. `2021-04-12`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcements:
    """What a feed or a sitemap says."""

    entries: tuple[Announced, ...] = ()
    """The addresses of pages, in order."""
    sitemaps: tuple[str, ...] = ()
    """Of a sitemap index: addresses of its sitemaps."""
    warnings: tuple[str, ...] = ()
    """What was wrong or left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a listing page."""

    url: str
    """Absolute address of the article."""
    title: str | None
    """Link text."""
    published_on: date | None
    """Civil date printed beside it, if any."""
    published_raw: str | None
    """As printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """A form that asks for the next page of a listing (`__doPostBack`)."""

    url: str
    """Absolute address that it is posted to."""
    body: bytes
    """Its fields, as they are sent: `application/x-www-form-urlencoded`."""
    address: str
    """The address by which the page is known: the listing's, with the page's number in the fragment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What one listing page says."""

    url: str
    """Address the page was read from."""
    entries: tuple[Entry, ...]
    """In page order."""
    next_url: str | None
    """Absolute address of the next (older) page, or None on the last."""
    platform: str | None
    """CMS family whose rules read the page."""
    by_rules: bool = True
    """False where it was read without rules, or is a home page: what it does not show proves nothing."""
    next_form: Posting | None = None
    """The form that asks for the next, older page, where no link leads there."""
    feeds: tuple[str, ...] = ()
    """Absolute addresses of the feeds that the page's head names."""
    sections: tuple[str, ...] = ()
    """Of a home page: absolute addresses that may be its sections' listings, the likeliest first."""
    warnings: tuple[str, ...] = ()
    """What the archivist should know."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One difference between two versions, as a report tells it."""

    field: str
    """title, lead, body, byline, published, section, attachments or images."""
    cls: str
    """Class of the difference: number, name, date, negation, wording, paragraph_added, … (`class` in JSON)."""
    old: str | None
    """The old words with a little context, None where something was added."""
    new: str | None
    """The new words with a little context, None where something was removed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A recorded fact about an article (DESIGN §6, `changes`)."""

    change_id: int
    """Row id; grows in the order of recording."""
    kind: ChangeKind
    """What happened."""
    portal: str
    """Slug of the portal."""
    article_id: int
    """The article it happened to."""
    url: str
    """The article's address at that time."""
    title: str
    """The article's title at that time."""
    section: str | None
    """Its section, for grouping."""
    detected_at: datetime
    """When the row was written; of an imported change `fetched_at`, so that it stands where it belongs in time."""
    fetched_at: datetime
    """When the capture that shows it was fetched."""
    version: int | None
    """Row id of the version it led to, or the last one there was."""
    previous_version: int | None
    """Row id of the version before, where there is one."""
    weight: Weight
    """How much it matters."""
    fields: tuple[FieldChange, ...] = ()
    """The differences, for `edited` (and `moved` or `restored` with an edit)."""
    gone_kind: Absence | None = None
    """How it is missing, for `gone`."""
    confirmations: int | None = None
    """How many visits agreed, for `gone` and `delisted`."""
    moved_to: str | None = None
    """The new address, for `moved`."""
    first_crawl: bool = False
    """True for a `new` that the portal's first crawl found: told as one summary, never one by one."""
    published_on: date | None = None
    """The date that the article prints in that version."""
    cause: Cause = Cause.CRAWL
    """`import` for what only captures show that others made: history, which is never told as news."""
    flapping: Flapping | None = None
    """Where the article goes back and forth (`storage.flapping`): `notice` is told as such, `quiet` is not told."""
    times: int = 1
    """More than 1 for edits of one article that a letter tells as one: how many there were. Never stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address of the frontier: known, perhaps waiting to be fetched."""

    key: str
    """Identity of the address (`crawler.parsing.address.address_key`)."""
    url: str
    """The address as it is requested."""
    role: Role
    """What it is expected to be."""
    article_id: int | None
    """The article it belongs to, once known."""
    moved_from: int | None
    """The article whose own address redirects here, until this one has been read."""
    hops: int
    """Redirects followed to get here."""
    listing: str | None
    """Of a listing page: the key of its first page."""
    page: int | None
    """Of a listing page: its number, 1 for the first."""
    baseline: bool
    """True where the portal's first crawl found it."""
    discovered_at: datetime
    """When it was first seen."""
    last_fetched_at: datetime | None
    """When it was last visited."""
    failures: int
    """Visits in a row that told nothing about its content."""
    etag: str | None
    """Validator of the last page read well."""
    last_modified: str | None
    """Validator of the last page read well."""
    found_in: FoundIn | None = None
    """What named it; None for what the portal file names and for targets of redirects."""
    published_raw: str | None = None
    """The date of publication that a feed or sitemap gives it, e.g. `Mon, 12 Apr 2021 08:00:00 +0700`."""
    imported: bool = False
    """True where only imports know it: crawls leave it alone until a page of theirs names it."""

    @property
    def is_unproven(self) -> bool:
        """True for an address that only a sitemap names, and at which no article has been read: it may be any page."""
        return self.found_in is FoundIn.SITEMAP and self.role is Role.ARTICLE and self.article_id is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something wrong with a portal, seen at the end of a run: for the archivist, never a change of an article."""

    code: str
    """One of `storage.problems.PROBLEMS`, e.g. `failing`."""
    count: int
    """How many addresses it is about."""
    of: int
    """Out of how many."""
    what: str
    """What it is about: the commonest outcome, a listing's address, a field, a platform."""
    usual: int | None = None
    """What is usual there: a number, or a share in percent; None where nothing is known of it."""

    def as_json(self) -> dict[str, Any]:
        """As it is stored and printed; what is usual only where it is known."""
        found = asdict(self)
        return found if self.usual is not None else {name: found[name] for name in ("code", "count", "of", "what")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One execution of the crawl over one portal."""

    run_id: int
    """Row id in `runs`."""
    portal: str
    """Slug of the portal."""
    started_at: datetime
    """When it began."""
    finished_at: datetime | None
    """When it ended; None while it runs or after it was killed."""
    state: str
    """`running`, `finished`, `partial` (addresses are left to the next one) or `interrupted` (killed, and too old)."""
    first_crawl: bool
    """True for the portal's first: what it finds was there before we came."""
    sweep: bool
    """True where listings are followed to their last page, so that what is missing from them can be told."""
    problems: tuple[Problem, ...] = ()
    """What was wrong with the portal; empty when all was well, and while it runs."""
    cause: Cause = Cause.CRAWL
    """`crawl`, or `import` for captures that others made: what follows from those is never told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one address in one run."""

    run_id: int
    """The run."""
    url: str
    """The address."""
    role: Role
    """What it was expected to be."""
    kind: OutcomeKind
    """What became of it."""
    detail: str | None
    """One line: status, absence kind, error, what to do."""
    capture_id: int | None
    """The capture it was judged by, None when nothing arrived."""
