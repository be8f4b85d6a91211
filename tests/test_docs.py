"""The documentation is complete, its examples work, and its links lead somewhere."""

from __future__ import annotations

import ast
import re
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from sqlalchemy import Table, make_url

import crawler.errors
import crawler.settings
import storage.errors
from crawler.cli import VERBS, cli
from crawler.config import Config, StampPolicy, load_config
from crawler.frontier import Budget
from crawler.monitor.webhook import sign
from crawler.portals import layout, load_portal_file, loader, policy
from crawler.subscriptions.feeds import FeedPolicy
from crawler.subscriptions.reading import SUBSCRIPTION_KEYS
from crawler.unattended import HEARTBEAT_KEYS, SILENCE, RunPolicy
from storage.archive import Archive
from storage.diff import GRAVEST_FIRST, WEIGHTS
from storage.problems import PROBLEMS
from storage.schema import TABLES, plain_name
from storage.verification import FaultKind
from storage.views import VIEWS, View
from storage.vocabulary import Absence, Cause, ChangeKind, Condition, OutcomeKind, Precision, Weight

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = sorted(path for package in ("crawler", "storage") for path in (ROOT / package).rglob("*.py"))
MODULES = sorted(
    f"{package}.{path.stem}"
    for package in ("crawler", "storage")
    for path in (ROOT / package).iterdir()
    if not path.name.startswith(("__", ".")) and (path.suffix == ".py" or (path / "__init__.py").exists())
)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in CODE}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading, up to the next one that is as high."""
    lines, taken, level, fenced = text_of(name).splitlines(keepends=True), [], 0, False
    for line in lines:
        fenced ^= line.startswith("```")
        high = 0 if fenced else len(line) - len(line.lstrip("#"))
        if level and 0 < high <= level:
            break
        if level:
            taken.append(line)
        elif high and line.strip("# \n") == heading:
            level = high
    assert level, f"{name} has no heading {heading!r}"
    return "".join(taken)


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def rows(text: str) -> set[str]:
    """The words in backquotes in the first column of the tables of a text."""
    return {word for line in text.splitlines() if line.startswith("|") for word in re.findall(r"`([^`]+)`", cell(line))}


def cell(line: str) -> str:
    return re.split(r"(?<!\\)\|", line)[1]


def constants(path: str, *functions: str) -> set[str]:
    """The keys that the dictionaries in functions of a module are written with."""
    tree = ast.parse(text_of(path))
    chosen = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in functions]
    assert {node.name for node in chosen} == set(functions)
    dicts = [node for function in chosen for node in ast.walk(function) if isinstance(node, ast.Dict)]
    keys = [key for node in dicts for key in node.keys]
    return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {each}", command.commands[each]) for each in command.commands)
        else:
            yield name, command


OPTIONS = [
    (name, option) for name, command in commands() for p in command.params for option in p.opts if option[0] == "-"
]


@pytest.mark.parametrize("verb, option", OPTIONS)
def test_option_is_documented_under_its_verb(verb: str, option: str) -> None:
    assert f"`{option}" in section("docs/commands.md", verb)


def test_commands_name_no_option_that_is_not_there() -> None:
    for verb, command in commands():
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word.split()[0] for word in rows(section("docs/commands.md", verb)) if word[0] == "-"} <= known, verb


def test_every_option_has_help_of_its_own() -> None:
    bare = [(v, p.name) for v, c in commands() for p in c.params if isinstance(p, click.Option) and not p.help]
    assert bare == []


JSON_KEYS = {
    "JSON of `extract`": constants("storage/records/articles.py", "as_json"),
    "JSON of `changes`": constants("crawler/monitor/report.py", "change_json") - {"field", "class", "old", "new"},
    "JSON of `alert`": constants("crawler/cli/alert.py", "_told_json", "letter_json")
    | constants("crawler/cli/trying.py", "trial_json"),
    "JSON of `feeds`": constants("crawler/cli/feeds.py", "written_json"),
    "JSON of `status`": constants("crawler/cli/status.py", "_as_json", "_run_json")
    | constants("crawler/cli/sizes.py", "portal_json"),
    "JSON of `status --sizes`": constants("crawler/cli/sizes.py", "sizes_json"),
    "JSON of `backup`": constants("crawler/cli/backup.py", "_as_json"),
    "JSON of `restore`": constants("crawler/cli/restore.py", "_as_json"),
    "migrate": constants("crawler/cli/migrate.py", "_as_json"),
    "JSON of `search`": constants("storage/queries.py", "as_json"),
    "JSON of `show`": constants("storage/queries.py", "as_json")
    | constants("crawler/cli/show.py", "_as_json", "_history", "_diff")
    | constants("storage/queries.py", "read_evidence"),
    "JSON of `plan`": constants("crawler/cli/plan.py", "plan_json", "source_json", "article_json"),
    "portals": constants("crawler/cli/portals.py", "_as_json"),
    "JSON of `probe`": constants("crawler/cli/probe.py", "report_json"),
    "JSON of `check`": constants("crawler/cli/check.py", "checked_json"),
    "JSON of `reparse`": constants("crawler/cli/reparse.py", "_as_json") | {"better", "later", "first", "lost"},
    "JSON of `import`": constants("crawler/cli/import_warc.py", "_as_json")
    | constants("crawler/cli/import_wayback.py", "_wayback_json")
    | constants("crawler/cli/importing.py", "portal_json"),
    "JSON of `verify`": constants("crawler/cli/verify.py", "_as_json", "_fault_json", "_stamp_json"),
}


@pytest.mark.parametrize("heading, keys", JSON_KEYS.items(), ids=JSON_KEYS)
def test_json_key_is_documented(heading: str, keys: set[str]) -> None:
    text = section("docs/commands.md", heading)
    assert keys
    assert {key for key in keys if not re.search(rf"[`\".]{key}[`\"]|\.{key}`", text)} == set()


def test_differences_in_json_are_documented() -> None:
    text = section("docs/commands.md", "JSON of `changes`")
    assert all(f"`fields[].{key}`" in text for key in ("field", "class", "old", "new", "summary"))


def exit_codes() -> set[int]:
    """Those of the errors, and those that the command line ends with by itself."""
    errors = [*vars(crawler.errors).values(), *vars(storage.errors).values()]
    codes = {error.exit_code for error in errors if isinstance(error, type) and hasattr(error, "exit_code")}
    for path in (ROOT / "crawler" / "cli").glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"\bExit\(|^\s+(code =|return) \d$", line):
                codes |= {int(number) for number in re.findall(r"\b\d\b", line)}
    return codes


@pytest.mark.parametrize("name", ["docs/commands.md", "docs/archivist.md"])
def test_exit_codes_are_documented(name: str) -> None:
    assert {
        int(found) for found in re.findall(r"^\| (\d) \|", section(name, "Exit codes"), re.MULTILINE)
    } == exit_codes()


@pytest.mark.parametrize(
    "name, heading, wanted",
    [
        ("docs/archivist.md", "Outcomes", OutcomeKind),
        ("docs/archivist.md", "What verify finds", FaultKind),
        ("docs/subscriber.md", "Kinds", ChangeKind),
        ("docs/subscriber.md", "How an article is missing", Absence),
        ("docs/subscriber.md", "Weights", Weight),
    ],
)
def test_every_value_has_its_row(name: str, heading: str, wanted: type[OutcomeKind]) -> None:
    assert {item.value for item in wanted} <= rows(section(name, heading))


@pytest.mark.parametrize("wanted", [Cause, Precision])
def test_every_value_of_a_column_is_named(wanted: type[Cause]) -> None:
    assert all(f"`{item.value}`" in section("docs/data-dictionary.md", "versions") for item in wanted)


def test_every_class_has_its_row() -> None:
    written = {node.value for path in ("places", "diff") for node in ast.walk(ast.parse(text_of(f"storage/{path}.py")))
               if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    parts = {word for word in written if re.fullmatch(r"(?:paragraph|sentence)_[a-z]+", word)}
    known = {*GRAVEST_FIRST, *(cls for _, cls in WEIGHTS), *parts, "attachment"}
    assert known <= rows(section("docs/subscriber.md", "Classes"))


def made_problems() -> set[str]:
    """The codes that the code gives to the problems that it finds."""
    given = []
    trees = [tree for path, tree in TREES.items() if "Problem(" in path.read_text(encoding="utf-8")]
    for call in [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name == "Problem":
            given += [word.value for word in call.keywords if word.arg == "code"]
        elif name == "_share_problem":
            given += call.args[:1]
    return {value.value for value in given if isinstance(value, ast.Constant)}


def test_every_problem_has_its_row_in_order() -> None:
    assert made_problems() == set(PROBLEMS)
    assert re.findall(r"^\| `(\w+)` \|", section("docs/archivist.md", "Problems"), re.MULTILINE) == [*PROBLEMS]


@pytest.mark.parametrize("condition", Condition)
def test_conditions_name_the_problems_that_make_them(condition: Condition) -> None:
    (line,) = re.findall(rf"^\| `{condition}` \|.*", section("docs/archivist.md", "Health"), re.MULTILINE)
    plain = {code for code, kind in PROBLEMS.items() if kind.condition is condition}
    assert plain - {"failing"} <= set(re.findall(r"`(\w+)`", line.split("|")[3]))


def config_keys(record: type) -> Iterator[str]:
    for field in fields(record):
        default = field.default
        yield f"[{field.name}]" if is_dataclass(default) else field.name
        if is_dataclass(default):
            yield from config_keys(type(default))


@pytest.mark.parametrize("key", list(config_keys(Config)))
def test_setting_is_documented(key: str) -> None:
    assert f"`{key}`" in section("docs/settings.md", "portalwatch.toml")


def test_settings_file_of_the_documentation_is_the_defaults(tmp_path: Path) -> None:
    (block,) = blocks(text_of("docs/settings.md"), "toml")
    (tmp_path / "portalwatch.toml").write_text(block, encoding="utf-8")
    assert load_config(tmp_path) == Config()


def test_settings_file_of_the_documentation_is_right_with_every_key(tmp_path: Path) -> None:
    (block,) = blocks(text_of("docs/settings.md"), "toml")
    (tmp_path / "portalwatch.toml").write_text(re.sub(r"^# (?=\w+ =)", "", block, flags=re.M), encoding="utf-8")
    database = make_url("postgresql+psycopg://archivist@db.example.vn/portalwatch")
    stamp = StampPolicy(url="http://127.0.0.1:3180/tsr", ca_file=str(tmp_path / "tsa.pem"))
    feeds = FeedPolicy(base_url="http://127.0.0.1/feeds/")
    run = RunPolicy(portals=("ninhthuan", "ninhthuan-2021"))
    found = load_config(tmp_path)
    assert found.heartbeat is not None
    assert (found.heartbeat.well.reference, found.heartbeat.private) == ("${HEARTBEAT_URL}", True)
    assert replace(found, heartbeat=None) == Config(
        contact="luu-tru@example.vn",
        language="vi",
        database=database,
        budget=Budget(day_pages=1000),
        stamp=stamp,
        run=run,
        feeds=feeds,
    )


@pytest.mark.parametrize("key", [*HEARTBEAT_KEYS, SILENCE])
def test_heartbeat_is_documented(key: str) -> None:
    assert f"`{key}`" in text_of("docs/settings.md") or f'`"{key}"`' in text_of("docs/settings.md")


@pytest.mark.parametrize("name", [name for name in vars(crawler.settings) if name.isupper()])
def test_scrapy_setting_is_documented(name: str) -> None:
    assert name in rows(section("docs/settings.md", "Scrapy settings"))


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\bPORTALWATCH_[A-Z]+\b", "".join(map(Path.read_text, CODE))))))
def test_environment_variable_is_documented(name: str) -> None:
    assert f"`{name}`" in section("docs/settings.md", "Environment")


PORTAL_KEYS = {
    "Every key": {key for key in loader.PORTAL_KEYS if key not in ("fetch", "expect", "listing", "article")},
    "`[fetch]`: how it is asked": set(policy.FETCH_KEYS),
    "`[expect]`: what must be there": {"fields", "listing_entries"},
    "`[listing]`: pages that list articles": set(layout.LISTING_KEYS),
    "`[article]`: pages of one article": set(layout.ARTICLE_KEYS),
    "Selectors": set(layout.SELECTOR_KEYS),
}


@pytest.mark.parametrize("heading", PORTAL_KEYS)
def test_portal_key_is_documented(heading: str) -> None:
    assert PORTAL_KEYS[heading] <= rows(section("docs/portal-files.md", heading))


def test_parts_and_fields_of_a_portal_file_are_documented() -> None:
    articles = section("docs/portal-files.md", "`[article]`: pages of one article")
    for name, parts in layout.ITEM_KEYS.items():
        (line,) = [line for line in articles.splitlines() if line.startswith(f"| `{name}`")]
        assert all(f"`{part}`" in line for part in parts), name
    assert all(
        f"`{name}`" in section("docs/portal-files.md", "`[expect]`: what must be there") for name in policy.FIELDS
    )
    assert "`until`" in section("docs/portal-files.md", "`[[article.was]]`: earlier layouts")


def test_platforms_are_documented() -> None:
    assert {*loader.load_platforms(), loader.AUTO} <= rows(section("docs/portal-files.md", "Platforms"))


def test_complete_portal_file_loads_and_has_every_table(tmp_path: Path) -> None:
    (block,) = blocks(section("docs/portal-files.md", "A complete example"), "toml")
    path = tmp_path / "lao-cai.toml"
    path.write_text(block, encoding="utf-8")
    reader = load_portal_file(path).reader
    today = reader.layouts[0]
    assert reader.declared == 2
    assert all(getattr(today.article, name) for name in layout.LINE_KEYS)
    assert all(getattr(today.article, name).entry for name in ("related", "images"))
    assert today.listing.next


def test_subscriptions_of_the_documentation_load(tmp_path: Path) -> None:
    for block in blocks(text_of("docs/subscriber.md"), "toml"):
        (tmp_path / "portalwatch.toml").write_text(block, encoding="utf-8")
        assert load_config(tmp_path).subscription


@pytest.mark.parametrize("key", SUBSCRIPTION_KEYS)
def test_subscription_key_is_documented(key: str) -> None:
    assert key in rows(section("docs/settings.md", "subscription"))


def test_keys_of_a_webhook_are_documented() -> None:
    keys = constants("crawler/monitor/webhook.py", "letter_json") - {"portal", "articles", "times"}
    assert keys == rows(section("docs/subscriber.md", "Webhooks"))


def test_recipe_for_signatures_works() -> None:
    (block,) = blocks(section("docs/subscriber.md", "Webhooks"), "python")
    found: dict[str, Any] = {}
    exec(block, found)
    body = '{"summary": "tin mới"}'.encode()
    signature = sign("chìa khóa".encode(), "id", "1000", body)
    headers = {"webhook-id": "id", "webhook-timestamp": "1000", "webhook-signature": signature}
    assert found["is_genuine"](headers, body, "chìa khóa".encode(), now=lambda: 1200)
    assert not found["is_genuine"](headers, body, b"khac", now=lambda: 1200)
    assert not found["is_genuine"](headers, body + b" ", "chìa khóa".encode(), now=lambda: 1200)
    assert not found["is_genuine"](headers, body, "chìa khóa".encode(), now=lambda: 1301)


def test_selectors_of_the_documentation_load(tmp_path: Path) -> None:
    (block,) = blocks(section("docs/portal-files.md", "Selectors"), "toml")
    path = tmp_path / "x.toml"
    path.write_text(f"[article]\n{block}", encoding="utf-8")
    assert len(load_portal_file(path).reader.layouts[0].article.date) == 2


def test_readme_portal_is_ten_lines_and_loads(tmp_path: Path) -> None:
    text = section("README.md", "Watch your own province in ten lines")
    (block,) = blocks(text, "toml")
    name = re.search(r"archive/portals/([\w-]+\.toml)", text)
    assert name is not None
    assert len(block.splitlines()) <= 10
    path = tmp_path / name[1]
    path.write_text(block, encoding="utf-8")
    portal = load_portal_file(path)
    assert portal.start
    assert portal.reader.declared == 1
    assert f"crawl {portal.slug} " in text


def test_readme_begins_with_both_commands() -> None:
    lines = text_of("README.md").splitlines()[:12]
    assert any(line.startswith("scripts/run ") for line in lines)
    assert any(line.startswith("scripts/test ") for line in lines)


def test_readme_names_no_verb_as_missing_that_is_there() -> None:
    missing = re.findall(r"`(\w+)`", section("README.md", "What is not there yet"))
    assert set(missing) & set(VERBS) == set()


def test_dictionary_is_in_step_with_the_code() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "codebook", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_template_of_new_archives_is_in_step_with_the_migrations() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "template", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("table", TABLES.values(), ids=plain_name)
def test_columns_are_documented(table: Table) -> None:
    view = next((view for view in VIEWS if view.name == plain_name(table)), None)
    there = rows(section("docs/data-dictionary.md", table.name)) if table.info else set()
    assert there == set(table.columns.keys()) - set(view.columns if view is not None else ())


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_views_are_documented_in_their_own_words(view: View) -> None:
    text = section("docs/data-dictionary.md", view.name)
    assert view.doc in text
    assert re.findall(r"^\| `(\w+)`", text, re.M) == list(view.columns)
    assert all(column.doc[1:] in text for column in view.columns.values())


@pytest.mark.parametrize("query", blocks(text_of("docs/researcher.md"), "sql"))
def test_sql_of_the_documentation_runs(tmp_path: Path, query: str) -> None:
    Archive.open(tmp_path / "archive", create=True).close()
    connection = sqlite3.connect(tmp_path / "archive" / "archive.db")
    assert connection.execute(query).fetchall() == []
    connection.close()


def records() -> Iterator[tuple[str, ast.ClassDef]]:
    for path, tree in TREES.items():
        for node in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
            is_record = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
            if is_record and not node.name.startswith("_"):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


RECORDS = dict(records())


@pytest.mark.parametrize("name", RECORDS)
def test_record_attributes_are_documented(name: str) -> None:
    body = RECORDS[name].body
    bare = [
        ast.unparse(statement.target)
        for statement, after in zip(body, [*body[1:], ast.Pass()], strict=True)
        if isinstance(statement, ast.AnnAssign)
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert bare == []


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as code hosting sites make them."""
    prose = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def prose_of(path: Path) -> str:
    return re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(path)):
        name, _, anchor = link.partition("#")
        if urlsplit(link).scheme:
            continue
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_addresses_are_portals_examples_or_standards(path: Path) -> None:
    hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s`\"')>\]…]+", path.read_text("utf-8"))}
    known = r"(?:\.gov\.vn|^127\.0\.0\.1|^semver\.org|^web\.archive\.org|^)$"  # the last is the default of a setting
    assert {host for host in hosts if not re.search(known, host)} == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_are_relative(path: Path) -> None:
    assert re.findall(r"(?<![\w.:/>])/(?:home|root|tmp|usr|srv|opt|mnt|work)\b\S*", path.read_text("utf-8")) == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    named = re.findall(r"\((\d{4}[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert named == sorted(path.name for path in folder.glob("0*.md"))


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(path))]
            waiting += [target for link in links if (target := (path.parent / link).resolve()).suffix == ".md"]
    assert set(DOCS) - reached == set()


def is_there(name: str) -> bool:
    """True where it names a module, or something that a module has."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:count])
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if source.exists():
            rest = parts[count:]
            return not rest or re.search(rf"\b{rest[0]}\b", source.read_text(encoding="utf-8")) is not None
    return False


@pytest.mark.parametrize("module", MODULES)
def test_module_is_on_the_map(module: str) -> None:
    drawn = text_of("docs/architecture.md")
    assert f"`{module}`" in drawn or f"`{module}." in drawn


def test_layers_are_those_that_are_checked() -> None:
    settings = tomllib.loads(text_of("pyproject.toml"))
    (checked,) = [one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    drawn = re.search(r"^cli\n.*?^errors$", text_of("docs/architecture.md"), re.MULTILINE | re.DOTALL)
    assert drawn is not None
    assert drawn[0].split("\n") == [layer.replace("crawler.", "") for layer in checked["layers"]]


def test_what_is_called_by_name_is_there() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (*DOCS, *CODE)
        for name in re.findall(r"`((?:crawler|storage)(?:\.\w+)+)", path.read_text(encoding="utf-8"))
        if not is_there(name)
    ]
    assert lost == []
