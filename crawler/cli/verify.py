"""`portalwatch verify`: rereads the whole archive, and names what is wrong and which versions that touches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import archive_option, check_crawled, find_config, find_messages, json_option, language_option
from crawler.cli.progress import steps_shown
from crawler.i18n import Messages
from crawler.stamping import load_authorities
from storage.archive import Archive
from storage.errors import ArchiveLocked, NewerSchema, NotAnArchive, OlderSchema, StorageError
from storage.records import as_vietnam_iso
from storage.salvage import read_readable
from storage.verification import Fault, FaultKind, Stamped, Touched, Verified
from storage.verification import verify as verify_archive

_MOST_VERSIONS_SHOWN = 3


@click.command()
@archive_option()
@click.option("--portal", "portals", multiple=True, help="Only what belongs to this portal; may be repeated.")
@click.option("--head", help="A digest noted earlier: it must be in the chain of manifests.")
@json_option("what was found")
@language_option()
def verify(archive: Path, portals: tuple[str, ...], head: str | None, as_json: bool, lang: str | None) -> None:
    """Read every record and every row of the archive again, and say what is not as it was sealed.

    Exit code 3 means that something is wrong; each line names the file, the first byte and the versions it touches.
    """
    config = find_config(archive)
    messages = find_messages(lang, config)
    try:
        with Archive.open(archive, upgrade=False) as opened:
            with opened.reading() as connection:
                check_crawled(connection, portals, "--portal ")
            with steps_shown(messages.gettext("reading the archive")) as watch:
                roots = load_authorities(config.stamp)
                found = verify_archive(opened, portals=portals or None, head=head, roots=roots, watch=watch)
    except (ArchiveLocked, NewerSchema, NotAnArchive, OlderSchema):  # nothing is damaged
        raise
    except StorageError:
        for line in () if as_json else _readable_lines(archive, messages):
            print(line)
        raise
    if as_json:
        print(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        is_damaged = any(fault.kind is FaultKind.DATABASE for fault in found.faults)
        readable = _readable_lines(archive, messages) if is_damaged else ()
        print("\n".join([*_as_lines(found, messages), *readable]))
    raise click.exceptions.Exit(3 if found.faults else 0)


def _as_json(found: Verified) -> dict[str, Any]:
    return {
        "sound": not found.faults,
        "faults": [_fault_json(fault) for fault in found.faults],
        "files": found.files,
        "bytes": found.size,
        "records": found.records,
        "seals": found.seals,
        "head": found.head,
        "unsealed_runs": list(found.unsealed),
        "reparsing": list(found.reparsing),
        "stamps": [_stamp_json(stamp) for stamp in found.stamps],
    }


def _stamp_json(stamp: Stamped) -> dict[str, Any]:
    return {
        "manifest": stamp.manifest,
        "stamped_at": as_vietnam_iso(stamp.at),
        "authority": stamp.authority,
        "trusted": stamp.is_trusted,
    }


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind.value,
        "where": fault.where,
        "offset": fault.offset,
        "length": fault.length,
        "table": fault.table,
        "row": fault.row,
        "detail": fault.detail,
        "versions": [
            {"version_id": one.version_id, "article_id": one.article_id, "number": one.number, "url": one.url}
            for one in fault.versions
        ],
    }


def _as_lines(found: Verified, messages: Messages) -> Iterator[str]:
    _ = messages.gettext
    for fault in found.faults:
        yield from fault_lines(fault, messages)
    for run_id in found.unsealed:
        yield _("run %(run)d is open or was never sealed: its rows are not proven yet") % {"run": run_id}
    for portal in found.reparsing:
        yield _("the re-parse of %(portal)s is not done: what it wrote is not proven yet") % {"portal": portal}
    read = _("%(files)d WARC files with %(records)d records (%(bytes)d bytes) and %(seals)d manifests were read") % {
        "files": found.files,
        "records": found.records,
        "bytes": found.size,
        "seals": found.seals,
    }
    yield read + (f"; {_('head')} {found.head}" if found.head else "")
    yield from _stamp_lines(found.stamps, messages)
    if found.faults:
        count = len(found.faults)
        yield messages.ngettext("%(n)d fault", "%(n)d faults", count) % {"n": count}
    else:
        yield _("the archive is sound")


def _readable_lines(archive: Path, messages: Messages) -> Iterator[str]:
    """Which tables of a damaged file have lost rows; nothing where none has."""
    tables = list(read_readable(archive))
    damaged = [each for each in tables if not each.is_whole]
    for each in damaged:
        line = messages.gettext("table %(table)s: damaged; %(rows)d rows can still be read")
        yield line % {"table": each.table, "rows": each.rows}
    if damaged:
        line = messages.gettext("the other %(n)d tables can be read to their last row")
        yield line % {"n": len(tables) - len(damaged)}


def _stamp_lines(stamps: Sequence[Stamped], messages: Messages) -> Iterator[str]:
    """How many stamps there are, and what the first and the newest of them prove."""
    if not stamps:
        return
    count = len(stamps)
    yield messages.ngettext("%(n)d manifest bears a time stamp", "%(n)d manifests bear a time stamp", count) % {
        "n": count
    }
    for stamp in dict.fromkeys((stamps[0], stamps[-1])):
        yield "  " + messages.gettext("%(manifest)s and all before it: there since %(at)s, says %(authority)s") % {
            "manifest": stamp.manifest,
            "at": as_vietnam_iso(stamp.at),
            "authority": stamp.authority or messages.gettext("somebody"),
        }
    if not all(stamp.is_trusted for stamp in stamps):
        yield messages.gettext("whether it was the authority was not checked: set [stamp] ca_file in portalwatch.toml")


def fault_lines(fault: Fault, messages: Messages) -> Iterator[str]:
    """What is wrong, and which versions that touches."""
    yield f"{fault.where}: {_fault_words(fault, messages)}"
    yield from ("  " + line for line in _touched_lines(fault.versions, messages))


def _touched_lines(touched: Sequence[Touched], messages: Messages) -> Iterator[str]:
    """The first versions that a fault touches, and how many more there are."""
    for one in touched[:_MOST_VERSIONS_SHOWN]:
        yield messages.gettext("touches version %(number)d of article %(article)d: %(url)s") % {
            "number": one.number,
            "article": one.article_id,
            "url": one.url,
        }
    if len(touched) > _MOST_VERSIONS_SHOWN:
        yield messages.gettext("and %(n)d more") % {"n": len(touched) - _MOST_VERSIONS_SHOWN}


def _fault_words(fault: Fault, messages: Messages) -> str:
    """What is wrong, in a sentence."""
    _ = messages.gettext
    known = {
        FaultKind.DATABASE: _("SQLite finds damage: %(detail)s"),
        FaultKind.MISSING: _("the file is missing"),
        FaultKind.FOREIGN: _("nothing in this archive knows this file"),
        FaultKind.SHORT: _("ends at byte %(offset)d; %(length)d bytes are missing"),
        FaultKind.LONG: _("%(length)d bytes too many from byte %(offset)d on, after it was sealed"),
        FaultKind.ALTERED: _("the record at byte %(offset)d (%(length)d bytes) is not the one that was sealed"),
        FaultKind.UNREADABLE: _("the record at byte %(offset)d (%(length)d bytes) cannot be read: %(detail)s"),
        FaultKind.DISAGREES: _("the record at byte %(offset)d does not say what the database says of %(detail)s"),
        FaultKind.EDITED: _("table %(table)s, row %(row)s: edited after it was sealed"),
        FaultKind.DELETED: _("table %(table)s, row %(row)s: deleted after it was sealed"),
        FaultKind.ADDED: _("table %(table)s, row %(row)s: added by something else than a crawl"),
        FaultKind.STATE: _("table %(table)s: portal %(detail)s is not what it was at the end of its last run"),
        FaultKind.MANIFEST: _("the manifest is not the one that was written (seal %(row)s)"),
        FaultKind.CHAIN: _("the chain of manifests is broken at seal %(row)s"),
        FaultKind.HEAD: _("no manifest has the digest %(detail)s"),
        FaultKind.STAMP: _("no time stamp of its manifest: %(detail)s"),
        FaultKind.HISTORY: _("table %(table)s, row %(row)s: %(detail)s does not fit what else the database says"),
        FaultKind.SEARCH: _("the search index does not fit article %(row)s"),
    }
    values = {name: getattr(fault, name) for name in ("offset", "length", "table", "row", "detail")}
    return known[fault.kind] % values
