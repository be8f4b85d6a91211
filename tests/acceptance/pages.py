"""The pages of the portal in two dresses: the ArticleDetail family, and NukeViet after the redesign.

It renders what it is given and knows nothing of time, edits or HTTP. Everything of `noise` is in every page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from acceptance.noise import advert, attributes, clock, counters, gap, hidden_state, picture_advert, token, worn
from acceptance.texts import SECTIONS, Article, File


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One visit of a page."""

    path: str
    visits: int
    """How often the portal has been asked for anything: no two views have the same number."""
    now: datetime
    menu: Sequence[str]
    redesigned: bool = False
    wears: frozenset[str] = frozenset()


def article_page(article: Article, related: Sequence[Article], view: View) -> str:
    """The page of an article."""
    main = _nukeviet(article, related, view) if view.redesigned else _articledetail(article, related, view)
    return _frame(article.title, main, view)


def list_page(section: str, articles: Sequence[Article], following: str | None, view: View) -> str:
    """A page of a section's list."""
    more = f"<a class='next' href='{following}'>Trang sau »</a>" if following else ""
    if view.redesigned:
        rows = "".join(
            f"<div class='panel panel-default'><div class='panel-body'><h3><a href='{_link(each, view)}'>"
            f"{worn(each.title, view.wears)}</a></h3><div class='text-muted'><ul><li>{each.published:%d/%m/%Y} 08:00:00"
            f"</li><li>Đã xem: {view.visits + each.number}</li></ul></div></div></div>"
            for each in articles
        )
        return _frame(section, f"<div class='news_column'>{rows}{more}</div>", view)
    rows = "".join(
        f"<li><h2 class='Title'><a href='{_link(each, view)}'>{worn(each.title, view.wears)}</a></h2>"
        f"<span class='PostDate'>{each.published:%d/%m/%Y}</span>"
        f"<span>Lượt xem: {view.visits + each.number}</span></li>"
        for each in articles
    )
    return _frame(section, f"<ul class='ArticleList'>{rows}</ul>{more}", view)


def home_page(articles: Sequence[Article], view: View) -> str:
    """The first page of the portal: a box of news for each section."""
    boxes = "".join(
        f"<div class='box'><h2><a href='/{folder}'>{section}</a></h2><ul class='tin'>"
        + "".join(f"<li><a href='{each.path}'>{each.title}</a></li>" for each in articles if each.section == section)
        + "</ul></div>"
        for section, folder in SECTIONS.items()
    )
    return _frame("Cổng thông tin điện tử", boxes, view)


def notice_page(title: str, text: str, view: View) -> str:
    """A page that is no article: not found, maintenance."""
    return _frame(title, f"<div class='thong-bao'><h1>{title}</h1><p>{text}</p></div>", view)


def login_page(view: View) -> str:
    """The form behind which an article may be put."""
    form = (
        "<form method='post'><label>Tên đăng nhập <input name='user'/></label>"
        "<label>Mật khẩu <input type='password' name='pass'/></label><button>Đăng nhập</button></form>"
    )
    return _frame("Đăng nhập hệ thống", f"<h1>Đăng nhập</h1>{form}", view)


def _frame(title: str, main: str, view: View) -> str:
    menu = "".join(f"<li><a href='/{folder}'>{name}</a></li>" for name, folder in SECTIONS.items())
    menu += "".join(f"<li><a href='/muc/{number}'>{name}</a></li>" for number, name in enumerate(view.menu))
    generator = "<meta name='generator' content='NukeViet v4.5'/>" if view.redesigned else ""
    space = gap(view.visits)
    return (
        f"<!DOCTYPE html>{space}<html lang='vi'><head><meta charset='utf-8'/><title>{title} - Cổng thông tin</title>"
        f"{generator}<meta name='csrf-token' content='{token('meta', view.path, view.visits)}'/></head>{space}"
        f"<body><div id='header-{token(view.visits, length=6)}'><div id='clock'>{clock(view.now)}</div></div>"
        f"<div class='menu'><ul>{menu}</ul></div>{hidden_state(view.path, view.visits)}{space}"
        f"<div class='main'>{main}</div><div class='right'>{counters(view.visits)}</div>{space}"
        f"<div class='footer'>© {view.now.year} Ban biên tập. Giấy phép số 08/GP-TTĐT. "
        f"Trang tải trong 0,{view.visits % 90}s</div></body></html>"
    )


