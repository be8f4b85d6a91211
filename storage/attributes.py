"""What the attributes of a record are: their types and the sentences written under them in the source.

What it does not do: know tables or files. Python keeps no docstring of an attribute, so the source is read; it is there
wherever the code runs.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One attribute of a record."""

    name: str
    """Its name."""
    type: Any
    """Its type, resolved."""
    doc: str
    """The sentence under it."""


@cache
def read_attributes(record: type) -> dict[str, Attribute]:
    """The attributes of the record by name, in their order."""
    (node,) = ast.parse(inspect.getsource(record)).body
    assert isinstance(node, ast.ClassDef)
    types = get_type_hints(record)
    found = {}
    for line, below in zip(node.body, node.body[1:], strict=False):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and _is_text(below):
            assert isinstance(below, ast.Expr)
            doc = " ".join(ast.literal_eval(below.value).split())
            found[line.target.id] = Attribute(name=line.target.id, type=types[line.target.id], doc=doc)
    return found


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
