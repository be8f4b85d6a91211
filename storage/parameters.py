"""Which query parameters say what page is meant, and which only say how one came there.

A parameter is kept unless it is known to carry nothing: whoever throws away what it does not know loses the paging of
a Liferay portal (PORTALS §2.3). It decides by names and values alone and opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Pair = tuple[str, str]

_NOTHING = re.compile(
    # who sent the reader: campaigns, social networks, search boxes
    r"utm_\w+|(?:fb|g|d|ms|y|tt|tw)clk?id|gbraid|wbraid|gclsrc|igshid|igsh|mibextid|sfnsn|fb_\w+|__tn__|__cft__.*"
    r"|zarsrc|gidzl|mc_cid|mc_eid|_ga|_gl|_gac|_hsenc|_hsmi|mkt_tok|li_fat_id|ref_src|gsc\.\w+|__cf_chl_\w+"
    # sessions: Java, PHP, ASP, ColdFusion, Oracle ADF
    r"|jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|sessionid|session_id|aspxautodetectcookiesupport"
    r"|cfid|cftoken|_afr\w+|_adf\..+"
    # state of Web Forms and SharePoint
    r"|__viewstate\w*|__eventvalidation|__requestdigest|initialtabid|visibilitycontext|skinsrc|containersrc"
    # state of Liferay: window, mode and place of a portlet, its token, the way back
    r"|p_p_(?:state|mode|auth|col_\w+|cacheability|state_rcv)|p_auth|p_l_back_url\w*|p_r_p_backurl|inheritredirect"
    r"|_\w+_(?:redirect|backurl|resetcur|advancedsearch|andoperator|formdate|inheritredirect|p_auth)"
)
_SESSION_NAMES = frozenset({"sid", "s", "session", "sess", "token"})
_SESSION_VALUE = re.compile(r"(?=.*\d)[0-9a-f]{24,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FRESH_NAMES = frozenset({"t", "_", "ts", "_t", "timestamp", "time", "rnd", "rand", "random", "nocache"})
_FRESH_VALUE = re.compile(r"1\d{9}(?:\d{3})?|0\.\d{5,}")
"""Seconds or milliseconds since 1970, or a random fraction: made to get past a cache."""
_PORTLET = re.compile(r"_\w+_\w+")
_ADDRESS = re.compile(r"https?:|/")
_YES = frozenset({"", "1", "true", "yes", "y", "print"})
_PRINT_NAMES = frozenset({"print", "printview", "printmode", "printable", "isprint", "dnnprintmode"})
_PRINT_VALUES = frozenset({"print", "printview", "printable"})
_PRINT_HOW = re.compile(r"(?:_\w+_)?(?:viewmode|mode|view|format|output|task)")
_WITH_PRINT = frozenset({("tmpl", "component"), ("layout", "default"), ("page", ""), ("page", "0")})


def meaningful(pairs: Iterable[Pair], *, is_article: bool, has_friendly_name: bool) -> list[Pair]:
    """The pairs that tell one page from another, in their order.

    `is_article`: the path ends like an article's, so that a page number is left over from the listing (ArticleDetail).
    `has_friendly_name`: the path names a Liferay article after `/-/`, which needs no portlet.
    """
    named = [(name, name.casefold(), value) for name, value in pairs]
    names = {low for _, low, _ in named}
    is_print = any(_asks_for_print(low, value.casefold()) for _, low, value in named)
    is_liferay = has_friendly_name or "p_p_id" in names
    kept = [
        (name, value)
        for name, low, value in named
        if not _says_nothing(low, value.casefold())
        and not (is_print and (_asks_for_print(low, value.casefold()) or (low, value.casefold()) in _WITH_PRINT))
        and not (is_article and low == "pageindex")
        and not (low == "title" and "nid" in names)
        and not (low == "source" and _ADDRESS.match(value) and names & {"itemid", "id"})
        and not (low == "redirect" and is_liferay and _ADDRESS.match(value))
    ]
    if has_friendly_name and not any(_PORTLET.fullmatch(name) for name, _ in kept):
        kept = [(name, value) for name, value in kept if name != "p_p_id"]
    return kept


def _says_nothing(name: str, value: str) -> bool:
    """True for tracking, session, cache and window state. Both arguments are without letter case."""
    if _NOTHING.fullmatch(name) is not None:
        return True
    if name == "p_p_lifecycle":
        return value != "2"  # 0 draws the page, 1 acts and draws it, 2 answers with a file
    if name in _FRESH_NAMES:
        return _FRESH_VALUE.fullmatch(value) is not None
    if name in _SESSION_NAMES:
        return _SESSION_VALUE.fullmatch(value) is not None
    return not value and name.startswith("_") and name.endswith("_keywords")


def _asks_for_print(name: str, value: str) -> bool:
    if name in _PRINT_NAMES:
        return value in _YES
    return value in _PRINT_VALUES and _PRINT_HOW.fullmatch(name) is not None


def without_print(segments: Sequence[str]) -> list[str]:
    """The path of the article that a print view's path shows; any other path as it is.

    Drupal's `/print/72`, NukeViet's `/vi/news/print/<section>/<slug>-<id>.html`, WordPress' `/<slug>/print`.
    """
    path = list(segments)
    for at in range(len(path) - 1, -1, -1):
        if path[at].casefold() != "print":
            continue
        after = path[at + 1 :]
        if not after and at > 0 and path[at - 1].count("-") >= 2:
            path = path[:at]
        elif len(after) == 1 and after[0].isdecimal():
            path = [*path[:at], "node", *after]
        elif after and (after[0] == "node" or re.search(r"-\d+(?:\.html?)?$", after[-1])):
            path = [*path[:at], *after]
    return path
