"""A model that cannot serve what is asked says why, all at once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tonights import Evening
from vispera.errors import ContractBroken
from vispera.model.artefact import Artefact, read
from vispera.tonight.scoring import Scoring


@pytest.fixture
def artefact(tonight: Evening) -> Artefact:
    return read(tonight.place / "model")


def changed(artefact: Artefact, **recipe) -> Artefact:
    manifest = json.loads(json.dumps(artefact.manifest))
    manifest["recipe"] = {
        name: part for name, part in (manifest["recipe"] | recipe).items() if part is not None
    }
    return replace(artefact, manifest=manifest)


@pytest.mark.parametrize("lost", ["name", "features", "horizon_days", "stale_days"])
def test_one_that_was_kept_before_it_could_score_alone_is_told(tonight: Evening, artefact, lost):
    with pytest.raises(ContractBroken, match="kept before artefacts could score without the history"):
        Scoring.of(changed(artefact, **{lost: None}), tonight.problem)


def test_one_of_another_problem_is_told(tonight: Evening, artefact):
    with pytest.raises(ContractBroken, match="is of problem=simulated, and asked for is problem=other"):
        Scoring.of(artefact, replace(tonight.problem, name="other"))


def test_another_horizon_and_a_column_that_is_gone_are_told_together(tonight: Evening, artefact):
    features = artefact.manifest["recipe"]["features"] | {"facts": ["hotel", "gone"]}
    with pytest.raises(ContractBroken) as broken:
        Scoring.of(changed(artefact, horizon_days=21, features=features), tonight.problem)
    assert any("features.facts names 'gone'" in fault for fault in broken.value.faults)
    assert any("looks 21 days ahead, and the problem asks for 14" in fault for fault in broken.value.faults)


def test_what_it_gives_is_what_was_kept(tonight: Evening, artefact):
    made = Scoring.of(artefact, tonight.problem)
    assert (made.name, made.spec, made.stale_days) == ("catboost", tonight.recipe.features, 0)
    assert made.until == tonight.scoring.until
