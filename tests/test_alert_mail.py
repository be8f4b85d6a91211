"""Letters by e-mail, to a real server on loopback that fails in every way a server can fail."""

from __future__ import annotations

import email
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from smtplib import SMTP

import pytest
import trustme
from alerting import POLICY, Desk, desk_of, subscription
from mail_sink import MailSink, free_port
from watched import Watched, article

from crawler.errors import UsageError
from crawler.monitor import mail
from crawler.monitor.letter_contents import read_contents
from crawler.subscriptions.timing import Timing
from storage.vocabulary import ChangeKind

pytestmark = pytest.mark.databases("sqlite")  # what mail servers do has nothing to do with the database
ON_EVERY_DATABASE = pytest.mark.databases("sqlite", "postgresql")
PARAMETERS = "from=canhbao@example.vn&to=toasoan@example.vn"


def address(port: int, *, scheme: str = "mailto", login: str = "") -> str:
    return f"{scheme}://{login}127.0.0.1:{port}?{PARAMETERS}"


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as made:
        yield made


@pytest.fixture
def desk(watched: Watched, sink: MailSink) -> Iterator[Desk]:
    with desk_of(watched, subscription(address(sink.port), language="vi")) as made:
        yield made


def told(desk: Desk, *titles: str) -> Desk:
    """Some news, of which nobody was told yet."""
    desk.new(desk.begin(1), *(titles or ("Khánh thành cầu Cốc Lếu",)))
    return desk


def test_letter_tells_the_change_in_text_and_html(desk: Desk, sink: MailSink) -> None:
    (dispatch,) = told(desk).alert()
    (letter,) = sink.letters
    html = letter.get_body(("html",))
    assert html is not None
    assert dispatch.letter.state == "sent"
    assert (letter["From"], letter["To"]) == ("portalwatch <canhbao@example.vn>", "toasoan@example.vn")
    assert letter["Subject"] == "tin: Mới: Khánh thành cầu Cốc Lếu"
    assert letter["Message-ID"] == f"<{dispatch.letter.message_id}@example.vn>"
    assert letter["Date"].datetime == desk.watched.instant.replace(microsecond=0)
    assert "Cổng Lào Cai (lao-cai)" in sink.text()
    assert "Mới           “Khánh thành cầu Cốc Lếu”" in sink.text()
    assert "Phạm vi: lao-cai" in sink.text()
    assert "“Khánh thành cầu Cốc Lếu”" in html.get_content()


@ON_EVERY_DATABASE
def header(sink: MailSink, name: str) -> str:
    """A header of the last letter as a reader shows it (RFC 2047); `EmailMessage` adds blanks to names."""
    raw = str(email.message_from_bytes(sink.raw[-1])[name])
    return str(make_header(decode_header(raw.replace("\r\n", ""))))


@pytest.mark.parametrize(
    "title",
    [
        "Tin số 1 về phát triển văn hóa tỉnh",
        "Về việc thu hồi đất để thực hiện dự án nâng cấp đường nối cảng Cà Ná với Quốc lộ 1",
        "– Nghị quyết 12 (2/3) –  “an toàn” và 21,5 tỷ đồng cho 2 dự án ở 🏖 Ninh Thuận",
        "Plain words that are long enough for a second line of the header, and then some more of them",
    ],
)
def test_headers_hold_every_blank_of_a_text(desk: Desk, sink: MailSink, title: str) -> None:
    name = "Cảnh báo của cổng thông tin điện tử tỉnh Ninh Thuận"
    for longer in range(8):  # each folds the subject elsewhere
        letters = subscription(f"{address(sink.port)}&name={name}", name=f"tin{'x' * longer}", language="vi")
        desk.subscriptions = [letters]
        desk.new(desk.begin(1 + longer), title)
        desk.alert()
        head = sink.raw[-1].partition(b"\r\n\r\n")[0]
        assert header(sink, "Subject") == f"{letters.name}: Mới: {' '.join(title.split())}"
        assert header(sink, "From") == f"{name} <canhbao@example.vn>"
        assert max(len(line) for line in head.split(b"\r\n")) <= 78


def test_letter_is_sent_once(desk: Desk, sink: MailSink) -> None:
    assert [len(told(desk).alert()), len(desk.alert()), len(sink.raw)] == [1, 0, 1]


