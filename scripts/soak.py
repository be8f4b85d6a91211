"""The long forms of the fault tests (FAULTS 67, 71, 82); started by `scripts/soak`.

What it does not do: decide what is right. It crawls with the tests' own portal and asks the tests' own checks.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import scarcity  # noqa: E402
from fault_server import FaultServer, http, slowly  # noqa: E402
from interruption import differences, dump, is_finished  # noqa: E402
from invariants import Witness  # noqa: E402
from small_portal import SmallPortal, article  # noqa: E402

import command  # noqa: E402

PAGE_BYTES = 4096
ARTICLES = 12
AT_A_TIME = 30
"""Calls of a verb that one process tries before it tells what came of them."""


@dataclass
class Count:
    """What came of it."""

    tried: int = 0
    survived: int = 0
    lost: list[str] = field(default_factory=list)
    """Where something that was acknowledged is missing, or the archive does not open."""
    lied: list[str] = field(default_factory=list)
    """Where something was told that is not so, or a damage was not."""

    def show(self, what: str) -> int:
        """Prints the count; the exit code."""
        print(f"{what}: tried {self.tried}, survived {self.survived}, lost {len(self.lost)}, lied {len(self.lied)}")
        for line in (*self.lost, *self.lied):
            print(f"  {line}")
        return 1 if self.lost or self.lied else 0


def portal_in(folder: Path, server: FaultServer, *, answer_after_s: float = 0.0) -> SmallPortal:
    """A portal of a few articles, which takes its time to answer."""
    portal = SmallPortal(folder, server)
    portal.publish(*(f"/{number}" for number in range(ARTICLES)))
    if answer_after_s:
        server.routes |= {
            f"/{number}": slowly(http(article(f"Tin /{number}")), answer_after_s) for number in range(ARTICLES)
        }
    return portal


def told_by(portal: SmallPortal) -> list[tuple[str, str]]:
    return sorted(portal.told())


def kill_at_random(count: int, chance: random.Random) -> Count:
    """SIGKILL at random moments, until the crawl is through; then again from nothing. FAULTS 67."""
    result = Count()
    with FaultServer() as server, TemporaryDirectory() as folder:
        calm = portal_in(Path(folder, "calm"), server)
        assert calm.crawl().code == 0
        wanted, news = dump(calm.archive), told_by(calm)
        while result.tried < count:
            began, name = result.tried, f"archive{result.tried}"
            try:
                result = _kill_one_archive(result, count, server, Path(folder, name), chance, wanted, news)
            except AssertionError as broken:  # an invariant, by its number
                (result.lost if "I2" in str(broken) else result.lied).append(f"{name}: {broken}")
                shutil.rmtree(Path(folder, name))  # else its witness accuses the next archive of it
                result.tried = max(result.tried, began + 1)  # also where the first command fails, it comes to an end
    return result


def _kill_one_archive(
    result: Count,
    count: int,
    server: FaultServer,
    folder: Path,
    chance: random.Random,
    wanted: dict[str, list[str]],
    news: list[tuple[str, str]],
) -> Count:
    portal = portal_in(folder, server, answer_after_s=0.05)
    while result.tried < count:
        killed = portal.crawl(kill_after_s=chance.uniform(0.2, 1.6)).code == -signal.SIGKILL
        if not killed or ((portal.archive / "archive.db").exists() and is_finished(portal.archive)):
            break
        result.tried += 1
    if not is_finished(portal.archive) and portal.crawl().code != 0:
        result.lost.append(f"{folder.name}: the run after the kills did not end well")
        return result
    if apart := differences(wanted, dump(portal.archive)):
        result.lost.append(f"{folder.name}: differs from an undisturbed archive in {', '.join(apart)}")
    elif told_by(portal) != news:
        result.lied.append(f"{folder.name}: another report than that of an undisturbed crawl")
    result.survived = result.tried - len(result.lost)
    Witness.dismiss()
    shutil.rmtree(folder)
    print(f"\r{result.tried} kills", end="" if result.tried < count else "\n", flush=True)
    return result


def damage_every_page(most: int) -> Count:
    """Each 4 KiB of a small archive's database overwritten with noise: `verify` must say so. FAULTS 82."""
    result, chance = Count(), random.Random(82)
    with FaultServer() as server, TemporaryDirectory() as folder:
        portal = portal_in(Path(folder), server)
        assert portal.crawl().code == 0
        with closing(sqlite3.connect(portal.archive / "archive.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = (portal.archive / "archive.db").stat().st_size // PAGE_BYTES
        for page in range(min(pages, most)):
            damaged = Path(folder, "damaged")
            shutil.copytree(portal.archive, damaged)
            with (damaged / "archive.db").open("r+b") as file:
                file.seek(page * PAGE_BYTES)
                file.write(chance.randbytes(PAGE_BYTES))
            found = command.run("verify", "--archive", str(damaged))
            result.tried += 1
            if found.code == 3 and "Traceback" not in found.out + found.err:
                result.survived += 1
            else:
                result.lied.append(f"page {page} of {pages}: verify ended with {found.code}")
            shutil.rmtree(damaged)
            print(f"\r{result.tried} pages", end="" if result.tried < min(pages, most) else "\n", flush=True)
    return result


def fill_the_disk(most: int, names: Sequence[str]) -> Count:
    """Each write of each verb on a full disk, from then on and only that one; as many at once as there are cores.

    FAULTS 71. What was wrong is printed as soon as it is found: all of it takes hours.
    """
    result = Count()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        counted = dict(zip(names, pool.map(_count_calls, names), strict=True))
        tasks = []
        for name, calls in counted.items():
            numbers = range(1, calls + 1, max(calls // most, 1))
            tasks += [
                pool.submit(_fill_some, name, numbers[first : first + AT_A_TIME])
                for first in range(0, len(numbers), AT_A_TIME)
            ]
        for done in as_completed(tasks):
            part = done.result()
            result.tried, result.survived = result.tried + part.tried, result.survived + part.survived
            result.lost += part.lost
            result.lied += part.lied
            for line in (f"{result.tried} full disks, {result.survived} survived", *part.lost, *part.lied):
                print(line, flush=True)
    return result


def _count_calls(name: str) -> int:
    """How many calls of a verb need room."""
    with FaultServer() as server, TemporaryDirectory() as folder:
        return len(scarcity.Try.of(name, server, Path(folder)).calls)


def _fill_some(name: str, numbers: Sequence[int]) -> Count:
    """These calls of one verb."""
    result = Count()
    with FaultServer() as server, TemporaryDirectory() as folder:
        made = scarcity.Try.of(name, server, Path(folder))
        for number in (number for number in numbers if number <= len(made.calls)):
            for once in (False, True):
                try:
                    wrong = made.fill_up(number, once=once)
                except AssertionError as broken:
                    wrong = f"call {number}, {made.calls[number - 1]}: {broken}"
                result.tried += 1
                if wrong is None:
                    result.survived += 1
                else:
                    (result.lied if "I3" in wrong or "I4" in wrong else result.lost).append(f"{name}: {wrong}")
                shutil.rmtree(Path(folder, f"full-{number}"), ignore_errors=True)
        Witness.dismiss()
    return result


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/soak", description="The long forms of the fault tests.")
    parser.add_argument("what", choices=["kills", "pages", "disk"])
    parser.add_argument("number", type=int, nargs="?", help="how many; 1,000 kills, all pages, all writes of each verb")
    parser.add_argument("--verb", action="append", choices=scarcity.VERBS, help="only these, of `disk`")
    given = parser.parse_args()
    if given.what == "kills":
        return kill_at_random(given.number or 1000, random.Random(67)).show("kill -9 at random moments")
    if given.what == "disk":
        return fill_the_disk(given.number or 1 << 30, given.verb or list(scarcity.VERBS)).show("disk full at a write")
    return damage_every_page(given.number or 1 << 30).show("pages of the database damaged")


if __name__ == "__main__":
    sys.exit(main())
