"""When two texts, and two articles, say the same: the Vietnamese-aware normal form and the digests built on it.

What it does not do: tell what differs (`storage.diff`), read pages, or keep anything. Pure; standard library only.

Two articles are the same content when title, lead, body, byline, published date, section and attachments are equal in
their normal form (DESIGN §4.4); never whole pages (FAULTS finding 10). Left out on purpose: related lists, view
counters, pictures (their addresses carry cache tokens), language, warnings, and a date that the page does not print but
a feed says. Two decisions of weight:

- **Paragraph breaks are typography.** A template that turns `<br>` into `<p>` moves breaks through the whole site and
  changes no word, so the body is compared as its stream of words.
- **`same_content` is the authority, `content_digest` its index.** A new template may stop printing the time of day:
  then only the dates can be compared. Where both sides print a time, a changed time is an edit. No digest can say
  "equal unless both have a time", so the digest covers the date alone: the same content always has the same digest,
  and equal digests still ask `same_content`.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from storage.records import Article, Attachment
from storage.remembered import ByWord
from storage.vocabulary import Precision

SCHEME = "portalwatch-content-1"
"""Hashed in front of every content digest; raised whenever `normal` or the list of fields changes."""

IDENTITY_MIN_CHARS = 200
"""A shorter body ("Xem tệp đính kèm.") is shared by many articles and identifies none of them."""

_VOLATILE_PARAMETERS = frozenset(
    {"_", "cache", "jsessionid", "nocache", "phpsessid", "random", "rnd", "sessionid", "sid"}
    | {"t", "time", "timestamp", "token", "ts", "v"}
)
"""Query parameters that change by themselves: cache busters and sessions. Liferay's `version` is not one of them."""

