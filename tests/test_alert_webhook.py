"""Letters to programs and to chats, over HTTP to a server on loopback that fails in every way a server can fail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alerting import POLICY, Desk, desk_of, subscription
from fault_server import Answer, Asked, FaultServer, http, redirect, reset, slowly, stall
from mail_sink import MailSink, free_port
from test_alert_mail import copy_change, told
from test_report import MONEY, SEEN, a_change
from watched import Watched, article

from crawler.errors import UsageError
from crawler.i18n import load_messages
from crawler.monitor.chat import ChatChannel, _lines, _part_lines, harmless, measure, open_chat
from crawler.monitor.contents import Contents, subject_of
from crawler.monitor.outline import arrange
from crawler.monitor.webhook import sign
from storage.vocabulary import ChangeKind

pytestmark = pytest.mark.databases("sqlite")  # what servers do has nothing to do with the database
SECRET = "chìa khóa"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as made:
        made.posts["/hook"] = http("cảm ơn")
        yield made


@pytest.fixture
def desk(watched: Watched, server: FaultServer) -> Iterator[Desk]:
    reference = f"json://127.0.0.1:{server.port}/hook?secret=${{HOOK}}"
    with desk_of(watched, subscription(reference), environment={"HOOK": SECRET}) as made:
        yield made


def posted(server: FaultServer) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in server.posted]


def asked(server: FaultServer) -> Asked:
    return server.asked[-1]


def test_letter_is_json_with_the_keys_of_the_contract(desk: Desk, server: FaultServer) -> None:
    (dispatch,) = told(desk, "Khánh thành cầu Cốc Lếu").alert()
    (letter,) = posted(server)
    assert dispatch.letter.state == "sent"
    assert list(letter) == [
        *(
            "id",
            "subscription",
            "composed_at",
            "part",
            "parts",
            "summary",
            "changes",
            "more",
            "first_crawls",
            "health",
            "coverage",
        ),
    ]
    assert (letter["id"], letter["subscription"]) == (dispatch.letter.message_id, "tin")
    assert (letter["part"], letter["parts"], letter["more"], letter["first_crawls"]) == (1, 1, 0, [])
    assert letter["summary"] == "tin: New: Khánh thành cầu Cốc Lếu"
    (change,) = letter["changes"]
    assert (change["kind"], change["title"], change["portal"]) == ("new", "Khánh thành cầu Cốc Lếu", "lao-cai")
    assert letter["coverage"][0].startswith("lao-cai, ")


def test_signature_is_what_the_documentation_says(desk: Desk, server: FaultServer) -> None:
    told(desk).alert()
    headers, body = asked(server).headers, asked(server).body
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == headers["idempotency-key"] == posted(server)[0]["id"]
    assert int(headers["webhook-timestamp"]) == int(desk.watched.instant.timestamp())
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("portalwatch/")


def test_signature_agrees_with_the_standard_s_own_example() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secret_of_the_standard_s_form_is_base64(watched: Watched, server: FaultServer) -> None:
    reference = f"json://127.0.0.1:{server.port}/hook?secret=${{HOOK}}"
    with desk_of(watched, subscription(reference), environment={"HOOK": "whsec_Y2jDrGE="}) as desk:
        told(desk).alert()
    headers = asked(server).headers
    wanted = sign("chìa".encode(), headers["webhook-id"], headers["webhook-timestamp"], asked(server).body)
    assert headers["webhook-signature"] == wanted


def test_letter_without_a_secret_is_not_signed(watched: Watched, server: FaultServer) -> None:
    with desk_of(watched, subscription(f"json://127.0.0.1:{server.port}/hook")) as desk:
        told(desk).alert()
    assert "webhook-signature" not in asked(server).headers


def test_login_headers_and_parameters_go_along(
    watched: Watched, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.posts["/hook?a=1&a=2"] = http()
    reference = f"json://u:${{P}}@127.0.0.1:{server.port}/hook?a=1&+X-Token=${{T}}&a=2"
    with desk_of(watched, subscription(reference), environment={"P": "p@ss", "T": "t0k+en"}) as desk:
        (dispatch,) = told(desk).alert()
    assert dispatch.letter.state == "sent"
    assert asked(server).headers["authorization"] == f"Basic {base64.b64encode(b'u:p@ss').decode()}"
    assert asked(server).headers["x-token"] == "t0k+en"


FAULTS: dict[str, tuple[Answer, str]] = {
    "500": (http("", "500 Internal Server Error"), "HTTP 500"),
    "429": (http("", "429 Too Many Requests"), "HTTP 429"),
    "404": (http("", "404 Not Found"), "HTTP 404"),
    "redirect into a private network": (redirect("http://169.254.169.254/latest/meta-data"), "HTTP 302: redirects are"),
    "redirect that keeps the method": (redirect("/hook", "308 Permanent Redirect"), "HTTP 308: redirects are"),
    "stall": (stall, "in time"),
    "reset": (reset, "no connection, or it was closed before an answer"),
    "too late": (slowly(http(), 1.6), "in time"),
    "no HTTP": (b"220 mail.example.vn ESMTP\r\n", "no connection, or it was closed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_091_letter_waits_until_the_server_takes_it(desk: Desk, server: FaultServer, fault: str) -> None:
    answer, said = FAULTS[fault]
    server.posts["/hook"] = answer  # type: ignore[assignment]
    desk.policy = replace(POLICY, timeout_s=1)
    (failed,) = told(desk).alert()
    assert (failed.letter.state, failed.letter.tries) == ("waiting", 1)
    assert said in str(failed.letter.error)
    assert {one.path for one in server.asked} == {"/hook"}  # nowhere else, whatever a redirect says
    server.posts["/hook"] = http()
    desk.late = timedelta(minutes=6)
    (sent,) = desk.alert()
    assert sent.letter.state == "sent"
    assert {one.headers["webhook-id"] for one in server.asked} == {failed.letter.message_id}
    assert len({one.body for one in server.asked}) == 1


def test_fault_091_retry_after_is_kept(desk: Desk, server: FaultServer) -> None:
    server.posts["/hook"] = http("", "429 Too Many Requests", Retry_After="3600")
    (failed,) = told(desk).alert()
    assert failed.letter.retry_at == desk.watched.instant + timedelta(hours=1)
    server.posts["/hook"] = http("", "503 Service Unavailable", Retry_After="Tue, 13 Apr 2021 09:00:00 GMT")
    desk.late = timedelta(hours=1)
    (failed,) = desk.alert()
    assert failed.letter.retry_at == desk.watched.instant + timedelta(hours=6)  # 9:00 GMT is 16:00 in Vietnam


def test_server_error_is_tried_again_in_the_same_run(desk: Desk, server: FaultServer) -> None:
    server.posts["/hook"] = http("", "500 Internal Server Error")
    desk.policy = replace(POLICY, tries=2)
    told(desk).alert()
    assert len(server.asked) == 2


def test_failure_says_nothing_of_the_address(watched: Watched) -> None:
    reference = f"json://127.0.0.1:{free_port()}/${{PATH_TOKEN}}"
    with desk_of(watched, subscription(reference), environment={"PATH_TOKEN": "bi-mat-4711"}) as desk:
        (failed,) = told(desk).alert()
    assert failed.letter.error == "no connection, or it was closed before an answer"


def test_letter_is_cut_between_changes(desk: Desk, server: FaultServer, watched: Watched) -> None:
    told(desk)
    copy_change(watched, 449)
    assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent"] * 3
    found = posted(server)
    assert [(letter["part"], letter["parts"], len(letter["changes"])) for letter in found] == [
        (1, 3, 200),
        (2, 3, 200),
        (3, 3, 50),
    ]
    assert len({change["change_id"] for letter in found for change in letter["changes"]}) == 450
    assert len({letter["id"] for letter in found}) == 3


def test_part_that_fails_alone_is_sent_alone(desk: Desk, server: FaultServer, watched: Watched) -> None:
    told(desk)
    copy_change(watched, 249)
    server.posts = {'/hook "part":1': http(), "/hook": http("", "500 Internal Server Error")}
    assert [dispatch.letter.state for dispatch in desk.alert()] == ["sent", "waiting"]
    server.posts["/hook"] = http()
    desk.late = timedelta(minutes=6)
    assert [dispatch.letter.part for dispatch in desk.alert()] == [2]


def test_parts_behind_one_that_waits_wait_too(desk: Desk, server: FaultServer, watched: Watched) -> None:
    told(desk)
    copy_change(watched, 249)
    server.posts["/hook"] = http("", "429 Too Many Requests", Retry_After="3600")
    assert [dispatch.letter.part for dispatch in desk.alert()] == [1]
    server.posts["/hook"] = http()
    parts = []
    for minutes in (6, 61):
        desk.late = timedelta(minutes=minutes)
        parts.append([dispatch.letter.part for dispatch in desk.alert()])
    assert parts == [[], [1, 2]]


def test_fault_089_template_in_a_title_is_text(desk: Desk, server: FaultServer) -> None:
    title = "{{7*7}} %(n)d {0.__class__} ${HOOK}"
    told(desk, title).alert()
    assert posted(server)[0]["changes"][0]["title"] == title


@pytest.mark.parametrize(
    "reference, said",
    [
        ("json:///hook", "names no host"),
        ("json://127.0.0.1/?+Host=x", "+Host is no header that can be set"),
        ("json://127.0.0.1/?+X-A:b=x", "+X-A:b is no header that can be set"),
        ("json://127.0.0.1/?+X-A=%0d%0aX-B:c", "the value of +X-A is not plain ASCII"),
        ("json://127.0.0.1/?secret=${BAD}", "begins with whsec_, but no base64 follows"),
        ("tgram://nothing", "is no address that Apprise understands"),
        ("gopher://127.0.0.1", "is no address that Apprise understands"),
    ],
)
def test_address_that_cannot_be_used_is_told_before_anything_is_sent(
    watched: Watched, reference: str, said: str
) -> None:
    with (
        desk_of(watched, subscription(reference), environment={"BAD": "whsec_?"}) as desk,
        pytest.raises(UsageError) as caught,
    ):
        desk.alerting()
    assert said in str(caught.value)


MARKUP = "<!channel> <@U024> @everyone @here `code` *đậm* [x](javascript:alert(1)) <script>alert(1)</script> #kênh"


def test_fault_095_nothing_in_a_title_mentions_links_or_formats() -> None:
    told = harmless(MARKUP)
    assert not any(letter in told for letter in "<>`*[]")
    assert "@everyone" not in told
    assert "#kênh" not in told
    assert told.replace("\u2060", "").startswith("‹!channel› ‹@U024› @everyone @here")


@pytest.fixture
def chat(watched: Watched, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An ntfy server of our own, asked through Apprise, without its pause of five seconds between two letters."""
    monkeypatch.setattr("apprise.plugins.base.NotifyBase.request_rate_per_sec", 0)
    server.posts["/"] = http("{}")
    with desk_of(watched, subscription(f"ntfy://127.0.0.1:{server.port}/tin", language="vi")) as made:
        yield made


