"""The old template: a SharePoint 2010 publishing site as Ninh Thuận had it until 2021 (PORTALS §1).

Stable places to read: article `.news-title`, `.news-date`, `.news-lead`, `.news-content` (wraps the
`div.ms-rtestate-field`), `.news-attach a`, `.news-breadcrumb a:last-child` (and the heading `.news-section`),
`.news-other li` (`a`, `.news-other-date`). Listing `.news-list li.news-item` (`a.news-link`, `.news-item-date`,
`.news-item-lead`), pager `.news-pager a.news-next`.

Traps kept from the real thing: `<title>` is the site's name on every page; no h1; an empty lead is a no-break space; a
hidden label `Page Content` stands beside the rich text; layout tables nest; the page clock precedes the article's date.
"""

from __future__ import annotations

import hashlib
from html import escape

from crawler.demo import furniture
from crawler.demo.articles import SiteArticle
from crawler.demo.richtext import rich_text, worn
from crawler.demo.site import SECTIONS, ListingPage, Site
from crawler.demo.truth import listing_date, printed_date, related_date, related_path

SITE_NAME = "Trang thông tin điện tử tỉnh Ninh Thuận"
RICH_FIELD = "ctl00_PlaceHolderMain_ctl01__ControlWrapper_RichHtmlField"


def article_page(site: Site, article: SiteArticle, views: int) -> str:
    """The page of one article."""
    section = escape(article.section)
    folder = SECTIONS.get(article.section, "")
    day = printed_date(article.published, "sharepoint")
    lead = worn(article.lead, article.wear) if article.lead else "&#160;"
    main = f"""
<div class="news-breadcrumb"><a href="/Pages/default.aspx">Trang chủ</a> &gt; <a
 href="/chinhquyen/{folder}/Pages/default.aspx">{section}</a></div>
<div class="news-section ms-WPTitle"><span>{section}</span></div>
<div class="news-blank">&#160;</div>
<!-- InstanceBeginEditable name="noidung" -->
<div class="news-title"><span id="ctl00_PlaceHolderMain_lblTitle">{escape(article.title.rstrip())}&#160;</span></div>
<div class="news-date"><span id="ctl00_PlaceHolderMain_lblDate">{day}&#160;</span></div>
<div class="news-lead">{lead}</div>
<div class="news-content">
<div id="ctl00_PlaceHolderMain_ctl01_label" style="display:none">Page Content</div>
<div id="{RICH_FIELD}" class="ms-rtestate-field" style="display:inline"
 aria-labelledby="ctl00_PlaceHolderMain_ctl01_label">
<div class="ExternalClass{hashlib.md5(article.slug.encode(), usedforsecurity=False).hexdigest().upper()}">
{rich_text(article, captions_apart=False)}
</div></div>
</div>
{_downloads(article)}
<div class="news-tools">Lượt xem: {furniture.view_count(article.path, views)} |
 <a href="/_layouts/Print.aspx?p={views}{article.path}">In bài viết</a> |
 <a href="javascript:window.history.back()">Quay lại</a></div>
<!-- InstanceEndEditable -->
{_related(site, article)}"""
    return _frame(site, article.path, main, views)


def _downloads(article: SiteArticle) -> str:
    links = [
        f'<a href="{escape(item.path)}">{escape(item.title)}</a>' for item in article.downloads if item.place == "field"
    ]
    return f'<div class="news-attach"><span>Đính kèm:</span> {"; ".join(links)}</div>' if links else ""


def _related(site: Site, article: SiteArticle) -> str:
    items = "\n".join(
        f'<li><a href="{related_path(other)}">{escape(other.title.strip())}</a> '
        f'<span class="news-other-date">{related_date(other.published, "sharepoint")}</span></li>'
        for other in site.related(article)
    )
    return f'<div class="news-other"><div class="news-other-title">Tin đã đưa</div>\n<ul>\n{items}\n</ul></div>'


def listing_page(site: Site, listing: ListingPage, path: str, views: int) -> str:
    """One page of a list of articles."""
    items = "\n".join(_entry(article) for article in listing.articles)
    empty = "" if items else "<p>Không có bản tin nào.</p>"
    main = f"""
<div class="news-section ms-WPTitle"><span>{escape(listing.name)}</span></div>
<div class="news-blank">&#160;</div>
<ul class="news-list" style="list-style: none">
{items}
</ul>{empty}
{_pager(listing)}"""
    return _frame(site, path, main, views)


