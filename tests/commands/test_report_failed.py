"""A report whose notebook fails: what there is of it lies apart, and no good one is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reported import REPORT, bytes_below, folder_of
from vispera import workspace
from vispera.__main__ import main
from vispera.record import read_all
from vispera.report.feasibility import execution

NOTEBOOK = workspace.source() / "notebooks" / "feasibility.ipynb"
RAISES = 'raise ValueError("the ladder\\n is missing a rung")'
DIES = "import os\nos._exit(9)"
SLEEPS = "import time\ntime.sleep(600)"


def template(path: Path, *sources: str, after: str = "front", parameter: str = "") -> Path:
    """A copy of the notebook with further cells after one of it."""
    content = json.loads(NOTEBOOK.read_text("utf-8"))
    made = []
    for cell in content["cells"]:
        text = "".join(cell["source"])
        if parameter and "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = f"{text}\n{parameter}"
        made.append(cell)
        if f"told.{after}" in text:
            own = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
            made += [{**own, "id": f"own-{n}", "source": source} for n, source in enumerate(sources)]
    path.write_text(json.dumps({**content, "cells": made}), "utf-8")
    return path


def failing(home: Path, capfd, path: Path) -> str:
    """The line of a report that fails, after all that must hold of every failure."""
    good, runs = bytes_below(folder_of(home)), read_all(home / "experiments")
    assert main([*REPORT, "language=es", f"notebook={path}", "new=true"]) == 1
    told = capfd.readouterr()
    assert bytes_below(folder_of(home)) == good
    (line,) = [line for line in told.err.splitlines() if line.startswith("error: ")]
    assert (told.out, "Traceback" in told.err) == ("", False)
    (kept,) = (home / "reports" / "feasibility").glob("FAILED-*")
    assert kept.name.startswith("FAILED-002-")
    assert kept.name.endswith("-es")
    said = line.removeprefix("error: ")
    assert said.endswith(f"the notebook as far as it came: home/reports/feasibility/{kept.name}")
    assert (kept / "FAILED").read_text() == said.partition("; the notebook as far")[0] + "\n"
    record = read_all(home / "experiments")[-1]
    assert len(read_all(home / "experiments")) == len(runs) + 1
    assert (record.verb, record.state, record.error) == ("report", "failed", said)
    assert not list(kept.glob("*.html"))
    return said


def partial(home: Path) -> list[dict]:
    (kept,) = (home / "reports" / "feasibility").glob("FAILED-*/*.ipynb")
    assert str(home) not in kept.read_text("utf-8")
    return json.loads(kept.read_text("utf-8"))["cells"]


def test_a_cell_that_raises_leaves_the_notebook_as_far_as_it_came(own_report, tmp_path, capfd):
    said = failing(own_report, capfd, template(tmp_path / "own.ipynb", RAISES))
    assert said.startswith("cell 4 of the notebook failed: ValueError: the ladder is missing a rung; ")
    cells = partial(own_report)
    shown = [
        cell for cell in cells if any("text/html" in one.get("data", {}) for one in cell.get("outputs", []))
    ]
    assert [one["output_type"] for cell in cells for one in cell.get("outputs", []) if "ename" in one] == [
        "error"
    ]
    assert any('class="masthead"' in "".join(cell["outputs"][0]["data"]["text/html"]) for cell in shown)
    never = [cell for cell in cells if "told.section" in "".join(cell["source"])]
    assert len(never) == 13
    assert all(cell["outputs"] == [] for cell in never)


@pytest.mark.slow
def test_a_report_that_goes_well_takes_the_place_of_the_one_that_failed(own_report, tmp_path, capfd):
    for source in (RAISES, "1 / 0"):
        said = failing(own_report, capfd, template(tmp_path / "own.ipynb", source))
    assert "ZeroDivisionError" in said
    shelf = own_report / "reports" / "feasibility"
    assert main([*REPORT, "language=en", "new=true"]) == 0
    assert [path.name[:10] for path in sorted(shelf.iterdir())][
        -1
    ] == "FAILED-002"  # it was to be the Spanish one
    assert main([*REPORT, "language=es"]) == 0
    assert sorted(path.name[:3] for path in shelf.iterdir()) == ["001", "002"]
    assert sorted(path.name for path in folder_of(own_report, 2).iterdir()) == ["en", "es", "report.json"]


@pytest.mark.slow
def test_a_cell_that_takes_its_kernel_with_it_ends_alike(own_report, tmp_path, capfd):
    said = failing(own_report, capfd, template(tmp_path / "own.ipynb", DIES, after='section("data")'))
    assert said.startswith("the notebook did not come to its end: ")
    assert "ied" in said
    assert partial(own_report)


@pytest.mark.slow
def test_a_cell_that_hangs_ends_alike(own_report, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(execution, "CELL_SECONDS", 8)
    said = failing(own_report, capfd, template(tmp_path / "own.ipynb", SLEEPS))
    assert said.startswith("the notebook did not come to its end: ")
    assert "8 seconds" in said
    assert partial(own_report)


@pytest.mark.slow
def test_a_template_of_one_s_own_takes_a_typed_parameter(own_report, tmp_path, capfd):
    own = template(tmp_path / "own.ipynb", "told.section(extra[0])", parameter='extra: list[str] = ["risks"]')
    words = [*REPORT, f"notebook={own}", "+parameters.extra=[limitations]"]
    assert main(words) == 0
    page = (folder_of(own_report, 2) / "en" / "feasibility-002-en.html").read_text("utf-8")
    assert page.count('<section id="limitations">') == 2
    record = json.loads((folder_of(own_report, 2) / "report.json").read_text("utf-8"))
    assert record["parameters"] == {"extra": ["limitations"]}
    assert main([*REPORT, f"notebook={own}", "check=2"]) == 0
    assert main([*REPORT, f"notebook={own}", "+parameters.extra=[data]", "language=es"]) == 0
    assert folder_of(own_report, 3)
    capfd.readouterr()
