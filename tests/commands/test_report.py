"""``vispera report`` as it is typed: what lies on the shelf, what it says, that nothing leads elsewhere."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest

from reported import PROBLEM, REPORT, bytes_below, folder_of, page_of
from vispera import workspace
from vispera.__main__ import main
from vispera.files import read_json
from vispera.record import read_all
from vispera.text import LANGUAGES, language

MOST = 2_000_000
"""Bytes of a page, and of a notebook."""
KINDS = {".html", ".ipynb", ".svg", ".json", ".pdf"}


def files(home: Path) -> dict[str, bytes]:
    return bytes_below(folder_of(home))


def test_it_leaves_a_page_figures_and_the_executed_notebook_in_each_language(reported):
    left = files(reported)
    assert {Path(name).suffix for name in left} <= KINDS
    names = set(left)
    for code in LANGUAGES:
        assert {f"{code}/feasibility-001-{code}.{kind}" for kind in ("html", "ipynb")} <= names
        drawn = {name for name in names if name.startswith(f"{code}/figures/")}
        assert len(drawn) >= 14
        wide = {name for name in drawn if "-narrow" not in name}
        assert drawn == wide | {name.replace(".svg", "-narrow.svg") for name in wide}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_and_a_notebook_are_small_and_reach_for_nothing(reported, code):
    left, page = files(reported), page_of(reported, code)
    for kind in ("html", "ipynb"):
        assert 100_000 < len(left[f"{code}/feasibility-001-{code}.{kind}"]) < MOST
    assert "<script" not in page
    addresses = re.findall(r'(?:src|href|srcset)="([^"]*)"', page)
    addresses += re.findall(r"url\([\"']?([^)]*)", page)
    assert len(addresses) > 40
    assert [one[:60] for one in addresses if not one.startswith(("data:", "#"))] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_figures_on_the_shelf_are_those_of_the_page(reported, code):
    from base64 import b64encode

    left, page = files(reported), page_of(reported, code)
    figures = [content for name, content in left.items() if name.startswith(f"{code}/figures/")]
    for drawing in figures:
        assert b64encode(drawing).decode() in page
    assert page.count("data:image/svg+xml;base64,") == len(figures)


def test_no_path_of_this_machine_and_no_time_of_day_is_published(reported):
    places = {str(reported), tempfile.gettempdir(), str(Path.home()), str(workspace.source())} - {"/"}
    for name, content in files(reported).items():
        if name.endswith((".svg", ".pdf")):
            continue
        text = re.sub(r"base64,[\w+/=]+", "", content.decode("utf-8"))
        assert [place for place in places if place in text] == [], name
        assert re.findall(r"\d\d:\d\d:\d\d", text) == [], name
        assert re.findall(r"[\"' (]/(?:home|root|tmp|usr|work)/", text) == [], name


def test_the_notebook_is_executed_without_a_fault_and_holds_its_parameters(reported):
    for code in LANGUAGES:
        notebook = json.loads(files(reported)[f"{code}/feasibility-001-{code}.ipynb"])
        outputs = [one for cell in notebook["cells"] for one in cell.get("outputs", [])]
        assert {one["output_type"] for one in outputs} == {"execute_result"}
        assert notebook["metadata"]["papermill"]["parameters"] == {"report": "report.json", "language": code}
        assert set(notebook["metadata"]["papermill"]) == {"input_path", "output_path", "parameters"}
        assert not any("papermill" in cell["metadata"] for cell in notebook["cells"])


def test_the_record_says_what_the_report_is_made_of(reported):
    content = read_json(folder_of(reported) / "report.json")
    assert {"schema", "number", "date", "problem", "parameters", "runs", "claims", "rendered_with"} <= set(
        content
    )
    assert (content["number"], content["problem"], content["simulated"]) == (1, "simulated", True)
    runs = [one for one in read_all(reported / "experiments") if one.verb != "report"]
    assert set(content["runs"]) == {f"experiments/{one.id}" for one in runs}
    assert set(content["rendered_with"]) >= {"vispera", "matplotlib", "nbconvert", "papermill"}
    assert folder_of(reported).name == f"001-{content['date']}"


def test_each_language_is_a_run_whose_parent_is_the_replay(reported):
    from vispera.files import file_hash

    records = read_all(reported / "experiments")
    replay = next(one for one in records if one.verb == "replay")
    told = [one for one in records if one.verb == "report"]
    assert [(one.state, one.parent, one.problem, one.model) for one in told] == [
        ("finished", replay.id, "simulated", "logistic")
    ] * 2
    for record, code in zip(told, ("en", "es"), strict=True):
        page = folder_of(reported) / code / f"feasibility-001-{code}.html"
        assert record.hashes["page"] == file_hash(page)
        assert record.hashes["report"] == file_hash(folder_of(reported) / "report.json")


@pytest.mark.parametrize("code", LANGUAGES)
def test_simulated_stands_at_the_head_of_every_page(reported, code):
    page, say = page_of(reported, code), language(code).say("figure.simulated")
    assert f'<p class="simulated" role="note">{say}</p>' in page
    assert f'@top-right {{ content: "{say}"; }}' in page


def test_typed_again_it_adds_nothing_and_says_where_the_report_is(own_report, capfd):
    before = bytes_below(own_report)
    assert main([*REPORT, "language=es"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert bytes_below(own_report) == before
    name = folder_of(own_report).name
    assert lines[0] == f"report {name} is there in this language, and nothing that it rests on has changed"
    assert [line.split()[0] for line in lines[1:]] == [
        "page",
        *(["pdf"] if len(lines) == 6 else []),
        "notebook",
        "record",
        "anew",
    ]
    assert f"reports/feasibility/{name}/es/feasibility-001-es.html" in lines[1]
    assert lines[-1].split()[1:] == ["vispera", "report", *PROBLEM, "tracker=none", "language=es", "new=true"]


def test_the_command_that_it_names_is_one_that_can_be_typed(own_report, capfd):
    """The words that chose the problem are in it: it says the same tomorrow, whatever is replayed by then."""
    import shlex

    main([*REPORT])
    command = next(line for line in capfd.readouterr().out.splitlines() if line.startswith("anew"))
    words = shlex.split(command.removeprefix("anew"))[1:]
    assert main([word for word in words if word != "new=true"]) == 0
    assert "is there in this language" in capfd.readouterr().out
