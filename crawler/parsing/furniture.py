"""Lines that the site adds to a text: view counters, tools, the way back. They change on every visit and say nothing.

Only lines at the beginning and the end of a body that are nothing else are taken; a sentence about visitors stays.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.parsing.text import Block

_COUNT = r"[:\s]*[\d.,]*\s*(?:lần|lượt)?"
_TOOL = (
    r"in(?:\s+(?:trang|bài(?: viết)?|ấn|ra))?|print|gửi(?:\s+(?:e-?mail|bài(?: viết)?|cho bạn bè))?|e-?mail|share|tweet"
    r"|like|facebook|zalo|chia sẻ"
    r"|(?:share|chia sẻ) (?:on|lên|qua) \w+|lưu(?: bài)?|đọc bài(?: viết)?|nghe (?:bài|đọc)|(?:xem )?cỡ chữ"
    r"|a[+-]|\d{2,3}\s*%"
    r"|quay lại|trở (?:lại|về)|về đầu trang|lên đầu trang|xem (?:tiếp|thêm)|copy link|sao chép liên kết|trang trước"
    r"|bản in|phản hồi|bình luận|font size|image banner"
)
_FURNITURE = re.compile(
    rf"[\s«‹»›<>|]*(?:(?:số\s+)?lượt (?:xem|đọc|truy cập){_COUNT}"
    r"|chia sẻ (?:bài viết|tin|trên|qua|với)\b.{0,40}|(?:đánh giá|xếp hạng|bình chọn)\s*:?\s*\d.*"
    rf"|(?:đã xem|số lần đọc|view count|views?|hits?|đọc){_COUNT}"
    rf"|(?:từ khóa|tags?)\s*:.{{0,80}}|đánh giá[:\s]*\d[\d./]*.{{0,25}}"
    rf"|(?:{_TOOL})(?:\s*[|/·:,-]?\s*(?:{_TOOL}))*)[\s|:.»›<>«‹]*",
    re.IGNORECASE,
)
_TAGS = re.compile(r"\W*(?:từ khóa(?: bài viết)?|tags?|thẻ|chủ đề)\s*[:：].*", re.IGNORECASE | re.DOTALL)
_POSTED = (
    r"(?:được đăng|đăng|ngày đăng|đăng ngày|đăng lúc|thời gian đăng|ngày cập nhật|cập nhật(?: lần cuối| lúc)?)\b"
    r"\D{0,12}\d.*"
)
_DATE = re.compile(rf"\W*{_POSTED}", re.IGNORECASE)
"""When it was posted, also below the text."""
_ABOUT = re.compile(
    rf"\W*(?:chi tiết|(?:được )?(?:viết|đăng|gửi) bởi\b.*|(?:danh mục|chuyên mục|thể loại)\s*[:：].*|{_POSTED}"
    r"|(?:người đăng|tác giả)\s*[:：]\s*(?:super user|admin\w*|quản trị.*)?)",
    re.IGNORECASE,
)
"""What stands between a headline and its text: who posted it, when, under which heading."""
_NO_FILES = re.compile(
    r"\W*(?:các )?(?:file|tệp(?: tin)?|tập tin|tài liệu|văn bản)\s+(?:đính kèm|kèm theo)\W*", re.IGNORECASE
)
"""The label of a list of files that has none."""
_MAX_LINE = 90
_TOOLS = re.compile(
    rf"(?<![^\W\d])(?:{_TOOL}|(?:số\s+)?lượt (?:xem|đọc|truy cập){_COUNT}|(?:view count|đã xem){_COUNT})(?!\w)", re.I
)


def without_tools(text: str) -> str:
    """A line without the words of tools and counters in it: `17/05/2024 | In bài | Lượt xem: 400`."""
    return _TOOLS.sub(" ", text).strip(" \t|/·:,-–")


def without_furniture(blocks: list[Block]) -> list[Block]:
    """`blocks` without the lines of furniture before and after the text."""
    first, last = 0, len(blocks)
    while first < last and _is(blocks[first], _FURNITURE, _ABOUT):
        first += 1
    while last > first and _is_below(blocks[last - 1]):
        last -= 1
    return blocks[first:last] if first or last < len(blocks) else blocks


def _is_below(block: Block) -> bool:
    return _is(block, _FURNITURE, _DATE, _NO_FILES) or _is_tags(block)


def _is_tags(block: Block) -> bool:
    """`Từ khóa: …` with a link for each word."""
    return block.linked > 0 and _TAGS.match(block.text) is not None


def _is(block: Block, *lines: re.Pattern[str]) -> bool:
    text = block.text
    return bool(text) and len(text) <= _MAX_LINE and not block.images and _is_one(lines, text)


@lru_cache(maxsize=4096)
def _is_one(lines: tuple[re.Pattern[str], ...], text: str) -> bool:
    """True where one of `lines` matches all of a short text. The edges of a body are asked several times."""
    return any(line.fullmatch(text) is not None for line in lines)
