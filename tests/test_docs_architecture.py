"""The map that docs/architecture.md draws is the code's: its modules, its layers, and what is called by name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MODULES = sorted(
    f"{package}.{path.stem}"
    for package in ("crawler", "storage")
    for path in (ROOT / package).iterdir()
    if not path.name.startswith(("__", ".")) and (path.suffix == ".py" or (path / "__init__.py").exists())
)
TEXTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(path for package in ("crawler", "storage") for path in (ROOT / package).rglob("*.py")),
    ]
)


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
    assert f"`{module}`" in MAP or f"`{module}." in MAP


def test_layers_are_those_that_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (checked,) = [one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    drawn = re.search(r"^cli\n.*?^errors$", MAP, re.MULTILINE | re.DOTALL)
    assert drawn is not None
    assert drawn[0].split("\n") == [layer.replace("crawler.", "") for layer in checked["layers"]]


def test_what_is_called_by_name_is_there() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in TEXTS
        for name in re.findall(r"`((?:crawler|storage)(?:\.\w+)+)", path.read_text(encoding="utf-8"))
        if not is_there(name)
    ]
    assert lost == []
