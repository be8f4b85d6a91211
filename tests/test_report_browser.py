"""The HTML report in a real browser: it renders without scripts, in light and dark, and nothing runs out of its width.

Chromium is looked for by its name; Debian has it as `chromium`.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html as lxml_html

from crawler.i18n import load_messages
from crawler.monitor.feeds.entry import Composer
from crawler.monitor.feeds.index import index_page
from crawler.monitor.report import Coverage, html_report
from storage.news import News
from storage.records import Change, FieldChange
from storage.vocabulary import Absence, ChangeKind, OutcomeKind, Weight

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"),
]
SEEN = datetime(2021, 4, 14, 4, 30, tzinfo=UTC)
SENTENCE = "Chủ đầu tư chịu trách nhiệm về tiến độ, chất lượng và báo cáo hằng tháng cho Ủy ban nhân dân tỉnh. "
FIELDS = (
    ("body", "number", "Tổng vốn là 21,5 tỷ đồng từ ngân sách …", "Tổng vốn là 215 tỷ đồng từ ngân sách …"),
    ("body", "negation", "… các hộ được bồi thường về đất …", "… các hộ không được bồi thường về đất …"),
    ("body", "wording", SENTENCE * 2, SENTENCE + "Nhà thầu làm việc đó thay cho chủ đầu tư."),
    ("body", "sentence_removed", "Nợ đọng thuế đến cuối tháng 3 là 412 tỷ đồng.", None),
    ("attachments", "attachment", "Giá đất <http://a.vn/g.pdf> [sha256:" + "a" * 64 + ", 190000 bytes]",
     "Giá đất <http://a.vn/g.pdf> [sha256:" + "b" * 64 + ", 182044 bytes]"),
)  # fmt: skip


def a_change(number: int, kind: ChangeKind, *, url: str = "http://www.ninhthuan.gov.vn/tin.aspx") -> Change:
    edited = kind is ChangeKind.EDITED
    return Change(
        change_id=number,
        kind=kind,
        portal="ninhthuan",
        article_id=number,
        url=url,
        title="Phê duyệt dự án nâng cấp đường nối cảng Cà Ná với Quốc lộ 1",
        section="Kinh tế" if number % 2 else "Nông nghiệp - Nông thôn",
        detected_at=SEEN + timedelta(minutes=number),
        fetched_at=SEEN,
        version=number,
        previous_version=None,
        weight=Weight.SUBSTANTIVE,
        fields=tuple(FieldChange(field=f, cls=c, old=old, new=new) for f, c, old, new in FIELDS) if edited else (),
        gone_kind=Absence.NOT_FOUND if kind is ChangeKind.GONE else None,
        confirmations=2 if kind is ChangeKind.GONE else None,
        published_on=date(2021, 4, 6),
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with an edit of many places, an address without a break, and a title that is markup."""
    long = "http://www.ninhthuan.gov.vn/portal/Pages/" + "Phe-duyet-du-an-nang-cap-duong-noi-cang-Ca-Na-" * 8
    changes = [a_change(1, ChangeKind.EDITED), a_change(2, ChangeKind.GONE), a_change(3, ChangeKind.NEW, url=long)]
    run = Coverage(
        portal="ninhthuan",
        started_at=SEEN,
        finished_at=SEEN + timedelta(minutes=4),
        outcomes={OutcomeKind.UNCHANGED: 80, OutcomeKind.TIMEOUT: 3},
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    names = {"ninhthuan": "Cổng thông tin điện tử tỉnh Ninh Thuận"}
    path.write_text(html_report(changes, [run], load_messages("vi"), names=names), encoding="utf-8")
    return path


def chromium(report: Path, *options: str) -> str:
    assert CHROMIUM is not None
    common = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
    done = subprocess.run(
        [CHROMIUM, *common, f"--user-data-dir={report.parent / 'profile'}", *options, report.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def pixels(path: Path) -> tuple[int, int, list[bytes]]:
    """Width, height and rows (RGB) of a PNG as Chromium writes it: 8 bits, no interlace."""
    data, at, packed = path.read_bytes(), 8, b""
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    size = {2: 3, 6: 4}[colour]
    assert depth == 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        packed += data[at + 8 : at + 8 + length] if data[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    raw, stride = zlib.decompress(packed), width * size
    rows, before = [], bytes(stride)
    for number in range(height):
        start = number * (stride + 1)
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], before, size)
        rows.append(before)
    return width, height, rows


def _unfiltered(kind: int, line: bytes, above: bytes, size: int) -> bytes:
    out = bytearray(line)
    for at in range(len(out)):
        left = out[at - size] if at >= size else 0
        up, corner = above[at], above[at - size] if at >= size else 0
        if kind == 4:
            guess = left + up - corner
            nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
            out[at] = (out[at] + nearest[2]) & 255
        elif kind:
            out[at] = (out[at] + {1: left, 2: up, 3: (left + up) // 2}[kind]) & 255
    return bytes(out)


def test_html_report_is_whole_in_a_browser_and_has_no_script(report: Path) -> None:
    page = chromium(report, "--dump-dom")
    assert re.findall(r"<(script|link|img|iframe)\b", page) == []
    assert "Tổng cộng: 1 mới, 1 sửa, 1 mất." in page
    assert (page.count("<del"), page.count("<ins")) == (2, 3)


HIT = "document.body.dataset.hit=1"
HOSTILE = (
    f"<script>{HIT}</script><img src=x onerror='{HIT}'>\"><svg onload={HIT}></textarea></title></style></del>"
    f"<script>{HIT}</script><a href='javascript:{HIT}'>x</a>]]>-->"
    f"<iframe srcdoc='<script>parent.{HIT}</script>'></iframe>"
)
"""Markup in every form that runs a script which marks the page's body."""


def is_hit(page: Path, text: str) -> bool:
    """True where a script of the page ran in a browser."""
    page.write_text(text, encoding="utf-8")
    (body,) = lxml_html.fromstring(chromium(page, "--virtual-time-budget=2000", "--dump-dom")).xpath("//body")
    return body.get("data-hit") is not None


def shown_everywhere(number: int, kind: ChangeKind) -> Change:
    """A change whose every text is hostile, as a portal could have it stored."""
    fields = tuple(
        FieldChange(field=f, cls=c, old=f"Vốn 21,5 tỷ {HOSTILE} cũ", new=f"Vốn 215 tỷ {HOSTILE} mới")
        for f, c in [("body", "number"), ("title", "wording"), ("byline", "name"), ("attachments", "attachment")]
    )
    change = a_change(number, kind, url=f"javascript:{HIT}")
    where = {"title": HOSTILE, "section": HOSTILE, "portal": HOSTILE[:30], "moved_to": f"http://a.vn/{HOSTILE}"}
    return replace(change, fields=fields, **where)  # type: ignore[arg-type]


def test_fault_098_no_script_of_a_portal_runs_in_a_report_or_a_feed(tmp_path: Path) -> None:
    messages = load_messages("vi")
    changes = [shown_everywhere(number, kind) for number, kind in enumerate(ChangeKind, start=1)]
    report = html_report(changes, [], messages, names={HOSTILE[:30]: HOSTILE})
    composer = Composer(archive="a" * 16, authority="portalwatch.invalid,2026", messages=messages)
    told = [News(change=change, text="", lead=HOSTILE) for change in changes]
    entries = "".join(composer.entry(one, HOSTILE, None).html for one in told)
    listed = index_page({f"portals/{n}": HOSTILE for n in range(2)}, messages).decode()
    bare = re.sub(r"<meta http-equiv[^>]*>", "", f"{report}{listed}")  # escaped, not only forbidden to run
    assert "Content-Security-Policy" in report
    assert not is_hit(tmp_path / "shown.html", f"{bare}{entries}")
    assert is_hit(tmp_path / "control.html", f"<body>{HOSTILE}</body>")
    links = lxml_html.fromstring(f"{report}{listed}{entries}").xpath("//@href | //@src")
    assert all(re.match(r"https?://|portals/|all\.", link) for link in links)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_html_report_can_be_read_in_light_and_dark(report: Path, tmp_path: Path, dark: bool) -> None:
    picture = tmp_path / "report.png"
    settings = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    chromium(report, settings, "--window-size=400,700", f"--screenshot={picture}")
    width, height, rows = pixels(picture)
    assert (width, height) == (400, 700)
    size = len(rows[0]) // width
    brightness = sorted(sum(row[at : at + 3]) // 3 for row in rows[::4] for at in range(0, len(row), 4 * size))
    paper, ink = (brightness[len(brightness) // 2], brightness[-1 if dark else 0])
    assert abs(paper - ink) > 150
    assert (paper < 128) is dark
    edge = {row[-size:][:3] for row in rows}
    assert len(edge) == 1, "something runs out of the width of a telephone"