def test_each_channel_gets_its_own_letter(watched: Watched) -> None:
    with (
        MailSink() as one,
        MailSink() as other,
        desk_of(watched, subscription(address(one.port), address(other.port))) as desk,
    ):
        told(desk).alert()
        assert (len(one.raw), len(other.raw)) == (1, 1)
        assert one.ids() != other.ids()


def down(sink: MailSink) -> None:
    sink.__exit__(None, None, None)


FAULTS: dict[str, tuple[Callable[[MailSink], None], str]] = {
    "451 at MAIL": (lambda sink: sink.answers.update(MAIL="451 try later"), "answers 451"),
    "550 at RCPT": (
        lambda sink: sink.answers.update(RCPT="550 no such mailbox"),
        "refuses the recipients (550 no such",
    ),
    "452 at DATA": (lambda sink: sink.answers.update(DATA="452 disk full"), "answers 452 disk full"),
    "554 at DATA": (lambda sink: sink.answers.update(DATA="554 spam"), "answers 554 spam"),
    "421 and closed": (lambda sink: sink.answers.update(MAIL="421 going down"), "answers 421"),
    "hangs up after DATA": (lambda sink: setattr(sink, "hangs_up_after_data", True), "closed the connection"),
    "stalls": (lambda sink: setattr(sink, "stalls_at", "RCPT"), "in time"),
}


def mend(sink: MailSink) -> None:
    sink.answers.clear()
    sink.hangs_up_after_data, sink.stalls_at = False, None


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_090_letter_waits_until_the_server_takes_it(desk: Desk, sink: MailSink, fault: str) -> None:
    break_it, said = FAULTS[fault]
    break_it(sink)
    desk.policy = replace(POLICY, timeout_s=1)
    (failed,) = told(desk).alert()
    assert (failed.letter.state, failed.letter.tries) == ("waiting", 1)
    assert said in str(failed.letter.error)
    assert desk.alert() == []  # not before five minutes have passed
    mend(sink)
    desk.late = timedelta(minutes=6)
    (sent,) = desk.alert()
    assert (sent.letter.state, sent.letter.error, sent.letter.message_id) == ("sent", None, failed.letter.message_id)
    copies = 2 if fault == "hangs up after DATA" else 1
    assert sink.ids() == [f"<{failed.letter.message_id}@example.vn>"] * copies
    assert len(set(sink.raw)) == 1  # a second copy is the first one, byte for byte


def test_fault_090_server_that_is_down_is_tried_again_later(watched: Watched) -> None:
    port = free_port()
    with desk_of(watched, subscription(address(port))) as desk:
        (failed,) = told(desk).alert()
        assert (failed.letter.state, failed.letter.error) == ("waiting", "no connection (Connection refused)")
        desk.late = timedelta(hours=1)
        with MailSink(port=port) as sink:
            (sent,) = desk.alert()
            assert (sent.letter.state, len(sink.raw)) == ("sent", 1)


def _waiting_forever(getreply: Callable[[SMTP], tuple[int, bytes]]) -> Callable[[SMTP], tuple[int, bytes]]:
    """The same, without the socket's own timeout."""

    def reply(server: SMTP) -> tuple[int, bytes]:
        if server.sock is not None:
            server.sock.settimeout(None)
        return getreply(server)

    return reply


