"""Rebuilds versions from captures with today's rules, in parallel processes. It alerts nobody.

    captures ─► bundles of an article ─► processes: bytes → Article (pure) ─► rebuild ─► one writer: versions, progress

Each batch is one transaction with how far it has come, so that a killed re-parse goes on from there. What it does not
do: write changes, take versions away, or fetch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from crawler import answers
from crawler.dating import dated
from crawler.parsing import PARSER_VERSION
from crawler.portals import Portal
from crawler.replay import readers
from crawler.replay.rebuilding import Addition, Lost, Reread, Why, differing, rebuild
from storage import addresses, history, timeline
from storage.archive import Archive
from storage.claims import find_claim
from storage.evidence import load_capture
from storage.records import ReadBy
from storage.rereading import (
    Bundle,
    Progress,
    begin_reparse,
    count_captures,
    end_reparse,
    read_bundles,
    read_stored,
    save_progress,
    set_all_checked_by,
)
from storage.timeline import Provenance
from storage.vocabulary import Cause

_PART_OF = dict.fromkeys(("published_at", "published_on", "published_precision", "published_raw"), "published")
_HEAD_OF = {"published": "published_on"}

Watcher = Callable[[int, int], None]
"""Told (captures done, captures in all)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Improved:
    """What a re-parse found."""

    portal: str
    """Slug of the portal."""
    counts: Mapping[str, int]
    """`captures` read; versions that are `better`, `later` or `first`; `articles` that had none; `lost` versions; and
    `gained:…`, `changed:…`, `dropped:…` for each field."""


def reparse(
    archive: Archive, portal: Portal, *, now: datetime, jobs: int | None = None, watch: Watcher | None = None
) -> Improved:
    """Reads the portal's captures again and writes what is better. The caller holds the archive's lock.

    Raises `StorageError` where a capture cannot be loaded; what was written until then stays.
    """
    read_by = ReadBy(rules_fingerprint=portal.fingerprint, parser_version=PARSER_VERSION)
    with archive.writing() as connection:
        progress = begin_reparse(connection, portal.slug, read_by, now)
    with archive.reading() as connection:
        total = count_captures(connection, portal.slug, progress)
    writer = _Writer(archive, portal, read_by, now, progress)
    done = 0
    with archive.reading() as connection, readers.readers(jobs, total, preload=__name__) as pool:
        batches = _batches(read_bundles(connection, portal.slug, progress))
        for bundles, rereads in readers.read_all(pool, archive.path, portal, batches, read_batch):
            writer.write(bundles, rereads)
            done += sum(len(bundle.captures) for bundle in bundles)
            if watch is not None:
                watch(done, total)
    with archive.writing() as connection:
        end_reparse(connection, portal.slug, now)
        if writer.wrote:
            archive.seal_versions(connection, portal.slug, now)
    archive.publish()
    return Improved(portal=portal.slug, counts=dict(writer.counts))


