"""Files to portals: the shipped ones, the archivist's own over them, each resolved against its platform.

It validates everything at once, so that a wrong file is one clear line before anything is fetched.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawler.parsing.rules import Layout, Reader
from crawler.portals.layout import build_article, build_detect, build_listing, overlay
from crawler.portals.platform import Layouts, Platform
from crawler.portals.policy import read_expectations, read_fetch_policy, read_url, read_urls
from crawler.portals.portal import Expectations, FetchPolicy, Portal, hosts_of
from crawler.tomlfile import Table, TomlFile, load_toml

SHIPPED = Path(__file__).parent
AUTO = "auto"
PORTAL_KEYS = (
    *("name", "province", "platform", "start", "feeds", "sitemap", "verified", "retired", "successor"),
    *("fetch", "expect", "listing", "article"),
)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_slug(name: str) -> bool:
    """True for what a portal file may be named, without its ending: `lao-cai`."""
    return _SLUG.fullmatch(name) is not None


def load_portals(own: Path | None) -> dict[str, Portal]:
    """All portals by slug: the shipped files; those in the folder `own` win over shipped ones of the same slug."""
    portals = dict(_shipped_portals())
    if own is not None and own.is_dir():
        portals |= {portal.slug: portal for portal in map(load_portal_file, _toml_files(own))}
    return {slug: _check_successor(portal, portals) for slug, portal in sorted(portals.items())}


def _check_successor(portal: Portal, known: Container[str]) -> Portal:
    """The portal, if its successor is known. Raises `TomlError`."""
    if portal.successor is not None and portal.successor not in known:
        source = load_toml(portal.source)
        raise source.error(("successor",), f"there is no portal {portal.successor!r}", "name the slug of a portal file")
    return portal


def load_named(slugs: Iterable[str], own: Path | None) -> dict[str, Portal]:
    """The portals of these slugs by slug, without reading other portals' files; without those that there are not."""
    known = portal_slugs(own)
    return {slug: _check_successor(load_portal_file(_file_of(slug, own)), known) for slug in slugs if slug in known}


def _file_of(slug: str, own: Path | None) -> Path:
    """The file of a portal that there is: the archive's own wins over the shipped one."""
    file = own / f"{slug}.toml" if own is not None else None
    return file if file is not None and file.is_file() else SHIPPED / f"{slug}.toml"


def portal_slugs(own: Path | None) -> frozenset[str]:
    """The slugs of all portals, without reading their files."""
    folders = [SHIPPED, *([own] if own is not None and own.is_dir() else [])]
    return frozenset(path.stem for folder in folders for path in _toml_files(folder))


@lru_cache(maxsize=1)
def _shipped_portals() -> Mapping[str, Portal]:
    return MappingProxyType({portal.slug: portal for portal in map(load_portal_file, _toml_files(SHIPPED))})


def _toml_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.toml") if path.is_file() and not path.name.startswith("."))


@lru_cache(maxsize=1)
def _platforms() -> Mapping[str, Platform]:
    return MappingProxyType({path.stem: _load_platform(path) for path in _toml_files(SHIPPED / "platforms")})


def load_platforms() -> dict[str, Platform]:
    """The known CMS families by name."""
    return dict(_platforms())


def _load_platform(path: Path) -> Platform:
    source = load_toml(path)
    table = Table(source, source.data)
    title = table.text("name") or path.stem
    fold_case = table.flag("fold_case") or False
    detect = table.table("detect")
    rules = {"listing": _raw(table, "listing"), "article": _raw(table, "article")}
    table.finish(("name", "fold_case", "detect", "listing", "article"))
    raw = {**rules, "detect": source.data.get("detect", {})}

    def build() -> Layout:
        return Layout(
            platform=path.stem,
            extractor="platform",
            article=build_article(source, rules["article"]),
            listing=build_listing(source, rules["listing"]),
            detect=build_detect(detect) if detect is not None else (),
        )

    return Platform(name=path.stem, title=title, fold_case=fold_case, rules=raw, build=build)


def _raw(table: Table, name: str) -> dict[str, Any]:
    """A table's raw content, checked to be a table."""
    value = table.peek(name)
    table.table(name)
    return dict(value or {})


def load_portal_file(path: Path) -> Portal:
    """The portal of one file; its slug is the file's name. `TomlError` names file, line and key."""
    return read_portal(load_toml(path))


