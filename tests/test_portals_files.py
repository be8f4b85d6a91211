"""Portal files: the shipped ones, the form of DESIGN §6, and a clear line for everything that is wrong with one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from crawler.errors import TomlError
from crawler.parsing.rules import ArticleRules, Layout, ListingRules
from crawler.portals import FetchPolicy, find_portal, load_platforms, load_portal_file, load_portals
from crawler.portals.platform import Layouts, Platform

FULL = """
name = "Cổng thông tin điện tử tỉnh Lào Cai"
province = "lao-cai"
platform = "tandan"
start = ["https://www.laocai.gov.vn/tin-trong-tinh"]
feeds = ["https://www.laocai.gov.vn/rss"]
sitemap = "https://www.laocai.gov.vn/sitemap.xml"
verified = 2026-11-01
retired = 2025-07-01
successor = "ninhthuan"

[fetch]
delay_s = 2.5
concurrency = 2
budget_per_day = 500
verify_tls = false
encoding = "windows-1258"

[expect]
listing_entries = { min = 10, max = 60 }
fields = ["title", "body", "date"]

[listing]
entry = { css = "ul.news-list > li" }
link  = { css = "a.link", attr = "href" }
title = { css = "a.link" }
date  = { css = ".date", re = '(\\d{1,2}/\\d{1,2}/\\d{4})' }
next  = { css = "a[rel=next]", attr = "href" }

[article]
title = { css = "h1.title" }
date  = [ { css = ".date" }, { xpath = "//meta[@property='article:published_time']", attr = "content" } ]
lead  = { css = ".sapo" }
body  = { css = ".body", remove = [".tools", "figure"] }
byline = { css = ".author" }
section = { css = ".breadcrumb a:last-child" }
attachments = { css = ".attach a", attr = "href" }
images = { entry = { css = ".body figure" }, url = { css = "img", attr = "src" }, caption = { css = "figcaption" } }

[article.related]
entry = { css = ".other-news li" }
title = { css = "a" }
date  = { css = ".date" }

