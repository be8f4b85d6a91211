"""Two portals around the merger of 1 July 2025, watched by hand: for those who ask an archive as researchers do.

2 June   Ninh Thuận's portal has five articles, Khánh Hòa's three; one text stands on both
10 June  the port of Cà Ná costs 215 tỷ instead of 21,5 tỷ
11 June  the Katê festival is moved by a day
25 June  Khánh Hòa corrects the bridge; the water notice of Ninh Thuận is edited
2 July   two articles of Ninh Thuận answer 404 and with the home page, one of Khánh Hòa 404
10 July  the port is edited again; a new article of Khánh Hòa
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from watched import START, Watched, article, at

from storage import history
from storage.archive import Archive
from storage.portals import as_known, remember_portal
from storage.records import Article, FieldChange, Related, Run
from storage.vocabulary import Absence, ChangeKind, OutcomeKind, Weight

NINH_THUAN, KHANH_HOA = "ninhthuan", "khanhhoa"
PROVINCES = {NINH_THUAN: "ninh-thuan", KHANH_HOA: "khanh-hoa"}
RELEASE = " ".join(
    f"Đoàn công tác số {number} khảo sát tuyến đường ven biển qua xã Vĩnh Hải và nghe người dân góp ý."
    for number in range(1, 12)
)


def text_of(portal: str, key: str, title: str, **fields: Any) -> Article:
    body = f"{title}. Ủy ban nhân dân tỉnh giao các sở, ngành thực hiện."  # too short to be a story
    given = {"portal": portal, "url": f"http://{portal}.example/{key}", "published_on": date(2025, 5, 30), "body": body}
    return article(title, **(given | fields))


PORT = text_of(
    NINH_THUAN, "cang", "Cảng Cà Ná: tổng vốn 21,5 tỷ đồng", section="Kinh tế",
    related=(Related(title="Khởi công cảng", url=None, published_on=date(2025, 4, 12), published_raw="(12/04)"),),
)  # fmt: skip
FESTIVAL = text_of(NINH_THUAN, "kate", "Lễ hội Katê khai mạc ngày 20/10", section="Văn hóa")
WATER = text_of(NINH_THUAN, "nuoc", "Phan Rang - Tháp Chàm: 100% hộ có nước sạch", section="Xã hội")
MEETING = text_of(NINH_THUAN, "hop", "Hội nghị tổng kết năm học", section="Xã hội")
COAST = text_of(NINH_THUAN, "bien", "Khảo sát đường ven biển", body=RELEASE)
BRIDGE = text_of(KHANH_HOA, "cau", "Cầu Xóm Bóng thông xe", section="Giao thông")
TOUR = text_of(KHANH_HOA, "tour", "Nha Trang đón tàu biển", section="Du lịch")
REPRINT = text_of(KHANH_HOA, "ven-bien", "Đường ven biển được khảo sát", body=RELEASE, published_on=date(2025, 6, 1))
RIGHTS = text_of(KHANH_HOA, "quyen", "Sắp xếp trụ sở sau hợp nhất", published_on=date(2025, 7, 9))
FIRST = {NINH_THUAN: (PORT, FESTIVAL, WATER, MEETING, COAST), KHANH_HOA: (BRIDGE, TOUR, REPRINT)}


class Merger:
    """The story, told day by day."""

    def __init__(self, folder: Path) -> None:
        self.watched = Watched(Archive.open(folder, create=True))
        self.ids: dict[str, int] = {}

    def turn(self, portal: str, day: date) -> Run:
        """A run on that portal, at nine in the morning of Vietnam."""
        self.watched.portal = portal
        moment = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        run = self.watched.begin((moment - START).total_seconds() / 3600)
        with self.watched.write() as connection:
            known = as_known(portal, name=f"Cổng {portal}", province=PROVINCES[portal])
            remember_portal(connection, known, at(self.watched.now))
        return run

    def key_of(self, word: str) -> str:
        """The key of an address of the portal whose turn it is."""
        return f"{self.watched.portal}.example/{word}"

    def publish(self, run: Run, *texts: Article) -> None:
        for text in texts:
            word = text.url.rsplit("/", 1)[1]
            self.ids[word] = self.watched.new(run, self.key_of(word), text, tell=True)

    def alive(self, run: Run, *words: str) -> None:
        for word in words:
            self.watched.alive(run, self.key_of(word), self.ids[word])

    def absent(self, run: Run, word: str, absence: Absence) -> None:
        self.watched.absent(run, self.key_of(word), self.ids[word], absence)

    def edit(self, run: Run, word: str, weight: Weight = Weight.SUBSTANTIVE, **fields: str) -> None:
        """The article says something else; `fields` are those that changed."""
        with self.watched.write() as connection:
            before = self.watched.article(self.ids[word]).version
            now = replace(before.article, **fields)
            kept = self.watched.fetch(run, self.key_of(word))
            version = self.watched.version(kept, self.ids[word], now)
            self.watched.visit(run, self.key_of(word), OutcomeKind.EDITED, kept=kept, article_id=self.ids[word])
            history.add_change(
                connection, run, ChangeKind.EDITED, version, url=now.url, at=self.watched.instant,
                fetched_at=self.watched.instant, weight=weight, previous=before,
                fields=[
                    FieldChange(field=name, cls="wording", old=getattr(before.article, name), new=new)
                    for name, new in fields.items()
                ],
            )  # fmt: skip


def merger(folder: Path) -> Path:
    """Makes the archive; its folder."""
    told = Merger(folder)
    watched = told.watched
    with watched.write():
        for portal, texts in FIRST.items():
            run = told.turn(portal, date(2025, 6, 2))
            told.publish(run, *texts)
            watched.finish(run)
    with watched.write():
        run = told.turn(NINH_THUAN, date(2025, 6, 10))
        told.edit(run, "cang", title="Cảng Cà Ná: tổng vốn 215 tỷ đồng")
        watched.finish(run)
        run = told.turn(NINH_THUAN, date(2025, 6, 11))
        told.edit(run, "kate", title="Lễ hội Katê khai mạc ngày 21/10")
        watched.finish(run)
        run = told.turn(KHANH_HOA, date(2025, 6, 25))
        told.edit(run, "cau", Weight.MINOR, title="Cầu Xóm Bóng thông xe kỹ thuật")
        watched.finish(run)
        run = told.turn(NINH_THUAN, date(2025, 6, 25))
        told.edit(run, "nuoc", Weight.MINOR, section="Đời sống")
        watched.finish(run)
    with watched.write():
        run = told.turn(NINH_THUAN, date(2025, 7, 2))
        told.absent(run, "kate", Absence.NOT_FOUND)
        told.absent(run, "hop", Absence.REDIRECT_HOME)
        told.alive(run, "cang", "nuoc", "bien")
        watched.finish(run)
        run = told.turn(KHANH_HOA, date(2025, 7, 2))
        told.absent(run, "tour", Absence.NOT_FOUND)
        told.alive(run, "cau")
        watched.finish(run)
    with watched.write():
        run = told.turn(NINH_THUAN, date(2025, 7, 10))
        told.edit(run, "cang", lead="Ủy ban nhân dân tỉnh Khánh Hòa vừa điều chỉnh dự án.")
        watched.finish(run)
        run = told.turn(KHANH_HOA, date(2025, 7, 10))
        told.publish(run, RIGHTS)
        watched.finish(run)
    watched.archive.close()
    return folder
