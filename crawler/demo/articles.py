"""The site's own articles: what the editors of the portal typed, as frozen records loaded from TOML.

One file a section under `fixtures/ninhthuan-2021/articles/` (in an installed wheel `crawler/demo/data/articles/`).
It does not render, serve or change anything. Texts keep the blanks they were typed with; `truth.plain` removes them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

HANOI = timezone(timedelta(hours=7))
"""The clock of the portal: Vietnam, without daylight saving time."""


class Presence(StrEnum):
    """What an article's address answers."""

    ALIVE = "alive"
    NOT_FOUND = "404"
    SOFT_404 = "soft_404"
    REDIRECT_HOME = "redirect_home"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An image of an article."""

    path: str
    """Percent-encoded path, e.g. `/chinhquyen/sotttt/PublishingImages/hoi-nghi.jpg`."""
    caption: str | None
    """Caption, or None for a bare picture."""
    after: int
    """Number of the paragraph it follows: 1 is the first, 0 is before all."""
    place: str
    """`inline` (glued to the paragraph's end), `below` (own paragraphs), `centred` or `table`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """A file that an article offers."""

    title: str
    """Link text, e.g. `quyet-dinh-1614 (cogn nhan xa ATK).pdf`."""
    path: str
    """Percent-encoded path, e.g. `/chinhquyen/sonv/Documents/quyet-dinh-1614.pdf`."""
    place: str
    """`field` (a field of the page layout) or `text` (a last paragraph typed into the rich text)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteArticle:
    """One publication of the portal."""

    slug: str
    """Identity inside the site; the first page name. It never changes."""
    unit: str
    """Folder of the publishing unit, e.g. `sotttt`."""
    page: str
    """Page name without `.aspx`; equals `slug` until the article is moved."""
    section: str
    """Chuyên mục, e.g. `Chính trị - Xã hội`."""
    title: str
    """Headline as typed."""
    published: date
    """The date that the page prints."""
    paragraphs: tuple[str, ...]
    """The text as typed."""
    lead: str | None
    """Sapô, or None."""
    byline: str | None
    """Unlabelled author line at the end of the text, or None."""
    byline_style: str
    """`right` (right-aligned) or `bold` (only bold)."""
    pictures: tuple[Picture, ...]
    """Images in page order."""
    downloads: tuple[Download, ...]
    """Files in page order."""
    validators: str
    """What the page sends: `etag`, `modified`, `both` or empty."""
    wear: frozenset[str]
    """How the rich text was mistreated: entities, zero-width, spans, nbsp, comments, divs, breaks."""
    changed_at: datetime
    """Last change, for Last-Modified."""
    revision: int = 1
    """Grows with each change, for ETag."""
    listed: bool = True
    """False where no list of the site shows it."""
    presence: Presence = Presence.ALIVE
    """What its address answers."""

    @property
    def path(self) -> str:
        """The address within the site, e.g. `/chinhquyen/sotttt/Pages/Hoi-nghi.aspx`."""
        return f"/chinhquyen/{self.unit}/Pages/{self.page}.aspx"


def data_folder() -> Path:
    """The folder with the site's texts: inside an installed package, else in the checkout."""
    installed = Path(__file__).parent / "data"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "fixtures" / "ninhthuan-2021"


def load_articles(folder: Path) -> tuple[SiteArticle, ...]:
    """Every article of the TOML files in `folder`, in file order."""
    return tuple(article for file in sorted(folder.glob("*.toml")) for article in load_article_file(file))


def load_article_file(file: Path) -> tuple[SiteArticle, ...]:
    """The articles of one file: `section = …` at the top is the default of its `[[article]]` tables."""
    data = tomllib.loads(file.read_text("utf-8"))
    return tuple(_article(table, section=table.get("section", data.get("section"))) for table in data["article"])


def _article(table: dict[str, Any], *, section: str) -> SiteArticle:
    unit = table["unit"]
    published = table["published"]
    return SiteArticle(
        slug=table["slug"],
        unit=unit,
        page=table["slug"],
        section=section,
        title=table["title"],
        published=published,
        paragraphs=tuple(part.strip(" \n") for part in table["text"].strip("\n").split("\n\n")),
        lead=table.get("lead"),
        byline=table.get("byline"),
        byline_style=table.get("byline_style", "right"),
        pictures=tuple(_picture(item, unit) for item in table.get("pictures", ())),
        downloads=tuple(_download(item, unit) for item in table.get("downloads", ())),
        validators=table.get("validators", ""),
        wear=frozenset(table.get("wear", ())),
        changed_at=datetime(published.year, published.month, published.day, 8, tzinfo=HANOI),
    )


def _picture(item: dict[str, Any], unit: str) -> Picture:
    return Picture(
        path=f"/chinhquyen/{unit}/PublishingImages/{quote(item['file'], safe='()')}",
        caption=item.get("caption"),
        after=item["after"],
        place=item.get("place", "below"),
    )


def _download(item: dict[str, Any], unit: str) -> Download:
    return Download(
        title=item["title"],
        path=f"/chinhquyen/{unit}/Documents/{quote(item['file'], safe='()')}",
        place=item.get("place", "field"),
    )