[[article.was]]
until = 2024-08-01T00:00:00+07:00
title = { css = "h2.tieude" }
"""


def load(tmp_path, text, name="lao-cai.toml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_portal_file(path)


def rules_of(layout):
    return {name: [item.source for item in getattr(layout.article, name)] for name in ("title", "date", "body", "lead")}


def test_portal_file_of_every_key_is_read(tmp_path):
    portal = load(tmp_path, FULL)
    assert (portal.slug, portal.province, portal.platform) == ("lao-cai", "lao-cai", "tandan")
    assert portal.feeds == ("https://www.laocai.gov.vn/rss",)
    assert (portal.verified, portal.retired, portal.successor) == (date(2026, 11, 1), date(2025, 7, 1), "ninhthuan")
    assert portal.fetch == FetchPolicy(
        delay_s=2.5, concurrency=2, budget_per_day=500, verify_tls=False, encoding="windows-1258"
    )
    assert (portal.expect.listing_entries, portal.expect.fields) == ((10, 60), ("title", "body", "date"))
    assert portal.hosts == {"laocai.gov.vn", "www.laocai.gov.vn"}


def test_portal_rules_stand_before_those_of_the_platform(tmp_path):
    portal = load(tmp_path, 'platform = "tandan"\n[article]\ntitle = { css = "h1.rieng" }\n')
    rules = rules_of(portal.reader.layouts[0])
    assert (rules["title"], rules["lead"]) == (["h1.rieng"], [".tandan-p-article-news-summary"])


def test_portal_related_rules_are_laid_over_part_by_part(tmp_path):
    portal = load(tmp_path, 'platform = "tandan"\n[article.related]\ndate = { css = "em" }\n')
    related = portal.reader.layouts[0].article.related
    assert ([s.source for s in related.date], [s.source for s in related.entry]) == (
        ["em"],
        [".tandan-div-article-other li"],
    )


def test_portal_with_its_own_rules_is_the_extractor(tmp_path):
    own = load(tmp_path, 'platform = "tandan"\n[article]\nbody = { css = ".b" }\n')
    plain = load(tmp_path, 'platform = "tandan"\n[article]\nbyline = { css = ".b" }\n')
    assert (own.reader.layouts[0].extractor, plain.reader.layouts[0].extractor) == ("portal", "platform")


def test_portal_history_is_a_layout_with_an_end(tmp_path):
    layouts = load(tmp_path, FULL).reader.layouts
    assert layouts[1].until == datetime(2024, 7, 31, 17, tzinfo=UTC)
    assert rules_of(layouts[1]) == {**rules_of(layouts[0]), "title": ["h2.tieude"]}


def test_portal_auto_declares_no_layout_and_may_use_all(tmp_path):
    reader = load(tmp_path, 'platform = "auto"\nstart = ["http://a.vn/"]\n').reader
    assert (reader.declared, {layout.platform for layout in reader.layouts}) == (0, set(load_platforms()))


def test_portal_file_with_bom_and_crlf_is_read(tmp_path):
    assert load(tmp_path, b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode()).name.endswith("Lào Cai")


def test_portal_on_loopback_needs_no_delay(tmp_path):
    portal = load(tmp_path, 'start = ["http://127.0.0.1:8001/a"]\n[fetch]\nallow_private = true\n')
    assert (portal.fetch.delay_s, portal.hosts) == (0.0, {"127.0.0.1:8001"})


def test_portal_without_fetch_table_is_polite(tmp_path):
    assert load(tmp_path, 'start = ["http://a.vn/a"]\n').fetch == FetchPolicy(
        delay_s=1.0, concurrency=1, verify_tls=True
    )


WRONG = [
    ('name = "x"\nsart = []\n', 2, "sart", "did you mean start?"),
    ('platform = "typo3"\n', 1, "platform", "sharepoint-publishing"),
    ('start = "http://a.vn/"\n', 1, "start", "list"),
    ('start = [\n  "http://a.vn/",\n  "a.vn/tin",\n]\n', 1, "start", "a.vn/tin"),
    ('start = ["ftp://a.vn/"]\n', 1, "start", "no web address"),
    ('start = ["http://"]\n', 1, "start", "no web address"),
    ('name = "x"\n\n[fetch]\ndelay_s = 0.1\n', 4, "fetch.delay_s", "politeness has no off switch"),
    ("[fetch]\ndelay_s = -1\n", 2, "fetch.delay_s", "out of range"),
    ('[fetch]\ndelay_s = "1"\n', 2, "fetch.delay_s", "not a number"),
    ("[fetch]\ndelay_s = true\n", 2, "fetch.delay_s", "not a number"),
    ("[fetch]\nconcurrency = 50\n", 2, "fetch.concurrency", "at most"),
    ("[fetch]\nconcurrency = 1.5\n", 2, "fetch.concurrency", "whole number"),
    ("[fetch]\nverify = false\n", 2, "fetch.verify", "did you mean verify_tls?"),
    ('[fetch]\nverify_tls = "no"\n', 2, "fetch.verify_tls", "true or false"),
    ('[fetch]\nencoding = "klingon"\n', 2, "fetch.encoding", "charset"),
    ('[fetch]\nca_file = "x.pem"\n', 2, "fetch.ca_file", "x.pem"),
    ("fetch = 3\n", 1, "fetch", "not a table"),
    ('[expect]\nfields = ["titel"]\n', 2, "expect.fields", "titel"),
    ("[expect]\nlisting_entries = { min = 10, max = 5 }\n", 2, "expect.listing_entries.max", "less than"),
    ('[listing]\nentry = { css = "li" }\nlnk = { css = "a" }\n', 3, "listing.lnk", "did you mean link?"),
    ('[listing]\nentry = { css = "ul >> li" }\n', 2, "listing.entry.css", "no CSS selector"),
    ('[listing]\nentry = { css = "li", xpath = "//li" }\n', 2, "listing.entry", "both"),
    ('[listing]\nentry = { attr = "href" }\n', 2, "listing.entry", "neither"),
    ('[listing]\nentry = { ccs = "li" }\n', 2, "listing.entry.ccs", "did you mean css?"),
    ('[listing]\nentry = "li"\n', 2, "listing.entry", "no selector"),
    ('[article]\ntitle = { xpath = "//h1[" }\n', 2, "article.title.xpath", "no XPath expression"),
    ('[article]\ntitle = { xpath = "//meta/@content" }\n', 2, "article.title.xpath", "attr"),
    ('[article]\ntitle = { css = "h1", re = "(" }\n', 2, "article.title.re", "regular expression"),
    ('[article]\ntitle = { css = "h1", remove = ".x" }\n', 2, "article.title.remove", "list"),
    ('[article]\ntitle = { css = "h1", remove = ["]"] }\n', 2, "article.title.remove", "no CSS selector"),
    ('[article]\ndate = [\n  { css = ".a" },\n  { css = "..b" },\n]\n', 4, "article.date[1].css", "no CSS selector"),
    ('[article]\ndate = []\n', 2, "article.date", "no selector"),
    ('[article]\nbody = { css = "" }\n', 2, "article.body.css", "is empty"),
    ('[article.related]\nentry = { css = "li" }\nwhen = { css = "i" }\n', 3, "article.related.when", "known here"),
    ('[article]\nimages = { entry = { css = "li" }, src = { css = "i" } }\n', 2, "article.images.src", "known here"),
    ('[[article.was]]\ntitle = { css = "h2" }\n', 1, "article.was[0]", "until"),
    ("[[article.was]]\nuntil = 2024-08-01T00:00:00\n", 2, "article.was[0].until", "time zone"),
    ("[[article.was]]\nuntil = 2024-08-01\n", 2, "article.was[0].until", "not a point in time"),
    (
        "[[article.was]]\nuntil = 2024-08-01T00:00:00Z\n\n[[article.was]]\nuntil = 2023-08-01T00:00:00Z\ntitel = 1\n",
        6, "article.was[1].titel", "did you mean title?",
    ),
    ("retired = 2025-07-01T00:00:00\n", 1, "retired", "not a date"),
    ('retired = "2025-07-01"\n', 1, "retired", "not a date"),
    ('verified = "yes"\n', 1, "verified", "not a date"),
    ("name = 5\n", 1, "name", "not a string"),
]  # fmt: skip


@pytest.mark.parametrize("text, line, key, words", WRONG)
def test_portal_file_error_names_file_line_and_key(tmp_path, text, line, key, words):
    with pytest.raises(TomlError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert re.search(rf"lao-cai\.toml:{line}: {re.escape(key)}: ", message), message
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text, line",
    [
        ("name = \n", 1),
        ('name = "x"\nname = "y"\n', 2),
        ("a = 1\n[b\n", 2),
        ('x = "\n', 1),
        (b'name = "\xff"\n', 1),
        ('a=1\n"""', 2),
    ],
)
def test_portal_file_that_is_no_toml_names_the_line(tmp_path, text, line):
    with pytest.raises(TomlError, match=rf"lao-cai\.toml:{line}: "):
        load(tmp_path, text)


