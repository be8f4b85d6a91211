"""`[[subscription]]`: what the file says, which changes it lets through, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from test_report import a_change

from crawler.config import Config, load_config
from crawler.errors import TomlError, UsageError
from crawler.subscriptions import AlertPolicy, Channel, Subscription
from crawler.subscriptions.matching import Addressing, Told, as_phrase, wants
from crawler.subscriptions.timing import Timing
from storage.records import FieldChange
from storage.vocabulary import ChangeKind, Weight

MAIL = "mailtos://bot:${SMTP_PASSWORD}@smtp.example.vn?to=tin@example.vn"


def load(folder: Path, text: str) -> Config:
    (folder / "portalwatch.toml").write_text(text, encoding="utf-8")
    return load_config(folder)


def one(folder: Path, text: str = "", channel: str = MAIL) -> Subscription:
    config = load(folder, f'[[subscription]]\nname = "ngân sách"\nchannel = "{channel}"\n{text}')
    return config.subscription[0]


def test_subscription_with_every_key_is_read(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """
        kinds = ["edited", "gone"]
        portals = ["ninhthuan"]
        provinces = ["Khánh Hòa"]
        sections = ["Kinh tế"]
        words = ["thu hồi đất", "dak lak"]
        exclude = ["lịch tiếp công dân"]
        weight = "minor"
        hour = 7
        weekday = "friday"
        quiet_hours = "22:00-06:30"
        language = "en"
        """,
    )
    assert found == Subscription(
        name="ngân sách",
        channels=found.channels,
        kinds=frozenset({ChangeKind.EDITED, ChangeKind.GONE}),
        portals=frozenset({"ninhthuan"}),
        provinces=frozenset({"khanh-hoa", "ninh-thuan"}),
        sections=frozenset({"kinh te"}),
        words=(" thu hoi dat ", " dak lak "),
        exclude=(" lich tiep cong dan ",),
        weight=Weight.MINOR,
        timing=Timing(hour=7, weekday=4, quiet_from=time(22), quiet_until=time(6, 30)),
        language="en",
    )
    assert [channel.reference for channel in found.channels] == [MAIL]


def test_subscription_may_have_only_its_feed(tmp_path: Path) -> None:
    assert one(tmp_path, channel="feed").channels == ()


def test_several_channels_are_several_addresses(tmp_path: Path) -> None:
    config = load(tmp_path, '[[subscription]]\nname = "x"\nchannel = ["${ZALO}", "ntfy://ntfy.example.vn/tin"]\n')
    (found,) = config.subscription
    assert [channel.name.split("-")[0] for channel in found.channels] == ["env", "ntfy"]
    assert len({channel.digest for channel in found.channels}) == 2


def test_alert_settings_are_read(tmp_path: Path) -> None:
    text = "[alert]\ntimeout_s = 5\ntries = 1\ngive_up_days = 0.5\nquiet_edits_min = 0\n"
    assert load(tmp_path, text).alert == AlertPolicy(timeout_s=5, tries=1, give_up_days=0.5, quiet_edits_min=0)


@pytest.mark.parametrize(
    "line, key, said",
    [
        ('chanel = "x"', "chanel", "did you mean channel?"),
        ('kinds = ["edit"]', "kinds", "'edit' is none of them; known here: new, edited, gone"),
        ('kinds = "edited"', "kinds", 'write it like ["…", "…"]'),
        ('portals = ["ninh-thuan-cu"]', "portals", "'ninh-thuan-cu' is no portal; portalwatch portals lists them"),
        ('provinces = ["Sài Thành"]', "provinces", "'Sài Thành' is no province"),
        ('words = ["..."]', "words", "has no word in it"),
        ('exclude = [""]', "exclude", "is no text"),
        ('weight = "big"', "weight", "write substantive, minor, technical"),
        ("hour = 24", "hour", "24 is no hour of the day; write 0 to 23"),
        ('weekday = "friday"', "weekday", "says no hour; add hour = 7"),
        ('hour = 7\nweekday = "thứ sáu"', "weekday", "write monday, tuesday"),
        ('quiet_hours = "22-6"', "quiet_hours", 'write it like "22:00-06:30"'),
        ('quiet_hours = "25:00-06:30"', "quiet_hours", "is no span of the day"),
        ('hour = 23\nquiet_hours = "22:00-06:30"', "hour", "23 lies in the quiet hours"),
        ('language = "fr"', "language", "write vi or en"),
    ],
)
def test_mistake_names_file_line_key_and_what_to_do(tmp_path: Path, line: str, key: str, said: str) -> None:
    with pytest.raises(TomlError) as caught:
        one(tmp_path, line)
    number = 4 + line.splitlines().index(next(item for item in line.splitlines() if item.startswith(key)))
    assert f"portalwatch.toml:{number}: subscription[0].{key}: " in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text, said",
    [
        ('[[subscription]]\nchannel = "${X}"', ":1: subscription[0].name: is missing"),
        ('[[subscription]]\nname = "x"', ":1: subscription[0].channel: is missing; say where to send"),
        ('[[subscription]]\nname = "x"\nchannel = []', ":3: subscription[0].channel: is missing"),
        ('[[subscription]]\nname = "x"\nchannel = "tin@example.vn"', ":3: subscription[0].channel: is no address"),
        ('[subscription]\nname = "x"', "subscription: is no list of tables; write [[subscription]]"),
        (f'[[subscription]]\nname = "{"x" * 61}"', ":2: subscription[0].name: is no short line"),
        (
            '[[subscription]]\nname = "x"\nchannel = "${A}"\n[[subscription]]\nname = "x"\nchannel = "${A}"',
            ":5: subscription[1].name: 'x' is the name of another subscription",
        ),
        ('[[subscription]]\nname = "x"\nchannel = ["${A}", "${A}"]', "names one address twice"),
        ("[alert]\ntries = 0", ":2: alert.tries: 0 is too little; write at least 1"),
        ("[alert]\ntimeout = 5", ":2: alert.timeout: is no key here; did you mean timeout_s?"),
    ],
)
def test_mistake_of_the_whole_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TomlError) as caught:
        load(tmp_path, text)
    assert said in str(caught.value)


TOKEN = "AAFq7xK2mWzP0vQ9sLd3"


@pytest.mark.parametrize(
    "address",
    [
        "mailtos://bot:s3cret@smtp.example.vn",
        f"tgram://123456789:{TOKEN}/4711",
        f"zalo://123456789:{TOKEN}/4711",
        f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}",
        f"jsons://hooks.example.vn/in?secret={TOKEN}",
        "jsons://hooks.example.vn/in?secret=ngắn",
        "jsons://hooks.example.vn/in?+Authorization=Bearer",
        "jsons://hooks.example.vn/f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        f"discord://4711471147114711/{TOKEN}",
        "ntfy://minh:matkhau@ntfy.example.vn/tin",
        "mailtos://bot:abc${SMTP_PASSWORD}@smtp.example.vn",
    ],
)
def test_secret_written_out_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    with pytest.raises(TomlError) as caught:
        one(tmp_path, channel=address)
    said = str(caught.value)
    assert "portalwatch.toml:3: subscription[0].channel: has a secret written out (" in said
    assert said.endswith("put it into a variable of the environment and write ${NAME} instead")
    assert not any(secret in said for secret in ("s3cret", TOKEN, "ngắn", "Bearer", "f81d4fae", "matkhau", "abc"))


@pytest.mark.parametrize(
    "address",
    [
        "${TELEGRAM}",
        MAIL,
        "mailto://127.0.0.1:2525?from=tin@example.vn&to=ban-doc-so-1-huyen-2-xa-3@example.vn",
        "tgram://${TELEGRAM_TOKEN}/${TELEGRAM_CHAT}",
        "jsons://hooks.example.vn/2026-tin-moi-hang-ngay?secret=${HOOK}",
        "ntfy://ntfy.example.vn/tin-lao-cai",
        "msteams://${A}/${B}/${C}/${D}",
    ],
)
def test_address_without_a_secret_is_taken(tmp_path: Path, address: str) -> None:
    assert one(tmp_path, channel=address).channels[0].reference == address


def a_channel(reference: str) -> Channel:
    return Channel(reference=reference, where="portalwatch.toml:3: subscription[0].channel")


def test_channel_is_known_by_its_address_as_written_not_by_its_secret() -> None:
    found = a_channel(MAIL)
    assert found.digest == a_channel(MAIL).digest != a_channel("${MAIL}").digest
    assert found.name == f"mailtos-{found.digest[:8]}"
    assert a_channel("${MAIL}").name.startswith("env-")
    assert "SMTP_PASSWORD" not in repr(found)


def test_channel_quotes_what_the_environment_says() -> None:
    address, secrets = a_channel(MAIL).expand({"SMTP_PASSWORD": "p@ss/wörd"})
    assert address == "mailtos://bot:p%40ss%2Fw%C3%B6rd@smtp.example.vn?to=tin@example.vn"
    assert set(secrets) == {"p@ss/wörd", "p%40ss%2Fw%C3%B6rd"}


def test_channel_that_is_a_variable_is_taken_as_it_is() -> None:
    address, secrets = a_channel("${TELEGRAM}").expand({"TELEGRAM": f"tgram://123456789:{TOKEN}/4711 "})
    assert address == f"tgram://123456789:{TOKEN}/4711"
    assert TOKEN in secrets


@pytest.mark.parametrize("environment", [{}, {"SMTP_PASSWORD": ""}])
def test_channel_names_the_variable_that_is_missing(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"toml:3: subscription\[0\].channel: the environment has no SMTP_PASSWORD"):
        a_channel(MAIL).expand(environment)


def test_phrase_is_words_side_by_side_without_marks() -> None:
    assert as_phrase("Đắk Lắk:  “thu-hồi” ĐẤT!") == " dak lak thu hoi dat "


ALL = Subscription(name="x", channels=(a_channel("${A}"), a_channel("${B}")))
TEXT = "Ủy ban nhân dân tỉnh Đắk Lắk ban hành quyết định thu hồi đất."
MONEY = FieldChange(field="body", cls="number", old="là 21,5 tỷ đồng", new="là 215 tỷ đồng tiền đặt cọc")


@pytest.mark.parametrize(
    "criteria, wanted",
    [
        ({}, True),
        ({"kinds": frozenset({ChangeKind.EDITED})}, True),
        ({"kinds": frozenset({ChangeKind.GONE})}, False),
        ({"portals": frozenset({"ninhthuan-2021"})}, True),
        ({"portals": frozenset({"lao-cai"})}, False),
        ({"provinces": frozenset({"ninh-thuan", "khanh-hoa"})}, True),
        ({"provinces": frozenset({"dak-lak"})}, False),
        ({"sections": frozenset({"nong nghiep"})}, True),
        ({"sections": frozenset({"kinh te"})}, False),
        ({"words": (as_phrase("dak lak"),)}, True),
        ({"words": (as_phrase("thu hồi đất"),)}, True),
        ({"words": (as_phrase("hồi thu"),)}, False),
        ({"words": (as_phrase("ak lak"),)}, False),
        ({"words": (as_phrase("hoi nghi tong ket"),)}, True),
        ({"words": (as_phrase("215 tỷ"),)}, True),
        ({"words": (as_phrase("21,5 tỷ"),)}, True),
        ({"words": (as_phrase("không có"), as_phrase("dat coc"))}, True),
        ({"exclude": (as_phrase("nong nghiep"),)}, False),
        ({"exclude": (as_phrase("bóng đá"),)}, True),
        ({"words": (as_phrase("dak lak"),), "exclude": (as_phrase("215"),)}, False),
        ({"weight": Weight.SUBSTANTIVE}, True),
    ],
)
def test_criteria_let_through(criteria: dict[str, object], wanted: bool) -> None:
    subscription = replace(ALL, **criteria)  # type: ignore[arg-type]
    assert wants(subscription, Told(a_change(fields=(MONEY,)), TEXT), province="ninh-thuan") is wanted


@pytest.mark.parametrize(
    "weight, wanted", [(Weight.TECHNICAL, False), (Weight.MINOR, True), (Weight.SUBSTANTIVE, True)]
)
def test_weight_is_a_minimum_for_edits_only(weight: Weight, wanted: bool) -> None:
    subscription = replace(ALL, weight=Weight.MINOR)
    assert wants(subscription, Told(a_change(weight=weight), ""), province=None) is wanted
    assert wants(subscription, Told(a_change(ChangeKind.GONE, weight=weight), ""), province=None)


def test_first_crawl_is_told_to_whom_the_portal_concerns_whatever_the_words() -> None:
    first = Told(a_change(ChangeKind.NEW, first_crawl=True), "")
    assert wants(replace(ALL, words=(as_phrase("xổ số"),)), first, province=None)
    assert not wants(replace(ALL, portals=frozenset({"lao-cai"})), first, province=None)
    assert not wants(replace(ALL, kinds=frozenset({ChangeKind.GONE})), first, province=None)


def test_addressing_names_every_channel_of_whom_it_concerns() -> None:
    other = replace(ALL, name="y", kinds=frozenset({ChangeKind.GONE}))
    told = Addressing(subscriptions=(ALL, other), province=None)(a_change(), TEXT)
    assert told == [("x", a_channel("${A}").digest), ("x", a_channel("${B}").digest)]


def vietnam(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


@pytest.mark.parametrize(
    "timing, now, due",
    [
        (Timing(), "2026-11-27T10:15", "2026-11-27T10:15"),
        (Timing(hour=7), "2026-11-27T07:00", "2026-11-27T07:00"),
        (Timing(hour=7), "2026-11-27T06:59", "2026-11-26T07:00"),
        (Timing(hour=7), "2026-11-27T23:59", "2026-11-27T07:00"),
        (Timing(hour=7, weekday=4), "2026-11-27T07:30", "2026-11-27T07:00"),  # a Friday
        (Timing(hour=7, weekday=4), "2026-11-27T06:30", "2026-11-20T07:00"),
        (Timing(hour=7, weekday=0), "2026-11-27T06:30", "2026-11-23T07:00"),
    ],
)
def test_digest_tells_what_was_recorded_before_its_last_hour(timing: Timing, now: str, due: str) -> None:
    assert timing.due_before(vietnam(now)) == vietnam(due)


@pytest.mark.parametrize(
    "now, quiet",
    [("22:00", True), ("23:59", True), ("00:00", True), ("06:29", True), ("06:30", False), ("21:59", False)],
)
def test_quiet_hours_go_over_midnight(now: str, quiet: bool) -> None:
    timing = Timing(quiet_from=time(22), quiet_until=time(6, 30))
    assert timing.is_quiet(vietnam(f"2026-11-27T{now}")) is quiet
    assert not Timing().is_quiet(vietnam(f"2026-11-27T{now}"))


def test_quiet_hours_of_a_day() -> None:
    timing = Timing(quiet_from=time(12), quiet_until=time(13))
    assert [timing.is_quiet_at(time(hour)) for hour in (11, 12, 13)] == [False, True, False]
