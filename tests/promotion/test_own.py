"""What a run's own files answer: audit, calibration, slices, age."""

from __future__ import annotations

import json
from datetime import timedelta

import pandas as pd
import pytest

from promoted import changed, edited
from vispera.clock import now
from vispera.metric import Scored, ece
from vispera.promotion.own import audited, calibrated, sliced, window_of, young

LEAK = {"check": "not_yet_known", "evidence": "country is known at check-in", "subject": "country"}


@pytest.fixture
def run(runs, tmp_path):
    return changed(runs["logistic"], tmp_path)


def test_a_clean_audit_passes_with_its_warnings(run):
    told = audited(run.folder)
    assert told.passed
    assert told.evidence == "44 features looked at, no leak; warnings: order_predicts"


@pytest.mark.parametrize(
    ("keys", "passed", "told"),
    [
        ({"findings": [{**LEAK, "refuses": True}]}, False, "not_yet_known: country is known at check-in"),
        (
            {"findings": [{**LEAK, "refuses": True}], "waive": ["not_yet_known"], "reason": "it is fixed"},
            True,
            "44 features looked at, waived: not_yet_known; the reason: it is fixed",
        ),
        (
            {"findings": [{**LEAK, "refuses": True}], "waive": ["not_yet_known"], "reason": ""},
            False,
            "audit.json is damaged",
        ),
        (
            {"skip": True, "reason": "no time"},
            False,
            "nothing was checked for leaks; the reason given: no time",
        ),
        ({"findings": [{"check": "x"}]}, False, "audit.json is damaged"),
    ],
)
def test_a_leak_a_skipped_audit_and_a_damaged_one_are_refused(run, keys, passed, told):
    edited(run.folder, "audit.json", **keys)
    found = audited(run.folder)
    assert found.passed is passed
    assert told in found.evidence


def test_no_audit_is_no_clean_one(run):
    (run.folder / "audit.json").unlink()
    assert audited(run.folder).evidence == "there is no audit.json: nobody knows what was looked for"
    assert not audited(run.folder).passed


def test_the_test_window_decides_if_the_run_looked_at_it(run, tmp_path):
    assert window_of(run) == "test"
    assert window_of(changed(run, tmp_path / "spared", test_looks=None)) == "tuning"


@pytest.mark.parametrize("looks", [1, None])
def test_the_calibration_error_is_that_of_the_deciding_window(run, tmp_path, looks):
    record = changed(run, tmp_path / "copy", test_looks=looks)
    frame = pd.read_parquet(record.folder / "predictions.parquet")
    inside = (frame["window"] == "test") == (looks is not None)
    value = ece(Scored.from_frame(frame.loc[inside]))
    told = calibrated(record, limit=value + 1e-9)
    assert told.passed
    assert told.evidence.startswith(f"ECE on {window_of(record)} {value:.4f} (")
    assert "chance alone gives a perfect model up to" in told.evidence
    assert not calibrated(record, limit=value - 1e-9).passed


def test_without_numbers_nothing_is_calibrated(run):
    (run.folder / "metrics.json").write_text("{}")
    assert not calibrated(run, 1.0).passed
    assert calibrated(run, 1.0).evidence == "metrics.json holds no calibration error (ECE) of 'test'"


def test_a_slice_outside_its_interval_is_named(run):
    slices = json.loads((run.folder / "slices.json").read_text())
    worst = next(one for one in slices["columns"]["hotel"]["test"] if "suppressed" not in one)
    assert sliced(run, 0.05).passed
    worst["mean_p"] = worst["rate_high"] + 0.06
    (run.folder / "slices.json").write_text(json.dumps(slices))
    told = sliced(run, 0.05)
    assert not told.passed
    assert told.evidence.startswith("1 of ")
    assert f"furthest out: hotel={worst['level']}, predicted {worst['mean_p']:.3f}" in told.evidence
    assert sliced(run, 0.07).passed
    worst["mean_p"] = worst["rate_low"] - 0.06
    (run.folder / "slices.json").write_text(json.dumps(slices))
    assert not sliced(run, 0.05).passed


def test_slices_too_small_to_tell_do_not_refuse_and_damaged_ones_do(run):
    slices = json.loads((run.folder / "slices.json").read_text())
    small = {"level": "x", "rows": 3, "suppressed": "fewer than 100 rows"}
    (run.folder / "slices.json").write_text(json.dumps({**slices, "columns": {"hotel": {"test": [small]}}}))
    told = sliced(run, 0.05)
    assert told.passed
    assert told.evidence == "no slice of 'test' is large enough to be judged; 1 are too small to tell"
    (run.folder / "slices.json").write_text(json.dumps({"columns": {"hotel": {"test": [{"level": "x"}]}}}))
    assert not sliced(run, 0.05).passed
    (run.folder / "slices.json").unlink()
    assert not sliced(run, 0.05).passed


def test_an_old_run_and_one_without_an_end_are_refused(run, tmp_path):
    assert young(run, 30).evidence == "finished today, at most 30 days wanted"
    for days, passed, told in (
        (29, True, "29 days ago"),
        (31, False, "31 days ago"),
        (1.2, True, "1 day ago"),
    ):
        when = (now() - timedelta(days=days)).isoformat()
        found = young(changed(run, tmp_path / f"{days}", finished=when), 30)
        assert found.passed is passed
        assert told in found.evidence
    assert not young(changed(run, tmp_path / "none", finished=None), 30).passed