def test_portal_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(TomlError, match="cannot be read"):
        load_portal_file(tmp_path / "x.toml")


def test_portal_file_with_a_strange_name_is_an_error(tmp_path):
    with pytest.raises(TomlError, match="slug"):
        load(tmp_path, "", "Lào Cai.toml")


def test_portals_of_the_archivist_win(tmp_path):
    (tmp_path / "ninhthuan.toml").write_text('name = "của tôi"\nstart = ["http://127.0.0.1:8000/"]\n', "utf-8")
    assert load_portals(tmp_path)["ninhthuan"].name == "của tôi"


def test_portals_of_a_folder_that_is_not_there_are_the_shipped_ones(tmp_path):
    assert load_portals(tmp_path / "none") == load_portals(None)


def test_portal_successor_must_exist(tmp_path):
    (tmp_path / "x.toml").write_text('name = "x"\nsuccessor = "y"\n', "utf-8")
    with pytest.raises(TomlError, match=r"x\.toml:2: successor: "):
        load_portals(tmp_path)


def test_shipped_ninhthuan_2021_is_retired_for_its_successor():
    portal = load_portals(None)["ninhthuan-2021"]
    assert (portal.retired, portal.successor, portal.fold_case) == (date(2022, 9, 21), "ninhthuan", True)


