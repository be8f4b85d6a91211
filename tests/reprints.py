"""A made-up corpus of what portals print of each other: press releases and their reprints, bulletins of one form.

The releases are the articles of the bundled portal; what each portal makes of them, and the bulletins, are made here.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.demo.site import load_site

FIRST_DAY = date(2021, 4, 5)


@dataclass(frozen=True)
class Text:
    """An article of some portal."""

    story: str
    """What it is a print of."""
    how: str
    """What was done with it."""
    lead: str | None
    body: str
    day: date


_FOREIGN = (
    "Đây là nội dung được nhiều địa phương trong cả nước quan tâm trong thời gian qua.",
    "Tại tỉnh ta, các sở, ngành và địa phương cũng đang khẩn trương triển khai nhiệm vụ này.",
    "Bạn đọc có thể xem toàn văn tài liệu tại chuyên mục Văn bản của Cổng thông tin điện tử.",
    "Phóng viên của Cổng thông tin sẽ tiếp tục cập nhật trong các bản tin tiếp theo.",
)
_LEADS = (
    "(Cổng TTĐT) - Tin vui cho người dân trong những ngày tháng Tư, khi nhiều việc lớn được bàn bạc thấu đáo.",
    "Sáng nay, nhiều nội dung quan trọng đã được thông tin rộng rãi đến cán bộ và nhân dân trong tỉnh.",
)


def reprints(seed: int) -> Iterator[list[Text]]:
    """For each release: the release itself and what other portals made of it."""
    chance = random.Random(seed)
    for release in load_site().articles:
        paragraphs = [" ".join(text.split()) for text in release.paragraphs]
        body = "\n\n".join(paragraphs)
        day = release.published
        made: list[tuple[str, str | None, str]] = [("as it is", release.lead, body)]
        made += [(make.__name__.strip("_"), *make(paragraphs, chance)) for make in _WAYS]
        yield [
            Text(release.slug, how, lead, text, day + timedelta(days=chance.randrange(5))) for how, lead, text in made
        ]


def _sentences(paragraphs: list[str]) -> list[str]:
    return [one for text in paragraphs for one in re.split(r"(?<=[.;!?])\s+(?=\S)", text) if one]


def _source_named(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    return None, "\n\n".join(["(Chinhphu.vn) - " + paragraphs[0], *paragraphs[1:], "Theo baochinhphu.vn"])


def _another_lead(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    return chance.choice(_LEADS), "\n\n".join([*paragraphs, "Nguồn: Cổng Thông tin điện tử Chính phủ"])


def _two_sentences_changed(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    sentences = _sentences(paragraphs)
    for at in chance.sample(range(len(sentences)), 2):
        sentences[at] = chance.choice(_FOREIGN)
    return None, " ".join(sentences)


def _end_left_out(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    sentences = _sentences(paragraphs)
    return None, " ".join(sentences[: -max(1, len(sentences) // 4)])


def _local_end(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    return None, "\n\n".join([*paragraphs, chance.choice(_FOREIGN), chance.choice(_FOREIGN)])


def _typed_again(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    text = unicodedata.normalize("NFD", "\n".join(paragraphs).replace("Ủy ban", "Uỷ ban").replace("-", "–"))
    return None, text.upper() if chance.random() < 0.2 else text


def _figures_corrected(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    body = "\n\n".join(paragraphs)
    numbers = list(re.finditer(r"\d+", body))
    if len(numbers) < 8:
        return None, body
    one = chance.choice(numbers)
    return None, body[: one.start()] + str(int(one[0]) + 3) + body[one.end() :]


def _abbreviated(paragraphs: list[str], chance: random.Random) -> tuple[str | None, str]:
    text = "\n\n".join(paragraphs).replace("Ủy ban nhân dân", "UBND").replace("Hội đồng nhân dân", "HĐND")
    return chance.choice(_LEADS), text.replace(" và ", " & ")


_WAYS: tuple[Callable[[list[str], random.Random], tuple[str | None, str]], ...] = (
    _source_named,
    _another_lead,
    _two_sentences_changed,
    _end_left_out,
    _local_end,
    _typed_again,
    _figures_corrected,
    _abbreviated,
)

_PLACES = ("Phan Rang", "Ninh Phước", "Thuận Bắc", "Ninh Sơn", "Bác Ái", "Ninh Hải", "Cà Ná", "Phước Dinh", "Vĩnh Hải")
_NAMES = ("Nguyễn Văn Hòa", "Trần Thị Lan", "Lê Minh Quang", "Đàng Thị Mỹ Hương", "Chamaléa Bốc", "Phạm Đức Thắng")
_GOODS = ("nho đỏ", "nho xanh", "táo", "hành tím", "tỏi", "lúa tươi", "bắp hạt", "dê hơi", "cừu hơi", "tôm thẻ")


def bulletins(seed: int, weeks: int = 8) -> Iterator[Text]:
    """For each form one bulletin a week; each is a text of its own."""
    chance = random.Random(seed)
    for week in range(weeks):
        day = FIRST_DAY + timedelta(days=7 * week)
        for form in _FORMS:
            lead, body = form(day, chance)
            yield Text(f"{form.__name__} {week}", "bulletin", lead, body, day)


def _weather(day: date, chance: random.Random) -> tuple[str | None, str]:
    low, high, wind = chance.randint(21, 26), chance.randint(30, 37), chance.randint(3, 6)
    rows = [
        f"Khu vực {place}: ngày nắng, chiều tối có mưa rào và dông vài nơi, gió đông nam cấp {chance.randint(2, 5)},"
        f" nhiệt độ thấp nhất {chance.randint(20, 26)} độ, cao nhất {chance.randint(29, 38)} độ, độ ẩm trung bình"
        f" {chance.randint(60, 90)}%, lượng mưa phổ biến {chance.randint(0, 40)} mm."
        for place in _PLACES[:6]
    ]
    return (
        f"Dự báo thời tiết ngày và đêm {day:%d/%m/%Y} của Đài Khí tượng Thủy văn tỉnh Ninh Thuận.",
        f"Nhiệt độ trong tỉnh từ {low} đến {high} độ. Trên biển gió cấp {wind}, giật cấp {wind + 2}, sóng cao"
        f" {chance.randint(1, 3)},{chance.randint(0, 9)} m.\n\n"
        + "\n\n".join(rows)
        + "\n\nCảnh báo: trong mưa dông có khả năng xảy ra lốc, sét, mưa đá và gió giật mạnh. Bà con chú ý đề phòng.",
    )


def _prices(day: date, chance: random.Random) -> tuple[str | None, str]:
    rows = [
        f"Giá {item} tại vườn {chance.randint(8, 95)}.{chance.randint(0, 9)}00 đồng/kg, tại chợ Phan Rang"
        f" {chance.randint(10, 120)}.{chance.randint(0, 9)}00 đồng/kg, so với tuần trước"
        f" {chance.choice(('tăng', 'giảm'))} {chance.randint(1, 9)}.000 đồng/kg."
        for item in _GOODS
    ]
    return (
        f"Sở Nông nghiệp và Phát triển nông thôn thông báo giá một số mặt hàng nông sản tuần từ {day:%d/%m/%Y}.",
        "\n\n".join(rows) + "\n\nGiá trên chỉ có tính chất tham khảo. Bà con theo dõi giá tại Cổng thông tin của Sở.",
    )


def _accidents(day: date, chance: random.Random) -> tuple[str | None, str]:
    return None, (
        f"Theo Ban An toàn giao thông tỉnh, trong tuần từ ngày {day:%d/%m} đến ngày {day + timedelta(days=6):%d/%m/%Y},"
        f" trên địa bàn tỉnh xảy ra {chance.randint(1, 9)} vụ tai nạn giao thông, làm {chance.randint(0, 5)} người chết"
        f" và {chance.randint(0, 9)} người bị thương; so với tuần trước {chance.choice(('tăng', 'giảm'))}"
        f" {chance.randint(1, 4)} vụ.\n\nLực lượng Cảnh sát giao thông đã kiểm tra {chance.randint(900, 1900)} phương"
        f" tiện, lập biên bản {chance.randint(200, 800)} trường hợp vi phạm, tạm giữ {chance.randint(20, 150)} xe"
        f" mô tô, tước giấy phép lái xe {chance.randint(5, 60)} trường hợp, phạt {chance.randint(200, 990)} triệu đồng."
        " Các lỗi vi phạm chủ yếu là chạy quá tốc độ, vi phạm nồng độ cồn, không đội mũ bảo hiểm và không có giấy phép"
        f" lái xe.\n\nVụ nghiêm trọng nhất xảy ra tại {chance.choice(_PLACES)} vào lúc"
        f" {chance.randint(0, 23)} giờ {chance.randint(0, 59)} phút."
    )


def _auction(day: date, chance: random.Random) -> tuple[str | None, str]:
    area, price = chance.randint(90, 900), chance.randint(200, 3000)
    return None, (
        "Trung tâm Dịch vụ đấu giá tài sản tỉnh thông báo đấu giá quyền sử dụng đất như sau: Tài sản đấu giá là quyền"
        f" sử dụng thửa đất số {chance.randint(1, 400)}, tờ bản đồ số {chance.randint(1, 90)}, diện tích {area} m2, tọa"
        f" lạc tại {chance.choice(_PLACES)}. Người có tài sản: ông (bà) {chance.choice(_NAMES)}. Giá khởi điểm: {price}"
        f" triệu đồng. Tiền đặt trước: {price // 10} triệu đồng. Bước giá: {price // 50} triệu đồng. Thời gian xem tài"
        f" sản: từ ngày {day:%d/%m/%Y} đến ngày {day + timedelta(days=12):%d/%m/%Y}, trong giờ hành chính. Người tham"
        " gia đấu giá nộp hồ sơ và tiền đặt trước tại Trung tâm theo quy định của Luật Đấu giá tài sản năm 2016. Thời"
        f" gian tổ chức đấu giá: {chance.randint(7, 15)} giờ {chance.choice((0, 15, 30, 45))} ngày"
        f" {day + timedelta(days=16):%d/%m/%Y}. Hình thức: bỏ phiếu trực tiếp, phương thức trả giá lên. Mọi chi tiết"
        " xin liên hệ Trung tâm Dịch vụ đấu giá tài sản tỉnh, điện thoại 0259 3822 000, trong giờ hành chính."
    )


def _power(day: date, chance: random.Random) -> tuple[str | None, str]:
    rows = [
        f"Ngày {day + timedelta(days=each):%d/%m/%Y}, từ {chance.randint(5, 9)} giờ {chance.choice(('00', '30'))} đến"
        f" {chance.randint(10, 17)} giờ {chance.choice(('00', '30'))}, ngừng cấp điện khu vực {chance.choice(_PLACES)},"
        f" trạm biến áp số {chance.randint(1, 99)}, để {chance.choice(('bảo trì lưới điện', 'thay dây dẫn'))}."
        for each in range(7)
    ]
    return None, (
        "Công ty Điện lực Ninh Thuận thông báo lịch ngừng cấp điện trong tuần để quý khách hàng chủ động kế hoạch sản"
        " xuất và sinh hoạt.\n\n" + "\n\n".join(rows) + "\n\nCông ty Điện lực rất mong quý khách hàng thông cảm. Mọi"
        " thắc mắc xin liên hệ Trung tâm Chăm sóc khách hàng, điện thoại 19001909, hoạt động 24/24 giờ."
    )


def _reception(day: date, chance: random.Random) -> tuple[str | None, str]:
    """Without many figures: who came, and with what, differs."""
    cases = [
        f"Ông (bà) {chance.choice(_NAMES)}, trú tại {chance.choice(_PLACES)}, {wish}."
        for wish in chance.sample(_WISHES, 4)
    ]
    return None, (
        f"Ngày {day:%d/%m}, tại Trụ sở Tiếp công dân tỉnh, đồng chí {chance.choice(_NAMES)}, Phó Chủ tịch UBND tỉnh chủ"
        " trì buổi tiếp công dân định kỳ. Cùng dự có lãnh đạo Thanh tra tỉnh, Văn phòng UBND tỉnh và các sở, ngành liên"
        " quan.\n\n"
        + "\n\n".join(cases)
        + "\n\nSau khi nghe ý kiến của công dân và báo cáo của các ngành, đồng chí Phó"
        " Chủ tịch đề nghị các cơ quan chức năng khẩn trương xem xét, giải quyết và trả lời công dân theo quy định."
    )


_WISHES = (
    "kiến nghị xem xét lại mức bồi thường khi thu hồi đất làm đường ven biển qua địa bàn xã",
    "khiếu nại việc chậm cấp giấy chứng nhận quyền sử dụng đất cho gia đình đã canh tác nhiều năm",
    "phản ánh trại chăn nuôi gần khu dân cư gây mùi hôi và đề nghị di dời ra khỏi khu vực",
    "đề nghị sớm sửa kênh nội đồng bị sạt lở để bà con có nước tưới cho vụ hè thu",
    "xin được hỗ trợ vốn vay sau khi tàu cá bị hư hỏng trong đợt áp thấp cuối năm",
    "hỏi về chế độ cho thân nhân liệt sĩ và việc di chuyển hài cốt về nghĩa trang huyện",
    "đề nghị làm rõ trách nhiệm quản lý khoản đóng góp xây dựng nhà văn hóa thôn",
    "kiến nghị mở lại tuyến xe buýt phục vụ học sinh các xã miền núi đi học",
)


def _reservoirs(day: date, chance: random.Random) -> tuple[str | None, str]:
    lakes = ("Sông Sắt", "Sông Trâu", "Trà Co", "Cho Mo", "Tân Giang", "Sông Biêu", "Lanh Ra", "Bàu Zôn")
    rows = [
        f"Hồ {lake}: mực nước {chance.randint(20, 190)},{chance.randint(10, 99)} m, dung tích"
        f" {chance.randint(1, 69)},{chance.randint(10, 99)} triệu m3, đạt {chance.randint(9, 100)}% dung tích thiết kế."
        for lake in lakes
    ]
    return None, (
        "Công ty TNHH MTV Khai thác công trình thủy lợi thông báo mực nước và dung tích các hồ chứa trên địa bàn tỉnh"
        f" lúc 7 giờ ngày {day:%d/%m/%Y}.\n\n" + "\n\n".join(rows) + "\n\nCác địa phương căn cứ nguồn nước để bố trí"
        " lịch thời vụ, sử dụng nước tiết kiệm và thực hiện tưới luân phiên."
    )


_FORMS: tuple[Callable[[date, random.Random], tuple[str | None, str]], ...] = (
    _weather,
    _prices,
    _accidents,
    _auction,
    _power,
    _reception,
    _reservoirs,
)
