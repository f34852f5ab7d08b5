"""A run is promoted as it was made, or not at all."""

from __future__ import annotations

import pandas as pd
import pytest

from promoted import changed
from vispera.files import file_hash
from vispera.promotion.candidate import candidate


def test_a_whole_run_gives_its_bytes_and_says_what_it_is(runs):
    record = runs["logistic"]
    found = candidate(record)
    assert [(one.name, one.passed) for one in found.verdicts] == [("finished", True), ("loads", True)]
    package = found.package
    assert package is not None
    assert (package.problem, package.run, package.recipe) == ("simulated", record.id, "logistic")
    assert package.model == record.hashes["model"]
    model = {f"model/{path.name}" for path in (record.folder / "model").iterdir()}
    beside = {"record.json", "config.yaml", "audit.json", "predictions.parquet"}
    assert set(package.files) == model | beside
    assert all((record.folder / name).read_bytes() == content for name, content in package.files.items())
    pd.testing.assert_frame_equal(found.predictions, pd.read_parquet(record.folder / "predictions.parquet"))
    assert f"family logistic, content {package.model[:8]}, trained until" in found.verdicts[1].evidence


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"state": "failed", "error": "ValueError: no"}, "the run is failed: ValueError: no"),
        ({"state": "refused", "error": "a leak"}, "the run is refused: a leak"),
        ({"verb": "replay"}, "it is a replay, and only runs of train have a model"),
        ({"trial": 3, "sweep": "rule-1"}, "it is a trial of a search, which has no model"),
    ],
)
def test_what_is_no_finished_run_of_train_is_not_looked_at(runs, tmp_path, fields, told):
    found = candidate(changed(runs["rule"], tmp_path, **fields))
    assert found.package is None
    assert [one.passed for one in found.verdicts] == [False, False]
    assert found.verdicts[0].evidence.startswith(told)
    with pytest.raises(ValueError, match="was not found whole"):
        _ = found.predictions


def test_a_run_that_lacks_a_file_says_which(runs, tmp_path):
    record = changed(runs["rule"], tmp_path)
    (record.folder / "audit.json").unlink()
    assert candidate(record).verdicts[0].evidence == "the run has no audit.json"


@pytest.mark.parametrize("name", ["model/model.json", "predictions.parquet"])
def test_a_byte_that_changed_after_the_run_is_refused(runs, tmp_path, name):
    record = changed(runs["rule"], tmp_path)
    path = record.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found = candidate(record)
    assert found.package is None
    assert "was changed after" in found.verdicts[1].evidence


def test_the_model_of_another_run_is_refused(runs, tmp_path):
    record = changed(runs["rule"], tmp_path)
    for path in (record.folder / "model").iterdir():
        path.unlink()
    for path in (runs["logistic"].folder / "model").iterdir():
        (record.folder / "model" / path.name).write_bytes(path.read_bytes())
    found = candidate(record)
    assert found.package is None
    told = found.verdicts[1].evidence
    assert "the model is not the one that the run made: its hash is not that of the record" in told
    assert f"the model says that it is of run {runs['logistic'].id}" in told


def test_predictions_that_were_put_there_with_their_own_hash_are_not_those_of_the_record(runs, tmp_path):
    record = changed(runs["rule"], tmp_path)
    other = runs["logistic"].folder / "predictions.parquet"
    (record.folder / "predictions.parquet").write_bytes(other.read_bytes())
    assert file_hash(other) != record.hashes["predictions"]
    told = candidate(record).verdicts[1].evidence
    assert told == "predictions.parquet was changed after the run: its hash is not that of the record"
