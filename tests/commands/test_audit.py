"""``vispera audit``: what a run would be refused for, without one."""

from __future__ import annotations

import json

import pytest

from vispera.__main__ import main
from vispera.record import read_all

SMALL = ("problem.settings.rows=6000",)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path


def test_a_clean_problem_passes_and_every_check_is_told(capsys, home):
    from vispera.audit import CHECKS

    assert main(["audit", *SMALL]) == 0
    told = capsys.readouterr().out
    assert "simulated (SIMULATED): 6,000 bookings, 44 features of catboost" in told
    assert all(f" {check} " in told for check in CHECKS)
    assert "warning  order_predicts" in told
    assert "REFUSED" not in told
    assert read_all(home / "experiments") == []


def test_a_finding_that_refuses_ends_in_exit_3_and_what_to_type(capsys):
    assert main(["audit", "problem.settings.leak=label_in_name", *SMALL]) == 3
    told = capsys.readouterr()
    assert "REFUSED  label_in_name" in told.out
    assert 'type audit.waive=[label_in_name] audit.reason="..."' in told.err
    assert "Traceback" not in told.err


def test_a_waived_finding_is_told_as_waived(capsys):
    words = [
        "problem.settings.leak=label_in_name",
        "audit.waive=[label_in_name]",
        "audit.reason=a score of ours",
    ]
    assert main(["audit", *words, *SMALL]) == 0
    assert "waived   label_in_name" in capsys.readouterr().out


def test_as_json_it_is_what_a_run_keeps(capsys):
    words = ["json=true", "model=rule", "model.features.facts=[hotel,country]"]
    assert main(["audit", *words, *SMALL]) == 3
    kept = json.loads(capsys.readouterr().out)
    assert kept["features"][-2:] == ["hotel", "country"]
    assert {finding["subject"] for finding in kept["findings"] if finding["refuses"]} == {"country"}


def test_a_misspelt_feature_is_refused_with_the_nearest(capsys):
    assert main(["audit", "model.features.facts=[hotle]"]) == 2
    assert "model.features.facts names 'hotle'" in capsys.readouterr().err
