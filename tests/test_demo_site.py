"""The demo portal keeps its own promises: seed page, clock, validators, listings, the editorial day."""

import gzip
import http.client
import socket
import unicodedata
from contextlib import closing
from itertools import combinations
from urllib.parse import urljoin

import lxml.html
import pytest

from crawler.demo import EDITORIAL_DAY, Site, apply_day, before_day, load_site, serve
from crawler.demo.day import NFD_PAGES, REENCODED
from crawler.demo.site import SECTIONS, load_new_articles
from crawler.demo.truth import plain

SEED = (
    "Pho-Chu-tich-UBND-tinh-Nguyen-Long-Bien-du-Hoi-nghi-Tong-ket-cong-tac-nam-2020,"
    "-trien-khai-Ke-hoach-nam-2021-nganh-Thong-tin-va-Truyen-thong"
)
ETAG = "Phe-duyet-du-an-nang-cap-duong-noi-cang-Ca-Na-voi-Quoc-lo-1"
LAST_MODIFIED = "Kim-ngach-xuat-khau-quy-I-dat-hon-24-trieu-USD"
BOTH = "Khai-truong-phong-hop-khong-giay-tai-HDND-tinh"
MAIN_LISTING = "/chinhquyen/Pages/default.aspx"
ALL_SLUGS = sorted(article.slug for article in load_site().articles)


