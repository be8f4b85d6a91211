"""A site that nobody here wrote: a content management system as it ships, read by `probe` and `crawl` alone.

It is installed from the registry, started on loopback and filled through its own models. No selector is written by
hand: the portal file is what `probe` drafts. Then its editor works, and every page changes in its blocks of latest and
related articles; only what an editor did may be told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import command
from cms.plan import first_articles
from cms.sites import EDITED, CodeRed, Site, articles_of
from cms.wordpress import WordPress
from storage import queries
from storage.archive import Archive
from storage.vocabulary import ChangeKind

FIELDS = ("date", "byline", "body", "files", "captions")
Changes = list[tuple[ChangeKind, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Story:
    """What the archive holds after a first crawl and after a second one, and what later crawls told."""

    expected: dict[str, dict[str, Any]]
    first: dict[str, dict[str, Any]]
    expected_later: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    second_changes: Changes
    third_changes: Changes


SITES = {
    "codered": CodeRed.running,
    **{
        theme: partial(WordPress.running, theme=theme)
        for theme in ("twentytwentyone", "twentytwentytwo", "twentytwentythree")
    },
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[] if name == "codered" else pytest.mark.wordpress) for name in SITES],
)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with SITES[request.param](tmp_path_factory.mktemp(request.param)) as site:
        yield watch(site, tmp_path_factory.mktemp("archive"))


def watch(site: Site, folder: Path) -> Story:
    """Drafts a portal file, crawls, lets the editor work, crawls again, and once more when nobody has done anything."""
    draft, archive = folder / "cms.toml", folder / "archive"
    crawl = ("crawl", "--portal-file", str(draft), "--archive", str(archive))
    run("probe", site.url, "--allow-private", "-o", str(draft))
    run(*crawl)
    first, told = stored(archive), len(changes(archive))
    site.publish_later()
    run(*crawl, "--revisit", "all")
    second, told_again = stored(archive), len(changes(archive))
    run(*crawl, "--revisit", "all")
    everything = changes(archive)
    return Story(
        expected=articles_of(site),
        first=first,
        expected_later=articles_of(site, later=True),
        second=second,
        second_changes=everything[told:told_again],
        third_changes=everything[told_again:],
    )


def run(*arguments: str) -> str:
    result = command.run(*arguments)
    assert result.code == 0, result.err
    return result.out


def stored(archive: Path) -> dict[str, dict[str, Any]]:
    """Every article that is taken out of the archive, by its title, the lead with the text."""
    articles = [json.loads(line) for line in run("export", "--archive", str(archive)).splitlines()]
    return {
        article["title"]: {
            "date": article["published_on"],
            "byline": article["byline"],
            "body": "\n\n".join(part for part in (article["lead"], article["body"]) if part),
            "files": [file["title"] for file in article["attachments"]],
            "captions": [image["caption"] for image in article["images"]],
        }
        for article in articles
    }


def changes(archive: Path) -> Changes:
    """Every change in the order of its detection: its kind, the title, and which fields."""
    with Archive.open(archive) as opened, opened.reading() as connection:
        found = queries.read_changes(connection)
    return [(change.kind, change.title, tuple(field.field for field in change.fields)) for change in found]


def test_site_titles_are_those_that_were_published(story):
    assert sorted(story.first) == sorted(story.expected)


@pytest.mark.parametrize("field", FIELDS)
def test_site_field_is_right_on_every_article(story, field):
    read = {title: story.first.get(title, {}).get(field) for title in story.expected}
    assert read == {title: article[field] for title, article in story.expected.items()}


def test_site_changes_are_what_its_editor_did(story):
    titles = [title for title in story.expected_later if title not in story.expected]
    edited = list(story.expected)[EDITED]
    expected = [(ChangeKind.EDITED, edited, ("body",)), *((ChangeKind.NEW, title, ()) for title in titles)]
    assert sorted(story.second_changes) == sorted(expected)


def test_site_changes_are_none_when_its_editor_did_nothing(story):
    assert story.third_changes == []


@pytest.mark.parametrize("field", FIELDS)
def test_site_field_is_right_after_the_second_crawl(story, field):
    read = {title: article[field] for title, article in story.second.items()}
    assert read == {title: article[field] for title, article in story.expected_later.items()}


def test_plan_has_days_that_are_days_the_other_way_round_too():
    swapped = [article for article in first_articles() if int(article["published_on"][8:]) <= 12]
    assert len(swapped) > len(first_articles()) / 2
