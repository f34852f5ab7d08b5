"""A report made again from its record gives the same bytes; one that was touched is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reported import PROBLEM, REPORT, bytes_below, change, folder_of, of_verb, told_of, vispera
from vispera.__main__ import main
from vispera.report.feasibility.rendering import render
from vispera.report.feasibility.template import read_template
from vispera.report.feasibility.told import Told

CHECK = (*REPORT, "check=1")


def checked(home: Path, capfd, *words: str, code: int = 4) -> list[str]:
    """What a check says, having written nothing."""
    before = bytes_below(home)
    assert main([*CHECK, *words]) == code
    assert bytes_below(home) == before
    told = capfd.readouterr()
    lines = (told.out if code == 0 else told.err).splitlines()
    return [line.removeprefix("error: ") for line in lines if not line.startswith(("check: ", "still "))]


def test_rendered_anew_a_report_is_the_same_to_the_byte(own_report, tmp_path):
    from commands.test_report_failed import NOTEBOOK

    told = Told.read(folder_of(own_report) / "report.json")
    render(told, "es", read_template(NOTEBOOK), {}, tmp_path / "again", lambda step: None, printed=False)
    again, kept = bytes_below(tmp_path / "again"), bytes_below(folder_of(own_report) / "es")
    assert again.pop("report.json") == (folder_of(own_report) / "report.json").read_bytes()
    assert set(kept) - set(again) <= {"feasibility-001-es.pdf"}
    assert [name for name in again if again[name] != kept[name]] == []


@pytest.mark.slow
def test_a_report_is_the_same_right_after_it_was_made_and_with_the_runs_elsewhere(
    own_report, capfd, tmp_path
):
    (line,) = checked(own_report, capfd, code=0)
    name = folder_of(own_report).name
    assert line == f"report {name}: record, pages, figures and notebooks are the same, byte for byte"
    moved = own_report.rename(tmp_path / "another place")
    done = vispera(moved, *CHECK)
    assert "byte for byte" in done.stdout


TOUCHED = {
    "es/feasibility-001-es.html": (b"</html>", b"</html> "),
    "en/figures/season.svg": (b"</svg>", b"</svg> "),
    "en/feasibility-001-en.ipynb": (b'"nbformat": 4', b'"nbformat":  4'),
}


@pytest.mark.slow
def test_files_that_were_touched_are_named(own_report, capfd):
    folder = folder_of(own_report)
    for name, (old, new) in TOUCHED.items():
        content = (folder / name).read_bytes()
        assert old in content
        (folder / name).write_bytes(content.replace(old, new, 1))
    (folder / "en" / "notes.txt").write_text("who put this here?")
    lines = checked(own_report, capfd)
    names = {line.partition(" ")[0] for line in lines}
    assert names == {f"{folder.name}/{name}" for name in (*TOUCHED, "en/notes.txt")}


@pytest.mark.slow
def test_a_record_that_was_touched_differs_from_what_the_runs_give(own_report, capfd):
    folder = folder_of(own_report)
    change(folder / "report.json", "claims", "list_value", "value", to=99.0)
    first, *others = checked(own_report, capfd)
    assert first == f"{folder.name}/report.json differs from what the runs give now; claims: list_value"
    assert any("es.html" in line for line in others), "nor do its pages say that any more"


@pytest.mark.slow
def test_runs_that_changed_or_went_are_told(own_report, capfd):
    folder, replay = folder_of(own_report), of_verb(own_report, "replay").folder
    kept = (replay / "replay.json").read_bytes()
    change(replay / "replay.json", "book", "units", to=1)
    (line,) = checked(own_report, capfd, *PROBLEM)
    assert line == f"{folder.name}/report.json differs from what the runs give now; claims: units"
    (replay / "replay.json").write_bytes(kept)
    shutil.rmtree(replay)
    (line,) = checked(own_report, capfd, *PROBLEM, "problem=simulated")
    assert line.startswith(f"{folder.name}/report.json: the runs that it came from cannot be read any more: ")
    assert replay.name in line


def test_what_is_checked_is_what_was_declared_when_it_was_made(recorded):
    """Costs and rules of the report stand in it; those of today do not matter."""
    from vispera.report.feasibility.verification import decision_of

    content = told_of(recorded).content
    own = decision_of(content)
    assert own.costs is not None
    assert own.costs.call == 1.5
    assert own.missing == ()


def test_another_template_than_the_report_was_made_with_is_named(own_report, capfd, tmp_path):
    from commands.test_report_failed import NOTEBOOK

    other = tmp_path / "mine.ipynb"
    other.write_text(NOTEBOOK.read_text("utf-8").replace("told.front()", "told.front()  "), "utf-8")
    (line,) = checked(own_report, capfd, f"notebook={other}")
    assert "was made from the template feasibility.ipynb " in line
    assert "and this one is mine.ipynb " in line
