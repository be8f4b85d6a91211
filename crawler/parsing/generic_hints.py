"""What the names of classes and ids say about an element, in the words of many systems, Vietnamese ones among them.

A hint is never proof: whoever asks has to weigh it against the text itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_STRONG = re.compile(
    r"nav|navbar|navigation|main menu|mega menu|page foot|foot(?:er)? \w+|breadcrumbs?|site header|masthead|topbar|footer|site footer|page footer|sidebar|side bar"
    r"|related\w*|recommend\w*|read next|more stories|more posts|more news|other news|othernews|also like|trending|most popular"
    r"|most read|most viewed|latest (?:news|posts|articles|stories)|recent posts?|next prev|prev next|post nav\w*|article other|news other"
    r"|tin khac|tinkhac|tin lien quan|tinlienquan|lien quan|lienquan|tin da dua|tindadua|cac tin|tin cung|cung chuyen muc|cungchuyenmuc"
    r"|tin moi|detail related|comments?|commentlist|comment list|comment respond|disqus\w*|respond|binhluan|binh luan"
    r"|cookies?|consent|gdpr|popup|pop up|modal|lightbox|newsletter (?:form|signup|sign up|box)|testimonials?|reviews slider"
)
"""Names of what is never the text, unless it holds most of the page."""
_FURNITURE = re.compile(
    r"(?:"
    # menus and the frame of the page
    r"menu\w*|submenu|bread|crumbs?|top bar|header bar|rail|skip link|toolbar|tools?|pager|paging|pagination|paginate|banner\w*|logo"
    # other articles
    r"|read more|readmore|similar|popular|latest|recent|carousel|teasers?|cross sell|upsell|you may|more from|further reading|up next"
    # what readers do
    r"|share\w*|sharing|social\w*|addthis\w*|addtoany|a2a|sharethis|follow us|follow|likes?|fb|facebook|twitter|zalo|comment\w*|reply|replies"
    r"|feedback|ratings?|vote|voting|poll|chia se|chiase|danhgia|danh gia|phan hoi|y kien"
    # offers and notices
    r"|newsletter\w*|subscribe\w*|subscription|signup|sign up|optin|opt in|mailing|promo|promotion|promobox|advert\w*|ads?|adv|adsbygoogle"
    r"|sponsor\w*|quang cao|quangcao|overlay|tooltip|paywall|cta|call to action|affiliate|disclosure|disclaimer|copyright|legal|licen[cs]e"
    # about the text, not the text
    r"|tags?|tag cloud|tagcloud|taglist|keywords?|categories|cat links|tu khoa|tukhoa|author bio|author box|authorbox|about author"
    r"|about the author|author info|author card|author|bio|biography|toc|table of contents|tableofcontents|ez toc|jump links|jump to|on this page"
    r"|post meta|entry meta|article meta|metadata|meta info|meta|byline|dateline|posted on|post date|publish(?:ed)? date|print|printfriendly"
    r"|view count|luot xem|luotxem|thong ke|thongke|truy cap|lien ket|lienket|font size|co chu|doc bai|credits?|entry footer|post footer"
    r"|screen reader text|sr only|visually hidden|visuallyhidden|edit section|mw editsection|noprint|no print|wp block buttons?|buttons?|btn"
    r")"
)
_FOOTER = re.compile(r"(?:site |page )?(?:footer|foot|bottom|copyright)(?: \w+)*|page foot")
_HIDDEN = frozenset({"hidden", "hide", "d-none", "is-hidden", "invisible"})
_NO_HINT = re.compile(r"(?:has|no|not|is|with|without|tag|category|under|above|below|post-tag|hide|show|js|single|page|type)[-_]|.*[:\[/]|.*(?:enabled|disabled|true|false)", re.I)
"""Classes that say what is beside an element, how it looks or what it is filed under."""
_RELATED = re.compile(
    r"related\w*|(?:\w+ )?other news|othernews|other(?:s)? (?:articles|posts)|article other|news other|newsother|tin khac|tinkhac|tin lien quan|tinlienquan|lien quan|lienquan"
    r"|tin da dua|tindadua|cac tin|cung chuyen muc|tin cung|tin cu|tin moi hon"
)
_CAPTION = re.compile(r"caption\w*|figcaption|image credit|photo credit|img credit|chu thich|chuthich|pcaption|photocms caption")
_SECTION = re.compile(r"(?:\w+ )?(?:chuyen ?muc|detail cate|cate(?:gory)? (?:page|name|title)|section name|portlet title)(?: \w+)?")
_LEAD = re.compile(
    r"(?:\w+ )*(?:sapo|lead|lede|tom tat|tomtat|(?<!with )summary|hometext|intro|introtext|standfirst|chapeau|dek|excerpt|subhead|subheadline"
    r"|description|brief|trich dan|trichdan|mo ta|mota|news sum|desc|subtitle|sub title)(?: \w+)*"
)
_BYLINE = re.compile(r"author|authors|byline|tac gia|tacgia|nguoi viet|writer|contributor")
_DATE = re.compile(
    r"date|published?|publishdate|post date|pub date|posted|posted on|time|timestamp|datetime|ngay dang|ngaydang|ngay|thoi gian|created?|updated?"
)
_TITLE = re.compile(
    r"(?:\w+ )*(?:title|headline|heading|tieude|tieu de|tenbai|ten bai|header title|subject)(?: (?:news|detail|article|tin|bai|viet|post|1|text|lbl|label))*"
)
_CONTENT = re.compile(
    r"article (?:body|content|text|main|contents)|entry content|post (?:content|body|text)|news (?:content|body|bodyhtml|detail)|story (?:body|content)"
    r"|content (?:body|detail|article|news|text)|detail content|body ?text|body content|noi ?dung|chi ?tiet|journal content article|rich text|rte|ms rtestate field"
    r"|main content|page content|rich html field|fck ?detail|article"
)
_BREADCRUMB = re.compile(r"bread ?crumbs?\w*|crumbs?|duong dan|duongdan|path way|pathway|site ?map ?path|news path|you are here")


@lru_cache(maxsize=8192)
def _has(pattern: re.Pattern[str], names: str) -> bool:
    """True where one of the names, taken as lower-case words, holds the pattern: `postTags`, `post-tags`, `post_tags`."""
    return any(_matches(pattern, name) for name in names.split())


@lru_cache(maxsize=16384)
def _matches(pattern: re.Pattern[str], name: str) -> bool:
    if _NO_HINT.match(name):
        return False
    words = f" {' '.join(word for word in _BORDER.split(name) if word).lower()} "
    found = pattern.search(words)
    while found is not None:
        if words[found.start() - 1] == " " and words[found.end()] == " ":
            return True
        found = pattern.search(words, found.start() + 1)
    return False


def names_of(element: HtmlElement) -> str:
    """Its classes and its id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".strip()


