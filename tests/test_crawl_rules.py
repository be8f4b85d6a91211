"""Which pages a crawl visits, what it leaves to the next one, and what it takes for news."""

from __future__ import annotations

import threading
import time
import unicodedata
from pathlib import Path

from fault_server import FaultServer, Held, http, redirect
from interruption import KILLED, Kill
from small_portal import RULES, SmallPortal, article, listing, portal_file

import command

MORNING = "2021-04-13T09:00:00+07:00"
NOON = "2021-04-13T12:00:00+07:00"
NEXT_DAY = "2021-04-14T09:00:00+07:00"
NEXT_WEEK = "2021-04-21T09:00:00+07:00"


def publish_pages(portal: SmallPortal, *articles: str, size: int = 3) -> None:
    """The articles, newest first, in a list of pages `/`, `/p2`, `/p3` …"""
    pages = [articles[start : start + size] for start in range(0, len(articles), size)]
    names = ["/", *(f"/p{number}" for number in range(2, len(pages) + 1))]
    for name, following, entries in zip(names, [*names[1:], None], pages, strict=True):
        portal.publish(*entries, page=name, following=following)


def articles(count: int, first: int = 1) -> list[str]:
    """`/9`, `/8` … down to `first`."""
    return [f"/{number}" for number in range(first + count - 1, first - 1, -1)]


def visited(portal: SmallPortal) -> set[str]:
    """Paths asked for since the last call, without robots.txt."""
    paths = set(portal.server.hits) - {"/robots.txt"}
    portal.server.asked.clear()
    return paths


def news(portal: SmallPortal) -> dict[str, bool]:
    """Path of each change `new`, and whether it belongs to the portal's first crawl."""
    rows = portal.rows("SELECT url, first_crawl FROM changes WHERE kind = 'new'")
    return {portal.path(url): bool(first) for url, first in rows}


# One at a time


def test_fault_076_second_crawl_at_the_same_time_sends_no_request(portal: SmallPortal) -> None:
    portal.publish("/a")
    page = portal.server.routes["/a"] = Held(http(article("Tin a")))
    codes: list[int] = []
    first = threading.Thread(target=lambda: codes.append(portal.crawl().code))
    first.start()
    assert page.asked.wait(60)
    before = len(portal.server.asked)
    second = portal.crawl()
    assert second.code == 4
    assert len(second.err.splitlines()) == 1
    assert second.out == ""
    page.released.set()
    first.join()
    assert len(portal.server.asked) == before
    assert codes == [0]


def test_fault_074_archive_can_be_read_while_it_is_crawled(portal: SmallPortal) -> None:
    portal.publish("/a", "/b")
    page = portal.server.routes["/b"] = Held(http(article("Tin b")))
    first = threading.Thread(target=portal.crawl)
    first.start()
    assert page.asked.wait(60)
    until = time.monotonic() + 60
    while not (told := portal.told()) and time.monotonic() < until:  # steps are committed when the crawl has to wait
        pass
    assert told == [("new", "/a")]
    assert portal.run("status").code == 0
    page.released.set()
    first.join()
    assert portal.told() == [("new", "/b")]


# What is left to the next crawl


def test_limit_leaves_the_rest_to_the_next_crawl(portal: SmallPortal) -> None:
    publish_pages(portal, *articles(7))
    assert portal.crawl("--limit", "5", now=MORNING).code == 0
    assert visited(portal) == {"/", "/p2", "/p3", "/7", "/6"}
    assert portal.crawl("--revisit", "none", now=NOON).code == 0
    assert visited(portal) == {"/", "/5", "/4", "/3", "/2", "/1"}
    assert news(portal) == dict.fromkeys(articles(7), True)


def test_limit_that_ends_within_the_listings_is_made_up_for(portal: SmallPortal) -> None:
    publish_pages(portal, *articles(9))
    for hour in range(9, 13):
        assert portal.crawl("--limit", "4", "--revisit", "none", now=f"2021-04-13T{hour:02}:00:00+07:00").code == 0
    assert news(portal) == dict.fromkeys(articles(9), True)


def test_what_an_abandoned_first_crawl_left_is_no_news(portal: SmallPortal) -> None:
    """Killed, and resumed too late: another run, but those articles were there before we came."""
    publish_pages(portal, *articles(6))
    assert portal.crawl(now=MORNING, before=Kill("commit", 8)).code == KILLED
    assert portal.crawl(now=NEXT_DAY).code == 0
    assert portal.rows("SELECT state FROM runs ORDER BY run_id") == [("interrupted",), ("finished",)]
    assert news(portal) == dict.fromkeys(articles(6), True)


