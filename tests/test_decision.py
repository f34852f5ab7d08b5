"""What a problem declares of its decision: what cannot be is refused, and so is what no night can know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from booked import COSTS, SCHEMA, SMALL, WORTH
from conftest import problem
from vispera.decision import Decision
from vispera.errors import UsageError
from vispera.replay.sensitivity import Sensitivity


def faults(**changed: Any) -> list[str]:
    return replace(SMALL.decision, **changed).faults(SCHEMA)


@pytest.mark.parametrize("name", ["simulated", "hotel"])
def test_the_problems_that_come_along_have_none(name):
    described = problem(name)
    assert described.decision.faults(described.schema) == []


def test_neither_has_what_is_not_decided_yet():
    assert faults() == []
    assert Decision().faults(SCHEMA) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"reached": 1.5}, "problem.decision.costs.reached=1.5: wanted a share from 0 to 1"),
        ({"talked_out": -0.1}, "problem.decision.costs.talked_out=-0.1: wanted a share from 0 to 1"),
        ({"margin": float("nan")}, "problem.decision.costs.margin=nan: wanted a share from 0 to 1"),
        ({"call": -1.0}, "problem.decision.costs.call=-1: wanted EUR, 0 or more"),
        ({"resale_days": 0.0}, "problem.decision.costs.resale_days=0: wanted more than 0 days"),
    ],
)
def test_an_assumption_that_cannot_be_is_told(changed, says):
    (fault,) = faults(costs=replace(COSTS, **changed))
    assert fault.startswith(says)


def test_all_of_them_are_told_at_once():
    told = faults(costs=replace(COSTS, reached=2.0, resale_days=-1.0), capacity=0)
    assert [fault.partition("=")[0].rpartition(".")[2] for fault in told] == [
        "reached",
        "resale_days",
        "capacity",
    ]


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_night_has_a_call_at_least(capacity):
    assert faults(capacity=capacity) == [
        f"problem.decision.capacity={capacity}: wanted 1 call a night or more"
    ]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"worth": replace(WORTH, by=("hotel", "cancelled"))},
            "worth.by: 'cancelled' is declared as outcome",
        ),
        ({"worth": replace(WORTH, nights="adr")}, "worth.nights: 'adr' is declared as mutable"),
        ({"do_not_call": "cancelled"}, "do_not_call: 'cancelled' is declared as outcome"),
        ({"do_not_call": "room"}, "do_not_call: 'room' is a category; wanted flag"),
        (
            {"worth": replace(WORTH, nights="room")},
            "worth.nights: 'room' is a category; wanted integer or number",
        ),
        (
            {"worth": replace(WORTH, price="hotel")},
            "worth.price: 'hotel' is a category; wanted integer or number",
        ),
    ],
)
def test_what_decides_about_a_list_is_known_on_booking_and_of_its_kind(changed, says):
    (fault,) = faults(**changed)
    assert fault.startswith(f"problem.decision.{says}")


def test_a_column_that_is_not_declared_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="no column 'rom'; closest: 'room'"):
        faults(worth=replace(WORTH, by=("hotel", "rom")))


def test_variations_are_held_to_the_same():
    bounds = {"call": (2.0, 4.0), "resale_days": (0.0, 5.0)}
    told = Sensitivity(bounds=bounds, pessimistic={"reached": 0.1}, optimistic={"margin": 1.2}).faults(COSTS)
    assert [fault.partition(":")[0] for fault in told] == [
        "sensitivity.bounds.resale_days=0",
        "sensitivity.optimistic.margin=1.2",
    ]
    assert Sensitivity(bounds={"call": (2.0, 4.0)}).faults(replace(COSTS, reached=2.0)) == []
