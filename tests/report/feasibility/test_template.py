"""The notebook is a template: typed parameters, sections, nothing that is defined or fitted."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from vispera import workspace
from vispera.errors import UsageError
from vispera.report.feasibility.section import SECTIONS
from vispera.report.feasibility.template import read_template

NOTEBOOK = workspace.source() / "notebooks" / "feasibility.ipynb"
NEEDED = 'report: str = "."\nlanguage: str = "en"\n'
ALLOWED = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
FITS = ("fit", "train", "calibrate", "predict", "tune", "search", "replay", "score")


def cells(path: Path = NOTEBOOK) -> list[dict]:
    return json.loads(path.read_text("utf-8"))["cells"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code(path: Path = NOTEBOOK) -> ast.Module:
    return ast.parse("\n".join(source(cell) for cell in cells(path) if cell["cell_type"] == "code"))


def faults(tree: ast.Module) -> Iterator[str]:
    """What a template has no business with: definitions, other imports, anything that fits."""
    for node in ast.walk(tree):
        if isinstance(node, DEFINES):
            yield f"defines: {ast.unparse(node)[:40]}"
        if isinstance(node, ast.Import):
            yield from (f"imports {one.name}" for one in node.names)
        if isinstance(node, ast.ImportFrom) and not str(node.module).startswith("vispera.report."):
            yield f"imports {node.module}"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called.startswith(FITS) or called in ("__import__", "exec", "eval", "import_module"):
                yield f"calls {called}"


def test_nothing_is_defined_imported_or_fitted_in_it():
    assert list(faults(code())) == []
    assert {type(one) for one in code().body} <= set(ALLOWED)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import sklearn", "imports sklearn"),
        ("from vispera.model import fit", "imports vispera.model"),
        ("model.fit(rows)", "calls fit"),
        ("__import__('sklearn')", "calls __import__"),
        ("f = lambda: 1", "defines: lambda: 1"),
        ("def f(): pass", "defines: def f():"),
    ],
)
def test_whatever_it_has_no_business_with_would_be_found(line, told):
    (fault,) = faults(ast.parse(f"{ast.unparse(code())}\n{line}"))
    assert fault.startswith(told)


def test_one_cell_holds_typed_parameters_and_nothing_has_been_run():
    tagged = [cell for cell in cells() if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    assert all(isinstance(one, ast.AnnAssign) for one in ast.parse(source(tagged[0])).body)
    for cell in cells():
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert set(cell["metadata"]) <= {"tags"}
    assert read_template(NOTEBOOK).parameters == {"report": "str", "language": "str"}


def test_every_section_is_shown_once_in_its_order():
    shown = [
        node.args[0].value
        for node in ast.walk(code())
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "told.section"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert shown == list(SECTIONS)


def written(path: Path, *sources: str, tags: tuple[str, ...] = ("parameters",)) -> Path:
    """A notebook whose first cell has these tags."""
    from nbformat import v4, write

    first, *rest = sources
    made = [v4.new_code_cell(first, metadata={"tags": list(tags)}), *map(v4.new_code_cell, rest)]
    write(v4.new_notebook(cells=made), path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as refused:
        read_template(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (NEEDED + "depth = 3", "'depth = 3' is no typed parameter; write name: type = value"),
        (NEEDED + "depth: int", "'depth: int' is no typed parameter"),
        (NEEDED + "depth: complex = 3", "the type one of str, int, float, bool, list, dict"),
        (NEEDED + "print(1)", "'print(1)' is no typed parameter"),
        (NEEDED + "a.b: int = 1", "'a.b: int = 1' is no typed parameter"),
        (NEEDED + "depth: int = ", "its parameters cell is no Python: invalid syntax"),
        ('report: str = "."', "its parameters cell lacks 'language: str = \"\"'"),
        ('report: int = 1\nlanguage: str = "en"', "its parameters cell lacks 'report: str = \"\"'"),
    ],
)
def test_a_cell_that_declares_its_parameters_amiss_is_refused(tmp_path, source, told):
    said = refusal(written(tmp_path / "own.ipynb", source))
    assert told in said
    assert said.startswith(f"notebook={tmp_path / 'own.ipynb'}: ")
    assert "\n" not in said


def test_a_file_that_is_no_template_is_refused_in_a_line(tmp_path):
    path = tmp_path / "own.ipynb"
    assert "No such file" in refusal(path)
    assert "Is a directory" in refusal(tmp_path)
    for content in (
        "{",
        "[]",
        "{}",
        '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        "\0",
    ):
        path.write_text(content, "utf-8")
        said = refusal(path)
        assert said.startswith(f"notebook={path}: ")
        assert "\n" not in said
        assert len(said) < 400
    assert "wanted one cell with the tag 'parameters', and it has 0" in refusal(
        written(path, NEEDED, tags=())
    )
    twice = json.loads(written(path, NEEDED, NEEDED).read_text("utf-8"))
    twice["cells"][1]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps(twice), "utf-8")
    assert "it has 2" in refusal(path)


def test_parameters_are_held_against_names_and_types(tmp_path):
    template = read_template(
        written(
            tmp_path / "own.ipynb",
            NEEDED + "depth: int = 3\nshare: float = 0.5\nnames: list[str] = []\non: bool = True",
        )
    )
    assert template.parameters["names"] == "list"
    assert template.faults({"depth": 1, "share": 1, "names": ["a"], "on": False}) == []
    assert template.faults({"dept": 1}) == [
        "parameters.dept: own.ipynb has no such parameter; closest: 'depth'"
    ]
    wrong = {"depth": 1.5, "share": "x", "names": {}, "on": 1}
    assert [fault.split(": own.ipynb wants ")[1] for fault in template.faults(wrong)] == [
        "int, not float", "float, not str", "list, not dict", "bool, not int"]  # fmt: skip
    assert template.faults({"depth": True}) == ["parameters.depth=True: own.ipynb wants int, not bool"]