def test_page_of_the_first_crawl_that_failed_holds_no_news(portal: SmallPortal) -> None:
    publish_pages(portal, *articles(6))
    good = portal.server.routes["/p2"]
    portal.server.routes["/p2"] = http("", "500 Internal Server Error")
    assert portal.crawl(now=MORNING).code == 1
    portal.server.routes["/p2"] = good
    assert portal.crawl("--revisit", "all", now=NOON).code == 0
    assert news(portal) == dict.fromkeys(articles(6), True)


def test_news_that_reach_the_second_page_are_news(portal: SmallPortal) -> None:
    publish_pages(portal, *articles(6))
    portal.crawl(now=MORNING)
    publish_pages(portal, *articles(11))
    portal.crawl(now=NEXT_DAY)
    assert {path for path, first in news(portal).items() if not first} == {"/7", "/8", "/9", "/10", "/11"}


def test_crawl_that_is_resumed_with_other_options_obeys_them(portal: SmallPortal) -> None:
    portal.publish("/a", "/b", "/c")
    portal.crawl(now=MORNING)
    portal.server.asked.clear()
    assert portal.crawl("--revisit", "none", now=NEXT_WEEK, before=Kill("commit", 2)).code == KILLED
    assert portal.crawl("--revisit", "all", now=NEXT_WEEK.replace("09:", "10:")).code == 0
    assert visited(portal) == {"/", "/a", "/b", "/c"}
    assert portal.rows("SELECT count(*) FROM runs") == [(2,)]
    assert portal.rows("SELECT count(*) FROM addresses WHERE pending") == [(0,)]


# Which pages are visited


def test_listings_are_followed_while_they_show_unknown_entries(portal: SmallPortal) -> None:
    publish_pages(portal, *articles(12))
    portal.crawl(now=MORNING)
    visited(portal)
    portal.crawl("--revisit", "none", now=NOON)
    assert visited(portal) == {"/"}
    publish_pages(portal, *articles(13))
    portal.crawl("--revisit", "none", now=NEXT_DAY)
    assert visited(portal) == {"/", "/p2", "/13"}


def test_listings_are_followed_to_their_end_once_a_week(portal: SmallPortal) -> None:
    publish_pages(portal, *articles(12))
    portal.crawl(now=MORNING)
    visited(portal)
    portal.crawl("--revisit", "none", now=NEXT_WEEK)
    assert visited(portal) == {"/", "/p2", "/p3", "/p4"}


def test_revisit_all_visits_everything_and_due_what_is_due(portal: SmallPortal) -> None:
    old = article("Tin cũ").replace("12/04/2021", "12/04/2019")
    portal.publish("/young", "/old")
    portal.server.routes["/old"] = http(old)
    portal.crawl(now=MORNING)
    visited(portal)
    portal.crawl(now=NOON)
    assert visited(portal) == {"/", "/young"}
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert visited(portal) == {"/", "/young", "/old"}


def test_since_leaves_older_entries_out(portal: SmallPortal) -> None:
    portal.publish("/new", "/old", "/undated")
    dates = {"/new": "12/04/2021", "/old": "11/04/2021", "/undated": ""}
    entries = "".join(f"<li><a href='{path}'>Tin<i class='day'>{day}</i></a></li>" for path, day in dates.items())
    portal.server.routes["/"] = http(f"<html><body><ul class='list'>{entries}</ul></body></html>")
    rules = RULES.replace("[article]", 'date = { css = ".day" }\n[article]', 1)
    portal.write_file(portal_file(f"{portal.server.url}/").replace(RULES, rules))
    assert portal.crawl("--since", "2021-04-12", now=MORNING).code == 0
    assert visited(portal) == {"/", "/new", "/undated"}
    assert portal.crawl(now=NOON).code == 0
    assert "/old" in visited(portal)


def test_fault_042_pager_that_runs_in_a_circle_ends(portal: SmallPortal) -> None:
    portal.publish("/a", following="/p2")
    portal.publish("/b", page="/p2", following="/p3")
    portal.publish("/c", page="/p3", following="/p2")
    assert portal.crawl(now=MORNING).code == 0
    assert portal.server.hits["/p2"] == 1
    assert portal.crawl("--revisit", "all", now=NEXT_DAY).code == 0
    assert portal.server.hits["/p2"] == 2


