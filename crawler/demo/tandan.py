"""The later template: the Tân Dân product on SharePoint, as Ninh Thuận had it from 2022 (PORTALS §2.1).

Places to read: article `p.tandan-p-article-news-title`, `.tandan-span-date-publish` (`Đăng ngày 26 - 02 - 2021`),
`p.tandan-p-article-news-summary`, the `div.ms-rtestate-field` (never `p.tandan-p-article-main`: a `div` inside a `p`
is illegal, so HTML parsers leave that `p` empty), `.tandan-div-file-attach a`, `.tandan-div-breadcrumb a:last-child`,
`.tandan-div-article-other li` (`a`, `.tandan-span-date-other`) under `p.tandan-p-article-other` "Các tin khác".
Listing `div.channel-news-item` (`label.channel-news-title > a`, `.channel-news-date`), next page = the link after
`span.CurrentPage`. Captions are unmarked paragraphs after their picture.
"""

from __future__ import annotations

from html import escape

from crawler.demo import furniture
from crawler.demo.articles import SiteArticle
from crawler.demo.richtext import rich_text, worn
from crawler.demo.site import SECTIONS, ListingPage, Site
from crawler.demo.truth import listing_date, printed_date, related_date, related_path

SITE_NAME = "CỔNG THÔNG TIN ĐIỆN TỬ TỈNH NINH THUẬN"
RICH_FIELD = "ctl00_PlaceHolderMain_ctl03__ControlWrapper_RichHtmlField"


def article_page(site: Site, article: SiteArticle, views: int) -> str:
    """The page of one article."""
    section = escape(article.section)
    day = printed_date(article.published, "tandan")
    folder = SECTIONS.get(article.section, "")
    lead = f'<p class="tandan-p-article-news-summary">{worn(article.lead, article.wear)}</p>' if article.lead else ""
    main = f"""
<div class="tandan-div-breadcrumb"><a href="/Pages/default.aspx">Trang chủ</a> <span>/</span>
 <a href="/chinhquyen/{folder}/Pages/default.aspx">{section}</a></div>
<div class="tandan-div-article">
<p class="tandan-p-article-news-title">{escape(article.title.strip())}</p>
<div class="tandan-div-info"><span class="tandan-span-date-publish">Đăng ngày {day}</span>
 <span class="tandan-span-view">Lượt xem: {furniture.view_count(article.path, views)}</span>
 <span class="tandan-span-zoom"><a href="#">-</a> 100% <a href="#">+</a></span></div>
{lead}
<p class="tandan-p-article-main">
<div id="ctl00_PlaceHolderMain_ctl03_label" style="display:none">Nội dung</div><div id="{RICH_FIELD}"
 class="ms-rtestate-field" style="display:inline" aria-labelledby="ctl00_PlaceHolderMain_ctl03_label">
{rich_text(article, captions_apart=True)}
</div>
</p>
{_downloads(article)}
<table class="tandan-table-tags"><tr><td>Từ khóa:</td><td class="td-tags"><a
 href="/Pages/Tim-kiem.aspx?k={folder}">{section}</a>,
 <a href="/Pages/Tim-kiem.aspx?k=ninh-thuan">Ninh Thuận</a></td></tr></table>
</div>
{_related(site, article)}"""
    return _frame(site, article.path, main, views, title=article.title.strip())


def _downloads(article: SiteArticle) -> str:
    links = "".join(
        f'<li><a href="{escape(item.path)}">{escape(item.title)}</a></li>'
        for item in article.downloads
        if item.place == "field"
    )
    return f'<div class="tandan-div-file-attach"><span>Tệp đính kèm:</span><ul>{links}</ul></div>' if links else ""


def _related(site: Site, article: SiteArticle) -> str:
    items = "\n".join(
        f'<li><a href="{related_path(other)}">{escape(other.title.strip())}</a> '
        f'<span class="tandan-span-date-other">{related_date(other.published, "tandan")}</span></li>'
        for other in site.related(article)
    )
    return f"""<div class="tandan-div-article-other"><p class="tandan-p-article-other">Các tin khác</p>
<ul class="tandan-ul-article-other">
{items}
</ul></div>"""


def listing_page(site: Site, listing: ListingPage, path: str, views: int) -> str:
    """One page of a list of articles."""
    items = "\n".join(_entry(article) for article in listing.articles)
    empty = "" if items else "<p>Không có bản tin nào.</p>"
    pager = " ".join(
        f'<span class="CurrentPage">{number}</span>'
        if number == listing.number
        else f'<a href="{listing.path}?PageIndex={number}">{number}</a>'
        for number in range(1, listing.count + 1)
    )
    main = f"""
<div class="channel-head"><span>{escape(listing.name)}</span></div>
<div class="channel-news">
{items}
</div>{empty}
<div class="Pager">{pager}</div>"""
    return _frame(site, path, main, views, title=listing.name)


def _entry(article: SiteArticle) -> str:
    lead = f'<p class="channel-news-summary">{escape(article.lead)}</p>' if article.lead else ""
    return (
        f'<div class="channel-news-item"><label class="channel-news-title"><a href="{article.path}">'
        f"{escape(article.title.strip())}</a></label> "
        f'<span class="channel-news-date">{listing_date(article.published)}</span>{lead}</div>'
    )


def home_page(site: Site, path: str, views: int) -> str:
    """The front page: the newest articles and the way to all others."""
    items = "\n".join(_entry(article) for article in site.listed()[:15])
    main = f"""
<div class="channel-news">
{items}
</div>
<div class="channel-all"><a href="/chinhquyen/Pages/default.aspx">Xem thêm</a></div>"""
    return _frame(site, path, main, views, title="Trang chủ")


def text_page(site: Site, path: str, heading: str, text: str, views: int) -> str:
    """A page of the portal's own frame with a sentence in it: static pages, not found."""
    main = f'<div class="tandan-div-notice"><h3>{escape(heading)}</h3><p>{escape(text)}</p></div>'
    return _frame(site, path, main, views, title=heading)


def _frame(site: Site, path: str, main: str, views: int, *, title: str) -> str:
    now = site.now
    menu = "".join(f'<li><a href="{href}">{escape(name)}</a></li>' for name, href in site.menu)
    return f"""<!DOCTYPE html>
<html lang="vi-VN" dir="ltr">
<head><meta http-equiv="X-UA-Compatible" content="IE=Edge" /><meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>
	{escape(title)} - {SITE_NAME}
</title>
<link rel="stylesheet" href="/_layouts/15/TandanPortal/css/style.css" /></head>
<body>
<form method="post" action="{path}" id="aspnetForm">
<div class="aspNetHidden">
{furniture.hidden_fields(path, views, now)}
</div>
<header><a href="/"><img src="/PublishingImages/banner.jpg" alt="{SITE_NAME}" /></a>
<span class="tandan-span-today">{furniture.page_clock(now)}</span></header>
<nav><ul class="tandan-ul-menu">{menu}</ul></nav>
<div class="container"><div class="row"><div class="col-md-9">
<div id="DeltaPlaceHolderMain">{main}
</div></div>
<div class="col-md-3"><div class="tandan-div-box"><p class="tandan-p-box-title">Thống kê truy cập</p>
{furniture.visitor_counters(site.views)}</div></div></div></div>
<footer>Cơ quan chủ quản: Ủy ban nhân dân tỉnh Ninh Thuận.
Địa chỉ: 450 đường Thống Nhất, thành phố Phan Rang - Tháp Chàm</footer>
</form>
</body>
</html>
"""
