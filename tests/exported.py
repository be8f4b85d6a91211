"""An archive with evidence, filled by hand, for the tests of exports: what was kept, and where it belongs."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from watched import PORTAL, Watched, article, at

from storage import addresses, history
from storage.archive import Archive
from storage.export import Format, Origin, export_file
from storage.records import Article, Attachment, Image, Kept, Related, Run
from storage.search import Search
from storage.vocabulary import Absence, OutcomeKind, Precision, Role

ORIGIN = Origin(software="portalwatch 0", exported_at=at(100), question="everything", head=None)
PACKED = gzip.compress(b"<p>Hop</p>" * 50, mtime=0)
GZIP = (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"))

MEETING = article(
    "Đắk Lắk: hội nghị tổng kết",
    lead="Sáng 12/4",
    published_at=datetime.fromisoformat("2021-04-12T08:30:00+07:00"),
    published_precision=Precision.MINUTE,
    related=(Related(title="Tin cũ", url=None, published_on=at(-24).date(), published_raw="(12/04)"),),
    attachments=(Attachment(title=None, url="http://lao-cai.example/qd.pdf"),),
    images=(Image(url="http://lao-cai.example/a.jpg", caption="Toàn cảnh"),),
    warnings=("no byline",),
)


def story(folder: Path, opened: Archive | None = None) -> Watched:
    """Article `hop` with two versions, a 304 and a 404; `khac` with the bytes of `hop`; a list and its second page."""
    watched = Watched(opened or Archive.open(folder, create=True))
    first = watched.begin(0)
    watched.keep(first, "tin", b"<ul></ul>", role=Role.LISTING)
    watched.keep(first, "tin#2", b"<ul>2</ul>", role=Role.LISTING, posted=b"page=2")
    kept = watched.keep(first, "hop", PACKED, headers=GZIP)
    meeting = new(watched, first, "hop", MEETING, kept)
    copied = watched.keep(first, "khac", PACKED, headers=GZIP)
    assert copied.revisit_of == kept.capture_id
    new(watched, first, "khac", article("Kinh tế: giá thép", section="Kinh tế", published_on=None), copied)
    close(watched, first, 1)
    second = watched.begin(24)
    watched.visit(second, "hop", OutcomeKind.NOT_MODIFIED, kept=watched.keep(second, "hop", b"", status=304))
    close(watched, second, 25)
    third = watched.begin(48)
    edited = watched.keep(third, "hop", b"<p>Hop, da sua</p>")
    watched.version(edited, meeting, replace(MEETING, body=MEETING.body + "Đã sửa."))
    watched.visit(third, "hop", OutcomeKind.EDITED, kept=edited, article_id=meeting)
    close(watched, third, 49)
    fourth = watched.begin(72)
    missing = watched.keep(fourth, "hop", b"404", status=404)
    watched.visit(fourth, "hop", OutcomeKind.ABSENT, kept=missing, article_id=meeting, absence=Absence.NOT_FOUND)
    close(watched, fourth, 73)
    return watched


def new(watched: Watched, run: Run, key: str, text: Article, kept: Kept) -> int:
    """A new article, read from that capture."""
    with watched.write() as connection:
        watched.discover(key)
        url = kept.capture.url
        article_id = history.add_article(connection, PORTAL, url, key, kept.capture.fetched_at)
        addresses.attach(connection, PORTAL, key, article_id)
        watched.version(kept, article_id, replace(text, url=url))
        watched.visit(run, key, OutcomeKind.NEW, kept=kept, article_id=article_id)
    return article_id


def export(watched: Watched, form: Format, path: Path, search: Search | None = None) -> int:
    """The export as the command makes it."""
    everything = Search(portals=(PORTAL,), limit=None)
    with watched.archive.reading() as connection:
        return export_file(watched.archive.path, connection, search or everything, form, path, ORIGIN)


def close(watched: Watched, run: Run, hour: float) -> None:
    watched.now = hour
    watched.finish(run)
    with watched.write() as connection:
        watched.archive.seal(connection, PORTAL, watched.instant)
    watched.archive.publish()
