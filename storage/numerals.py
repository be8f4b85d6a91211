"""Numbers as Vietnamese pages write them, in figures and in letters, and what they amount to.

What it does not do: find them among other words (`storage.expressions`). Words are in normal form and lower case.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

DIGITS = {
    **{"một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5},
    **{"sáu": 6, "bảy": 7, "tám": 8, "chín": 9},
}
SCALES = {"trăm": 100, "nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
NUMBER_WORDS = frozenset((*DIGITS, *SCALES, "mười", "mươi", "rưỡi", "chục", "linh", "lẻ"))
"""Words that numbers in letters are made of."""

_ONE = "một|hai|ba|bốn|năm|sáu|bảy|tám|chín"
_LAST = "một|mốt|hai|ba|bốn|tư|lăm|sáu|bảy|tám|chín"
_TENS = rf"(?:mười(?: (?:{_LAST}))?|(?:{_ONE}) (?:mươi(?: (?:{_LAST}))?|chục))"
_BELOW_THOUSAND = rf"(?:(?:{_ONE}) trăm(?: (?:(?:linh|lẻ) (?:{_ONE}|tư)|{_TENS}))?|{_TENS}|{_ONE})"
SPELLED = (
    rf"(?:{_BELOW_THOUSAND} phẩy(?: (?:{_ONE}|lăm|tư))+|(?:{_ONE}) phần (?:{_ONE}|mười|trăm)|một nửa|"
    rf"{_TENS}|(?:{_ONE}) trăm(?: (?:(?:linh|lẻ) (?:{_ONE}|tư)|{_TENS}))?|rưỡi)"
)
"""A number in letters that cannot be taken for anything else: not a digit alone, since `năm` is a year too."""
SPELLED_DIGIT = _ONE

_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def number_value(figure: str) -> str:
    """A number in one spelling: `1.250.000` → `1250000`, `21,5` and `21.5` → `21.5`, `mười hai` → `12`.

    Groups of exactly three digits are thousands, whichever mark separates them, so `21.500` is 21500. What is no
    number (`II`, `rưỡi`) stays as it is.
    """
    if not figure[0].isdigit():
        spelled = _spelled_value(figure.split())
        return figure if spelled is None else str(spelled)
    if _GROUPED.fullmatch(figure):
        thousands = "." if "." in figure and ("," not in figure or figure.index(".") < figure.index(",")) else ","
        figure = figure.replace(thousands, "")
    plain = figure.replace(",", ".")
    if plain.count(".") > 1 or len(plain) >= 25:
        return figure
    try:
        return f"{Decimal(plain).normalize():f}"
    except InvalidOperation:
        return figure


def amount(value: str) -> tuple[Decimal, str] | None:
    """What a number's value with its unit amounts to: `21.5 tỷ đồng` is 21500000000 of `đồng`; None without a unit.

    A share is an amount of `%`. Ranges are no amounts.
    """
    figure, *unit = value.split()
    if not unit:
        return None
    try:
        total = Decimal(figure)
    except InvalidOperation:
        return None
    while unit and unit[0] in SCALES:
        total *= SCALES[unit.pop(0)]
    return total, " ".join(unit)


def _spelled_value(words: list[str]) -> int | None:
    """The value of digits, tens and hundreds in letters; None for other words."""
    total = current = 0
    for word in words:
        if word in DIGITS:
            current += DIGITS[word]
        elif word == "mười":
            current += 10
        elif word in ("mươi", "chục"):
            current *= 10
            total, current = total + current, 0
        elif word in SCALES:
            total, current = (total + current) * SCALES[word], 0
        elif word not in ("linh", "lẻ"):
            return None
    return total + current
