"""Articles as Parquet, and the codebook that goes with CSV and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from exported import export, story
from pyarrow import parquet
from watched import PORTAL, Watched

from storage import queries
from storage.codebook import article_columns, line_columns, table_schema
from storage.export import Format
from storage.search import Search


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    watched = story(tmp_path_factory.mktemp("tables") / "archive")
    yield watched
    watched.archive.close()


@pytest.fixture(scope="module")
def table(told: Watched, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    path = tmp_path_factory.mktemp("parquet") / "tin.parquet"
    assert export(told, Format.PARQUET, path) == 2
    return parquet.read_table(path)


def test_parquet_has_the_type_of_each_column(table: pa.Table) -> None:
    types = {field.name: field.type for field in table.schema}
    assert (types["captured_at"], types["published_at"]) == (pa.timestamp("us", tz="UTC"),) * 2
    assert (types["published_on"], types["article_id"], types["title"]) == (pa.date32(), pa.int64(), pa.string())
    assert types["warnings"] == pa.list_(pa.string())
    assert {field.name: field.type for field in types["related"].value_type}["published_on"] == pa.date32()


def test_parquet_says_what_the_article_says(table: pa.Table) -> None:
    (row,) = [row for row in table.to_pylist() if row["title"] == "Đắk Lắk: hội nghị tổng kết"]
    assert row["captured_at"] == datetime(2021, 4, 15, 2, tzinfo=UTC)
    assert (row["published_at"], row["published_on"]) == (datetime(2021, 4, 12, 1, 30, tzinfo=UTC), date(2021, 4, 12))
    assert (row["published_precision"], row["status"], row["byline"]) == ("minute", "gone", None)
    assert row["related"] == [
        {"title": "Tin cũ", "url": None, "published_on": date(2021, 4, 12), "published_raw": "(12/04)"}
    ]
    assert row["attachments"] == [{"title": None, "url": "http://lao-cai.example/qd.pdf"}]
    assert row["images"] == [{"url": "http://lao-cai.example/a.jpg", "caption": "Toàn cảnh"}]
    assert row["body"].endswith("Đã sửa.")


def test_parquet_carries_its_codebook(table: pa.Table) -> None:
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    schema = json.loads(about["table_schema"])
    assert [field["name"] for field in schema["fields"]] == table.column_names
    assert (about["exported_at"], about["question"]) == ("2021-04-17T06:00:00.000000Z", "everything")
    described = table.schema.field("body").metadata[b"description"].decode()
    assert "paragraphs separated by one empty line" in described


def test_parquet_of_nothing_has_the_columns(told: Watched, tmp_path: Path) -> None:
    path = tmp_path / "tin.parquet"
    assert export(told, Format.PARQUET, path, Search(words="khong co", limit=None)) == 0
    assert parquet.read_table(path).column_names == [column.name for column in article_columns()]


def test_parquet_is_written_in_groups(told: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.export.parquet._ROWS", 1)
    export(told, Format.PARQUET, tmp_path / "tin.parquet")
    assert parquet.ParquetFile(tmp_path / "tin.parquet").num_row_groups == 2


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
def test_text_export_has_its_codebook_beside(told: Watched, tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"tin.{form.value}"
    assert export(told, form, path) == 2
    package = json.loads((tmp_path / f"tin.{form.value}.datapackage.json").read_bytes())
    (resource,) = package["resources"]
    assert (resource["path"], resource["format"]) == (path.name, form.value)
    assert package["portalwatch"]["question"] == "everything"


def test_codebook_has_the_keys_of_a_line_in_their_order(told: Watched) -> None:
    with told.archive.reading() as connection:
        found = next(queries.read_found(connection, Search(portals=(PORTAL,))))
    assert [column.name for column in line_columns()] == list(found.as_json())


def test_codebook_describes_every_column_for_people_who_know_no_python() -> None:
    def sentences(fields: list[dict[str, Any]]) -> Iterator[str]:
        for field in fields:
            yield field["description"]
            yield from sentences(field.get("items", []))

    found = list(sentences(table_schema(article_columns(), key=("article_id",))["fields"]))
    assert len(found) == 24 + 4 + 2 + 2
    assert [text for text in found if len(text) < 10 or "None" in text or "`fetched_at`" in text] == []


def test_codebook_names_the_words_of_a_closed_set() -> None:
    (field,) = [field for field in table_schema(article_columns(), key=("x",))["fields"] if "enum" in str(field)]
    assert (field["name"], field["constraints"]["enum"]) == ("published_precision", ["day", "minute", "second"])
