"""The articles of the portal, made of building blocks that were written for this project; the same at every run.

Each has an opening, its figures, a state of things and a conclusion with facts of its own, and between them sentences
of the bundled portal. It knows nothing of pages. The anchors of `Article.spots` stand once in an article's text, so
that an edit can be done to them by their words.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

LAST_DAY = date(2021, 4, 12)
SECTIONS = {
    "Thời sự": "thoi-su",
    "Kinh tế": "kinh-te",
    "Nông nghiệp": "nong-nghiep",
    "Văn hóa - Xã hội": "van-hoa-xa-hoi",
    "Thông báo": "thong-bao",
}
"""Sections and the folders of their lists."""

_BUNDLED = Path(__file__).parents[2] / "fixtures" / "ninhthuan-2021" / "articles"
_TOPICS = (
    *("phòng, chống hạn vụ hè thu", "chuyển đổi số ở cơ sở", "xây dựng nông thôn mới nâng cao", "giữ rừng mùa khô"),
    *("giải phóng mặt bằng tuyến đường ven biển", "tiêm chủng mở rộng", "cải cách thủ tục hành chính", "nước sạch"),
    *("sắp xếp lại chợ truyền thống", "du lịch cộng đồng", "thu gom rác thải nông thôn", "vay vốn chính sách"),
    *("an toàn giao thông trước cổng trường", "phổ cập bơi cho trẻ em", "nuôi tôm trên cát", "dạy nghề cho lao động"),
    *("kiên cố hóa kênh mương", "chăm lo người có công", "chống khai thác cát trái phép", "trồng nho hữu cơ"),
)  # fmt: skip
_PLACES = tuple(
    f"{kind} {name}"
    for kind, names in (
        ("xã", "Vĩnh Hải,Phước Hà,Bắc Sơn,Lợi Hải,Công Hải,Nhơn Sơn,Mỹ Sơn,Lâm Sơn,Hòa Sơn,Ma Nới,Phước Minh,Cà Ná"),
        ("phường", "Đô Vinh,Bảo An,Phủ Hà,Kinh Dinh,Tấn Tài,Đông Hải,Mỹ Đông,Văn Hải"),
        ("thị trấn", "Khánh Hải,Phước Dân,Tân Sơn"),
        ("thôn", "Bỉnh Nghĩa,Xóm Bằng,Đá Hang,Tuấn Tú,Hữu Đức"),
    )
    for name in names.split(",")
)
_OFFICES = (
    "Phó Chủ tịch UBND tỉnh",
    "Phó Giám đốc Sở Nông nghiệp",
    "Phó Chủ tịch UBND huyện",
    "Phó Giám đốc Sở Tài chính",
)
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Bùi", "Võ")
_MIDDLE = ("Văn", "Thị", "Quốc", "Minh", "Thanh", "Ngọc")
_GIVEN = ("Hòa", "Bình", "Lâm", "Vân", "Sơn", "Hạnh", "Tuấn", "Thảo", "Khoa", "Liên", "Phúc")
_TITLES = (
    "{Place} bàn giải pháp {topic}",
    "Kiểm tra việc {topic} tại {place}",
    "{Place}: {households} hộ tham gia {topic}",
    "Tháo gỡ khó khăn trong {topic} ở {place}",
)
_LEADS = (
    "Sau ba tháng triển khai, việc {topic} tại {place} có thêm {guests} tổ tự quản cùng tham gia.",
    "Nhiều ý kiến của người dân {place} về {topic} được ghi nhận ngay tại hội nghị.",
    None,
)
_OPENINGS = (
    "Sáng ngày {day}, tại {place}, {office} {person} chủ trì buổi làm việc về {topic}, có {guests} đại biểu tham dự.",
    "Ngày {day}, {office} {person} đi kiểm tra việc {topic} tại {place}; cùng đi có {guests} cán bộ các ngành.",
    "Chiều ngày {day}, {office} {person} làm việc với {place} về {topic}. Có {guests} đại biểu dự buổi làm việc.",
)
_FIGURES = (
    "Theo báo cáo của địa phương, tổng kinh phí thực hiện là {amount} tỷ đồng, đến nay giải ngân {share}%. Đã có "
    "{households} hộ dân đăng ký tham gia.",
    "Số liệu rà soát cho thấy {households} hộ dân được hưởng lợi, đạt {share}% kế hoạch. Ngân sách bố trí {amount} tỷ "
    "đồng cho giai đoạn này.",
)


@dataclass(frozen=True, slots=True)
class _State:
    """How things stand: a paragraph of two sentences, with the words that edits change."""

    first: str
    second: str
    negation: tuple[str, str]
    typo: tuple[str, str]
    wording: tuple[str, str]


_STATES = (
    _State(
        "Đơn vị thi công chưa bàn giao mặt bằng đoạn qua khu dân cư.",
        "Bà con đề nghị sớm lắp biển báo và đèn chiếu sáng ở hai đầu tuyến.",
        ("chưa bàn giao mặt bằng", "đã bàn giao mặt bằng"),
        ("đèn chiếu sáng", "đèn chiếu sang"),
        ("đề nghị sớm lắp", "mong được gắn thêm"),
    ),
    _State(
        "Một số tổ dân cư chưa hoàn thành việc rà soát danh sách.",
        "Cán bộ phụ trách sẽ đến từng nhà hướng dẫn kê khai và nhận hồ sơ.",
        ("chưa hoàn thành việc", "hoàn thành việc"),
        ("hướng dẫn kê khai", "hướng dẩn kê khai"),
        ("sẽ đến từng nhà", "đang lần lượt gặp các gia đình để"),
    ),
    _State(
        "Địa phương không thu thêm khoản đóng góp nào của người dân.",
        "Phần việc còn lại do thanh niên và phụ nữ trong thôn cùng làm vào ngày nghỉ.",
        ("không thu thêm", "thu thêm"),
        ("khoản đóng góp", "khoản đống góp"),
        ("cùng làm vào ngày nghỉ", "nhận đảm trách"),
    ),
)
_CLOSINGS = (
    "Kết luận buổi làm việc, đoàn yêu cầu các đơn vị hoàn thành trước ngày {deadline} và gửi báo cáo bằng văn bản.",
    "Các ngành liên quan được giao tổng hợp kiến nghị, trả lời người dân chậm nhất vào ngày {deadline}.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """An attached file."""

    title: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """What an editor typed."""

    number: int
    """Identity inside the portal; it never changes."""
    path: str
    title: str
    section: str
    """Its name, as the page prints it."""
    published: date
    paragraphs: tuple[str, ...]
    lead: str | None
    byline: str | None
    files: tuple[File, ...]
    spots: Mapping[str, tuple[str, ...]]
    """Words that stand once in the text and what an edit of that name makes of them: `{"number": (old, new)}`."""


@cache
def bundled_sentences() -> tuple[str, ...]:
    """Every longer sentence of the bundled portal's articles."""
    found: list[str] = []
    for file in sorted(_BUNDLED.glob("*.toml")):
        for article in tomllib.loads(file.read_text("utf-8"))["article"]:
            found += re.split(r"(?<=[.!?]) (?=[^\W\d_])", " ".join(article["text"].split()))
    return tuple(sentence for sentence in found if 12 <= len(sentence.split()) <= 40 and sentence[0].isupper())


