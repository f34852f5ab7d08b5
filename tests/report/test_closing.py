"""The last lines of a run: what a person who waited wants to know, and nothing that is not there."""

from __future__ import annotations

from pathlib import Path

from vispera.record import RunRecord
from vispera.report.closing import closing_lines


def entry(
    name: str, window: str, value: float | None, low: float | None = None, high: float | None = None
) -> dict:
    return {
        "name": name,
        "window": window,
        "value": value,
        "low": low,
        "high": high,
        "greater_is_better": name != "log_loss",
    }


def record(**changes) -> RunRecord:
    headline = [
        entry("log_loss", "tuning", 0.30123, 0.29, 0.31),
        entry("log_loss", "test", 0.28),
        entry("roc_auc", "tuning", None),
        entry("roc_auc", "test", 0.7, 0.68, 0.72),
    ]
    base = {
        "id": "a-run",
        "state": "finished",
        "folder": Path("/nowhere/a-run"),
        "headline": headline,
        "test_looks": 2,
    }
    return RunRecord(**{**base, **changes})


AGAINST = {
    "model": "rule",
    "windows": {
        "tuning": {"log_loss": {"value": -0.01, "low": -0.02, "high": -0.005, "verdict": "better"}},
        "test": {"log_loss": {"value": None, "low": None, "high": None, "verdict": "not defined"}},
    },
}


def test_metrics_stand_with_interval_and_direction():
    told = "\n".join(closing_lines(record(), "python train.py", AGAINST, simulated=False))
    assert "log-loss (less is better)  0.3012 (0.2900 to 0.3100)  0.2800" in told
    assert "ROC AUC (more is better)   not defined                0.7000 (0.6800 to 0.7200)" in told
    assert "against rule, tuning: log-loss -0.0100 (-0.0200 to -0.0050), better" in told
    assert "against rule, test" not in told
    assert "SIMULATED" not in told
    assert told.endswith("again    python train.py")


def test_simulated_data_and_looks_are_told():
    assert "on SIMULATED data" in closing_lines(record(), "x", AGAINST, simulated=True)[0]
    assert any("looked at 2 times" in line for line in closing_lines(record(), "x", AGAINST, simulated=True))
    assert any(
        "looked at once" in line for line in closing_lines(record(test_looks=1), "x", {}, simulated=True)
    )
    assert not any(
        "looked at" in line for line in closing_lines(record(test_looks=None), "x", {}, simulated=True)
    )


def test_figures_are_listed_by_their_path_from_here(tmp_path, monkeypatch):
    (tmp_path / "a-run" / "figures").mkdir(parents=True)
    (tmp_path / "a-run" / "figures" / "roc.png").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert "figure   a-run/figures/roc.png" in closing_lines(
        record(folder=tmp_path / "a-run"), "x", {}, simulated=True
    )


def test_the_mirror_is_told_or_how_it_failed():
    kept = {"name": "wandb", "state": "closed", "where": "wandb/offline-run-1"}
    assert "mirror   wandb/offline-run-1" in closing_lines(record(tracker=kept), "x", {}, simulated=False)
    failed = {**kept, "state": "failed", "fault": "close: OSError: no space left"}
    told = "\n".join(closing_lines(record(tracker=failed), "x", {}, simulated=False))
    assert "mirror   wandb FAILED, the run is whole without it; close: OSError: no space left" in told
    assert "mirror" not in "\n".join(closing_lines(record(tracker={"where": None}), "x", {}, simulated=False))


def test_a_model_is_not_compared_with_itself():
    told = closing_lines(record(model="rule"), "x", AGAINST, simulated=False)
    assert not any("against" in line for line in told)
