"""The `portalwatch` command: one short module a verb, gathered here.

What it does not do: anything itself. Every verb ends with an exit code of DESIGN §6: 0 all well, 1 done but something
failed, 2 usage or configuration, 3 storage, 4 another run holds the lock, 5 stopped by a signal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from crawler.cli import changes, crawl, demo, extract, portals, search, show, status
from crawler.errors import PortalwatchError
from storage.errors import StorageError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="portalwatch", message="portalwatch %(version)s")
def cli() -> None:
    """Watches Vietnamese provincial government portals: what is new, what was edited, what vanished."""


for verb in (crawl.crawl, changes.changes, demo.demo, extract.extract, portals.portals, search.search, show.show):
    cli.add_command(verb)
cli.add_command(status.status)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits. Every fault is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # cron's LANG=C must not turn Vietnamese into question marks
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = cli.main(args=arguments, prog_name="portalwatch", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (PortalwatchError, StorageError) as error:
        print(f"portalwatch: {error}", file=sys.stderr)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("portalwatch: stopped; what was acknowledged is stored", file=sys.stderr)
        code = 5
    except BrokenPipeError:  # the reader (`| head -1`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code or 0)
