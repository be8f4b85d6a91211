"""Expressions with a meaning of their own in a Vietnamese text: dates, numbers with their units, negations, offices.

What it does not do: judge a difference (`storage.classes`). Everything is found by patterns over the words on the page:
no dictionary, no model, no network. Words are in normal form and lower case here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

from storage.words import Span, Words

UNITS = (
    "tỷ|tỉ|triệu|nghìn|ngàn|trăm|đồng|vnđ|vnd|usd|đô la|euro|phần trăm|điểm phần trăm|"
    "héc ta|hécta|ha|km2|km²|m2|m²|m3|m³|km|m|mm|cm|lít|kg|tấn|tạ|yến|kw|mw|kwh|"
    "người|hộ|trường hợp|ca|lượt|đại biểu|học sinh|xã|phường|thôn|huyện|dự án|hồ sơ|căn|lớp|điểm|lần|tuổi|suất"
)
"""What a number counts. It belongs to the number: `21,5 tỷ` and `21,5 triệu` differ."""

SAME_UNIT = {"tỉ": "tỷ", "ngàn": "nghìn", "hécta": "ha", "héc ta": "ha", "vnđ": "đồng", "vnd": "đồng"}
"""Spellings of one unit."""

NUMBER_WORDS = frozenset(
    ("một", "hai", "ba", "bốn", "tư", "năm", "lăm", "sáu", "bảy", "tám", "chín", "mười", "mươi", "rưỡi")
    + ("trăm", "nghìn", "ngàn", "triệu", "tỷ", "tỉ")
)
"""Numbers in letters."""

_RANKS = "|".join(("(?:bộ|thứ|cục|chi cục|vụ|viện|hiệu|tổng cục|hội|đội|tổ|nhóm|chỉ huy|kế toán) trưởng",
    "trưởng (?:phòng|ban|đoàn|thôn|khoa|bộ môn|công an)", "phó (?:phòng|ban)",
    "(?:đại|thượng|trung|thiếu) (?:tướng|tá|úy)"))  # fmt: skip
OFFICES = (
    r"(?:(?:nguyên|quyền|cựu|phó|tổng|phụ trách) )*"
    r"(?:chủ tịch nước|chủ tịch|bí thư|giám đốc|chủ nhiệm|chánh án|chánh văn phòng|chánh thanh tra|thủ tướng|"
    rf"tổng thanh tra|tổng kiểm toán|chính ủy|tư lệnh|ủy viên|{_RANKS})(?: thường trực)?"
)
"""Offices and ranks with what goes before and after them: `Phó Chủ tịch Thường trực`."""

NEGATIONS = (
    r"(?<!hàng )(?<!phòng )(?<!trên )không(?! gian| khí| quân| phận| trung| vận| lưu| chỉ| những)|chưa|chẳng|đừng|chớ|"
    r"bãi bỏ|hủy bỏ|hủy|bãi nhiệm|miễn nhiệm|đình chỉ|tạm dừng|tạm hoãn|hoãn|thu hồi|nghiêm cấm|cấm|từ chối|bác bỏ|"
    r"chấm dứt|hết hiệu lực|ngoại trừ"
)
"""Words that turn a statement round; not where they are half of another word (`không gian`, `hàng không`)."""

_DATES = "|".join(
    (
        r"\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?\d{4}",
        r"(?:ngày|mùng|mồng) \d{1,2}(?: ?[/.-] ?\d{1,2})?(?: tháng \d{1,2})?(?:,? năm \d{4})?",
        r"tháng \d{1,2}(?: ?[/-] ?\d{4}|,? năm \d{4})?",
        r"năm (?:học )?\d{4}(?: ?- ?\d{4})?",
        r"quý (?:[iv]+|\d)(?: ?[/-] ?\d{4}|,? năm \d{4})?",
        r"(?:(?:giai đoạn|nhiệm kỳ|niên khóa) )?(?:19|20)\d\d ?- ?(?:19|20)\d\d",
        r"(?:sáng|trưa|chiều|tối|hôm|từ|đến|trước|sau|vào) \d{1,2}/\d{1,2}(?![\d/])",
        r"\d{1,2} ?(?:giờ|h|g) ?\d{2}(?: phút)?|\d{1,2} ?(?:giờ|h)|\d{1,2}:\d{2}",
    )
)
_FIGURE = r"\d+(?:[.,]\d+)*"
_ROMAN = "|".join(rf"(?<={word} )[ivxlc]+" for word in ("khóa", "thứ", "hạng", "loại", "cấp", "kỳ"))
_DATE = re.compile(rf"(?<![\w/])(?:{_DATES})(?!\w)")
_NUMBER = re.compile(rf"({_FIGURE}|(?<!\w)(?:{_ROMAN})(?!\w))((?: ?(?:%|‰|(?:{UNITS})(?!\w)))*)")
_WORDS = (
    ("negation", re.compile(rf"(?<!\w)(?:{NEGATIONS})(?!\w)")),
    ("name", re.compile(rf"(?<!\w)(?:{OFFICES})(?!\w)")),
)
_PARTS_OF_DATE = re.compile(r"\d+|(?<=quý )[iv]+")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression found in a text."""

    kind: str
    """`date`, `number`, `negation` or `name` (an office)."""
    span: Span
    """The words it touches."""
    value: str
    """What it says, written in one way: `1.250.000` and `1250000` have the same value."""


def find_expressions(text: Words) -> list[Expression]:
    """The expressions of a text, dates first; a number inside a date is not told again."""
    lowered = [word.lower() for word in text.plain]
    starts, position = [], 0
    for word in lowered:
        starts.append(position)
        position += len(word) + 1
    line = " ".join(lowered)

    def span(found: re.Match[str]) -> Span:
        return Span(bisect_right(starts, found.start()) - 1, bisect_right(starts, found.end() - 1))

    dates = list(_DATE.finditer(line))
    inside = {position for found in dates for position in range(*found.span())}
    expressions = [Expression("date", span(found), _date_value(found[0])) for found in dates]
    expressions += [
        Expression("number", span(found), f"{number_value(found[1])} {_unit(found[2])}".strip())
        for found in _NUMBER.finditer(line)
        if found.start() not in inside
    ]
    for kind, pattern in _WORDS:
        expressions += [Expression(kind, span(found), found[0]) for found in pattern.finditer(line)]
    return expressions


def number_value(figure: str) -> str:
    """A number as Vietnamese pages write it, in one spelling: `1.250.000` → `1250000`, `21,5` and `21.5` → `21.5`.

    Groups of exactly three digits are thousands, whichever mark separates them, so `21.500` is 21500.
    """
    if not figure[0].isdigit():
        return figure
    if _GROUPED.fullmatch(figure):
        thousands = "." if "." in figure and ("," not in figure or figure.index(".") < figure.index(",")) else ","
        figure = figure.replace(thousands, "")
    plain = figure.replace(",", ".")
    return str(Decimal(plain).normalize()) if plain.count(".") <= 1 and len(plain) < 25 else figure


def _date_value(printed: str) -> str:
    return "/".join(part.lstrip("0") or "0" for part in _PARTS_OF_DATE.findall(printed))


def _unit(printed: str) -> str:
    unit = " ".join(printed.split())
    return " ".join(SAME_UNIT.get(word, word) for word in ([unit] if unit in SAME_UNIT else unit.split()))
