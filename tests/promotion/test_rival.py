"""A run against others on the same rows: simple recipes that are fitted now, and the version in use."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from conftest import problem
from promoted import changed
from registered import deed
from vispera.commands.judging import key_now
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.errors import ContractBroken
from vispera.evaluate import paired_difference
from vispera.metric import suite
from vispera.promotion.candidate import candidate
from vispera.promotion.rival import Contest, Draws
from vispera.registry.folder import FolderRegistry
from vispera.registry.version import Package

LOG_LOSS = [metric for metric in suite() if metric.name == "log_loss"]


def recipe(name: str):
    from vispera.commands.train import Arguments

    return arguments(Arguments, composed("train", [f"model={name}", "threads=1"])).model


@pytest.fixture(scope="session")
def simulated(cache):
    return problem("simulated", "problem.settings.rows=6000", f"data.cache={cache}")


@pytest.fixture
def contest(runs, simulated) -> Contest:
    return contest_of(runs["logistic"], simulated)


def contest_of(record, simulated, resamples: int = 100) -> Contest:
    return Contest(record, candidate(record).predictions, simulated, key_now, Draws(resamples=resamples))


def said(*steps: str) -> None:
    """Progress that nobody looks at."""


def test_a_better_run_beats_the_rule_by_the_paired_difference_of_both_on_the_test_window(runs, contest):
    steps: list[str] = []
    told = contest.beats("beats_rule", recipe("rule"), steps.append)
    frames = [pd.read_parquet(runs[name].folder / "predictions.parquet") for name in ("logistic", "rule")]
    mine, rule = (frame.loc[frame["window"] == "test"] for frame in frames)
    gap = paired_difference(mine, rule, LOG_LOSS, resamples=100, seed=0)["windows"]["test"]["log_loss"]
    assert told.passed
    assert told.evidence == (
        f"log-loss on test {gap['value']:+.4f} ({gap['low']:+.4f} to {gap['high']:+.4f}) against rule, "
        "wholly below 0 wanted"
    )
    assert steps == ["build the features of rule", "fit rule for test"]


def test_a_run_that_spared_the_test_window_is_judged_on_all_tuning_windows(runs, simulated, tmp_path):
    record = changed(runs["logistic"], tmp_path, test_looks=None)
    steps: list[str] = []
    told = contest_of(record, simulated).beats("beats_prior", recipe("prior"), steps.append)
    assert told.evidence.startswith("log-loss on tuning -")
    assert [step for step in steps if step.startswith("fit")] == [
        f"fit prior for tuning-{number}" for number in (1, 2, 3, 4)
    ]


def test_the_rule_does_not_beat_itself(runs, simulated):
    told = contest_of(runs["rule"], simulated).beats("beats_rule", recipe("rule"), said)
    assert not told.passed
    assert told.evidence.startswith("log-loss on test +0.0000 (+0.0000 to +0.0000)")


def test_another_table_is_told_as_such(runs, cache):
    other = problem("simulated", "problem.settings.rows=6000", "seed=5", f"data.cache={cache}")
    other = replace(other, settings=replace(other.settings, seed=5))
    told = contest_of(runs["logistic"], other).beats("beats_prior", recipe("prior"), said)
    assert not told.passed
    assert told.evidence.startswith(
        "the table or the windows are others than the run's: their comparison key"
    )
    assert str(runs["logistic"].comparison_key) in told.evidence


@pytest.fixture
def registry(tmp_path) -> FolderRegistry:
    return FolderRegistry(place=tmp_path / "registry")


def champion(registry: FolderRegistry, package: Package | None):
    assert package is not None
    deed_of = deed(by="Ana")
    return registry.append("simulated", deed_of, registry.history("simulated"), package)


def never(package: Package) -> str:
    raise AssertionError("there is no need to train again")


def test_the_first_one_is_not_worse_than_nobody(contest, registry):
    told = contest.not_worse("champion", None, registry.fetch, never)
    assert (told.passed, told.evidence) == (True, "there is no champion yet")


def test_the_better_replaces_the_worse_and_not_the_other_way_round(runs, simulated, registry):
    packages = {name: candidate(runs[name]).package for name in runs}
    rule = champion(registry, packages["rule"])
    told = contest_of(runs["logistic"], simulated).not_worse("champion", rule, registry.fetch, never)
    assert told.passed
    assert "against version 1 (rule), not wholly above 0 wanted" in told.evidence
    logistic = champion(registry, packages["logistic"])
    told = contest_of(runs["rule"], simulated).not_worse("champion", logistic, registry.fetch, never)
    assert not told.passed
    assert told.evidence.startswith("log-loss on test +")


def test_within_noise_is_not_worse(runs, simulated, registry, tmp_path):
    record = changed(runs["rule"], tmp_path)
    mine = contest_of(runs["rule"], simulated)
    nudged = mine.predictions.assign(p=lambda frame: np.clip(frame["p"] * 1.001, 0, 1))
    there = champion(registry, candidate(record).package)
    told = replace(mine, predictions=nudged).not_worse("champion", there, registry.fetch, never)
    assert told.passed


def elsewhere(package: Package | None) -> Package:
    """The same version, as if it had been scored on other rows."""
    assert package is not None
    record = {**json.loads(package.files["record.json"]), "comparison_key": "0123456789abcdef"}
    return replace(package, files={**package.files, "record.json": json.dumps(record).encode()})


def test_a_champion_of_other_rows_is_scored_by_a_run_of_its_recipe_on_these(runs, simulated, registry):
    there = champion(registry, elsewhere(candidate(runs["rule"]).package))
    told = contest_of(runs["logistic"], simulated).not_worse("champion", there, registry.fetch, never)
    assert told.passed
    assert f"against version 1 (rule), scored as run {runs['rule'].id} of its recipe" in told.evidence


def test_without_such_a_run_it_says_what_to_type(runs, simulated, registry, tmp_path):
    there = champion(registry, elsewhere(candidate(runs["rule"]).package))
    alone = changed(runs["logistic"], tmp_path / "experiments")
    typed = "python train.py model=rule"
    told = contest_of(alone, simulated).not_worse("champion", there, registry.fetch, lambda package: typed)
    assert not told.passed
    assert told.evidence == (
        "version 1 (rule) was scored on other rows, and no run of its recipe is of these; type: "
        "python train.py model=rule"
    )


def test_a_damaged_champion_is_told_and_compared_with_nothing(runs, simulated, registry):
    there = champion(registry, candidate(runs["rule"]).package)
    path = registry.folder("simulated") / "versions" / "1" / "config.yaml"
    path.write_text("model: {}\n")
    with pytest.raises(ContractBroken):
        registry.fetch(there)
    told = contest_of(runs["logistic"], simulated).not_worse("champion", there, registry.fetch, never)
    assert not told.passed
    assert "config.yaml was changed after it was written" in told.evidence
