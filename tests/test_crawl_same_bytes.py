"""A page that was read before is not read again, and a run says what it was spared and how it saw that."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fault_server import Asked, FaultServer, http
from small_portal import SLUG, SmallPortal, article

MODIFIED = "Tue, 13 Apr 2021 02:00:00 GMT"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[SmallPortal]:
    with FaultServer() as server:
        small = SmallPortal(tmp_path, server)
        small.publish("/a")
        assert small.crawl().code == 0
        yield small


def with_token(token: str, **page: str) -> bytes:
    """The article's page in a form with a token."""
    form = f"<form><input type='hidden' name='__VIEWSTATE' value='{token}'><script>var t = '{token}';</script>"
    return http(article("Tin /a", **page).replace("<h1>", f"{form}<h1>"))


def seen(portal: SmallPortal) -> str:
    """How a further visit saw that the article is unchanged: the line of the run."""
    done = portal.crawl("--revisit", "all")
    lines = [line.strip() for line in done.out.splitlines()]
    return next((line for line in lines if line.startswith("unchanged: ")), "not unchanged")


def test_bytes_that_were_read_before_are_unchanged_and_not_read(portal: SmallPortal) -> None:
    done = portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "unchanged"
    assert "unchanged: 1 by their bytes\n" in done.out
    assert "not sent again: 0 B; sent, but not stored again: " in done.out
    assert len(portal.versions()) == 1


