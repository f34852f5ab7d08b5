"""What holds for every option of conf/model, the ones that are still to come included."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import learnable
from learnable import OPTIONS, option, rows
from vispera.errors import ContractBroken, Declined
from vispera.model.artefact import read, write

each_option = pytest.mark.parametrize("name", OPTIONS)


@cache
def fitted(name: str) -> Any:
    learned, weights = rows()
    return option(name).fit(learned, weights)


@cache
def later():
    return rows(seed=1)[0]


def log_loss(y: np.ndarray, p: np.ndarray) -> float:
    return float(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))))


def reasons_of(fit: Any, x: Any) -> Any:
    """Explanation, or the reason why there is none."""
    try:
        return fit.explain(x)
    except Declined as declined:
        return str(declined)


@each_option
def test_file_says_what_train_reads(name):
    config = learnable.config(name)
    assert config["name"] == name
    assert set(config["features"]) == {"facts", "rates", "recent", "books", "sources"}
    assert all(isinstance(days, int) and days > 0 for days in config["snapshots"])
    searched = {"space"} if name != "prior" else set()
    assert set(config) - {"stale_days"} == {"name", "features", "snapshots", "estimator"} | searched


@each_option
def test_probabilities_are_inside_and_finite(name):
    predicted = fitted(name).predict(later().x)
    assert predicted.raw.shape == predicted.p.shape == (len(later()),)
    assert np.isfinite(predicted.raw).all()
    assert ((predicted.p > 0) & (predicted.p < 1)).all()


@each_option
def test_learns_what_can_be_learned(name):
    loss = log_loss(later().y, fitted(name).predict(later().x).p)
    prior = log_loss(later().y, fitted("prior").predict(later().x).p)
    assert loss <= prior if name == "prior" else loss < prior - 0.01


@each_option
def test_mean_probability_is_near_the_rate(name):
    assert fitted(name).predict(later().x).p.mean() == pytest.approx(later().y.mean(), abs=0.05)


@each_option
def test_raw_score_and_probability_rank_alike(name):
    predicted = fitted(name).predict(later().x)
    order = np.argsort(predicted.raw, kind="stable")
    assert (np.diff(predicted.p[order]) >= 0).all()


@each_option
def test_unknown_categories_and_missing_values(name):
    x = later().x.iloc[:40].copy()
    for column in x:
        if isinstance(x[column].dtype, pd.CategoricalDtype):
            x[column] = pd.Categorical(["never seen"] * 20 + [None] * 20)
        else:
            x[column] = np.nan
    predicted = fitted(name).predict(x)
    assert np.isfinite(predicted.raw).all()
    assert ((predicted.p > 0) & (predicted.p < 1)).all()


@each_option
def test_categories_may_be_plain_text(name):
    x = later().x.copy()
    for column in x.select_dtypes("category"):
        x[column] = x[column].astype(object)
    assert np.array_equal(fitted(name).predict(x).raw, fitted(name).predict(later().x).raw)


@each_option
def test_no_rows_give_no_scores(name):
    empty = later().x.iloc[:0]
    predicted = fitted(name).predict(empty)
    assert predicted.raw.shape == predicted.p.shape == (0,)
    explained = reasons_of(fitted(name), empty)
    assert isinstance(explained, str) or explained.contributions.shape[0] == 0


@each_option
def test_order_of_columns_does_not_matter(name):
    turned = later().x[later().x.columns[::-1]].assign(further="column")
    assert np.array_equal(fitted(name).predict(turned).p, fitted(name).predict(later().x).p)


@each_option
def test_a_row_is_scored_alike_in_any_company(name):
    whole = fitted(name).predict(later().x).p
    alone = [fitted(name).predict(later().x.iloc[at : at + 1]).p[0] for at in range(0, 200, 7)]
    assert np.array_equal(whole[:200:7], alone)


@each_option
def test_missing_feature_is_named(name):
    needed = fitted(name).features.names
    if name == "prior":
        assert needed == ()
        return
    with pytest.raises(ContractBroken, match=rf"'{needed[0]}', '{needed[1]}'"):
        fitted(name).predict(later().x.drop(columns=[needed[0], needed[1]]))


@each_option
def test_features_of_another_kind_are_named_together(name):
    if name == "prior":
        return
    x = later().x.assign(lead_time="long", hotel=1.0)
    with pytest.raises(ContractBroken) as broken:
        fitted(name).predict(x)
    assert len(broken.value.faults) == 2


@each_option
def test_explanation_adds_up_or_is_declined_with_a_reason(name):
    x = later().x.iloc[5:305]
    explained = reasons_of(fitted(name), x)
    if isinstance(explained, str):
        assert "gives no reasons" in explained
        return
    assert tuple(explained.contributions.columns) == fitted(name).features.names
    assert explained.contributions.index.equals(x.index)
    total = explained.contributions.sum(axis=1).to_numpy() + explained.base
    assert np.abs(total - fitted(name).predict(x).raw).max() < 1e-6


@each_option
def test_round_trip_through_the_artefact_gives_equal_bits(name, tmp_path):
    hashes = write(
        tmp_path / "model",
        fitted(name),
        problem="learnable",
        run="a-run",
        trained_until="2017-01-01",
        tables={"rates": pd.DataFrame({"agent": pd.Categorical(["9", "x"]), "rate": [0.1, 0.2]})},
    )
    artefact = read(tmp_path / "model")
    mine, theirs = fitted(name).predict(later().x), artefact.fitted.predict(later().x)
    assert np.array_equal(mine.raw, theirs.raw)
    assert np.array_equal(mine.p, theirs.p)
    assert artefact.tables["rates"]["agent"].tolist() == ["9", "x"]
    assert artefact.hashes == hashes
    ours, others = reasons_of(fitted(name), later().x[:9]), reasons_of(artefact.fitted, later().x[:9])
    if isinstance(ours, str):
        assert ours == others
    else:
        pd.testing.assert_frame_equal(ours.contributions, others.contributions, check_exact=True)


@each_option
def test_one_changed_byte_is_refused(name, tmp_path):
    folder = tmp_path / "model"
    table = pd.DataFrame({"rate": np.linspace(0, 1, 50)})
    write(folder, fitted(name), problem="p", run="r", trained_until="2017-01-01", tables={"rates": table})
    files = sorted(folder.iterdir())
    assert len(files) >= 3
    for path in files:
        whole = path.read_bytes()
        for at in (0, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            changed = bytearray(whole)
            changed[at] ^= 1
            path.write_bytes(changed)
            with pytest.raises(ContractBroken):
                read(folder)
        path.write_bytes(whole)
    read(folder)


@pytest.fixture(scope="session")
def two_processes(tmp_path_factory):
    """Folders that two processes with other hash seeds made of the same configuration, seconds apart."""
    folders = []
    for number in ("1", "2"):
        folder = tmp_path_factory.mktemp(f"process{number}")
        environment = {"PYTHONHASHSEED": number, "PATH": "", "OMP_WAIT_POLICY": "passive"}
        subprocess.run([sys.executable, learnable.__file__, folder], env=environment, check=True)
        folders.append(folder)
    return folders


@each_option
def test_two_processes_agree(name, two_processes):
    first, second = ({p.name: p.read_bytes() for p in (folder / name).iterdir()} for folder in two_processes)
    manifests = [read(folder / name).manifest for folder in two_processes]
    assert manifests[0]["content"] == manifests[1]["content"]
    assert manifests[0]["seal"] != manifests[1]["seal"]  # the runs have names of their own
    del first["manifest.json"], second["manifest.json"]
    assert first == second
    one, other = (np.load(folder / f"{name}.npy") for folder in two_processes)
    assert np.array_equal(one, other)


@each_option
def test_a_loaded_artefact_scores_as_the_process_that_wrote_it(name, two_processes):
    raw, p = np.load(two_processes[0] / f"{name}.npy")
    predicted = read(two_processes[0] / name).fitted.predict(later().x)
    assert np.array_equal(predicted.raw, raw)
    assert np.array_equal(predicted.p, p)


@each_option
def test_order_of_rows_does_not_matter(name):
    learned, weights = rows()
    order = np.random.default_rng(3).permutation(len(learned))
    again: Any = option(name).fit(learned.take(order), weights[order])
    assert np.array_equal(again.predict(later().x).p, fitted(name).predict(later().x).p)


@each_option
def test_a_fit_leaves_the_model_and_earlier_fits_alone(name):
    model = option(name)
    before = str(vars(model))
    learned, weights = rows()
    first: Any = model.fit(learned, weights)
    p = first.predict(later().x).p
    model.fit(learned.take(np.arange(3000)), weights[:3000])
    assert str(vars(model)) == before
    assert np.array_equal(first.predict(later().x).p, p)


@each_option
def test_weights_count(name):
    learned, weights = rows()
    heavier: Any = option(name, later_share=0.0).fit(learned, np.where(learned.y == 1, 20 * weights, weights))
    assert heavier.predict(later().x).p.mean() > fitted(name).predict(later().x).p.mean() + 0.1


@each_option
def test_levels_that_no_row_has_change_nothing(name):
    learned, weights = rows()
    wider = learned.x.assign(agent=learned.x["agent"].cat.add_categories([" of next year"]))
    again: Any = option(name).fit(replace(learned, x=wider), weights)
    assert again.features == fitted(name).features
    assert np.array_equal(again.predict(later().x).p, fitted(name).predict(later().x).p)


@each_option
@pytest.mark.parametrize("n", [1, 2, 12, 60])
def test_few_rows_give_sane_numbers_or_a_reason(name, n):
    learned, weights = rows()
    few = np.linspace(0, len(learned) - 1, n).astype(int)
    try:
        small: Any = option(name).fit(learned.take(few), weights[few])
    except Declined as declined:
        assert "rows" in str(declined)  # noqa: PT017  (a reason is an answer too)
        return
    predicted = small.predict(later().x)
    assert np.isfinite(predicted.raw).all()
    assert ((predicted.p > 0) & (predicted.p < 1)).all()
    if n < 2 * 40:
        assert small.platt.reason is not None


@each_option
@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_outcome_only(name, outcome):
    learned, weights = rows()
    same = replace(learned, y=np.full(len(learned), outcome))
    if name in ("prior", "rule"):
        p = option(name).fit(same, weights).predict(later().x).p
        assert (np.abs(p - outcome) < 0.01).all()
        assert (np.abs(p - outcome) > 0).all()
        return
    with pytest.raises(Declined, match="one and the same outcome"):
        option(name).fit(same, weights)


@each_option
def test_nothing_to_learn_from(name):
    learned, weights = rows()
    none = np.zeros(0, dtype=int)
    with pytest.raises(Declined, match="no training rows"):
        option(name).fit(learned.take(none), weights[none])
    with pytest.raises(Declined, match="no training rows"):
        option(name).fit(learned, np.zeros(len(learned)))


@each_option
def test_features_without_any_value(name):
    learned, weights = rows()
    gaps = {"trend": np.nan, "empty": np.nan, "agent": pd.Categorical([None] * len(learned), ["1"])}
    again: Any = option(name).fit(replace(learned, x=learned.x.assign(**gaps)), weights)
    predicted = again.predict(later().x.assign(empty=3.0))
    assert np.isfinite(predicted.raw).all()
    if name != "prior":
        assert log_loss(later().y, predicted.p) < log_loss(later().y, fitted("prior").predict(later().x).p)


@each_option
def test_wrong_weights_and_outcomes_are_bugs(name):
    learned, weights = rows(50)
    for wrong in (weights[:-1], -weights, weights * np.nan):
        with pytest.raises(ValueError, match="weights"):
            option(name).fit(learned, wrong)
    with pytest.raises(ValueError, match="outcome"):
        option(name).fit(replace(learned, y=learned.y * np.nan), weights)
