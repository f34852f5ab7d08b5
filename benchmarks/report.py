"""Seconds of a feasibility report beside those of a notebook of ten empty cells, each in a process.

    python benchmarks/report.py [turns]

Two small runs and a replay are made first, by the commands themselves. In each turn papermill and nbconvert
execute and convert ten cells that add one and one, and ``vispera report`` tells the runs, its PDF included.
The parts are timed apart in one process. Medians of the turns.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from reported import RECORDED, told_of, typed
from typed import environment, workspace_in
from vispera import workspace
from vispera.errors import Declined
from vispera.files import write_json
from vispera.report.feasibility import page, pdf
from vispera.report.feasibility.execution import execute
from vispera.report.feasibility.template import read_template
from vispera.text import language

EMPTY = """
import nbformat, papermill
from nbconvert import HTMLExporter
nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1") for _ in range(10)])
nbformat.write(nb, "empty.ipynb")
papermill.execute_notebook("empty.ipynb", "done.ipynb", kernel_name="python3", progress_bar=False)
HTMLExporter().from_filename("done.ipynb")
"""
REPORT = ("report", "tracker=none", "new=true", "language=es")


def main(turns: int) -> None:
    with TemporaryDirectory() as place:
        home = workspace_in(Path(place, "home"))
        typed(home, *RECORDED)
        empty, whole = [], []
        for _ in range(turns):
            empty.append(seconds(lambda: run(home, Path(place), "-c", EMPTY)))
            whole.append(seconds(lambda: run(home, Path(place), "-m", "vispera", *REPORT)))
        reference = median(empty)
        print(f"{'ten empty cells':<22} {reference:6.2f} s")
        print(f"{'vispera report':<22} {median(whole):6.2f} s  {median(whole) / reference:5.2f} x")
        for name, took in parts(home, Path(place)):
            print(f"  {name:<20} {took:6.2f} s  {took / reference:5.2f} x")


def run(home: Path, place: Path, *words: str) -> None:
    """A process that ends well."""
    subprocess.run(
        [sys.executable, *words], env=environment(home), cwd=place, check=True, capture_output=True
    )


def parts(home: Path, place: Path):
    """Seconds of each part of a report, imports that were made before left out."""
    spoken = language("es")
    yield "gather", seconds(lambda: told_of(home))
    told = told_of(home)
    write_json(place / "report.json", told.content)
    template = read_template(workspace.source() / "notebooks" / "feasibility.ipynb")
    parameters = {"report": "report.json", "language": "es"}
    yield "execute the notebook", seconds(lambda: execute(template, place / "es.ipynb", parameters))
    notebook = execute(template, place / "es.ipynb", parameters)
    words = {"title": "report", "description": "benchmark", "simulated": True}
    yield "make the page", seconds(lambda: page.html(notebook, language=spoken, **words))
    text = page.html(notebook, language=spoken, **words)
    try:
        yield "print it", seconds(lambda: pdf.paper(text))
    except Declined as reason:
        print(f"  {reason}")


def seconds(act: Callable[[], object]) -> float:
    """Wall time of an act."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
