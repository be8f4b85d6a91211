"""What is kept is what came: WARC records read back with two independent readers, and the rows that point at them."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator
from watched import PORTAL, Watched, at, capture

from storage import runs
from storage.archive import Archive
from storage.errors import StorageError
from storage.members import IDENTICAL_PAYLOAD, NOT_MODIFIED
from storage.records import Capture, Kept, Run
from storage.schema import captures
from storage.vocabulary import OutcomeKind

PAGE = "<h1>Đắk Lắk: khai mạc Ngày hội đọc sách</h1>".encode()


@pytest.fixture
def run(watched: Watched) -> Run:
    return watched.begin(0)


def row_of(watched: Watched, kept: Kept) -> Any:
    with watched.archive.reading() as connection:
        return connection.execute(select(captures).where(captures.c.capture_id == kept.capture_id)).one()


def file_of(watched: Watched, run: Run) -> Path:
    (found,) = (watched.archive.path / "warc").rglob(f"*-{run.run_id:06d}.warc.gz")
    return found


def read_all(path: Path) -> list[dict[str, Any]]:
    """The records as warcio reads them, WARC headers by name, digests checked."""
    with path.open("rb") as file:
        return [
            {
                **dict(record.rec_headers.headers),
                "payload": record.raw_stream.read(),
                "http": record.http_headers,
            }
            for record in ArchiveIterator(file, check_digests="raise")
        ]


def load(watched: Watched, kept: Kept) -> Capture:
    with watched.archive.reading() as connection:
        return watched.archive.load_capture(connection, kept.capture_id)


PAYLOADS: dict[str, bytes] = {
    "html": PAGE,
    "gzip": gzip.compress(PAGE * 50, mtime=0),
    "large gzip": gzip.compress(random.Random(2019).randbytes(200_000), mtime=0),
    "cut gzip": gzip.compress(PAGE * 50, mtime=0)[:-7],
    "empty": b"",
    "blank": b" ",
    "binary": bytes(range(256)) * 16,
    "line breaks": b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
    "large": random.Random(2021).randbytes(3_000_000),
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_capture_comes_back_byte_for_byte(watched: Watched, run: Run, payload: bytes) -> None:
    given = capture(payload=payload, headers=(("Content-Type", "text/html"), ("Content-Encoding", "gzip")))
    kept = watched.archive.keep(given, run=run, key="hop")
    assert load(watched, kept) == given


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_both_readers_find_the_payload(watched: Watched, run: Run, payload: bytes) -> None:
    watched.archive.keep(capture(payload=payload, headers=(("Content-Encoding", "gzip"),)), run=run, key="hop")
    path = file_of(watched, run)
    assert [record["payload"] for record in read_all(path)][1:] == [payload]
    with path.open("rb") as file:
        records = [(r.verify_block_digest(), r.reader.read()) for r in FastIterator(file, parse_http=False)]
    assert records[1][0]
    assert records[1][1].endswith(payload)


def test_compressed_payload_is_not_compressed_again(watched: Watched, run: Run) -> None:
    payload = PAYLOADS["gzip"]
    watched.archive.keep(capture(payload=payload, headers=(("X-Note", "abc" * 300),)), run=run, key="hop")
    held = file_of(watched, run).read_bytes()
    assert payload in held
    assert b"abc" * 100 not in held  # the headers are


def test_headers_keep_their_order_case_and_repetition(watched: Watched, run: Run) -> None:
    headers = (("server", "Microsoft-IIS/8.5"), ("Set-Cookie", "a=1"), ("X-Rỗng".encode().decode("latin-1"), ""),
               ("set-cookie", "b=2"), ("Set-Cookie", "a=1"))  # fmt: skip
    kept = watched.archive.keep(capture(headers=headers), run=run, key="hop")
    assert load(watched, kept).headers == headers


@pytest.mark.parametrize(
    "value", ["/Tin-tức/Đắk Lắk".encode().decode("latin-1"), "caf\xe9", 'a; b="\xc4\x90"', "\x85x"]
)
def test_header_bytes_that_are_not_ascii_are_kept(watched: Watched, run: Run, value: str) -> None:
    kept = watched.archive.keep(capture(status=302, headers=(("Location", value),)), run=run, key="hop")
    assert load(watched, kept).header("location") == value
    assert value.encode("latin-1") in gzip.decompress(file_of(watched, run).read_bytes())


def test_header_never_begins_another_header(watched: Watched, run: Run) -> None:
    given = capture("hop\r\nWARC-Type: metadata", headers=(("X", "a\r\nSet-Cookie: evil=1\r\n\r\nbody"),))
    kept = watched.archive.keep(given, run=run, key="hop")
    assert [name for name, _ in load(watched, kept).headers] == ["X"]
    (_, record) = read_all(file_of(watched, run))
    assert record["WARC-Type"] == "response"


URLS = {
    "http://lao-cai.example/tin-t%E1%BB%A9c/Ph%C3%B3-Ch%E1%BB%A7-t%E1%BB%8Bch.aspx": None,
    "http://lao-cai.example/tin-tức": "http://lao-cai.example/tin-t%E1%BB%A9c",
    "http://lao-cai.example/a b|c{d}%": "http://lao-cai.example/a%20b%7Cc%7Bd%7D%25",
    "http://lao-cai.example/a?b=%2F&c=+%20;(d)'e'!*[f]@$,~#x": None,
    "http://[2001:db8::1]:8080/a": None,
    "http://lao-cai.example/" + "a" * 8000: None,
}


@pytest.mark.parametrize("url", URLS)
def test_url_is_kept_as_requested_and_is_a_uri_in_its_record(watched: Watched, run: Run, url: str) -> None:
    kept = watched.archive.keep(capture(url=url), run=run, key="hop")
    assert load(watched, kept).url == url
    assert read_all(file_of(watched, run))[1]["WARC-Target-URI"] == (URLS[url] or url)


@pytest.mark.parametrize("ip", ["203.0.113.7", "2001:db8::1", None])
def test_address_of_the_server_is_kept(watched: Watched, run: Run, ip: str | None) -> None:
    kept = watched.archive.keep(capture(ip_address=ip), run=run, key="hop")
    assert load(watched, kept).ip_address == ip
    assert read_all(file_of(watched, run))[1].get("WARC-IP-Address") == ip


def test_records_name_the_warcinfo_of_their_file_also_after_a_restart(watched: Watched, run: Run) -> None:
    watched.archive.keep(capture("a"), run=run, key="a")
    reopen(watched, run)
    watched.archive.keep(capture("b", b"2"), run=run, key="b")
    info, *records = read_all(file_of(watched, run))
    assert [record["WARC-Warcinfo-ID"] for record in records] == [info["WARC-Record-ID"]] * 2


def end(watched: Watched, run: Run) -> Path:
    """Closes and seals the run; its file."""
    with watched.write() as connection:
        runs.finish_run(connection, run, at(2), state="finished")
        watched.archive.seal(connection, PORTAL, at(2))
    watched.archive.publish()
    return file_of(watched, run)


def test_file_ends_with_a_record_of_how_the_run_went(watched: Watched, run: Run) -> None:
    watched.visit(run, "hop", OutcomeKind.NEW, kept=watched.keep(run, "hop"))
    watched.visit(run, "lost", OutcomeKind.TIMEOUT)
    record = read_all(end(watched, run))[-1]
    assert (record["WARC-Type"], record["WARC-Date"]) == ("metadata", "2021-04-13T04:00:00.000000Z")
    assert record["WARC-Target-URI"] == f"metadata://portalwatch/{PORTAL}/run/{run.run_id}"
    assert record["payload"].decode().splitlines() == [
        f"portal: {PORTAL}",
        f"run: {run.run_id}",
        "started: 2021-04-13T02:00:00.000000Z",
        "finished: 2021-04-13T04:00:00.000000Z",
        "state: finished",
        "cause: crawl",
        "first-crawl: yes",
        "sweep: no",
        "outcome-new: 1",
        "outcome-timeout: 1",
        "no-answer: timeout http://lao-cai.example/lost",
    ]


def test_every_record_of_a_sealed_file_is_found_sound_by_both_readers(watched: Watched, run: Run) -> None:
    for key, payload in (("a", PAGE), ("b", gzip.compress(PAGE)), ("a", PAGE), ("c", b"")):
        watched.keep(run, key, payload)
    path = end(watched, run)
    kinds = ["warcinfo", "response", "response", "revisit", "response", "metadata"]
    assert [record["WARC-Type"] for record in read_all(path)] == kinds  # warcio raises for a wrong digest
    with path.open("rb") as file:
        fast = [(r.headers["WARC-Type"], r.verify_block_digest()) for r in FastIterator(file, parse_http=False)]
    assert fast == [(kind, True) for kind in kinds]
    with path.open("rb") as file:
        payloads = [r.verify_payload_digest() for r in FastIterator(file, record_types=WarcRecordType.response)]
    assert payloads == [True, True, True]


def test_record_says_what_the_row_says(watched: Watched, run: Run) -> None:
    watched.archive.open_warc(run, {"software": "portalwatch/0", "operator": "Thư viện"})
    kept = watched.archive.keep(capture(payload=PAGE, fetched_at=at(1.5)), run=run, key="hop")
    row = row_of(watched, kept)
    info, record = read_all(watched.archive.path / row.warc_file)
    assert info["WARC-Type"] == "warcinfo"
    assert "operator: Thư viện\r\n" in info["payload"].decode()
    assert record["WARC-Record-ID"] == row.warc_record_id
    assert record["WARC-Date"] == "2021-04-13T03:30:00.000000Z"
    assert record["WARC-Payload-Digest"] == row.payload_digest == f"sha256:{hashlib.sha256(PAGE).hexdigest()}"
    assert record["http"].statusline == "200 OK"
    assert (row.payload_bytes, row.content_type) == (len(PAGE), "text/html; charset=utf-8")
    member = (watched.archive.path / row.warc_file).read_bytes()[row.warc_offset :]
    assert len(member) == row.warc_length
    assert gzip.decompress(member).startswith(b"WARC/1.1\r\n")


def test_status_that_no_standard_names_is_kept(watched: Watched, run: Run) -> None:
    kept = watched.archive.keep(capture(status=599), run=run, key="hop")
    assert load(watched, kept).status == 599


def test_file_is_named_after_portal_start_and_run(watched: Watched, run: Run) -> None:
    watched.archive.keep(capture(), run=run, key="hop")
    expected = f"warc/2021/04/{PORTAL}-20210413T020000Z-{run.run_id:06d}.warc.gz"
    assert file_of(watched, run) == watched.archive.path / expected


def test_same_payload_elsewhere_is_a_revisit_of_it(watched: Watched, run: Run) -> None:
    first = watched.archive.keep(capture("a", PAGE), run=run, key="a")
    again = watched.archive.keep(capture("b", PAGE, fetched_at=at(2)), run=run, key="b")
    _, original, revisit = read_all(file_of(watched, run))
    assert again.revisit_of == first.capture_id
    assert revisit["WARC-Type"] == "revisit"
    assert revisit["WARC-Profile"] == IDENTICAL_PAYLOAD
    assert revisit["WARC-Refers-To"] == original["WARC-Record-ID"]
    assert revisit["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"] == "http://lao-cai.example/a"
    assert revisit["WARC-Refers-To-Date"] == original["WARC-Date"]
    assert revisit["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert load(watched, again) == capture("b", PAGE, fetched_at=at(2))


def test_third_time_refers_to_the_first_and_not_to_a_revisit(watched: Watched, run: Run) -> None:
    first, _, third = (watched.archive.keep(capture(payload=PAGE), run=run, key="hop") for _ in range(3))
    assert third.revisit_of == first.capture_id


@pytest.mark.parametrize(
    "other",
    [capture(payload=PAGE, status=404), capture(payload=PAGE, portal="ninh-thuan"), capture(payload=PAGE + b" ")],
    ids=["status", "portal", "payload"],
)
def test_what_differs_is_no_revisit(watched: Watched, run: Run, other: Capture) -> None:
    watched.archive.keep(capture(payload=PAGE), run=run, key="hop")
    assert watched.archive.keep(other, run=run, key="hop").revisit_of is None


def test_empty_payloads_are_no_revisits_of_each_other(watched: Watched, run: Run) -> None:
    kept = [watched.archive.keep(capture(key, b"", status=301), run=run, key=key) for key in "ab"]
    assert [one.revisit_of for one in kept] == [None, None]


def test_not_modified_is_a_revisit_of_the_last_page_read_there(watched: Watched, run: Run) -> None:
    article_id = watched.new(run, "hop")
    later = watched.begin(1)
    page = watched.keep(later, "hop", PAGE)
    watched.visit(later, "hop", OutcomeKind.EDITED, kept=page, article_id=article_id)
    kept = watched.keep(later, "hop", b"", status=304, headers=(("ETag", '"2"'),))
    record = read_all(file_of(watched, later))[-1]
    assert kept.revisit_of == page.capture_id
    assert record["WARC-Profile"] == NOT_MODIFIED
    assert record["WARC-Refers-To"] == row_of(watched, page).warc_record_id
    assert record["WARC-Payload-Digest"] == row_of(watched, page).payload_digest
    loaded = load(watched, kept)
    assert (loaded.status, loaded.headers, loaded.payload) == (304, (("ETag", '"2"'),), PAGE)


def test_not_modified_refers_to_what_the_page_had_become_again(watched: Watched, run: Run) -> None:
    first = watched.keep(run, "hop", PAGE)
    watched.visit(run, "hop", OutcomeKind.NEW, kept=first)
    for hour, payload in ((1, b"other"), (2, PAGE)):  # edited, and edited back
        later = watched.begin(hour)
        watched.visit(later, "hop", OutcomeKind.EDITED, kept=watched.keep(later, "hop", payload))
    assert watched.keep(watched.begin(3), "hop", b"", status=304).revisit_of == first.capture_id


@pytest.mark.parametrize("kind", [OutcomeKind.MAINTENANCE, OutcomeKind.ABSENT, OutcomeKind.UNREADABLE])
def test_not_modified_never_refers_to_a_page_that_stood_in_for_it(
    watched: Watched, run: Run, kind: OutcomeKind
) -> None:
    page = watched.keep(run, "hop", PAGE)
    watched.visit(run, "hop", OutcomeKind.NEW, kept=page)
    later = watched.begin(1)
    watched.visit(later, "hop", kind, kept=watched.keep(later, "hop", b"Bao tri"))
    assert watched.keep(watched.begin(2), "hop", b"", status=304).revisit_of == page.capture_id


def test_not_modified_of_an_unknown_page_stands_alone(watched: Watched, run: Run) -> None:
    kept = watched.keep(run, "hop", b"", status=304)
    assert kept.revisit_of is None
    assert load(watched, kept).payload == b""


def reopen(watched: Watched, run: Run) -> None:
    """What the next process does first when it resumes the run."""
    watched.archive.open_warc(run, {})


@pytest.mark.parametrize(
    "torn",
    [
        pytest.param(b"\x1f\x8b\x08\x00half a member", id="half a member"),
        pytest.param(gzip.compress(b"WARC/1.1 never told"), id="a whole one"),
        pytest.param(b"\0" * 9000, id="zeros"),
    ],
)
def test_torn_end_is_cut_when_the_run_is_resumed(watched: Watched, run: Run, torn: bytes) -> None:
    first = watched.archive.keep(capture("a", b"1"), run=run, key="a")
    path = file_of(watched, run)
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    reopen(watched, run)
    assert path.read_bytes() == whole
    second = watched.archive.keep(capture("b", b"2"), run=run, key="b")
    assert [load(watched, kept).payload for kept in (first, second)] == [b"1", b"2"]
    assert [record["payload"] for record in read_all(path)][1:] == [b"1", b"2"]


def test_records_nobody_was_told_of_are_removed_when_they_are_the_first(watched: Watched, run: Run) -> None:
    watched.archive.keep(capture("a", b"1"), run=run, key="a")
    path = file_of(watched, run)
    with watched.archive.writing() as connection:
        connection.execute(captures.delete())  # as if killed between record and row
    reopen(watched, run)
    watched.archive.keep(capture("b", b"2"), run=run, key="b")
    assert [record["WARC-Type"] for record in read_all(path)] == ["warcinfo", "response"]
    assert [record["payload"] for record in read_all(path)][1:] == [b"2"]


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [shorten, Path.unlink], ids=["shorter", "missing"])
def test_resuming_on_a_file_that_lost_records_is_a_storage_error(
    watched: Watched, run: Run, damage: Callable[[Path], None]
) -> None:
    watched.archive.keep(capture(), run=run, key="hop")
    damage(file_of(watched, run))
    with pytest.raises(StorageError, match="backup") as caught:
        reopen(watched, run)
    assert caught.value.exit_code == 3


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-40] ^= 0xFF
    path.write_bytes(data)


def overwrite(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


@pytest.mark.parametrize("damage", [shorten, Path.unlink, flip, overwrite])
def test_fault_082_damaged_evidence_is_a_storage_error(
    watched: Watched, run: Run, damage: Callable[[Path], None]
) -> None:
    kept = watched.archive.keep(capture(payload=PAGE), run=run, key="hop")
    damage(file_of(watched, run))
    with pytest.raises(StorageError, match="backup") as caught:
        load(watched, kept)
    assert "\n" not in str(caught.value)


def test_fault_082_other_evidence_in_its_place_is_a_storage_error(watched: Watched, run: Run) -> None:
    kept = watched.archive.keep(capture("a", PAGE), run=run, key="a")
    other = watched.archive.keep(capture("b", b"another page"), run=run, key="b")
    row, wrong = row_of(watched, kept), row_of(watched, other)
    with watched.archive.writing() as connection:
        swapped = {"warc_offset": wrong.warc_offset, "warc_length": wrong.warc_length}
        connection.execute(captures.update().where(captures.c.capture_id == row.capture_id).values(swapped))
    with pytest.raises(StorageError, match="backup"):
        load(watched, kept)


FILL = """
import json, random, resource, sys
from pathlib import Path
from storage import runs
from storage.archive import Archive
from storage import runs
from storage.errors import StorageError
from watched import PORTAL, at, capture
path, where = Path(sys.argv[1]), sys.argv[2]
noise = random.Random(1).randbytes
told, errors = [], []
with Archive.open(path, create=True) as archive:
    with archive.writing() as connection:
        run, _ = runs.begin_run(connection, PORTAL, at(0), sweep=False)
    told.append(archive.keep(capture(payload=noise(50_000)), run=run, key="hop").capture_id)
    warc = next((path / "warc").rglob("*.gz"))
    limit = warc.stat().st_size + 3_000 if where == "warc" else (path / "archive.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for size in ((50_000, 5_000) if where == "warc" else (10, 20)):
        try:
            told.append(archive.keep(capture(payload=noise(size)), run=run, key="hop").capture_id)
        except StorageError as error:
            errors.append([error.exit_code, len(str(error).splitlines())])
    full = warc.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    told.append(archive.keep(capture(payload=noise(30)), run=run, key="hop").capture_id)
    print(json.dumps({"told": told, "errors": errors, "full": full}))
"""


@pytest.mark.parametrize("where", ["warc", "database"])
def test_fault_071_full_disk_loses_nothing_that_was_told(tmp_path: Path, where: str) -> None:
    folder = tmp_path / "archive"
    command = [sys.executable, "-c", FILL, str(folder), where]
    paths = f"{Path(__file__).parent}:{Path(__file__).parent.parent}"
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": paths})
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert said["errors"] == [[3, 1], [3, 1]]
    assert len(said["told"]) == 2
    check_everything_told(folder, said["told"])


def check_everything_told(folder: Path, told: list[int]) -> None:
    """The database is whole, holds exactly the captures that were told, and each is found with its payload."""
    with Archive.open(folder) as archive, archive.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert list(connection.execute(select(captures.c.capture_id)).scalars()) == told
        sizes = [len(archive.load_capture(connection, capture_id).payload) for capture_id in told]
        (warc,) = set(connection.execute(select(captures.c.warc_file)).scalars())
    assert sizes == [50_000, 30]
    assert read_all(folder / warc)[-1]["payload"]  # every member is whole, to the last


def test_fault_071_file_ends_where_it_ended_when_the_disk_is_full(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    paths = f"{Path(__file__).parent}:{Path(__file__).parent.parent}"
    command = [sys.executable, "-c", FILL, str(folder), "warc"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": paths})
    said = json.loads(done.stdout)
    (warc,) = (folder / "warc").rglob("*.warc.gz")
    first_two = [len(record["payload"]) for record in read_all(warc)][1:]
    assert first_two == [50_000, 30]
    with_first = warc.read_bytes()[: said["full"]]
    assert gzip.decompress(with_first).count(b"WARC/1.1\r\n") == 2  # warcinfo and the first, nothing after it
