"""The contract of `changes`: its JSON, its filters, and what `--mark` remembers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from small_portal import SmallPortal, article

KEYS = [
    *("change_id", "kind", "portal", "article_id", "url", "title", "detected_at", "fetched_at"),
    *("version", "previous_version", "weight", "fields", "gone", "moved_to", "cause"),
]
FIELD_KEYS = ["field", "class", "old", "new", "summary"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """Three days: two articles are found; on the second day one is edited and one new; on the third one is gone."""
    with FaultServer() as server:
        made = SmallPortal(tmp_path_factory.mktemp("changes"), server)
        made.publish("/a", "/b")
        made.crawl(now="2021-04-13T09:00:00+07:00")
        server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
        made.publish("/c", "/a", "/b")
        made.crawl("--revisit", "all", now="2021-04-14T23:30:00+07:00")
        del server.routes["/b"]
        made.crawl("--revisit", "all", now="2021-04-15T00:30:00+07:00")
        yield made


def listed(portal: SmallPortal, *options: str) -> list[tuple[str, str]]:
    return [(change["kind"], portal.path(change["url"])) for change in portal.changes(*options)]


ALL = [("new", "/a"), ("new", "/b"), ("edited", "/a"), ("new", "/c"), ("gone", "/b")]


def test_objects_have_exactly_the_keys_of_the_contract(portal: SmallPortal) -> None:
    for change in portal.changes():
        assert list(change) == KEYS
        for field in change["fields"]:
            assert list(field) == FIELD_KEYS


def test_values_have_the_types_of_the_contract(portal: SmallPortal) -> None:
    by_kind: dict[str, dict[str, Any]] = {change["kind"]: change for change in portal.changes()}
    edited, gone, new = by_kind["edited"], by_kind["gone"], by_kind["new"]
    assert new["fields"] == []
    assert (new["previous_version"], new["gone"], new["moved_to"]) == (None, None, None)
    assert edited["previous_version"] < edited["version"]
    assert {field["field"] for field in edited["fields"]} == {"body"}
    assert edited["weight"] in ("substantive", "minor", "technical")
    assert gone["gone"] == {"kind": "404", "confirmations": 1}
    assert gone["detected_at"].startswith("2021-04-15T00:30:")
    assert gone["detected_at"].endswith("+07:00")
    assert gone["fetched_at"] <= gone["detected_at"]


def test_changes_come_in_the_order_of_recording(portal: SmallPortal) -> None:
    ids = [change["change_id"] for change in portal.changes()]
    assert ids == sorted(ids)
    assert sorted(listed(portal)) == sorted(ALL)


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--since", "2021-04-14"], ALL[2:]),
        (["--since", "2021-04-15"], ALL[4:]),
        (["--since", "2021-04-14T23:00:00+07:00", "--until", "2021-04-15T00:00:00+07:00"], ALL[2:4]),
        (["--since", "2021-04-14T16:00:00+00:00"], ALL[2:]),
        (["--until", "2021-04-13"], ALL[:2]),
        (["--since", "2021-04-14", "--until", "2021-04-14"], ALL[2:4]),
        (["--kind", "new"], [ALL[0], ALL[1], ALL[3]]),
        (["--kind", "gone", "--kind", "edited"], [ALL[2], ALL[4]]),
        (["--kind", "moved"], []),
        (["--portal", "thu", "--kind", "gone"], ALL[4:]),
        (["--since", "2022-01-01"], []),
    ],
    ids=lambda value: "".join(value) if value and isinstance(value[0], str) else "",
)
def test_filters_choose(portal: SmallPortal, options: list[str], expected: list[tuple[str, str]]) -> None:
    assert sorted(listed(portal, *options)) == sorted(expected)


def test_json_is_the_same_objects_in_a_list(portal: SmallPortal) -> None:
    assert json.loads(portal.run("changes", "--format", "json").out) == portal.changes()


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_forms_for_people_tell_the_edit(portal: SmallPortal, form: str) -> None:
    result = portal.run("changes", "--format", form, "--since", "2021-04-14")
    assert result.code == 0
    assert "215" in result.out
    assert f"{portal.server.url}/b" in result.out


def test_mark_remembers_and_a_span_asks_again(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b")
        portal.crawl(now="2021-04-13T09:00:00+07:00")
        assert len(listed(portal)) == 2
        assert len(listed(portal, "--mark")) == 2
        assert listed(portal) == []
        assert json.loads(portal.run("changes", "--format", "json").out) == []
        assert len(listed(portal, "--since", "2021-04-13")) == 2
        portal.publish("/c", "/a", "/b")
        portal.crawl(now="2021-04-14T09:00:00+07:00")
        assert listed(portal) == [("new", "/c")]
        assert listed(portal, "--mark") == [("new", "/c")]
        assert listed(portal, "--mark") == []


def test_each_reader_has_a_bookmark_of_their_own(portal: SmallPortal) -> None:
    assert listed(portal, "--reader", "phong-tin", "--mark") == ALL
    assert listed(portal, "--reader", "phong-tin") == []
    assert listed(portal, "--reader", "thu-vien") == ALL


def test_reader_must_have_a_name(portal: SmallPortal) -> None:
    result = portal.run("changes", "--reader", "a b")
    assert (result.code, result.out) == (2, "")
    assert "--reader 'a b' is no name of a reader" in result.err