@pytest.mark.parametrize("first", ["the socket's timeout", "the bound on the whole"])
def test_fault_090_server_that_stalls_holds_up_a_run_once_not_once_a_channel(
    watched: Watched, sink: MailSink, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    if first == "the socket's timeout":
        monkeypatch.setattr(mail, "within", lambda seconds, act: act())
    else:
        monkeypatch.setattr(mail._Server, "getreply", _waiting_forever(mail._Server.getreply))
    sink.stalls_at = "MAIL"
    policy = replace(POLICY, timeout_s=2)
    readers = [f"{address(sink.port)}{number}" for number in range(5)]
    with MailSink() as other, desk_of(watched, subscription(*readers, address(other.port)), policy=policy) as desk:
        done = told(desk).alert()
        assert sorted(dispatch.letter.state for dispatch in done) == ["sent", "waiting"]
        assert sorted(letter.tries for letter in desk.letters("waiting")) == [0, 0, 0, 0, 1]
        mend(sink)
        desk.late = timedelta(minutes=6)
        assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent"] * 5


def test_letter_says_that_a_portal_could_not_be_seen(desk: Desk, sink: MailSink, watched: Watched) -> None:
    run = desk.begin(1)
    desk.new(run, "Tin")
    for number in range(9):
        watched.fail(run, f"hỏng {number}")
    assert [problem.code for problem in watched.finish(run).problems] == ["failing"]
    desk.alert()
    assert "9 địa chỉ lỗi" in sink.text()
    assert "không có tin không có nghĩa là không có gì xảy ra" in sink.text()


def test_digest_says_how_often_its_portal_was_crawled_and_since_when(watched: Watched, sink: MailSink) -> None:
    with desk_of(watched, subscription(address(sink.port))) as desk:
        desk.late = timedelta(minutes=1)
        told(desk).alert()  # 10:01
        for hour in (5, 9, 20):  # 14:00, 18:00, and 5:00 on the next day
            run = desk.begin(hour)
            watched.fail(run, "hỏng")
            watched.fail(run, "cũng hỏng")
        desk.new(run, "Tin")
        watched.finish(run)
        desk.alert()
    (line,) = [line for line in sink.text().splitlines() if line.startswith("Coverage: ")]
    assert line.startswith(
        "Coverage: lao-cai, 13/04/2021 14:00 – 14/04/2021 05:00: 7 visits in 3 crawls; 6 visits failed"
    )


def test_first_letter_tells_of_all_crawls_that_its_changes_come_from(watched: Watched, sink: MailSink) -> None:
    with desk_of(watched, subscription(address(sink.port))) as desk:
        desk.new(desk.begin(1), "Tin")
        for hour in (2, 3):
            run = desk.begin(hour)
            watched.fail(run, "hỏng")
        watched.finish(run)
        desk.late = timedelta(minutes=5)
        desk.alert()
    (line,) = [line for line in sink.text().splitlines() if line.startswith("Coverage: ")]
    assert line.startswith("Coverage: lao-cai, 13/04/2021 10:00–12:00: 3 visits in 3 crawls; 2 visits failed")


def test_letter_that_is_sent_again_says_what_it_said_although_its_crawl_has_gone_on(watched: Watched) -> None:
    with desk_of(watched, subscription(address(free_port())), policy=replace(POLICY, tries=2)) as desk:
        run = desk.begin(1)
        desk.new(run, "Tin")
        desk.alert()
        (letter,) = desk.letters("waiting")
        with watched.archive.reading() as connection:
            before = read_contents(connection, letter, names={})
        watched.now = 2
        watched.fail(run, "hỏng")
        watched.end(run)
        with watched.archive.reading() as connection:
            after = read_contents(connection, letter, names={})
    assert after == before
    assert [(each.visited, each.finished_at) for each in after.coverage] == [(1, None)]


def test_letter_says_that_addresses_were_left_to_the_next_crawl(desk: Desk, sink: MailSink, watched: Watched) -> None:
    run = desk.begin(1)
    desk.new(run, "Tin")
    watched.end(run, state="partial")
    desk.alert()
    assert "một số địa chỉ để lại cho lần quét sau" in sink.text()


def test_fault_090_no_connection_is_tried_again_in_the_same_run(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, asked = mail.MailChannel._connect, []

    def late(channel: mail.MailChannel) -> object:
        asked.append(channel)
        return connect(replace(channel, port=free_port()) if len(asked) == 1 else channel)

    monkeypatch.setattr(mail.MailChannel, "_connect", late)
    with (
        MailSink() as sink,
        desk_of(watched, subscription(address(sink.port)), policy=replace(POLICY, tries=2)) as desk,
    ):
        (sent,) = told(desk).alert()
        assert (sent.letter.state, len(asked), len(sink.raw)) == ("sent", 2, 1)


def test_fault_090_server_without_starttls_is_sent_nothing(watched: Watched, sink: MailSink) -> None:
    reference = address(sink.port, scheme="mailtos", login="bot:${SMTP_PASSWORD}@")
    with desk_of(watched, subscription(reference), environment={"SMTP_PASSWORD": "mat-khau"}) as desk:
        (failed,) = told(desk).alert()
    assert failed.letter.error == "the server offers no STARTTLS or no login; nothing was sent in the clear"
    assert sink.raw == []


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return authority, path


@contextmanager
def encrypted(authority: trustme.CA, **fields: object) -> Iterator[MailSink]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with MailSink(tls=context, **fields) as sink:  # type: ignore[arg-type]
        yield sink


@pytest.mark.parametrize("password, state", [("dung", "sent"), ("sai", "waiting")])
def test_fault_090_login_over_starttls(
    watched: Watched,
    authority: tuple[trustme.CA, Path],
    monkeypatch: pytest.MonkeyPatch,
    password: str,
    state: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[1]))
    with encrypted(authority[0], password="dung") as sink:
        reference = address(sink.port, scheme="mailtos", login="bot:${SMTP_PASSWORD}@")
        with desk_of(watched, subscription(reference), environment={"SMTP_PASSWORD": password}) as desk:
            (dispatch,) = told(desk).alert()
    assert dispatch.letter.state == state
    assert len(sink.raw) == (state == "sent")
    if state == "waiting":
        assert "refuses the login (535" in str(dispatch.letter.error)


def test_certificate_that_nobody_vouches_for_is_refused(watched: Watched, authority: tuple[trustme.CA, Path]) -> None:
    with encrypted(authority[0]) as sink, desk_of(watched, subscription(address(sink.port, scheme="mailtos"))) as desk:
        (failed,) = told(desk).alert()
    assert "no encrypted connection (CERTIFICATE_VERIFY_FAILED)" in str(failed.letter.error)
    assert sink.raw == []


def test_fault_117_server_that_repeats_the_password_keeps_it_out_of_the_archive(
    watched: Watched, sink: MailSink
) -> None:
    sink.answers["MAIL"] = "550 go away, bot:m4tkhau%21"
    reference = address(sink.port, login="bot:${SMTP_PASSWORD}@")
    sink.password = "m4tkhau!"
    with desk_of(watched, subscription(reference), environment={"SMTP_PASSWORD": "m4tkhau!"}) as desk:
        (failed,) = told(desk).alert()
        assert failed.letter.error == "the server answers 550 go away, bot:…"
        with watched.archive.reading() as connection:
            dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
        assert "m4tkhau" not in dump


@ON_EVERY_DATABASE
def test_fault_090_letter_is_dead_after_days_and_tries_and_told(desk: Desk, sink: MailSink) -> None:
    sink.answers["DATA"] = "554 never"
    told(desk)
    states = []
    for days in (0, 1, 2, 2.9, 4):
        desk.late = timedelta(days=days)
        states += [dispatch.letter.state for dispatch in desk.alert()]
    assert states == ["waiting"] * 4 + ["dead"]
    (dead,) = desk.letters("dead")
    assert (dead.tries, dead.retry_at, dead.error) == (5, None, "the server answers 554 never")
    desk.late = timedelta(days=5)
    assert desk.alert() == []


def test_letter_is_not_dead_after_one_try_however_old_it_is(desk: Desk, sink: MailSink) -> None:
    sink.answers["DATA"] = "451 not now"
    told(desk).alert()
    desk.late = timedelta(days=30)
    (dispatch,) = desk.alert()
    assert (dispatch.letter.state, dispatch.letter.tries) == ("waiting", 2)


def test_pauses_between_tries_double_up_to_six_hours(desk: Desk, sink: MailSink) -> None:
    sink.answers["DATA"] = "451 not now"
    told(desk)
    pauses = []
    for _ in range(9):
        (dispatch,) = desk.alert()
        assert dispatch.letter.retry_at is not None
        pauses.append((dispatch.letter.retry_at - desk.watched.instant - desk.late) / timedelta(minutes=1))
        desk.late = dispatch.letter.retry_at - desk.watched.instant
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 360, 360]