# What is news


def test_our_edits_are_not_theirs(portal: SmallPortal) -> None:
    """The portal file now reads the lead apart: one article has one, another was edited as well."""
    page = article("Tin a").replace("<div class='body'>", "<div class='body'><p class='sapo'>Sapô của tin.</p>")
    portal.publish("/a", "/b", "/c")
    portal.server.routes |= {"/a": http(page), "/c": http(article("Tin c", text="Giá 21,5 tỷ đồng."))}
    portal.crawl(now=MORNING)
    portal.told()
    text = portal_file(f"{portal.server.url}/")
    portal.write_file(text.replace("body = { css", 'lead = { css = ".sapo" }\nbody = { remove = [".sapo"], css'))
    portal.server.routes["/c"] = http(article("Tin c", text="Giá 215 tỷ đồng."))
    assert portal.crawl("--revisit", "all", now=NEXT_DAY).code == 0
    assert portal.told() == [("edited", "/c")]
    rows = portal.rows("SELECT url, cause, lead FROM versions WHERE number > 1 ORDER BY url")
    assert [(portal.path(url), cause, lead) for url, cause, lead in rows] == [
        ("/a", "reparse", "Sapô của tin."),
        ("/c", "crawl", None),
    ]


def test_further_crawl_after_a_new_rule_reads_nothing_again(portal: SmallPortal) -> None:
    portal.publish("/a")
    portal.crawl(now=MORNING)
    portal.write_file(
        portal_file(f"{portal.server.url}/").replace('body = { css = ".body" }', 'body = { css = ".body p" }')
    )
    portal.crawl("--revisit", "all", now=NOON)
    versions = portal.versions()
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert portal.versions() == versions


def test_fault_119_article_at_two_addresses_is_one_article(portal: SmallPortal) -> None:
    portal.publish("/tin/a", "/kinh-te/a", "/b")
    portal.server.routes |= dict.fromkeys(("/tin/a", "/kinh-te/a"), http(article("Tin a")))
    assert portal.crawl(now=MORNING).code == 0
    assert portal.rows("SELECT count(*) FROM articles") == [(2,)]
    assert sorted(portal.told()) == [("new", "/b"), ("new", "/tin/a")]
    assert portal.outcomes()["/kinh-te/a"] == "duplicate"
    portal.server.routes |= dict.fromkeys(("/tin/a", "/kinh-te/a"), http(article("Tin a", text="Mưa to.")))
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert portal.told() == [("edited", "/tin/a")]


def test_fault_050_page_that_turns_to_decomposed_letters_is_unchanged(portal: SmallPortal) -> None:
    portal.publish("/a")
    portal.crawl(now=MORNING)
    portal.told()
    portal.server.routes["/a"] = http(unicodedata.normalize("NFD", article("Tin /a")))
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert portal.outcomes()["/a"] == "unchanged"
    assert portal.told() == []


def test_fault_119_article_that_moves_back_and_forth_is_one_article(portal: SmallPortal) -> None:
    portal.publish("/old", "/b")
    portal.crawl(now=MORNING)
    portal.told()
    portal.server.routes |= {"/old": redirect("/new"), "/new": http(article("Tin /old"))}
    portal.crawl("--revisit", "all", now=NOON)
    assert portal.told() == [("moved", "/old")]
    portal.server.routes |= {"/old": http(article("Tin /old")), "/new": redirect("/old")}
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert portal.told() == [("moved", "/new")]
    assert portal.rows("SELECT count(*) FROM articles") == [(2,)]


def test_listing_that_is_gone_is_told_to_the_archivist(portal: SmallPortal) -> None:
    """A portal with two start pages, one of which is gone: the other is read, and the archivist is told."""
    portal.publish("/a")
    text = portal_file(f"{portal.server.url}/", f"{portal.server.url}/gone")
    portal.write_file(text)
    result = portal.crawl(now=MORNING)
    assert portal.outcomes() == {"/": "listing", "/gone": "http_error", "/a": "new"}
    assert result.code == 1


