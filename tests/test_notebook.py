"""The example notebook runs as it is, on an archive of which every answer is known; and is kept without outputs."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
import pandas
import pytest
from nbclient import NotebookClient

from storage.archive import Archive

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs" / "notebooks" / "merger.ipynb"


@pytest.fixture(scope="module")
def outputs(merger_archive: Path) -> dict[str, Any]:
    """What each cell answers, by its id."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    environment = os.environ | {"PORTALWATCH_ARCHIVE": str(merger_archive), "PYTHONPATH": str(ROOT)}
    NotebookClient(notebook, timeout=300, startup_timeout=300).execute(env=environment)
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def table(outputs: dict[str, Any], cell: str) -> pandas.DataFrame:
    """The frame that a cell shows."""
    (shown,) = outputs[cell]
    (frame,) = pandas.read_html(StringIO(shown.data["text/html"]), header=0, index_col=0)
    return frame


def by_week(outputs: dict[str, Any], cell: str) -> dict[str, tuple[float, float]]:
    """(Khánh Hòa, Ninh Thuận) by the Monday of the week; below the header stands a row that names the index."""
    frame = table(outputs, cell)
    assert [*frame.columns] == ["khanhhoa", "ninhthuan"]
    return {str(week): (float(row.iloc[0]), float(row.iloc[1])) for week, row in frame.iterrows() if week != "week"}


def test_notebook_counts_edits_by_portal_and_week(outputs: dict[str, Any]) -> None:
    assert by_week(outputs, "edits") == {"2025-06-09": (0, 2), "2025-06-23": (1, 1), "2025-07-07": (0, 1)}


def test_notebook_counts_what_was_visited(outputs: dict[str, Any]) -> None:
    assert by_week(outputs, "visits") == {
        "2025-06-02": (3, 5),
        "2025-06-09": (0, 2),
        "2025-06-23": (1, 1),
        "2025-06-30": (2, 5),
        "2025-07-07": (1, 1),
    }
    assert by_week(outputs, "rates")["2025-06-30"] == (0, 0)
    assert by_week(outputs, "rates")["2025-07-07"] == (0, 100)


def test_notebook_shows_the_edits_that_matter(outputs: dict[str, Any]) -> None:
    assert [*table(outputs, "words")["title"]] == [
        "Cảng Cà Ná: tổng vốn 215 tỷ đồng",
        "Lễ hội Katê khai mạc ngày 21/10",
        "Cảng Cà Ná: tổng vốn 215 tỷ đồng",
    ]


def test_notebook_finds_what_vanished_at_the_merger(outputs: dict[str, Any]) -> None:
    found = table(outputs, "vanished")
    assert [*zip(found["province"], found["title"], found["gone_kind"], found["detected_on"], strict=True)] == [
        ("Khánh Hòa", "Nha Trang đón tàu biển", "404", "2025-07-02"),
        ("Ninh Thuận", "Lễ hội Katê khai mạc ngày 21/10", "404", "2025-07-02"),
        ("Ninh Thuận", "Hội nghị tổng kết năm học", "redirect_home", "2025-07-02"),
    ]
    shares = table(outputs, "shares")
    assert shares.loc["ninhthuan"].astype(float).tolist() == [5, 2, 40.0]
    assert shares.loc["khanhhoa"].astype(float).tolist() == [3, 1, 33.3]


def test_notebook_cites_what_vanished_as_it_was_on_the_eve(outputs: dict[str, Any]) -> None:
    (printed,) = outputs["cite"]
    assert "permalink: 20250611020000/http://ninhthuan.example/kate" in printed.text


def test_notebook_is_kept_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_notebook_of_an_archive_without_articles_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Archive.open(tmp_path / "archive", create=True).close()
    monkeypatch.setenv("PORTALWATCH_ARCHIVE", str(tmp_path / "archive"))
    names: dict[str, Any] = {}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
    assert len(names["vanished"]) == len(names["edits_per_week"]) == 0
