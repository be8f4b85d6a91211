"""Feeds: what their entries say, that readers take them, and that nothing in them changes by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from alerting import subscription
from lxml import etree
from lxml import html as lxml_html
from sqlalchemy import insert, select, update
from watched import PORTAL, Watched, article, at

from crawler.i18n import load_messages
from crawler.monitor.feeds import Feeding, Written, names
from crawler.monitor.feeds.atom import xml_safe
from crawler.monitor.feeds.entry import Composer
from crawler.subscriptions import Subscription
from crawler.subscriptions.feeds import FeedPolicy
from storage import history, schema
from storage.diff import diff_articles, weigh
from storage.vocabulary import Absence, Cause, ChangeKind, Weight

of_files = pytest.mark.databases("sqlite", reason="is about files, whatever the database")
HOME = "http://lao-cai.example/"
MONEY = subscription(name="tiền", words=(" 215 ty ",))


@dataclass
class Press:
    """Records changes of one portal, and writes its feeds into a folder."""

    watched: Watched
    folder: Path
    subscriptions: Sequence[Subscription] = (MONEY,)
    policy: FeedPolicy = FeedPolicy()
    language: str = "vi"
    name: str = "Cổng Lào Cai"

    def first_crawl(self, *keys: str) -> None:
        run = self.watched.begin(0)
        for key in keys or ("nền",):
            self.watched.new(run, key, tell=True)
        self.watched.finish(run)

    def new(self, hour: float, *titles: str, **fields: Any) -> list[int]:
        run = self.watched.begin(hour)
        with self.watched.write():
            return [
                self.watched.new(run, f"{hour}-{n}", article(title, **fields), tell=True)
                for n, title in enumerate(titles)
            ]

    def edit(self, hour: float, article_id: int, cause: Cause = Cause.CRAWL, **fields: Any) -> None:
        run = self.watched.begin(hour)
        before = self.watched.article(article_id).version
        text = replace(before.article, **fields)
        places = diff_articles(before.article, text)
        with self.watched.write() as connection:
            version = self.watched.version(self.watched.fetch(run, f"e{article_id}"), article_id, text, cause)
            history.add_change(
                connection, run, ChangeKind.EDITED, version, url=text.url, at=self.watched.instant,
                fetched_at=self.watched.instant, weight=weigh(places), previous=before, fields=places,
            )  # fmt: skip

    def gone(self, hour: float, article_id: int) -> None:
        run = self.watched.begin(hour)
        with self.watched.write() as connection:
            history.add_change(
                connection, run, ChangeKind.GONE, self.watched.article(article_id).version, url=f"{HOME}hop",
                at=self.watched.instant, fetched_at=self.watched.instant, weight=Weight.SUBSTANTIVE,
                gone_kind=Absence.NOT_FOUND, confirmations=2,
            )  # fmt: skip

    def write(self, *, anew: bool = False) -> Written:
        return Feeding(
            archive=self.watched.archive,
            policy=replace(self.policy, directory=str(self.folder)),
            subscriptions=self.subscriptions,
            speak=lambda one: load_messages((one.language if one else None) or self.language),
            names={PORTAL: self.name},
            homes={PORTAL: HOME},
            provinces={PORTAL: "lao-cai"},
            clock=lambda: self.watched.instant + timedelta(minutes=1),
        ).write(anew=anew)

    def json(self, name: str) -> dict[str, Any]:
        top: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        return top

    def atom(self, name: str) -> feedparser.FeedParserDict:
        return feedparser.parse((self.folder / f"{name}.atom").read_bytes())

    def titles(self, name: str) -> list[str]:
        return [item["title"] for item in self.json(name)["items"]]

    def feeds(self) -> list[str]:
        return sorted(p.relative_to(self.folder).with_suffix("").as_posix() for p in self.folder.rglob("*.atom"))

    def files(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file of a feed: its inode, its time, its bytes."""
        found = [path for path in self.folder.rglob("*") if path.is_file() and path.name != ".state.json"]
        return {
            path.relative_to(self.folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
            for path in found
        }


@pytest.fixture
def press(watched: Watched, tmp_path: Path) -> Press:
    made = Press(watched, tmp_path / "feeds")
    made.first_crawl("a", "b")
    return made


def test_each_change_is_an_entry_in_the_feeds_it_belongs_to(press: Press) -> None:
    one, two = press.new(1, "Chi 21,5 tỷ", "Mưa lớn", body="Tổng vốn 21,5 tỷ đồng.", section="Kinh tế")
    press.new(2, "Không chuyên mục", section=None)
    press.edit(3, one, body="Tổng vốn 215 tỷ đồng.")
    press.gone(4, two)
    done = press.write()
    first = "Cổng Lào Cai: Lần thu thập đầu tiên của cổng này: 2 bài, từ nay được theo dõi."
    economy = ["Mất: Mưa lớn", "Sửa: Chi 21,5 tỷ", "Mới: Mưa lớn", "Mới: Chi 21,5 tỷ"]
    everything = [
        "Mất: Mưa lớn",
        "Sửa: Chi 21,5 tỷ",
        "Mới: Không chuyên mục",
        "Mới: Mưa lớn",
        "Mới: Chi 21,5 tỷ",
        first,
    ]
    assert press.feeds() == ["all", "portals/lao-cai", "portals/lao-cai/kinh-te", names.subscription_feed("tiền")]
    assert press.titles("all") == press.titles("portals/lao-cai") == everything
    assert press.titles("portals/lao-cai/kinh-te") == economy
    assert press.titles(names.subscription_feed("tiền")) == ["Sửa: Chi 21,5 tỷ", first]
    assert (done.feeds, done.ended) == (4, 0)


@of_files
def test_entry_tells_the_change_as_the_report_does(press: Press) -> None:
    (number,) = press.new(1, "Chi 21,5 tỷ", body="Tổng vốn 21,5 tỷ đồng.", lead="Tóm tắt <b>.")
    press.edit(2.5, number, body="Tổng vốn 215 tỷ đồng.")
    press.write()
    edited, new = press.atom("portals/lao-cai").entries[:2]
    content = lxml_html.fromstring(edited.content[0].value)
    assert content.xpath("string(.//del)") == "21,5"
    assert content.xpath("string(.//ins)") == "215"
    assert "− cũ:" in content.text_content()
    assert "+ mới:" in content.text_content()
    assert "số tiền “21,5 tỷ đồng” → “215 tỷ đồng”, gấp 10 lần" in edited.summary
    assert "Tóm tắt <b>." in lxml_html.fromstring(new.content[0].value).text_content()
    assert (edited.published, edited.updated) == ("2021-04-13T11:30:00+07:00", "2021-04-13T11:30:00+07:00")
    assert (edited.author, edited.link) == ("Cổng Lào Cai", f"{HOME}hop")
    assert [tag.term for tag in edited.tags] == ["edited", "Chính trị"]


@of_files
def test_feed_says_what_it_is_and_where_it_is_read(press: Press) -> None:
    press.policy = FeedPolicy(base_url="https://tin.example.vn/feeds/")
    press.new(1, "Mưa lớn", section="Thời tiết")
    press.write()
    feed, top = press.atom("portals/lao-cai/thoi-tiet").feed, press.json("portals/lao-cai/thoi-tiet")
    address = "https://tin.example.vn/feeds/portals/lao-cai/thoi-tiet"
    assert [(link.rel, link.href) for link in feed.links] == [("alternate", HOME), ("self", f"{address}.atom")]
    assert (top["home_page_url"], top["feed_url"]) == (HOME, f"{address}.json")
    assert feed.title == top["title"] == "Cổng Lào Cai – Thời tiết"
    assert feed.updated == "2021-04-13T10:00:00+07:00"
    assert feed.language == top["language"] == "vi"
    outlines = etree.parse(press.folder / "feeds.opml").findall(".//outline")
    assert {line.get("xmlUrl") for line in outlines} >= {f"{address}.atom", "https://tin.example.vn/feeds/all.atom"}


@of_files
def test_json_feed_has_every_member_that_the_standard_asks_for(press: Press) -> None:
    press.new(1, "Mưa lớn")
    press.write()
    for name in press.feeds():
        top = press.json(name)
        assert top["version"] == "https://jsonfeed.org/version/1.1"
        assert isinstance(top["title"], str)
        assert top["items"]
        for item in top["items"]:
            assert isinstance(item["id"], str)
            assert isinstance(item["content_html"], str)
            assert all(author["name"] for author in item["authors"])
        assert len({item["id"] for item in top["items"]}) == len(top["items"])


ATOM = "{http://www.w3.org/2005/Atom}"
WILD = "<script>alert(1)</script> & ]]> &amp; \x0b\x1b\u202e \ufffehoa\u0300 \U0001f600"


@of_files
def test_fault_115_feeds_are_well_formed_whatever_a_page_says(press: Press) -> None:
    press.subscriptions = (replace(MONEY, name=f"tiền {WILD[:25]}", words=()),)
    (number,) = press.new(1, f"Tin {WILD}", lead=f"Dẫn {WILD}", section=f"Mục {WILD}")
    press.edit(2, number, body=f"Thân bài {WILD} 215 tỷ đồng.", byline=WILD)
    press.policy = FeedPolicy(base_url="https://tin.example.vn/feeds/")
    press.write()
    assert len(press.feeds()) == 4
    for name in press.feeds():
        etree.fromstring((press.folder / f"{name}.atom").read_bytes())  # strict
        found = press.atom(name)
        assert not found.bozo, found.get("bozo_exception")
        assert found.entries[1].title == "Mới: Tin <script>alert(1)</script> & ]]> &amp; hoà 😀"  # of type text
        addresses = [link.href for entry in found.entries for link in entry.links]
        for item in press.json(name)["items"]:
            content = lxml_html.fragment_fromstring(item["content_html"], create_parent=True)
            assert not content.xpath(".//script")
            assert "<script>alert(1)</script> & ]]> &amp;" in content.text_content() or "first-crawl" in item["id"]
            addresses += content.xpath(".//@href") + content.xpath(".//@src") + [item["url"]]
        assert all(address.startswith("http://lao-cai.example/") for address in addresses)
    etree.parse(press.folder / "feeds.opml")
    page = lxml_html.parse(press.folder / "index.html")
    assert not page.xpath("//script")
    assert {press.folder / link for link in page.xpath("//a/@href")} == {
        press.folder / f"{name}.{ending}" for name in press.feeds() for ending in ("atom", "json")
    }


@of_files
def test_fault_115_summary_is_the_same_text_in_both_forms(press: Press) -> None:
    wild = "Lãi suất < 5% & <b>đậm</b> <script>alert(1)</script>"
    (number,) = press.new(1, "Tin", lead=wild)
    press.edit(2, number, title=f"Tin {wild}", lead=wild)
    press.write()
    entries = etree.parse(press.folder / "all.atom").findall(f"{ATOM}entry")
    said = [item.get("summary", "") for item in press.json("all")["items"]]
    assert [wild in each for each in said[:2]] == [True, True]
    for entry, text in zip(entries, said, strict=True):
        for summary in entry.findall(f"{ATOM}summary"):
            shown = lxml_html.fragment_fromstring(summary.text, create_parent=True)
            assert (summary.get("type"), shown.text_content()) == ("html", text)


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert xml_safe("a\x00b\x0bc\ud800d\ufffee\tf\U0001f600") == "abcde\tf\U0001f600"


def test_ids_are_the_same_in_every_run_and_form(press: Press) -> None:
    (number,) = press.new(1, "Mưa lớn")
    press.write()
    before = [item["id"] for item in press.json("all")["items"]]
    press.edit(2, number, title="Mưa rất lớn")
    press.policy = FeedPolicy(base_url="https://tin.example.vn/")
    press.language, press.name = "en", "Lào Cai"
    press.write()
    assert [item["id"] for item in press.json("all")["items"]][1:] == before
    for path in press.folder.rglob("*.*"):
        path.unlink(missing_ok=True)
    press.write()
    assert [entry.id for entry in press.atom("portals/lao-cai").entries][1:] == before
    assert all(tag.startswith("tag:portalwatch.invalid,2026:") for tag in before)


@of_files
def test_files_that_would_be_the_same_are_left_untouched(press: Press) -> None:
    press.new(1, "Mưa lớn", section="Thời tiết")
    press.new(1.5, "Chi 215 tỷ", body="Tổng vốn 215 tỷ đồng.", section="Kinh tế")
    press.write()
    before = press.files()
    assert (press.write().files, press.write(anew=True).files) == (0, 0)
    assert press.files() == before
    press.new(2, "Nắng to", section="Thời tiết")
    press.write()
    after = press.files()
    touched = {name for name in after if after[name] != before[name]}
    assert touched == {
        f"{n}.{end}" for n in ("all", "portals/lao-cai", "portals/lao-cai/thoi-tiet") for end in ("atom", "json")
    }


@of_files
def test_feeds_that_grew_are_those_that_are_made_anew(press: Press) -> None:
    press.policy = FeedPolicy(entries=4)
    for hour in range(1, 8):
        press.new(
            hour, f"Chi {hour} tỷ", body=f"Tổng vốn 215 tỷ đồng, năm {hour}.", section=("Kinh tế", "Y tế")[hour % 2]
        )
        press.write()
    before = press.files()
    assert len(press.titles("all")) == 4
    assert press.titles("portals/lao-cai/kinh-te") == ["Mới: Chi 6 tỷ", "Mới: Chi 4 tỷ", "Mới: Chi 2 tỷ"]
    press.write(anew=True)
    assert press.files() == before
    for path in press.folder.rglob("*.*"):
        path.unlink(missing_ok=True)
    press.write()
    assert {name: file[2] for name, file in press.files().items()} == {name: file[2] for name, file in before.items()}


def test_what_imports_and_rereading_find_is_not_told(press: Press) -> None:
    (number,) = press.new(1, "Mưa lớn")
    press.edit(2, number, Cause.REPARSE, title="Mưa rất lớn")
    with press.watched.write() as connection:
        connection.execute(update(schema.changes).where(schema.changes.c.kind == "gone").values(cause="import"))
    press.write()
    assert press.titles("all")[:1] == ["Mới: Mưa lớn"]


def test_first_crawl_is_one_entry_that_grows(press: Press) -> None:
    press.write()
    (before,) = press.json("all")["items"]
    run = press.watched.begin(1)
    press.watched.new(replace(run, first_crawl=True), "c", tell=True)
    press.write()
    (after,) = press.json("portals/lao-cai")["items"]
    assert (before["id"], before["url"]) == (after["id"], HOME)
    assert "2 bài" in before["title"]
    assert "3 bài" in after["title"]


@of_files
def test_setting_that_is_altered_makes_entries_anew(press: Press) -> None:
    press.new(1, "Mưa lớn")
    press.write()
    press.language = "en"
    press.write()
    assert press.titles("all")[0] == press.titles("portals/lao-cai/chinh-tri")[0] == "New: Mưa lớn"
    press.subscriptions = (replace(MONEY, words=(" mua lon ",)),)
    press.write()
    assert press.titles(names.subscription_feed("tiền"))[0] == "New: Mưa lớn"


@of_files
def test_subscription_speaks_its_own_language(press: Press) -> None:
    press.subscriptions = (replace(MONEY, words=(), language="en"),)
    press.new(1, "Mưa lớn")
    press.write()
    assert press.titles(names.subscription_feed("tiền"))[0] == "New: Mưa lớn"
    assert press.titles("all")[0] == "Mới: Mưa lớn"


def test_archive_that_was_restored_tells_what_it_has(press: Press) -> None:
    press.new(1, "Mưa lớn", "Nắng to")
    press.write()
    with press.watched.write() as connection:  # the backup had only the first, and another came after it
        last = connection.execute(
            select(schema.changes.c.change_id).order_by(schema.changes.c.change_id.desc())
        ).scalar()
        connection.execute(
            update(schema.changes)
            .where(schema.changes.c.change_id == last)
            .values(title="Gió mùa", detected_at=at(5), fetched_at=at(5))
        )
    press.write()
    assert press.titles("all")[:2] == ["Mới: Gió mùa", "Mới: Mưa lớn"]


@of_files
def test_subscription_that_is_taken_out_ends_its_feed_once(press: Press) -> None:
    press.new(1, "Chi 215 tỷ", body="215 tỷ đồng.")
    press.write()
    name = names.subscription_feed("tiền")
    kept = press.json(name)["items"]
    press.subscriptions = ()
    assert press.write().ended == 1
    last = press.json(name)
    assert last["expired"] is True
    assert last["items"][1:] == kept
    assert last["items"][0]["title"] == "Đã kết thúc: portalwatch – tiền"
    assert not press.atom(name).bozo
    before = press.files()
    assert name not in (press.folder / "index.html").read_text(encoding="utf-8")
    press.watched.now = 9
    assert press.write().ended == 0
    assert press.files() == before
    press.subscriptions = (MONEY,)
    press.write()
    assert "expired" not in press.json(name)
    assert press.json(name)["items"] == kept


@of_files
def test_section_that_may_have_no_feed_any_more_ends(press: Press) -> None:
    press.new(1, "Mưa lớn")
    press.write()
    press.policy = FeedPolicy(sections=0)
    assert press.write().ended == 1
    assert press.json("portals/lao-cai/chinh-tri")["expired"] is True


@of_files
def test_portal_has_no_more_feeds_of_sections_than_the_setting_allows(press: Press) -> None:
    press.policy = FeedPolicy(sections=2)
    for hour, section in enumerate(["Kinh tế", "Y tế", "Giáo dục", "kinh te"], start=1):
        press.new(hour, f"Tin {hour}", section=section)
        press.write()
    assert [name for name in press.feeds() if names.is_section(name)] == [
        "portals/lao-cai/kinh-te",
        "portals/lao-cai/y-te",
    ]
    assert press.titles("portals/lao-cai/kinh-te") == ["Mới: Tin 4", "Mới: Tin 1"]
    assert press.titles("all")[1] == "Mới: Tin 3"


@of_files
def test_spoilt_file_is_written_anew(press: Press) -> None:
    press.new(1, "Mưa lớn")
    press.write()
    before = press.files()["all.json"][2]
    (press.folder / "all.json").write_text('{"items": [{', encoding="utf-8")
    (press.folder / ".state.json").write_text("[]", encoding="utf-8")
    press.write()
    assert press.files()["all.json"][2] == before


@pytest.mark.databases("sqlite", reason="counts what is made, whatever the database")
def test_ten_thousand_changes_cost_no_more_than_a_feed_shows(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = press.new(1, "Mưa lớn")
    press.edit(2, number, body="Mưa " + "rất lớn, đường ngập sâu " * 2000)
    with press.watched.write() as connection:
        row = dict(
            connection.execute(select(schema.changes).order_by(schema.changes.c.change_id.desc()).limit(1))
            .one()
            ._mapping
        )
        last = row.pop("change_id")
        rows = [row | {"title": f"Tin {n}", "detected_at": at(2 + n / 1e5)} for n in range(1, 10_001)]
        connection.execute(insert(schema.changes), rows)
    made = []
    inner = Composer.entry
    monkeypatch.setattr(Composer, "entry", lambda self, one, *rest: made.append(one) or inner(self, one, *rest))
    press.policy, press.subscriptions = FeedPolicy(max_kb=64), ()
    press.write()
    assert len(made) == 50  # the newest, once for all three feeds
    sizes = [path.stat().st_size for path in press.folder.rglob("*.*")]
    assert max(sizes) <= 64 * 1024 + 2000
    assert press.titles("all")[0] == "Sửa: Tin 10000"
    made.clear()
    press.new(3, "Nắng to")
    press.write()
    assert [one.change.change_id for one in made] == [last + 10_001]


@pytest.mark.parametrize(
    "section, name",
    [
        ("Kinh tế", "kinh-te"),
        ("KINH  TẾ", "kinh-te"),
        ("Văn hóa - Xã hội", "van-hoa-xa-hoi"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\Kinh tế.", "kinh-te"),
        ("-rf", "rf"),
    ],
)
def test_fault_101_section_is_a_safe_name(section: str, name: str) -> None:
    assert names.section_feed("lao-cai", section) == f"portals/lao-cai/{name}"


ODD = (
    *("Con", "con", "aux", "NUL.", "中文", "ເສດຖະກິດ", "…", "a" * 300, "ý kiến" * 50),
    *("x/y", "..", "-", "a\0b", "\ud800"),
)


@pytest.mark.parametrize("text", ODD)
def test_fault_101_odd_names_are_safe_too(text: str) -> None:
    for name in (names.section_feed("lao-cai", text), names.subscription_feed(text)):
        last = name.rpartition("/")[2]
        assert last.isascii()
        assert 0 < len(last) <= 70
        assert last not in ("con", "aux", "nul")
        assert last.replace("-", "").isalnum()


def test_fault_101_subscriptions_never_share_a_name() -> None:
    texts = ["tất cả", "tat ca", "tat-ca", "Tất cả", "tat_ca", "TAT-CA", "中文", "日本"]
    assert len({names.subscription_feed(text) for text in texts}) == len(texts)
    assert names.subscription_feed("tat-ca") == "subscriptions/tat-ca"
