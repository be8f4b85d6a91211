"""The simplest portal there is, on a `FaultServer`: its pages, its portal file, and an archive that watches it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from fault_server import FaultServer, http
from invariants import Witness

import command

SLUG = "thu"
RULES = """
[listing]
entry = { css = ".list a" }
link = { xpath = ".", attr = "href" }
next = { css = "a.next", attr = "href" }
[article]
title = { css = "h1" }
body = { css = ".body" }
date = { css = ".date" }
"""


def article(title: str, *, text: str = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn.") -> str:
    """A page with a title, a date and two paragraphs."""
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p class='date'>12/04/2021</p>"
        f"<div class='body'><p>{title}: {text}</p><p>{text * 5}</p></div></body></html>"
    )


def listing(*paths: str, following: str | None = None) -> str:
    """A list of links, and a link to the next page."""
    links = "".join(f"<li><a href='{path}'>Tin {path}</a></li>" for path in paths)
    more = f"<a class='next' href='{following}'>Trang sau</a>" if following else ""
    return f"<html><body><ul class='list'>{links}</ul>{more}</body></html>"


def portal_file(*start: str, fetch: str = "", extra: str = "") -> str:
    """A portal file for the pages above; `start` are addresses in full."""
    addresses = ", ".join(f'"{url}"' for url in start)
    return f'name = "Cổng thử"\nstart = [{addresses}]\n{extra}\n[fetch]\nallow_private = true\n{fetch}\n{RULES}'


class SmallPortal:
    """A portal whose first page is `/`, and an archive that believes the first 404."""

    def __init__(
        self, folder: Path, server: FaultServer, *, fetch: str = "", extra: str = "", start: str = "/"
    ) -> None:
        self.server = server
        self.archive = folder / "archive"
        self.witness = Witness.of(self.archive, server)
        (self.archive / "portals").mkdir(parents=True)
        self.write_file(portal_file(f"{server.url}{start}", fetch=fetch, extra=extra))
        (self.archive / "portalwatch.toml").write_text("[gone]\nconfirmations = 1\nmin_hours = 0\n", encoding="utf-8")

    @classmethod
    def over(cls, folder: Path, server: FaultServer) -> SmallPortal:
        """The portal over a copy of an archive that is there."""
        portal = cls.__new__(cls)
        portal.server, portal.archive = server, folder / "archive"
        portal.witness = Witness.of(portal.archive, server)
        return portal

    def write_file(self, text: str) -> None:
        (self.archive / "portals" / f"{SLUG}.toml").write_text(text, encoding="utf-8")

    def publish(self, *paths: str, page: str = "/", following: str | None = None) -> None:
        """A list of these articles, each with a page of its own unless it has one."""
        self.server.routes[page] = http(listing(*paths, following=following))
        for path in paths:
            self.server.routes.setdefault(path, http(article(f"Tin {path}")))

    def crawl(self, *options: str, **kwargs: Any) -> command.Result:
        return self.run("crawl", SLUG, *options, **kwargs)

    def run(self, verb: str, *arguments: str, **kwargs: Any) -> command.Result:
        result = command.run(verb, *arguments, "--archive", str(self.archive), **kwargs)
        self.witness.look()
        return result

    def changes(self, *options: str) -> list[dict[str, Any]]:
        result = self.run("changes", "--format", "jsonl", *options)
        assert result.code == 0, result.err
        return [json.loads(line) for line in result.out.splitlines()]

    def told(self, *options: str) -> list[tuple[str, str]]:
        """(kind, path) of the changes not told before, which are then marked as told."""
        return [(change["kind"], self.path(change["url"])) for change in self.changes("--mark", *options)]

    def path(self, url: str) -> str:
        return url.removeprefix(self.server.url)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.archive / "archive.db")) as connection:
            return connection.execute(query, values).fetchall()

    def outcomes(self) -> dict[str, str]:
        """What became of each path in the last run."""
        rows = self.rows("SELECT url, kind FROM outcomes WHERE run_id = (SELECT max(run_id) FROM runs)")
        return {self.path(url): kind for url, kind in rows}

    def detail(self, path: str) -> str:
        query = "SELECT detail FROM outcomes WHERE url = ? ORDER BY run_id DESC LIMIT 1"
        return str(self.rows(query, [self.server.url + path])[0][0])

    def versions(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT version_id, article_id, cause, content_digest, body FROM versions ORDER BY version_id")