def read_portal(source: TomlFile) -> Portal:
    """The portal that a file's text says, whether it is on the disk yet or not. `TomlError` names line and key."""
    path = source.path
    table = Table(source, source.data)
    slug = path.stem
    if not is_slug(slug):
        raise source.error(
            (), f"{slug!r} is no slug", "name the file with a-z, 0-9 and single hyphens, like lao-cai.toml"
        )
    platform = _platform(table)
    looks_for = frozenset(name for name in ("feeds", "sitemap") if table.peek(name) is None)
    start, feeds, sitemap = read_urls(table, "start"), read_urls(table, "feeds"), read_url(table, "sitemap")
    fetch, expect = read_fetch_policy(table.table("fetch"), path), read_expectations(table.table("expect"))
    listing, article = _raw(table, "listing"), _raw(table, "article")
    verified = _verified(table)
    reader, fingerprint = _reader(source, slug, platform, (listing, article), expect, fetch, verified)
    portal = Portal(
        slug=slug,
        name=table.text("name") or slug,
        province=table.text("province"),
        platform=source.data.get("platform"),
        start=start,
        feeds=feeds,
        sitemap=sitemap,
        looks_for=looks_for,
        verified=verified,
        retired=table.day("retired"),
        successor=table.text("successor"),
        fetch=fetch,
        expect=expect,
        reader=reader,
        fold_case=platform.fold_case if platform else False,
        fingerprint=fingerprint,
        source=path,
        hosts=hosts_of([*start, *feeds, *([sitemap] if sitemap else [])]),
    )
    table.finish(PORTAL_KEYS)
    return portal


def _platform(table: Table) -> Platform | None:
    name = table.text("platform")
    if name is None or name == AUTO:
        return None
    known = _platforms()
    if name not in known:
        raise table.error("platform", f"there is no platform {name!r}", f"known: {', '.join(known)}, {AUTO}")
    return known[name]


def _verified(table: Table) -> date | None:
    if table.peek("verified") == "never":
        table.pop("verified")
        return None
    return table.day("verified")


def _reader(
    source: TomlFile,
    slug: str,
    platform: Platform | None,
    own: tuple[dict[str, Any], dict[str, Any]],
    expect: Expectations,
    fetch: FetchPolicy,
    verified: date | None,
) -> tuple[Reader, str]:
    """The layouts of a portal, and the fingerprint of all that decides how its pages are read."""
    listing, article = own
    past = article.pop("was", [])
    build_listing(source, listing)
    build_article(source, article)
    base = platform.rules if platform else {"listing": {}, "article": {}}
    now = {"listing": overlay(base["listing"], listing), "article": overlay(base["article"], article)}
    name = platform.name if platform else None
    layouts = []
    if any(now.values()):
        detect = platform.layout.detect if platform else ()
        layouts = [_layout(source, name, now, "title" in article or "body" in article, detect)]
    history: list[dict[str, Any]] = []
    for number, table in enumerate(_was_tables(source, past)):
        until = _until(source, table, number)
        rules = {name_: value for name_, value in table.items() if name_ != "until"}
        build_article(source, rules, ("article", "was", number))
        then = {"listing": now["listing"], "article": overlay(now["article"], rules)}
        layouts.append(_layout(source, name, then, True, (), until))
        history.append({"until": until, **then})
    others = [other for other in _platforms().values() if other is not platform]
    reader = Reader(
        portal=slug,
        layouts=Layouts(layouts, others),
        declared=len(layouts),
        guessed=not layouts or not (verified or article or history),
        required=expect.fields,
        encoding=fetch.encoding,
    )
    return reader, _fingerprint(
        [
            name,
            now,
            history,
            reader.guessed,
            expect.fields,
            fetch.encoding,
            {other.name: other.rules for other in others},
        ]
    )


def _layout(
    source: TomlFile,
    platform: str | None,
    rules: Mapping[str, Any],
    is_own: bool,
    detect: Any,
    until: datetime | None = None,
) -> Layout:
    return Layout(
        platform=platform,
        extractor="portal" if is_own or platform is None else "platform",
        article=build_article(source, rules["article"]),
        listing=build_listing(source, rules["listing"]),
        detect=detect,
        until=until,
    )


def _was_tables(source: TomlFile, past: Any) -> Iterable[dict[str, Any]]:
    if not isinstance(past, list) or not all(isinstance(table, dict) for table in past):
        raise source.error(("article", "was"), "is no list of tables", "write [[article.was]] above its keys")
    return past


def _until(source: TomlFile, table: dict[str, Any], number: int) -> datetime:
    until = Table(source, table, ("article", "was", number)).instant("until")
    if until is None:
        key = ("article", "was", number)
        raise source.error(key, "says no until", "add until = 2024-08-01T00:00:00+07:00, the end of that layout")
    return until


def _fingerprint(rules: list[Any]) -> str:
    canonical = json.dumps(rules, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