def said(server: FaultServer) -> list[str]:
    """What a chat was told: title and text."""
    found = [json.loads(body) for _, body in server.posted]
    return [f"{one.get('title', '')}\n{one['message']}" for one in found]


def test_chat_is_told_through_apprise(chat: Desk, server: FaultServer) -> None:
    (article_id,) = chat.new(chat.begin(1), "Khánh thành cầu Cốc Lếu", body="Vốn là 21,5 tỷ đồng.")
    chat.alert()
    chat.edit(chat.begin(2), article_id, article("Khánh thành cầu Cốc Lếu", body="Vốn là 215 tỷ đồng."))
    chat.alert()
    first, second = said(server)
    assert "tin: Mới: Khánh thành cầu Cốc Lếu" in first
    assert "Cổng Lào Cai (lao-cai)" in first
    assert "• Sửa: “Khánh thành cầu Cốc Lếu”" in second
    assert "số tiền “21,5 tỷ đồng” → “215 tỷ đồng”" in second
    assert "http://lao-cai.example/" in second


def test_fault_095_chat_is_told_markup_as_text(chat: Desk, server: FaultServer) -> None:
    told(chat, MARKUP).alert()
    assert "‹!channel›" in said(server)[0]
    assert "@everyone" not in said(server)[0]


def test_fault_091_chat_waits_until_the_service_takes_it(chat: Desk, server: FaultServer) -> None:
    server.posts["/"] = http("", "500 Internal Server Error")
    (failed,) = told(chat).alert()
    assert failed.letter.state == "waiting"
    assert str(failed.letter.error).startswith("the service did not take it")
    server.posts["/"] = http("{}")
    chat.late = timedelta(minutes=6)
    assert [dispatch.letter.state for dispatch in chat.alert()] == ["sent"]


