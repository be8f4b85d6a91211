"""Time stamps after a crawl or a re-parse: what became of them, in a line.

What it does not do: change an exit code. What was sealed is sealed; a stamp that could not be had is asked for again.
"""

from __future__ import annotations

from importlib.metadata import version

from crawler.config import Config
from crawler.i18n import Messages
from storage.archive import Archive


def stamp_sealed(archive: Archive, config: Config, messages: Messages) -> str | None:
    """Has stamped what waits for it, where `[stamp] url` is set; a line where something still waits.

    Raises `UsageError` and `StorageError`.
    """
    if config.stamp.url is None:
        return None
    from crawler.stamping import stamp_manifests  # cryptography: only for those who want it

    done = stamp_manifests(archive, config.stamp, f"portalwatch/{version('portalwatch')}")
    if done.problem is None:
        return None
    waiting = messages.ngettext(
        "no time stamp: %(problem)s; %(n)d manifest waits for the next crawl",
        "no time stamp: %(problem)s; %(n)d manifests wait for the next crawl",
        done.waiting,
    )
    return waiting % {"problem": done.problem, "n": done.waiting}
