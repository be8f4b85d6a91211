"""What an HTTP server's answer, or the lack of one, means for what was sent to it: `DeliveryError`s of one line.

What it does not do: send. No message quotes an address, since there may be secrets in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests

from crawler.errors import DeliveryError

_BUSY = (429, 503)


def check_answer(status: int, retry_after: str | None, now: datetime) -> None:
    """Raises `DeliveryError` for an answer that is not 2xx."""
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise DeliveryError(f"HTTP {status}: redirects are not followed; write the address that it leads to")
    wait = _seconds(retry_after, now) if status in _BUSY else None
    raise DeliveryError(f"HTTP {status}", again=status >= 500 and wait is None, retry_after_s=wait)


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """How long a server wants to be left alone: seconds or a date; None where it does not say."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max((parsedate_to_datetime(retry_after) - now).total_seconds(), 0)
    except (TypeError, ValueError):
        return None


def explained(act: Callable[[], None]) -> None:
    """Does `act`; what keeps it from an answer is a `DeliveryError`."""
    try:
        act()
    except requests.exceptions.SSLError as error:
        raise DeliveryError("no encrypted connection: the certificate is not accepted") from error
    except requests.exceptions.ConnectTimeout as error:
        raise DeliveryError("no connection in time", down=True) from error
    except requests.exceptions.Timeout as error:
        raise DeliveryError("no answer in time", down=True) from error
    except requests.exceptions.ConnectionError as error:
        raise DeliveryError("no connection, or it was closed before an answer", down=True, again=True) from error
    except requests.exceptions.RequestException as error:
        raise DeliveryError(f"not sent ({type(error).__name__})") from error
