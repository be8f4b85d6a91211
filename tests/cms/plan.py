"""What is published in a content management system, and so what must be read back from its pages.

The texts are those of the bundled portal, written for this project; days, authors and files are given here. A plan is
plain JSON, so that a script inside any system can publish it. It knows nothing of how pages are made or read.
"""

from __future__ import annotations

import json
import struct
import tomllib
import zlib
from pathlib import Path
from typing import Any

_TEXTS = Path(__file__).parents[2] / "fixtures" / "ninhthuan-2021" / "articles"
_SECTIONS = {"kinh-te": "Kinh tế", "y-te": "Y tế"}
_AUTHORS = ("Nguyễn Thị Hồng Vân", "Trần Quốc Bảo", "Đặng Văn Lâm", "Phạm Ngọc Ánh", "Lê Khánh Toàn")
_PUBLISHED = (  # in Vietnam; 3 April, 4 March, 1 December read the other way round are days too
    "2021-04-03T15:30",
    "2021-03-04T08:05",
    "2021-01-02T07:00",
    "2021-12-01T16:45",
    "2020-12-31T23:10",
    "2021-01-05T00:20",  # the day before, in UTC
    "2019-06-07T09:15",
    "2021-02-11T10:00",
    "2022-11-12T14:05",
    "2022-10-09T11:30",
    "2022-08-08T08:08",
    "2023-05-06T17:20",
    "2023-07-28T06:50",
    "2024-02-29T13:00",
    "2024-09-03T19:35",
    "2025-01-01T05:05",
    "2025-03-02T20:00",
    "2025-06-30T22:22",
    "2025-07-01T07:30",
    "2025-08-05T12:12",
)
_LATER = ("2025-08-06T09:40", "2025-08-07T08:00")
_PICTURES = {
    1: "Toàn cảnh khu vực nhìn từ phía biển",
    8: "Đại biểu trao đổi bên lề buổi họp",
    14: "Ảnh: Hữu Phước",
}
_FILES = {2: "Biểu tổng hợp số liệu kèm theo", 11: "Kế hoạch triển khai thực hiện"}


def first_articles() -> list[dict[str, Any]]:
    """The twenty articles that a site is filled with."""
    texts = [(name, text) for name in _SECTIONS for text in _load(name)][: len(_PUBLISHED)]
    return [_article(number, *texts[number], _PUBLISHED[number]) for number in range(len(texts))]


def later_articles() -> list[dict[str, Any]]:
    """The two articles that are published before the second crawl."""
    texts = _load("nong-nghiep")
    return [_article(30 + index, "kinh-te", texts[index], published) for index, published in enumerate(_LATER)]


def edited(article: dict[str, Any]) -> dict[str, Any]:
    """The article after its editor added a sentence to the second paragraph."""
    paragraphs = list(article["paragraphs"])
    paragraphs[1] = f"{paragraphs[1]} Số liệu được cập nhật lại là 1.275 hộ."
    return {**article, "paragraphs": paragraphs}


def write_plan(folder: Path, number: int) -> None:
    """`plan.json`, `later.json`, `edited.json` (article `number`, edited) and the files that they name."""
    folder.mkdir(parents=True, exist_ok=True)
    first = first_articles()
    for name, content in (("plan", first), ("later", later_articles()), ("edited", edited(first[number]))):
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    for article in first:
        if article["picture"]:
            (folder / article["picture"]["file"]).write_bytes(_picture())
        if article["attachment"]:
            (folder / article["attachment"]["file"]).write_bytes(b"%PDF-1.4\n%%EOF\n")


def _load(name: str) -> list[dict[str, Any]]:
    articles: list[dict[str, Any]] = tomllib.loads((_TEXTS / f"{name}.toml").read_text(encoding="utf-8"))["article"]
    return articles


def _article(number: int, section: str, text: dict[str, Any], published: str) -> dict[str, Any]:
    slug = text["slug"].lower().replace(",", "").replace(".", "-").replace("/", "-")
    paragraphs = [" ".join(part.split()) for part in text["text"].strip().split("\n\n")]
    return {
        "slug": slug[:60].strip("-"),
        "title": text["title"],
        "published_at": f"{published}:00+07:00",
        "published_on": published[:10],
        "byline": _AUTHORS[number % len(_AUTHORS)],
        "section": _SECTIONS[section],
        "paragraphs": ([text["lead"]] if "lead" in text else []) + paragraphs,
        "picture": {"file": f"anh-{number}.png", "caption": _PICTURES[number]} if number in _PICTURES else None,
        "attachment": {"file": f"tep-{number}.pdf", "title": _FILES[number]} if number in _FILES else None,
    }


def _picture() -> bytes:
    """A PNG of 640 by 360 grey points."""
    rows = b"".join(b"\0" + bytes((x + y) % 256 for x in range(640)) for y in range(360))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 640, 360, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
