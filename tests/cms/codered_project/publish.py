"""Publishes in CodeRed CMS, through its own models, as its editor does. Runs inside a project that it started.

    python publish.py fill FOLDER      # tables, home page, menu, and the articles of FOLDER/plan.json
    python publish.py later FOLDER     # adds FOLDER/later.json, and edits what FOLDER/edited.json says
    python publish.py serve            # serves the site on a free port of loopback, prints the port, ends with stdin

It prints no page: what a browser gets is made by the templates that the system ships.
"""

from __future__ import annotations

import html
import json
import os
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.watched"
sys.path.insert(0, str(Path.cwd()))
django.setup()

from coderedcms.models import LayoutSettings, Navbar, NavbarOrderable  # noqa: E402 - Django must be set up first
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.files import File  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db.transaction import atomic  # noqa: E402
from wagtail.documents import get_document_model  # noqa: E402
from wagtail.images import get_image_model  # noqa: E402
from wagtail.models import Collection, Locale, Page, Site  # noqa: E402
from website.models import ArticleIndexPage, ArticlePage, WebPage  # noqa: E402

PER_PAGE = 8
LATEST = 4
"""How many articles of each section the home page shows."""


def fill(folder: Path) -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    with atomic():
        articles = _load(folder, "plan")
        _set_up(dict.fromkeys(article["section"] for article in articles))
        for article in articles:
            _publish(article, folder)


@atomic
def later(folder: Path) -> None:
    for article in _load(folder, "later"):
        _publish(article, folder)
    edited = _load(folder, "edited")
    page = ArticlePage.objects.get(slug=edited["slug"])
    page.body = _body(edited, folder)
    page.save_revision().publish()


def serve() -> None:
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    print(server.server_port, flush=True)
    threading.Thread(target=_end_with_input, daemon=True).start()
    server.serve_forever()


def _end_with_input() -> None:
    """Whoever started the server may be killed; then its input ends."""
    sys.stdin.read()
    os._exit(0)


def _load(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def _set_up(sections: dict[str, None]) -> None:
    """The home page, with the latest articles of each section, and the menu."""
    Locale.objects.get_or_create(language_code="vi")
    Collection.add_root(name="Root")
    home = WebPage(title="Trang chủ", slug="home", custom_template="coderedcms/pages/home_page.html")
    Page.add_root(instance=Page(title="Root", slug="root")).add_child(instance=home)
    site = Site.objects.create(hostname="localhost", site_name="Cổng thông tin", root_page=home, is_default_site=True)
    pages = [_section(home, title) for title in sections]
    latest = [{"type": "page_list", "value": {"indexed_by": page.pk, "num_posts": LATEST}} for page in pages]
    home.body = json.dumps([{"type": "row", "value": {"content": [{"type": "content", "value": {"content": latest}}]}}])
    home.save_revision().publish()
    links = [{"type": "page_link", "value": {"display_text": page.title, "page": page.pk}} for page in pages]
    menu = Navbar.objects.create(name="Trình đơn", menu_items=json.dumps(links))
    NavbarOrderable.objects.create(navbar_chooser=LayoutSettings.for_site(site), navbar=menu)


def _section(home: Page, title: str) -> ArticleIndexPage:
    page = ArticleIndexPage(title=title, index_num_per_page=PER_PAGE)
    page.index_order_by = "-first_published_at"  # its constructor sets another
    home.add_child(instance=page)
    page.save_revision().publish()
    return page


def _publish(article: dict[str, Any], folder: Path) -> None:
    page = ArticlePage(
        title=article["title"],
        slug=article["slug"],
        author=_author(article["byline"]),
        first_published_at=datetime.fromisoformat(article["published_at"]),
        body=_body(article, folder),
    )
    ArticleIndexPage.objects.get(title=article["section"]).add_child(instance=page)
    page.save_revision().publish()


def _author(name: str) -> Any:
    family, _, given = name.partition(" ")
    user, _ = get_user_model().objects.get_or_create(
        username=name.lower().replace(" ", "-"), first_name=family, last_name=given
    )
    return user


def _body(article: dict[str, Any], folder: Path) -> str:
    """The first paragraph, the picture, the other paragraphs, the file, as blocks of the system's editor."""
    first, *others = (f"<p>{html.escape(text, quote=False)}</p>" for text in article["paragraphs"])
    blocks: list[dict[str, Any]] = [{"type": "text", "value": first}]
    if picture := article["picture"]:
        image = _store(get_image_model(), folder / picture["file"], picture["caption"])
        blocks.append({"type": "image", "value": {"image": image.pk}})
    blocks.append({"type": "text", "value": "".join(others)})
    if attachment := article["attachment"]:
        document = _store(get_document_model(), folder / attachment["file"], attachment["title"])
        value = {"button_title": attachment["title"], "downloadable_file": document.pk}
        blocks.append({"type": "download", "value": value})
    return json.dumps(blocks)


def _store(model: Any, path: Path, title: str) -> Any:
    with path.open("rb") as file:
        return model.objects.create(title=title, file=File(file, path.name))


if __name__ == "__main__":
    {"fill": fill, "later": later, "serve": serve}[sys.argv[1]](*map(Path, sys.argv[2:]))
