"""`search`, `export` and `cite` on an archive that a crawl has made."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fault_server import FaultServer, http
from small_portal import SLUG, SmallPortal, article

import command


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """Two articles, of which the first is edited on the second day."""
    with FaultServer() as server:
        made = SmallPortal(
            tmp_path_factory.mktemp("asking"), server, extra='province = "ninh-thuan"\nplatform = "drupal"'
        )
        made.publish("/a", "/b")
        made.crawl(now="2021-04-13T09:00:00+07:00")
        server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
        made.crawl("--revisit", "all", now="2021-04-14T09:00:00+07:00")
        yield made


def lines(portal: SmallPortal, verb: str, *arguments: str) -> list[dict[str, object]]:
    done = portal.run(verb, *arguments)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_export_has_the_current_version_of_each_article(portal: SmallPortal) -> None:
    found = {portal.path(str(line["url"])): line for line in lines(portal, "export")}
    assert set(found) == {"/a", "/b"}
    assert "215 tỷ đồng" in str(found["/a"]["body"])
    assert (found["/a"]["status"], str(found["/a"]["captured_at"])[:16]) == ("live", "2021-04-14T09:00")


def test_export_line_is_the_search_line_of_the_same_article(portal: SmallPortal) -> None:
    assert lines(portal, "export", "215") == lines(portal, "search", "215", "--json")


@pytest.mark.parametrize("province, count", [("Ninh Thuận", 2), ("ninh thuan", 2), ("Khánh Hòa", 2), ("Lào Cai", 0)])
def test_search_by_province_knows_its_old_and_its_new_name(portal: SmallPortal, province: str, count: int) -> None:
    assert len(lines(portal, "search", "--province", province, "--json")) == count


def test_search_by_province_and_another_portal_finds_nothing(portal: SmallPortal) -> None:
    assert lines(portal, "search", "tin", "--province", "Lào Cai", "--portal", SLUG, "--json") == []


def test_a_portal_without_a_file_is_still_in_its_province_and_has_its_name(portal: SmallPortal, tmp_path: Path) -> None:
    """As one that was crawled with `--portal-file`."""
    shutil.copytree(portal.archive, tmp_path / "archive", ignore=shutil.ignore_patterns("portals"))
    for verb, *rest in (("search", "--json", "--province", "Ninh Thuận"), ("export", "--province", "Khánh Hòa")):
        done = command.run(verb, *rest, "--archive", str(tmp_path / "archive"))
        assert len(done.out.splitlines()) == 2, done.err
    done = command.run("search", "--json", "--province", "Lào Cai", "--archive", str(tmp_path / "archive"))
    assert done.out == ""
    done = command.run("cite", f"{portal.server.url}/a", "--archive", str(tmp_path / "archive"))
    assert ". Cổng thử. " in done.out


@pytest.mark.parametrize("day", ["2021-04-13", "20210413", "2021-W15-2", "2021W152"])
def test_a_day_in_any_form_is_the_whole_day(portal: SmallPortal, day: str) -> None:
    found = lines(portal, "search", "--at", day, "--json")
    assert [str(line["captured_at"])[:16] for line in found] == ["2021-04-13T09:00", "2021-04-13T09:00"]
    changes = lines(portal, "changes", "--until", day, "--format", "jsonl")
    assert [change["kind"] for change in changes] == ["new", "new"]


@pytest.mark.parametrize("choice, day", [(["--version", "1"], 13), (["--at", "2021-04-13"], 13), ([], 14)])
def test_cite_chooses_the_version(portal: SmallPortal, choice: list[str], day: int) -> None:
    done = portal.run("cite", f"{portal.server.url}/a", *choice)
    assert done.code == 0, done.err
    seconds = re.findall(rf"captured: 2021-04-{day}T09:00:(\d\d)", done.out)  # the clock goes on while it crawls
    assert re.findall(rf"permalink: 202104{day}0200(\d\d)/{portal.server.url}/a", done.out) == seconds
    assert len(seconds) == 1


def test_cite_names_the_record_that_the_archive_holds(portal: SmallPortal) -> None:
    (item,) = json.loads(portal.run("cite", f"{portal.server.url}/b", "--format", "csl-json").out)
    ((record_id, digest),) = portal.rows(
        "SELECT warc_record_id, content_digest FROM versions WHERE url = ?",
        [f"{portal.server.url}/b"],
    )
    assert item["archive_location"] == record_id
    assert digest in item["note"]
    assert item["container-title"] == "Cổng thử"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--version", "9"], "no such version"),
        (["--at", "2020-01-01"], "no such version"),
        (["--at", "2021-04-13", "--version", "1"], "keep one"),
    ],
)
def test_cite_of_no_version_is_one_line(portal: SmallPortal, arguments: list[str], words: str) -> None:
    done = portal.run("cite", f"{portal.server.url}/a", *arguments)
    assert (done.code, len(re.findall(r"\n", done.err)), words in done.err) == (2, 1, True)


def test_search_at_a_day_lists_what_could_be_seen_as_it_was(portal: SmallPortal) -> None:
    asked = ("search", "--province", "Ninh Thuận", "--at", "2021-04-13", "--json")
    found = {portal.path(str(line["url"])): line for line in lines(portal, *asked)}
    assert set(found) == {"/a", "/b"}
    assert "215 tỷ đồng" not in str(found["/a"]["body"])
    assert str(found["/a"]["captured_at"])[:10] == "2021-04-13"
    assert lines(portal, "search", "--at", "2021-04-12", "--json") == []
    assert lines(portal, "search", "215", "--at", "2021-04-13", "--json") == []
    assert [portal.path(str(line["url"])) for line in lines(portal, "export", "215", "--at", "2021-04-14")] == ["/a"]


@pytest.mark.parametrize("wrong", [["--at", "hôm qua"], ["tin", "--at", "2021-04-13", "--order", "best"]])
def test_search_at_no_time_or_by_best_is_a_usage_error(portal: SmallPortal, wrong: list[str]) -> None:
    done = portal.run("search", *wrong)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1


def test_fault_104_query_in_the_search_s_own_syntax_is_answered_or_refused_in_a_line(portal: SmallPortal) -> None:
    for query in ('"', "*", "NEAR(", "-x", "", "Phan Rang - Tháp Chàm", "x" * 10_240, "x " * 1_000):
        done = portal.run("search", "--", query)
        assert done.code in (0, 2), query[:20]
        assert len(done.err.splitlines()) == (done.code == 2), query[:20]


def test_fault_102_exported_evidence_is_imported_as_the_same_history(portal: SmallPortal, tmp_path: Path) -> None:
    evidence, other = tmp_path / "all.warc.gz", tmp_path / "archive"
    assert portal.run("export", "-o", str(evidence)).code == 0
    shutil.copytree(portal.archive / "portals", other / "portals")
    done = command.run("import", "warc", str(evidence), "--archive", str(other))
    assert done.code == 0, done.err
    query = "SELECT url, number, captured_at, content_digest, payload_digest FROM versions ORDER BY 1, 2"
    with closing(sqlite3.connect(other / "archive.db")) as connection:
        imported = connection.execute(query).fetchall()
    assert (len(imported), imported) == (3, portal.rows(query))
