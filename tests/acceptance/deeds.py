"""What is done to the portal, and how each deed must be told. The truth comes from the deed, never from the product.

`Editor` picks an article that nobody touched yet, changes the portal, and writes down the expectation.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from acceptance.portal import Portal
from acceptance.texts import LAST_DAY, SECTIONS, Article, File, fillers, make_article

Places = frozenset[tuple[str, str]]
"""Field and class of what differs: `{("body", "number")}`."""

IN_TEXT = {
    "number": "number",
    "share": "number",
    "date": "date",
    "office": "name",
    "person": "name",
    "negation": "negation",
    "typo": "typo",
    "wording": "wording",
    "first sentence": "sentence_removed",
    "sentence": "sentence_added",
    "encoding": "encoding",
    "typography": "typography",
}
"""Edits of some words of the text (`Article.spots`) and the class of each."""

YOUNG = 24
"""Articles with a smaller number are visited daily without being asked for: they are at most two weeks old."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A change as it must be told, or was."""

    kind: str
    path: str
    fields: frozenset[str] = frozenset()
    """Of `edited`: the fields that differ."""
    gone: str | None = None
    """Of `gone`: its kind."""
    moved_to: str | None = None
    """The new path, of `moved`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """One thing that was done."""

    name: str
    """What, e.g. `number`."""
    told: Told
    """How it must be told."""
    places: Places | None = None
    """For `edited`, field and class of what differs; None where it is another article altogether."""


@dataclass
class Editor:
    """Who works on the portal."""

    portal: Portal
    touched: set[int] = field(default_factory=set)

    def pick(self, fits: Callable[[Article], object] = lambda each: True, *, young: bool = False) -> Article:
        """The next article that nobody touched and that fits. The oldest of each list are left alone."""
        for article in self.portal.articles.values():
            in_reach = article.number < YOUNG if young else YOUNG <= article.number < 450
            if in_reach and article.number not in self.touched and fits(article):
                self.touched.add(article.number)
                return article
        raise LookupError("no article is left for this deed")

    # --- edits

    def edit(self, name: str, article: Article, places: Iterable[tuple[str, str]], **changes: Any) -> Deed:
        """The article says something else now."""
        self.portal.set(article, **changes)
        found = frozenset(places)
        told = Told(kind="edited", path=article.path, fields=frozenset(field for field, _ in found))
        return Deed(name=name, told=told, places=found)

    def edit_words(self, spot: str) -> Deed:
        """Some words of the text are others now."""
        article = self.pick(lambda each: "\n".join(each.paragraphs).count(each.spots[spot][0]) == 1)
        return self.edit(spot, article, [("body", IN_TEXT[spot])], paragraphs=changed_words(article, spot))

    def edit_paragraphs(self, name: str) -> Deed:
        """A paragraph comes, goes, or stands elsewhere."""
        article = self.pick()
        first, second, *rest = article.paragraphs
        paragraphs = {
            "paragraph_added": (first, second, *article.spots["paragraph"], *rest),
            "paragraph_removed": (first, *rest),
            "paragraph_moved": (first, *rest[:-1], second, rest[-1]),
        }[name]
        return self.edit(name, article, [("body", name)], paragraphs=paragraphs)

    def edit_head(self, name: str) -> Deed:
        """Title, lead, byline, date or section are others now."""
        article = self.pick(
            lambda each: each.lead and each.byline and not each.files and "hộ tham gia" not in each.title
        )
        lead, title = article.lead or "", article.title
        day = article.published - timedelta(days=1)
        match name:
            case "title wording":
                return self.edit(name, article, [("title", "wording")], title=f"{title}: người dân đồng tình")
            case "lead":
                new = f"{lead} Lãnh đạo địa phương đã tiếp thu và hẹn trả lời từng việc."
                return self.edit(name, article, [("lead", "sentence_added")], lead=new)
            case "byline":
                return self.edit(name, article, [("byline", "name")], byline="Đàng Thị Mỹ Lệ")
            case "date alone":
                return self.edit(name, article, [("published", "date")], published=day)
            case "text and date":
                places = [("body", "number"), ("published", "date")]
                return self.edit(name, article, places, paragraphs=changed_words(article, "number"), published=day)
            case "section":
                section = next(each for each in SECTIONS if each != article.section)
                return self.edit(name, article, [("section", "wording")], section=section)
            case _:
                raise ValueError(name)

    def edit_files(self, name: str) -> Deed:
        """An attached file is another one, has another name, comes or goes."""
        article = self.pick(lambda each: bool(each.files) is (name != "file added"))
        places = [("attachments", "attachment")]
        if name == "file added":
            added = File(title="Phụ lục kinh phí", path=f"/tai-lieu/phu-luc-{article.number}.pdf")
            return self.edit(name, article, places, files=(added,))
        (file,) = article.files
        match name:
            case "file replaced behind the same link":
                self.portal.revised_files[file.path] = 1
                return self.edit(name, article, places)
            case "file removed":
                return self.edit(name, article, places, files=())
            case "file renamed":
                return self.edit(name, article, places, files=(replace(file, title=f"{file.title} (bản chính)"),))
            case "file exchanged":
                path = file.path.replace(".pdf", "-dieu-chinh.pdf")
                return self.edit(name, article, places, files=(replace(file, path=path),))
            case _:
                raise ValueError(name)

    # --- coming and going

    def publish(self, number: int) -> Deed:
        """A new article."""
        article = make_article(number, LAST_DAY + timedelta(days=3))
        self.portal.articles[number] = article
        return Deed(name="new", told=Told(kind="new", path=article.path))

    def remove(self, answer: str, kind: str, *, young: bool = False) -> Deed:
        """The article's address answers something else; its lists go on showing it."""
        article = self.pick(young=young)
        self.portal.absent[article.path] = answer
        return Deed(name=f"gone: {kind} ({answer})", told=Told(kind="gone", path=article.path, gone=kind))

    def restore(self, deed: Deed) -> Deed:
        """What was removed is there again."""
        del self.portal.absent[deed.told.path]
        return Deed(name="restored", told=Told(kind="restored", path=deed.told.path))

    def delist(self) -> Deed:
        """No list shows the article any more; its page is there."""
        article = self.pick()
        self.portal.unlisted.add(article.number)
        return Deed(name="delisted", told=Told(kind="delisted", path=article.path))

    def move(self, answer: str) -> Deed:
        """The article is at another address; the old one answers `301`, `302` (to there), `404`, `soft` or `302 /`."""
        article = self.pick(lambda each: not each.files)
        path = article.path.replace("/bai-viet-", "/tin-bai-")
        self.portal.set(article, path=path)
        self.portal.absent[article.path] = f"{answer} {path}" if answer in ("301", "302") else answer
        return Deed(name=f"moved ({answer})", told=Told(kind="moved", path=article.path, moved_to=path))

    def replace(self, number: int) -> Deed:
        """Another article stands at the article's address, of which nothing is left."""
        article = self.pick(lambda each: each.lead and not each.files and each.byline)
        text = tuple(fillers(random.Random(f"replaced {number}"), 4))
        self.portal.set(
            article, title=f"Lịch tiếp công dân quý {number}", lead=None, paragraphs=text, byline="Phòng Tiếp dân"
        )
        fields = frozenset({"title", "lead", "body", "byline"})
        return Deed(name="replaced", told=Told(kind="edited", path=article.path, fields=fields))

    def flip(self) -> tuple[Deed, Callable[[], Deed]]:
        """A number is changed, and later changed back."""
        article = self.pick(young=True)
        there = self.edit("A → B", article, [("body", "number")], paragraphs=changed_words(article, "number"))
        changed = self.portal.articles[article.number]
        return there, lambda: self.edit("B → A", changed, [("body", "number")], paragraphs=article.paragraphs)


def changed_words(article: Article, spot: str) -> tuple[str, ...]:
    """The paragraphs after the edit of that name."""
    old, new = article.spots[spot]
    return tuple(text.replace(old, new) for text in article.paragraphs)
