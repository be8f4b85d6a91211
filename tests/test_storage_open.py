"""`storage.open`: the verbs of the command line from Python, and the code blocks of its documentation."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from fault_server import FaultServer, http
from injected import INJECTED
from small_portal import SLUG, SmallPortal, article
from watched import Watched

import storage
from storage.errors import NewerSchema, NotAnArchive, OlderSchema, StorageError
from storage.holdings import Holdings
from storage.moments import day_of, end_of, instant_of, last_of
from storage.views import VIEWS

ROOT = Path(__file__).parents[1]
DAYS = ("2021-04-13T09:00:00+07:00", "2021-04-14T09:00:00+07:00", "2021-04-15T09:00:00+07:00")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """Three articles; on the second day one is edited, on the third one is gone."""
    with FaultServer() as server:
        made = SmallPortal(tmp_path_factory.mktemp("open"), server, extra='province = "ninh-thuan"')
        made.publish("/a", "/b", "/c")
        made.crawl(now=DAYS[0])
        server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
        made.crawl("--revisit", "all", now=DAYS[1])
        yield made


@pytest.fixture
def holdings(portal: SmallPortal) -> Iterator[Holdings]:
    with storage.open(portal.archive) as opened:
        yield opened


def test_search_finds_what_the_command_finds(portal: SmallPortal, holdings: Holdings) -> None:
    done = portal.run("search", "215", "--province", "Khánh Hòa", "--json")
    found = holdings.search("215", province="Khánh Hòa")
    assert [item.as_json() for item in found] == [json.loads(line) for line in done.out.splitlines()]
    assert len(found) == 1


def test_articles_are_all_that_the_filters_allow(holdings: Holdings) -> None:
    assert len(holdings.articles()) == 3
    assert len(holdings.articles(portal=SLUG, province="ninh thuan")) == 3
    assert len(holdings.articles(province="Lào Cai")) == 0
    assert len(holdings.articles(at="2021-04-12")) == 0
    assert len(holdings.articles(at=date(2021, 4, 13))) == 3


def test_show_says_what_an_address_said_on_a_day(portal: SmallPortal, holdings: Holdings) -> None:
    url = f"{portal.server.url}/a"
    assert "215 tỷ" in holdings.show(url).version.article.body
    assert "215 tỷ" not in holdings.show(url, at="2021-04-13").version.article.body
    assert holdings.show(f"{url}?utm_source=zalo#top", at="2021-04-13T12:00").version.number == 1
    with pytest.raises(LookupError, match="not captured before 2021-04-12"):
        holdings.show(url, at="2021-04-12")
    with pytest.raises(LookupError, match="no article"):
        holdings.show(f"{url}/x")


def test_history_and_diff_are_those_of_the_article(portal: SmallPortal, holdings: Holdings) -> None:
    url = f"{portal.server.url}/a"
    assert [version.number for version in holdings.history(url)] == [1, 2]
    assert {change.field for change in holdings.diff(url, 1, 2)} == {"body"}
    assert len(holdings.diff(url, 2, 2)) == 0
    with pytest.raises(LookupError, match="no version 3"):
        holdings.diff(url, 1, 3)


def test_changes_are_those_of_the_days_and_kinds(holdings: Holdings) -> None:
    assert [change.kind.value for change in holdings.changes()] == ["new"] * 3 + ["edited"]
    assert len(holdings.changes(until="2021-04-13")) == 3
    assert len(holdings.changes(since="2021-04-14", until=date(2021, 4, 14), province="Ninh Thuận")) == 1
    assert len(holdings.changes(kind=("edited", "gone"))) == 1
    assert len(holdings.changes(province="Lào Cai")) == 0


@pytest.mark.parametrize("style", ["text", "bibtex", "ris", "csl-json"])
def test_cite_says_what_the_command_says(portal: SmallPortal, holdings: Holdings, style: str) -> None:
    url = f"{portal.server.url}/a"
    done = portal.run("cite", url, "--at", "2021-04-13", "--format", style)
    assert holdings.cite(url, at="2021-04-13", style=style) == done.out.rstrip("\n")


def test_export_writes_the_file_that_its_name_asks_for(holdings: Holdings, tmp_path: Path) -> None:
    from pyarrow import parquet

    assert holdings.export(tmp_path / "a.jsonl", now=DAYS[2], words="215") == 1
    assert len((tmp_path / "a.jsonl").read_text("utf-8").splitlines()) == 1
    assert holdings.export(tmp_path / "a.parquet", now=DAYS[2], at="2021-04-13") == 3
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == 3
    assert holdings.export(tmp_path / "a.warc.gz", now=DAYS[2]) > 3


def test_status_is_of_each_portal(holdings: Holdings) -> None:
    (status,) = holdings.status()
    assert (status.portal, status.live, status.gone) == (SLUG, 3, 0)
    (row,) = holdings.status().to_arrow().to_pylist()
    assert (row["last_state"], row["live"]) == ("finished", 3)


def test_tables_have_typed_columns_also_when_they_are_empty(portal: SmallPortal, holdings: Holdings) -> None:
    import pyarrow as pa

    url = f"{portal.server.url}/a"
    for rows in (holdings.articles(), holdings.history(url), holdings.changes(), holdings.diff(url, 1, 2)):
        full, none = rows.to_arrow(), rows[:0].to_arrow()
        assert full.schema == none.schema
        assert (full.num_rows, none.num_rows) == (len(rows), 0)
    schema = holdings.articles().to_arrow().schema
    assert schema.field("captured_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("published_on").type == pa.date32()
    assert b"description" in schema.field("title").metadata


@pytest.mark.parametrize("name", [view.name for view in VIEWS])
def test_view_is_a_table_with_its_own_columns(holdings: Holdings, name: str) -> None:
    found = holdings.view(name)
    (view,) = (one for one in VIEWS if one.name == name)
    assert found.to_arrow().column_names == [*view.columns]
    assert found.to_arrow().num_rows == len(found)


def test_view_has_instants_and_days(holdings: Holdings) -> None:
    frame = holdings.view("changes").to_pandas()
    assert str(frame["detected_at"].dtype) == "datetime64[us, UTC]"
    assert set(frame["detected_on"]) == {date(2021, 4, 13), date(2021, 4, 14)}
    with pytest.raises(LookupError, match="articles, versions"):
        holdings.view("captures")


def test_sql_answers_with_what_it_names(holdings: Holdings) -> None:
    found = holdings.sql("SELECT kind, count(*) AS n, 1.5 AS x, NULL AS y FROM changes GROUP BY kind ORDER BY kind")
    assert [dict(row) for row in found] == [
        {"kind": "edited", "n": 1, "x": 1.5, "y": None},
        {"kind": "new", "n": 3, "x": 1.5, "y": None},
    ]
    assert found.to_arrow().to_pylist() == [dict(row) for row in found]
    assert len(holdings.sql("SELECT 1 FROM articles WHERE title LIKE :title", title="%/b")) == 1
    with pytest.raises(ValueError, match="no such column"):
        holdings.sql("SELECT nichts FROM articles")


def test_sql_that_cannot_be_answered_is_told_in_one_line(holdings: Holdings) -> None:
    for query, why in (("SELECT :day", "'day': SELECT :day"), ("SELECT ':x'", "'x'"), ("-- SELECT 1", "gives no rows")):
        with pytest.raises(ValueError, match=why) as told:
            holdings.sql(query)
        assert "\n" not in str(told.value)
    assert dict(holdings.sql(r"SELECT '\:x' AS s")[0]) == {"s": ":x"}


@pytest.mark.parametrize("statement", ["DELETE FROM stored_changes", "CREATE TABLE mine (x)", "DROP VIEW articles"])
def test_nothing_is_ever_written(portal: SmallPortal, holdings: Holdings, statement: str) -> None:
    with pytest.raises(ValueError, match="readonly"):
        holdings.sql(statement)
    assert portal.rows("SELECT count(*) FROM changes") == [(4,)]


def test_fault_103_no_parameter_of_any_question_is_sql(portal: SmallPortal, holdings: Holdings) -> None:
    database = portal.archive / "archive.db"
    known, before = {one.url for one in holdings.articles()}, database.read_bytes()
    for text in INJECTED:
        url = f"{portal.server.url}/{text}"
        assert {one.url for one in (*holdings.search(text), *holdings.search("tin", section=text))} <= known, text
        for ask in (
            partial(holdings.show, url),
            partial(holdings.history, url),
            partial(holdings.cite, url),
            partial(holdings.view, text),
            partial(holdings.search, "tin", portal=text),
            partial(holdings.search, "tin", province=text),
            partial(holdings.articles, portal=[text, SLUG]),
            partial(holdings.changes, province=text),
        ):
            with pytest.raises(LookupError):
                ask()
        for wrong in ({"order": text}, {"at": text}, {"since": text}, {"until": text}):
            with pytest.raises(ValueError, match=r"\S"):
                holdings.search("tin", **wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"\S"):
            holdings.changes(kind=text)
    assert (database.read_bytes(), {one.url for one in holdings.articles()}) == (before, known)


def test_rows_are_a_sequence(holdings: Holdings) -> None:
    found = holdings.articles()
    assert found[0] == next(iter(found))
    assert list(found[1:]) == list(found)[1:]
    assert repr(found).startswith("<3 rows: article_id")


def test_frame_without_pandas_says_what_to_install(holdings: Holdings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"portalwatch\[frames\]"):
        holdings.articles().to_pandas()


def test_database_file_is_opened_like_its_folder(portal: SmallPortal) -> None:
    with storage.open(str(portal.archive / "archive.db")) as opened:
        assert len(opened.articles()) == 3


def copy_of(portal: SmallPortal, folder: Path) -> Path:
    """The archive's database in another folder, as one file."""
    folder.mkdir(exist_ok=True)
    databases = [closing(sqlite3.connect(where / "archive.db")) for where in (portal.archive, folder)]
    with databases[0] as source, databases[1] as copy:
        source.backup(copy)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_archive_on_a_readonly_medium_is_opened(
    portal: SmallPortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(portal, tmp_path / "Lưu trữ 100%?")
    monkeypatch.setattr("storage.readonly.os.access", lambda *_: False)  # root may write everywhere
    with storage.open(folder) as opened:
        assert len(opened.articles()) == 3
        assert names(folder) == ["archive.db"]  # nothing that a read-only medium would refuse


def test_what_is_no_archive_is_refused_and_left(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="no archive here"):
        storage.open(tmp_path)
    (tmp_path / "x.db").write_text("x" * 5000, encoding="utf-8")
    with pytest.raises(NotAnArchive):
        storage.open(tmp_path / "x.db")
    with pytest.raises(NotAnArchive, match="no database of portalwatch"):
        storage.open("mysql://localhost/x")
    assert names(tmp_path) == ["x.db"]


@pytest.mark.parametrize(
    "revision, error, word", [("9999", NewerSchema, "newer"), ("0006", OlderSchema, "portalwatch migrate --archive")]
)
def test_archive_of_another_schema_is_refused_and_left(
    portal: SmallPortal, tmp_path: Path, revision: str, error: type[StorageError], word: str
) -> None:
    copy_of(portal, tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as copy, copy:
        copy.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    before = (tmp_path / "archive.db").read_bytes()
    with pytest.raises(error, match=word):
        storage.open(tmp_path)
    assert (tmp_path / "archive.db").read_bytes() == before


def test_moments_are_read_as_people_write_them() -> None:
    vietnam = timezone(timedelta(hours=7))
    midnight = datetime(2025, 6, 30, tzinfo=vietnam)
    for written in ("2025-06-30", date(2025, 6, 30), datetime(2025, 6, 30), datetime(2025, 6, 29, 17, tzinfo=UTC)):  # noqa: DTZ001
        assert instant_of(written) == midnight
        assert day_of(written) == date(2025, 6, 30)
    assert end_of("2025-06-30") == end_of(date(2025, 6, 30)) == midnight + timedelta(days=1)
    assert end_of("2025-06-30T09:00") == last_of("2025-06-30T09:00") == midnight.replace(hour=9)
    assert last_of("2025-06-30") == midnight + timedelta(days=1) - timedelta(microseconds=1)
    for written in ("20250630", "2025-W27-1", "2025W271"):
        assert (instant_of(written), end_of(written)) == (midnight, midnight + timedelta(days=1))
    for wrong in ("hôm qua", "2025-13-01", "0001-01-01"):
        with pytest.raises(ValueError, match=r"."):
            instant_of(wrong)


def test_midnight_belongs_to_the_day_that_begins(watched: Watched, tmp_path: Path) -> None:
    watched.new(watched.begin(15), "lao-cai.example/a")  # 2021-04-14, 00:00:00 in Vietnam
    address = watched.archive.database
    with storage.open(address.database if address.get_backend_name() == "sqlite" else str(address)) as opened:
        assert (len(opened.articles(at="2021-04-13")), len(opened.articles(at="2021-04-14"))) == (0, 1)
        assert opened.show("http://lao-cai.example/a", at="2021-04-14").version.number == 1
        with pytest.raises(LookupError, match="not captured before 2021-04-13"):
            opened.show("http://lao-cai.example/a", at="2021-04-13")


BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "researcher.md").read_text("utf-8"), re.S)


def test_code_of_the_documentation_runs(
    portal: SmallPortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "archive").symlink_to(portal.archive)
    assert BLOCKS
    names: dict[str, object] = {"URL": f"{portal.server.url}/a"}
    for block in BLOCKS:
        exec(compile(block, "docs/researcher.md", "exec"), names)
    assert "215 tỷ" in capsys.readouterr().out


@pytest.mark.databases("postgresql")
def test_archive_on_postgresql_is_asked_by_its_address(watched: Watched) -> None:
    watched.new(watched.begin(0), "a", tell=True)
    with storage.open(watched.archive.database.render_as_string(hide_password=False)) as opened:
        assert len(opened.search("hop")) == len(opened.view("articles")) == 1
        assert opened.view("changes").to_arrow().column("detected_on").to_pylist() == [date(2021, 4, 13)]
        assert len(opened.articles(at="2021-04-13")) == 1
        assert len(opened.articles(at="2021-04-12")) == 0
        with pytest.raises(ValueError, match="read-only"):
            opened.sql("DELETE FROM stored_changes")
