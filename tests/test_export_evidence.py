"""Evidence taken away: WARC files and WACZ packages of the chosen captures, byte for byte."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from exported import ORIGIN, PACKED, export, new, story
from fastwarc.warc import ArchiveIterator as FastIterator
from injected import INJECTED
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator
from watched import PORTAL, Watched, article

from storage.archive import Archive
from storage.errors import StorageError
from storage.export import Format, export_file
from storage.export.cdx import surt
from storage.export.chosen import chosen, chosen_captures
from storage.schema import captures
from storage.search import Search

STEEL = Search(words="gia thep", limit=None)
MEETING = Search(words="hoi nghi tong ket", limit=None)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    watched = story(tmp_path_factory.mktemp("evidence") / "archive")
    yield watched
    watched.archive.close()


def records(path: Path) -> list[tuple[str, str, str]]:
    """(kind, address, status) of every record, as warcio reads them, digests checked."""
    found = []
    with path.open("rb") as file:
        iterator = ArchiveIterator(file, check_digests="raise")
        for record in iterator:
            http = record.http_headers
            status = http.get_statuscode() if http and record.rec_type in ("response", "revisit") else ""
            record.content_stream().read()
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            found.append((record.rec_type, url.removeprefix("http://lao-cai.example/"), status))
    return found


def test_warc_export_has_every_capture_of_the_portal(told: Watched, tmp_path: Path) -> None:
    assert export(told, Format.WARC, tmp_path / "all.warc.gz") == 7
    kinds = [kind for kind, _, _ in records(tmp_path / "all.warc.gz")]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "warcinfo": 1 + 4,
        "request": 1,
        "response": 5,
        "revisit": 2,
        "metadata": 4,  # each crawl says at its end how it went
    }


def test_warc_export_of_an_article_has_its_absences_and_unchanged_visits(told: Watched, tmp_path: Path) -> None:
    assert export(told, Format.WARC, tmp_path / "a.warc.gz", MEETING) == 3
    assert [record for record in records(tmp_path / "a.warc.gz") if record[0] not in ("warcinfo", "metadata")] == [
        ("response", "hop", "200"),
        ("response", "hop", "200"),
        ("response", "hop", "404"),
    ]


def test_warc_export_tells_of_a_crawl_only_where_all_of_it_is_taken(told: Watched, tmp_path: Path) -> None:
    export(told, Format.WARC, tmp_path / "a.warc.gz", MEETING)
    ends = [uri for kind, uri, _ in records(tmp_path / "a.warc.gz") if kind == "metadata"]
    assert ends == ["metadata://portalwatch/lao-cai/run/3", "metadata://portalwatch/lao-cai/run/4"]


def test_warc_export_has_what_its_revisits_repeat(told: Watched, tmp_path: Path) -> None:
    assert export(told, Format.WARC, tmp_path / "a.warc.gz", STEEL) == 2
    with (tmp_path / "a.warc.gz").open("rb") as file:
        found = {str(record.record_id): record.headers.get("WARC-Refers-To") for record in FastIterator(file)}
    referred = [record for record in found.values() if record]
    assert len(referred) == 1
    assert referred[0] in found


def test_warc_export_is_read_by_fastwarc_with_sound_digests(told: Watched, tmp_path: Path) -> None:
    export(told, Format.WARC, tmp_path / "all.warc.gz")
    with (tmp_path / "all.warc.gz").open("rb") as file:
        checked = [
            (record.verify_block_digest(), hashlib.sha256(record.reader.read()).hexdigest())
            for record in FastIterator(file, parse_http=False)
        ]
    assert len(checked) == 5 + 1 + 5 + 2 + 4
    assert all(sound for sound, _ in checked)


def test_warc_export_copies_records_byte_for_byte(told: Watched, tmp_path: Path) -> None:
    export(told, Format.WARC, tmp_path / "all.warc.gz")
    taken = (tmp_path / "all.warc.gz").read_bytes()
    for file in sorted((told.archive.path / "warc").rglob("*.warc.gz")):
        kept = file.read_bytes()
        with told.archive.reading() as connection:
            name = file.relative_to(told.archive.path).as_posix()
            mine = select(captures.c.warc_offset, captures.c.warc_length).where(captures.c.warc_file == name)
            places = connection.execute(mine).all()
        assert places
        assert all(kept[offset : offset + length] in taken for offset, length in places)


def test_warc_export_says_what_it_is(told: Watched, tmp_path: Path) -> None:
    export(told, Format.WARC, tmp_path / "all.warc.gz")
    with (tmp_path / "all.warc.gz").open("rb") as file:
        first = next(iter(FastIterator(file)))
        said = first.reader.read().decode()
    assert "export-question: everything" in said
    assert "export-exported_at: 2021-04-17T06:00:00.000000Z" in said


@pytest.mark.parametrize("damage", ["flipped", "cut", "missing"])
def test_broken_evidence_is_not_handed_on(told: Watched, tmp_path: Path, damage: str) -> None:
    shutil.copytree(told.archive.path, tmp_path / "archive")
    file = sorted((tmp_path / "archive" / "warc").rglob("*.warc.gz"))[2]
    content = bytearray(file.read_bytes())
    content[-700] ^= 1
    file.write_bytes(content if damage == "flipped" else content[:600])
    if damage == "missing":
        file.unlink()
    (tmp_path / "out").mkdir()
    with Archive.open(tmp_path / "archive") as archive:
        for form in (Format.WARC, Format.WACZ):
            with pytest.raises(StorageError, match="run: portalwatch verify"):
                export(Watched(archive), form, tmp_path / "out" / "all")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.fixture(scope="module")
def package(told: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    path = tmp_path_factory.mktemp("wacz") / "all.wacz"
    assert export(told, Format.WACZ, path) == 7
    with ZipFile(path) as opened:
        yield opened


def test_fault_101_names_inside_a_package_never_come_from_a_page(package: ZipFile) -> None:
    assert package.namelist() == [
        "archive/data.warc.gz",
        "indexes/index.cdx.gz",
        "indexes/index.idx",
        "pages/pages.jsonl",
        "datapackage.json",
        "datapackage-digest.json",
    ]


def test_wacz_keeps_what_is_read_in_parts_uncompressed(package: ZipFile) -> None:
    stored = [info.filename for info in package.infolist() if info.compress_type == ZIP_STORED]
    assert stored == ["archive/data.warc.gz", "indexes/index.cdx.gz"]


def test_wacz_lists_each_version_as_a_page_with_title_and_time(package: ZipFile) -> None:
    head, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    assert head["format"] == "json-pages-1.0"
    assert [(page["url"][23:], page["ts"], page["title"]) for page in pages] == [
        ("hop", "2021-04-13T02:00:00Z", "Đắk Lắk: hội nghị tổng kết"),
        ("khac", "2021-04-13T02:00:00Z", "Kinh tế: giá thép"),
        ("hop", "2021-04-15T02:00:00Z", "Đắk Lắk: hội nghị tổng kết"),
    ]


def test_wacz_digests_are_those_of_its_files(package: ZipFile) -> None:
    about = json.loads(package.read("datapackage.json"))
    for resource in about["resources"]:
        content = package.read(resource["path"])
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert (resource["hash"], resource["bytes"]) == (digest, len(content)), resource["path"]
    said = json.loads(package.read("datapackage-digest.json"))
    assert said["hash"] == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}"
    assert [field["name"] for field in about["pages_schema"]["fields"]][:4] == ["id", "url", "ts", "title"]


def index(package: ZipFile) -> list[tuple[str, str, dict[str, Any]]]:
    """The lines of the index, found by way of its own index."""
    lines = []
    packed = package.read("indexes/index.cdx.gz")
    for name in package.read("indexes/index.idx").decode().splitlines()[1:]:
        block = json.loads(name.partition(" {")[2].join(("{", "")))
        part = packed[block["offset"] : block["offset"] + block["length"]]
        assert block["digest"] == f"sha256:{hashlib.sha256(part).hexdigest()}"
        lines += gzip.decompress(part).decode().splitlines()
    assert lines == sorted(lines)
    return [(*line.split(" ", 2)[:2], json.loads(line.split(" ", 2)[2])) for line in lines]  # type: ignore[misc]


def test_wacz_index_leads_to_each_record(package: ZipFile) -> None:
    warc = package.read("archive/data.warc.gz")
    found = index(package)
    assert [(key, at, fields["mime"], fields["status"]) for key, at, fields in found] == [
        ("example,lao-cai)/hop", "20210413020000", "text/html", "200"),
        ("example,lao-cai)/hop", "20210414020000", "warc/revisit", "304"),
        ("example,lao-cai)/hop", "20210415020000", "text/html", "200"),
        ("example,lao-cai)/hop", "20210416020000", "text/html", "404"),
        ("example,lao-cai)/khac", "20210413020000", "warc/revisit", "200"),
        ("example,lao-cai)/tin", "20210413020000", "text/html", "200"),
    ]
    for _, _, fields in found:
        begin = int(fields["offset"])
        member = warc[begin : begin + int(fields["length"])]
        assert fields["recordDigest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
        assert f"WARC-Target-URI: {fields['url']}\r\n".encode() in gzip.decompress(member)


def test_wacz_revisits_name_the_digest_of_what_they_repeat(package: ZipFile) -> None:
    packed = f"sha256:{hashlib.sha256(PACKED).hexdigest()}"
    digests = [fields["digest"] for _, _, fields in index(package) if fields["mime"] == "warc/revisit"]
    assert digests == [packed, packed]


def test_index_has_blocks_of_many_lines(told: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.export.cdx._LINES_A_BLOCK", 4)
    export(told, Format.WACZ, tmp_path / "all.wacz")
    with ZipFile(tmp_path / "all.wacz") as opened:
        assert len(opened.read("indexes/index.idx").splitlines()) == 1 + 2
        assert len(index(opened)) == 6


@pytest.mark.parametrize(
    "url, key",
    [
        ("http://www.ninhthuan.gov.vn/Tin.aspx", "vn,gov,ninhthuan)/tin.aspx"),
        ("https://x.example:8443", "example,x:8443)/"),
        ("http://x.example/?b=2&a=%c3%a1+%7e", "example,x)/?a=%C3%A1+%7E&b=2"),
        ("http://x.example/a?", "example,x)/a"),
        ("http://x.example/?id", "example,x)/?id="),
    ],
)
def test_key_of_an_address(url: str, key: str) -> None:
    assert surt(url) == key


def test_fault_103_no_parameter_of_an_export_is_sql(told: Watched) -> None:
    before = hashlib.sha256((told.archive.path / "archive.db").read_bytes()).hexdigest()
    with told.archive.reading() as connection:
        for text in INJECTED:
            for search in (
                Search(words=text, limit=None),
                Search(words="tin", section=text, limit=None),
                Search(section=text, limit=None),
                Search(portals=(text,), limit=None),
            ):
                with chosen(connection, search):
                    assert list(connection.execute(select(chosen_captures))) == [], text
    assert hashlib.sha256((told.archive.path / "archive.db").read_bytes()).hexdigest() == before


@pytest.mark.parametrize("form", [Format.WARC, Format.WACZ])
def test_fault_102_line_breaks_of_an_address_or_a_question_make_no_header(
    tmp_path: Path, watched: Watched, form: Format
) -> None:
    run = watched.begin(0)
    url = "http://lao-cai.example/x\r\nWARC-Type: metadata\r\n\r\n"
    kept = watched.keep(run, "x", url=url, headers=(("X-A", "1\r\nX-B: 2"),))
    new(watched, run, "x", article("Tin\r\nX: 1"), kept)
    asked = replace(ORIGIN, question="tin\r\nX-Injected: 1")
    path = tmp_path / "x.warc.gz"
    with watched.archive.reading() as connection:
        export_file(watched.archive.path, connection, Search(portals=(PORTAL,)), form, path, asked)
    if form is Format.WACZ:
        with ZipFile(path) as opened:
            assert len(opened.read("pages/pages.jsonl").splitlines()) == 2
            path = Path(opened.extract("archive/data.warc.gz", tmp_path))
    with path.open("rb") as file:
        found = [(dict(record.headers.items()), record.reader.read()) for record in FastIterator(file)]
    assert [said["WARC-Type"] for said, _ in found] == ["warcinfo", "warcinfo", "response"]
    assert found[2][0]["WARC-Target-URI"].endswith("/x%0D%0AWARC-Type:%20metadata%0D%0A%0D%0A")
    assert b"\nX-Injected" not in found[0][1]
