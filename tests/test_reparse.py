"""Stored pages read again with other rules: better versions, nobody is told, and nothing is left to do again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from interruption import KILLED, Kill
from small_portal import SLUG, SmallPortal, article, portal_file
from watched import article as an_article
from watched import at

import command
from crawler.replay import readers
from crawler.replay.rebuilding import Addition, Lost, Reread, Why, rebuild
from storage.archive import Archive
from storage.records import Article, ReadBy, Version
from storage.verification import verify
from storage.vocabulary import Cause

SECTION = 'section = { css = ".muc-tin" }\n'
"""A rule that the archivist adds later."""


def page(title: str, section: str) -> str:
    return article(title).replace("<p class='date'>", f"<b class='muc-tin'>{section}</b><p class='date'>")


@pytest.fixture
def portal(tmp_path: Path, server: FaultServer) -> SmallPortal:
    """Three articles, crawled without a rule for the section."""
    portal = SmallPortal(tmp_path, server)
    for path in ("/a", "/b", "/c"):
        server.routes[path] = http(page(f"Tin {path}", f"Mục {path[1]}"))
    portal.publish("/a", "/b", "/c")
    assert portal.crawl().code == 0
    portal.told()
    return portal


def rewrite(portal: SmallPortal, extra: str) -> None:
    """The portal file with more rules for articles."""
    portal.write_file(portal_file(f"{portal.server.url}/") + extra)


def run(portal: SmallPortal, *options: str, **kwargs: Any) -> dict[str, Any]:
    """`reparse --json` of the portal."""
    result = portal.run("reparse", SLUG, "--json", *options, **kwargs)
    assert result.code == 0, result.err
    (said,) = json.loads(result.out)
    return dict(said)


def stored(portal: SmallPortal) -> list[tuple[Any, ...]]:
    return portal.rows("SELECT article_id, number, cause, title, section, capture_id FROM versions ORDER BY 1, 2")


def is_sound(portal: SmallPortal) -> bool:
    with Archive.open(portal.archive) as opened:
        found = verify(opened)
    return (found.faults, found.unsealed, found.reparsing) == ((), (), ())


def test_reparse_gives_a_field_that_a_new_rule_reads(portal: SmallPortal) -> None:
    rewrite(portal, SECTION)
    said = run(portal)
    assert {name: said[name] for name in ("captures", "better", "later", "first", "lost")} == {
        "captures": 3,
        "better": 3,
        "later": 0,
        "first": 0,
        "lost": 0,
    }
    assert said["fields"] == {"gained": {"section": 3}, "changed": {}, "dropped": {}}
    assert [(number, cause, section) for _, number, cause, _, section, _ in stored(portal)] == [
        (number, cause, section)
        for name in "abc"
        for number, cause, section in ((1, "crawl", None), (2, "reparse", f"Mục {name}"))
    ]
    assert is_sound(portal)


def test_reparse_alerts_nobody_neither_now_nor_at_the_next_crawl(portal: SmallPortal) -> None:
    rewrite(portal, SECTION)
    run(portal)
    assert portal.told() == []
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []
    assert set(portal.outcomes().values()) == {"listing", "unchanged"}


def test_reparse_changes_nothing_the_second_time(portal: SmallPortal) -> None:
    rewrite(portal, SECTION)
    run(portal)
    before, seals = stored(portal), portal.rows("SELECT number, digest FROM seals")
    said = run(portal)
    assert (said["captures"], said["better"], said["later"], said["first"]) == (3, 0, 0, 0)
    assert stored(portal) == before
    assert portal.rows("SELECT number, digest FROM seals") == seals


def test_reparse_with_the_rules_of_the_crawl_changes_nothing(portal: SmallPortal) -> None:
    before = stored(portal)
    assert run(portal)["captures"] == 3
    assert stored(portal) == before
    assert is_sound(portal)


def test_reparse_of_pages_nobody_could_read_makes_articles(tmp_path: Path, server: FaultServer) -> None:
    portal = SmallPortal(tmp_path, server)
    odd = "<html><body><h5>{}</h5><table><tr><td class='noi-dung'>Tỉnh họp.</td></tr></table></body></html>"
    for path in ("/a", "/b"):
        server.routes[path] = http(odd.format(f"Tin {path}"))
    portal.publish("/a", "/b")
    portal.crawl()
    assert {kind for path, kind in portal.outcomes().items() if path != "/"} == {"unreadable"}
    portal.write_file(portal_file(f"{server.url}/").replace('"h1"', '"h5"').replace('".body"', '".noi-dung"'))
    said = run(portal)
    assert (said["captures"], said["first"], said["articles"]) == (2, 2, 2)
    assert [row[2:4] for row in stored(portal)] == [("reparse", "Tin /a"), ("reparse", "Tin /b")]
    assert is_sound(portal)
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []
    assert len(stored(portal)) == 2


def test_reparse_finds_an_edit_that_the_old_rules_did_not_read(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = http(page("Tin /a", "Mục mới"))
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []  # nobody read the section
    rewrite(portal, SECTION)
    said = run(portal)
    assert (said["better"], said["later"]) == (3, 1)
    assert [section for article_id, *_, section, _ in stored(portal) if article_id == 1] == [None, "Mục a", "Mục mới"]
    assert portal.told() == []
    assert is_sound(portal)


def redesigned(title: str, section: str = "Mục a") -> str:
    """The same page in a layout that no rule of the first one fits."""
    return page(title, section).replace("h1>", "h5>").replace("class='body'", "class='noi-dung'")


def know_redesign(portal: SmallPortal) -> None:
    rules = portal_file(f"{portal.server.url}/")
    portal.write_file(rules.replace('"h1"', '"h5"').replace('".body"', '".noi-dung"'))


def test_edit_of_a_blind_time_is_told_by_the_crawl_after_a_reparse(portal: SmallPortal) -> None:
    """The archivist mends the rules and reads again first: what the portal did meanwhile is still told, once."""
    for name in "abc":
        portal.server.routes[f"/{name}"] = http(redesigned("Tin /a (đính chính)" if name == "a" else f"Tin /{name}"))
    assert portal.crawl("--revisit", "all").code == 1
    know_redesign(portal)
    assert run(portal)["later"] == 1
    assert portal.told() == []
    assert portal.crawl("--revisit", "all").code == 0
    (told,) = portal.changes()
    assert (told["kind"], portal.path(told["url"]), told["cause"]) == ("edited", "/a", "crawl")
    assert ("title", "Tin /a (đính chính)") in {(field["field"], field["new"]) for field in told["fields"]}
    assert portal.told() == [("edited", "/a")]
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []
    assert is_sound(portal)


def test_crawl_before_the_reparse_tells_what_was_new_in_a_blind_time(portal: SmallPortal) -> None:
    """The order that the manual gives: a re-parse first would make it an article that nobody is told of."""
    for path in ("/a", "/b", "/c", "/d"):
        portal.server.routes[path] = http(redesigned(f"Tin {path}"))
    portal.publish("/d", "/a", "/b", "/c")
    for _ in range(5):  # tries of an address that tells nothing end, until a week is over
        portal.crawl()
    know_redesign(portal)
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == [("new", "/d")]
    run(portal)
    assert portal.told() == []


def test_text_that_stood_only_in_a_blind_time_is_told_to_nobody(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = http(redesigned("Tin /a (nhầm)"))
    assert portal.crawl("--revisit", "all").code == 1
    know_redesign(portal)
    run(portal)
    for name in "abc":
        portal.server.routes[f"/{name}"] = http(redesigned(f"Tin /{name}"))
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told("--since", "2000-01-01") == [("new", f"/{name}") for name in "abc"]
    assert [title for article_id, _, _, title, *_ in stored(portal) if article_id == 1][-1] == "Tin /a"
    assert is_sound(portal)


def test_reparse_takes_nothing_away(portal: SmallPortal) -> None:
    before = stored(portal)
    rules = portal_file(f"{portal.server.url}/")
    portal.write_file(rules.replace('"h1"', '"h6"').replace('".body"', '".khong-co"'))
    said = run(portal)
    assert (said["lost"], said["better"], said["later"]) == (3, 0, 0)
    assert [row for row in stored(portal) if row[2] == "crawl"] == before


@dataclass(frozen=True)
class SmallBatches:
    """One article a transaction, read by other processes where `few` is 0; then perhaps a kill."""

    few: int = 1000
    kill: Kill | None = None

    def __call__(self) -> None:
        readers.BATCH, readers.FEW = 1, self.few
        if self.kill is not None:
            self.kill()


def test_reparse_in_processes_writes_what_one_process_would(portal: SmallPortal) -> None:
    rewrite(portal, SECTION)
    assert run(portal, "--jobs", "2", before=SmallBatches(few=0))["better"] == 3
    assert [section for *_, section, _ in stored(portal) if section] == ["Mục a", "Mục b", "Mục c"]
    assert is_sound(portal)


KILLS = [Kill(point, number) for number in (1, 3, 5) for point in ("uncommitted", "commit")]


@pytest.mark.parametrize("kill", KILLS, ids=str)
def test_reparse_killed_at_any_commit_goes_on_and_is_sound(portal: SmallPortal, kill: Kill) -> None:
    """1: begun; 2 to 4: one article each; 5: done and sealed."""
    rewrite(portal, SECTION)
    killed = portal.run("reparse", SLUG, before=SmallBatches(kill=kill))
    assert killed.code == KILLED
    with Archive.open(portal.archive) as opened:
        assert verify(opened).faults == ()
    said = run(portal, before=SmallBatches())
    assert said["better"] in (3, 0)  # the counts of the killed part are told too, unless that was all of it
    assert [section for *_, section, _ in stored(portal) if section] == ["Mục a", "Mục b", "Mục c"]
    assert is_sound(portal)
    assert portal.told() == []


def test_crawl_after_a_killed_reparse_seals_what_it_wrote(portal: SmallPortal) -> None:
    rewrite(portal, SECTION)
    assert portal.run("reparse", SLUG, before=SmallBatches(kill=Kill("commit", 3))).code == KILLED
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []
    with Archive.open(portal.archive) as opened:
        assert verify(opened).faults == ()
    run(portal)
    assert is_sound(portal)


def test_reparse_says_what_it_improved(portal: SmallPortal) -> None:
    rewrite(portal, SECTION)
    result = portal.run("reparse", "--lang", "en")
    assert result.out.splitlines() == ["thu: 3 captures read again, 3 versions better", "  gained: section 3"]


def test_reparse_waits_for_nobody(portal: SmallPortal) -> None:
    with Archive.open(portal.archive) as opened, opened.locked():
        assert portal.run("reparse").code == 4


def test_reparse_of_an_unknown_portal_is_one_line(portal: SmallPortal) -> None:
    result = portal.run("reparse", "lao-cai")
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    (portal.archive / "portals" / f"{SLUG}.toml").unlink()
    result = portal.run("reparse")
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "thu.toml" in result.err


def test_reparse_of_damaged_evidence_is_one_line(portal: SmallPortal) -> None:
    (warc,) = (portal.archive / "warc").rglob("*.warc.gz")
    warc.write_bytes(b"\0" * warc.stat().st_size)
    portal.witness.give_up("its evidence is overwritten")
    result = portal.run("reparse")
    assert (result.code, len(result.err.splitlines())) == (3, 1)
    assert isinstance(result, command.Result)


def version(number: int, capture_id: int, given: Article) -> Version:
    return Version(
        version_id=number,
        article_id=1,
        number=number,
        capture_id=capture_id,
        captured_at=at(capture_id),
        recorded_at=at(capture_id),
        cause=Cause.CRAWL,
        read_by=ReadBy("f" * 64, "1"),
        content_digest="",
        article=given,
    )


def reread(capture_id: int, given: Article | None, *, has_end: bool = True) -> Reread:
    return Reread(
        capture_id=capture_id,
        captured_at=at(capture_id),
        payload_of=("file", capture_id, 1),
        url="http://lao-cai.example/hop",
        article=given,
        has_end=has_end,
    )


OLD, NEW = an_article(), an_article(byline="Thanh Bình")
CUT = an_article(body=OLD.body[:40])
WITHOUT_RULES = an_article(extractor="generic", body=OLD.body + " Liên hệ")

CASES: dict[str, tuple[list[Version], list[Reread], list[tuple[str, int]]]] = {
    "the same": ([version(1, 1, OLD)], [reread(1, OLD), reread(2, OLD)], []),
    "better": ([version(1, 1, OLD)], [reread(1, NEW), reread(2, NEW)], [("better", 1)]),
    "a later edit": ([version(1, 1, OLD)], [reread(1, OLD), reread(2, NEW), reread(3, NEW)], [("later", 2)]),
    "read at last": ([version(1, 2, OLD)], [reread(1, OLD), reread(2, OLD)], [("first", 1)]),
    "never read": ([version(1, 2, OLD)], [reread(1, None), reread(2, OLD)], []),
    "lost": ([version(1, 1, OLD)], [reread(1, None), reread(2, None)], [("lost", 1)]),
    "without rules now": ([version(1, 1, OLD)], [reread(1, WITHOUT_RULES)], [("lost", 1)]),
    "cut in transit": ([version(1, 1, OLD)], [reread(1, OLD), reread(2, CUT, has_end=False)], []),
    "back again": (
        [version(1, 1, OLD), version(2, 2, NEW), version(3, 3, OLD)],
        [reread(1, OLD), reread(2, NEW), reread(3, OLD)],
        [],
    ),
}


@pytest.mark.parametrize("given, read, due", CASES.values(), ids=CASES)
def test_rebuild_decides(given: list[Version], read: list[Reread], due: list[tuple[str, int]]) -> None:
    found = [
        ("lost", one.version.capture_id) if isinstance(one, Lost) else (one.why.value, one.reread.capture_id)
        for one in rebuild(given, read)
    ]
    assert found == due


def test_rebuild_of_its_own_versions_has_nothing_to_do() -> None:
    given = [version(1, 1, OLD)]
    read = [reread(1, NEW), reread(2, OLD), reread(3, NEW)]
    added = [one for one in rebuild(given, read) if isinstance(one, Addition)]
    assert [one.why for one in added] == [Why.BETTER, Why.LATER, Why.LATER]
    given += [version(n, one.reread.capture_id, one.article) for n, one in enumerate(added, start=2)]
    assert list(rebuild(given, read)) == []
