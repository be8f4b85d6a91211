"""What the names of classes and ids say about an element, in the words of many systems, Vietnamese ones among them.

A hint is never proof: whoever asks has to weigh it against the text itself.
"""

from __future__ import annotations

from crawler.parsing.generic.names import Hint
from crawler.parsing.tree import Element

_STRONG = Hint(
    r"nav|navbar|navigation|main menu|mega menu|page foot|foot(?:er)? \w+|breadcrumbs?|site header"
    r"|masthead|topbar|footer|site footer|page footer|sidebar|side bar"
    r"|related\w*|recommend\w*|read next|more stories|more posts|more news|other news|othernews"
    r"|also like|trending|most popular"
    r"|most read|most viewed|latest (?:news|posts|articles|stories)|recent posts?|next prev|prev next"
    r"|post nav\w*|article other|news other"
    r"|tin khac|tinkhac|tin lien quan|tinlienquan|lien quan|lienquan|tin da dua|tindadua|cac tin"
    r"|tin cung|cung chuyen muc|cungchuyenmuc"
    r"|tin moi|detail related|comments?|commentlist|comment list|comment respond|disqus\w*|respond|binhluan|binh luan"
    r"|cookies?|consent|gdpr|popup|pop up|modal|lightbox|newsletter (?:form|signup|sign up|box)"
    r"|testimonials?|reviews slider"
)
"""Names of what is never the text, unless it holds most of the page."""
_FURNITURE = Hint(
    r"(?:"
    # menus and the frame of the page
    r"menu\w*|submenu|bread|crumbs?|top bar|header bar|rail|skip link|toolbar|tools?|pager|paging"
    r"|pagination|paginate|banner\w*|logo"
    # other articles
    r"|read more|readmore|similar|popular|latest|recent|carousel|teasers?|cross sell|upsell|you may"
    r"|more from|further reading|up next"
    # what readers do
    r"|share\w*|sharing|social\w*|addthis\w*|addtoany|a2a|sharethis|follow us|follow|likes?|fb"
    r"|facebook|twitter|zalo|comment\w*|reply|replies"
    r"|feedback|ratings?|vote|voting|poll|chia se|chiase|danhgia|danh gia|phan hoi|y kien"
    # offers and notices
    r"|newsletter\w*|subscribe\w*|subscription|signup|sign up|optin|opt in|mailing|promo|promotion"
    r"|promobox|advert\w*|ads?|adv|adsbygoogle"
    r"|sponsor\w*|quang cao|quangcao|overlay|tooltip|paywall|cta|call to action|affiliate|disclosure"
    r"|disclaimer|copyright|legal|licen[cs]e"
    # about the text, not the text
    r"|tags?|tag cloud|tagcloud|taglist|keywords?|categories|cat links|tu khoa|tukhoa|author bio"
    r"|author box|authorbox|about author"
    r"|about the author|author info|author card|author|bio|biography|toc|table of contents"
    r"|tableofcontents|ez toc|jump links|jump to|on this page"
    r"|post meta|entry meta|article meta|metadata|meta info|meta|byline|dateline|posted on|post date"
    r"|publish(?:ed)? date|print|printfriendly"
    r"|view count|luot xem|luotxem|thong ke|thongke|truy cap|lien ket|lienket|font size(?! text)|co chu|doc bai"
    r"|credits?|entry footer|post footer"
    r"|screen reader text|sr only|visually hidden|visuallyhidden|edit section|mw editsection|noprint"
    r"|no print|wp block buttons?|buttons?|btn"
    r")"
)
_FOOTER = Hint(r"(?:site |page )?(?:footer|foot|bottom|copyright)(?: \w+)*|page foot")
_HIDDEN = frozenset({"hidden", "hide", "d-none", "is-hidden", "invisible"})
_RELATED = Hint(
    r"related\w*|(?:\w+ )?other news|othernews|other(?:s)? (?:articles|posts)|article other|news other"
    r"|newsother|tin khac|tinkhac|tin lien quan|tinlienquan|lien quan|lienquan"
    r"|tin da dua|tindadua|cac tin|cung chuyen muc|tin cung|tin cu|tin moi hon"
)
_CAPTION = Hint(
    r"caption\w*|figcaption|image credit|photo credit|img credit|chu thich|chuthich|pcaption|photocms caption"
)
_SECTION = Hint(
    r"(?:chuyen ?muc|detail cate|cate|cate(?:gory)? (?:page|name|title)"
    r"|(?:title|ten) (?:cate|chuyen ?muc)|section name|portlet title)(?: \w+)?"
)
_LEAD = Hint(
    r"(?:sapo|lead|lede|tom tat|tomtat|(?<!with )summary|hometext|intro|introtext|standfirst"
    r"|chapeau|dek|excerpt|subhead|subheadline"
    r"|description|brief|trich dan|trichdan|mo ta|mota|news sum|desc|subtitle|sub title)(?: \w+)*"
)
_BYLINE = Hint(r"author|authors|byline|tac gia|tacgia|nguoi viet|writer|contributor")
_DATE = Hint(
    r"date|published?|publishdate|post date|pub date|posted|posted on|time|timestamp|datetime"
    r"|ngay dang|ngaydang|ngay|thoi gian|created?|updated?"
)
_TITLE = Hint(
    r"(?:title|headline|heading|tieude|tieu de|tenbai|ten bai|header title"
    r"|subject)(?: (?:news|detail|article|tin|bai|viet|post|1|text|lbl|label))*"
)
_CONTENT = Hint(
    r"article (?:body|content|text|main|contents)|entry content|post (?:content|body|text)"
    r"|news (?:content|body|bodyhtml|detail)|story (?:body|content)"
    r"|content (?:body|detail|article|news|text)|detail content|body ?text|body content|noi ?dung"
    r"|chi ?tiet|journal content article|rich text|rte|ms rtestate field"
    r"|main content|page content|rich html field|fck ?detail|article"
)
_BREADCRUMB = Hint(
    r"bread ?crumbs?\w*|crumbs?|duong dan|duongdan|path way|pathway|site ?map ?path|news path|you are here"
)


def is_beside(element: Element) -> bool:
    """Named after what is never part of the text: the frame of the page, other news, comments."""
    return _STRONG.names(element)


def is_footer(element: Element) -> bool:
    """The foot of the page, by its tag or its name."""
    return element.tag == "footer" or _FOOTER.names(element)


def is_furniture(element: Element) -> bool:
    """Named after something that stands in or near the text without being it: a share bar, tags, a promotion."""
    return _FURNITURE.names(element) or not _HIDDEN.isdisjoint((element.get("class") or "").split())


def is_related(element: Element) -> bool:
    """Named after a list of other news."""
    return _RELATED.names(element)


def is_lead(element: Element) -> bool:
    """Named after the summary above the text."""
    return _LEAD.names(element)


def is_caption(element: Element) -> bool:
    """Named after the caption of a picture."""
    return element.tag == "figcaption" or _CAPTION.names(element)


def is_section(element: Element) -> bool:
    """Named after the section of the page."""
    return _SECTION.names(element)


def is_byline(element: Element) -> bool:
    """Named after the author."""
    return _BYLINE.names(element)


def is_date(element: Element) -> bool:
    """Named after the date."""
    return _DATE.names(element)


def is_breadcrumb(element: Element) -> bool:
    """Named after the path to the page."""
    return _BREADCRUMB.names(element)


def is_title(element: Element) -> bool:
    """Named after the headline."""
    return _TITLE.names(element)


def is_content(element: Element) -> bool:
    """Named after the text of an article."""
    return element.get("itemprop") == "articleBody" or _CONTENT.names(element)
