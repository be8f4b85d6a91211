"""Who wrote it: the rule's element, else the unlabelled last line of the text (PORTALS §4).

A last line is a byline only if it looks like names, an agency's code or an office, or carries a label (`Tác giả:`);
a sentence, even one that begins with `Theo`, stays in the body. Names of sites and `admin` are nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.parsing.dateforms import find_moments
from crawler.parsing.furniture import without_furniture, without_tools
from crawler.parsing.text import Block, clean

MAX_BYLINE = 120
"""Longest byline, in characters."""
_LABEL = re.compile(
    r"[(\[*\s]*(?:(?:tác giả|người viết|nguồn(?: tin)?|thực hiện|biên tập|người đăng|đăng bởi"
    r"|(?:được )?viết bởi|written by|author|tin và ảnh|bài và ảnh"
    r"|(?:tin|bài|ảnh)(?:\s*[,&/-]\s*(?:tin|bài|ảnh|clip|video))*)(?:\s*/\s*nguồn)?\s*[:：]\s*|theo\s+(?=\S))",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"[(\[*\s]*(?:tác giả|người viết|thực hiện)\s*[:：]", re.IGNORECASE)
_CREDIT = re.compile(r"(?:ảnh|clip|video|tin|bài|đồ họa|tổng hợp)\s*:\s*", re.IGNORECASE)
"""What a second name in one line did: `Phúc Lộc - Ảnh: Anh Tuấn`."""
_SAID = re.compile(r"\b(?:bởi|by)\s*:?\s+(\D{3,60})$", re.IGNORECASE)
_CREDITS = re.compile(r"^[(\[\s]*(?:nguồn|ảnh|theo)", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:super\s*)?admin(?:istrator)?(?:\s+admin)?|super user|webmaster|quản trị(?: viên)?|quan ?tri\w*|bien ?tap\w*"
    r"|system account|user|guest"
    r"|(?:https?://)?(?:www\.)?[\w.-]+\.gov\.vn/?"
    r"|(?:cổng|trang) (?:thông tin|tin) .*",
    re.IGNORECASE,
)
_ADMIN = re.compile(r"[(\[]?(?:super\s*)?(?:admin(?:istrator)?(?:\s+admin)?|super user|webmaster)[)\]]?", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:thứ|chủ nhật|hôm nay)\b", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[,;/&+|]|\s[-–—]|[-–—]\s|\s+và\s+)\s*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?\.?")
_INITIALS = re.compile(r"(?:[A-ZĐ]\.\s?){1,4}(?:[A-ZĐ][^\W\d_]*)?")
_CODE = re.compile(r"\(?[A-ZĐ](?:[A-ZĐ\d]|\d[A-ZĐ]){1,5}\)?")
_SITE = re.compile(r"(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)+/?", re.IGNORECASE)
_OFFICE = re.compile(
    r"(?:phòng|ban|sở|(?:cổng|trang) tt(?:đt)?|ubnd|[uủ]ỷ ban|ủy ban|văn phòng|vp|trung tâm|tt|công an|công ty|đài|báo"
    r"|hội|chi cục|cục|trường|liên đoàn|huyện đoàn|tỉnh đoàn|thành đoàn|đoàn|thanh tra|bộ|viện|bql|bhxh|tổ|tạp chí"
    r"|thông tấn|ttxvn|mặt trận|bchqs|nhóm|bệnh viện|kho bạc|thư viện|bảo tàng)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"\b(?:là|có|được|bị|đã|sẽ|đang|cần|phải|nên|hãy|không|để|khi|nếu|tại|ngày|những|này|hết|thông báo|đề nghị"
    r"|yêu cầu|kính|trân trọng|xem|tải|triển khai|tham dự|phát biểu|trao|tặng|thăm|họp|khai mạc|bế mạc|ban hành|gồm"
    r"|nhận|gửi|mời|(?<!phòng )(?<!ban )tổ chức)\b"
)
"""Words, in small letters, that a sentence has and a signature has not."""
_NO_SIGNATURE = re.compile(
    r"(?:TM|KT|TL|TUQ)\.|(?:đồng chí|đ/c|ông|bà|thiếu tướng|đại tá|trung tá|phó|chủ tịch|bí thư|giám đốc|hội nghị|lễ"
    r"|hết|xem|tải|trân trọng|kính|thông báo|đang|xin|mời|chi tiết|danh sách|phụ lục|trở (?:về|lại)|quay lại|in bài"
    r"|từ khóa|tags?|(?:file|tệp(?: tin)?|tập tin|tài liệu) (?:đính|kèm))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A body and its byline, apart."""

    blocks: list[Block]
    """The body's blocks without the byline."""
    byline: str | None
    """The byline, without its label."""


