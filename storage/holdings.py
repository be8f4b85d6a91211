"""`storage.open`: what an archive holds, asked from Python with the verbs of the command line.

    with storage.open("archive") as holdings:
        holdings.search("dak lak", province="Phú Yên").to_pandas()

Answers are frozen records in a `Rows`, which makes tables of them. Addresses are found in any spelling, days are days
in Vietnam, marks and letter case of words do not matter. What it does not do: write to the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, column, select, table, text
from sqlalchemy.exc import ResourceClosedError, StatementError

from storage import database, export, portal_status, queries
from storage.citation import Style, as_cited, citation_of
from storage.codebook import Column, article_columns, view_columns
from storage.diff import diff_articles
from storage.export.origin import Origin, find_head
from storage.identity import address_key
from storage.moments import Moment, day_of, end_of, instant_of, last_of
from storage.portal_status import PortalStatus
from storage.portals import find_portal, slugs_of_province
from storage.queries import FoundArticle
from storage.readonly import open_engine
from storage.records import Change, FieldChange, Version
from storage.rows import Rows, as_text, record_columns, record_row
from storage.search import Order, Search
from storage.views import VIEWS
from storage.vocabulary import ChangeKind


class Holdings:
    """What an archive holds. Use as a context manager, or `close` it."""

    def __init__(self, place: str | Path) -> None:
        """Opens the archive: its folder, its database file, or the address of its PostgreSQL database.

        Raises `storage.errors.StorageError` where it is none that this version reads.
        """
        self._engine = open_engine(place)
        self._folder = Path(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database."""
        self._engine.dispose()

    def search(
        self, words: str = "", *, order: str = "newest", limit: int | None = 20, **filters: Any
    ) -> Rows[FoundArticle]:
        """Articles that hold all the words, as `portalwatch search` finds them. None as `limit` is all.

        Filters: `portal` (a slug or several), `province` (old or new name), `section`, `since`, `until` (of
        publication), `at` (what could be seen then, as it was).
        """
        with self._reading() as connection:
            wanted = replace(_search_of(connection, words, **filters), order=Order(order), limit=limit)
            return _articles(queries.read_found(connection, wanted))

    def articles(self, **filters: Any) -> Rows[FoundArticle]:
        """All articles that the filters of `search` allow."""
        with self._reading() as connection:
            return _articles(queries.read_found(connection, _everything(connection, _search_of(connection, **filters))))

    def show(self, url: str, *, at: Moment | None = None) -> FoundArticle:
        """The article at the address: its latest version, or the one of that time (of a day: its end).

        Raises `LookupError` where the archive has none.
        """
        with self._reading() as connection:
            found = _find(connection, url)
            return found if at is None else replace(found, version=_version_at(connection, found, at))

    def history(self, url: str) -> Rows[Version]:
        """The versions of the article at the address, in order of capture. Raises `LookupError`."""
        with self._reading() as connection:
            found = queries.read_versions(connection, _find(connection, url).article_id)
        return Rows(found, record_columns(Version), record_row)

    def diff(self, url: str, old: int, new: int) -> Rows[FieldChange]:
        """What differs between two versions of the article, by their numbers. Raises `LookupError`."""
        by_number = {one.number: one.article for one in self.history(url)}
        for number in (old, new):
            if number not in by_number:
                raise LookupError(f"{url}: no version {number}; it has 1 to {len(by_number)}")
        found = diff_articles(by_number[old], by_number[new])
        return Rows(found, record_columns(FieldChange), record_row)

    def changes(
        self,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        portal: str | Sequence[str] | None = None,
        province: str | None = None,
        kind: str | Sequence[str] = (),
        imported: bool = False,
    ) -> Rows[Change]:
        """What was recorded in that time, in its order, told or not; `until` as a day includes it.

        `imported`: also what only imports show.
        """
        with self._reading() as connection:
            portals = _portals(connection, portal, province)
            found = queries.read_changes(
                connection,
                since=instant_of(since) if since is not None else None,
                until=end_of(until) if until is not None else None,
                portals=portals or (),
                kinds=[ChangeKind(each) for each in _several(kind)],
                imported=imported,
                quiet=True,
            )
        return Rows(found if portals != () else (), record_columns(Change), record_row)

    def cite(self, url: str, *, at: Moment | None = None, style: str = "text") -> str:
        """The article as a reference: `text`, `bibtex`, `ris` or `csl-json`. Raises `LookupError`."""
        with self._reading() as connection:
            found = _find(connection, url)
            said = found.version if at is None else _version_at(connection, found, at)
            known = find_portal(connection, found.portal)
            evidence = queries.read_evidence(connection, said.capture_id)
        return as_cited(citation_of(said, evidence, known.name if known else found.portal), Style(style))

    def export(self, path: str | Path, *, now: Moment, words: str = "", form: str | None = None, **filters: Any) -> int:
        """Writes what the filters allow to a file, as `portalwatch export` does; how many articles or captures.

        `now` is noted in the file. `form` is as the file is named unless given.
        """
        path = Path(path)
        ending = (known for known in export.Format if path.name.lower().endswith(known.endings))
        wanted_form = export.Format(form) if form is not None else next(ending, export.Format.JSONL)
        with self._reading() as connection:
            wanted = _everything(connection, _search_of(connection, words, **filters))
            question = " ".join([*([words] if words else []), *(f"{k}={v}" for k, v in filters.items())])
            origin = Origin(
                software=f"portalwatch {version('portalwatch')}",
                exported_at=instant_of(now),
                question=question or "everything",
                head=find_head(connection),
            )
            return export.export_file(self._folder, connection, wanted, wanted_form, path, origin)

    def status(self) -> Rows[PortalStatus]:
        """How each portal is doing."""
        with self._reading() as connection:
            slugs = portal_status.read_portals(connection)
            found = [portal_status.read_portal_status(connection, slug) for slug in slugs]
        return Rows(found, _STATUS, _status_row)

    def view(self, name: str) -> Rows[RowMapping]:
        """All rows of a view: `articles`, `versions`, `changes`, `related`, `runs`, `stories`."""
        view = next((one for one in VIEWS if one.name == name), None)
        if view is None:
            raise LookupError(f"{name}: no view; there are {', '.join(one.name for one in VIEWS)}")
        typed = [column(key, each.expression.type) for key, each in view.columns.items()]
        with self._reading() as connection:
            found = connection.execute(select(*typed).select_from(table(name))).mappings().all()
        return Rows(found, view_columns(view), lambda row: {key: as_text(value) for key, value in row.items()})

    def sql(self, query: str, **values: Any) -> Rows[RowMapping]:
        r"""The rows of a query in SQL; `:name` in it stands for a value. Instants are text on SQLite.

        A colon that is none of these, but stands before a letter, is written `\:`. Raises `ValueError`.
        """
        try:
            with self._engine.connect() as connection:
                result = connection.execute(text(query), values)
                names, found = list(result.keys()), result.mappings().all()
        except StatementError as error:
            why = str(error.orig).partition(" (Background on")[0]
            raise ValueError(f"{why}: {query}") from error
        except ResourceClosedError as error:
            raise ValueError(f"it gives no rows: {query}") from error
        kinds = [_kind_of(row[name] for row in found) for name in names]
        columns = [Column(name=name, kind=kind, description="") for name, kind in zip(names, kinds, strict=True)]
        return Rows(found, columns, dict)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with database.reading(self._engine) as connection:
            yield connection


