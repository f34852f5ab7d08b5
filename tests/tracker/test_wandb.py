"""What W&B's own log of a run holds, read back and held against the record."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from vispera.evaluate.window import POOLED
from vispera.files import file_hash
from vispera.record import read
from vispera.tracker import wandb_log
from vispera.tracker.wandb_content import roc_rows


def test_the_run_is_told_as_it_is_in_the_record(finished):
    assert finished.record.state == "finished"
    assert finished.record.tracker == {
        "name": "wandb",
        "state": "closed",
        "where": str(finished.log.parent.relative_to(finished.place.root)),
    }
    (run,) = finished.of_kind("run")
    assert (run.run_id, run.display_name) == (finished.record.id, finished.record.id)
    assert (run.project, run.run_group, run.job_type) == ("vispera", "first", "train")
    assert run.notes == finished.record.note
    assert "a first run" in run.notes
    assert list(run.tags) == ["demo", "asked"]
    assert [run.host, run.git.remote_url, run.git.commit] == ["", "", ""]
    assert wandb_log.exit_code(finished.log) == 0


def test_the_whole_configuration_is_there_with_seeds_code_and_environment(finished):
    (run,) = finished.of_kind("run")
    told = {item.key: json.loads(item.value_json) for item in run.config.update}
    assert told.pop("environment") == finished.kept("environment.json")
    assert told.pop("code") == finished.record.code
    assert told.pop("_wandb") == {}
    assert told == yaml.safe_load((finished.record.folder / "config.yaml").read_text())
    assert told["seed"] == told["problem"]["settings"]["seed"] == 0


def test_metrics_are_charted_by_window(finished):
    charted = [row for row in wandb_log.rows(finished.log) if "window/number" in row]
    assert [row["window/number"] for row in charted] == [0, 1, 2, 3, 4]
    windows = finished.kept("metrics.json")["windows"]
    names = [name for name in windows if name != POOLED]
    for name, row in zip(names, charted, strict=True):
        found = {metric: entry["value"] for metric, entry in windows[name]["metrics"].items()}
        metrics = {key.removeprefix("window/"): v for key, v in row.items() if isinstance(v, float)}
        assert {metric: metrics[metric] for metric in found} == pytest.approx(found, abs=1e-12)
    by_window = [metric for metric in finished.of_kind("metric") if metric.glob_name == "window/*"]
    assert [(metric.step_metric, metric.summary.none) for metric in by_window] == [("window/number", True)]


def test_the_summary_is_the_record(finished):
    record, told = finished.record, finished.summary
    for name in ("state", "problem", "model", "comparison_key", "decision_key", "test_looks", "started"):
        assert told[name] == getattr(record, name), name
    assert {name: told[f"hashes/{name}"] for name in record.hashes} == record.hashes
    assert {name: told[f"seconds/{name}"] for name in record.phases} == record.phases
    assert len(record.headline) >= 12
    for entry in record.headline:
        name = f"{entry['window']}/{entry['name']}"
        assert (told[name], told[f"{name}/low"], told[f"{name}/high"]) == tuple(
            entry[end] for end in ("value", "low", "high")
        )
    against = finished.kept("metrics.json")["against"]
    gap = against["windows"]["test"]["log_loss"]
    assert told["baseline"] == against["model"]
    assert told["against/test/log_loss"] == gap["value"]
    assert told["against/test/log_loss/verdict"] == gap["verdict"]
    assert told["data/source"] == "simulated"
    assert not [name for name in told if name.startswith("window/") and name != "window/number"]


def table(finished, name: str) -> list[dict[str, Any]]:
    """Rows of a table, from the file that is uploaded with the run."""
    (row,) = (row for row in wandb_log.rows(finished.log) if name in row)
    path = finished.log.parent / "files" / row[name]["path"]
    assert file_hash(path) == row[name]["sha256"]
    kept = json.loads(path.read_text())
    return [dict(zip(kept["columns"], values, strict=True)) for values in kept["data"]]


def test_tables_hold_all_metrics_with_their_intervals(finished):
    kept = finished.kept("metrics.json")
    rows = table(finished, "metrics_by_window")
    assert len(rows) == len(kept["windows"]) * len(kept["metrics"])
    for row in rows:
        window = kept["windows"][row["window"]]
        for name, value in window["metrics"][row["metric"]].items():
            assert row[name] == value, (row, name)
        assert (row["rows"], row["rate"]) == (window["rows"], window["rate"])
    against = table(finished, "against_baseline")
    for row in against:
        gap = kept["against"]["windows"][row["window"]][row["metric"]]
        assert {name: row[name] for name in gap} == gap
    assert len(against) == len(rows)


def test_tables_hold_the_slices(finished):
    kept = finished.kept("slices.json")["columns"]
    rows = iter(table(finished, "slices"))
    for column, windows in kept.items():
        for window, slices in windows.items():
            for one in slices:
                row = next(rows)
                assert (row["column"], row["window"], row["level"]) == (column, window, one["level"])
                assert (row["rows"], row["suppressed"]) == (one["rows"], one.get("suppressed"))
                assert row["rate"] == one.get("rate")
                for name, entry in one.get("metrics", {}).items():
                    assert (row[name], row[f"{name}/low"]) == (entry["value"], entry["low"])
    assert next(rows, None) is None
    assert any(row["suppressed"] for row in table(finished, "slices"))


def test_tables_hold_calibration_importance_and_findings(finished):
    curves = finished.kept("curves.json")["windows"]
    bins = [
        {"window": window, "bin": number, **one}
        for window, found in curves.items()
        for number, one in enumerate(found["calibration"]["bins"])
    ]
    assert table(finished, "calibration") == bins
    importance = finished.kept("importance.json")
    rows = table(finished, "importance")
    assert {row["feature"]: row["importance"] for row in rows} == importance["values"]
    findings = finished.kept("audit.json")["findings"]
    assert finished.summary["audit/findings"] == len(findings)
    if findings:
        assert [row["check"] for row in table(finished, "audit_findings")] == [f["check"] for f in findings]


def test_a_table_holds_the_roc_curves(finished):
    curves = finished.kept("curves.json")["windows"]
    points = [
        {"window": window, "point": number, "false_positive_rate": false, "true_positive_rate": true}
        for window, found in curves.items()
        for number, (false, true) in enumerate(
            zip(found["roc"]["false_positive_rate"], found["roc"]["true_positive_rate"], strict=True)
        )
    ]
    assert table(finished, "roc") == points
    assert len(points) > 100


def test_a_window_with_one_class_has_no_points_in_the_table_of_roc_curves():
    assert list(roc_rows({"windows": {"tuning-1": {"roc": None}}})) == []


def test_figures_are_the_same_bytes_under_their_titles(finished):
    titles = {name: one["title"] for name, one in finished.kept("figures.json")["figures"].items()}
    (row,) = (row for row in wandb_log.rows(finished.log) if "figures/roc" in row)
    shown = {key.removeprefix("figures/"): value for key, value in row.items() if key.startswith("figures/")}
    assert {name: image["caption"] for name, image in shown.items()} == titles
    drawn = {path.stem: path.read_bytes() for path in (finished.record.folder / "figures").glob("*.png")}
    files = finished.log.parent / "files"
    assert {name: (files / image["path"]).read_bytes() for name, image in shown.items()} == drawn


def test_the_data_is_a_reference_to_its_fingerprint(finished):
    artifact, kept = finished.artifact("dataset"), finished.kept("data.json")
    assert artifact.name == "data-simulated"
    (entry,) = artifact.manifest.contents
    assert entry.ref == f"sha256://{finished.record.hashes['data']}"
    assert not entry.local_path
    assert json.loads(artifact.metadata) == kept
    assert kept["content_hash"] == finished.record.hashes["data"]
    assert set(artifact.aliases) == {"latest", finished.record.hashes["data"][:12]}


def test_the_model_is_there_with_the_hashes_of_its_files(finished):
    artifact, folder = finished.artifact("model"), finished.record.folder / "model"
    manifest = finished.kept("model/manifest.json")
    about = json.loads(artifact.metadata)
    assert about["sha256"] == {path.name: file_hash(path) for path in folder.iterdir()}
    assert about["sha256"] == {"manifest.json": file_hash(folder / "manifest.json"), **manifest["files"]}
    assert about["content"] == finished.record.hashes["model"]
    assert (about["run"], about["trained_until"]) == (finished.record.id, manifest["trained_until"])
    assert about["headline"] == finished.record.headline
    assert set(artifact.aliases) == {"latest", finished.record.id}
    staged = {entry.path: Path(entry.local_path) for entry in artifact.manifest.contents}
    assert {name: sha256(path) for name, path in staged.items()} == about["sha256"]
    assert all(path.is_relative_to(finished.place.root / "wandb") for path in staged.values())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_refused_run_is_closed_as_failed_with_its_reason_and_without_a_model(place):
    done = place.train("model=rule", "model.features.facts=[hotel,country]")
    assert done.returncode == 3, done.stderr
    record = place.newest
    log = place.log_of(record)
    assert (record.state, record.tracker["state"]) == ("refused", "closed")
    assert wandb_log.exit_code(log) == 1
    told = {}
    for one in wandb_log.records(log):
        told |= {item.key: json.loads(item.value_json) for item in one.summary.update if item.key}
    assert told["state"] == "refused"
    assert told["error"] == read(record.folder).error
    assert "country" in told["error"]
    kinds = [
        one.artifact.type for one in wandb_log.records(log) if one.WhichOneof("record_type") == "artifact"
    ]
    assert "model" not in kinds
