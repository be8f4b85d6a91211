"""What differs between two versions of an article, field by field and place by place, and how much it matters.

What it does not do: store, print or translate. Pure. `diff_articles` is empty exactly where
`storage.digests.same_content` is true. Pictures are not compared: their addresses carry cache tokens. What compares
texts is imported when two are compared, which most runs do not.

Weights are a table, not code. A subscriber who asks for substantive changes wants what alters the statement: numbers,
dates, names, negations, other words, text added or taken away, files. Minor is what leaves the statement alone: a typo,
a paragraph that stands elsewhere, who signed, where it was filed. Technical is what nobody reads: letter case, blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from storage.difference import Place
from storage.digests import attachment_key, normal, same_time
from storage.records import VIETNAM, Article, Attachment, FieldChange
from storage.vocabulary import ChangeKind, Precision, Remark, Weight
from storage.words import FRAGMENT_MAX_CHARS, Span, Words, head, quote, words

WEIGHTS: dict[tuple[str, str], Weight] = {
    ("byline", "name"): Weight.MINOR,
    ("section", "wording"): Weight.MINOR,
    ("*", "typo"): Weight.MINOR,
    ("*", "paragraph_moved"): Weight.MINOR,
    ("*", "typography"): Weight.TECHNICAL,
    ("*", "encoding"): Weight.TECHNICAL,
}
"""Weight by field and class; `*` is any field. What is not listed is substantive."""

TEXT = frozenset({"title", "lead", "body", "attachments"})
"""Fields in which a change of substance should have moved the date."""

_KNOWN_BY = 4  # words by which a place of one text is found in the other

GRAVEST_FIRST = ("number", "date", "negation", "name", "wording", "typo", "typography", "encoding")
"""Which class speaks for a headline with differences of several classes."""


def diff_articles(old: Article, new: Article) -> tuple[FieldChange, ...]:
    """The differences in the order title, lead, body, byline, published, section, attachments; () for same content."""
    return (
        *_tell("title", _apart_from_encoding(_headline, old.title, new.title)),
        *_tell("lead", _apart_from_encoding(_text, old.lead, new.lead)),
        *_tell("body", _apart_from_encoding(_text, old.body, new.body)),
        *_tell("byline", _line(old.byline, new.byline, "name")),
        *_tell("published", _published(old, new)),
        *_tell("section", _line(old.section, new.section, "wording")),
        *_tell("attachments", _attachments(old.attachments, new.attachments)),
    )


def weigh(fields: Iterable[FieldChange]) -> Weight:
    """The weight of the gravest difference; without any, technical."""
    weights = {WEIGHTS.get((each.field, each.cls), WEIGHTS.get(("*", each.cls), Weight.SUBSTANTIVE)) for each in fields}
    return next((weight for weight in (Weight.SUBSTANTIVE, Weight.MINOR) if weight in weights), Weight.TECHNICAL)


def weight_of(kind: ChangeKind, fields: Iterable[FieldChange] = ()) -> Weight:
    """The weight of a change: that of its differences for `edited`, minor for `moved`, else substantive."""
    if kind is ChangeKind.EDITED:
        return weigh(fields)
    return Weight.MINOR if kind is ChangeKind.MOVED else Weight.SUBSTANTIVE


def remark_on(kind: ChangeKind, fields: Iterable[FieldChange]) -> Remark | None:
    """What the differences of an edit say together: a silent one, or a date that moved alone; None for others."""
    told = list(fields)
    if kind is not ChangeKind.EDITED or not told:
        return None
    if all(each.field == "published" for each in told):
        return Remark.DATE_ALONE
    text = [each for each in told if each.field in TEXT]
    moved = any(each.field == "published" for each in told)
    return Remark.SILENT if not moved and weigh(text) is Weight.SUBSTANTIVE else None


def _tell(field: str, places: Iterable[Place]) -> list[FieldChange]:
    return [FieldChange(field=field, cls=place.cls, old=place.old, new=place.new) for place in places]


def _apart_from_encoding(
    compare: Callable[[str | None, str | None], list[Place]], old: str | None, new: str | None
) -> list[Place]:
    """The places of two texts, of which a broken or mended encoding is one, however many letters it touches."""
    from storage.garbling import mended, restored

    texts = old or "", new or ""
    sound = mended(texts[0]), mended(texts[1])
    sound = restored(sound[0], sound[1]), restored(sound[1], sound[0])
    if sound == texts:
        return _one_encoding(compare(old, new))
    broken = tuple(normal(text) != normal(mend) for text, mend in zip(texts, sound, strict=True))
    if broken[0] == broken[1] or normal(old) == normal(new):
        return _one_encoding(compare(old, new))
    quoted = _around_fault(texts, sound, 0 if broken[0] else 1)
    return _one_encoding([Place("encoding", *quoted), *compare(*sound)])


def _one_encoding(places: list[Place]) -> list[Place]:
    """The places with only the first of those of class `encoding`: the fault is one."""
    first = next((place for place in places if place.cls == "encoding"), None)
    return [place for place in places if place.cls != "encoding" or place is first]


def _around_fault(texts: Sequence[str], sound: Sequence[str], side: int) -> tuple[str | None, str | None]:
    """Quotations of both texts from where the one of `side` was mended; of the other from its beginning if need be."""
    shown, mend, other = words(texts[side]), words(sound[side]), words(texts[1 - side])
    pairs = enumerate(zip(shown.plain, mend.plain, strict=False))
    at = next((at for at, (before, after) in pairs if before != after), 0)
    those = mend.plain[at : at + _KNOWN_BY]
    there = next((to for to in range(len(other)) if other.plain[to : to + len(those)] == those), 0)
    quoted = [
        quote(text, Span(start, min(start + 1, len(text))), Span(0, len(text))) or None
        for text, start in ((shown, at), (other, there))
    ]
    return (quoted[0], quoted[1]) if side == 0 else (quoted[1], quoted[0])


def _headline(old: str | None, new: str | None) -> list[Place]:
    """One place for a title, quoted whole where it is short enough, under the gravest class found in it."""
    from storage.places import word_places

    before, after = words(old), words(new)
    places = word_places(before, after)
    if not places:
        return []
    gravest = min(places, key=lambda place: GRAVEST_FIRST.index(place.cls))
    whole = _whole(before), _whole(after)
    if all(len(text or "") <= FRAGMENT_MAX_CHARS for text in whole):
        return [Place(gravest.cls, *whole)]
    return [gravest]


def _text(old: str | None, new: str | None) -> list[Place]:
    """The places of two texts of some length."""
    from storage.places import text_places

    return text_places(old, new)


def _line(old: str | None, new: str | None, cls: str) -> list[Place]:
    """One place for a field of one line; letter case and blanks alone are typography."""
    before, after = words(old), words(new)
    if before.plain == after.plain:
        return []
    if "".join(before.plain).casefold() == "".join(after.plain).casefold():
        cls = "typography"
    return [Place(cls, _quoted(before), _quoted(after))]


def _published(old: Article, new: Article) -> list[Place]:
    """The date, with the time of day where both print one; both in ISO form: `2021-02-26`, `2021-02-26T08:00`."""
    if old.printed_on == new.printed_on and same_time(old, new):
        return []
    timed = old.printed_on == new.printed_on
    return [Place("date", _moment(old, timed=timed), _moment(new, timed=timed))]


def _moment(article: Article, *, timed: bool) -> str | None:
    if timed and article.printed_at is not None:
        spec = "seconds" if article.published_precision is Precision.SECOND else "minutes"
        return article.printed_at.astimezone(VIETNAM).replace(tzinfo=None).isoformat(timespec=spec)
    return article.printed_on.isoformat() if article.printed_on else None


def _attachments(old: tuple[Attachment, ...], new: tuple[Attachment, ...]) -> list[Place]:
    """Files replaced (same link text), renamed (same address), removed and added, told as `title <address>`."""
    gone, come = _only_in(old, new), _only_in(new, old)
    places: list[Place] = []
    for part in (0, 1):  # the link text first, then the address
        for before in list(gone):
            after = next((each for each in come if attachment_key(each)[part] == attachment_key(before)[part]), None)
            if after is not None:
                places.append(Place("attachment", file_words(before), file_words(after)))
                gone.remove(before)
                come.remove(after)
    places += [Place("attachment", file_words(each), None) for each in gone]
    return places + [Place("attachment", None, file_words(each)) for each in come]


def _only_in(files: tuple[Attachment, ...], others: tuple[Attachment, ...]) -> list[Attachment]:
    known = {attachment_key(each) for each in others}
    return list({attachment_key(each): each for each in files if attachment_key(each) not in known}.values())


def file_words(attachment: Attachment) -> str:
    """A file as differences name it: `Lịch tiếp công dân <http://…/lich.pdf>`."""
    title = words(attachment.title)
    return f"{_quoted(title)} <{attachment.url}>" if len(title) else f"<{attachment.url}>"


def _quoted(text: Words) -> str | None:
    return head(text) if len(text) else None


def _whole(text: Words) -> str | None:
    return " ".join(text.shown) or None
