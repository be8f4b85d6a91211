"""The words of pages that stand where another was expected, in Vietnamese and English, as many systems put them.

Whether a page is such a notice or an article that writes about one is for `kind` to say.
"""

from __future__ import annotations

import re

from crawler.parsing.letters import clean

_THING = r"(?:trang|bài viết|nội dung|tin bài|bản tin|tin|đường dẫn|liên kết|dữ liệu|kết quả|tài nguyên|địa chỉ)"
ABSENT = re.compile(
    r"(?:^\W*|\b(?:lỗi|error|http)[\s:]*)404(?:\s*(?:[-–:|!.(]|$|lỗi|error|not found|page|file|không))"
    rf"|(?:oops\W*)?không tìm thấy\s+(?:các\s+)?{_THING}|{_THING}\s+(?:này\s+)?không tìm thấy"
    rf"|{_THING}\b.{{0,60}}?(?:không (?:còn )?tồn tại|không còn trên|không có trên|không hợp lệ)|không tồn tại {_THING}"
    rf"|{_THING}\b.{{0,40}}?đã (?:bị )?(?:xóa|xoá|gỡ|hủy)"
    rf"|{_THING}\b.{{0,40}}?(?:chưa (?:được )?xuất bản|hết hạn hiển thị)"
    r"|(?:that |the |this |requested )?(?:page|file|resource|article|content)\b.{0,30}?"
    r"(?:not (?:be )?found|can(?:not|['’]t) be found|could not be found)"
    r"|does(?: not|n['’]t) exist|nothing was found|not found\W*$",
    re.IGNORECASE,
)
"""What was asked for is not there."""
MAINTENANCE = re.compile(
    r"(?:hệ thống|website|trang (?:web|thông tin)|cổng|dịch vụ|máy chủ)\b.{0,60}?(?:đang|được|tạm)\s.{0,30}?"
    r"(?:bảo trì|nâng cấp|ngừng|gián đoạn|quá tải)"
    r"|đang (?:được )?(?:bảo trì|nâng cấp)|bảo trì hệ thống|(?:under|for) (?:scheduled )?maintenance|maintenance\W*$"
    r"|(?:service|temporarily) unavailable|site is down|error establishing a database connection"
    r"|lỗi kết nối (?:cơ sở dữ liệu|csdl|máy chủ)"
    r"|(?:không thể|không) kết nối (?:được )?(?:đến |tới )?(?:cơ sở dữ liệu|csdl)"
    r"|server error in '|runtime error\W*$|internal server error",
    re.IGNORECASE,
)
"""The portal is being worked on, or out of order."""
LOGIN = re.compile(r"đăng\s*nhập|log\s*-?in|sign\s*-?in|authenticat|xác thực", re.IGNORECASE)
"""Words beside a field for a password."""
DENIED = re.compile(
    r"(?:bạn |quý vị |tài khoản )?(?:này )?không (?:có|đủ) quyền (?:truy cập|xem|đọc)|truy cập bị từ chối"
    r"|(?:cần|phải|vui lòng|hãy) đăng nhập (?:để|trước khi|mới|vào hệ thống)|access (?:is )?denied"
    r"|(?:not|n['’]t) (?:authorized|permitted|allowed) to (?:access|view)|has(?: not|n['’]t) been shared with you"
    r"|(?:must|need to|please) (?:log|sign) ?in to",
    re.IGNORECASE,
)
"""One has to sign in to see it."""
_MARKS = (
    *("404", "tìm thấy", "tồn tại", "không còn trên", "không có trên", "hợp lệ"),
    *(f"{before} {done}" for before in ("đã", "bị") for done in ("xóa", "xoá", "gỡ", "hủy")),
    *("xuất bản", "hết hạn", "found", "exist", "bảo trì", "nâng cấp", "ngừng", "gián đoạn", "quá tải", "maintenance"),
    *("unavailable", "site is down", "establishing", "lỗi kết nối", "thể kết nối", "không kết nối", "server error"),
    *("runtime error", "có quyền", "đủ quyền", "từ chối", "denied", "authorized", "permitted", "allowed"),
    *("shared with you", *(f"đăng nhập {why}" for why in ("để", "trước", "mới", "vào")), "log in to", "login to"),
    *("sign in to", "signin to"),
)
"""One of them, in small letters, is in everything that `ABSENT`, `DENIED` and `MAINTENANCE` find."""
_ALL_MARKS = (*_MARKS, "đăng nhập", "đăngnhập", "log", "sign", "authenticat", "xác thực")
"""The same, `LOGIN` included."""


def may_be_notice(line: str) -> bool:
    """False for a line that none of these four finds: a look that costs a fiftieth of theirs."""
    return _has_one(line.casefold(), _ALL_MARKS)


COOKIE = re.compile(r"document\.cookie\s*=")
RELOAD = re.compile(
    r"location\s*\.\s*reload|(?<![\w$])location(?:\s*\.\s*href)?\s*=(?!=)|location\s*\.\s*replace|location\s*\.\s*assign"
)
"""With `COOKIE`: the page sets a cookie and loads itself again (Viettel's `D1N`, PORTALS §5)."""
CHALLENGE = re.compile(
    r"_cf_chl_opt|cf-browser-verification|challenge-platform|<title>\s*just a moment|checking your browser|D1N\s*="
    r"|ddos protection by|incapsula incident|vui lòng bật cookie|please enable (?:cookies|javascript) and",
    re.IGNORECASE,
)
"""Marks of anti-bot pages, looked for in the markup."""
CHALLENGE_MARKS = (
    *(b"document.cookie", b"_cf_chl_opt", b"cf-browser-verification", b"challenge-platform", b"just a moment"),
    *(b"checking your browser", b"d1n", b"ddos protection by", b"incapsula incident", b"cookie", b"javascript and"),
)
"""One of them is in the markup of everything that `COOKIE` and `CHALLENGE` find; see `Page.says`."""
BLOCKED = re.compile(
    r"(?:xác (?:minh|nhận|thực)\b.{0,40}\b(?:robot|con người|người máy)|(?:verify|confirm)\b.{0,30}\bhuman|not a robot"
    r"|requested url was rejected|support id is|(?:bị|đã) chặn bởi|tường lửa ứng dụng|web application firewall"
    r"|unusual traffic|you have been blocked)",
    re.IGNORECASE,
)
"""What firewalls and riddles say."""
_BLOCKED_MARKS = (
    *("robot", "con người", "người máy", "human", "url was rejected", "support id is", "chặn bởi", "tường lửa"),
    *("firewall", "unusual traffic", "been blocked"),
)
_ANY_MARK = tuple("".join(mark.split()) for mark in _MARKS)
_ANY_BLOCKED_MARK = tuple("".join(mark.split()) for mark in _BLOCKED_MARKS)


def may_hold_notice(text: str, *, blocked: bool = False) -> bool:
    """False for a text in no line of which `ABSENT`, `DENIED` or `MAINTENANCE` (`blocked`: or `BLOCKED`) find anything.

    Blanks do not count, so that it does not matter how the pieces of a page are joined to lines.
    """
    folded = clean("".join(text.split())).casefold()
    return _has_one(folded, _ANY_MARK) or (blocked and _has_one(folded, _ANY_BLOCKED_MARK))


def _has_one(folded: str, marks: tuple[str, ...]) -> bool:
    """True where one of `marks` is in a text. A loop, because it is twice as fast as `any` here."""
    for mark in marks:  # noqa: SIM110
        if mark in folded:
            return True
    return False
