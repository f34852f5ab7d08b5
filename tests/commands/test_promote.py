"""``vispera promote`` as it is typed: the gates with their evidence, refusals, waivers, what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from promoted import changed, trained
from vispera.__main__ import main
from vispera.commands.promote import Arguments
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.promotion.gate import GATES
from vispera.record import RunRecord
from vispera.registry.entry import Entry
from vispera.registry.folder import FolderRegistry

SIGNED = ("by=Ana", "reason=first one")
QUICK = ("resamples=50", "limits.ece=0.2")
"""On so few rows even a perfect model is off by more than the limit."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, RunRecord]:
    return trained(tmp_path_factory.mktemp("promotions") / "home", "rule", "logistic")


@pytest.fixture
def place(runs, tmp_path, monkeypatch) -> Path:
    """A registry of the test's own, beside the runs."""
    monkeypatch.setenv("VISPERA_HOME", str(runs["rule"].folder.parent.parent))
    return tmp_path / "registry"


def promote(place: Path, *words: str) -> int:
    return main(["promote", *QUICK, *words, f"registry.place={place}"])


def history(place: Path) -> list[Entry]:
    return FolderRegistry(place=place).history("simulated")


def gates(out: str) -> dict[str, str]:
    """What each gate said."""
    lines = [line.split() for line in out.splitlines()]
    return {words[1]: words[0] for words in lines if len(words) > 1 and words[1] in GATES}


def test_the_best_run_becomes_champion_and_all_gates_show_their_evidence(runs, place, capsys):
    assert promote(place, "run=best", *SIGNED, "waive=[reproduces]") == 0
    out = capsys.readouterr().out
    record = runs["logistic"]
    assert out.startswith(f"run {record.id}, to become the champion of simulated (SIMULATED)\n")
    assert gates(out) == dict.fromkeys(GATES, "pass") | {"reproduces": "waived"}
    [entry] = history(place)
    assert (entry.alias, entry.action, entry.version, entry.was) == ("champion", "promote", 1, None)
    assert (entry.run, entry.by, entry.reason) == (record.id, "Ana", "first one")
    assert entry.waived == ("reproduces",)
    assert [verdict.name for verdict in entry.gates] == list(GATES)
    assert all(verdict.evidence for verdict in entry.gates)
    assert out.splitlines()[-5:] == [
        "version 1 is the champion of simulated now",
        "  by       Ana: first one",
        f"  head     {entry.hash}",
        f"  keep it  vispera production registry.place={place} verify={entry.hash}",
        f"  next     vispera pull registry.place={place} to=production",
    ]
    fetched = FolderRegistry(place=place).fetch(entry)
    assert all((record.folder / name).read_bytes() == content for name, content in fetched.files.items())


def test_what_is_the_champion_already_needs_nothing(runs, place, capsys):
    assert promote(place, "run=best", *SIGNED, "waive=[reproduces]") == 0
    capsys.readouterr()
    assert promote(place, f"run={runs['logistic'].id}", *SIGNED) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"run {runs['logistic'].id} is the champion of simulated already, since ")
    assert told.endswith("by Ana: nothing to do\n")
    assert len(history(place)) == 1


def test_the_same_run_under_another_alias_is_the_same_version(place):
    assert promote(place, "run=best", *SIGNED, "waive=[reproduces]") == 0
    assert promote(place, "run=best", *SIGNED, "waive=[reproduces]", "to=shadow") == 0
    assert [(one.alias, one.version, one.was) for one in history(place)] == [
        ("champion", 1, None),
        ("shadow", 1, None),
    ]


def test_gates_that_refuse_are_all_told_at_once_and_nothing_is_done(runs, place, capsys):
    words = ("to=challenger", "waive=[reproduces]", "limits.ece=0.001", "limits.age_days=0.00001")
    assert promote(place, f"run={runs['rule'].id[-6:]}", *SIGNED, *words) == 3
    shown = capsys.readouterr()
    refused = [name for name, said in gates(shown.out).items() if said == "REFUSED"]
    assert refused == ["beats_rule", "calibration", "age"]
    assert history(place) == []
    first, second = (line for line in shown.err.splitlines() if line.startswith("error: "))
    assert first == (
        f"error: run {runs['rule'].id} does not become the challenger: 3 gates refuse: "
        "beats_rule, calibration, age"
    )
    assert second.startswith(
        f"error: to promote it all the same, type: vispera promote run={runs['rule'].id} "
    )
    assert "'waive=[reproduces,beats_rule,calibration,age]'" in second
    assert "to=challenger" in second
    assert "limits.ece=0.001" in second


