"""Articles as JSON lines and CSV: nothing lost in the one, nothing computed in the other."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from watched import Watched, article

import command
from databases import Database
from storage import queries
from storage.archive import Archive
from storage.export import COLUMNS, Format, export_text
from storage.jsonline import json_line
from storage.records import Attachment
from storage.search import Search

FORMULAS = ["=1+1", "+84 259", "-5 độ", "@ubnd", "\t=1", "＝1+1", " =cmd|'/c calc'!A0", ";=1", "\r=1"]
BODY = 'Đoạn một, "nóng".\n\n=Đoạn hai;\tba\ufeff.'
FILE = Attachment(title="quyet-dinh.pdf", url="http://lao-cai.example/qd.pdf")


@pytest.fixture(scope="module")
def archive(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    watched = Watched(database.open(tmp_path_factory.mktemp("export") / "archive"))
    run = watched.begin(0)
    watched.new(
        run,
        "a",
        article('Tỉnh, “họp”; "nóng"\u2028ngày </script>', body=BODY, byline="=HYPERLINK(1)", attachments=(FILE,)),
    )
    for number, text in enumerate(FORMULAS):
        watched.new(run, f"f{number}", article(f"Tin {number}", lead=text))
    yield watched.archive
    watched.archive.close()


def exported(archive: Archive, form: Format) -> str:
    out = io.StringIO()
    with archive.reading() as connection:
        export_text(connection, Search(words="tin", limit=None), out, form)
        if form is Format.JSONL:
            export_text(connection, Search(words="tinh hop", section="chinh tri"), out, form)
    return out.getvalue()


def rows(archive: Archive) -> list[dict[str, str]]:
    text = exported(archive, Format.CSV)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_fault_114_lines_are_json_with_the_text_as_it_is(archive: Archive) -> None:
    lines = [json.loads(line) for line in exported(archive, Format.JSONL).split("\n") if line]
    assert {line["lead"] for line in lines if line["lead"]} == set(FORMULAS)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r", "\n"])
def test_fault_114_a_line_stays_one_line_to_every_reader(mark: str) -> None:
    line = json_line({"title": f"Tin{mark}mới"})
    assert (len(line.splitlines()), json.loads(line)["title"]) == (1, f"Tin{mark}mới")


def test_fault_114_lone_surrogate_is_written_as_utf_8() -> None:
    assert json.loads(json_line({"title": "\ud800"}).encode()) == {"title": "\ud800"}


def test_fault_114_not_a_number_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_line({"ratio": float("nan")})


def test_fault_112_csv_cells_are_no_formulas(archive: Archive) -> None:
    leads = {row["lead"] for row in rows(archive)}
    assert leads == {f"'{text}" for text in FORMULAS}


def test_fault_113_csv_goes_round_through_a_reader(archive: Archive) -> None:
    with archive.reading() as connection:
        out = io.StringIO()
        assert export_text(connection, Search(section="chinh tri", limit=None), out, Format.CSV) == 10
    first = list(csv.DictReader(io.StringIO(out.getvalue()[1:], newline="")))[-1]
    assert first["title"] == 'Tỉnh, “họp”; "nóng"\u2028ngày </script>'
    assert json.loads(first["attachments"]) == [{"title": "quyet-dinh.pdf", "url": "http://lao-cai.example/qd.pdf"}]
    assert (first["related"], first["published_at"]) == ("", "")


def test_fault_113_cells_say_what_the_json_lines_say(archive: Archive) -> None:
    out = io.StringIO()
    with archive.reading() as connection:
        export_text(connection, Search(section="chinh tri", limit=None), out, Format.JSONL)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    with archive.reading() as connection:
        out = io.StringIO()
        export_text(connection, Search(section="chinh tri", limit=None), out, Format.CSV)
    cells = list(csv.DictReader(io.StringIO(out.getvalue()[1:], newline="")))
    assert len(cells) == len(lines) == 10
    for name in ("title", "body", "section", "url"):
        assert [cell[name] for cell in cells] == [line[name] for line in lines], name
    assert BODY in [cell["body"] for cell in cells]


def test_csv_has_every_key_of_a_json_line(archive: Archive) -> None:
    with archive.reading() as connection:
        found = next(queries.read_found(connection, Search(words="tin")))
    assert set(COLUMNS) == set(found.as_json())


def test_export_writes_every_article_of_the_archive(archive: Archive) -> None:
    done = command.run("export", "--archive", str(archive.path))
    assert (done.code, len(done.out.splitlines()), "10 articles" in done.err) == (0, 10, True)


def test_export_into_a_folder_that_is_not_there_is_one_line(archive: Archive, tmp_path) -> None:  # type: ignore[no-untyped-def]
    done = command.run("export", "--archive", str(archive.path), "-o", str(tmp_path / "no" / "tin.jsonl"))
    assert (done.code, len(done.err.strip().splitlines())) == (3, 1)
