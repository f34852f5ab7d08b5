from __future__ import annotations

from pathlib import Path

import pytest

from vispera.choice import chosen, named, one
from vispera.errors import UsageError
from vispera.record import RunRecord

IDS = (
    "20261124-101530-catboost-3f9a1c",
    "20261124-101530-rule-12e456",
    "20261125-090000-rule-001234",
    "20261125-090000-rule-001234-x",
)
RUNS = [RunRecord(id=name, state="finished", folder=Path(name), model=name.split("-")[2]) for name in IDS]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (IDS[0], 0),
        ("20261124-101530-c", 0),
        ("3f9a1c", 0),
        ("12e456", 1),
        (IDS[2], 2),  # whole, though another one begins so
        ("001234", 2),
    ],
)
def test_a_run_is_told_by_its_id_its_beginning_or_its_six_digits(name, meant):
    assert one(RUNS, name) is RUNS[meant]


def test_what_fits_several_or_none_is_refused_and_all_at_once():
    with pytest.raises(UsageError) as refused:
        named(RUNS, ["20261124", "3f9a1d", "zzz", "", "3f9a1c"])
    several, near, far, empty = refused.value.faults
    assert several == f"runs: '20261124' fits {IDS[0]}, {IDS[1]}; type more of it"
    assert near.startswith("runs: there is no run '3f9a1d'")
    assert far == "runs: there is no run 'zzz'; type vispera runs, which lists them"
    assert "there is no run ''" in empty
    with pytest.raises(UsageError, match=f"closest: '{IDS[0]}'"):
        one(RUNS, "20261124-101530-catboots-3f9a1c")


def test_names_and_conditions_both_narrow():
    assert chosen(RUNS, (), None) == RUNS
    assert chosen(RUNS, (), "model=rule") == RUNS[1:]
    assert chosen(RUNS, (IDS[2], "3f9a1c"), None) == [RUNS[0], RUNS[2]]
    assert chosen(RUNS, (IDS[2], "3f9a1c"), "model=rule") == [RUNS[2]]
    assert chosen(RUNS, (), "model=prior") == []