def _hints(pattern: re.Pattern[str], element: HtmlElement) -> bool:
    names = names_of(element)
    return bool(names) and _has(pattern, names[:400])


def is_beside(element: HtmlElement) -> bool:
    """Named after what is never part of the text: the frame of the page, other news, comments."""
    return _hints(_STRONG, element)


def is_footer(element: HtmlElement) -> bool:
    """The foot of the page, by its tag or its name."""
    return element.tag == "footer" or _hints(_FOOTER, element)


def is_furniture(element: HtmlElement) -> bool:
    """Named after something that stands in or near the text without being it: a share bar, tags, a promotion."""
    return _hints(_FURNITURE, element) or not _HIDDEN.isdisjoint((element.get("class") or "").split())


def is_related(element: HtmlElement) -> bool:
    """Named after a list of other news."""
    return _hints(_RELATED, element)


def is_lead(element: HtmlElement) -> bool:
    """Named after the summary above the text."""
    return _hints(_LEAD, element)


def is_caption(element: HtmlElement) -> bool:
    """Named after the caption of a picture."""
    return element.tag == "figcaption" or _hints(_CAPTION, element)


def is_section(element: HtmlElement) -> bool:
    """Named after the section of the page."""
    return _hints(_SECTION, element)


def is_byline(element: HtmlElement) -> bool:
    """Named after the author."""
    return _hints(_BYLINE, element)


def is_date(element: HtmlElement) -> bool:
    """Named after the date."""
    return _hints(_DATE, element)


def is_breadcrumb(element: HtmlElement) -> bool:
    """Named after the path to the page."""
    return _hints(_BREADCRUMB, element)


def is_title(element: HtmlElement) -> bool:
    """Named after the headline."""
    return _hints(_TITLE, element)


def is_content(element: HtmlElement) -> bool:
    """Named after the text of an article."""
    return element.get("itemprop") == "articleBody" or _hints(_CONTENT, element)
