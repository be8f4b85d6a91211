"""A disk that is full at any write of any verb (FAULTS 71): told in one line, nothing lost, done when there is room.

The quick form: one call of each kind. `scripts/soak disk` takes every call of every verb, from then on and that one
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from click import Context
from fault_server import FaultServer
from scarcity import VERBS, Try

from crawler.cli import cli

POINTS = {
    "crawl": (
        *("write archive.db", "write archive.db-wal", "create .lock", "write .lock", "mkdir warc", "write warc/2"),
        *("fsync warc/2", "write warc/manifests", "replace warc/manifests"),
    ),
    "crawl again": ("write archive.db-shm", "write archive.db-wal", "create warc/2"),
    "changes --mark": ("write archive.db-wal",),
    "export jsonl": ("write exports/", "replace exports/"),
    "export warc": ("write exports/",),
    "backup": ("write backups/", "fsync backups/"),
    "restore": ("write exports/", "replace exports/"),
    "feeds": ("create .feeds.lock", "write feeds/", "replace feeds/"),
    "alert": ("write archive.db-wal",),
    "import warc": ("write archive.db-wal",),
    "import wayback": ("write archive.db-wal", "write warc/"),
    "migrate": ("write backups/", "write archive.db-wal"),
    "schedule": ("write exports/",),
}
"""By verb: how the calls begin of which the last one fails, and all after it."""

PRINTS = {"changes", "check", "cite", "extract", "plan", "portals", "search", "show", "status", "verify"}
"""Verbs that only read, but for `changes --mark`."""
COMPOSED = {"demo"}
"""Plays the other verbs."""


def test_each_verb_that_writes_meets_full_disks() -> None:
    assert {name.split()[0] for name in VERBS} == set(cli.list_commands(Context(cli))) - PRINTS - COMPOSED | {"changes"}


@pytest.fixture(scope="module")
def tries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Try]]:
    """The verbs, each run undisturbed when it is asked for."""
    made: dict[str, Try] = {}

    def find(verb: str) -> Try:
        if verb not in made:
            made[verb] = Try.of(verb, servers.enter_context(FaultServer()), tmp_path_factory.mktemp("disk"))
        return made[verb]

    with ExitStack() as servers:
        yield find


@pytest.mark.parametrize(
    "verb, call",
    [pytest.param(verb, call, id=f"071-{verb}-{call}") for verb, calls in POINTS.items() for call in calls],
)
def test_disk_that_is_full_is_told_and_costs_nothing(tries: Callable[[str], Try], verb: str, call: str) -> None:
    on = tries(verb)
    numbers = [number for number, made in enumerate(on.calls, 1) if made.startswith(call)]
    assert numbers, f"{verb} makes no call {call}: {sorted(set(on.calls))}"
    assert on.fill_up(numbers[-1]) is None


@pytest.mark.parametrize("call", ["write archive.db-wal", "write without a name", "fsync without a name"])
def test_fault_072_full_disk_under_a_letter_sends_it_once(tries: Callable[[str], Try], call: str) -> None:
    """Before it is sent: it is sent once there is room. After: there is room, set aside, to note that."""
    on = tries("alert")
    first = on.calls.index(call) + 1
    last = len(on.calls) - on.calls[::-1].index(call)
    for number in sorted({first, last}):
        assert on.send(number) == [1], f"call {number}"


def test_fault_072_full_disk_under_the_log_sends_letters_once(tries: Callable[[str], Try]) -> None:
    on = tries("run")
    numbers = [number for number, made in enumerate(on.calls, 1) if "logs/" in made]
    assert numbers
    assert [on.send(number) for number in (numbers[0], numbers[-1])] == [[1], [1]]
