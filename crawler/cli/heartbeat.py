"""Tells a monitor at the end of a run that it was well, or that it failed (`[health] heartbeat`).

A monitor that hears nothing raises the alarm: that is how somebody learns of a machine that is off. What it does not
do: fail a run. An address that does not answer is a line. Redirects are not followed, and a name that leads into a
private network is not opened, unless the settings say that the monitor is there.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from importlib.metadata import version
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from crawler.clock import Clock
from crawler.errors import DeliveryError, UsageError
from crawler.monitor.answers import check_answer, explained
from crawler.monitor.deadline import within
from crawler.networks import is_private
from crawler.unattended import Heartbeat

TIMEOUT_S = 10
"""Seconds for one answer."""
_TRIES = 3


def beat(heartbeat: Heartbeat, environment: Mapping[str, str], clock: Clock, *, failed: bool) -> None:
    """Asks for the address that says how the run was.

    Raises `DeliveryError`, and `UsageError` for an address that cannot be used; neither repeats a secret.
    """
    if failed and heartbeat.silent:
        return
    url = _find_address(heartbeat, environment, failed=failed)
    if url is None:
        return
    parts = _check(url, heartbeat.well.where)
    attempts = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, DeliveryError) and (error.again or error.down)),
        wait=wait_exponential_jitter(multiplier=0.5, max=4, jitter=0.5),
        stop=stop_after_attempt(_TRIES),
        reraise=True,
    )
    attempts(within, TIMEOUT_S, lambda: explained(lambda: _ask(url, parts, clock, private=heartbeat.private)))


def _find_address(heartbeat: Heartbeat, environment: Mapping[str, str], *, failed: bool) -> str | None:
    """The address; None where there is none for a run that failed, since what follows a `?` says that all is well."""
    if failed and heartbeat.failed is not None:
        return heartbeat.failed.expand(environment)[0]
    url = heartbeat.well.expand(environment)[0]
    if not failed:
        return url
    parts = urlsplit(url)
    return None if parts.query else urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))


def _check(url: str, where: str) -> SplitResult:
    """The parts of the address. Raises `UsageError` where it is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise UsageError(f"{where}: is no web address; correct it, or the variable of the environment that it names")


def _ask(url: str, parts: SplitResult, clock: Clock, *, private: bool) -> None:
    if not private:
        _check_public(parts)
    answer = requests.get(
        url,
        headers={"User-Agent": f"portalwatch/{version('portalwatch')}"},
        auth=lambda request: request,  # else requests would look for a login in ~/.netrc
        timeout=TIMEOUT_S,
        allow_redirects=False,
        stream=True,  # whatever the answer's body is, we do not want it
    )
    answer.close()
    check_answer(answer.status_code, answer.headers.get("Retry-After"), clock())


def _check_public(parts: SplitResult) -> None:
    """Raises `DeliveryError` for a host that cannot be found, or of whose addresses one is private."""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError("its host was not found", down=True, again=True) from error
    if any(is_private(str(address[0])) for *_, address in found):
        raise DeliveryError("its host is in a private network; if that is meant, set heartbeat_private = true")