def test_a_worse_run_replaces_the_champion_only_with_a_reason_that_is_kept(runs, place, capsys):
    assert promote(place, "run=best", *SIGNED, "waive=[reproduces]") == 0
    rule, waive = f"run={runs['rule'].id}", "reproduces,beats_rule"
    assert promote(place, rule, *SIGNED, f"waive=[{waive}]") == 3
    assert "1 gate refuses: not_worse" in capsys.readouterr().err
    why = """reason=agents' codes change tomorrow, "all" of them; (the rule knows none)"""
    assert promote(place, rule, "by=Eva Peña", why, f"waive=[{waive},not_worse]") == 0
    last = history(place)[-1]
    assert (last.version, last.was, last.by) == (2, 1, "Eva Peña")
    assert last.reason == why.removeprefix("reason=")
    assert last.waived == ("reproduces", "beats_rule", "not_worse")
    assert "version 2 is the champion of simulated now instead of version 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run=best", "reason=x"), ["by has no value: nothing is changed without a name"]),
        (("run=best", "by=Ana"), ["reason has no value: the history keeps why"]),
        (("run=best", "by= ", "reason= "), ["by has no value", "reason has no value"]),
        (SIGNED, ["run has no value; type run=ID or run=best"]),
        (("run=best", *SIGNED, "waive=[agee]"), ["waive: there is no gate 'agee'; closest: 'age'"]),
        (("run=best", *SIGNED, "waive=[loads]"), ["waive: loads is never waived"]),
        (("run=best", *SIGNED, "to=champ"), ["to=champ: closest: 'champion'"]),
        (("run=best", *SIGNED, "limits.ece=2"), ["limits.ece=2: wanted a share from 0 to 1"]),
        (("run=nobody", *SIGNED), ["there is no run 'nobody'"]),
        (("run=best", *SIGNED, "model=rule"), ["model=rule: run=best says which model"]),
        (("run=last", *SIGNED, "problem.name=resort"), ["run "]),
        (("run=best", *SIGNED, "problem=hotel"), ["run=best: problem 'hotel' has no finished run"]),
    ],
)
def test_what_is_typed_wrongly_is_told_before_anything_is_looked_at(place, capsys, words, told):
    assert promote(place, *words) == 2
    shown = capsys.readouterr()
    lines = shown.err.splitlines()
    assert len(lines) == len(told)
    assert all(line.startswith(f"error: {one}") for line, one in zip(lines, told, strict=True)), lines
    assert shown.out == ""
    assert not place.exists()


def test_a_run_that_did_not_finish_has_nothing_to_promote(runs, place, capsys, tmp_path, monkeypatch):
    home = tmp_path / "home"
    changed(runs["rule"], home / "experiments", state="failed", error="ValueError: no")
    monkeypatch.setenv("VISPERA_HOME", str(home))
    assert promote(place, "run=last", *SIGNED) == 3
    shown = capsys.readouterr()
    assert gates(shown.out) == dict.fromkeys(GATES, "REFUSED")
    assert "the run is failed: ValueError: no" in shown.out
    assert shown.out.count("not looked at") == len(GATES) - 1
    assert "to promote it all the same" not in shown.err
    assert not place.exists()


def test_registry_none_shows_the_gates_and_promotes_nothing(place, capsys):
    words = ["promote", *QUICK, "run=best", *SIGNED, "waive=[reproduces]", "registry=none"]
    assert main(words) == 1
    shown = capsys.readouterr()
    assert set(gates(shown.out)) == set(GATES)
    assert "registry=none keeps nothing" in shown.err


def test_a_history_that_was_touched_is_built_upon_by_nobody(place, capsys):
    assert promote(place, "run=best", *SIGNED, "waive=[reproduces]") == 0
    file = place / "simulated" / "history" / "000001.json"
    file.write_text(file.read_text().replace("Ana", "Eva"))
    capsys.readouterr()
    assert promote(place, "run=best", *SIGNED, "to=shadow", "waive=[reproduces]") == 5
    assert "entry 1 was edited" in capsys.readouterr().err


def test_a_run_of_an_experiment_brings_its_problem(place):
    made = arguments(Arguments, composed("promote", ["experiment=reference", "run=x"]))
    assert made.problem.name == "hotel"
    assert made.problem.split.test_first is not None


@pytest.mark.slow
def test_the_command_that_trains_the_champion_on_other_rows_is_exact(
    runs, place, capsys, monkeypatch, tmp_path
):
    """A champion of another table: its recipe, the run's problem; typed, it makes the comparison possible."""
    from typed import train

    home = runs["rule"].folder.parent.parent
    other = tmp_path / "other"
    other.mkdir()
    small = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")
    newer = trained(other, "logistic", words=("problem.settings.seed=3", *small))["logistic"]
    assert promote(place, f"run={runs['rule'].id}", *SIGNED, "waive=[reproduces,beats_rule]") == 0
    capsys.readouterr()
    monkeypatch.setenv("VISPERA_HOME", str(other))
    words = (f"run={newer.id}", *SIGNED, "waive=[reproduces]")
    assert promote(place, *words) == 3
    shown = capsys.readouterr().out
    assert gates(shown)["not_worse"] == "REFUSED"
    [_, told] = " ".join(shown.split()).split("and no run of its recipe is of these; type: python train.py ")
    typed = told.split(" pass ")[0].split()
    assert "model=rule" in typed
    assert "problem.settings.seed=3" in typed
    assert train(other, *typed).returncode == 0
    assert promote(place, *words) == 0
    assert "of its recipe" in json.dumps([one.evidence for one in history(place)[-1].gates])
    assert home != other