def test_fault_091_chat_that_stalls_ends_in_time(chat: Desk, server: FaultServer) -> None:
    server.posts["/"] = stall  # type: ignore[assignment]
    chat.policy = replace(POLICY, timeout_s=1)
    (failed,) = told(chat).alert()
    assert failed.letter.state == "waiting"


def test_chat_says_where_the_watcher_was_blind(chat: Desk, server: FaultServer, watched: Watched) -> None:
    run = chat.begin(1)
    chat.new(run, "Tin")
    watched.fail(run, "hỏng")
    watched.finish(run)
    chat.alert()
    assert "⚠ lao-cai, " in said(server)[0]
    assert "1 địa chỉ lỗi" in said(server)[0]


def test_chat_is_cut_between_changes_within_its_limit(chat: Desk, server: FaultServer, watched: Watched) -> None:
    told(chat)
    copy_change(watched, 40, padding=" rất dài" * 20)
    sent = chat.alert()
    assert [(dispatch.letter.state, dispatch.letter.error) for dispatch in sent] == [("sent", None)] * len(sent)
    assert len(sent) > 1
    whole = "\n".join(said(server))
    assert [f"Tin {n} " in whole for n in range(40)] == [True] * 40
    assert max(map(measure, said(server))) <= 7800  # ntfy's own limit
    assert "(2/" in said(server)[1]