def test_what_gathers_while_a_server_is_down_is_one_letter_more(desk: Desk, sink: MailSink) -> None:
    sink.answers["DATA"] = "451 not now"
    told(desk, "Tin 1").alert()
    for hour in (2, 3, 4):
        desk.new(desk.begin(hour), f"Tin lúc {hour} giờ")
        desk.alert()
    assert len(desk.letters("waiting")) == 1
    mend(sink)
    desk.begin(12)
    assert [dispatch.changes for dispatch in desk.alert()] == [1, 3]
    assert [f"Tin lúc {hour} giờ" in sink.text() for hour in (2, 3, 4)] == [True] * 3


YEAR = timedelta(days=365)


def test_fault_078_letter_that_failed_under_a_clock_of_the_future_is_tried_under_the_right_one(
    desk: Desk, sink: MailSink
) -> None:
    sink.answers["DATA"] = "451 later"
    desk.new(desk.begin(1), "Tin cũ")
    desk.late = YEAR
    assert [dispatch.letter.state for dispatch in desk.alert()] == ["waiting"]
    mend(sink)
    desk.late = timedelta()
    desk.new(desk.begin(2), "Tin mới")
    assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent", "sent"]
    assert [title in sink.text(number) for number, title in enumerate(["Tin cũ", "Tin mới"])] == [True] * 2


