"""Time stamps of an authority on what was sealed: asked for, kept, checked; never in the way of a crawl."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from exported import story
from fault_server import FaultServer
from small_portal import SmallPortal
from tsa import NOW, Authority, serving

import command
from crawler.config import StampPolicy, load_config
from crawler.errors import TomlError, UsageError
from crawler.stamping import Stamped, load_authorities, stamp_manifests
from storage.archive import Archive
from storage.stamps import BadStamp, check_stamp, request_for
from storage.verification import FaultKind, Verified, verify

CONTENT = b'{"number": 1}'


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with four manifests."""
    watched = story(tmp_path_factory.mktemp("sealed") / "archive")
    watched.archive.close()
    return watched.archive.path


@pytest.fixture
def archive(sealed: Path, tmp_path: Path) -> Iterator[Archive]:
    shutil.copytree(sealed, tmp_path / "archive")
    with Archive.open(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture(scope="module")
def served() -> Iterator[Authority]:
    with serving(Authority()) as authority:
        yield authority


@pytest.fixture
def authority(served: Authority) -> Authority:
    served.behaviour = "honest"
    served.asked.clear()
    return served


@pytest.fixture
def policy(authority: Authority, tmp_path: Path) -> StampPolicy:
    return StampPolicy(url=authority.url, ca_file=str(authority.save_root(tmp_path / "ca.pem")))


def stamp(archive: Archive, policy: StampPolicy) -> Stamped:
    return stamp_manifests(archive, policy, "portalwatch/0")


def stamped(archive: Archive) -> list[str]:
    return sorted(path.name[:6] for path in (archive.path / "warc/manifests").glob("*.tsr"))


def checked(archive: Archive, authority: Authority | None) -> Verified:
    return verify(archive, roots=None if authority is None else [authority.root])


def test_stamp_says_when_and_who(authority: Authority) -> None:
    request = request_for(CONTENT)
    found = check_stamp(authority.answer(request.body), CONTENT, [authority.root], request.nonce)
    assert (found.at, found.authority) == (NOW, "CN=Cơ quan thử")


def test_request_tells_the_authority_nothing_but_a_digest() -> None:
    body = request_for(CONTENT).body
    assert CONTENT not in body
    assert len(body) < 100


@pytest.mark.parametrize(
    "content, trusted, nonce, reason",
    [
        (b"edited", True, None, "it is about something else"),
        (CONTENT, False, None, "signed by nobody whom ca_file trusts"),
        (CONTENT, True, 5, "Nonce mismatch"),
    ],
)
def test_stamp_of_something_else_is_none(
    authority: Authority, content: bytes, trusted: bool, nonce: int | None, reason: str
) -> None:
    answer = authority.answer(request_for(CONTENT).body)
    roots = [authority.root if trusted else Authority().root]
    with pytest.raises(BadStamp, match=reason):
        check_stamp(answer, content, roots, nonce)


def test_stamp_with_a_flipped_byte_never_says_another_instant(authority: Authority) -> None:
    answer = authority.answer(request_for(CONTENT).body)
    accepted = 0
    for at in range(0, len(answer), 3):
        flipped = bytearray(answer)
        flipped[at] ^= 1
        try:
            assert check_stamp(bytes(flipped), CONTENT, [authority.root]).at == NOW
            accepted += 1
        except BadStamp:
            continue
    assert accepted < 10  # bytes that no signature covers


def test_every_manifest_is_stamped_once(archive: Archive, authority: Authority, policy: StampPolicy) -> None:
    assert stamp(archive, policy) == Stamped(count=4, waiting=0, problem=None)
    assert stamped(archive) == ["000001", "000002", "000003", "000004"]
    assert stamp(archive, policy) == Stamped(count=0, waiting=0, problem=None)
    assert len(authority.asked) == 4


def test_nobody_is_asked_without_an_address(archive: Archive, authority: Authority) -> None:
    assert stamp(archive, StampPolicy()) == Stamped(count=0, waiting=0, problem=None)
    assert authority.asked == []


def test_manifests_after_the_newest_stamp_wait_for_theirs(archive: Archive, policy: StampPolicy) -> None:
    stamp(archive, policy)
    for name in ("000003", "000004"):
        next((archive.path / "warc/manifests").glob(f"{name}*.tsr")).unlink()
    assert stamp(archive, policy).count == 2


def test_an_archive_with_many_manifests_asks_for_the_newest(
    archive: Archive, policy: StampPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.stamping._MOST", 2)
    assert stamp(archive, policy) == Stamped(count=2, waiting=0, problem=None)
    assert stamped(archive) == ["000003", "000004"]


@pytest.mark.parametrize(
    "behaviour, reason",
    [
        ("busy", "503"),
        ("refuses", "refused: not today"),
        ("elsewhere", "about something else"),
        ("babbles", "no answer in the form of RFC 3161"),
    ],
)
def test_an_authority_that_gives_no_stamp_is_told_and_asked_again(
    archive: Archive, authority: Authority, policy: StampPolicy, behaviour: str, reason: str
) -> None:
    authority.behaviour = behaviour
    done = stamp(archive, policy)
    assert (done.count, done.waiting, reason in str(done.problem)) == (0, 4, True), done.problem
    assert stamped(archive) == []
    authority.behaviour = "honest"
    assert stamp(archive, policy).count == 4


def test_an_authority_nobody_trusts_gives_no_stamp(archive: Archive, authority: Authority, tmp_path: Path) -> None:
    policy = StampPolicy(url=authority.url, ca_file=str(Authority().save_root(tmp_path / "other.pem")))
    assert "signed by nobody" in str(stamp(archive, policy).problem)
    assert stamped(archive) == []


def test_verify_says_since_when_manifests_are_stamped(
    archive: Archive, authority: Authority, policy: StampPolicy
) -> None:
    stamp(archive, policy)
    found = checked(archive, authority)
    assert found.faults == ()
    assert [(one.number, one.at, one.is_trusted) for one in found.stamps] == [(n, NOW, True) for n in (1, 2, 3, 4)]


def test_verify_without_certificates_compares_contents(
    archive: Archive, authority: Authority, policy: StampPolicy
) -> None:
    stamp(archive, policy)
    found = checked(archive, None)
    assert (found.faults, [one.is_trusted for one in found.stamps]) == ((), [False] * 4)


@pytest.mark.parametrize("damage", ["another manifest's", "another authority's", "cut"])
def test_verify_finds_a_false_stamp(archive: Archive, authority: Authority, policy: StampPolicy, damage: str) -> None:
    stamp(archive, policy)
    first, second, *_ = sorted((archive.path / "warc/manifests").glob("*.tsr"))
    if damage == "another manifest's":
        first.write_bytes(second.read_bytes())
    elif damage == "another authority's":
        first.write_bytes(Authority().answer(request_for(first.with_suffix("").read_bytes()).body))
    else:
        first.write_bytes(first.read_bytes()[:300])
    (fault,) = checked(archive, authority).faults
    assert (fault.kind, fault.where) == (FaultKind.STAMP, f"warc/manifests/{first.name}")


def test_verify_knows_what_a_kill_leaves_and_nothing_else(
    archive: Archive, authority: Authority, policy: StampPolicy
) -> None:
    stamp(archive, policy)
    newest = max((archive.path / "warc/manifests").glob("*.tsr"))
    newest.rename(f"{newest}.part")
    assert checked(archive, authority).faults == ()
    Path(f"{newest}.part").rename(newest.with_name("000099-x.json.tsr"))
    (fault,) = checked(archive, authority).faults
    assert (fault.kind, fault.where[-10:]) == (FaultKind.FOREIGN, "x.json.tsr")


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_cannot_be_read_are_a_usage_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match="ca_file"):
        load_authorities(StampPolicy(ca_file=str(path)))


@pytest.mark.parametrize(
    "text, reason",
    [
        ('url = "http://x.example"', "ca_file"),
        ('url = "ftp://x.example"\nca_file = "a"', "no web address"),
        ("urls = 1", "urls"),
    ],
)
def test_setting_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "portalwatch.toml").write_text(f"[stamp]\n{text}\n", encoding="utf-8")
    with pytest.raises(TomlError, match=reason):
        load_config(tmp_path)


def test_crawl_stamps_what_it_sealed_and_verify_tells(tmp_path: Path, authority: Authority) -> None:
    with FaultServer() as server, FaultServer() as no_authority:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a")
        authority.save_root(tmp_path / "ca.pem")
        settings = portal.archive / "portalwatch.toml"
        settings.write_text(f'[stamp]\nurl = "{no_authority.url}/gone"\nca_file = "../ca.pem"\n', encoding="utf-8")
        first = portal.crawl()
        assert "no time stamp" in first.err
        assert "1 manifest waits" in first.err
        settings.write_text(f'[stamp]\nurl = "{authority.url}"\nca_file = "../ca.pem"\n', encoding="utf-8")
        second = portal.crawl()
    assert (first.code, second.code, second.err) == (0, 0, "")
    done = command.run("verify", "--archive", str(portal.archive), "--json")
    found = json.loads(done.out)["stamps"]
    assert (done.code, [one["stamped_at"] for one in found]) == (0, ["2026-11-27T10:00:00+07:00"] * 2)
    told = command.run("verify", "--archive", str(portal.archive), "--lang", "en").out
    assert "2 manifests bear a time stamp" in told
    assert "there since 2026-11-27T10:00:00+07:00, says CN=Cơ quan thử" in told
