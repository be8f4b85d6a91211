"""The identity of an address: two spellings of one page have one key.

Scheme, `www.`, default ports, fragment, percent-encoding, Unicode form, session ids and tracking parameters do not
count; parameters that carry meaning (`PageIndex`, `ItemID`, `_cur` …) do, in any order. It opens nothing, and the key
is not an address to fetch.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urljoin, urlsplit

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|igshid|zarsrc|gidzl|mc_cid|mc_eid|_ga|_gl|gsc\.\w+"
    r"|jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|sessionid|aspxautodetectcookiesupport",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_WEB_FORMS_SESSION = re.compile(r"/\((?:[A-Z]\([^/()]{1,80}\)|[a-z0-9]{24})\)(?=/)")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_SEGMENT = "!$&'()*+,;=:@-._~"
_SAFE_URL = "!#$%&'()*+,/:;=?@[]~"


def address_key(url: str, *, fold_case: bool) -> str:
    """The identity of `url`, e.g. `ninhthuan.gov.vn/chinhquyen/sonv/pages/thong-bao.aspx`.

    `fold_case`: the portal's paths are the same in any letter case (SharePoint). What is no web address is its own key.
    """
    url = "".join(url.split("\n")).strip()
    try:
        parts = urlsplit(url)
        host = host_key(parts)
    except ValueError:
        return url
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return url
    path = _path_key(parts.path)
    query = _query_key(parts.query)
    if fold_case:
        path, query = path.casefold(), query.casefold()
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def host_key(parts: SplitResult) -> str:
    """Host and port without `www.`, default port, final dot and letter case. `ValueError` for a nonsensical port."""
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = host.casefold()
    host = host.removeprefix("www.")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return host if port in (None, *_DEFAULT_PORTS.values()) else f"{host}:{port}"


def _path_key(path: str) -> str:
    path = _WEB_FORMS_SESSION.sub("", _PATH_SESSION.sub("", path))
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        plain = _plain(segment)
        if plain == "..":
            del segments[-1:]
        elif plain != ".":
            segments.append(quote(plain, safe=_SAFE_SEGMENT))
    return "/" + "/".join(segments)


def _query_key(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None, errors="replace")
    kept = sorted((_nfc(name), _nfc(value)) for name, value in pairs if _TRACKING.fullmatch(name) is None)
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in kept)


def _plain(segment: str) -> str:
    return _nfc(unquote(segment, errors="replace"))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode("utf-8")


def absolute_url(base_url: str, href: str) -> str | None:
    """The web address that `href` means on a page of `base_url`, fit to be requested. None for `javascript:`."""
    href = re.sub(r"[\t\r\n]", "", href).strip()
    if not href or href.startswith("#"):
        return None
    try:
        url = urljoin(base_url, href)
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    return quote(url, safe=_SAFE_URL, errors="replace")