def test_fault_093_ten_thousand_new_articles_are_one_digest_for_each_channel(
    watched: Watched, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.posts["/"] = http("{}")
    with MailSink() as sink:
        channels = (
            f"mailto://127.0.0.1:{sink.port}?from=a@example.vn&to=b@example.vn",
            f"json://127.0.0.1:{server.port}/hook",
            f"ntfy://127.0.0.1:{server.port}/tin",
        )
        with desk_of(watched, subscription(*channels)) as desk:
            told(desk)
            copy_change(watched, 9_999)
            done = desk.alert()
            assert [(dispatch.letter.state, dispatch.changes) for dispatch in done] == [("sent", 10_000)] * 3
            assert desk.alert() == []
    (letter,), (hook, chat) = sink.letters, posted(server) if "id" in posted(server)[0] else posted(server)[::-1]
    assert letter["Subject"] == "tin: 10000 new"
    assert len(sink.raw[0]) < 1_000_000
    assert "… and 9700 more changes" in sink.text()
    assert "In all: 10000 new." in sink.text()
    assert (len(hook["changes"]), hook["more"]) == (200, 9_800)
    assert max(len(asked.body) for asked in server.asked) <= 256_000
    assert measure(chat["message"]) <= 7800
    assert " more changes" in chat["message"]


@pytest.mark.parametrize(
    "address, most",
    [("tgram://123456789:abcdefg_hijklmnop/12315544/", 4096), ("zalo://123456789:abcdefghijKLMNOPqrst/4711", 2000)],
)
def test_limit_is_the_service_s_own(address: str, most: int) -> None:
    channel: ChatChannel = open_chat(address, "x", timeout_s=5)
    assert 0.8 * most <= channel.limit.size <= most
    assert channel.service.redirects is False


def test_cost_of_a_change_is_never_below_what_it_takes(watched: Watched) -> None:
    channel = open_chat("ntfy://127.0.0.1/tin", "x", timeout_s=5)
    vi = load_messages("vi")
    change = a_change(ChangeKind.EDITED, fields=(MONEY,) * 10, title="x" * 900, section="y" * 900)
    (part,) = arrange([change], vi, {"ninhthuan-2021": "z" * 900})
    assert measure("\n".join(_part_lines(part, vi))) <= channel.cost(change, vi)


def test_test_letter_in_a_chat_says_that_it_is_one() -> None:
    one = Contents(
        message_id="test-1", subscription="tin @all", part=1, parts=1, composed_at=SEEN, changes=(), coverage=(),
        names={}, is_test=True,
    )  # fmt: skip
    said = "This is a test: nothing happened on the portals. " + (
        "What the subscription “tin @\u2060all” asks for will arrive here."
    )
    assert list(_lines(one, [], [], load_messages("en"))) == [said]
    assert subject_of(one, load_messages("en")) == "tin @all: TEST, no news"