class _Writer:
    """Writes what batches of bundles turned out to say."""

    def __init__(self, archive: Archive, portal: Portal, read_by: ReadBy, now: datetime, progress: Progress) -> None:
        self._archive = archive
        self._portal = portal
        self._read_by = read_by
        self._now = now
        self._progress = progress
        self.counts = Counter({name: int(count) for name, count in progress.counts.items()})

    @property
    def wrote(self) -> bool:
        """Whether a version arose, in this process or before it was killed."""
        return any(self.counts[why.value] for why in Why)

    def write(self, bundles: Sequence[Bundle], rereads: Iterable[list[Reread]]) -> None:
        """One transaction for a batch."""
        counts = self.counts.copy()
        progress = self._progress
        known = [bundle.article_id for bundle in bundles if bundle.article_id is not None]
        checked = []
        with self._archive.writing() as connection:
            stored = read_stored(connection, known)
            for bundle, read in zip(bundles, rereads, strict=True):
                counts["captures"] += len(read)
                article_id = bundle.article_id or self._find_article(connection, bundle, read, counts)
                if article_id is not None:
                    due = rebuild(stored.get(article_id, []), read, find_claim(connection, article_id))
                    self._write_versions(connection, article_id, due, counts)
                    checked.append(article_id)
                if bundle.article_id is not None:
                    progress = replace(progress, articles_through=bundle.article_id)
                else:
                    progress = replace(progress, addresses_through=bundle.address_id)
            set_all_checked_by(connection, checked, self._read_by)
            progress = replace(progress, counts=dict(counts))
            save_progress(connection, self._portal.slug, progress)
        self.counts, self._progress = counts, progress

    def _write_versions(
        self, connection: Connection, article_id: int, due: Iterable[Addition | Lost], counts: Counter[str]
    ) -> None:
        """The versions of the article that are due."""
        for found in due:
            if isinstance(found, Lost):
                counts["lost"] += 1
                continue
            self._count(found, counts)
            provenance = Provenance(
                capture_id=found.reread.capture_id,
                captured_at=found.reread.captured_at,
                recorded_at=self._now,
                cause=Cause.REPARSE,
                read_by=self._read_by,
            )
            timeline.add_version(connection, article_id, found.article, provenance)

    def _find_article(
        self, connection: Connection, bundle: Bundle, read: list[Reread], counts: Counter[str]
    ) -> int | None:
        """The new article of an address that can be read at last; None where it is none, or one that is known."""
        address = addresses.find_address(connection, self._portal.slug, bundle.key)
        first = next((one for one in read if one.article is not None), None)
        if address is None or first is None or first.article is None:
            return None
        article = dated(first.article, None, address.claim, fetched_at=first.captured_at)
        if address.is_unproven and article.published_on is None:
            return None
        known = history.find_same_article(connection, self._portal.slug, first.article)
        if known is not None:
            addresses.attach(connection, self._portal.slug, bundle.key, known.article_id)
            return None
        counts["articles"] += 1
        url = first.article.url
        article_id = history.add_article(connection, self._portal.slug, url, bundle.key, first.captured_at)
        addresses.attach(connection, self._portal.slug, bundle.key, article_id)
        return article_id

    @staticmethod
    def _count(found: Addition, counts: Counter[str]) -> None:
        counts[found.why.value] += 1
        if found.why is Why.BETTER and found.before is not None:
            before, after = found.before, found.article
            for name in dict.fromkeys(_PART_OF.get(name, name) for name in differing(before, after)):
                had, has = (bool(getattr(article, _HEAD_OF.get(name, name))) for article in (before, after))
                counts[f"{'changed' if had and has else 'gained' if has else 'dropped'}:{name}"] += 1


def _batches(bundles: Iterator[Bundle]) -> Iterator[list[Bundle]]:
    """Bundles together until they have `BATCH` captures."""
    batch: list[Bundle] = []
    size = 0
    for bundle in bundles:
        batch.append(bundle)
        size += len(bundle.captures)
        if size >= readers.BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_batch(archive: Path, portal: Portal, batch: list[Bundle]) -> list[list[Reread]]:
    """What the captures of each bundle say."""
    return [_read_bundle(archive, portal, bundle) for bundle in batch]


def _read_bundle(archive: Path, portal: Portal, bundle: Bundle) -> list[Reread]:
    """What the captures say. A page that repeats the one before it is not read again."""
    found: list[Reread] = []
    for stored in bundle.captures:
        before = found[-1] if found else None
        if before is not None and before.payload_of == stored.payload_place and before.url == stored.url:
            found.append(replace(before, capture_id=stored.capture_id, captured_at=stored.fetched_at))
            continue
        reading = answers.read(load_capture(archive, stored), portal)
        found.append(
            Reread(
                capture_id=stored.capture_id,
                captured_at=stored.fetched_at,
                payload_of=stored.payload_place,
                url=stored.url,
                article=reading.article,
                has_end=reading.has_end,
            )
        )
    return found
