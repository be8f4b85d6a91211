"""The robots.txt of each origin, as it is remembered; how long it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from watched import Watched, at

from crawler.robots import is_spared, may_stand_in
from storage.robots import RobotsFile, find_robots, keep_robots

FILE = RobotsFile(
    origin="https://www.laocai.gov.vn",
    text="# Cổng thông tin điện tử tỉnh Lào Cai\nUser-agent: *\nDisallow: /tìm-kiếm\n" + "#" * 500_000,
    fetched_at=at(5),
    unchanged_since=at(1),
)


def test_robots_txt_is_found_as_it_was_kept_last(watched: Watched) -> None:
    none = replace(FILE, text=None, fetched_at=at(6), unchanged_since=at(6))
    other = replace(FILE, origin="http://www.laocai.gov.vn")
    with watched.write() as connection:
        assert find_robots(connection, FILE.origin) is None
        keep_robots(connection, FILE)
        keep_robots(connection, other)
        assert find_robots(connection, FILE.origin) == FILE
        keep_robots(connection, none)
        assert find_robots(connection, FILE.origin) == none
        assert find_robots(connection, other.origin) == other


@pytest.mark.parametrize(
    "known_h, later_h, is_so",
    [(0, 0, False), (10, 0.9, True), (10, 1, False), (10, -0.1, False), (239, 23.8, True), (9_999, 23.9, True)]
    + [(9_999, 24, False)],
)
def test_question_is_spared_for_a_tenth_of_the_time_it_stands_unchanged(
    known_h: float, later_h: float, is_so: bool
) -> None:
    file = replace(FILE, unchanged_since=FILE.fetched_at - timedelta(hours=known_h))
    assert is_spared(file, FILE.fetched_at + timedelta(hours=later_h)) is is_so


@pytest.mark.parametrize("later_h, is_so", [(0, True), (23.99, True), (24, False), (-0.01, False)])
def test_fault_118_robots_txt_stands_in_for_a_day(later_h: float, is_so: bool) -> None:
    assert may_stand_in(FILE, FILE.fetched_at + timedelta(hours=later_h)) is is_so
