"""`extract` reads WARC files of others as `import warc` does."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from foreign_warc import ForeignWarc, block_digest
from small_portal import article, portal_file

import command

PAGE, COPY = "http://cong-thu.vn/tin/1", "http://cong-thu.vn/tin/2"
FIRST, SECOND = "2019-06-01T03:00:00Z", "2019-07-01T03:00:00Z"
TEXT = article("Tin phòng, chống hạn")


def extract(folder: Path, file: Path, url: str) -> command.Result:
    rules = folder / "thu.toml"
    rules.write_text(portal_file("http://cong-thu.vn/"), encoding="utf-8")
    return command.run("extract", str(file), "--url", url, "--portal-file", str(rules))


def title(folder: Path, file: Path, url: str) -> str:
    done = extract(folder, file, url)
    assert (done.code, done.err) == (0, "")
    return str(json.loads(done.out)["title"])


@pytest.mark.parametrize("ending", [".warc", ".warc.gz", ".warc.zst"])
def test_page_is_read_from_a_warc_file_of_any_compression(tmp_path: Path, ending: str) -> None:
    warc = ForeignWarc()
    warc.page(PAGE, FIRST, article("Bản cũ"))
    warc.page(COPY, FIRST, article("Tin khác"))
    warc.page(PAGE, SECOND, TEXT)
    assert title(tmp_path, warc.write(tmp_path / f"cu{ending}"), PAGE) == "Tin phòng, chống hạn"


@pytest.mark.parametrize("how", ["id", "place", "digest"])
def test_repeated_page_is_read_whatever_names_its_original(tmp_path: Path, how: str) -> None:
    warc = ForeignWarc()
    body = gzip.compress(TEXT.encode(), mtime=0)
    record = warc.page(COPY, FIRST, body, headers=[("Content-Encoding", "gzip")])
    names = {
        "id": {"WARC-Refers-To": record},
        "place": {"WARC-Refers-To-Target-URI": COPY, "WARC-Refers-To-Date": FIRST},
        "digest": {"WARC-Payload-Digest": block_digest(body)},
    }
    warc.revisit(PAGE, SECOND, **names[how])
    assert title(tmp_path, warc.write(tmp_path / "cu.warc.gz"), PAGE) == "Tin phòng, chống hạn"


def test_chunks_that_the_writer_left_are_no_text(tmp_path: Path) -> None:
    warc = ForeignWarc()
    body = TEXT.encode()
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    warc.page(PAGE, FIRST, chunked, headers=[("Transfer-Encoding", "chunked")])
    assert title(tmp_path, warc.write(tmp_path / "cu.warc"), PAGE) == "Tin phòng, chống hạn"


def test_record_that_is_not_what_its_digest_says_is_not_believed(tmp_path: Path) -> None:
    warc = ForeignWarc()
    warc.page(PAGE, FIRST, TEXT, **{"WARC-Block-Digest": block_digest(b"khac")})
    done = extract(tmp_path, warc.write(tmp_path / "cu.warc"), PAGE)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert f"holds no page of {PAGE}" in done.err
