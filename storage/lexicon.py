"""The words that decide the class of a difference: units, offices, authorities, negations. Data, no logic.

What it does not do: find them in a text (`storage.expressions`). All in normal form and lower case; alternatives are
parts of regular expressions.
"""

from __future__ import annotations

UNITS = (
    "tỷ|tỉ|triệu|nghìn|ngàn|trăm|đồng|vnđ|vnd|usd|đô la|euro|phần trăm|điểm phần trăm|"
    "héc ta|hécta|ha|km2|km²|m2|m²|m3|m³|km|m|mm|cm|lít|kg|tấn|tạ|yến|kw|mw|kwh|"
    "người|hộ|trường hợp|ca|lượt|đại biểu|học sinh|xã|phường|thôn|huyện|dự án|hồ sơ|căn|lớp|điểm|lần|tuổi|suất"
)
"""What a number counts. It belongs to the number: `21,5 tỷ` and `21,5 triệu` differ."""

SAME_UNIT = {"tỉ": "tỷ", "ngàn": "nghìn", "hécta": "ha", "héc ta": "ha", "vnđ": "đồng", "vnd": "đồng"}
"""Spellings of one unit."""

NUMBERED = (
    "điều|khoản|điểm|chương|mục|phần|phụ lục|khóa|kỳ|thứ|hạng|loại|cấp|bậc|mức|mức độ|vòng|đợt|nhóm|khối|tổ|lô|thửa|"
    "quốc lộ|tỉnh lộ|hương lộ|đường số"
)
"""What bears a number, a Roman figure or a letter as its name: `khoản 2`, `loại A`, `mức độ II`, `Quốc lộ 27B`."""

PARTS_OF_DAY = "rạng sáng|sáng|trưa|chiều|tối|đêm"

LUNAR_MONTHS = "giêng|hai|ba|tư|sáu|bảy|tám|chín|mười|mười một|mười hai|chạp"
"""Months in letters; not `tháng năm`, which is mostly "month and year"."""

_RANKS = "|".join(("(?:bộ|thứ|cục|chi cục|vụ|viện|hiệu|tổng cục|hội|đội|tổ|nhóm|chỉ huy|kế toán) trưởng",
    "trưởng (?:phòng|ban|đoàn|thôn|khoa|bộ môn|công an)", "phó (?:phòng|ban)",
    "(?:đại|thượng|trung|thiếu) (?:tướng|tá|úy)"))  # fmt: skip
OFFICES = (
    r"(?:(?:nguyên|quyền|cựu|phó|tổng|phụ trách) )*"
    r"(?:chủ tịch nước|chủ tịch|bí thư|giám đốc|chủ nhiệm|chánh án|chánh văn phòng|chánh thanh tra|thủ tướng|"
    rf"tổng thanh tra|tổng kiểm toán|chính ủy|tư lệnh|ủy viên|{_RANKS})(?: thường trực)?"
)
"""Offices and ranks with what goes before and after them: `Phó Chủ tịch Thường trực`."""

OFFICES_IN_SHORT = (
    r"(?:Phó |P\.? ?)?(?:CT|BT|GĐ|TGĐ)|P(?:CT|BT|GĐ|TGĐ)|(?:PGS\. ?)?(?:GS|TS|ThS|BS|KS)\.?|(?:[A-ZĐ]\.){2,3}[A-ZĐ]?"
)
"""Offices, titles and people in short, told by their capitals: `Phó CT`, `PGĐ`, `ThS.`, `N.V.T`."""

_BRANCHES = "|".join((
    "công thương", "tài chính", "nội vụ", "tư pháp", "xây dựng", "y tế", "ngoại vụ", "ngoại giao", "du lịch", "công an",
    "quốc phòng", "giao thông vận tải", "giáo dục và đào tạo", "khoa học và công nghệ", "kế hoạch và đầu tư",
    "nông nghiệp và phát triển nông thôn", "nông nghiệp và môi trường", "tài nguyên và môi trường",
    "thông tin và truyền thông", "văn hóa, thể thao và du lịch", "văn hóa và thể thao", "dân tộc và tôn giáo",
    "lao động ?-? ?thương binh và xã hội", "lao động, thương binh và xã hội", "giao thông công chánh"))  # fmt: skip
AUTHORITIES = "|".join((
    rf"(?:sở|bộ) (?:{_BRANCHES})", "ủy ban nhân dân", "ubnd", "hội đồng nhân dân", "hđnd", "ủy ban mặt trận tổ quốc",
    "ubmttq", "đoàn đại biểu quốc hội", "tòa án nhân dân", "viện kiểm sát nhân dân", "tỉnh ủy", "thành ủy", "huyện ủy",
    "thị ủy", "đảng ủy", "tỉnh đoàn", "huyện đoàn", "ban thường vụ", "chính phủ", "quốc hội"))  # fmt: skip
"""Authorities, whose names are half in small letters."""

PLACES = "tỉnh|thành phố|tp|huyện|thị xã|thị trấn|quận|phường|xã|thôn|ấp|khu phố|bản|buôn|làng"
"""Kinds of place; with the capitals after them a name: `huyện Ninh Hải`."""

NEGATIONS = (
    r"(?<!hàng )(?<!phòng )(?<!trên )không(?! gian| khí| quân| phận| trung| vận| lưu| chỉ| những| ngừng| phổ)|"
    r"chưa(?! kể)|chẳng|đừng|chớ|"
    r"bãi bỏ|hủy bỏ|hủy|bãi nhiệm|miễn nhiệm|đình chỉ|tạm dừng|tạm hoãn|hoãn|thu hồi|nghiêm cấm|cấm|từ chối|bác bỏ|"
    r"chấm dứt|hết hiệu lực|ngoại trừ|(?<!phòng )(?<!khấu )(?<!loại )(?<!diệt )trừ(?! sâu| dịch| bệnh| diệt)"
)
"""Words that turn a statement round; not where they are half of another word (`không gian`, `hàng không`)."""

NEAR_NEGATIONS = {
    "không": frozenset({"khống"}),
    "chưa": frozenset({"chứa", "chừa", "chữa"}),
    "chẳng": frozenset({"chặng"}),
    "đừng": frozenset({"đứng", "đúng", "dừng"}),
    "chớ": frozenset({"chờ", "chở", "chợ", "cho"}),
    "cấm": frozenset({"cầm", "câm", "cắm", "cảm"}),
    "hoãn": frozenset({"hoàn"}),
}
"""Words of the language that are one mark or letter away from a negation: their exchange is no slip."""

HONORIFICS = frozenset({"ông", "bà", "anh", "chị", "em", "cô", "chú", "bác", "cụ", "đồng", "chí", "cháu"})
"""Words before a name that stands alone: `anh Tuấn`."""

SURNAMES = frozenset(
    ("nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương")
    + ("lý", "đào", "đoàn", "vương", "trịnh", "trương", "đinh", "lâm", "phùng", "mai", "tô", "hà", "tạ", "chu", "châu")
    + ("cao", "thái", "tăng", "kiều", "quách", "chamaléa", "chế", "bá", "đạo", "hán", "đàng", "quảng", "lưu", "từ")
)
"""Family names of the Kinh, Chăm and Raglai."""
