"""One address visited in one run, and the few writes that every visit ends with.

What it does not do: decide what a visit means (`crawler.recording`), or open transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from crawler.frontier import Budget
from crawler.parsing import PARSER_VERSION
from crawler.portals import Portal
from storage import addresses, discovery, forms, history, runs, unvisited
from storage.archive import Archive
from storage.discovery import Found
from storage.records import Address, Article, Capture, FieldChange, Kept, Outcome, ReadBy, Run, Version
from storage.vocabulary import READ_WELL, Absence, Cause, ChangeKind, OutcomeKind, Role, Weight


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One address visited in one run, and all that is needed to record it."""

    connection: Connection
    """The transaction that all of it is written in."""
    archive: Archive
    """Where earlier captures are."""
    portal: Portal
    """The portal."""
    run: Run
    """The run."""
    kept: Kept
    """The capture."""
    now: datetime
    """The present instant."""
    address: Address
    """The address as the frontier knows it."""
    since: date | None
    """Listing entries with an earlier date are not followed."""
    revisits: bool
    """True where known articles may be visited again: not with `--revisit none`."""
    budget: Budget
    """Where the run ends, whatever the page still names."""
    read: Callable[[Capture, Portal], Article | None]
    """Reads an earlier capture with today's rules."""

    @classmethod
    def of(
        cls,
        connection: Connection,
        *,
        archive: Archive,
        portal: Portal,
        run: Run,
        kept: Kept,
        now: datetime,
        since: date | None,
        revisits: bool,
        budget: Budget,
        read: Callable[[Capture, Portal], Article | None],
    ) -> Visit | None:
        """The visit that a capture is; None where the address already has its outcome in this run."""
        key = portal.key(kept.capture.url)
        address, is_done = unvisited.find_to_visit(connection, run, key)
        if is_done:
            return None
        if address is None:
            found = Found(key=key, url=kept.capture.url, role=kept.capture.role)
            discovery.discover(connection, portal.slug, [found], now)
            address = addresses.find_address(connection, portal.slug, key)
            assert address is not None
        return cls(
            connection=connection,
            archive=archive,
            portal=portal,
            run=run,
            kept=kept,
            now=now,
            address=address,
            since=since,
            revisits=revisits,
            budget=budget,
            read=read,
        )

    @property
    def is_led_to(self) -> bool:
        """True where the address is known only because a known article's own address redirects to it."""
        return self.address.moved_from is not None and self.address.article_id is None

    @property
    def read_by(self) -> ReadBy:
        """What reads today."""
        return ReadBy(rules_fingerprint=self.portal.fingerprint, parser_version=PARSER_VERSION)

    @property
    def is_import(self) -> bool:
        """True where others made the capture: what follows from it is history."""
        return self.run.cause is Cause.IMPORT

    def finish(
        self,
        kind: OutcomeKind,
        *,
        article_id: int | None = None,
        absence: Absence | None = None,
        detail: str | None = None,
        read_as: str | None = None,
        validators: bool = True,
        is_new: bool = False,
    ) -> Outcome:
        """Writes the outcome, and that the address was visited; of a page read well the validators too.

        `validators`: False where a 304 must not stand for the page, since not all that it said was made use of.
        `is_new`: the address belongs to the article from now on.
        """
        capture = self.kept.capture
        mine = (self.connection, self.portal.slug, self.address.key)
        if self.address.role is Role.LISTING:
            forms.drop_form(*mine)
        if kind in READ_WELL:
            etag = capture.header("ETag") if validators else None
            modified = capture.header("Last-Modified") if validators else None
            owner = article_id if is_new else None
            addresses.mark_read(*mine, capture.fetched_at, etag=etag, modified=modified, article_id=owner)
        else:
            told = not kind.is_failure and not self._is_worth_another_look(kind)
            addresses.mark_visited(*mine, capture.fetched_at, told=told)
        return runs.add_outcome(
            self.connection,
            self.run,
            key=self.address.key,
            url=capture.url,
            role=self.address.role,
            kind=kind,
            at=self.now,
            kept=self.kept,
            article_id=article_id,
            absence=absence,
            detail=detail,
            read_as=None if read_as in self.portal.platforms else read_as,
        )

    def set_aside(self, *, detail: str | None) -> Outcome:
        """Writes that the address was only a hint and leads nowhere: it is left alone."""
        addresses.set_aside(self.connection, self.portal.slug, self.address.key)
        visit = replace(self, address=replace(self.address, role=Role.OTHER))
        return visit.finish(OutcomeKind.OTHER_PAGE, detail=detail)

    def _is_worth_another_look(self, kind: OutcomeKind) -> bool:
        """True for a list at an article's address: portals answer so when they have a bad day, and correct it."""
        return kind is OutcomeKind.OTHER_PAGE and self.address.role is Role.ARTICLE

    def tell(
        self,
        kind: ChangeKind,
        version: Version,
        *,
        url: str,
        weight: Weight,
        previous: Version | None = None,
        fields: tuple[FieldChange, ...] = (),
        moved_to: str | None = None,
        first_crawl: bool = False,
        cause: Cause | None = None,
    ) -> None:
        """Writes a change of this visit. `cause`: that of the run, unless said."""
        history.add_change(
            self.connection,
            self.run,
            kind,
            version,
            url=url,
            at=self.now,
            fetched_at=self.kept.capture.fetched_at,
            weight=weight,
            previous=previous,
            fields=fields,
            moved_to=moved_to,
            first_crawl=first_crawl,
            cause=cause,
        )