def test_fault_078_edit_told_under_a_clock_of_the_future_silences_none_under_the_right_one(
    desk: Desk, sink: MailSink
) -> None:
    (article_id,) = desk.new(desk.begin(1), "Tin")
    desk.edit(desk.begin(2), article_id, article("Tin", body="Vốn là 21,5 tỷ đồng. " * 9))
    desk.late = YEAR
    desk.alert()
    desk.late = timedelta()
    desk.edit(desk.begin(3), article_id, article("Tin", body="Vốn là 215 tỷ đồng. " * 9))
    assert [dispatch.changes for dispatch in desk.alert()] == [1]
    assert "215 tỷ" in sink.text()


def test_fault_078_digest_tells_under_the_right_clock_what_was_recorded_under_one_of_the_future(
    watched: Watched, sink: MailSink
) -> None:
    with desk_of(watched, subscription(address(sink.port), timing=Timing(hour=12, weekday=0))) as desk:
        desk.new(desk.begin(1), "Tin")
        desk.late = -YEAR
        assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent"]
        assert desk.alert() == []


def test_recipient_who_is_refused_alone_is_told_and_keeps_nobody_else_waiting(watched: Watched, sink: MailSink) -> None:
    sink.answers["RCPT hai@example.vn"] = "550 no such mailbox"
    with desk_of(
        watched, subscription(f"mailto://127.0.0.1:{sink.port}?from=a@example.vn&to=mot@example.vn,hai@example.vn")
    ) as desk:
        (dispatch,) = told(desk).alert()
    assert (dispatch.letter.state, dispatch.letter.error) == ("sent", "1 of 2 recipients were refused")
    assert sink.recipients == [["mot@example.vn"]]


def test_recipient_who_is_refused_for_the_moment_is_waited_for_twice(watched: Watched, sink: MailSink) -> None:
    sink.answers["RCPT hai@example.vn"] = "451 greylisted, come back later"
    both = f"mailto://127.0.0.1:{sink.port}?from=a@example.vn&to=mot@example.vn,hai@example.vn"
    with desk_of(watched, subscription(both)) as desk:
        (first,) = told(desk, "Tin một").alert()
        assert (first.letter.state, sink.raw) == ("waiting", [])
        assert "451 greylisted" in str(first.letter.error)
        del sink.answers["RCPT hai@example.vn"]
        desk.late = timedelta(hours=1)
        assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent"]
        assert sink.recipients == [["mot@example.vn", "hai@example.vn"]]
        sink.answers["RCPT hai@example.vn"] = "452 mailbox full"
        desk.new(desk.begin(2), "Tin hai")
        states = []
        for hours in (2, 3, 4):
            desk.late = timedelta(hours=hours)
            states += [(dispatch.letter.state, dispatch.letter.error) for dispatch in desk.alert()]
    assert [state for state, _ in states] == ["waiting", "waiting", "sent"]
    assert states[-1][1] == "1 of 2 recipients were refused"
    assert sink.recipients[1:] == [["mot@example.vn"]]


HOSTILE = "Tin\r\nBcc: ke-xau@example.vn\r\n\r\n<script>\x00 \u202eđảo =?utf-8?b?QmNjOg==?= " + "dài " * 2500


