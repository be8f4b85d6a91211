"""Edits of pages read without rules: what most of a portal's articles say is the site's, and no edit of theirs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from watched import Watched, article

from storage import agreement
from storage.records import Problem
from storage.vocabulary import OutcomeKind

OLD = "Cổng thông tin phục vụ người dân 24 giờ mỗi ngày qua số điện thoại 1022 và hộp thư góp ý của tỉnh."
NEW = "Từ ngày 01/6, phản ánh và kiến nghị của người dân được tiếp nhận trên ứng dụng Lào Cai số và tổng đài 1022."
COUNT = 5


def text(number: int, *notices: str, extractor: str = "generic"):
    own = f"Bản số {number} vừa khánh thành nhà văn hóa do chín mươi hộ trong bản góp công, góp của. " * 2
    return article(f"Tin số {number}", body="\n\n".join((own.strip(), *notices)), extractor=extractor)


class Story:
    """A portal of `COUNT` articles, which are visited in runs a day apart."""

    def __init__(self, watched: Watched, *notices: str, extractor: str = "generic") -> None:
        self._world = watched
        self._extractor = extractor
        run = watched.begin(0)
        with watched.write():
            self.ids = [
                watched.new(run, f"a{number}", text(number, *notices, extractor=extractor)) for number in range(COUNT)
            ]
        watched.finish(run)

    def visit(self, hour: float, now: dict[int, Sequence[str]], *, unchanged: Sequence[int] = ()) -> Problem | None:
        """A run that finds these articles with these notices below their text, and those as they were."""
        watched = self._world
        run = watched.begin(hour)
        with watched.write() as connection:
            for number, notices in now.items():
                kept = watched.fetch(run, f"a{number}")
                watched.version(kept, self.ids[number], text(number, *notices, extractor=self._extractor))
                watched.visit(run, f"a{number}", OutcomeKind.EDITED, kept=kept, article_id=self.ids[number])
            for number in unchanged:
                watched.alive(run, f"a{number}", self.ids[number])
            problem = agreement.settle_edits(connection, run, watched.instant)
        watched.finish(run)
        return problem

    def told(self) -> list[tuple[str, int]]:
        return [(kind, self.ids.index(article_id)) for kind, article_id in self._world.told()]


def test_line_that_changes_on_every_page_is_no_edit(watched: Watched) -> None:
    story = Story(watched, OLD)
    problem = story.visit(24, dict.fromkeys(range(COUNT), (NEW,)))
    assert story.told() == []
    assert problem is not None
    assert (problem.code, problem.count, problem.of) == ("alike", COUNT, COUNT)


def test_line_that_appears_on_most_pages_is_no_edit(watched: Watched) -> None:
    story = Story(watched)
    story.visit(24, dict.fromkeys(range(3), (NEW,)), unchanged=[3, 4])
    assert story.told() == []


def test_article_visited_days_after_the_site_changed_is_not_edited(watched: Watched) -> None:
    story = Story(watched, OLD)
    story.visit(24, dict.fromkeys(range(4), (NEW,)))
    story.visit(96, {4: (NEW,)}, unchanged=[0])
    assert story.told() == []


def test_edit_of_one_article_is_told(watched: Watched) -> None:
    story = Story(watched, OLD)
    story.visit(24, {2: (OLD, "Số hộ góp công là chín mươi hai.")}, unchanged=[0, 1, 3, 4])
    assert story.told() == [("edited", 2)]


def test_edit_beside_the_site_s_change_is_told_alone(watched: Watched) -> None:
    story = Story(watched, OLD)
    changed: dict[int, Sequence[str]] = dict.fromkeys(range(COUNT), (NEW,))
    story.visit(24, {**changed, 1: ("Số hộ góp công là chín mươi hai.", NEW)})
    assert story.told() == [("edited", 1)]
    fields = watched.changes()[0].fields
    assert [(field.field, field.cls) for field in fields] == [("body", "paragraph_added")]


def test_numbers_do_not_make_the_site_s_line_another(watched: Watched) -> None:
    story = Story(watched)
    story.visit(24, {number: (NEW.replace("1022", str(1000 + number)),) for number in range(COUNT)})
    assert story.told() == []


def test_same_paragraph_in_two_articles_is_theirs(watched: Watched) -> None:
    story = Story(watched)
    story.visit(24, {0: (NEW,), 1: (NEW,)}, unchanged=[2, 3, 4])
    assert story.told() == [("edited", 0), ("edited", 1)]


def test_edits_are_told_once_though_the_run_is_settled_twice(watched: Watched) -> None:
    story = Story(watched)
    run = watched.begin(24)
    with watched.write() as connection:
        kept = watched.fetch(run, "a0")
        watched.version(kept, story.ids[0], text(0, NEW))
        watched.visit(run, "a0", OutcomeKind.EDITED, kept=kept, article_id=story.ids[0])
        for _ in range(2):
            agreement.settle_edits(connection, run, watched.instant)
    assert story.told() == [("edited", 0)]


@pytest.mark.parametrize("extractor", ["portal", "platform"])
def test_articles_read_by_rules_are_not_looked_at(watched: Watched, extractor: str) -> None:
    story = Story(watched, OLD, extractor=extractor)
    assert story.visit(24, dict.fromkeys(range(COUNT), (NEW,))) is None
    assert story.told() == []  # their edits are told where they are recorded


def test_edit_of_a_killed_run_is_told_by_the_next(watched: Watched) -> None:
    story = Story(watched)
    run = watched.begin(24)
    kept = watched.fetch(run, "a0")
    watched.version(kept, story.ids[0], text(0, NEW))
    watched.visit(run, "a0", OutcomeKind.EDITED, kept=kept, article_id=story.ids[0])
    later = watched.resume(48)  # too late to go on with it: it is closed as interrupted
    assert later.run_id != run.run_id
    with watched.write() as connection:
        agreement.settle_edits(connection, later, watched.instant)
    assert story.told() == [("edited", 0)]
