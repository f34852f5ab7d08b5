"""Typed arguments: what is built, what is refused, and how each fault is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from omegaconf import OmegaConf

from vispera.decision import Costs
from vispera.door.building import arguments, build
from vispera.errors import UsageError

NAMES = ("call", "reached", "persuaded", "talked_out", "margin", "resale_ceiling", "resale_days")
COSTS = {"_target_": "vispera.decision.Costs", **dict.fromkeys(NAMES, 1)}


@dataclass(frozen=True)
class Window:
    first: int
    last: int = 9

    def __post_init__(self):
        if self.first > self.last:
            raise UsageError("the window ends before it begins")


@dataclass(frozen=True)
class Settings:
    seed: int = 0
    rate: float = 0.5
    note: str = ""
    on: bool = True
    kind: Literal["rolling", "random"] = "rolling"
    tags: tuple[str, ...] = ()
    place: Path | None = None
    window: Window = field(default_factory=lambda: Window(1))
    costs: Costs | None = None
    model: Any = None


def faults(values: dict[str, Any]) -> list[str]:
    with pytest.raises(UsageError) as refusal:
        build(Settings, values)
    return list(refusal.value.faults)


def test_values_become_the_types_that_are_declared():
    given = {"rate": 1, "note": 5, "tags": ["a", 7], "place": "x/y", "window": {"first": 2}, "costs": COSTS}
    made = build(Settings, given)
    costs = Costs(1, 1, 1, 1, 1, 1, 1)
    assert made == Settings(
        rate=1.0, note="5", tags=("a", "7"), place=Path("x/y"), window=Window(2), costs=costs
    )
    assert isinstance(made.rate, float)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"seed": "abc"}, "seed=abc: wanted a whole number, such as seed=1"),
        ({"seed": 1.5}, "seed=1.5: wanted a whole number, such as seed=1"),
        ({"seed": None}, "seed=None: wanted a whole number, such as seed=1"),
        ({"rate": "much"}, "rate=much: wanted a number, such as rate=0.5"),
        ({"on": "maybe"}, "on=maybe: wanted true or false, such as on=true"),
        ({"tags": "a"}, "tags=a: wanted a list, such as tags=[a,b]"),
        ({"kind": "rondom"}, "kind=rondom: closest: 'random'"),
        ({"sed": 1}, "sed: there is no such setting; closest: 'seed'"),
        ({"window": {"frist": 1, "first": 1}}, "window.frist: there is no such setting"),
        ({"window": {}}, "window.first has no value; type window.first=VALUE"),
        ({"window": {"first": 99}}, "the window ends before it begins"),
        ({"costs": {**COSTS, "call": "dear"}}, "costs.call=dear: wanted a number, such as costs.call=0.5"),
        ({"costs": {**COSTS, "cal": 1}}, "costs.cal: there is no such setting; closest: 'call'"),
    ],
)
def test_each_fault_says_what_was_given_and_what_to_type(values, told):
    assert [told] == faults(values)


def test_all_faults_are_told_at_once():
    evil = {"_target_": "os.system"}
    found = faults({"seed": "a", "rate": "b", "x": 1, "costs": {**COSTS, "call": "c"}, "model": evil})
    assert [fault.partition(":")[0] for fault in sorted(found)] == [
        "costs.call=c",
        "model._target_=os.system",
        "rate=b",
        "seed=a",
        "x",
    ]


def test_classes_of_scikit_learn_are_built_with_what_lies_below():
    scaler = {"_target_": "sklearn.preprocessing.StandardScaler", "with_mean": False}
    pipeline = {"_target_": "sklearn.pipeline.Pipeline", "steps": [["scale", scaler]]}
    made = build(Settings, {"model": pipeline}).model
    assert type(made).__name__ == "Pipeline"
    assert made.steps[0][1].with_mean is False


def test_a_stranger_to_scikit_learn_is_named():
    node = {"_target_": "sklearn.linear_model.LogisticRegression", "max_itr": 3}
    [told] = faults({"model": node})
    assert told == "model.max_itr: LogisticRegression takes no such thing; closest: 'max_iter'"


def test_a_value_taken_over_from_another_key_is_told_of_that_key_alone():
    config = OmegaConf.create({"seed": "abc", "window": {"first": "${seed}"}})
    with pytest.raises(UsageError) as refusal:
        arguments(Settings, config)
    assert refusal.value.faults == ("seed=abc: wanted a whole number, such as seed=1",)


def test_what_nobody_filled_in_is_asked_for():
    config = OmegaConf.create({"seed": "???", "window": {"first": "???"}})
    with pytest.raises(UsageError) as refusal:
        arguments(Settings, config)
    assert refusal.value.faults == (
        "seed has no value; type seed=VALUE",
        "window.first has no value; type window.first=VALUE",
    )