def clean_byline(text: str) -> str | None:
    """A byline as a rule found it, without its label, brackets and date; None for site names and `admin`."""
    return _named(_undated(clean(text)))


def _named(text: str) -> str | None:
    """The name in a line without a date."""
    line = _unbracketed(text)
    name = _LABEL.sub("", line, count=1) if _LABEL.match(line) else line
    name = _unbracketed(name).strip(" \t:;,-–—|")
    return None if not name or len(name) > MAX_BYLINE or _NOBODY.fullmatch(name) else name


_known_name = lru_cache(maxsize=4096)(_named)
"""The same, for short lines: the same few people sign the news of a portal."""


def _undated(line: str) -> str:
    """`Sỹ Hào - 06:16, 22/08/2024` without its date and time; the name may stand behind them as well."""
    moments = find_moments(line)
    if not moments:
        return line
    before, after = line[: moments[0].start], line[moments[-1].end :]
    return next((part for part in (before, after) if _WORD.search(part)), "").strip(" ,;|-–—")


def byline_beside_date(text: str) -> str | None:
    """The author in a line of name and date: `Sỹ Hào - 06:16, 22/08/2024`; None where something else stands there."""
    if len(text) > MAX_BYLINE or len(find_moments(text)) != 1:
        return None
    said = _SAID.search(text)
    name = clean_byline(said.group(1) if said else without_tools(text))
    if name is None or len(name.split()) < 2 or _WEEKDAY.match(name) is not None:
        return None
    return name if _is_name(name, marked=False) or _is_office(name) else None


def without_byline(blocks: list[Block], byline: str) -> list[Block]:
    """`blocks` without a last paragraph that only repeats the byline which a rule found elsewhere."""
    blocks = without_furniture(blocks)
    last = next((number for number in range(len(blocks) - 1, -1, -1) if blocks[number].text), None)
    if last is None or clean_byline(blocks[last].text) != byline:
        return blocks
    return [*blocks[:last], *blocks[last + 1 :]]


def take_byline(blocks: list[Block]) -> Signed:
    """`blocks` without the author's line: the last one, else a first one of name and date; without furniture."""
    blocks = without_furniture(blocks)
    signed = _take_last(blocks)
    signed = signed if signed.byline is not None else _take_first(signed.blocks)
    return Signed(blocks=without_furniture(signed.blocks), byline=signed.byline)


def _take_first(blocks: list[Block]) -> Signed:
    """`Sỹ Hào - 06:16, 22/08/2024` above the text: names, a date and its time; place and date head a letter."""
    first = next((number for number, block in enumerate(blocks) if block.text), None)
    if first is None or sum(1 for block in blocks if block.text) < 2 or blocks[first].images:
        return Signed(blocks=blocks, byline=None)
    text = blocks[first].text
    moments = find_moments(text) if len(text) <= MAX_BYLINE else ()
    name = clean_byline(text) if len(moments) == 1 and moments[0].hour is not None else None
    if name is None or not _is_name(name, marked=True):
        return Signed(blocks=blocks, byline=None)
    return Signed(blocks=[*blocks[:first], *blocks[first + 1 :]], byline=name)


def _take_last(blocks: list[Block]) -> Signed:
    last = next((number for number in range(len(blocks) - 1, -1, -1) if blocks[number].text), None)
    if last is None or sum(1 for block in blocks if block.text) < 2 and "\n" not in blocks[last].text:
        return Signed(blocks=blocks, byline=None)
    block = blocks[last]
    before, _, line = block.text.rpartition("\n")
    if not before and not block.images and (_is_nobody(line) or (block.align == "right" and _is_site(line))):
        return _take_last([*blocks[:last], *blocks[last + 1 :]])
    name = _signature(line, block, alone=not before)
    if name is None or (not before and _LABEL.match(line) is None and _is_list_end(blocks, last)):
        return Signed(blocks=blocks, byline=None)
    kept = (
        [block.with_parts([*([before.replace("\n", "\x0b")] if before else []), *block.images])]
        if before or block.images
        else []
    )
    rest = [*blocks[:last], *kept, *blocks[last + 1 :]]
    if _CREDITS.match(line) and (author := take_byline(rest)).byline is not None:
        is_said = _AUTHOR.match(_last_line(rest)) is not None
        return Signed(blocks=author.blocks, byline=author.byline if is_said else f"{author.byline} - {name}")
    return Signed(blocks=rest, byline=name)


