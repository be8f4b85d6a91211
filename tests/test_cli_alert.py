"""`alert`: rehearsals over history, and mistakes that are told before anything is sent."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from interruption import KILLED, Kill
from mail_sink import MailSink
from small_portal import SmallPortal, article

import command
from storage import letters
from storage.archive import Archive
from storage.locks import Lock

SETTINGS = """
[gone]
confirmations = 1
min_hours = 0

[[subscription]]
name = "tất cả"
channel = "${ALL}"

[[subscription]]
name = "tiền"
channel = ["${MONEY}", "ntfy://ntfy.example.vn/tien"]
words = ["215 ty"]
language = "vi"

[[subscription]]
name = "nơi khác"
channel = "${ALL}"
provinces = ["Lào Cai"]
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """Two articles are found; then one is edited and a third one comes; then one is gone."""
    with FaultServer() as server:
        made = SmallPortal(tmp_path_factory.mktemp("alert"), server, extra='province = "dak-lak"')
        (made.archive / "portalwatch.toml").write_text(SETTINGS, encoding="utf-8")
        made.publish("/a", "/b")
        made.crawl(now="2021-04-13T09:00:00+07:00")
        server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
        made.publish("/c", "/a", "/b")
        made.crawl("--revisit", "all", now="2021-04-14T09:00:00+07:00")
        del server.routes["/b"]
        made.crawl("--revisit", "all", now="2021-04-15T09:00:00+07:00")
        yield made


def rehearsed(portal: SmallPortal, *options: str) -> dict[str, list[tuple[str, str]]]:
    result = portal.run("alert", "--dry-run", "--json", *options)
    assert result.code == 0, result.err
    lines: list[dict[str, Any]] = [json.loads(line) for line in result.out.splitlines()]
    return {
        line["subscription"]: [(change["kind"], portal.path(change["url"])) for change in line["changes"]]
        for line in lines
    }


def test_crawl_fills_the_outbox_for_whom_it_concerns(portal: SmallPortal) -> None:
    query = "SELECT o.subscription, c.kind, c.url FROM outbox o JOIN changes c USING (change_id) ORDER BY change_id"
    told: dict[str, set[tuple[str, str]]] = {}
    for name, kind, url in portal.rows(query):
        told.setdefault(name, set()).add((kind, portal.path(url)))
    first = ("new", portal.path(portal.rows("SELECT url FROM changes WHERE change_id = 1")[0][0]))
    assert told == {
        "tất cả": {first, ("edited", "/a"), ("new", "/c"), ("gone", "/b")},
        "tiền": {first, ("edited", "/a")},
    }
    (channels,) = portal.rows("SELECT count(DISTINCT channel) FROM outbox WHERE subscription = 'tiền'")
    assert channels == (2,)


@pytest.mark.parametrize("commit", [6, 9])
def test_crawl_that_is_killed_loses_and_doubles_nothing_of_the_outbox(tmp_path: Path, commit: int) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        (portal.archive / "portalwatch.toml").write_text(SETTINGS, encoding="utf-8")
        portal.publish("/a")
        portal.crawl(now="2021-04-13T09:00:00+07:00")
        portal.publish("/b", "/c", "/a")
        killed = portal.crawl(now="2021-04-14T09:00:00+07:00", before=Kill("commit", commit))
        assert killed.code == KILLED
        assert portal.crawl(now="2021-04-14T10:00:00+07:00").code == 0
    query = "SELECT c.url FROM outbox o JOIN changes c USING (change_id) WHERE subscription = 'tất cả' ORDER BY url"
    assert [portal.path(url) for (url,) in portal.rows(query)] == ["/a", "/b", "/c"]


def test_rehearsal_shows_what_each_rule_would_have_sent(portal: SmallPortal) -> None:
    told = rehearsed(portal, "--since", "2021-04-14")
    assert {name: sorted(found) for name, found in told.items()} == {
        "tất cả": [("edited", "/a"), ("gone", "/b"), ("new", "/c")],
        "tiền": [("edited", "/a")],
        "nơi khác": [],
    }
    assert len(rehearsed(portal, "--since", "2021-04-13")["tất cả"]) == 5


def test_rehearsal_is_told_in_the_language_of_each_subscription(portal: SmallPortal) -> None:
    out = portal.run("alert", "--dry-run", "--since", "2021-04-14").out
    assert "tiền → env-" in out
    assert ", ntfy-" in out
    assert "In all: 1 new, 1 edited, 1 gone." in out
    assert "Tổng cộng: 1 sửa." in out
    assert "No changes since 14/04/2021 00:00." in out


def test_rehearsal_writes_nothing(portal: SmallPortal) -> None:
    before = portal.rows("SELECT * FROM outbox ORDER BY 1, 2, 3")
    rehearsed(portal, "--since", "2021-04-13")
    assert portal.rows("SELECT * FROM outbox ORDER BY 1, 2, 3") == before
    assert portal.rows("SELECT * FROM letters") == []


def test_looking_back_without_dry_run_is_refused(portal: SmallPortal) -> None:
    result = portal.run("alert", "--since", "2021-04-14")
    assert (result.code, result.out) == (2, "")
    assert "add --dry-run" in result.err


