"""A day on the bundled portal: what the editors did is told once, with its kind and field, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import MORNING, Watch, make_watch
from crawler.demo.day import EDITORIAL_DAY, apply_day, before_day
from crawler.demo.server import serve
from crawler.demo.site import load_site

NOON = "2021-04-13T12:00:00+07:00"
NEXT_DAY = "2021-04-14T11:00:00+07:00"
LATER = "2021-04-14T16:00:00+07:00"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watch, dict[str, Any]]]:
    """The story told once: what each crawl answered, and what was told after it."""
    site = load_site()
    told: dict[str, Any] = {}
    with serve(site) as server:
        watch = make_watch(site, server, tmp_path_factory.mktemp("day") / "archive")
        told["first"] = watch.crawl(now=MORNING), watch.changes("--mark")
        before_day(site)
        told["withdrawn"] = watch.crawl("--revisit", "all", now=NOON), watch.changes("--mark")
        apply_day(site)
        told["day"] = watch.crawl("--revisit", "all", now=NEXT_DAY), watch.changes("--mark")
        told["again"] = watch.crawl("--revisit", "all", now=LATER), watch.changes()
        site.template = "tandan"
        told["redesign"] = watch.crawl("--revisit", "all", now="2021-04-15T09:00:00+07:00"), watch.changes()
        yield watch, told


def path_of(watch: Watch, slug: str) -> str:
    return watch.site.article(slug).path


def test_first_crawl_finds_every_article_once(story: tuple[Watch, dict[str, Any]]) -> None:
    watch, told = story
    result, changes = told["first"]
    assert result.code == 0, result.out + result.err
    initial = len(load_site().listed())
    assert Counter(change["kind"] for change in changes) == {"new": initial}
    assert len({change["url"] for change in changes}) == initial


def test_withdrawn_article_is_told_gone_by_its_kind(story: tuple[Watch, dict[str, Any]]) -> None:
    watch, told = story
    _, changes = told["withdrawn"]
    (restored,) = [act for act in EDITORIAL_DAY if act.kind == "restored"]
    assert [(c["kind"], c["gone"]) for c in changes] == [("gone", {"kind": "404", "confirmations": 1})]
    assert changes[0]["url"].endswith(path_of(watch, restored.slug))


@pytest.mark.parametrize("act", EDITORIAL_DAY, ids=lambda act: f"{act.name}-{act.slug[:20]}")
def test_act_of_the_day_is_told_with_its_kind_and_field(story: tuple[Watch, dict[str, Any]], act: Any) -> None:
    watch, told = story
    _, changes = told["day"]
    path = act.old if act.kind == "moved" else path_of(watch, act.slug)
    mine = [change for change in changes if change["url"].endswith(path)]
    assert [change["kind"] for change in mine] == [act.kind]
    (change,) = mine
    assert {field["field"] for field in change["fields"]} == ({act.field} if act.field else set())
    if act.kind == "gone":
        assert change["gone"]["kind"] == act.new
    if act.kind == "moved":
        assert change["moved_to"].endswith(act.new)


def test_day_tells_nothing_but_its_acts(story: tuple[Watch, dict[str, Any]]) -> None:
    _, told = story
    _, changes = told["day"]
    assert Counter(change["kind"] for change in changes) == Counter(act.kind for act in EDITORIAL_DAY)


def test_edit_shows_old_and_new_words(story: tuple[Watch, dict[str, Any]]) -> None:
    watch, told = story
    _, changes = told["day"]
    (act,) = [act for act in EDITORIAL_DAY if act.name == "sum-of-money"]
    (change,) = [change for change in changes if change["url"].endswith(path_of(watch, act.slug))]
    (field,) = change["fields"]
    assert (field["field"], field["class"]) == ("body", "number")
    assert act.old in field["old"]
    assert act.new in field["new"]
    assert change["weight"] == "substantive"


def test_further_crawl_tells_nothing(story: tuple[Watch, dict[str, Any]]) -> None:
    _, told = story
    result, changes = told["again"]
    assert result.code == 0, result.out + result.err
    assert changes == []


def test_fault_041_redesign_tells_no_edit_and_one_line_on_the_layout(story: tuple[Watch, dict[str, Any]]) -> None:
    _, told = story
    result, changes = told["redesign"]
    assert changes == []
    assert result.code == 0, result.out + result.err
    assert [line for line in result.out.splitlines() if "tandan" in line and line.startswith("  !")]


def test_text_report_names_every_act(story: tuple[Watch, dict[str, Any]]) -> None:
    watch, told = story
    result = watch.run("changes", "--since", "2021-04-14", "--until", "2021-04-14", "--lang", "vi")
    assert result.code == 0
    for act in EDITORIAL_DAY:
        path = act.old if act.kind == "moved" else path_of(watch, act.slug)
        assert path in result.out, act.name


def test_stored_fields_are_the_portal_s_own(story: tuple[Watch, dict[str, Any]], tmp_path: Path) -> None:
    """Every article in the archive says what the site's own record says."""
    import json

    watch, _ = story
    for article in watch.site.articles:
        if article.presence.value != "alive":
            continue
        truth = watch.site.truth(article.slug, watch.server.url)
        shown = json.loads(watch.run("show", truth["url"], "--json").out)
        wanted = ("title", "lead", "body", "byline", "section", "published_on", "attachments")
        assert {name: shown[name] for name in wanted} == {name: truth[name] for name in wanted}, article.slug