def _last_line(blocks: list[Block]) -> str:
    """The last line of a text; empty where it has none."""
    return next((block.text.rpartition("\n")[2] for block in reversed(blocks) if block.text), "")


def _signature(line: str, block: Block, *, alone: bool) -> str | None:
    """The name in a last line, or None where the line is text."""
    if len(line) > MAX_BYLINE or block.element.tag in ("li", "tr", "h1", "h2", "h3"):
        return None
    label = _LABEL.match(line)
    name = _known_name(line)
    if name is None or _NO_SIGNATURE.match(name):
        return None
    if label is None and alone and block.align == "center":
        return None
    marked = alone and (block.align == "right" or block.bold or block.italic)
    if label is not None:
        is_theo = label.group(0).strip("([* ").lower().startswith("theo")
        is_source = _is_name(name, marked=True) or _is_office(name) or _SITE.fullmatch(name) is not None
        return name if not is_theo or is_source else None
    if name.endswith((".", ":", ";", "!", "?", "…")) and not _INITIALS.fullmatch(name):
        return None
    if _is_name(name, marked=marked) or _is_office(name) or (marked and _is_phrase(name)):
        return name
    return None


def _is_nobody(line: str) -> bool:
    """`admin` alone, or a label with the site's own name behind it: a signature, but nobody's."""
    return _ADMIN.fullmatch(line) is not None or (
        _LABEL.match(line) is not None and len(line) < 80 and _named(line) is None
    )


def _is_site(line: str) -> bool:
    """The name of the site alone."""
    return _NOBODY.fullmatch(line) is not None and _is_phrase(line)


def _is_name(text: str, *, marked: bool) -> bool:
    """Names of persons or agencies: capitalised words, initials or a code, perhaps several, perhaps with an office."""
    return _is_known_name(text, marked) if len(text) <= MAX_BYLINE else _are_names(text, marked)


def _are_names(text: str, marked: bool) -> bool:
    first = _SEPARATOR.split(text, maxsplit=1)[0]
    if first and not _is_one_name(first, marked=marked):  # a sentence, most often, and the rest need not be cut up
        return False
    pieces = [piece for piece in _SEPARATOR.split(text) if piece]
    if not pieces or len(pieces) > 5:
        return False
    return _is_one_name(pieces[0], marked=marked) and all(
        _is_one_name(plain, marked=True) or _is_office(plain)
        for plain in (_CREDIT.sub("", piece, count=1) for piece in pieces[1:])
    )


_is_known_name = lru_cache(maxsize=4096)(_are_names)


def _is_one_name(text: str, *, marked: bool) -> bool:
    text = _unbracketed(re.sub(r"\s*\([^)]{1,20}\)$", "", text))
    if _INITIALS.fullmatch(text) or _CODE.fullmatch(text):
        return True
    words = text.split()
    if not (1 if marked else 2) <= len(words) <= 5 or len(text) > 45:
        return False
    return all(_WORD.fullmatch(word) and word[0].isupper() for word in words)


def _is_office(text: str) -> bool:
    """`Phòng Tư pháp huyện Vũ Quang`, but no sentence that an office is the subject of."""
    return _OFFICE.match(text) is not None and _is_phrase(text)


def _is_phrase(text: str) -> bool:
    """A short line that begins with a capital and has no verb, no number and no full stop."""
    return (
        1 <= len(text.split()) <= 14
        and len(text) <= 90
        and text[0].isupper()
        and _SENTENCE.search(text) is None
        and re.search(r"[.:;!?]|(?<![A-ZĐ])\d", text) is None
    )


def _is_list_end(blocks: list[Block], last: int) -> bool:
    """True where the line before looks like a name too: a list of persons, none of them the author."""
    before = next((block for block in reversed(blocks[:last]) if block.text), None)
    if before is None or blocks[last].align == "right" != before.align:
        return False
    text = before.text.rpartition("\n")[2]
    return _LABEL.match(text) is None and _is_name(text, marked=False)


def _unbracketed(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if len(text) > 2 and text[0] + text[-1] in ("()", "[]", "**") else text
