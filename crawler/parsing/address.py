"""Links of a page as web addresses that can be requested. What page an address means says `storage.identity`.

It opens nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from storage.identity import MAX_KEY, POSTED, address_key, host_key, host_of, posted_page, root_of

__all__ = ["MAX_KEY", "POSTED", "absolute_url", "address_key", "host_key", "host_of", "posted_page", "root_of"]

_SCHEMES = frozenset({"http", "https"})
_BREAK = re.compile(r"[\t\r\n]")
_PLAIN_PATH = re.compile(r"(?:/(?!\.)[A-Za-z0-9%!&'()*+,:=@_~.-]++)++(?:\?[A-Za-z0-9%!&'()*+,:=@_~./-]++)?")
"""A path from the root, with nothing in it that is resolved or quoted; most links are such."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,19}):", re.IGNORECASE)
_SAFE_URL = "!#$%&'()*+,/:;=?@[]~"


def absolute_url(base_url: str, href: str) -> str | None:
    """The web address that `href` means on a page of `base_url`, fit to be requested. None for `javascript:`.

    A user name or password in it is left out: it would be stored and printed, and pages that need one are not public.
    """
    href = (href if href.isprintable() else _BREAK.sub("", href)).strip()
    if not href or href.startswith("#"):
        return None
    if _PLAIN_PATH.fullmatch(href) and (site := _site(root_of(base_url))) is not None:
        return site + href
    try:
        url = urljoin(base_url, href)
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname or parts.port == 0:
            return None
        if "@" in parts.netloc:
            url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    except ValueError:
        return None
    return quote(url, safe=_SAFE_URL, errors="replace")


def other_scheme(href: str) -> str | None:
    """The scheme that `href` names where that is none of the web, as `file:`; None for every other `href`."""
    found = _SCHEME.match(_BREAK.sub("", href).strip())
    return None if found is None or found.group(1).lower() in _SCHEMES else found.group().lower()


@lru_cache(maxsize=64)
def _site(url: str) -> str | None:
    """Scheme and host of a web address, as joining leaves them; None where it is none or needs a closer look."""
    try:
        site = absolute_url(url, "/.")
    except ValueError:
        return None
    return site[:-1] if site is not None and site.endswith("/") else None
