"""A channel: where a subscription's letters go, as an address whose secrets are variables of the environment.

What it does not do: send, or know services (`crawler.monitor.channels`). The archive and every message know a channel
by the digest of its address as written, so that no secret can come with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from crawler.errors import UsageError

_REFERENCE = re.compile(r"\$\{(\w+)\}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SECRET_NAME = re.compile(r"pass|pwd|secret|token|key|auth|credential|signature", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_+=:~-]{16,}")
_TURN = re.compile(r"\d(?=[-_]?[A-Za-z])|[A-Za-z](?=[-_]?\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One address that letters go to."""

    reference: str = field(repr=False)
    """As written in the file: `mailtos://bot:${SMTP_PASSWORD}@smtp.example.vn?to=tin@example.vn`."""
    where: str
    """File, line and key that it is written at, for messages."""

    @property
    def digest(self) -> str:
        """What the archive knows it by: 32 hex digits over the address as written."""
        return hashlib.sha256(f"portalwatch-channel-1\n{self.reference}".encode()).hexdigest()[:32]

    @property
    def name(self) -> str:
        """What people know it by: `mailtos-3fa1b2c4`; `env-…` where the whole address is a variable."""
        scheme = _SCHEME.match(self.reference)
        return f"{scheme[1].lower() if scheme else 'env'}-{self.digest[:8]}"

    def expand(self, environment: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """The real address, and the secrets in it. Raises `UsageError` where the environment lacks a variable.

        A variable inside an address is quoted as addresses want it; one that is the whole address is taken as it is.
        """
        names = _REFERENCE.findall(self.reference)
        for name in names:
            if not environment.get(name):
                raise UsageError(f"{self.where}: the environment has no {name}; set the variable for this command")
        if _REFERENCE.fullmatch(self.reference):
            address = environment[names[0]].strip()
            return address, (address, *_parts(address))
        address = _REFERENCE.sub(lambda found: quote(environment[found[1]], safe=":"), self.reference)
        values = [environment[name] for name in names]
        return address, tuple(dict.fromkeys([*values, *(quote(value, safe=":") for value in values)]))


def find_literal_secret(reference: str) -> str | None:
    """The part of an address that looks like a secret written out, as its name (never its value); None for none."""
    blank = _REFERENCE.sub("\x00", reference)
    if blank.strip("\x00") == "":
        return None
    for name, value in _named_parts(blank):
        if value and value.strip("\x00") and (name.startswith("password") or _is_token(value)):
            return name
    return None


def _is_token(value: str) -> bool:
    """True for what services hand out: long, no dot, letters and digits mixed; `2026-tin-moi-hang-ngay` is none."""
    return _TOKEN.fullmatch(value) is not None and len(_TURN.findall(value)) >= 3


def _named_parts(address: str) -> Iterator[tuple[str, str]]:
    """The parts of an address that may be secrets, each with a name that says where it stands."""
    parts = urlsplit(address.replace("\x00", "%00"))
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    mail = parts.scheme.lower() in ("mailto", "mailtos")
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        yield f"{'password' if _SECRET_NAME.search(name) else 'parameter'} {name}", _raw(value)
    yield "password", _raw(password)
    if not mail:
        yield "user", _raw(user)
        yield "host", _raw(parts.netloc.rpartition("@")[2])
        for segment in parts.path.split("/"):
            yield "path", _raw(segment)


def _raw(value: str) -> str:
    return value.replace("%00", "\x00")


def _parts(address: str) -> tuple[str, ...]:
    """Of an address that is secret as a whole: its longer parts, which a message might quote alone."""
    return tuple(part for part in re.split(r"[/@?&=:#]+", address) if len(part) >= 6)
