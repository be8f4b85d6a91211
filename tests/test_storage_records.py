"""Every attribute of every record is described right below it."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from watched import capture

from storage import records
from storage.records import as_vietnam_iso
from storage.vocabulary import OutcomeKind

MODULES = sorted(Path(records.__file__).parent.glob("*.py"))
CLASSES = [
    node
    for module in MODULES
    for node in ast.parse(module.read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
]


def attributes() -> list[tuple[str, str | None]]:
    """(Record.attribute, the text below it or None) of every public record."""
    found = []
    for record in CLASSES:
        for node, below in zip(record.body, [*record.body[1:], None], strict=True):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.append((f"{record.name}.{node.target.id}", text_of(below)))
    return found


def text_of(node: ast.stmt | None) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return None


def test_there_are_attributes_to_describe() -> None:
    assert {"Capture.payload", "Article.body", "Change.weight"} <= {name for name, _ in attributes()}


@pytest.mark.parametrize("name, text", attributes(), ids=[name for name, _ in attributes()])
def test_record_attribute_is_described_in_a_sentence(name: str, text: str | None) -> None:
    assert text is not None, f"{name} has no description below it"
    assert text.endswith("."), f"the description of {name} does not end with a full stop"


@pytest.mark.parametrize("name", [record.name for record in CLASSES])
def test_record_is_described_itself(name: str) -> None:
    text = getattr(records, name).__doc__
    assert text
    assert not text.startswith(f"{name}(")  # what dataclass writes where nobody did


@pytest.mark.parametrize("name, value", [("x-a", "2"), ("X-A", "2"), ("content-type", "text/html"), ("none", None)])
def test_header_is_the_last_of_that_name_in_any_case(name: str, value: str | None) -> None:
    headers = (("X-A", "1"), ("Content-Type", "text/html"), ("x-a", "2"))
    assert capture(headers=headers).header(name) == value


def test_instants_are_printed_in_vietnams_time() -> None:
    assert as_vietnam_iso(datetime(2021, 4, 13, 2, tzinfo=UTC)) == "2021-04-13T09:00:00+07:00"
    assert as_vietnam_iso(None) is None


def test_outcomes_that_tell_something_are_no_failures() -> None:
    told = {kind.value for kind in OutcomeKind if not kind.is_failure}
    assert told == {
        "new",
        "edited",
        "unchanged",
        "not_modified",
        "duplicate",
        "listing",
        "redirect",
        "absent",
        *("feed", "sitemap", "other_page", "file"),
    }