def test_page_that_differs_in_its_tokens_is_not_read_again(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = with_token("0x1F")
    assert seen(portal) == "unchanged: 1 by what they say"
    portal.server.routes["/a"] = with_token("0xAB77")
    assert seen(portal) == "unchanged: 1 but for tokens, scripts and comments"
    assert "its tokens" in portal.detail("/a")
    assert len(portal.versions()) == 1


def test_edit_beside_a_new_token_is_found(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = with_token("0x1F")
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = with_token("0xAB77", text="Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ.")
    assert seen(portal) == "not unchanged"
    assert portal.outcomes()["/a"] == "edited"
    portal.server.routes["/a"] = with_token("0xC0", text="Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ.")
    assert seen(portal) == "unchanged: 1 but for tokens, scripts and comments"
    portal.server.routes["/a"] = with_token("0xC1")  # back to the first text, whose page was known before
    assert seen(portal) == "not unchanged"
    assert portal.outcomes()["/a"] == "edited"


def test_rules_that_changed_read_the_same_page_again(portal: SmallPortal) -> None:
    portal.crawl("--revisit", "all")
    file = portal.archive / "portals" / f"{SLUG}.toml"
    portal.write_file(file.read_text("utf-8").replace('date = { css = ".date" }', 'date = { css = "p.date" }'))
    assert seen(portal) == "unchanged: 1 by what they say"
    assert seen(portal) == "unchanged: 1 by their bytes"  # today's rules have checked them


@pytest.mark.parametrize(
    "rule, holder",
    [
        ("css = '#ngay', attr = 'value'", "<input type='hidden' id='ngay' value='{}'>"),
        ("xpath = '//input[@id=\"ngay\"]', attr = 'value'", "<input type='hidden' id='ngay' value='{}'>"),
        ("css = 'script.data', re = '[0-9/]{10}'", "<script class='data'>var ngay = '{}';</script>"),
    ],
)
def test_edit_of_what_the_rules_read_in_a_form_or_a_script_is_found(
    portal: SmallPortal, rule: str, holder: str
) -> None:
    file = portal.archive / "portals" / f"{SLUG}.toml"
    portal.write_file(file.read_text("utf-8").replace('date = { css = ".date" }', f"date = {{ {rule} }}"))

    def publish(day: str) -> None:
        portal.server.routes["/a"] = http(article("Tin /a").replace("<h1>", f"{holder.format(day)}<h1>"))
        portal.crawl("--revisit", "all")

    publish("12/04/2021")
    publish("13/04/2021")
    assert portal.outcomes()["/a"] == "edited"
    assert portal.rows("SELECT published_on FROM articles") == [("2021-04-13",)]


def test_page_that_goes_back_to_earlier_bytes_is_edited(portal: SmallPortal) -> None:
    before = portal.server.routes["/a"]
    portal.server.routes["/a"] = http(article("Tin /a", text="Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ."))
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = before
    assert seen(portal) == "not unchanged"  # the bytes of the first version, not those of the latest one
    assert portal.outcomes()["/a"] == "edited"
    assert len(portal.versions()) == 3


def test_version_of_a_later_time_is_not_taken_for_what_a_page_says(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = http(article("Tin /a", text="Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ."))
    portal.crawl("--revisit", "all", now="2099-01-01T09:00:00+07:00")  # the clock was wrong
    portal.server.routes["/a"] = with_token("0x1F")
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = with_token("0xAB77")
    portal.crawl("--revisit", "all", now="2099-01-02T09:00:00+07:00")
    assert [row[4] for row in portal.versions()][-1].startswith("Tin /a: Ủy ban nhân dân tỉnh họp")
    last = portal.rows("SELECT body FROM versions ORDER BY captured_at DESC LIMIT 1")
    assert last[0][0].startswith("Tin /a: Ủy ban nhân dân tỉnh họp")


def test_answers_304_are_bytes_not_sent(portal: SmallPortal) -> None:
    page = article("Tin /a")
    portal.server.routes["/a"] = http(page, ETag='"1"')
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = http(status="304 Not Modified", ETag='"1"')
    done = portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "not_modified"
    assert f"not sent again: {len(page.encode())} B; " in done.out


@pytest.mark.parametrize("compressed", ['"1a-5f-gzip"', 'W/"1a-5f-gzip"'])
def test_page_that_apache_compressed_is_asked_for_by_the_tag_of_its_file_too(
    portal: SmallPortal, compressed: str
) -> None:
    page = http(article("Tin /a"), ETag=compressed)
    known = compressed.replace("-gzip", "")  # Apache compares with this alone: its bug 45023

    def answer(connection: socket.socket, asked: Asked) -> None:
        tags = asked.headers.get("if-none-match", "").split(", ")
        connection.sendall(http(status="304 Not Modified", ETag=known) if known in tags else page)

    portal.server.routes["/a"] = answer
    portal.crawl("--revisit", "all")
    portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "not_modified"
    portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "not_modified"  # the tag of the answer 304 is the file's own


def test_a_tag_that_nobody_compressed_is_sent_as_it_came(portal: SmallPortal) -> None:
    seen: list[str | None] = []

    def answer(connection: socket.socket, asked: Asked) -> None:
        seen.append(asked.headers.get("if-none-match"))
        connection.sendall(http(article("Tin /a"), ETag='W/"a, b"'))

    portal.server.routes["/a"] = answer
    portal.crawl("--revisit", "all")
    portal.crawl("--revisit", "all")
    assert seen == [None, 'W/"a, b"']


class Liar:
    """A server whose tag stays whatever is edited: it answers 304 to whoever sends it back."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.page = http(article("Tin /a"), ETag='"mau-2019"')

    def __call__(self, connection: socket.socket, asked: Asked) -> None:
        self.asked.append(asked.headers.get("if-none-match"))
        connection.sendall(http(status="304 Not Modified", ETag='"mau-2019"') if self.asked[-1] else self.page)

    def edit(self) -> None:
        text = "Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ."
        self.page = http(article("Tin /a", text=text), ETag='"mau-2019"')


@pytest.fixture
def liar(tmp_path: Path, server: FaultServer) -> tuple[SmallPortal, Liar]:
    portal, liar = SmallPortal(tmp_path, server), Liar()
    portal.publish("/a")
    server.routes["/a"] = liar
    portal.crawl(now="2021-04-13T09:00:00+07:00")
    return portal, liar


def test_page_is_asked_for_in_full_at_certain_ages(liar: tuple[SmallPortal, Liar]) -> None:
    portal, server = liar
    days = [*range(1, 17, 1), 33, 34, 65]
    for day in days:
        now = datetime(2021, 4, 13, 10, tzinfo=UTC) + timedelta(days=day)
        portal.crawl("--revisit", "all", now=now.isoformat())
    in_full = [day for day, tag in zip(days, server.asked[1:], strict=True) if tag is None]
    assert in_full == [1, 2, 4, 8, 16, 33, 65]


def test_edit_that_its_server_calls_not_modified_is_found_and_told(liar: tuple[SmallPortal, Liar]) -> None:
    portal, server = liar
    server.edit()
    portal.crawl("--revisit", "all", now="2021-04-13T10:00:00+07:00")
    assert portal.outcomes()["/a"] == "not_modified"
    done = portal.crawl("--revisit", "all", now="2021-04-14T10:00:00+07:00")
    assert portal.outcomes()["/a"] == "edited"
    assert done.code == 0
    assert "1 articles were edited under the ETag or Last-Modified of before: 0 answers 304" in done.out + done.err
    assert "conditional = false" in portal.run("status").out


def test_portal_whose_304_is_not_believed_is_asked_for_whole_pages(liar: tuple[SmallPortal, Liar]) -> None:
    portal, server = liar
    file = portal.archive / "portals" / f"{SLUG}.toml"
    portal.write_file(file.read_text("utf-8").replace("[fetch]", "[fetch]\nconditional = false"))
    server.edit()
    portal.crawl("--revisit", "all", now="2021-04-13T10:00:00+07:00")
    assert portal.outcomes()["/a"] == "edited"
    assert server.asked == [None, None]


def test_edit_under_a_new_tag_says_nothing_of_the_server(portal: SmallPortal) -> None:
    text = "Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ."
    portal.server.routes["/a"] = http(article("Tin /a"), ETag='"1"', **{"Last-Modified": MODIFIED})
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = http(article("Tin /a", text=text), ETag='"2"', **{"Last-Modified": MODIFIED})
    done = portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "edited"
    assert "Last-Modified of before" not in done.out + done.err


def test_edit_under_the_same_day_of_change_is_told(portal: SmallPortal) -> None:
    text = "Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ."
    portal.server.routes["/a"] = http(article("Tin /a"), **{"Last-Modified": MODIFIED})
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = http(article("Tin /a", text=text), **{"Last-Modified": MODIFIED})
    done = portal.crawl("--revisit", "all")
    assert "Last-Modified of before" in done.out + done.err
