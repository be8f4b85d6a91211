"""What the page of an article says. What it does not do: know of earlier states of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from storage.records.instants import as_vietnam_iso
from storage.vocabulary import Precision


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
    """Aware instant of publication; None when no time of day is given."""
    published_on: date | None
    """Civil date of publication; where the page prints none that of its feed; None when none was found, never today."""
    published_precision: Precision | None
    """How exact the date is given; None without a date."""
    published_raw: str | None
    """The date as printed, e.g. `26/02/2021`; None beside a date that the page does not print: a warning names the feed
    or news sitemap that it is from."""
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

    @property
    def printed_on(self) -> date | None:
        """The civil date that the page itself says: what is compared. None where only a feed says one."""
        return self.published_on if self.published_raw is not None else None

    @property
    def printed_at(self) -> datetime | None:
        """The instant that the page itself says."""
        return self.published_at if self.published_raw is not None else None

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
