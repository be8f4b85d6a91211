"""Files of others become history beside what crawls know, and never news."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import brotli
import pytest
from backports import zstd
from fault_server import http
from foreign_warc import HTML, ForeignWarc
from small_portal import SLUG, SmallPortal, article, listing
from warcio.archiveiterator import ArchiveIterator

import command
from storage.archive import Archive
from storage.verification import verify

OLD, NEW = "2019-05-01T03:00:00Z", "2020-06-01T03:00:00Z"
TEXT = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn."


def edition(number: int, path: str = "/a") -> str:
    """The article at a path, as it was edited for the n-th time."""
    return article(f"Tin {path}", text=f"{TEXT} Bản {number}.")


def run(portal: SmallPortal, *files: Path, code: int = 0, **kwargs: Any) -> dict[str, Any]:
    result = portal.run("import", "warc", *map(str, files), "--json", **kwargs)
    assert result.code == code, result.out + result.err
    return dict(json.loads(result.out))


def write(portal: SmallPortal, tmp_path: Path, *pages: tuple[str, str, str], name: str = "alt.warc.gz") -> Path:
    """A foreign file with (path, date, page)."""
    warc = ForeignWarc()
    for path, date, page in pages:
        warc.page(portal.server.url + path, date, page)
    return warc.write(tmp_path / name)


def history(portal: SmallPortal, path: str = "/a") -> list[tuple[str, str]]:
    """(cause, day) of each version."""
    shown = json.loads(portal.run("show", portal.server.url + path, "--history", "--json").out)
    return [(version["cause"], version["captured_at"][:10]) for version in shown]


def imported(portal: SmallPortal) -> list[tuple[str, str]]:
    """(kind, day) of the changes that only imports show, in order of time."""
    found = portal.rows("SELECT kind, fetched_at FROM changes WHERE cause = 'import' ORDER BY fetched_at, kind")
    return [(kind, day[:10]) for kind, day in found]


def is_sound(portal: SmallPortal) -> bool:
    with Archive.open(portal.archive) as opened:
        found = verify(opened)
    assert found.faults == ()
    return found.unsealed == ()


def test_import_makes_history_of_what_was_captured(portal: SmallPortal, tmp_path: Path) -> None:
    file = write(portal, tmp_path, ("/", OLD, listing("/a")), ("/a", OLD, edition(1)), ("/a", NEW, edition(2)))
    said = run(portal, file)
    assert history(portal) == [("import", "2019-05-01"), ("import", "2020-06-01")]
    assert imported(portal) == [("new", "2019-05-01"), ("edited", "2020-06-01")]
    assert portal.told() == []
    assert is_sound(portal)
    assert said["portals"][0] | {"outcomes": None} == {
        "portal": SLUG,
        "captures": 3,
        "known": 0,
        "articles": 1,
        "versions": 2,
        "outcomes": None,
        "changes": {"new": 1, "edited": 1},
    }


def test_import_older_than_the_first_crawl_comes_before_it(portal: SmallPortal, tmp_path: Path) -> None:
    portal.server.routes["/a"] = http(edition(3))
    portal.publish("/a")
    assert portal.crawl().code == 0
    assert portal.told() == [("new", "/a")]
    run(portal, write(portal, tmp_path, ("/a", OLD, edition(1)), ("/a", NEW, edition(2))))
    assert [cause for cause, _ in history(portal)] == ["import", "import", "crawl"]
    assert [kind for kind, _ in imported(portal)] == ["edited", "edited"]  # the second leads to what was crawled
    assert portal.told() == []
    assert is_sound(portal)
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []


def test_imports_in_any_order_give_the_same_versions(portal: SmallPortal, tmp_path: Path) -> None:
    late = write(portal, tmp_path, ("/", OLD, listing("/a")), ("/a", NEW, edition(2)), name="late.warc.gz")
    early = write(portal, tmp_path, ("/a", OLD, edition(1)), name="early.warc.gz")
    run(portal, late)
    run(portal, early)
    assert history(portal) == [("import", "2019-05-01"), ("import", "2020-06-01")]
    assert ("edited", "2020-06-01") in imported(portal)
    assert is_sound(portal)


def test_first_crawl_after_an_import_tells_what_it_would_tell_without(portal: SmallPortal, tmp_path: Path) -> None:
    run(portal, write(portal, tmp_path, ("/", OLD, listing("/a", "/weg")), ("/a", OLD, edition(1))))
    portal.server.routes["/a"] = http(edition(2))
    portal.publish("/a", "/b")
    assert portal.crawl().code == 0
    first = portal.changes("--mark")
    assert sorted((change["kind"], portal.path(change["url"])) for change in first) == [("new", "/a"), ("new", "/b")]
    assert portal.rows("SELECT DISTINCT first_crawl FROM changes WHERE cause = 'crawl'") == [(1,)]
    assert imported(portal)[-1][0] == "edited"  # what lies between is history
    assert "/weg" not in portal.outcomes()
    assert is_sound(portal)
    portal.server.routes["/a"] = http(edition(3))
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == [("edited", "/a")]


def test_crawl_tells_an_edit_that_an_import_saw_before(portal: SmallPortal, tmp_path: Path) -> None:
    portal.server.routes["/a"] = http(edition(1))
    portal.publish("/a")
    assert portal.crawl(now="2021-04-13T09:00:00+07:00").code == 0
    portal.told()
    run(portal, write(portal, tmp_path, ("/a", "2021-04-14T03:00:00Z", edition(2))))
    assert portal.told() == []
    portal.server.routes["/a"] = http(edition(2))
    assert portal.crawl("--revisit", "all", now="2021-04-15T09:00:00+07:00").code == 0
    (change,) = portal.changes("--mark")
    assert (change["kind"], {field["field"] for field in change["fields"]}) == ("edited", {"body"})
    assert is_sound(portal)


def test_import_of_an_old_404_leaves_a_living_article_alive(portal: SmallPortal, tmp_path: Path) -> None:
    portal.publish("/a")
    assert portal.crawl().code == 0
    portal.told()
    warc = ForeignWarc()
    for date in (OLD, NEW):
        warc.page(f"{portal.server.url}/a", date, "<h1>Không tìm thấy</h1>", status=404)
    run(portal, warc.write(tmp_path / "weg.warc.gz"))
    assert json.loads(portal.run("show", f"{portal.server.url}/a", "--json").out)["status"] == "live"
    assert imported(portal) == [("gone", "2019-05-01"), ("restored", portal.rows(
        "SELECT date(max(fetched_at)) FROM captures WHERE url LIKE '%/a'")[0][0])]  # fmt: skip
    assert portal.told() == []
    assert is_sound(portal)


def test_import_knows_what_was_gone_at_last(portal: SmallPortal, tmp_path: Path) -> None:
    warc = ForeignWarc()
    warc.page(f"{portal.server.url}/", OLD, listing("/a"))
    warc.page(f"{portal.server.url}/a", OLD, edition(1))
    warc.page(f"{portal.server.url}/a", NEW, "", status=410)
    run(portal, warc.write(tmp_path / "weg.warc.gz"))
    assert json.loads(portal.run("show", f"{portal.server.url}/a", "--json").out)["status"] == "gone"
    assert imported(portal) == [("new", "2019-05-01"), ("gone", "2020-06-01")]
    assert is_sound(portal)


def test_import_follows_a_redirect_to_where_the_article_lived_at_last(portal: SmallPortal, tmp_path: Path) -> None:
    warc = ForeignWarc()
    warc.page(f"{portal.server.url}/", OLD, listing("/a"))
    warc.page(f"{portal.server.url}/a", OLD, edition(1))
    warc.page(f"{portal.server.url}/a", NEW, "", status=301, headers=[("Location", "/b")])
    warc.page(f"{portal.server.url}/b", NEW, edition(2))
    run(portal, warc.write(tmp_path / "um.warc.gz"))
    assert imported(portal) == [("new", "2019-05-01"), ("edited", "2020-06-01"), ("moved", "2020-06-01")]
    assert portal.rows("SELECT url FROM articles") == [(f"{portal.server.url}/b",)]
    assert is_sound(portal)


@pytest.mark.parametrize("ending", [".warc", ".warc.gz", ".warc.zst"])
def test_import_reads_what_others_compress(portal: SmallPortal, tmp_path: Path, ending: str) -> None:
    run(portal, write(portal, tmp_path, ("/a", OLD, edition(1)), name=f"alt{ending}"))
    assert history(portal) == [("import", "2019-05-01")]


def test_import_undoes_transfer_codings_and_keeps_content_codings(portal: SmallPortal, tmp_path: Path) -> None:
    """Heritrix and wget keep chunks; others undo them, or a gzip, and leave the header that speaks of it."""
    page, url = edition(1).encode(), portal.server.url
    packed = gzip.compress(page)
    chunks = b"%x\r\n%s\r\n%x; x=1\r\n%s\r\n0\r\n\r\n" % (10, packed[:10], len(packed) - 10, packed[10:])
    coded = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    warc = ForeignWarc(software="Wget/1.21")
    warc.page(f"{url}/a", OLD, chunks, headers=coded)
    warc.page(f"{url}/b", OLD, edition(1, "/b").encode(), headers=coded)
    run(portal, warc.write(tmp_path / "wget.warc.gz"))
    assert {row[0] for row in portal.rows("SELECT title FROM versions")} == {"Tin /a", "Tin /b"}
    with Archive.open(portal.archive) as opened, opened.reading() as connection:
        capture = opened.load_capture(connection, 1)
    assert (capture.payload, capture.header("Transfer-Encoding")) == (packed, None)
    assert is_sound(portal)


@pytest.mark.parametrize("coding, pack", [("br", brotli.compress), ("zstd", zstd.compress)], ids=["br", "zstd"])
def test_import_reads_what_a_browser_was_sent(portal: SmallPortal, tmp_path: Path, coding: str, pack: Any) -> None:
    """Browsers ask for Brotli and Zstandard, and what records them keeps it so or leaves the header alone."""
    warc = ForeignWarc(software="Browsertrix-Crawler 1.5", version="1.1")
    for path, body in (("/a", pack(edition(1).encode())), ("/b", edition(1, "/b").encode())):
        warc.page(f"{portal.server.url}{path}", OLD, body, headers=[("Content-Encoding", coding)])
    run(portal, warc.write(tmp_path / "browser.warc.gz"))
    assert {row[0] for row in portal.rows("SELECT title FROM versions")} == {"Tin /a", "Tin /b"}
    assert is_sound(portal)


def test_import_resolves_revisits_across_files_and_order(portal: SmallPortal, tmp_path: Path) -> None:
    url = f"{portal.server.url}/a"
    first, second = ForeignWarc(), ForeignWarc(software="Browsertrix-Crawler 1.5", version="1.1")
    record = first.page(url, OLD, edition(1))
    second.revisit(url, "2019-08-01T03:00:00Z", **{"WARC-Refers-To": record})
    second.page(url, "2019-09-01T03:00:00Z", edition(2))
    second.revisit(
        url, NEW, **{"WARC-Refers-To-Target-URI": url, "WARC-Refers-To-Date": OLD, "WARC-Concurrent-To": record}
    )
    files = first.write(tmp_path / "eins.warc.gz"), second.write(tmp_path / "zwei.warc.gz")
    said = run(portal, *reversed(files))
    assert [one["unresolved"] for one in said["files"]] == [0, 0]
    assert [day for _, day in history(portal)] == ["2019-05-01", "2019-09-01", "2020-06-01"]
    assert is_sound(portal)


def test_import_of_a_revisit_of_nothing_is_told(portal: SmallPortal, tmp_path: Path) -> None:
    warc = ForeignWarc()
    warc.revisit(f"{portal.server.url}/a", OLD, **{"WARC-Refers-To": "<urn:uuid:00000000-0000-0000-0000-000000000000>"})
    assert run(portal, warc.write(tmp_path / "rest.warc.gz"), code=1)["files"][0]["unresolved"] == 1


def test_import_passes_by_what_is_no_page(portal: SmallPortal, tmp_path: Path) -> None:
    warc, url = ForeignWarc(software="Browsertrix-Crawler 1.5"), portal.server.url
    warc.other("dns:example", "response", b"20190501 example", "text/dns")
    warc.other(f"{url}/a", "request", b"GET /a HTTP/1.1\r\nHost: example\r\n\r\n", "application/http; msgtype=request")
    warc.other("urn:pageinfo:x", "resource", b"{}", "application/json")
    warc.page(f"{url}/logo.png", OLD, b"\x89PNG", content_type="image/png")
    warc.page(f"{url}/robots.txt", OLD, "User-agent: *", content_type="text/plain")
    warc.page("http://elsewhere.example/x", OLD, edition(1))
    warc.page(f"{url}/a", OLD, edition(1), content_type=HTML)
    said = run(portal, warc.write(tmp_path / "alles.warc.gz"))
    assert said["files"][0]["passed_by"] == 2
    assert said["strangers"] == {"elsewhere.example": 1}
    assert said["portals"][0]["captures"] == 1


def test_import_takes_a_page_without_date_that_no_listing_names_for_none(portal: SmallPortal, tmp_path: Path) -> None:
    bare = edition(1, "/lien-he").replace("<p class='date'>12/04/2021</p>", "")
    run(portal, write(portal, tmp_path, ("/lien-he", OLD, bare)))
    assert portal.rows("SELECT kind FROM origins") == [("other_page",)]
    assert portal.rows("SELECT count(*) FROM addresses") == [(0,)]
    run(portal, write(portal, tmp_path, ("/", OLD, listing("/tin")), ("/tin", OLD, bare), name="b.warc.gz"))
    assert portal.rows("SELECT count(*) FROM articles") == [(1,)]


@pytest.mark.parametrize("cut, kept", [(40, 1), (-1, 2)])
def test_import_of_a_cut_file_keeps_what_was_read(portal: SmallPortal, tmp_path: Path, cut: int, kept: int) -> None:
    file = write(portal, tmp_path, ("/a", OLD, edition(1)), ("/b", OLD, edition(1, "/b")))
    content = file.read_bytes()
    file.write_bytes(content[:-cut] if cut > 0 else content)
    said = run(portal, file, code=1 if cut > 0 else 0)
    assert len(portal.rows("SELECT * FROM articles")) == kept
    assert [one["what"] for one in said["files"][0]["damaged"]] == (["cut"] if cut > 0 else [])
    assert is_sound(portal)


def test_import_of_a_damaged_file_is_one_line_and_keeps_what_was_read(portal: SmallPortal, tmp_path: Path) -> None:
    file = write(portal, tmp_path, ("/a", OLD, edition(1)), ("/b", OLD, edition(1, "/b")))
    content = bytearray(file.read_bytes())
    content[-200:-150] = bytes(50)
    file.write_bytes(content)
    result = portal.run("import", "warc", str(file))
    assert (result.code, result.err) == (1, "")
    assert [line for line in result.out.splitlines() if line.startswith("!") and "alt.warc.gz" in line]
    assert len(portal.rows("SELECT * FROM articles")) == 1
    assert is_sound(portal)


def test_import_believes_no_record_that_its_own_digest_contradicts(portal: SmallPortal, tmp_path: Path) -> None:
    file = write(portal, tmp_path, ("/a", OLD, edition(1)), name="alt.warc")
    file.write_bytes(file.read_bytes().replace("hạn".encode(), "hận".encode()))
    assert [one["what"] for one in run(portal, file, code=1)["files"][0]["damaged"]] == ["digest"]
    assert portal.rows("SELECT count(*) FROM captures") == [(0,)]


def zip_slip() -> bytes:
    """A ZIP file that names places outside of the folder it is unpacked in."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name in ("../../alt.warc.gz", "/tmp/alt.warc.gz", "archive/data.warc.gz"):
            archive.writestr(name, b"WARC/1.1\r\n")
    return packed.getvalue()


