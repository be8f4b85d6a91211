"""The rich text of an article as an editor's browser left it: paragraphs, pictures, byline, and the wear of pasting.

Both templates print the same rich text; only pictures are laid out differently. It escapes what it prints and adds no
page furniture. All wear is decided by a checksum of the words, so a page changes only when its article does.
"""

from __future__ import annotations

import re
import zlib
from html import escape
from html.entities import codepoint2name

from crawler.demo.articles import Picture, SiteArticle

_WORD_COMMENT = "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->"
_JUSTIFY = ' style="text-align: justify; line-height: 150%"'


def worn(text: str, wear: frozenset[str]) -> str:
    """`text` escaped and mistreated as `wear` says; its words stay the same."""
    pieces = [_worn_word(piece, wear) for piece in re.split(r"( )", text)]
    if "zero-width" in wear:
        middle = len(pieces) // 4 * 2
        pieces.insert(middle, "\u200b")
        pieces.append("\u200b")
    if "nbsp" in wear:
        pieces = [_worn_blank(piece, number) for number, piece in enumerate(pieces)]
    marked = "".join(pieces)
    if "spans" in wear:
        marked = _in_spans(marked)
    return marked


def _worn_word(word: str, wear: frozenset[str]) -> str:
    safe = escape(word, quote=False).replace("\u00a0", "&#160;")
    if "entities" not in wear or zlib.crc32(word.encode()) % 3 == 0:
        return safe
    return "".join(f"&{codepoint2name[ord(c)]};" if ord(c) > 160 and ord(c) in codepoint2name else c for c in safe)


def _worn_blank(piece: str, number: int) -> str:
    if piece != " " or number % 7:
        return piece
    return ("&nbsp;", " &nbsp;", "\u00a0", "\n        ")[number // 7 % 4]


def _in_spans(marked: str) -> str:
    """The first words in one coloured span, the rest in another, nested as the ribbon of SharePoint nests them."""
    cut = marked.find(" ", len(marked) // 3)
    if cut < 0:
        return f'<span class="ms-rteThemeForeColor-2-0">{marked}</span>'
    return (
        f'<span class="ms-rteThemeForeColor-2-0" style="font-size: 14px">{marked[:cut]}</span>'
        f'<span style="font-size: 14px"><span class="ms-rteThemeForeColor-1-0" lang="VI">{marked[cut:]}</span></span>'
    )


def rich_text(article: SiteArticle, *, captions_apart: bool) -> str:
    """The HTML inside the rich text field. `captions_apart`: every picture and its caption get their own `<p>`."""
    blocks = [_picture(picture, tabled=not captions_apart) for picture in article.pictures if picture.after == 0]
    tag = "div" if "divs" in article.wear else "p"
    for number, paragraph in enumerate(article.paragraphs, start=1):
        inside = worn(paragraph, article.wear)
        following = [picture for picture in article.pictures if picture.after == number]
        glued = [picture for picture in following if picture.place == "inline" and not captions_apart]
        inside += "".join(_glued(picture) for picture in glued)
        blocks.append(inside if "breaks" in article.wear else f"<{tag}{_JUSTIFY}>{inside}</{tag}>")
        blocks.extend(_picture(picture, tabled=not captions_apart) for picture in following if picture not in glued)
        if "comments" in article.wear and number == 1:
            blocks.append(_WORD_COMMENT)
    blocks.extend(_typed_downloads(article))
    if "breaks" in article.wear:
        blocks = ["<div>" + "<br /><br />\n".join(blocks) + "</div>"]
    if article.byline:
        blocks.append(_byline(article))
    return "\n".join(blocks)


def _image(picture: Picture) -> str:
    return f'<img alt="" src="{escape(picture.path)}" style="margin: 5px; width: 600px" />'


def _glued(picture: Picture) -> str:
    caption = f'<span class="ms-rteFontSize-1">{escape(picture.caption)}</span>' if picture.caption else ""
    return _image(picture) + caption


def _picture(picture: Picture, *, tabled: bool) -> str:
    centred = ' style="text-align: center"' if picture.place in ("centred", "table") else ""
    caption = escape(picture.caption or "")
    if tabled and picture.place == "table":
        rows = f"<tr><td>{_image(picture)}</td></tr><tr><td{centred}>{caption}</td></tr>"
        return f'<table border="0" align="center"><tbody>{rows}</tbody></table>'
    if picture.place == "centred":
        caption = f"<em>{caption}</em>"
    if not picture.caption:
        return f"<p{centred}>{_image(picture)}</p>"
    return f"<p{centred}>{_image(picture)}</p>\n<p{centred}>{caption}</p>"


def _typed_downloads(article: SiteArticle) -> list[str]:
    return [
        f'<p>Đính kèm: <a href="{escape(item.path)}">{escape(item.title)}</a></p>'
        for item in article.downloads
        if item.place == "text"
    ]


def _byline(article: SiteArticle) -> str:
    name = f"<strong>{worn((article.byline or '').rstrip(), article.wear - {'spans', 'nbsp'})}&#160;</strong>"
    return f"<p>{name}</p>" if article.byline_style == "bold" else f'<p style="text-align: right">{name}</p>'
