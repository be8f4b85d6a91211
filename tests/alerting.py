"""Alerts over an archive filled by hand: changes, subscriptions, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from watched import PORTAL, Watched, article

from crawler.i18n import load_messages
from crawler.monitor.delivery import Alerting, Dispatch
from crawler.subscriptions import AlertPolicy, Channel, Subscription
from crawler.subscriptions.matching import Addressing
from storage import history, letters, portal_status
from storage.diff import diff_articles, weigh
from storage.letters import Letter
from storage.records import Article, Run
from storage.vocabulary import Cause, ChangeKind, Weight

POLICY = AlertPolicy(timeout_s=5, tries=1)


@dataclass
class Desk:
    """Records changes of one portal, and sends what is due."""

    watched: Watched
    subscriptions: Sequence[Subscription]
    policy: AlertPolicy = POLICY
    environment: dict[str, str] = field(default_factory=dict)
    late: timedelta = timedelta()
    """How long after the last crawl the alert runs."""

    def begin(self, hour: float) -> Run:
        """A run that is not the first crawl: an article was known a quarter of an hour before."""
        with self.watched.archive.reading() as connection:
            is_known = bool(portal_status.read_runs(connection, PORTAL))
        if not is_known:
            first = self.watched.begin(hour - 0.25)
            self.watched.new(first, "nền")
            self.watched.finish(first)
        run = self.watched.begin(hour)
        self.watched.archive.tell_of(PORTAL, Addressing(subscriptions=self.subscriptions, province="lao-cai"))
        return run

    def new(self, run: Run, *titles: str, **fields: Any) -> list[int]:
        """New articles, told as such."""
        with self.watched.write():
            return [
                self.watched.new(run, f"{run.run_id}-{n}", article(title, **fields), tell=True)
                for n, title in enumerate(titles)
            ]

    def edit(self, run: Run, article_id: int, text: Article) -> None:
        """A further version of the article, and its change."""
        before = self.watched.article(article_id).version
        fields = diff_articles(before.article, text)
        with self.watched.write() as connection:
            kept = self.watched.fetch(run, f"e{article_id}")
            version = self.watched.version(kept, article_id, text, Cause.CRAWL)
            history.add_change(
                connection, run, ChangeKind.EDITED, version, url=text.url, at=self.watched.instant,
                fetched_at=self.watched.instant, weight=weigh(fields) if fields else Weight.TECHNICAL,
                previous=before, fields=fields,
            )  # fmt: skip

    def alert(self) -> list[Dispatch]:
        """`portalwatch alert`, in this process."""
        return self.alerting().deliver()

    def alerting(self) -> Alerting:
        return Alerting.of(
            self.watched.archive,
            self.subscriptions,
            self.policy,
            clock=lambda: self.watched.instant + self.late,
            environment=self.environment,
            speak=lambda one: load_messages(one.language or "en"),
            names={PORTAL: "Cổng Lào Cai"},
        )

    def letters(self, state: str) -> list[Letter]:
        with self.watched.archive.reading() as connection:
            return letters.read_letters(connection, state)


@contextmanager
def desk_of(watched: Watched, *subscriptions: Subscription, **fields: Any) -> Iterator[Desk]:
    """A desk; the archive forgets the subscriptions afterwards."""
    try:
        yield Desk(watched, subscriptions, **fields)
    finally:
        watched.archive._addressing.clear()


def subscription(*references: str, name: str = "tin", **fields: Any) -> Subscription:
    """A subscription with these channels."""
    channels = tuple(
        Channel(reference=each, where="portalwatch.toml:3: subscription[0].channel") for each in references
    )
    return Subscription(name=name, channels=channels, **fields)
