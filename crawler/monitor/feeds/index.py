"""The lists of feeds: a page for people, and OPML for feed readers.

What it does not do: run or load anything. Both are a function of the feeds' names and titles.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from xml.sax.saxutils import quoteattr

from crawler.i18n import Messages
from crawler.monitor.feeds import atom, jsonfeed, names

PAGE = "index.html"
LIST = "feeds.opml"


def index_page(titles: Mapping[str, str], messages: Messages) -> bytes:
    """The page: every feed by its title, with links to its files beside it."""
    _ = messages.gettext
    title = escape(_("Feeds of portalwatch"))
    hint = escape(_("Give one of these addresses to a feed reader; it then shows what is new by itself."))
    groups = [
        (_("Everything"), [name for name in titles if name == names.ALL]),
        (_("Portals and their sections"), [name for name in titles if name.startswith(f"{names.PORTALS}/")]),
        (_("Subscriptions"), [name for name in titles if name.startswith(f"{names.SUBSCRIPTIONS}/")]),
    ]
    body = [f"<h1>{title}</h1>", f"<p>{hint}</p>"]
    for heading, members in groups:
        if members:
            rows = "\n".join(f"<li>{_row(name, titles[name])}</li>" for name in sorted(members))
            body.append(f"<h2>{escape(heading)}</h2>\n<ul>\n{rows}\n</ul>")
    everything = f'<link rel="alternate" type="{atom.MEDIA_TYPE}" href="{names.ALL}.{atom.ENDING}">'
    head = (
        '<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n{everything}'
    )
    page = "\n".join(body)
    document = f"<head>\n{head}\n</head>\n<body>\n{page}\n</body>"
    return f'<!DOCTYPE html>\n<html lang="{messages.language}">\n{document}\n</html>\n'.encode()


def index_opml(titles: Mapping[str, str], base_url: str, messages: Messages) -> bytes:
    """The feeds as OPML 2.0, which every feed reader takes: the Atom file of each."""
    title = escape(messages.gettext("Feeds of portalwatch"), quote=False)
    outlines = [
        f'<outline type="rss" text={quoteattr(titles[name])} title={quoteattr(titles[name])} '
        f"xmlUrl={quoteattr(f'{base_url}{name}.{atom.ENDING}')}/>"
        for name in sorted(titles)
    ]
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n<head><title>{title}</title></head>\n<body>'
    return "\n".join([head, *map(atom.xml_safe, outlines), "</body>\n</opml>\n"]).encode()


def _row(name: str, title: str) -> str:
    files = [(atom.ENDING, "Atom"), (jsonfeed.ENDING, "JSON")]
    links = ", ".join(f'<a href="{escape(f"{name}.{ending}")}">{label}</a>' for ending, label in files)
    return f"{escape(title)}: {links}"
