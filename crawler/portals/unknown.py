"""The portal of an address that no portal file has: read by the known platform that it is, or without rules.

It serves `extract` and drafts of portal files; nothing is ever crawled or archived under it.
"""

from __future__ import annotations

from pathlib import Path

from crawler.parsing.rules import Reader
from crawler.portals.loader import load_platforms
from crawler.portals.platform import Layouts
from crawler.portals.portal import Expectations, FetchPolicy, Portal, hosts_of

SLUG = "unknown"
"""Its slug; articles read with it name no portal."""


def unknown_portal(url: str, *, allow_private: bool = False) -> Portal:
    """A portal for the host of `url`, an http or https address.

    `allow_private`: it may be on loopback or in a private network, and is there asked without delay.
    """
    layouts = Layouts((), tuple(load_platforms().values()))
    return Portal(
        slug=SLUG,
        name=SLUG,
        province=None,
        platform=None,
        start=(url,),
        feeds=(),
        sitemap=None,
        looks_for=frozenset(),
        verified=None,
        retired=None,
        successor=None,
        fetch=FetchPolicy(allow_private=True, delay_s=0.0) if allow_private else FetchPolicy(),
        expect=Expectations(),
        reader=Reader(portal=None, layouts=layouts, declared=0, guessed=True),
        fold_case=False,
        fingerprint="",
        source=Path(),
        hosts=hosts_of([url]),
    )