def _link(article: Article, view: View) -> str:
    """The address as lists print it: with the number of the list's page, a session, or the mark of a search box."""
    tail = ("", "?pageindex=3", f";jsessionid={token(view.visits).upper()}", "#gsc.tab=0", "")[article.number % 5]
    return f"{article.path}{tail}"


def _paragraphs(article: Article, view: View) -> str:
    texts = [worn(text, view.wears) for text in article.paragraphs]
    middle = len(texts) // 2
    between = picture_advert(view.path, view.visits) if view.redesigned else advert(view.path, view.visits)
    if "lines" in view.wears:
        whole = "<br/>".join(texts[:middle]) + "<br/><br/>" + "<br />".join(texts[middle:])
        return f"<div>{whole}</div>{between}"
    style = {"class_": f"p{view.visits % 5}", "style": "text-align: justify"}
    space = gap(view.visits)
    shown = [f"<p {attributes(view.visits + at, **style)}>{text}</p>{space}" for at, text in enumerate(texts)]
    return "".join(shown[:middle]) + between + "".join(shown[middle:])


def _file_address(file: File, view: View) -> str:
    return f"{file.path}?t={1_618_300_000_000 + view.visits}"


def _articledetail(article: Article, related: Sequence[Article], view: View) -> str:
    files = "".join(
        f"<li><a {attributes(view.visits, href=_file_address(file, view), target='_blank')}>{file.title}</a></li>"
        for file in article.files
    )
    others = "".join(
        f"<li><a href='{_link(each, view)}'>{each.title}</a> <span>({each.published:%d/%m})</span></li>"
        for each in related
    )
    lead = f"<div class='ArticleSummary'>{worn(article.lead, view.wears)}</div>" if article.lead else ""
    return (
        f"<div class='Breadcrumb'><a href='/'>Trang chủ</a> » <a href='#'>{article.section}</a></div>"
        f"<div {attributes(view.visits, class_='ArticleDetailControl', id=f'ctl_{token(view.visits, length=8)}')}>"
        f"<div class='ArticleHeader'><h1>{worn(article.title, view.wears)}</h1></div>"
        f"<div class='PostDate'>{article.published:%d/%m/%Y}</div>"
        f"<div class='tool'><a href='#'>In bài viết</a> Lượt xem: {120 + view.visits} <a href='#'>A+</a></div>"
        f"{lead}<div class='ArticleContent'>{_paragraphs(article, view)}</div>"
        + (f"<div class='AttachFile'><ul>{files}</ul></div>" if files else "")
        + (f"<div class='Author'>{article.byline}</div>" if article.byline else "")
        + f"<div class='OtherArticle'><h3>Tin đã đưa</h3><ul>{others}</ul></div></div>"
    )


def _nukeviet(article: Article, related: Sequence[Article], view: View) -> str:
    files = "".join(
        f"<div class='list-group-item'><a href='{_file_address(file, view)}'>{file.title}</a></div>"
        for file in article.files
    )
    others = "".join(
        f"<li><h4><a href='{_link(each, view)}'>{each.title}</a> <em>({each.published:%d/%m/%Y})</em></h4></li>"
        for each in related
    )
    return (
        f"<ul class='breadcrumbs'><li><a href='/'>Trang chủ</a></li><li><a href='#'>{article.section}</a></li></ul>"
        f"<div class='news_column panel'><div class='panel-body'><h1 class='title' itemprop='headline'>"
        f"{worn(article.title, view.wears)}</h1><span class='h5'>{article.published:%d/%m/%Y} 08:15</span>"
        f"<div class='hometext m-bottom'>{worn(article.lead or '', view.wears)}</div>"
        f"<div id='news-bodyhtml' class='bodytext'>{_paragraphs(article, view)}</div>"
        + (f"<div class='news-download-file'>{files}</div>" if files else "")
        + (f"<p class='h5 text-right'><strong>Tác giả:</strong> {article.byline}</p>" if article.byline else "")
        + "<p class='h3'><strong>Những tin cũ hơn</strong></p>"
        + f"<ul class='detail-related related'>{others}</ul></div></div>"
    )