def test_fault_094_title_cannot_add_a_header(desk: Desk, sink: MailSink) -> None:
    (dispatch,) = told(desk, HOSTILE).alert()
    head = sink.raw[0].partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert dispatch.letter.state == "sent"
    assert (
        names
        == [
            *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"),
            *("X-Peer", "X-MailFrom", "X-RcptTo"),
        ][: len(names)]
    )
    assert sink.recipients == [["toasoan@example.vn"]]
    subject = str(sink.letters[0]["Subject"])
    assert subject.startswith("tin: Mới: Tin Bcc: ke-xau@example.vn <script>")
    assert len(subject) <= 120
    assert not any(letter in subject for letter in "\r\n\x00\u202e")
    assert max(len(line) for line in sink.raw[0].split(b"\r\n")) <= 998  # RFC 5322


@pytest.mark.parametrize(
    "title", ["{{7*7}}", "{{ ''.__class__ }}", "%s %(n)d %(counts)s", "{0.__class__}", "${HOME} $1"]
)
def test_fault_089_title_is_no_template(desk: Desk, sink: MailSink, title: str) -> None:
    told(desk, title).alert()
    assert sink.letters[0]["Subject"] == f"tin: Mới: {title}"
    assert f"“{title}”" in sink.text()


def test_fault_095_title_is_no_markup_in_html(desk: Desk, sink: MailSink) -> None:
    told(desk, "<img src=x onerror=alert(1)> [a](javascript:alert(1))").alert()
    html = sink.letters[0].get_body(("html",))
    assert html is not None
    assert "&lt;img src=x onerror=alert(1)&gt;" in html.get_content()
    assert "<img" not in html.get_content()


def copy_change(watched: Watched, times: int, padding: str = "") -> None:
    """The last change again, so many times, each of an article of its own name, through the outbox."""
    from sqlalchemy import insert, select

    from storage import schema

    with watched.archive.writing() as connection:
        query = select(schema.changes).order_by(schema.changes.c.change_id.desc()).limit(1)
        row = dict(connection.execute(query).one()._mapping)
        del row["change_id"]
        connection.execute(insert(schema.changes), [row | {"title": f"Tin {n}{padding}"} for n in range(times)])


def test_fault_093_first_crawl_is_one_line(watched: Watched, sink: MailSink) -> None:
    from crawler.subscriptions.matching import Addressing

    with desk_of(watched, subscription(address(sink.port))) as desk:
        run = watched.begin(0)
        watched.archive.tell_of("lao-cai", Addressing(subscriptions=desk.subscriptions, province=None))
        desk.new(run, *(f"Tin {n}" for n in range(30)))
        assert desk.alert() == []  # it has not ended
        watched.finish(run)
        desk.alert()
        assert desk.alert() == []
    assert len(sink.raw) == 1
    assert "First crawl of this portal: 30 articles, from now on watched." in sink.text()
    assert "Tin 3" not in sink.text()


def test_fault_096_storm_of_edits_is_told_as_one_then_not_for_an_hour(desk: Desk, sink: MailSink) -> None:
    (article_id,) = desk.new(desk.begin(1), "Tin nóng")
    desk.alert()
    run = desk.begin(2)
    text = "Tổng vốn đầu tư của dự án là {} tỷ đồng từ nguồn vượt thu ngân sách."
    for number in range(50):
        desk.edit(run, article_id, article("Tin nóng", body=text.format(21 + number)))
    desk.alert()
    assert "sửa 50 lần" in sink.text()
    assert "“70 tỷ đồng”" not in sink.text(0)
    assert sink.text().count("Tin nóng") == 1
    desk.edit(run, article_id, article("Tin nóng", body=text.format(99)))
    desk.late = timedelta(minutes=59)
    assert desk.alert() == []
    desk.late = timedelta(minutes=61)
    assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent"]
    assert "“70 tỷ đồng” → “99 tỷ đồng”" in sink.text()
    assert len(desk.watched.changes()) == 1 + 51
    kinds = {change.kind for change in desk.watched.changes()}
    assert kinds == {ChangeKind.NEW, ChangeKind.EDITED}


@ON_EVERY_DATABASE
def test_edits_that_end_where_they_began_are_told_as_such(desk: Desk, sink: MailSink) -> None:
    (article_id,) = desk.new(desk.begin(1), "Tin")
    desk.alert()
    run = desk.begin(2)
    before = desk.watched.article(article_id).version.article
    desk.edit(run, article_id, article("Tin", body="Khác hẳn."))
    desk.edit(run, article_id, before)
    desk.alert()
    assert "sửa 2 lần; nay lại như trước" in sink.text()


