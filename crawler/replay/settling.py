"""What all captures of an import mean together: the edits between neighbours, absences that were confirmed.

It looks at each article that the import touched once, when everything is there, so that the order in which captures
came does not matter. It writes history: changes with the cause `import`, and the state only of articles that no crawl
has seen. What it does not do: look at pages, or at listings; what a file does not hold proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from crawler.replay.presence import Fact, facts
from storage import agreement, history, imports, queries
from storage.absences import GonePolicy
from storage.agreement import GENERIC
from storage.diff import diff_articles, weigh
from storage.digests import same_content
from storage.records import Article, Change, Run, Version
from storage.vocabulary import Cause, ChangeKind, Weight


@dataclass(frozen=True, kw_only=True, slots=True)
class Settling:
    """What is needed to settle the articles of an import."""

    runs: Mapping[int, Run]
    """The open imports of the portal."""
    frame: Collection[str]
    """Paragraphs that are the site's, where nobody says where an article ends."""
    policy: GonePolicy
    """When an absence is believed."""
    now: datetime
    """The present instant."""

    def settle(self, connection: Connection, article_id: int) -> None:
        """Writes the edits and absences of one article that are not recorded yet."""
        known = queries.read_changes_of(connection, article_id)
        self._settle_edits(connection, article_id, known)
        self._settle_presence(connection, article_id, known)

    def _settle_edits(self, connection: Connection, article_id: int, known: Sequence[Change]) -> None:
        """Between two neighbours, one of which was imported just now, lies an edit where they differ."""
        versions = queries.read_versions(connection, article_id)
        by_id = {version.version_id: version for version in versions}
        told = [
            (by_id[change.previous_version], by_id[change.version])
            for change in known
            if change.kind is ChangeKind.EDITED and change.previous_version in by_id and change.version in by_id
        ]
        last = {version.capture_id: version for version in versions}  # what today's rules read of each capture
        of_run = imports.read_runs_of(connection, [*last])
        for before, after in pairwise(last.values()):
            run = self.runs.get(of_run[after.capture_id]) or self.runs.get(of_run[before.capture_id])
            if run is None or GENERIC in {before.article.extractor} ^ {after.article.extractor}:
                continue
            old, new = _compared(before.article, self.frame), _compared(after.article, self.frame)
            if same_content(old, new) or any(_is_told(before, after, pair) for pair in told):
                continue
            fields = diff_articles(old, new)
            history.add_change(
                connection,
                run,
                ChangeKind.EDITED,
                after,
                url=after.article.url,
                at=self.now,
                fetched_at=after.captured_at,
                weight=weigh(fields),
                previous=before,
                fields=fields,
                cause=Cause.IMPORT,
            )

    def _settle_presence(self, connection: Connection, article_id: int, known: Sequence[Change]) -> None:
        """Absences that were confirmed, and returns; the state of the article only where no crawl has seen it."""
        article = history.find_article(connection, article_id)
        events = imports.read_events(connection, article_id)
        if article is None or not any(not event.alive for event in events):
            return
        found = list(facts(events, self.policy))
        if article.watched and found and found[-1].kind is ChangeKind.GONE:
            del found[-1]  # whether it is there today the crawls say
        settling = (ChangeKind.GONE, ChangeKind.RESTORED, ChangeKind.MOVED)
        history_of = [change for change in known if change.cause is Cause.IMPORT and change.kind in settling]
        recorded = {(change.kind, change.fetched_at) for change in history_of}
        run = next(iter(self.runs.values()))
        for fact in found:
            if (fact.kind, fact.at) not in recorded:
                _tell(connection, run, article, fact, self.now)
        if not article.watched and article.status != "moved":
            all_facts = sorted([(at, kind) for kind, at in recorded] + [(fact.at, fact.kind) for fact in found])
            gone = bool(all_facts) and all_facts[-1][1] is ChangeKind.GONE
            history.set_status(connection, article_id, "gone" if gone else "live")


def _compared(article: Article, frame: Collection[str]) -> Article:
    """The article without what is the site's, where nobody said where it ends."""
    return agreement.without(article, frame) if article.extractor == GENERIC else article


def _is_told(before: Version, after: Version, told: tuple[Version, Version]) -> bool:
    """True where this edit is recorded already, perhaps between captures that lay further apart."""
    old, new = told
    if (old.capture_id, new.capture_id) == (before.capture_id, after.capture_id):
        return True
    if not (old.captured_at <= before.captured_at and after.captured_at <= new.captured_at):
        return False
    return same_content(old.article, before.article) and same_content(new.article, after.article)


def _tell(connection: Connection, run: Run, article: history.Known, fact: Fact, now: datetime) -> None:
    version = queries.find_version_at(connection, article.article_id, fact.at) or article.version
    history.add_change(
        connection,
        run,
        fact.kind,
        version,
        url=article.url,
        at=now,
        fetched_at=fact.at,
        weight=Weight.SUBSTANTIVE,
        gone_kind=fact.absence,
        confirmations=fact.visits,
        cause=Cause.IMPORT,
    )
