"""The portal as a whole: its articles, its clock, its counters, and what its lists show today.

It does not render and does not speak HTTP (`pages`, `sharepoint`, `tandan`, `server` do). All public methods may be
called from any thread; a test may change the site between two requests.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import RLock
from typing import Any

from crawler.demo.articles import HANOI, Presence, SiteArticle, data_folder, load_article_file, load_articles
from crawler.demo.truth import article_truth, listing_truth

DEFAULT_CLOCK = datetime(2021, 4, 13, 9, 0, tzinfo=HANOI)
"""The morning on which the seed page was fetched."""
PAGE_SIZE = 10
RELATED = 10
TEMPLATES = ("sharepoint", "tandan")

SECTIONS = {
    "Chính trị - Xã hội": "chinh-tri-xa-hoi",
    "Kinh tế": "kinh-te",
    "Nông nghiệp - Nông thôn": "nong-nghiep",
    "Văn hóa - Giáo dục": "van-hoa-giao-duc",
    "Y tế": "y-te",
    "Thông báo": "thong-bao",
}
"""Section names and the folders of their listings."""

MENU = (
    ("Trang chủ", "/Pages/default.aspx"),
    ("Giới thiệu", "/Pages/Gioi-thieu.aspx"),
    ("Tin tức - Sự kiện", "/chinhquyen/Pages/default.aspx"),
    *((name, f"/chinhquyen/{folder}/Pages/default.aspx") for name, folder in SECTIONS.items()),
    ("Công dân", "/Pages/Cong-dan.aspx"),
    ("Doanh nghiệp", "/Pages/Doanh-nghiep.aspx"),
    ("Liên hệ", "/Pages/Lien-he.aspx"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingPage:
    """One page of one list of the site."""

    name: str
    """Heading, e.g. `Kinh tế`."""
    path: str
    """Address of the list without the page number."""
    articles: tuple[SiteArticle, ...]
    """The entries, newest first."""
    number: int
    """1 for the newest."""
    count: int
    """How many pages the list has."""

    @property
    def next_path(self) -> str | None:
        """Address of the next (older) page, or None on the last."""
        return f"{self.path}?PageIndex={self.number + 1}" if self.number < self.count else None


class Site:
    """The living portal. Change it with `edit`, `add`, `advance`, `template`, `nfd` and `menu`."""

    def __init__(self, articles: tuple[SiteArticle, ...], *, clock: datetime = DEFAULT_CLOCK) -> None:
        self.lock = RLock()
        self.nfd: set[str] = set()
        """Slugs of the articles whose pages are sent wholly decomposed (NFD)."""
        self.menu: tuple[tuple[str, str], ...] = MENU
        self.moved: dict[str, str] = {}
        """Old path (folded) → new path, answered with 301."""
        self._articles = {article.slug: article for article in articles}
        self._clock = clock
        self._template = "sharepoint"
        self._template_since = clock - timedelta(days=3650)
        self._views: Counter[str] = Counter()

    @property
    def clock(self) -> datetime:
        """The instant that was set; page views do not move it."""
        return self._clock

    @clock.setter
    def clock(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError(f"the site's clock needs a zone: {instant!r}")
        self._clock = instant.astimezone(HANOI)

    @property
    def now(self) -> datetime:
        """The running page clock: one second later with each page served."""
        return self._clock + timedelta(seconds=self._views.total())

    @property
    def today(self) -> date:
        """The site's civil date."""
        return self._clock.date()

    def advance(self, **interval: float) -> None:
        """Move the clock by `timedelta(**interval)`, e.g. `advance(days=1)`."""
        self._clock += timedelta(**interval)

    @property
    def template(self) -> str:
        """`sharepoint` or `tandan`: how all pages are built."""
        return self._template

    @template.setter
    def template(self, name: str) -> None:
        if name not in TEMPLATES:
            raise ValueError(f"no such template: {name!r}; there are {', '.join(TEMPLATES)}")
        if name != self._template:
            self._template, self._template_since = name, self.now

    @property
    def articles(self) -> tuple[SiteArticle, ...]:
        """All articles there are or were, in no promised order."""
        return tuple(self._articles.values())

    def article(self, slug: str) -> SiteArticle:
        """The article of that identity."""
        return self._articles[slug]

    def find(self, path: str) -> SiteArticle | None:
        """The article at that path, in any letter case, or None."""
        folded = path.casefold()
        return next((article for article in self.articles if article.path.casefold() == folded), None)

    def add(self, article: SiteArticle) -> None:
        """Publish a further article."""
        with self.lock:
            if article.slug in self._articles:
                raise ValueError(f"there is an article {article.slug} already")
            self._articles[article.slug] = article

    def edit(self, slug: str, **changes: Any) -> None:
        """Change fields of an article; its validators change with it."""
        with self.lock:
            old = self._articles[slug]
            new = replace(old, revision=old.revision + 1, changed_at=self.now, **changes)
            self._articles[slug] = new
            if new.path != old.path:
                self.moved[old.path.casefold()] = new.path

    def reencode(self, slug: str, wear: frozenset[str]) -> None:
        """Write the same words with other markup: no change of the article, so its validators stay."""
        with self.lock:
            self._articles[slug] = replace(self._articles[slug], wear=wear)

    def listed(self) -> list[SiteArticle]:
        """What the lists show, newest first."""
        shown = [a for a in reversed(self.articles) if a.listed and a.presence is Presence.ALIVE]
        return sorted(shown, key=lambda a: a.published, reverse=True)

    def related(self, article: SiteArticle) -> list[SiteArticle]:
        """`Tin đã đưa`: the newest of the section from before today, whatever the age of `article` itself."""
        return [
            other
            for other in self.listed()
            if other.section == article.section and other.published < self.today and other.slug != article.slug
        ][:RELATED]

    def listing(self, folder: str, number: int) -> ListingPage | None:
        """A page of the main list (`folder` empty), of a section's or of a unit's; None where there is none."""
        names = {folder: name for name, folder in SECTIONS.items()}
        units = {article.unit for article in self.articles}
        if folder in names:
            name, articles = names[folder], [a for a in self.listed() if a.section == names[folder]]
        elif folder in units:
            name, articles = f"Tin tức {folder}", [a for a in self.listed() if a.unit == folder]
        elif not folder:
            name, articles = "Tin tức - Sự kiện", self.listed()
        else:
            return None
        first = (number - 1) * PAGE_SIZE
        return ListingPage(
            name=name,
            path=f"/chinhquyen/{folder}/Pages/default.aspx" if folder else "/chinhquyen/Pages/default.aspx",
            articles=tuple(articles[first : first + PAGE_SIZE]),
            number=number,
            count=max(1, -(-len(articles) // PAGE_SIZE)),
        )

    def view(self, path: str) -> int:
        """Count a view of `path`; how many it has had with this one."""
        with self.lock:
            self._views[path] += 1
            return self._views[path]

    @property
    def views(self) -> int:
        """Pages served so far."""
        return self._views.total()

    def last_modified(self, article: SiteArticle) -> datetime:
        """When the page of `article` last became another: by an edit or by a new template."""
        return max(article.changed_at, self._template_since)

    def truth(self, slug: str, base_url: str) -> dict[str, Any]:
        """What a perfect reader reads from the article's page today (the keys of the `extract` contract)."""
        article = self._articles[slug]
        return article_truth(article, self.related(article), base_url=base_url, template=self._template)

    def listing_truth(self, folder: str, number: int, base_url: str) -> dict[str, Any]:
        """What a perfect reader reads from that listing page: `entries` and `next`."""
        page = self.listing(folder, number)
        if page is None:
            raise KeyError(folder)
        return listing_truth(page.articles, page.next_path, base_url=base_url)


def load_site(clock: datetime = DEFAULT_CLOCK) -> Site:
    """The portal as it was on the morning of 13/04/2021."""
    return Site(load_articles(data_folder() / "articles"), clock=clock)


def load_new_articles() -> tuple[SiteArticle, ...]:
    """The articles that the editorial day publishes."""
    return load_article_file(data_folder() / "day" / "new.toml")