def test_digest_waits_for_its_hour_and_quiet_hours_are_kept(watched: Watched, sink: MailSink) -> None:
    timing = Timing(hour=12, quiet_from=time(22), quiet_until=time(6))  # the story begins at 9:00 in Vietnam
    with desk_of(watched, subscription(address(sink.port), timing=timing)) as desk:
        told(desk)  # 10:00
        states = []
        for hours in (0, 1.9, 14, 21):  # 10:00, 11:54, 0:00, 7:00
            desk.late = timedelta(hours=hours)
            states.append([dispatch.letter.state for dispatch in desk.alert()])
        assert states == [[], [], [], ["sent"]]


@pytest.mark.parametrize(
    "reference, said",
    [
        ("mailto://mail.example.vn", "says not whom to write to; add ?to="),
        ("mailto://mail.example.vn?to=a@example.vn", "from is no mail address; write from=tin@example.vn"),
        ("mailto://mail.example.vn?from=a@example.vn&to=b", "to is no mail address"),
        ("mailto://mail.example.vn?from=a@example.vn&to=b@example.vn&cc=c", "'cc' is no parameter here; known: from,"),
        ("mailto://u:${P}@mail.example.vn?from=a@example.vn&to=b@example.vn", "unencrypted; write mailtos://"),
        ("mailtos://u:${Q}@mail.example.vn?from=a@example.vn&to=b@example.vn", "user and password must be ASCII"),
        ("mailto://?from=a@example.vn&to=b@example.vn", "names no host"),
        ("mailto://mail.example.vn:abc?from=a@example.vn", "cannot be read as an address"),
    ],
)
def test_address_that_cannot_be_used_is_told_before_anything_is_sent(
    watched: Watched, reference: str, said: str
) -> None:
    with (
        desk_of(watched, subscription(reference), environment={"P": "x", "Q": "mật khẩu"}) as desk,
        pytest.raises(UsageError) as caught,
    ):
        desk.alerting()
    assert said in str(caught.value)
    assert str(caught.value).startswith("portalwatch.toml:3: subscription[0].channel: ")


@ON_EVERY_DATABASE
def test_corrected_address_takes_over_what_waits_and_what_is_dead(desk: Desk, sink: MailSink, watched: Watched) -> None:
    sink.answers["DATA"] = "554 never"
    told(desk).alert()
    mend(sink)
    desk.subscriptions = [subscription(address(sink.port) + "&name=Canh")]
    (dispatch,) = desk.alert()
    assert (dispatch.letter.state, len(sink.raw)) == ("sent", 1)


@ON_EVERY_DATABASE
def test_what_waits_for_a_subscription_that_is_gone_is_forgotten(desk: Desk, sink: MailSink) -> None:
    sink.answers["DATA"] = "451 later"
    told(desk).alert()
    desk.new(desk.begin(2), "Tin sau")
    mend(sink)
    gone = desk.subscriptions
    desk.subscriptions = [subscription(address(sink.port) + "&name=x", name="khác")]
    desk.late = timedelta(hours=1)
    assert desk.alert() == []
    desk.subscriptions = gone
    assert desk.alert() == []
    assert sink.raw == []
    (dead,) = desk.letters("dead")
    assert dead.error == "no such subscription or channel any more"


def test_renamed_subscription_takes_over_what_waits(desk: Desk, sink: MailSink) -> None:
    told(desk)
    desk.subscriptions = [subscription(address(sink.port), name="tên mới")]
    (dispatch,) = desk.alert()
    assert dispatch.letter.addressee.subscription == "tên mới"
    assert desk.alert() == []


def test_channel_that_is_taken_out_leaves_no_second_copy_to_the_other(watched: Watched, sink: MailSink) -> None:
    with MailSink() as other, desk_of(watched, subscription(address(sink.port), address(other.port))) as desk:
        sink.answers["DATA"] = "451 later"
        told(desk).alert()
        desk.subscriptions = [subscription(address(other.port))]
        desk.late = timedelta(hours=1)
        assert desk.alert() == []
        assert len(other.raw) == 1
