"""What a search may try: how it is read, what is refused, and what stands in ``conf/model``."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from learnable import OPTIONS, config, rows
from vispera.door.building import build
from vispera.errors import UsageError
from vispera.files import json_hash
from vispera.fitting import Recipe
from vispera.space import Dimension, distribution, holds, place_faults, present, read_space

GOOD = {
    "whole numbers": {"low": 4, "high": 8},
    "numbers": {"low": 0.5, "high": 2},
    "on a scale of logarithms": {"low": 0.02, "high": 0.2, "log": True},
    "whole numbers in steps": {"low": 1, "high": 9, "step": 2},
    "numbers in steps": {"low": 0, "high": 1, "step": 0.1},
    "steps that no binary number holds": {"low": 0.1, "high": 0.7, "step": 0.2},
    "choices": ["all", 3, 0.5, True, None],
}

WRONG = {
    "k: low 5 is above high 4; swap them": {"low": 5, "high": 4},
    "k: low and high are both 3, nothing to search": {"low": 3, "high": 3},
    "k: log wants low above 0, and it is 0": {"low": 0, "high": 4, "log": True},
    "k: log and step exclude each other": {"low": 1.0, "high": 4.0, "log": True, "step": 1},
    "k: step is 0; wanted a number above 0": {"low": 1, "high": 3, "step": 0},
    "k: step is -1; wanted a number above 0": {"low": 1, "high": 3, "step": -1},
    "k: no step of 5 fits between 1 and 3": {"low": 1, "high": 3, "step": 5},
    "k: steps of 2 from 1 do not end at high 10; type high: 9": {"low": 1, "high": 10, "step": 2},
    "k: steps of 0.4 from 0 do not end at high 1; type high: 0.8": {"low": 0, "high": 1, "step": 0.4},
    "k: a range has no 'steps'; closest: 'step'": {"low": 1, "high": 3, "steps": 2},
    "k: low has no value": {"high": 3},
    "k: high is much; wanted a number": {"low": 1, "high": "much"},
    "k: high is inf; wanted a number": {"low": 1, "high": float("inf")},
    "k: low is True; wanted a number": {"low": True, "high": 3},
    "k: log is yes; wanted true or false": {"low": 1, "high": 3, "log": "yes"},
    "k: is one choice only, 7": [7],
    "k: is without a choice": [],
    "k: a choice stands there twice: True": [1, True],
    "k: a choice is [2]; wanted a single text": [1, [2]],
    "k: a choice is nan": [1, float("nan")],
    "k=3: wanted {low: 1, high: 9}": 3,
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_optuna_draws_what_the_dimension_holds(raw):
    import optuna

    dimension = Dimension.read("k", raw)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    values = [study.ask({"k": distribution(dimension)}).params["k"] for _ in range(40)]
    assert all(holds(dimension, value) for value in values)
    assert len(set(values)) > 2


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_plain_form_is_read_back_and_hashes_alike(raw):
    dimension = Dimension.read("k", raw)
    again = Dimension.read("k", dimension.plain())
    assert again == dimension
    assert json_hash(again.plain()) == json_hash(dimension.plain())


@pytest.mark.parametrize(("told", "raw"), WRONG.items())
def test_each_fault_is_one_clear_line(told, raw):
    with pytest.raises(UsageError) as refusal:
        Dimension.read("k", raw)
    assert len([fault for fault in refusal.value.faults if fault.startswith(told)]) == 1
    assert not any("\n" in fault for fault in refusal.value.faults)


def test_whole_numbers_stay_whole_and_others_do_not_become_so():
    assert Dimension.read("k", {"low": 4, "high": 8}).whole
    mixed = Dimension.read("k", {"low": 4, "high": 8.0})
    assert not mixed.whole
    assert mixed == Dimension.read("k", {"low": 4.0, "high": 8.0})
    assert Dimension.read("k", {"low": 1, "high": 9, "step": 1}) == Dimension.read("k", {"low": 1, "high": 9})


def test_what_a_dimension_does_not_hold():
    depth = Dimension.read("k", {"low": 4, "high": 8, "step": 2})
    assert [value for value in (2, 4, 5, 6, 8, 9) if holds(depth, value)] == [4, 6, 8]
    assert not any(holds(depth, value) for value in (6.0, 6.5, True, "6", None, float("nan")))
    share = Dimension.read("k", {"low": 1.0, "high": 8.0})
    assert holds(share, 3)
    assert holds(share, 3.7)
    choices = Dimension.read("k", [0, 1, "a"])
    assert holds(choices, 1)
    assert not holds(choices, True)
    assert not holds(choices, 1.0)


def test_a_space_is_nested_like_the_values():
    raw = {
        "features": {"smoothing": {"low": 5.0, "high": 50.0}},
        "estimator": {"depth": [4, 6], "rsm": None, "estimator": {"step": {"low": 1, "high": 3}}},
    }
    assert list(read_space(raw)) == ["features.smoothing", "estimator.depth", "estimator.estimator.step"]
    assert read_space({}) == read_space(None) == {}


def test_all_faults_of_a_space_are_told_at_once():
    raw = {"estimator": {"depth": {"low": 8, "high": 4}, "rsm": [1], "rate": {"from": 1, "high": 2}, "x": 3}}
    with pytest.raises(UsageError) as refusal:
        read_space(raw, "model.space")
    keys = [fault.partition(":")[0].partition("=")[0] for fault in refusal.value.faults]
    assert keys == [f"model.space.estimator.{key}" for key in ("depth", "rsm", "rate", "rate", "x")]
    with pytest.raises(UsageError, match="space=7: wanted keys of the model"):
        read_space(7)  # pyright: ignore[reportArgumentType]


def test_searched_keys_must_be_single_values_of_the_model():
    values = {
        "name": "x",
        "snapshots": [1],
        "estimator": {"_target_": "y", "depth": 6, "rsm": 0.3, "seed": 0},
    }
    two = Dimension.read("k", [1, 2])
    keys = ("estimator.depth", "estimator.dpeth", "estimator", "snapshots", "name", "estimator.seed")
    told = place_faults(dict.fromkeys(keys, two), values, "model.space")
    assert [fault.partition(": ")[0] for fault in told] == [f"model.space.{key}" for key in keys[1:]]
    assert "closest: 'estimator.depth'" in told[0]
    assert "the luckiest seed is no better model" in told[-1]
    assert place_faults({"estimator._target_": two}, values, "model.space")


def test_todays_values_are_known_where_the_space_holds_them():
    space = read_space({"estimator": {"depth": {"low": 4, "high": 8}, "rsm": {"low": 0.1, "high": 0.2}}})
    assert present(space, {"estimator": {"depth": 6, "rsm": 0.3}}) == {"estimator.depth": 6}


# What stands in conf/model


SEARCHED = [name for name in OPTIONS if name != "prior"]


@dataclass(frozen=True)
class Held:
    model: Recipe


def space_of(name: str) -> dict[str, Dimension]:
    return read_space(config(name).get("space"), f"conf/model/{name}.yaml: space")


def with_values(name: str, values: dict[str, Any]) -> Recipe:
    changed = deepcopy(config(name))
    for key, value in values.items():
        *parents, last = key.split(".")
        node = changed
        for parent in parents:
            node = node[parent]
        assert last in node
        node[last] = value
    return build(Held, {"model": changed}).model


def corners(name: str) -> list[dict[str, Any]]:
    """Each end of each dimension with the other values as they are, then all low and all high ends."""
    ends = {
        key: (dimension.choices or (dimension.low, dimension.high))
        for key, dimension in space_of(name).items()
    }
    alone = [{key: end} for key, both in ends.items() for end in both]
    return [
        *alone,
        {key: both[0] for key, both in ends.items()},
        {key: both[-1] for key, both in ends.items()},
    ]


def test_every_model_but_the_null_has_a_space():
    assert [name for name in OPTIONS if space_of(name)] == SEARCHED


@pytest.mark.parametrize("name", SEARCHED)
def test_each_searched_key_is_a_value_and_the_present_value_lies_in_its_dimension(name):
    space = space_of(name)
    assert place_faults(space, config(name), "model.space") == []
    assert list(present(space, config(name))) == list(space)


@pytest.mark.parametrize("name", SEARCHED)
def test_a_space_is_small_enough_to_be_searched_and_part_of_the_recipe(name):
    assert 1 <= len(space_of(name)) <= 7
    assert read_space(with_values(name, {}).space) == space_of(name)


@pytest.mark.parametrize("name", SEARCHED)
def test_both_ends_of_each_dimension_are_valid_settings(name):
    built = [with_values(name, values).estimator for values in corners(name)]
    assert len({repr(estimator) for estimator in built}) == len(built)


@pytest.mark.parametrize("name", SEARCHED)
def test_the_ends_can_be_fitted(name):
    learned, weights = rows(150)
    *_, low, high = corners(name)
    scores = []
    for values in (low, high):
        fitted: Any = with_values(name, values).estimator.fit(learned, weights)
        scores.append(fitted.predict(learned.x).p)
        assert np.isfinite(scores[-1]).all()
    assert not np.array_equal(*scores)


def test_an_explained_tree_is_never_so_deep_that_reasons_take_longer_than_the_fit():
    assert (space_of("catboost")["estimator.depth"].high or 99) <= 8
