"""`portalwatch migrate`: the database of an earlier version becomes one of this version, copied first."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.options import archive_option, find_config, find_messages, json_option, language_option
from storage import database
from storage.archive import Archive
from storage.errors import OlderSchema
from storage.location import find_database
from storage.upgrading import Upgraded, bring_up_to_date


@click.command()
@archive_option()
@json_option("what was done")
@language_option()
def migrate(archive: Path, as_json: bool, lang: str | None) -> None:
    """Bring an archive that an earlier version made up to date. Its database file is copied into backups/ first.

    Of a database on a PostgreSQL server no copy is made: pg_dump it before. Verbs that write do the same by
    themselves; those that only read leave an older archive alone.
    """
    messages = find_messages(lang, find_config(archive) if archive.is_dir() else None)
    try:
        Archive.open(archive, upgrade=False).close()
        done = Upgraded(found=database.SCHEMA, schema=database.SCHEMA, kept=None)
    except OlderSchema:
        done = bring_up_to_date(archive, find_database(archive))
    if as_json:
        print(json.dumps(_as_json(done), ensure_ascii=False))
    elif done.found == done.schema:
        print(
            messages.gettext("%(archive)s: up to date (schema %(schema)s)")
            % {"archive": archive, "schema": done.schema}
        )
    else:
        print(
            messages.gettext("%(archive)s: schema %(found)s became %(schema)s")
            % {"archive": archive, "found": done.found, "schema": done.schema}
        )
        if done.kept:
            print(messages.gettext("as it was it is kept in %(path)s") % {"path": done.kept})
        else:
            print(
                messages.gettext("no copy was made, for the database is on a server: only a dump of your own goes back")
            )


def _as_json(done: Upgraded) -> dict[str, str | None]:
    return {"from": done.found, "to": done.schema, "kept": str(done.kept) if done.kept else None}
