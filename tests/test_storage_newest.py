"""However many articles match, a search on SQLite gives what a plain look at all of them would give."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from watched import PORTAL, Watched, article

from databases import Database
from storage import newest, queries
from storage.archive import Archive
from storage.digests import fold, marked
from storage.records import Article
from storage.search import Order, Search
from storage.terms import words_of

SYLLABLES = ["hoà", "hòa", "hoa", "hội", "hơi", "tổng", "tông", "kết", "kêt", "nghị"]


@pytest.fixture(scope="module")
def texts() -> dict[int, Article]:
    """By id, articles of few words, so that most searches meet many of them."""
    chance = random.Random(20210413)

    def some(count: int) -> str:
        return " ".join(chance.choice(SYLLABLES) for _ in range(count))

    return {
        number: article(
            some(3),
            body=some(8),
            published_on=None if number % 9 == 0 else date(2021, 1, 1) + timedelta(days=chance.randint(0, 40)),
        )
        for number in range(1, 121)
    }


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, texts: dict[int, Article]) -> Iterator[Watched]:
    watched = filled(Archive.open(tmp_path_factory.mktemp("newest") / "archive", create=True), texts)
    yield watched
    watched.archive.close()


def filled(archive: Archive, texts: dict[int, Article]) -> Watched:
    watched = Watched(archive)
    with watched.write():
        run = watched.begin(0)
        for number, text in texts.items():
            assert watched.new(run, str(number), text) == number
    return watched


def expected(texts: dict[int, Article], search: Search) -> list[int]:
    """The answer, by looking at every article."""

    def rank(number: int) -> tuple[object, ...]:
        one = texts[number]
        exact = {*words_of(marked(search.words))} <= {*words_of(marked(f"{one.title} {one.body}"))}
        typed = marked(search.words) != fold(search.words)
        in_title = {*words_of(fold(search.words))} <= {*words_of(fold(one.title))}
        return (
            not (exact and typed),
            not (in_title and search.order is Order.BEST),
            one.published_on is None,
            -(one.published_on.toordinal() if one.published_on else 0),
            -number,
        )

    wanted = {*words_of(fold(search.words))}
    found = [
        number
        for number, one in texts.items()
        if wanted <= {*words_of(fold(f"{one.title} {one.body}"))}
        and (search.since is None or (one.published_on is not None and one.published_on >= search.since))
    ]
    return sorted(found, key=rank)[: search.limit]


@pytest.mark.parametrize(
    "few, many", [(2000, 60_000), (3, 60_000), (3, 10), (0, 0)], ids=["few", "many", "most", "all"]
)
@pytest.mark.parametrize("limit", [1, 7, 500, None])
@pytest.mark.parametrize("order", list(Order))
def test_answer_is_that_of_looking_at_every_article(
    library: Watched,
    texts: dict[int, Article],
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    many: int,
    limit: int | None,
    order: Order,
) -> None:
    monkeypatch.setattr(newest, "FEW", few)
    monkeypatch.setattr(newest, "MANY", many)
    monkeypatch.setattr(newest, "_BATCH", 4)
    monkeypatch.setattr(newest, "_SMALL_BATCH", 2)
    monkeypatch.setattr(newest, "_GAP", 2)
    look(library, texts, limit, order)


def look(library: Watched, texts: dict[int, Article], limit: int | None, order: Order) -> None:
    """Compares what is found with the answer."""
    with library.archive.reading() as connection:
        for words in ("hoa", "hòa", "hội nghị", "tong ket", "tổng kết hoa", "khác"):
            for since in (None, date(2021, 1, 20)):
                search = Search(words=words, limit=limit, order=order, since=since)
                found = [match.article_id for match in queries.find_matches(connection, search)]
                assert found == expected(texts, search), search


@pytest.mark.databases("postgresql")
def test_answer_is_the_same_on_postgresql(database: Database, tmp_path: Path, texts: dict[int, Article]) -> None:
    texts = {number: text for number, text in texts.items() if number <= 40}
    library = filled(database.open(tmp_path / "archive"), texts)
    for order in Order:
        for limit in (7, None):
            look(library, texts, limit, order)
    library.archive.close()


def test_answer_stays_in_its_portal_however_many_match(library: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "FEW", 0)
    monkeypatch.setattr(newest, "MANY", 0)
    with library.archive.reading() as connection:
        assert len(list(queries.find_matches(connection, Search(words="hoa", portals=(PORTAL,), limit=5)))) == 5
        assert list(queries.find_matches(connection, Search(words="hoa", portals=("khác",), limit=5))) == []


def test_search_of_a_common_word_reads_only_the_newest(library: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the index on the day of publication neither sort nor scan of all articles is needed."""
    with library.archive.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT article_id FROM stored_articles WHERE status != 'moved'"
            " ORDER BY published_on DESC NULLS LAST, article_id DESC"
        ).all()
    assert [row.detail for row in plan] == ["SCAN stored_articles USING INDEX ix_articles_published"]