def _search_of(
    connection: Connection,
    words: str = "",
    *,
    portal: str | Sequence[str] | None = None,
    province: str | None = None,
    section: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    at: Moment | None = None,
) -> Search:
    return Search(
        words=words,
        portals=_portals(connection, portal, province),
        section=section,
        since=day_of(since) if since is not None else None,
        until=day_of(until) if until is not None else None,
        at=last_of(at) if at is not None else None,
        limit=None,
    )


def _everything(connection: Connection, wanted: Search) -> Search:
    """The search, of all portals where nothing narrows it."""
    if wanted.words.strip() or wanted.is_narrowed:
        return wanted
    return replace(wanted, portals=tuple(portal_status.read_portals(connection)))


def _portals(
    connection: Connection, portal: str | Sequence[str] | None, province: str | None
) -> tuple[str, ...] | None:
    """The slugs that are meant; None is all. Raises `LookupError` for one that the archive does not have."""
    named = _several(portal) if portal is not None else None
    known = portal_status.read_portals(connection)
    for slug in named or ():
        if slug not in known:
            raise LookupError(f"{slug}: no portal of this archive; it has {', '.join(known) or 'none'}")
    if province is None:
        return named
    theirs = slugs_of_province(connection, province)
    if theirs is None:
        raise LookupError(f"{province}: no province by this name, before or after 1 July 2025")
    return theirs if named is None else tuple(slug for slug in theirs if slug in named)


def _several(named: str | Sequence[str]) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else tuple(named)


def _find(connection: Connection, url: str) -> FoundArticle:
    for fold_case in (False, True):
        keys = dict.fromkeys(portal_status.read_portals(connection), address_key(url, fold_case=fold_case))
        found = queries.find_by_key(connection, keys)
        if found is not None:
            return found
    raise LookupError(f"{url}: no article of this archive")


def _version_at(connection: Connection, found: FoundArticle, at: Moment) -> Version:
    said = queries.find_version_at(connection, found.article_id, last_of(at))
    if said is None:
        raise LookupError(f"{found.url}: not captured before {at}")
    return said


def _articles(found: Iterator[FoundArticle]) -> Rows[FoundArticle]:
    return Rows(found, article_columns(), _article_row)


def _article_row(item: FoundArticle) -> Mapping[str, Any]:
    from storage.export.parquet import article_row  # with pyarrow, which only tables need

    return article_row(item)


_STATUS = (
    Column(name="portal", kind="string", description="Slug of the portal.", nullable=False),
    Column(name="last_run_at", kind="datetime", description="When its latest run began."),
    Column(name="last_state", kind="string", description="What became of that run."),
    Column(name="last_success_at", kind="datetime", description="When the latest run without a grave problem began."),
    Column(name="live", kind="integer", description="Articles alive.", nullable=False),
    Column(name="gone", kind="integer", description="Articles told as gone.", nullable=False),
    Column(name="waiting", kind="integer", description="Addresses that wait to be fetched.", nullable=False),
)


def _status_row(status: PortalStatus) -> dict[str, Any]:
    last, well = status.last_run, status.last_success
    return {
        "portal": status.portal,
        "last_run_at": last.started_at if last else None,
        "last_state": last.state if last else None,
        "last_success_at": well.started_at if well else None,
        "live": status.live,
        "gone": status.gone,
        "waiting": status.waiting,
    }


def _kind_of(values: Iterator[Any]) -> str:
    """The kind of a column of a query, by its values."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds and kinds <= {int}:
        return "integer"
    return "number" if kinds and kinds <= {int, float} else "string"