def _entry(article: SiteArticle) -> str:
    lead = f'<div class="news-item-lead">{escape(article.lead)}</div>' if article.lead else ""
    return (
        f'<li class="news-item"><table border="0" cellpadding="0" cellspacing="0" width="100%"><tr><td>'
        f'<a class="news-link" href="{article.path}">{escape(article.title.strip())}</a>&#160;'
        f'<span class="news-item-date">{listing_date(article.published)}</span>{lead}</td></tr></table></li>'
    )


def _pager(listing: ListingPage) -> str:
    numbers = " ".join(
        f'<span class="news-page-current">{number}</span>'
        if number == listing.number
        else f'<a href="{listing.path}?PageIndex={number}">{number}</a>'
        for number in range(1, listing.count + 1)
    )
    following = f' <a class="news-next" href="{listing.next_path}">Trang sau &raquo;</a>' if listing.next_path else ""
    return f'<div class="news-pager">Trang: {numbers}{following}</div>'


def home_page(site: Site, path: str, views: int) -> str:
    """The front page: the newest articles and the way to all others."""
    items = "\n".join(_entry(article) for article in site.listed()[:15])
    main = f"""
<div class="news-section ms-WPTitle"><span>Tin mới</span></div>
<ul class="news-list" style="list-style: none">
{items}
</ul>
<div class="news-all"><a href="/chinhquyen/Pages/default.aspx">Xem tất cả</a></div>"""
    return _frame(site, path, main, views)


def text_page(site: Site, path: str, heading: str, text: str, views: int) -> str:
    """A page of the portal's own frame with a sentence in it: static pages, not found."""
    main = f'<div class="page-notice"><h3>{escape(heading)}</h3><p>{escape(text)}</p></div>'
    return _frame(site, path, main, views)


def _frame(site: Site, path: str, main: str, views: int) -> str:
    now = site.now
    menu = "".join(f'<td class="menu-item"><a href="{href}">{escape(name)}</a></td>' for name, href in site.menu)
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns:o="urn:schemas-microsoft-com:office:office" lang="vi-vn" dir="ltr">
<head><meta name="GENERATOR" content="Microsoft SharePoint" />
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>
	{SITE_NAME}
</title>
<link rel="stylesheet" type="text/css" href="/_layouts/1066/styles/Themable/corev4.css?rev=iIikGkMuXBs8CWzKDAyjsQ" />
<script type="text/javascript">//<![CDATA[
var _fV4UI = true; var MSOWebPartPageFormName = 'aspnetForm'; var g_pageLoad = {int(now.timestamp())};
//]]></script></head>
<body onload="if (typeof(_spBodyOnLoadWrapper) != 'undefined') _spBodyOnLoadWrapper();">
<form name="aspnetForm" method="post" action="{path}" id="aspnetForm">
<div>
{furniture.hidden_fields(path, views, now)}
</div>
<div id="s4-workspace"><div id="s4-bodyContainer">
<table class="page-frame" width="1000" border="0" cellpadding="0" cellspacing="0" align="center">
<tr><td colspan="3" class="page-head"><img src="/PublishingImages/banner.jpg" alt="{SITE_NAME}" />
<div class="page-clock">{furniture.page_clock(now)}</div></td></tr>
<tr><td colspan="3">
<table class="page-menu" border="0" cellpadding="0" cellspacing="0"><tr>{menu}</tr></table></td></tr>
<tr valign="top"><td class="page-left" width="180">
<table border="0" width="100%"><tr><td class="box-title">Văn bản chỉ đạo điều hành</td></tr>
<tr><td><a href="/Pages/Van-ban.aspx">Hệ thống văn bản quy phạm pháp luật</a></td></tr>
<tr><td><a href="/Pages/Lich-tiep-cong-dan.aspx">Lịch tiếp công dân ngày {now:%d/%m}</a></td></tr></table>
</td><td class="page-main">
<a name="mainContent"></a>
<table id="MSO_ContentTable" border="0" cellpadding="0" cellspacing="0" width="100%">
<tr><td id="MSOZoneCell_WebPartWPQ2">
{main}
</td></tr></table>
</td><td class="page-right" width="180">
<div class="box-title">Liên kết website</div>
<select onchange="window.open(this.value)"><option>-- Chọn liên kết --</option><option>Chính phủ</option></select>
<div class="box-title">Thống kê truy cập</div>
{furniture.visitor_counters(site.views)}
</td></tr>
<tr><td colspan="3" class="page-foot">Bản quyền thuộc Ủy ban nhân dân tỉnh Ninh Thuận.
Cập nhật lúc {now:%H:%M}</td></tr>
</table>
</div></div>
</form>
</body>
</html>
"""
