"""Letters to a program: `jsons://HOST/PATH?secret=${SECRET}` is POSTed JSON over HTTPS, signed; `json://` over HTTP.

The headers are those of Standard Webhooks: `webhook-id` is the same however often a letter is sent, `webhook-signature`
is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. What it does not do: follow redirects, which could lead
into a private network, or read the answer's body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import requests

from crawler.clock import Clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.answers import check_answer, explained
from crawler.monitor.channel_address import ChannelAddress
from crawler.monitor.contents import Contents, Limit, fit, subject_of
from crawler.monitor.coverage import coverage_lines
from crawler.monitor.deadline import within
from crawler.monitor.health import notice_json
from crawler.monitor.report import change_json
from storage.records import Change, as_vietnam_iso

_SECRET_PREFIX = "whsec_"
_OWN_HEADERS = frozenset(
    {"content-type", "content-length", "host", "webhook-id", "webhook-timestamp", "webhook-signature"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookChannel:
    """An address that takes POSTs."""

    url: str
    """Where to."""
    login: tuple[str, str] | None
    """User and password of HTTP Basic; None for none."""
    headers: Mapping[str, str]
    """Further headers."""
    secret: bytes | None
    """Key of the signature; None for letters that are not signed."""
    timeout_s: float
    """Seconds for one letter."""
    clock: Clock
    """Tells the time of a signature."""

    limit = Limit(size=256_000, items=200, parts=5)
    """Bytes of JSON."""

    def cost(self, change: Change, messages: Messages) -> int:
        """Bytes that the change takes."""
        return len(_as_bytes(change_json(change, messages))) + 1

    def send(self, contents: Contents, messages: Messages) -> str | None:
        """POSTs the letter. Raises `DeliveryError` for any answer that is not 2xx."""
        body = fit(contents, self.limit, lambda told, left_out: _lay_out(contents, messages, told, left_out))
        within(self.timeout_s, lambda: explained(lambda: self._post(contents.message_id, body)))
        return None

    def _post(self, message_id: str, body: bytes) -> None:
        now = self.clock()
        timestamp = str(int(now.timestamp()))
        headers = {
            **self.headers,
            "Content-Type": "application/json",
            "User-Agent": f"portalwatch/{version('portalwatch')}",
            "Idempotency-Key": message_id,
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
        }
        if self.secret is not None:
            headers["webhook-signature"] = sign(self.secret, message_id, timestamp, body)
        answer = requests.post(
            self.url,
            data=body,
            headers=headers,
            auth=self.login or (lambda request: request),  # else requests would look for a login in ~/.netrc
            timeout=self.timeout_s,
            allow_redirects=False,
            stream=True,  # whatever the answer's body is, we do not want it
        )
        answer.close()
        check_answer(answer.status_code, answer.headers.get("Retry-After"), now)


def sign(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body with dots between."""
    digest = hmac.new(secret, b".".join([message_id.encode(), timestamp.encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def open_webhook(address: ChannelAddress, where: str, *, timeout_s: float, clock: Clock) -> WebhookChannel:
    """The channel of a `json(s)` address. Parameters that are not ours go along with the request."""
    headers = {name[1:]: value for name, value in address.parameters if name.startswith("+")}
    for name, value in headers.items():
        if name.lower() in _OWN_HEADERS or not name.isascii() or not name.replace("-", "").isalnum():
            raise UsageError(f"{where}: +{name} is no header that can be set; leave it out")
        if not value.isprintable() or not value.isascii():
            raise UsageError(f"{where}: the value of +{name} is not plain ASCII; correct it")
    passed_on = [(name, value) for name, value in address.parameters if name != "secret" and name[:1] != "+"]
    host = f"[{address.host}]" if ":" in address.host else address.host
    port = f":{address.port}" if address.port else ""
    scheme = "https" if address.scheme == "jsons" else "http"
    secret = address.one("secret")
    return WebhookChannel(
        url=f"{scheme}://{host}{port}{address.path or '/'}" + (f"?{urlencode(passed_on)}" if passed_on else ""),
        login=(address.user, address.password or "") if address.user else None,
        headers=headers,
        secret=_as_key(secret, where) if secret else None,
        timeout_s=timeout_s,
        clock=clock,
    )


def _as_key(secret: str, where: str) -> bytes:
    """The bytes that sign: what follows `whsec_` is base64, anything else is taken as it is."""
    if not secret.startswith(_SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise UsageError(
            f"{where}: the secret begins with whsec_, but no base64 follows; correct the variable"
        ) from error


def letter_json(
    contents: Contents, messages: Messages, told: Sequence[Change], left_out: Sequence[Change]
) -> dict[str, Any]:
    """What is POSTed."""
    first: dict[str, int] = {}
    for change in told:
        if change.first_crawl:
            first[change.portal] = first.get(change.portal, 0) + 1
    return {
        "id": contents.message_id,
        "subscription": contents.subscription,
        "composed_at": as_vietnam_iso(contents.composed_at),
        "part": contents.part,
        "parts": contents.parts,
        "summary": subject_of(contents, messages),
        "changes": [
            change_json(change, messages) | ({"times": change.times} if change.times > 1 else {})
            for change in told
            if not change.first_crawl
        ],
        "more": len(left_out),
        "first_crawls": [{"portal": portal, "articles": count} for portal, count in sorted(first.items())],
        "health": [notice_json(notice) for notice in contents.notices],
        "coverage": coverage_lines(contents.coverage, messages) if contents.coverage else [],
    } | ({"test": True} if contents.is_test else {})


def _lay_out(
    contents: Contents, messages: Messages, told: Sequence[Change], left_out: Sequence[Change]
) -> tuple[bytes, int]:
    body = _as_bytes(letter_json(contents, messages, told, left_out))
    return body, len(body)


def _as_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