def test_two_portals_in_one_crawl_are_told_apart(tmp_path: Path, server: FaultServer) -> None:
    with FaultServer() as other:
        one = SmallPortal(tmp_path, server)
        one.publish("/a", "/b")
        other.routes |= {"/": http(listing("/c")), "/c": http("", "500 Internal Server Error")}
        second = portal_file(f"{other.url}/")
        (one.archive / "portals" / "khac.toml").write_text(second, encoding="utf-8")
        result = command.run("crawl", "thu", "khac", "--archive", str(one.archive))
        assert result.code == 1
        lines = [line for line in result.out.splitlines() if not line.startswith(" ")]
        assert [line.split(":")[0] for line in lines] == ["thu", "khac"]
        assert one.rows("SELECT portal, count(*) FROM articles GROUP BY portal") == [("thu", 2)]


# Rules that nobody has seen fit

UNPROVEN = """
name = "Cổng thử"
platform = "articledetail"
start = ["{url}/"]
[fetch]
allow_private = true
[listing]
entry = {{ css = ".list a" }}
link = {{ xpath = ".", attr = "href" }}
"""
TEXT = (
    "<p>Ủy ban nhân dân huyện giao phòng Nông nghiệp rà soát toàn bộ 14 công trình thủy lợi trước mùa khô năm nay.</p>"
)


def as_its_platform(title: str) -> str:
    """An article as the platform of the file above prints it."""
    return (
        f"<html><body><div class='ArticleDetailControl'><div class='ArticleHeader'>{title}</div>"
        f"<div class='PostDate'>12/04/2021</div><div class='ArticleContent'>{TEXT * 4}</div></div></body></html>"
    )


def of_no_platform(title: str) -> str:
    """The same article in a layout that no platform has."""
    return (
        f"<html><body><div class='x1'><div class='x2'>{title}</div><div class='x3'>12/04/2021</div>"
        f"<div class='x4'>{TEXT * 4}<p>Xem thêm trên cổng.</p></div></div></body></html>"
    )


def test_rules_that_never_fitted_leave_the_page_to_be_read_without(server: FaultServer, portal: SmallPortal) -> None:
    portal.write_file(UNPROVEN.format(url=server.url))
    portal.publish("/1")
    server.routes["/1"] = http(of_no_platform("Huyện chủ động phương án chống hạn cho vụ Hè Thu"))
    portal.crawl(now=MORNING)
    assert portal.outcomes()["/1"] == "new"
    assert portal.rows("SELECT title, extractor FROM versions") == [
        ("Huyện chủ động phương án chống hạn cho vụ Hè Thu", "generic")
    ]


def test_fault_041_rules_that_fit_no_more_are_no_edit(server: FaultServer, portal: SmallPortal) -> None:
    portal.write_file(UNPROVEN.format(url=server.url))
    portal.publish("/1")
    server.routes["/1"] = http(as_its_platform("Huyện chủ động phương án chống hạn cho vụ Hè Thu"))
    portal.crawl(now=MORNING)
    server.routes["/1"] = http(of_no_platform("Huyện chủ động phương án chống hạn cho vụ Hè Thu"))
    result = portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert (result.code, "layout changed?" in result.out) == (1, True)
    assert portal.outcomes()["/1"] == "unreadable"
    assert "layout changed?" in portal.detail("/1")
    assert [kind for kind, _ in portal.told()] == ["new"]


# What it says of failures


def without_headline(title: str) -> str:
    """The page of an article whose template lost what the rule for the title looks for."""
    return article(title).replace("<h1>", "<h2>").replace("</h1>", "</h2>")


def test_pages_that_one_rule_does_not_fit_are_one_line_with_one_address(portal: SmallPortal) -> None:
    portal.publish("/a", "/b", "/c")
    for path in ("/a", "/b", "/c"):
        portal.server.routes[path] = http(without_headline(f"Tin {path}"))
    result = portal.crawl()
    assert result.code == 1
    lines = [line for line in result.out.splitlines() if "matched 0 elements" in line]
    assert lines == [
        "  could not be read: thu: article.title (h1) matched 0 elements on …; layout changed? mend the portal file"
    ]
    assert f"    {portal.server.url}/a and 2 more" in result.out.splitlines()


def test_missed_pages_name_their_address_once(portal: SmallPortal) -> None:
    portal.publish("/a")
    portal.server.routes["/a"] = http(without_headline("Tin a"))
    portal.crawl()
    missed = portal.run("status", "--missed")
    assert missed.out.count(f"{portal.server.url}/a") == 1
    assert "article.title (h1) matched 0 elements on …" in missed.out
