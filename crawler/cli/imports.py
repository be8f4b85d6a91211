"""`portalwatch import`: captures that others made become history: versions in their place in time, never news."""

from __future__ import annotations

import click

from crawler.cli.import_warc import warc
from crawler.cli.import_wayback import wayback


@click.group(name="import")
def imports_group() -> None:
    """Take in captures that others made, as history: nobody is told of what they show."""


imports_group.add_command(warc)
imports_group.add_command(wayback)
