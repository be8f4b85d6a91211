"""The `portalwatch` command: one short module a verb, gathered here.

What it does not do: anything itself. Every verb ends with an exit code of DESIGN §6: 0 all well, 1 done but something
failed, 2 usage or configuration, 3 storage, 4 another run holds the lock, 5 stopped by a signal.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from crawler.errors import PortalwatchError
from crawler.garbage import no_garbage
from storage.errors import StorageError

VERBS = (
    *("alert", "backup", "changes", "check", "cite", "crawl", "demo", "export", "extract", "feeds", "import"),
    *(
        "migrate",
        "plan",
        "portals",
        "probe",
        "reparse",
        "restore",
        "run",
        "schedule",
        "search",
        "show",
        "status",
        "verify",
    ),
)
"""Each is the command of the same name in the module of the same name, …"""
_OTHER_NAMES = {"import": ("imports", "imports_group")}
"""… but where that is a word of Python."""


class _Verbs(click.Group):
    """Imports a verb's module when it is asked for: `changes` need not wait for Scrapy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, name = _OTHER_NAMES.get(cmd_name, (cmd_name, cmd_name))
        with no_garbage():
            command: click.Command = getattr(import_module(f"crawler.cli.{module}"), name)
        gc.freeze()  # modules stay: nobody need look at them again
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb. Ctrl-C and SIGTERM leave as `click.Abort`: click itself would print an empty line first."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            raise click.Abort from stopped


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="portalwatch", message="portalwatch %(version)s")
def cli() -> None:
    """Watches Vietnamese provincial government portals: what is new, what was edited, what vanished."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits. Every fault is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # cron's LANG=C must not turn Vietnamese into question marks
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: exit code 5, one line
    try:
        code = _run(arguments)
        _be_left_alone()
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that has gone away is no error
    except BrokenPipeError:  # the reader (`| head -1`) has seen enough
        code = _give_up_output(0)
    except OSError as error:
        _say(f"{error.filename or 'the output'}: {error.strerror}")
        code = _give_up_output(3)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    """Runs the verb; its exit code. What was wrong is said on stderr."""
    try:
        return int(cli.main(args=arguments, prog_name="portalwatch", standalone_mode=False) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        _say(_usage_fault(error))
        return 2
    except (PortalwatchError, StorageError) as error:
        _say(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _be_left_alone()
        _say("stopped; everything acknowledged is stored, and the next crawl goes on from there")
        return 5


def _be_left_alone() -> None:
    """The command is done but for its last line: who stops it now, a second time perhaps, changes nothing."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _give_up_output(code: int) -> int:
    """The exit code; what still waits to be printed goes nowhere."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError):  # no file can be opened: then what is wrong was that
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _say(message: str) -> None:
    """One line on stderr, whatever is in the message."""
    print("portalwatch: " + " ".join(message.split()), file=sys.stderr)


def _usage_fault(error: click.ClickException) -> str:
    """What is wrong with the command line, and where to read how it should be."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "portalwatch"
    return f"{error.format_message().rstrip('.')}; see {command} --help"