def test_portal_key_folds_case_on_sharepoint():
    portal = load_portals(None)["ninhthuan-2021"]
    assert portal.key("http://www.ninhthuan.gov.vn/Pages/A.aspx") == portal.key("https://ninhthuan.gov.vn/pages/a.aspx")


@pytest.mark.parametrize(
    "url, slug",
    [
        ("http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/X.aspx", "ninhthuan-2021"),
        ("https://ninhthuan.gov.vn:443/ChinhQuyen/sonv/Pages/X.aspx", "ninhthuan-2021"),
        ("https://www.ninhthuan.gov.vn/portal/Pages/2022-9-21/x.aspx", "ninhthuan"),
        ("https://www.ninhthuan.gov.vn/", "ninhthuan"),
        ("https://sonv.ninhthuan.gov.vn/", None),
        ("http://www.ninhthuan.gov.vn:8080/", None),
        ("nonsense", None),
        ("http://[", None),
    ],
)
def test_find_portal_by_host_and_path(url, slug):
    found = find_portal(load_portals(None), url)
    assert (found.slug if found else None) == slug


BASE = 'name = "a"\nplatform = "tandan"\nstart = ["http://a.vn/"]\n[article]\ntitle = { css = "h1" }\n'


@pytest.mark.parametrize(
    "same",
    [
        BASE.replace('name = "a"', 'name = "b"  # comment'),
        BASE.replace("http://a.vn/", "http://b.vn/"),
        BASE.replace("[article]", "[fetch]\ndelay_s = 9\n[article]"),
        BASE.replace('{ css = "h1" }', '{css="h1"}'),
    ],
)
def test_fingerprint_ignores_what_does_not_read(tmp_path, same):
    assert load(tmp_path, same).fingerprint == load(tmp_path, BASE).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("h1", "h2"),
        BASE.replace('"h1"', '"h1", re = "x"'),
        BASE.replace("tandan", "sharepoint-publishing"),
        BASE.replace("[article]", '[fetch]\nencoding = "windows-1258"\n[article]'),
        BASE.replace("[article]", '[expect]\nfields = ["date"]\n[article]'),
        BASE + "[[article.was]]\nuntil = 2024-08-01T00:00:00Z\n",
    ],
)
def test_fingerprint_follows_what_reads(tmp_path, other):
    assert load(tmp_path, other).fingerprint != load(tmp_path, BASE).fingerprint


def test_other_platforms_are_compiled_one_by_one_when_they_are_looked_at():
    own = Layout(platform="tandan", extractor="platform", article=ArticleRules(), listing=ListingRules())
    built: list[str] = []

    def platform(name: str) -> Platform:
        def build() -> Layout:
            built.append(name)
            return Layout(platform=name, extractor="platform", article=ArticleRules(), listing=ListingRules())

        return Platform(name=name, title=name, fold_case=False, rules={}, build=build)

    layouts = Layouts((own,), (platform("liferay"), platform("joomla")))
    assert (layouts[:1], layouts[0], len(layouts), built) == ((own,), own, 3, [])
    assert next(layout.platform for layout in layouts[1:2]) == "liferay"
    assert [layout.platform for layout in layouts] == ["tandan", "liferay", "joomla"]
    assert (layouts[-1].platform, built) == ("joomla", ["liferay", "joomla"])
    with pytest.raises(IndexError):
        layouts[3]


def test_no_platform_reads_what_is_masked_in_pages_that_come_again() -> None:
    assert [name for name, known in load_platforms().items() if known.layout.may_read_state] == []
