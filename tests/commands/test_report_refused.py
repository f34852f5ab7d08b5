"""What ``vispera report`` refuses, in a line each, before a kernel starts and before a run has a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from reported import DAY, PROBLEM, REPORT, bytes_below, change, of_verb
from vispera import workspace
from vispera.__main__ import main
from vispera.files import write_json
from vispera.record import read_all
from vispera.report.feasibility import rendering

NOTEBOOK = workspace.source() / "notebooks" / "feasibility.ipynb"


@pytest.fixture
def refused(own_runs, capfd, monkeypatch):
    """Calls the door, which refuses; the lines that it says. No kernel may start, nothing may be written."""

    def start(*given, **more):
        raise AssertionError("a kernel was to start")

    def refused(*words: str, code: int = 2) -> list[str]:
        before = bytes_below(own_runs)
        assert main([*REPORT, *words]) == code
        told = capfd.readouterr()
        assert told.out == ""
        assert bytes_below(own_runs) == before
        return [
            line.removeprefix("error: ") for line in told.err.splitlines() if not line.startswith("report: ")
        ]

    monkeypatch.setattr(rendering, "execute", start)
    return refused


FIELDS = ("question", "action", "horizon_days", "capacity", "costs", "worth", "success_rule", "kill_rule",
          "stakeholders", "own_rule", "data_sources", "ceiling", "slices")  # fmt: skip


def test_every_decision_field_that_nobody_filled_in_is_named(refused):
    lines = refused(*(f"~problem.decision.{name}" for name in FIELDS), "problem=simulated")
    assert [line.split()[0] for line in lines] == [f"problem.decision.{name}" for name in FIELDS]
    assert all("has no value" in line and "docs/first-conversation.md" in line for line in lines)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("~problem.decision.success_rule", "success_rule"),
        ("problem.decision.kill_rule={es: '', en: ' '}", "kill_rule"),
        ("problem.decision.own_rule=''", "own_rule"),
        ("problem.decision.ceiling=null", "ceiling"),
        ("problem.decision.stakeholders=[]", "stakeholders"),
    ],
)
def test_a_field_alone_is_named_that_is_empty_or_not_there(refused, word, name):
    (line,) = refused(word)
    assert line.startswith(f"problem.decision.{name} has no value, and a report tells people what is decided")


def test_costs_that_the_replay_did_not_have_are_refused_with_what_to_type(refused):
    lines = refused("problem.decision.costs.call=9", "problem.decision.capacity=4")
    assert [line.split()[0] for line in lines] == ["problem.decision.capacity", "problem.decision.costs"]
    assert "capacity is 4, and the replay was made with 10" in lines[0]
    assert all(line.endswith("type: vispera replay problem=simulated") for line in lines)


def test_a_problem_that_is_typed_bare_has_other_costs_than_this_replay(refused):
    (line,) = refused("problem=simulated")
    assert line.startswith("problem.decision.costs is {'call': 3.0")


PARAMETERS = {
    "+parameters.depth=3": "parameters.depth: feasibility.ipynb has no such parameter; allowed: ",
    "+parameters.languge=es": "parameters.languge: feasibility.ipynb has no such parameter; closest: 'lang",
    "+parameters.language=es": "parameters.language: the command fills it in",
    "+parameters.report=x.json": "parameters.report: the command fills it in",
    "language=fr": "language=fr: allowed: en, es",
    "languge=es": "languge=es: there is no 'languge'; closest: 'language'",
    "runs=3": "runs=3: wanted a list",
    "check=x": "check=x: wanted a whole number",
    "new=perhaps": "new=perhaps: wanted true or false",
}


@pytest.mark.parametrize(("word", "told"), PARAMETERS.items())
def test_a_parameter_that_is_unknown_wrong_or_ours_is_refused(refused, word, told):
    (line,) = refused(word)
    assert line.startswith(told)


def test_all_wrong_parameters_are_told_at_once(refused):
    lines = refused("+parameters={depth: 3, language: es, shar: 0.5}")
    assert len(lines) == 3


def test_a_parameter_of_another_type_is_refused(refused, tmp_path):
    own = tmp_path / "own.ipynb"
    text = NOTEBOOK.read_text("utf-8")
    own.write_text(
        text.replace('language: str = \\"en\\"', 'language: str = \\"en\\"\\n", "depth: int = 3', 1), "utf-8"
    )
    (line,) = refused(f"notebook={own}", "+parameters.depth=three")
    assert line == "parameters.depth=three: own.ipynb wants int, not str"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('{"cells"', "[", "that is no notebook: "),
        ('"parameters"', '"parametros"', "wanted one cell with the tag 'parameters', and it has 0"),
        ("language: str = ", "language = ", "is no typed parameter; write name: type = value"),
        ("language: str = ", "sprache: str = ", "its parameters cell lacks 'language: str"),
    ],
)
def test_a_notebook_that_is_no_template_is_refused(refused, tmp_path, old, new, told):
    own, text = tmp_path / "own.ipynb", NOTEBOOK.read_text("utf-8")
    if old == '{"cells"':
        own.write_text("[not json", "utf-8")
    else:
        assert old in text
        own.write_text(text.replace(old, new), "utf-8")
    (line,) = refused(f"notebook={own}")
    assert line.startswith(f"notebook={own}: ")
    assert told in line


def test_a_notebook_that_is_not_there_is_refused(refused):
    (line,) = refused("notebook=nowhere.ipynb")
    assert (
        line
        == "notebook=nowhere.ipynb: No such file or directory; the template is notebooks/feasibility.ipynb"
    )


def without(home: Path, verb: str) -> None:
    for record in read_all(home / "experiments"):
        if record.verb == verb:
            change(record.folder / "record.json", "state", to="failed")


def test_without_a_replay_there_is_nothing_to_tell(refused, own_runs):
    without(own_runs, "replay")
    (line,) = refused()
    assert line == (
        "problem 'simulated' has no finished replay, and a report says what lists are worth; "
        "type: vispera replay problem=simulated run=best"
    )


def test_without_a_run_of_train_there_is_nothing_to_judge(refused, own_runs):
    without(own_runs, "train")
    (line,) = refused()
    assert line.startswith(
        "problem 'simulated' has no finished run of train; type: python train.py problem=simulated"
    )


def test_runs_that_are_not_what_is_wanted_are_refused(refused, own_runs):
    replay, rule = of_verb(own_runs, "replay"), of_verb(own_runs, "train", "rule")
    (line,) = refused("replay=zzzzzz", *PROBLEM)
    assert "zzzzzz" in line
    (line,) = refused(f"replay={rule.id}", *PROBLEM)
    assert line.startswith(f"replay={rule.id}: that is a train of simulated that is finished")
    (line,) = refused(f"runs=[{replay.id}]")
    assert line.startswith(
        f"runs: {replay.id} is a replay of simulated that is finished; wanted a finished run of train"
    )
    (line,) = refused(f"runs=[{rule.id},zzzzzz]")
    assert "zzzzzz" in line
    (line,) = refused("problem=hotel", f"replay={replay.id}")
    assert "wanted a finished replay of hotel; type: vispera replay problem=hotel" in line


def test_a_record_that_is_damaged_is_named(refused, own_runs):
    replay = of_verb(own_runs, "replay")
    (replay.folder / "fairness.json").write_text("{")
    (line,) = refused(code=1)
    assert line.startswith(
        f"experiments/{replay.id}/fairness.json cannot be read, and the report rests on it"
    )


def test_a_number_that_no_report_has_is_refused(refused, own_runs):
    shelf = own_runs / "reports" / "feasibility"
    (line,) = refused("check=7")
    assert line == f"there is no report 7 in {shelf}; there are none"
    (shelf / f"003-{DAY}").mkdir(parents=True)
    write_json(shelf / f"003-{DAY}" / "report.json", {"schema": 1, "problem": "hotel"})
    (line,) = refused("check=7", "problem=simulated")
    assert line == f"there is no report 7 in {shelf}; 3"
