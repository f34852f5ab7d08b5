"""A notebook as a template: what it may be given, checked before a kernel starts."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vispera.errors import UsageError, nearest
from vispera.files import json_hash

if TYPE_CHECKING:
    from nbformat import NotebookNode

TAG = "parameters"
NEEDED = ("report", "language")
"""Parameters that every template of a report has: the record that it tells, and in which language."""
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
}


@dataclass(frozen=True)
class Template:
    """A notebook and the types of its parameters by name."""

    path: Path
    notebook: NotebookNode
    parameters: Mapping[str, str]

    @property
    def mark(self) -> str:
        """Its name, and a hash of what its cells say: opened and saved again it is the same."""
        return f"{self.path.name} {json_hash([[c.cell_type, c.source] for c in self.notebook.cells])[:12]}"

    def faults(self, given: Mapping[str, Any]) -> list[str]:
        """A line for each parameter that the notebook does not have, or that is of another type."""
        told = []
        for name, value in given.items():
            wanted = self.parameters.get(name)
            if wanted is None:
                near = nearest(name, self.parameters)
                told.append(f"parameters.{name}: {self.path.name} has no such parameter; {near}")
            elif type(value) not in TYPES[wanted]:
                told.append(
                    f"parameters.{name}={value}: {self.path.name} wants {wanted}, not {type(value).__name__}"
                )
        return told


def read_template(path: Path) -> Template:
    """The template of a file; UsageError if it is no notebook with one typed parameters cell."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
    except OSError as error:
        raise UsageError(
            f"notebook={path}: {error.strerror or error}; the template is notebooks/feasibility.ipynb"
        ) from error
    except Exception as error:  # nbformat raises whatever its JSON reader and its schemas do
        raise UsageError(
            f"notebook={path}: that is no notebook: {' '.join(str(error).split())[:200]}"
        ) from error
    cells = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", ())]
    if len(cells) != 1:
        raise UsageError(f"notebook={path}: wanted one cell with the tag '{TAG}', and it has {len(cells)}")
    parameters = _declared(path, cells[0].source)
    absent = [name for name in NEEDED if parameters.get(name) != "str"]
    if absent:
        raise UsageError(
            *(f"notebook={path}: its parameters cell lacks '{name}: str = \"\"'" for name in absent)
        )
    return Template(path, notebook, parameters)


def _declared(path: Path, source: str) -> dict[str, str]:
    """Types by name of a cell that holds typed assignments and nothing else."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise UsageError(f"notebook={path}: its parameters cell is no Python: {error.msg}") from error
    found = {}
    for one in statements:
        kind = _kind(one)
        if kind not in TYPES:
            raise UsageError(
                f"notebook={path}: '{ast.unparse(one)}' is no typed parameter; write name: type = value, "
                f"the type one of {', '.join(TYPES)}"
            )
        found[_name(one)] = kind
    return found


def _kind(statement: ast.stmt) -> str:
    """Type of a typed assignment, ``list`` of ``list[str]``; empty for anything else."""
    if not isinstance(statement, ast.AnnAssign) or statement.value is None:
        return ""
    kind = statement.annotation
    kind = kind.value if isinstance(kind, ast.Subscript) else kind
    return kind.id if isinstance(kind, ast.Name) and _name(statement) else ""


def _name(statement: ast.stmt) -> str:
    target = statement.target if isinstance(statement, ast.AnnAssign) else None
    return target.id if isinstance(target, ast.Name) else ""