def fillers(chance: random.Random, count: int) -> list[str]:
    """So many paragraphs of two sentences, none of them twice."""
    sentences = chance.sample(bundled_sentences(), 2 * count)
    return [f"{first} {second}" for first, second in zip(sentences[::2], sentences[1::2], strict=True)]


def make_articles(count: int, *, first: int = 0, newest: date = LAST_DAY) -> list[Article]:
    """So many articles, numbered from `first`, the newest first, three a day."""
    return [
        make_article(number, newest - timedelta(days=(number - first) // 3)) for number in range(first, first + count)
    ]


def make_article(number: int, published: date) -> Article:
    """The article of that number."""
    chance = random.Random(f"article {number}")
    state = chance.choice(_STATES)
    facts = _facts(chance, number, published)
    between = fillers(chance, 3)
    paragraphs = (
        chance.choice(_OPENINGS).format(**facts),
        between[0],
        chance.choice(_FIGURES).format(**facts),
        f"{state.first} {state.second}",
        between[1],
        chance.choice(_CLOSINGS).format(**facts),
    )
    lead = chance.choice(_LEADS)
    section = list(SECTIONS)[number % len(SECTIONS)]
    return Article(
        number=number,
        path=f"/{SECTIONS[section]}/bai-viet-{number}-{630_000 + number}",
        title=chance.choice(_TITLES).format(**facts),
        section=section,
        published=published,
        paragraphs=paragraphs,
        lead=lead.format(**facts) if lead else None,
        byline=f"{chance.choice(_SURNAMES)} {chance.choice(_MIDDLE)} {chance.choice(_GIVEN)}" if number % 4 else None,
        files=_files(number),
        spots=_spots(facts, state, between[2]),
    )


def _facts(chance: random.Random, number: int, published: date) -> dict[str, str]:
    """What this article says and no other does in this combination."""
    place = _PLACES[number % len(_PLACES)]
    event, deadline = published - timedelta(days=1), published + timedelta(days=chance.randint(40, 90))
    return {
        "place": place,
        "Place": place[0].upper() + place[1:],
        "topic": _TOPICS[number // len(_PLACES) % len(_TOPICS)],
        "day": f"{event.day}/{event.month}/{event.year}",
        "deadline": f"{deadline.day}/{deadline.month}/{deadline.year}",
        "office": chance.choice(_OFFICES),
        "person": f"{chance.choice(_SURNAMES)} {chance.choice(_MIDDLE)} {chance.choice(_GIVEN)}",
        "guests": str(chance.randint(21, 89)),
        "amount": f"{chance.randint(11, 98)},{chance.randint(1, 9)}",
        "share": str(chance.randint(31, 89)),
        "households": f"1.{chance.randint(101, 989)}",
    }


def _files(number: int) -> tuple[File, ...]:
    if number % 12 != 5:
        return ()
    return (File(title=f"Kế hoạch số {number}/KH-UBND", path=f"/tai-lieu/ke-hoach-{number}.pdf"),)


def _spots(facts: dict[str, str], state: _State, filler: str) -> dict[str, tuple[str, ...]]:
    """The edits that can be done to the article, by name."""
    amount, office, person = facts["amount"], facts["office"], facts["person"]
    day, month, year = facts["deadline"].split("/")
    return {
        "number": (f"{amount} tỷ", f"{amount.replace(',', '')} tỷ"),
        "share": (f"{facts['share']}%", f"{int(facts['share']) - 20},5%"),
        "date": (facts["deadline"], f"{int(day) % 28 + 1}/{month}/{year}"),
        "office": (f"{office} {person}", f"{office.removeprefix('Phó ')} {person}"),
        "person": (person, "Đàng Thị Mỹ Lệ"),
        "negation": state.negation,
        "typo": state.typo,
        "wording": state.wording,
        "first sentence": (f"{state.first} ", ""),
        "sentence": (state.second, f"{state.second} Kinh phí sửa chữa trích từ quỹ bảo trì đường bộ."),
        "encoding": (state.second, "".join(char if char.isascii() else "?" for char in state.second)),
        "typography": (person, person.upper()),
        "paragraph": (filler,),
    }
