"""The passes over the portal, what is done before each, and what each must tell.

Confirmation takes time: an article is told as gone or delisted after two visits at least 24 hours apart ([gone]
confirmations and min_hours are left at their defaults), and one that was replaced altogether after two. So before the
second pass stand two visits in which the articles vanish that it finds restored, and after it one that confirms. Then
the portal is redesigned, is down, and is well again; of its health is told what two runs agree on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from acceptance.deeds import IN_TEXT, Deed, Editor, Told
from acceptance.noise import WEARS
from acceptance.portal import Portal, serving
from acceptance.watch import Pass, Run, Score, Watch, score

RESTORED = {"404": "404", "410": "410", "soft": "soft_404", "form": "login", "302 /": "redirect_home"}
GONE = RESTORED | {"302 /thong-bao": "redirect_home", "302 /dang-nhap": "login"}
"""What an address answers, and the kind that is told."""
HEADS = ("title wording", "lead", "byline", "date alone", "text and date", "section")
PARAGRAPHS = ("paragraph_added", "paragraph_removed", "paragraph_moved")
FILES = ("file replaced behind the same link", "file added", "file removed", "file renamed", "file exchanged")
MOVES = ("301", "302", "404", "soft", "302 /")
EACH = 3
"""How often each thing is done."""


@dataclass
class Story:
    """What every pass told, and the portal as it is in the end."""

    portal: Portal
    watch: Watch
    scores: list[Score] = field(default_factory=list)
    first_report: str = ""
    """The text that people read after the first crawl."""


@contextmanager
def tell_story(
    archive: Path, run: Run, *, redesign: str = "due", after: Callable[[Story, Score], None] | None = None
) -> Iterator[Story]:
    """Makes all passes on loopback. `redesign`: which pages are visited in the new dress; `after` comes after each."""
    portal = Portal(now=datetime.fromisoformat("2021-04-13T09:00:00+07:00"))
    with serving(portal) as url:
        story = Story(portal, Watch(archive, url, run))
        story.watch.set_up()
        for each in passes(portal, redesign):
            story.scores.append(score(story.watch, portal, each))
            if each.name == "first":
                story.first_report = story.watch.do("changes", "--since", "2021-04-13", "--lang", "en").out
            if after is not None:
                after(story, story.scores[-1])
        yield story


def passes(portal: Portal, redesign: str) -> Iterator[Pass]:
    """The passes one after the other; the portal is changed before each is given."""
    editor = Editor(portal)
    yield Pass("first", "2021-04-13T09:00:00+07:00", "all", [_first(path) for path in _paths(portal)])
    vanished = [editor.remove(answer, kind, young=True) for answer, kind in RESTORED.items()]
    yield Pass("restored ones vanish", "2021-04-14T10:00:00+07:00", "due", [])
    yield Pass("which is confirmed", "2021-04-15T11:00:00+07:00", "due", vanished)
    at_once, confirmed, back = _work(editor, vanished)
    make_noise(portal, editor)
    yield Pass("second", "2021-04-16T12:00:00+07:00", "all", at_once)
    yield Pass("which is confirmed too", "2021-04-17T13:00:00+07:00", "due", confirmed + [do() for do in back])
    yield Pass("third", "2021-04-18T14:00:00+07:00", "all", [])
    portal.redesigned = True
    yield Pass("redesign", "2021-04-20T15:00:00+07:00", redesign, [])
    portal.outage = True
    yield Pass("outage", "2021-04-21T16:00:00+07:00", "due", [])
    yield Pass("outage goes on", "2021-04-21T20:00:00+07:00", "due", [])
    portal.outage = False
    yield Pass("recovery", "2021-04-22T17:00:00+07:00", "due", [])
    yield Pass("recovery lasts", "2021-04-22T21:00:00+07:00", "none", [])


def make_noise(portal: Portal, editor: Editor) -> None:
    """Half of the articles nobody touched, and every fourth that was edited, are saved again with the same words."""
    wears = [*map(frozenset, ([name] for name in (*WEARS, "lines", "charset"))), frozenset({"nfd", "spans", "blanks"})]
    for number in portal.articles:
        if number % (4 if number in editor.touched else 2) == 1:
            portal.wears[number] = wears[number // 2 % len(wears)]
    portal.menu = ["Giới thiệu", "Bầu cử 2021", "Văn bản mới", "Liên hệ"]


def _work(editor: Editor, vanished: list[Deed]) -> tuple[list[Deed], list[Deed], list[Callable[[], Deed]]]:
    """All deeds: what is told at the next visit, what at the one that confirms, and what is done in between."""
    edits = [partial(editor.edit_words, spot) for spot in IN_TEXT]
    edits += [partial(editor.edit_paragraphs, name) for name in PARAGRAPHS]
    edits += [partial(editor.edit_head, name) for name in HEADS]
    edits += [partial(editor.edit_files, name) for name in FILES]
    edits += [partial(editor.move, answer) for answer in MOVES]
    at_once = [do() for do in edits for _ in range(EACH)]
    at_once += [editor.publish(900 + number) for number in range(4 * EACH)]
    at_once += [editor.restore(deed) for deed in vanished]
    flips = [editor.flip() for _ in range(EACH)]
    confirmed = [editor.remove(answer, kind) for answer, kind in GONE.items() for _ in range(EACH)]
    confirmed += [editor.delist() for _ in range(EACH)]
    confirmed += [editor.replace(number) for number in range(EACH)]
    return at_once + [there for there, _ in flips], confirmed, [back for _, back in flips]


def _paths(portal: Portal) -> list[str]:
    return [article.path for article in portal.articles.values()]


def _first(path: str) -> Deed:
    return Deed(name="first crawl", told=Told(kind="new", path=path))