class Browser:
    """GET without following redirects, on one kept-alive connection."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def get(self, path, **headers):
        self.connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = self.connection.getresponse()
        response.body = response.read()
        return response

    def text(self, path):
        return self.get(path).body.decode()

    def page(self, path):
        return lxml.html.fromstring(self.text(path))


@pytest.fixture
def site():
    return load_site()


@pytest.fixture
def server(site):
    with serve(site) as running:
        yield running


@pytest.fixture
def browser(server):
    found = Browser(server)
    yield found
    found.connection.close()


@pytest.fixture(scope="module", params=["sharepoint", "tandan"])
def untouched(request):
    """A site that no test changes, in each template, and a browser on it."""
    site = load_site()
    site.template = request.param
    with serve(site) as server:
        found = Browser(server)
        yield site, found
        found.connection.close()


def words(page, css):
    return [plain(element.text_content()) for element in page.cssselect(css)]


def body_text(page):
    return plain(page.cssselect(".ms-rtestate-field")[0].text_content())


def listed_paths(browser, start, entry, following):
    paths, address = [], start
    while address:
        page = browser.page(address)
        paths += [link.get("href") for link in page.cssselect(entry)]
        links = page.cssselect(following)
        address = links[0].get("href") if links else None
    return paths


# --- the texts


def test_site_has_at_least_64_distinct_articles(site):
    assert len({plain(article.title) for article in site.articles}) >= 64


def test_site_has_six_sections_all_in_use(site):
    assert {article.section for article in site.articles} == set(SECTIONS)


def test_article_texts_do_not_overlap():
    def shingles(article):
        text = " ".join(map(plain, article.paragraphs)).split()
        return {tuple(text[i : i + 4]) for i in range(len(text) - 3)}

    sets = [(article.slug, shingles(article)) for article in (*load_site().articles, *load_new_articles())]
    close = [(a, b) for (a, x), (b, y) in combinations(sets, 2) if len(x & y) > 0.6 * min(len(x), len(y))]
    assert close == []


def test_articles_are_dated_from_december_2020_to_the_sites_today(site):
    dates = [article.published.isoformat() for article in site.articles]
    assert min(dates)[:7] == "2020-12"
    assert max(dates) == "2021-04-13"


# --- the seed


def test_seed_related_dates_are_those_of_the_saved_page(browser, site):
    dates = words(browser.page(site.article(SEED).path), ".news-other li .news-other-date")
    assert "".join(dates) == "(12/04)(09/04)(08/04)(08/04)(08/04)(07/04)(26/03)(26/03)(25/03)(24/03)"


def test_seed_related_entries_link_to_living_articles(browser, site):
    links = browser.page(site.article(SEED).path).cssselect(".news-other li a")
    assert [browser.get(link.get("href")).status for link in links] == [200] * 10


def test_seed_title_and_date_end_in_a_no_break_space(browser, site):
    page = browser.page(site.article(SEED).path)
    ends = [page.cssselect(css)[0].text_content()[-1] for css in (".news-title", ".news-date")]
    assert ends == ["\u00a0", "\u00a0"]


def test_seed_caption_is_glued_to_the_third_paragraph(browser, site):
    third = browser.page(site.article(SEED).path).cssselect(".ms-rtestate-field p")[2]
    glued = "chính quyền điện tử;....Phó Chủ tịch UBND tỉnh Nguyễn Long Biên chủ trì Hội nghị"
    assert third.text_content().endswith(glued)


def test_seed_byline_is_the_last_right_aligned_paragraph_of_the_rich_text(browser, site):
    last = browser.page(site.article(SEED).path).cssselect(".ms-rtestate-field p")[-1]
    assert (last.text_content(), "right" in last.get("style")) == ("Thanh Bình\u00a0", True)


def test_seed_has_no_lead(site):
    assert site.truth(SEED, "http://x")["lead"] is None


def test_related_list_leaves_out_what_is_published_today(site):
    today = [a.path for a in site.articles if a.section == "Chính trị - Xã hội" and a.published == site.today]
    urls = [entry["url"] for entry in site.truth(SEED, "http://x")["related"]]
    assert today
    assert not {f"http://x{path}".casefold() for path in today} & {url.casefold() for url in urls}


# --- what the pages show is what the site says is true


@pytest.mark.parametrize("slug", ALL_SLUGS)
def test_page_prints_every_field_of_its_truth(untouched, slug):
    site, browser = untouched
    truth = site.truth(slug, "http://x")
    page = browser.page(site.article(slug).path)
    shown = body_text(page)
    prefix = ".news" if site.template == "sharepoint" else ".tandan-p-article-news"
    assert words(page, f"{prefix}-title")[0] == truth["title"]
    position = 0
    for part in truth["body"].split("\n\n"):
        position = shown.index(part, position)
    assert truth["published_raw"] in plain(page.text_content())
    assert truth["lead"] is None or truth["lead"] in plain(page.text_content())
    assert truth["byline"] is None or shown.endswith(truth["byline"])
    hrefs = {urljoin("http://x", link.get("href")) for link in page.cssselect("a")}
    sources = {urljoin("http://x", image.get("src")) for image in page.cssselect("img")}
    assert {item["url"] for item in truth["attachments"]} <= hrefs
    assert {item["url"] for item in truth["images"]} <= sources
    assert all(item["caption"] is None or item["caption"] in shown for item in truth["images"])


def test_tandan_related_dates_carry_the_year(site, browser):
    site.template = "tandan"
    dates = words(browser.page(site.article(SEED).path), ".tandan-div-article-other li .tandan-span-date-other")
    assert (dates[0], dates[-1]) == ("(12/04/2021)", "(24/03/2021)")


def test_tandan_body_paragraph_is_emptied_by_html_parsers(site, browser):
    site.template = "tandan"
    assert words(browser.page(site.article(SEED).path), "p.tandan-p-article-main") == [""]


def test_tandan_title_ends_with_the_name_of_the_portal(site, browser):
    site.template = "tandan"
    title = browser.page(site.article(SEED).path).findtext(".//title").strip()
    assert title.endswith(" - CỔNG THÔNG TIN ĐIỆN TỬ TỈNH NINH THUẬN")


def test_templates_use_the_same_addresses(site, browser):
    sharepoint = browser.page(MAIN_LISTING).cssselect("li.news-item a.news-link")
    site.template = "tandan"
    tandan = browser.page(MAIN_LISTING).cssselect("label.channel-news-title > a")
    assert [a.get("href") for a in sharepoint] == [a.get("href") for a in tandan]


# --- listings


@pytest.mark.parametrize(
    "template, entry, following",
    [
        ("sharepoint", "li.news-item a.news-link", ".news-pager a.news-next"),
        ("tandan", "label.channel-news-title > a", "span.CurrentPage + a"),
    ],
)
def test_main_listing_pages_cover_every_article_once(site, browser, template, entry, following):
    site.template = template
    assert sorted(listed_paths(browser, MAIN_LISTING, entry, following)) == sorted(a.path for a in site.articles)


@pytest.mark.parametrize("folder", sorted(SECTIONS.values()))
def test_section_listing_holds_the_section(site, browser, folder):
    start = f"/chinhquyen/{folder}/Pages/default.aspx"
    paths = listed_paths(browser, start, "li.news-item a.news-link", ".news-pager a.news-next")
    assert {site.find(path).section for path in paths} == {name for name, f in SECTIONS.items() if f == folder}


def test_unit_listing_holds_the_unit(browser):
    page = browser.page("/chinhquyen/sotttt/Pages/default.aspx")
    assert all("/sotttt/" in link.get("href") for link in page.cssselect("li.news-item a.news-link"))


def test_listing_page_matches_its_truth(site, browser):
    truth = site.listing_truth("chinh-tri-xa-hoi", 1, "http://x")
    page = browser.page("/chinhquyen/chinh-tri-xa-hoi/Pages/default.aspx")
    assert words(page, ".news-item-date") == [entry["published_raw"] for entry in truth["entries"]]
    assert "http://x" + page.cssselect("a.news-next")[0].get("href") == truth["next"]


def test_listing_behind_the_last_page_is_empty(browser):
    assert browser.page(MAIN_LISTING + "?PageIndex=99").cssselect("li.news-item") == []


@pytest.mark.parametrize("path", ["/", "/Pages/default.aspx", "/Pages/Default.aspx"])
def test_home_page_shows_the_newest_fifteen(browser, path):
    assert len(browser.page(path).cssselect("li.news-item")) == 15


# --- what changes at each fetch, and what does not


@pytest.mark.parametrize("mark", ["__VIEWSTATE", "__EVENTVALIDATION", "__REQUESTDIGEST"])
def test_token_changes_at_each_fetch(site, browser, mark):
    values = {browser.page(site.article(SEED).path).get_element_by_id(mark).get("value") for _ in range(3)}
    assert len(values) == 3


@pytest.mark.parametrize("css", [".page-clock", ".news-tools", ".visitors"])
def test_furniture_changes_at_each_fetch(site, browser, css):
    assert len({words(browser.page(site.article(SEED).path), css)[0] for _ in range(3)}) == 3


def test_article_does_not_change_by_itself(site, browser):
    texts = {body_text(browser.page(site.article(SEED).path)) for _ in range(3)}
    assert len(texts) == 1


def test_page_clock_shows_the_weekday_of_the_sites_date(browser):
    assert words(browser.page("/"), ".page-clock")[0].startswith("Thứ ba, 13/04/2021 09:00:")


def test_advanced_clock_moves_the_date_header(site, browser):
    site.advance(days=1)
    assert browser.get("/robots.txt").headers["Date"] == "Wed, 14 Apr 2021 02:00:00 GMT"


def test_clock_without_a_zone_is_refused(site):
    with pytest.raises(ValueError, match="zone"):
        site.clock = site.clock.replace(tzinfo=None)


# --- HTTP


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_paths_ignore_letter_case(site, browser, change):
    assert browser.get(change(site.article(SEED).path)).status == 200


@pytest.mark.parametrize(
    "slug, sent, asked",
    [
        (ETAG, "ETag", "If-None-Match"),
        (BOTH, "ETag", "If-None-Match"),
        (LAST_MODIFIED, "Last-Modified", "If-Modified-Since"),
        (BOTH, "Last-Modified", "If-Modified-Since"),
    ],
)
def test_unchanged_page_answers_304_to_its_validator(site, browser, slug, sent, asked):
    path = site.article(slug).path
    validator = browser.get(path).headers[sent]
    again = browser.get(path, **{asked: validator})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "slug, sent, asked", [(ETAG, "ETag", "If-None-Match"), (LAST_MODIFIED, "Last-Modified", "If-Modified-Since")]
)
@pytest.mark.parametrize("happening", ["edit", "template"])
def test_changed_page_answers_200_to_its_old_validator(site, browser, slug, sent, asked, happening):
    path = site.article(slug).path
    validator = browser.get(path).headers[sent]
    site.advance(hours=1)
    if happening == "edit":
        site.edit(slug, title="Tiêu đề khác")
    else:
        site.template = "tandan"
    assert browser.get(path, **{asked: validator}).status == 200


def test_most_pages_give_no_validator(site, browser):
    with_one = [a.slug for a in site.articles if {"etag", "last-modified"} & {k.lower() for k in _headers(browser, a)}]
    assert 8 <= len(with_one) <= 20


def _headers(browser, article):
    return browser.get(article.path).headers.keys()


def test_page_is_compressed_for_who_accepts_it(site, browser):
    response = browser.get(site.article(SEED).path, Accept_Encoding="gzip, deflate")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.body).decode().rstrip().endswith("</html>")


def test_page_is_plain_for_who_does_not_accept_compression(site, browser):
    response = browser.get(site.article(SEED).path, Accept_Encoding="identity")
    assert "Content-Encoding" not in response.headers


def test_pages_are_utf_8_html(browser):
    assert browser.get("/").headers["Content-Type"] == "text/html; charset=utf-8"


def test_robots_forbids_layouts_only(browser):
    assert browser.text("/robots.txt").splitlines() == ["User-agent: *", "Disallow: /_layouts/"]


@pytest.mark.parametrize(
    "path",
    ["/chinhquyen/sotttt/Pages/Khong-co.aspx", "/chinhquyen/khong-co/Pages/default.aspx", "/x", "/a/Documents/b.pdf"],
)
def test_unknown_path_is_a_real_404(browser, path):
    assert browser.get(path).status == 404


def test_files_differ(site, browser):
    paths = {item.path for article in site.articles for item in (*article.pictures, *article.downloads)}
    assert len({browser.get(path).body for path in paths}) == len(paths)


def test_attachment_is_a_pdf(site, browser):
    path = site.article("Muc-nuoc-cac-ho-chua-va-lich-xuong-giong-vu-He-Thu-2021").downloads[0].path
    response = browser.get(path)
    assert (response.headers["Content-Type"], response.body[:5]) == ("application/pdf", b"%PDF-")


def test_nfd_page_is_wholly_decomposed_and_says_the_same(site, browser):
    path = site.article(SEED).path
    composed = browser.text(path)
    site.nfd.add(SEED)
    text = browser.text(path)
    assert text == unicodedata.normalize("NFD", text) != composed
    assert body_text(lxml.html.fromstring(text)) == body_text(lxml.html.fromstring(composed))


def test_server_counts_hits_by_path(server, browser):
    browser.get("/robots.txt")
    browser.get("/robots.txt")
    assert (server.hits["/robots.txt"], server.statuses[200]) == (2, 2)


def test_closed_server_refuses_connections(site):
    with serve(site) as server:
        port = server.port
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as kept_alive:
            kept_alive.request("GET", "/robots.txt")
            kept_alive.getresponse().read()
            server.close()
            with pytest.raises(ConnectionRefusedError), closing(socket.create_connection(("127.0.0.1", port), 60)):
                pass


# --- the editorial day


@pytest.fixture(scope="module")
def days() -> tuple[Site, Site]:
    """The site as it was, and after the withdrawal and the day."""
    before, after = load_site(), load_site()
    before_day(after)
    apply_day(after)
    return before, after


def the_act(name):
    return next(act for act in EDITORIAL_DAY if act.name == name)


def test_day_has_every_kind_of_act():
    assert {act.name for act in EDITORIAL_DAY} == {
        *("new-article", "title", "one-diacritic", "sum-of-money", "title-of-a-person", "removed-sentence"),
        *("added-paragraph", "date", "byline", "lead", "attachment-behind-the-same-link-text"),
        *("not-found", "redirect-home", "soft-404", "moved", "delisted", "restored"),
    }


def test_day_publishes_the_four_new_articles():
    news = {(act.slug, act.new) for act in EDITORIAL_DAY if act.kind == "new"}
    assert news == {(article.slug, article.title) for article in load_new_articles()}


def test_day_touches_each_article_once():
    assert len({act.slug for act in EDITORIAL_DAY}) == len(EDITORIAL_DAY)


@pytest.mark.parametrize("act", [a for a in EDITORIAL_DAY if a.kind == "edited"], ids=lambda act: act.name)
def test_edit_changes_the_field_it_names_and_no_other(days, act):
    old, new = (site.truth(act.slug, "http://x") for site in days)
    key = {"published": "published_on"}.get(act.field, act.field)
    changed = {name for name in old if old[name] != new[name]} - {"related", "published_raw"}
    assert changed == {key}


@pytest.mark.parametrize("act", [a for a in EDITORIAL_DAY if a.field == "body"], ids=lambda act: act.name)
def test_edit_of_the_text_is_its_old_and_new_words(days, act):
    old, new = (site.truth(act.slug, "http://x")["body"] for site in days)
    if act.old is None:
        assert new == f"{old}\n\n{act.new}"
    else:
        assert (old.count(act.old), old.replace(act.old, act.new or "")) == (1, new)


def test_replaced_attachment_keeps_its_link_text(days):
    act = the_act("attachment-behind-the-same-link-text")
    old, new = (site.truth(act.slug, "")["attachments"][0] for site in days)
    assert (old["title"], old["url"], new["url"]) == (new["title"], act.old, act.new)


@pytest.mark.parametrize(
    "name, status, location",
    [("not-found", 404, None), ("soft-404", 200, None), ("redirect-home", 302, "/Pages/default.aspx")],
)
def test_gone_article_answers_as_its_act_says(site, browser, name, status, location):
    before_day(site)
    apply_day(site)
    response = browser.get(site.article(the_act(name).slug).path)
    assert (response.status, response.headers["Location"]) == (status, location)


@pytest.mark.parametrize("template", ["sharepoint", "tandan"])
def test_soft_404_says_in_the_portals_frame_that_nothing_is_there(site, browser, template):
    apply_day(site)
    site.template = template
    page = browser.page(site.article(the_act("soft-404").slug).path)
    assert "Không tìm thấy trang" in page.text_content()
    assert page.cssselect(".ms-rtestate-field") == []


def test_moved_article_redirects_to_its_new_address(site, browser):
    apply_day(site)
    act = the_act("moved")
    response = browser.get(act.old)
    assert (response.status, response.headers["Location"], browser.get(act.new).status) == (301, act.new, 200)


def test_listing_after_the_day_shows_what_is_published(site, browser):
    before = {article.path for article in site.articles}
    apply_day(site)
    after = set(listed_paths(browser, MAIN_LISTING, "li.news-item a.news-link", ".news-pager a.news-next"))
    paths = {act.name: site.article(act.slug).path for act in EDITORIAL_DAY}
    missing = {paths["not-found"], paths["soft-404"], paths["redirect-home"], paths["delisted"], the_act("moved").old}
    assert before - after == missing
    assert after - before == {article.path for article in load_new_articles()} | {the_act("moved").new}


def test_delisted_article_is_alive(site, browser):
    apply_day(site)
    assert browser.get(site.article(the_act("delisted").slug).path).status == 200


def test_restored_article_was_away_and_comes_back(site, browser):
    path = site.article(the_act("restored").slug).path
    before_day(site)
    away = browser.get(path).status
    listed = path in {article.path for article in site.listed()}
    apply_day(site)
    assert (away, listed, browser.get(path).status) == (404, False, 200)


def test_day_ends_at_the_same_hour_of_the_next_day(days):
    before, after = days
    assert (after.clock - before.clock).total_seconds() == 86400


def test_day_changes_the_related_list_of_the_seed(days):
    first = days[1].truth(SEED, "http://x")["related"][0]
    assert first["published_raw"] == "(13/04)"


@pytest.mark.parametrize("slug", sorted(NFD_PAGES | set(REENCODED)))
def test_noise_changes_bytes_and_no_word(site, browser, slug):
    path = site.article(slug).path
    before, truth = browser.text(path), site.truth(slug, "http://x")
    apply_day(site)
    after = browser.text(path)
    field = "(//div[contains(@class, 'ms-rtestate-field')])[1]"
    markup = [lxml.html.tostring(lxml.html.fromstring(text).xpath(field)[0]) for text in (before, after)]
    assert markup[0] != markup[1]
    assert body_text(lxml.html.fromstring(before)) == body_text(lxml.html.fromstring(after))
    assert {**site.truth(slug, "http://x"), "related": None} == {**truth, "related": None}


def test_noise_keeps_away_from_the_acts():
    assert not (NFD_PAGES | set(REENCODED)) & {act.slug for act in EDITORIAL_DAY}


def test_day_sends_twelve_pages_in_nfd(days):
    assert len(days[1].nfd) == 12


def test_day_changes_the_menu(days):
    assert days[0].menu != days[1].menu
