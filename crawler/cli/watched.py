"""Which portals `run` visits where nobody names any: those of the archive, never all that are shipped.

What it does not do: crawl, or choose for `crawl`, whose user sits before it.
"""

from __future__ import annotations

from pathlib import Path

from crawler.cli.options import choose_portals
from crawler.errors import UsageError
from crawler.portals import Portal, load_portals
from crawler.unattended import ALL
from storage.archive import Archive
from storage.errors import NotAnArchive
from storage.portals import read_known


def choose_watched(slugs: tuple[str, ...], archive: Path) -> list[Portal]:
    """The portals that are named (`all`: every one that is not retired), or those of the archive.

    Raises `UsageError` where none is named and the archive has none: 63 provinces are not visited by mistake.
    """
    if slugs == (ALL,):
        return choose_portals((), archive, None)
    if slugs:
        return choose_portals(slugs, archive, None)
    theirs = {path.stem for path in (archive / "portals").glob("*.toml")} | _crawled(archive)
    known = load_portals(archive / "portals") if theirs else {}
    here = [portal for slug, portal in known.items() if slug in theirs]
    found = [portal for portal in here if portal.retired is None]
    if not found:
        why = "all of this archive are retired" if here else "none was crawled here yet"
        todo = f'name them, or write portals = ["…"] under [run] of {archive}/portalwatch.toml; ["all"] are all'
        raise UsageError(f"{archive}: no portal is named, and {why}: {todo}")
    return found


def _crawled(archive: Path) -> set[str]:
    """The portals that were crawled into the archive."""
    try:
        with Archive.open(archive) as opened, opened.reading() as connection:
            return {portal.slug for portal in read_known(connection)}
    except NotAnArchive:
        return set()