_INVISIBLE_RANGES = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F),  # C0 and C1 controls that are not white space
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),  # zero-width, bidirectional
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Characters that leave no ink: soft hyphen, joiners, byte order mark, variation selectors, bidirectional marks …"""

_TONES = {"a": "àáảãạ", "e": "èéẻẽẹ", "o": "òóỏõọ", "u": "ùúủũụ", "y": "ỳýỷỹỵ"}


def _tone_placements() -> dict[str, str]:
    """New-style pairs and their old-style form in all letter cases: `oà → òa`, `OẺ → ỎE`, `Uỷ → Ủy`."""
    pairs: dict[str, str] = {}
    for first, second in ("oa", "oe", "uy"):
        for late, early in zip(_TONES[second], _TONES[first], strict=True):
            pairs[first + late] = early + second
            pairs[first.upper() + late] = early.upper() + second
            pairs[first.upper() + late.upper()] = early.upper() + second.upper()
            pairs[first + late.upper()] = early + second.upper()
    return pairs


def _plain_characters() -> dict[str, str]:
    """Typographic characters and what they become."""
    table = dict.fromkeys("“”„‟«»″〃＂", '"') | dict.fromkeys("‘’‚‛′`´ʼʹ＇‹›", "'")
    table |= dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-")
    return table | {"…": "...", "\u00d0": "Đ", "\u0189": "Đ"}  # Eth and African D look like Đ and are typed for it


_PLACEMENTS = _tone_placements()
_PLAIN = _plain_characters()
_INVISIBLE_CHARACTERS = "".join(f"{chr(low)}-{chr(high)}" for low, high in _INVISIBLE_RANGES)
_INVISIBLE = re.compile(f"[{_INVISIBLE_CHARACTERS}]+")
_TYPOGRAPHIC = re.compile("[" + "".join(map(re.escape, _PLAIN)) + "]")
_TONED = "".join(sorted({pair[1] for pair in _PLACEMENTS}))
_LATE_TONE = re.compile(  # what stands before is asked last: a pattern that begins with letters is looked for faster
    f"[oOuU][{_TONED}](?<![qQ]..)" + r"(?![^\W\d_]|[\u0300-\u036f])"
)
_LOOSE_MARKS = re.compile("[\u0300-\u036f]+")
_UNTIDY = re.compile(f"[{_INVISIBLE_CHARACTERS}\u0300-\u036f]")  # one character: so it is looked for fastest
_UNDER_TONE = "\u031b\u0302\u0306"  # horn, circumflex, breve
_LONG_DOTS = re.compile(r"\.{4,}")
_UNUSUAL = re.compile(f"[{_INVISIBLE_CHARACTERS}\u0300-\u036f{''.join(_PLAIN)}{_TONED}]|{_LONG_DOTS.pattern}")
"""Without any of these a word in NFC is its own normal form."""


def _marks_in_order(text: str) -> str:
    """NFC, also where a tone was typed before the circumflex, breve or horn that belongs under it (é + U+0302 is ế)."""
    text = unicodedata.normalize("NFC", text)
    if not _LOOSE_MARKS.search(text):
        return text
    decomposed = unicodedata.normalize("NFD", text)
    ordered = _LOOSE_MARKS.sub(
        lambda found: "".join(sorted(found[0], key=lambda mark: mark not in _UNDER_TONE)), decomposed
    )
    return unicodedata.normalize("NFC", ordered)


def inked(text: str | None) -> str:
    """The text in NFC without invisible and control characters, white space as it is."""
    if not text:
        return ""
    return _marks_in_order(_INVISIBLE.sub("", text)) if _UNTIDY.search(text) else unicodedata.normalize("NFC", text)


def visible(text: str | None) -> str:
    """The text as a reader sees it: `inked`, white space as single blanks."""
    return " ".join(inked(text).split())


@lru_cache(maxsize=64)  # each text of an article is compared, indexed and digested one after the other
def normal(text: str | None) -> str:
    """The normal form in which texts are compared; None is the empty text.

    NFC; invisible characters removed; white space (NBSP, line breaks) as single blanks; the tone of `oa`, `oe`, `uy` on
    the first letter (`hoà → hòa`, `thuỷ → thủy`; `quý` and `hoàn` stay); plain quotes, dashes and dots.
    """
    return " ".join(_normal_words(text))


@lru_cache(maxsize=16)  # of lead and body the normal form and then, for the index and the stories, the bare one is made
def _normal_words(text: str | None) -> tuple[str, ...]:
    """The words of `normal`, which of most words are objects that are always the same: so they are found fastest.

    Nothing that is done reaches over a blank, so it is done word by word; one without ink leaves nothing.
    """
    return tuple(filter(None, map(_plain_forms.__getitem__, text.split()))) if text else ()


def _plain(word: str) -> str:
    """One of the words of `normal`; the empty text for one without ink."""
    composed = unicodedata.normalize("NFC", word)
    return plain(inked(word)) if _UNUSUAL.search(composed) else composed


def plain(shown: str) -> str:
    """The second half of `normal`, for a text that is `visible` already. It neither joins nor splits words."""
    shown = _TYPOGRAPHIC.sub(lambda found: _PLAIN[found[0]], shown)
    return _LONG_DOTS.sub("...", _LATE_TONE.sub(lambda found: _PLACEMENTS.get(found[0], found[0]), shown))


def plain_words(shown: Iterable[str]) -> tuple[str, ...]:
    """The normal form of each of the words, which are `visible` and without blanks."""
    return tuple(map(_plain_forms.__getitem__, shown))


def fold(text: str | None) -> str:
    """The form in which texts are searched: `normal` without letter case and marks, so `Đắk Lắk` is `dak lak`."""
    return " ".join(bare_words(text))


def marked(text: str | None) -> str:
    """`normal` without letter case: what exact words are searched in."""
    return normal(text).casefold()


@lru_cache(maxsize=16)  # lead and body are indexed and looked for elsewhere
def bare_words(text: str | None) -> tuple[str, ...]:
    """The words of `fold`: small letters without marks and with d for đ; NFC."""
    return tuple(map(_bare_forms.__getitem__, _normal_words(text)))


def _bare(word: str) -> str:
    """One of the `bare_words`; what is done with letters does not reach over a blank."""
    small = unicodedata.normalize("NFD", word.casefold())
    apart = _LOOSE_MARKS.sub("", small.replace("đ", "d").replace("ð", "d"))
    if apart.isascii():
        return apart
    return unicodedata.normalize("NFC", "".join(char for char in apart if not unicodedata.combining(char)))


_plain_forms, _bare_forms = ByWord(_plain), ByWord(_bare)


def attachment_key(attachment: Attachment) -> tuple[str, str]:
    """Link text and address of a file as they are compared; a file without link text goes by its file name.

    Of the address: path and query, unquoted, without letter case, without parameters that change by themselves.
    Scheme and host do not count: `http` to `https` and a new host name move every file of a portal and change none.
    """
    try:
        parts = urlsplit(attachment.url)
    except ValueError:  # "http://[": a broken link is compared as it stands
        return normal(attachment.title), normal(attachment.url)
    path = normal(unquote(re.sub(r";jsessionid=[^/]*", "", parts.path, flags=re.IGNORECASE))).casefold()
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _volatile(name)]
    query = "&".join(f"{normal(name)}={normal(value)}" for name, value in sorted(kept)).casefold()
    title = normal(attachment.title) or path.rpartition("/")[2]
    return title, f"{path}?{query}" if query else path


def same_time(old: Article, new: Article) -> bool:
    """False only where both print a time of day and the times differ at the coarser of the two precisions."""
    if old.printed_at is None or new.printed_at is None:
        return True
    drop_seconds = Precision.SECOND not in (old.published_precision, new.published_precision) or (
        old.published_precision != new.published_precision
    )
    if drop_seconds:
        return old.printed_at.replace(second=0, microsecond=0) == new.printed_at.replace(second=0, microsecond=0)
    return old.printed_at.replace(microsecond=0) == new.printed_at.replace(microsecond=0)


def content_digest(article: Article) -> str:
    """SHA-256 (64 hex digits) over the compared fields in their normal form: equal for the same content.

    The encoding is a JSON list of `SCHEME`, title, lead, body, byline, date, section and the sorted attachments. JSON
    quotes, so no text can run over into its neighbour.
    """
    return _digest(
        _json_bytes(SCHEME),
        _quoted(article.title),
        _quoted(article.lead),
        _quoted(article.body),
        _quoted(article.byline),
        _json_day(article.printed_on),
        _quoted(article.section),
        _json_bytes(sorted({attachment_key(item) for item in article.attachments})),
    )


def same_content(old: Article, new: Article) -> bool:
    """True where `storage.diff.diff_articles` has nothing to tell: no new version is due."""
    return content_digest(old) == content_digest(new) and same_time(old, new)


def same_story(one: Article, other: Article) -> bool:
    """True where two pages are the same publication, perhaps edited: same headline, or same text and date."""
    identity = identity_digest(one)
    return normal(one.title) == normal(other.title) or (identity is not None and identity == identity_digest(other))


def identity_digest(article: Article) -> str | None:
    """SHA-256 (64 hex digits) over title, body and date, to recognise an article at another address.

    None where the body is shorter than `IDENTITY_MIN_CHARS`: such texts are shared by unrelated articles.
    """
    return _identity(article.title, article.body, article.printed_on)


@lru_cache(maxsize=4)  # an article that is new is looked for by it and written with it
def _identity(title: str, body: str, printed_on: date | None) -> str | None:
    if len(normal(body)) < IDENTITY_MIN_CHARS:
        return None
    return _digest(_json_bytes("portalwatch-identity-1"), _quoted(title), _quoted(body), _json_day(printed_on))


def payload_digest(payload: bytes) -> str:
    """`sha256:` and 64 hex digits over the bytes of a payload, the form of WARC-Payload-Digest."""
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"


def _volatile(parameter: str) -> bool:
    return parameter.casefold() in _VOLATILE_PARAMETERS


def _digest(*fields: bytes) -> str:
    """SHA-256 over the JSON list of the fields, each of which is JSON."""
    return hashlib.sha256(b"[%b]" % b",".join(fields)).hexdigest()


@lru_cache(maxsize=8)  # title and body stand in both digests of an article
def _quoted(text: str | None) -> bytes:
    """The normal form as JSON; it has no control characters, which are all else that JSON would not leave as it is."""
    escaped = normal(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.encode("utf-8", "surrogatepass")


def _json_day(day: date | None) -> bytes:
    return b"null" if day is None else _json_bytes(day.isoformat())


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json_bytes(value: object) -> bytes:
    """JSON in UTF-8; a lone surrogate (never valid text) is kept apart rather than raising."""
    return _as_json(value).encode("utf-8", "surrogatepass")
