"""Which layouts to try on a page, in which order.

First the portal's own: the one of the page's time before today's. Then the other known platforms, each only where its
`detect` markers are on the page. It reads no field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from crawler.parsing.index import Index
from crawler.parsing.rules import Layout, Reader
from crawler.parsing.select import find_elements


def layouts_for(reader: Reader, index: Index, fetched_at: datetime) -> Iterator[Layout]:
    """The layouts of `reader` worth trying on a page fetched at that instant, best first, each when asked for."""
    declared = reader.own
    yield from declared if len(declared) < 2 else _in_turn(declared, fetched_at)
    others = (layout for layout in reader.layouts[reader.declared :] if layout.detect)
    yield from (layout for layout in others if find_elements(layout.detect, index))


def _in_turn(declared: Sequence[Layout], fetched_at: datetime) -> list[Layout]:
    """Those that the portal had then or later, the next one first; then today's, then those that it had left."""
    of_then = sorted((layout for layout in declared if layout.until and fetched_at < layout.until), key=_until)
    of_today = [layout for layout in declared if layout.until is None]
    left = sorted(
        (layout for layout in declared if layout.until and fetched_at >= layout.until), key=_until, reverse=True
    )
    return [*of_then, *of_today, *left]


def _until(layout: Layout) -> datetime:
    if layout.until is None:
        raise ValueError("a layout of today has no end")
    return layout.until


def fallback_warning(reader: Reader, layout: Layout) -> list[str]:
    """What to say when a layout read the page that the portal file does not declare; nothing under `auto`."""
    if reader.declared == 0 or any(layout is declared for declared in reader.own):
        return []
    expected = reader.layouts[0].platform or reader.portal
    return [f"layout: read as {layout.platform}, not as {expected}"]


def without_rules_warning(reader: Reader) -> list[str]:
    """What to say when no rule of the portal file read the page and it was read without any; nothing under `auto`."""
    if reader.declared == 0:
        return []
    return [f"layout: read without rules; those of {reader.layouts[0].platform or reader.portal} do not fit"]


def no_layout(reader: Reader, url: str) -> str:
    """The message for a page of no known layout."""
    name = reader.portal or "no portal"
    return f"{name}: no known platform is recognised on {url}; write a portal file that says its platform or its rules"