NO_WARC = {"empty": b"", "text": b"no WARC file\n" * 9, "zip": zip_slip(), "none": None}


@pytest.mark.parametrize("content", NO_WARC.values(), ids=NO_WARC)
def test_fault_102_import_of_what_is_no_warc_file_is_one_line(
    portal: SmallPortal, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "kein.warc.gz"
    if content is not None:
        file.write_bytes(content)
    result = portal.run("import", "warc", str(file))
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "kein.warc.gz" in result.err


def test_fault_102_line_breaks_in_a_foreign_file_make_no_header_of_ours(portal: SmallPortal, tmp_path: Path) -> None:
    warc, url = ForeignWarc(), portal.server.url
    warc.page(f"{url}/a", OLD, edition(1), headers=[("X-A", "1\rX-B: 2"), ("X-C", "3\r\n folded: 4")])
    warc.page(f"{url}/b\r\n WARC-Type: metadata", OLD, edition(1, "/b"))
    said = portal.run("import", "warc", str(warc.write(tmp_path / "alt.warc.gz")))
    assert said.code == 0
    assert portal.rows("SELECT title FROM articles WHERE url LIKE '%/a'") == [("Tin /a",)]
    with next((portal.archive / "warc").rglob("*.warc.gz")).open("rb") as file:
        found = [(one.rec_type, one.rec_headers, one.http_headers) for one in ArchiveIterator(file)]
    records = [(kind, head.get_header("WARC-Target-URI")) for kind, head, _ in found]
    sent = {name for *_, head in found if head is not None for name, _ in head.headers}
    assert "X-A" in sent
    assert "X-B" not in sent
    assert [target for kind, target in records if kind == "response"] == [
        f"{url}/a",
        f"{url}/b%20WARC-Type:%20metadata",
    ]
    assert [kind for kind, _ in records] == ["warcinfo", *("metadata", "response") * 2, "metadata"]
    assert is_sound(portal)


def test_file_that_is_not_there_is_not_called_damaged(portal: SmallPortal, tmp_path: Path) -> None:
    result = portal.run("import", "warc", str(tmp_path / "không-có.warc.gz"))
    assert result.code == 2
    assert result.err == f"portalwatch: {tmp_path}/không-có.warc.gz: No such file or directory\n"


def test_import_for_one_portal_leaves_the_others_out(portal: SmallPortal, tmp_path: Path) -> None:
    file = write(portal, tmp_path, ("/a", OLD, edition(1)))
    said = run(portal, file, "--portal", "lao-cai")  # type: ignore[arg-type]
    assert (said["portals"], len(said["strangers"])) == ([], 1)
    result = portal.run("import", "warc", str(file), "--portal", "nirgends")
    assert (result.code, len(result.err.splitlines())) == (2, 1)


def test_import_waits_for_nobody(portal: SmallPortal, tmp_path: Path) -> None:
    file = write(portal, tmp_path, ("/a", OLD, edition(1)))
    assert run(portal, file)
    with Archive.open(portal.archive) as opened, opened.locked():
        assert portal.run("import", "warc", str(file)).code == 4


def test_import_says_what_it_did(portal: SmallPortal, tmp_path: Path) -> None:
    file = write(portal, tmp_path, ("/", OLD, listing("/a")), ("/a", OLD, edition(1)), ("/a", NEW, edition(2)))
    result: command.Result = portal.run("import", "warc", str(file), "--lang", "en")
    assert result.out.splitlines() == [
        "thu: 3 captures imported",
        "  2 versions of 1 article",
        "  captures: 1 new, 1 edited, 1 listing pages",
        "  history, told to nobody: 1 new, 1 edited",
    ]
