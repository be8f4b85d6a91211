"""Attached files over several runs: replaced behind the same link, unchanged, missing, and what is no file."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import Asked, FaultServer, http
from foreign_warc import ForeignWarc
from small_portal import RULES, SmallPortal, listing, portal_file

DAYS = [f"2021-04-{day}T09:00:00+07:00" for day in (13, 15, 17, 19, 21)]
ATTACHMENTS = '\nattachments = { css = ".file a", attr = "href" }\n'
FIRST, SECOND = b"%PDF-1.4 gia dat 2021", b"%PDF-1.4 gia dat 2021, sua ngay 14/4"


Sender = Callable[[socket.socket, Asked], None]


def page(*files: str, title: str = "Công bố bảng giá đất") -> bytes:
    links = "".join(f"<p class='file'><a href='{file}'>Bảng giá đất</a></p>" for file in files)
    text = "Ủy ban nhân dân tỉnh công bố bảng giá đất áp dụng trên địa bàn từ ngày 01 tháng 5. " * 4
    return http(
        f"<html><body><h1>{title}</h1><p class='date'>12/04/2021</p>"
        f"<div class='body'><p>{text}</p></div>{links}</body></html>"
    )


def file(payload: bytes, *, kind: str = "application/pdf", headers: str = "", head: bool = True) -> Any:
    """A file as a server sends it: to HEAD the headers alone, or 405 where it knows no HEAD."""
    top = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{headers}Content-Length: {len(payload)}\r\n\r\n".encode()

    def send(connection: socket.socket, asked: Asked) -> None:
        if asked.method == "HEAD":
            connection.sendall(top if head else b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        else:
            connection.sendall(top + payload)

    return send


def portal_with(folder: Path, server: FaultServer, *files: str, settings: str = "") -> SmallPortal:
    portal = SmallPortal(folder, server)
    portal.write_file(portal_file(f"{server.url}/").replace(RULES, RULES + ATTACHMENTS))
    config = portal.archive / "portalwatch.toml"
    config.write_text(config.read_text("utf-8") + settings, encoding="utf-8")
    server.routes["/"], server.routes["/a"] = http(listing("/a")), page(*files or ("/gia.pdf",))
    return portal


def crawl(portal: SmallPortal, day: int) -> list[dict[str, Any]]:
    """The edits that a crawl on that day tells."""
    result = portal.crawl("--revisit", "all", now=DAYS[day])
    assert result.code == 0, result.err
    told = portal.changes("--mark", "--lang", "en")
    return [change for change in told if change["kind"] != "new"]


def methods(server: FaultServer, path: str) -> list[str]:
    found = [asked.method for asked in server.asked if asked.path == path]
    server.asked.clear()
    return found


@dataclass(frozen=True)
class Days:
    """Five crawls of one portal whose article links a file for each thing that may happen to one."""

    portal: SmallPortal
    told: list[list[dict[str, Any]]]
    outcomes: list[dict[str, str]]
    asked: list[list[tuple[str, str]]]

    def edits(self, path: str) -> list[tuple[int, str]]:
        """(day, summary) of what was told of the file, for the article at /a."""
        return [
            (day, field["summary"].removeprefix("Attachment: "))
            for day, changes in enumerate(self.told)
            for change in changes
            if self.portal.path(change["url"]) == "/a"
            for field in change["fields"]
            if f"{self.portal.server.url}{path}>" in field["old"]
        ]

    def methods(self, path: str, day: int) -> list[str]:
        return [method for method, asked in self.asked[day] if asked == path]


SAME = ("/etag.pdf", "/modified.pdf", "/no-head.pdf", "/no-proof.pdf")
NAMES = (*SAME, "/replaced.pdf", "/length.pdf", "/no-head-replaced.pdf", "/generated.pdf", "/missing.pdf", "/page.pdf")


def at(day: int) -> dict[str, Any]:
    """What the server has on that day."""
    gone = day in (1, 2)
    return {
        "/etag.pdf": file(FIRST, headers='ETag: "1"\r\n'),
        "/modified.pdf": file(FIRST, headers="Last-Modified: Mon, 12 Apr 2021 08:00:00 GMT\r\n"),
        "/no-head.pdf": file(FIRST, head=False),
        "/no-proof.pdf": file(FIRST),
        "/replaced.pdf": file(SECOND if day else FIRST),
        "/length.pdf": file(b"%PDF 25,1" if day else b"%PDF 21,5"),
        "/no-head-replaced.pdf": file(SECOND if day else FIRST, head=False),
        "/generated.pdf": [file(b"%%PDF %d %d" % (day, number)) for number in range(9)],
        "/missing.pdf": http("", "404 Not Found") if gone else file(FIRST),
        "/page.pdf": http("<html><body>Tệp không tồn tại</body></html>") if day else file(FIRST),
        "/viewer": http("<html><body><h1>Văn bản</h1></body></html>"),
    }


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    with FaultServer() as server:
        portal = portal_with(tmp_path_factory.mktemp("files"), server, *NAMES, "/viewer")
        other = page("/replaced.pdf", title="Thông báo bảng giá đất")
        server.routes |= {"/": http(listing("/a", "/b")), "/b": other}
        days = Days(portal, [], [], [])
        for day in range(5):
            server.routes |= at(day)
            days.told.append(crawl(portal, day))
            days.outcomes.append(portal.outcomes())
            days.asked.append([(asked.method, asked.path) for asked in server.asked])
            server.asked.clear()
        yield days


def test_first_look_at_files_tells_nothing(days: Days) -> None:
    assert days.told[0] == []
    assert {days.outcomes[0][name] for name in NAMES} == {"file"}


def test_file_replaced_behind_the_same_link_is_one_edit(days: Days) -> None:
    edit = next(change for change in days.told[1] if "/replaced.pdf" in change["fields"][0]["old"])
    (field,) = edit["fields"]
    assert (edit["kind"], edit["weight"], edit["title"]) == ("edited", "substantive", "Công bố bảng giá đất")
    assert (field["field"], field["class"]) == ("attachments", "attachment")
    assert field["old"].startswith(f"Bảng giá đất <{days.portal.server.url}/replaced.pdf> [sha256:")
    assert field["old"] != field["new"]
    told = "file replaced behind the same link “Bảng giá đất”: 21 bytes → 36 bytes"
    assert days.edits("/replaced.pdf") == days.edits("/no-head-replaced.pdf") == [(1, told)]


def test_file_that_two_articles_link_is_an_edit_of_both(days: Days) -> None:
    of = [days.portal.path(c["url"]) for c in days.told[1] if "/replaced.pdf>" in c["fields"][0]["old"]]
    assert sorted(of) == ["/a", "/b"]


def test_file_of_the_same_length_is_compared_by_its_bytes(days: Days) -> None:
    ((day, summary),) = days.edits("/length.pdf")
    assert day == 1
    assert "“Bảng giá đất”: sha256 " in summary


def test_replaced_file_is_kept_as_a_capture_and_never_parsed(days: Days) -> None:
    query = "SELECT DISTINCT payload_bytes FROM captures WHERE role = 'file' AND url LIKE '%/replaced.pdf' ORDER BY 1"
    assert days.portal.rows(query) == [(len(FIRST),), (len(SECOND),)]
    assert len(days.portal.versions()) == 2  # of the two articles
    assert days.portal.run("verify").code == 0


@pytest.mark.parametrize("path", SAME)
def test_same_file_is_no_edit(days: Days, path: str) -> None:
    assert days.edits(path) == []


@pytest.mark.parametrize("path", SAME[:2])
def test_same_file_is_not_sent_again_where_its_server_knows_it(days: Days, path: str) -> None:
    assert (days.methods(path, 0), days.methods(path, 1)) == (["GET"], ["HEAD"])
    assert days.outcomes[1][path] == "not_modified"


@pytest.mark.parametrize("path", SAME[2:])
def test_same_file_without_a_proof_by_its_server_is_fetched(days: Days, path: str) -> None:
    assert days.methods(path, 1) == ["HEAD", "GET"]
    assert days.outcomes[1][path] == "unchanged"


def test_file_that_is_made_anew_at_every_request_is_never_told(days: Days) -> None:
    assert days.edits("/generated.pdf") == []
    assert ["/generated.pdf" in outcomes for outcomes in days.outcomes] == [True, True, False, False, False]


def test_missing_file_is_told_once_and_its_return_once(days: Days) -> None:
    assert days.edits("/missing.pdf") == [
        (1, "the file behind “Bảng giá đất” can no longer be fetched (404); the page still links to it"),
        (3, "the file behind “Bảng giá đất” can be fetched again: 21 bytes"),
    ]


def test_web_page_in_the_place_of_a_file_is_no_other_file(days: Days) -> None:
    ((day, summary),) = days.edits("/page.pdf")
    assert day == 1
    assert "can no longer be fetched (soft_404)" in summary


def test_link_that_leads_to_a_web_page_is_no_file_at_all(days: Days) -> None:
    assert [outcomes.get("/viewer") for outcomes in days.outcomes] == ["other_page", None, None, None, None]


def test_file_larger_than_the_setting_is_left_alone(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_with(tmp_path, server, settings="[files]\nmax_mb = 0.001\n")
    server.routes["/gia.pdf"] = file(b"%PDF" + b"0" * 2000)
    assert crawl(portal, 0) == []
    assert portal.outcomes()["/gia.pdf"] == "other_page"
    assert portal.detail("/gia.pdf").startswith("larger than [files] max_mb: not fetched")


def test_files_are_not_asked_for_where_the_setting_says_so(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_with(tmp_path, server, settings="[files]\nfetch = false\n")
    server.routes["/gia.pdf"] = file(FIRST)
    crawl(portal, 0)
    assert methods(server, "/gia.pdf") == []


def test_files_of_other_hosts_and_those_that_robots_txt_forbids_are_not_fetched(
    tmp_path: Path, server: FaultServer
) -> None:
    with FaultServer({"/ngoai.pdf": file(FIRST)}) as stranger:
        portal = portal_with(tmp_path, server, "/kin/gia.pdf", f"{stranger.url}/ngoai.pdf")
        server.routes["/robots.txt"] = http("User-agent: *\nDisallow: /kin/\n")
        assert crawl(portal, 0) == []
        assert portal.outcomes()["/kin/gia.pdf"] == "other_page"
        assert not stranger.asked


def test_files_beyond_the_budget_of_a_run_wait_for_the_next(tmp_path: Path, server: FaultServer) -> None:
    names = [f"/tep-{number}.pdf" for number in range(3)]
    portal = portal_with(tmp_path, server, *names, settings="[files]\nper_run = 2\n")
    server.routes |= {name: file(name.encode()) for name in names}
    crawl(portal, 0)
    assert [name for name in names if name in portal.outcomes()] == names[:2]
    crawl(portal, 1)
    assert portal.outcomes()[names[2]] == "file"


def test_file_is_not_asked_again_before_its_time(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_with(tmp_path, server)
    server.routes["/gia.pdf"] = file(FIRST)
    crawl(portal, 0)
    portal.crawl("--revisit", "all", now="2021-04-13T20:00:00+07:00")
    assert "/gia.pdf" not in portal.outcomes()


def test_import_of_a_page_at_the_address_of_a_file_compares_nothing(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_with(tmp_path, server)
    server.routes["/gia.pdf"] = file(FIRST)
    crawl(portal, 0)
    warc = ForeignWarc()
    warc.page(f"{server.url}/gia.pdf", "2020-06-01T03:00:00Z", "<html><body><p>Trang báo lỗi.</p></body></html>")
    result = portal.run("import", "warc", str(warc.write(tmp_path / "cu.warc.gz")), "--json")
    said = json.loads(result.out)
    assert (result.code, said["portals"][0]["captures"]) == (0, 1)
    assert said["portals"][0]["outcomes"] == {"not_html": 1}


def test_fault_078_file_seen_under_a_clock_of_the_future_is_looked_at_under_the_right_one(
    tmp_path: Path, server: FaultServer
) -> None:
    portal = portal_with(tmp_path, server, "/gia.pdf", "/mat.pdf")
    (portal.archive / "portalwatch.toml").write_text("[gone]\nconfirmations = 2\nmin_hours = 1\n", encoding="utf-8")
    server.routes["/gia.pdf"] = server.routes["/mat.pdf"] = file(FIRST)
    crawl(portal, 0)
    server.routes["/mat.pdf"] = http("", "404 Not Found")
    assert portal.crawl("--revisit", "all", now="2031-04-14T09:00:00+07:00").code == 0
    server.routes["/gia.pdf"] = file(SECOND)
    told = [crawl(portal, day) for day in (1, 2)]
    assert [["/gia.pdf" in str(change["fields"]) for change in changes] for changes in told] == [[True], [False]]
    assert "can no longer be fetched (404)" in told[1][0]["fields"][0]["summary"]