SENDING = """
[[subscription]]
name = "thư"
channel = "${MAIL}"
language = "vi"

[[subscription]]
name = "máy"
channel = "${HOOK}"
kinds = ["new"]

[alert]
tries = 1
timeout_s = 5
"""
LATER = "2021-04-14T10:00:00+07:00"
SECRET = "m4t-khau-4711"


@dataclass
class Post:
    """An archive with news, and the servers that are to be told."""

    archive: Path
    sink: MailSink
    hook: FaultServer

    def alert(self, *options: str, now: str = LATER, **kwargs: Any) -> command.Result:
        environment = {
            "MAIL": f"mailto://bot:{SECRET}@127.0.0.1:{self.sink.port}?from=a@example.vn&to=b@example.vn",
            "HOOK": f"json://127.0.0.1:{self.hook.port}/in/{SECRET}?secret={SECRET}",
        }
        return command.run("alert", *options, "--archive", str(self.archive), now=now, env=environment, **kwargs)

    def ids(self) -> list[str]:
        """The message ids of the letters to the program, in order."""
        return [asked.headers["webhook-id"] for asked in self.hook.asked]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which a first crawl and a new article wait to be told."""
    with FaultServer() as server:
        made = SmallPortal(tmp_path_factory.mktemp("news"), server)
        (made.archive / "portalwatch.toml").write_text(SENDING, encoding="utf-8")
        made.publish("/a")
        assert made.crawl(now="2021-04-13T09:00:00+07:00").code == 0
        made.publish("/b", "/a")
        assert made.crawl(now="2021-04-14T09:00:00+07:00").code == 0  # whatever becomes of the letters
        return made.archive


@pytest.fixture
def post(news: Path, tmp_path: Path) -> Iterator[Post]:
    shutil.copytree(news, tmp_path / "archive")
    with MailSink(password=SECRET) as sink, FaultServer() as hook:
        hook.posts[f"/in/{SECRET}"] = http()
        yield Post(tmp_path / "archive", sink, hook)


def test_alert_sends_what_is_due_and_says_so(post: Post) -> None:
    result = post.alert()
    assert (result.code, result.err) == (0, "")
    assert sorted(line.partition(" → ")[0] for line in result.out.splitlines()) == ["máy", "thư"]
    assert all(line.endswith(": 2 changes, sent") for line in result.out.splitlines())
    assert (len(post.sink.raw), len(post.hook.asked)) == (1, 1)
    assert "Tin /b" in post.sink.text()
    assert "Lần thu thập đầu tiên của cổng này: 1 bài" in post.sink.text()
    assert post.alert().out == "nothing is due\n"


def test_rehearsal_of_what_is_due_sends_and_marks_nothing(post: Post) -> None:
    result = post.alert("--dry-run")
    assert result.code == 0
    assert "thư → env-" in result.out
    assert "Tin /b" in result.out
    assert (post.sink.raw, post.hook.asked) == ([], [])
    assert post.alert("--dry-run").out == result.out
    assert len(post.alert().out.splitlines()) == 2


def test_test_letter_says_that_it_is_one_and_tells_nothing(post: Post) -> None:
    result = post.alert("--test", "thư")
    assert (result.code, result.err, result.out.endswith(": test letter sent\n")) == (0, "", True)
    (letter,) = post.sink.letters
    assert letter["Subject"] == "thư: THỬ, không phải tin"
    assert post.sink.text().startswith("Đây là thư thử: không có gì xảy ra trên các cổng.")
    html = letter.get_body(("html",))
    assert html is not None
    assert "Đây là thư thử" in html.get_content()
    assert post.hook.asked == []
    assert len(post.alert().out.splitlines()) == 2  # what was due still is


def test_test_letter_to_a_program_is_marked_and_signed(post: Post) -> None:
    (line,) = post.alert("--test", "máy", "--json").out.splitlines()
    told = json.loads(line)
    assert (told["subscription"], told["sent"], told["error"]) == ("máy", True, None)
    ((_, body),) = post.hook.posted
    assert json.loads(body)["test"] is True
    assert json.loads(body)["changes"] == []
    assert "webhook-signature" in post.hook.asked[0].headers
    assert post.alert("--test", told["channel"]).code == 0  # by the name of the channel
    assert len(set(post.ids())) == len(post.ids()) == 2


def test_test_letter_that_is_refused_says_why_without_the_secret(post: Post) -> None:
    post.sink.answers["DATA"] = f"550 no {SECRET}"
    result = post.alert("--test", "thư")
    assert result.code == 1
    assert result.out.startswith("! thư → env-")
    assert "test letter not sent: the server answers 550" in result.out
    assert SECRET not in result.out + result.err


def test_test_of_nobody_names_who_there_is(post: Post) -> None:
    result = post.alert("--test", "thu")
    assert result.code == 2
    assert result.err == "portalwatch: --test thu: no subscription with a channel; there are: thư, máy\n"


class Crash:
    """The process is killed when a server has taken the letter, and before that is written down."""

    def __call__(self) -> None:
        letters.mark_sent = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]


def test_fault_092_letter_whose_process_is_killed_comes_twice_at_most_and_is_known_by_its_id(post: Post) -> None:
    assert post.alert(before=Crash()).code == -signal.SIGKILL
    assert post.alert(before=Crash()).code == -signal.SIGKILL  # now at the second letter, or again at the first
    assert post.alert().code == 0
    assert post.alert().out == "nothing is due\n"
    for ids in (post.sink.ids(), post.ids()):
        assert ids
        assert len(set(ids)) == 1


def test_fault_092_one_crash_gives_one_extra_copy_at_most(post: Post) -> None:
    post.alert(before=Crash())
    post.alert()
    assert sorted([len(post.sink.ids()), len(post.ids())]) == [1, 2]
    assert len(set(post.sink.raw)) == 1


def test_fault_090_failure_is_told_and_ends_with_exit_code_1(post: Post) -> None:
    post.sink.answers["DATA"] = "451 later"
    result = post.alert()
    assert result.code == 1
    (line,) = [line for line in result.out.splitlines() if line.startswith("!")]
    assert "2 changes, not sent: the server answers 451 later; tried again after 14/04/2021 10:05" in line


def test_dead_letters_are_listed_and_tried_again_by_command(post: Post) -> None:
    post.sink.answers["DATA"] = "554 never"
    days = [f"2021-04-{day}T10:00:00+07:00" for day in (14, 15, 16, 17, 18)]
    results = [post.alert(now=day) for day in days]
    assert [result.code for result in results] == [1] * 5
    assert "given up after 5 tries: the server answers 554 never" in results[-1].out
    assert post.alert(now="2021-04-19T10:00:00+07:00").out == "nothing is due\n"
    (dead,) = [json.loads(line) for line in post.alert("--list-dead", "--json").out.splitlines()]
    assert (dead["subscription"], dead["state"], dead["tries"], dead["changes"]) == ("thư", "dead", 5, 2)
    post.sink.answers.clear()
    result = post.alert("--retry-dead", now="2021-04-19T11:00:00+07:00")
    assert (result.code, len(post.sink.raw)) == (0, 1)
    assert post.alert("--list-dead").out == ""


def test_fault_117_secrets_are_nowhere(post: Post) -> None:
    post.sink.answers["MAIL"] = f"550 who is {SECRET}"
    post.hook.posts[f"/in/{SECRET}"] = http(SECRET, "500 Internal Server Error")
    results = [post.alert(), post.alert("--dry-run"), post.alert("--list-dead"), post.alert("--json", now=DAY_AFTER)]
    assert all(result.out or result.code == 0 for result in results)
    assert not any(SECRET in result.out + result.err for result in results)
    files = [path for path in post.archive.rglob("*") if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


DAY_AFTER = "2021-04-15T10:00:00+07:00"


def test_json_has_the_keys_of_the_contract(post: Post) -> None:
    lines = [json.loads(line) for line in post.alert("--json").out.splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert list(line) == [
            *("letter_id", "message_id", "subscription", "channel", "part", "parts", "changes", "notices"),
            *("composed_at", "state", "tries", "retry_at", "sent_at", "error"),
        ]
        assert (line["state"], line["sent_at"][:16]) == ("sent", "2021-04-14T10:00")


def test_two_alerts_at_once_are_one(post: Post) -> None:
    with Archive.open(post.archive) as archive, archive.locked(Lock.ALERT):
        result = post.alert()
    assert (result.code, result.out, post.hook.asked) == (4, "", [])
    assert "is sending this archive's letters; try again when it has finished" in result.err


def test_alert_need_not_wait_for_a_crawl(post: Post) -> None:
    with Archive.open(post.archive) as archive, archive.locked():
        assert post.alert().code == 0


def test_variable_that_is_missing_is_told_before_anything_is_sent(post: Post) -> None:
    result = command.run("alert", "--archive", str(post.archive), env={"MAIL": "mailto://127.0.0.1?to=a@example.vn"})
    assert (result.code, result.out, post.sink.raw) == (2, "", [])
    assert result.err.count("\n") == 1
    assert "portalwatch.toml" in result.err


@pytest.mark.parametrize("options", [["--dry-run", "--retry-dead"], ["--list-dead", "--retry-dead"]])
def test_options_that_exclude_each_other_are_refused(portal: SmallPortal, options: list[str]) -> None:
    result = portal.run("alert", *options)
    assert (result.code, result.out) == (2, "")
    assert "exclude each other" in result.err


def test_alert_without_a_subscription_says_where_to_write_one(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish()
        portal.crawl()
        result = portal.run("alert", "--dry-run", "--since", "2021-04-14")
    assert (result.code, result.out) == (2, "")
    assert "portalwatch.toml: has no [[subscription]]" in result.err


def test_mistake_in_a_subscription_ends_a_crawl_before_any_request(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        (portal.archive / "portalwatch.toml").write_text('[[subscription]]\nname = "x"\n', encoding="utf-8")
        result = command.run("crawl", "thu", "--archive", str(portal.archive))
        assert (result.code, len(server.asked)) == (2, 0)
    assert "portalwatch.toml:1: subscription[0].channel: is missing" in result.err
