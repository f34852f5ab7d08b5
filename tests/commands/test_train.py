"""Whole runs through the real command: what they leave, how they end, that they repeat."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from typed import TRAIN, environment, train, workspace_in
from vispera import workspace
from vispera.metric import Scored, log_loss
from vispera.model import artefact
from vispera.record import RunRecord, read_all

SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker=none")
FILES = {
    "record.json", "config.yaml", "environment.json", "data.json", "audit.json", "metrics.json",
    "slices.json", "curves.json", "predictions.parquet", "figures", "model", "DONE",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A workspace of its own."""
    return workspace_in(tmp_path_factory.mktemp("workspace"))


def signalled(home: Path, after: str, sent: signal.Signals) -> tuple[int, str]:
    """Exit code of a run that got a signal when it said ``after``, and what it said from then on."""
    command = [*TRAIN, "model=rule", *SMALL]
    quiet, heard = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(command, stdout=quiet, stderr=heard, text=True, env=environment(home)) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if after in line:
                run.send_signal(sent)
                break
        told = run.stderr.read()
    return run.returncode, told


def newest(home: Path) -> RunRecord:
    return read_all(home / "experiments")[-1]


def value(record: RunRecord, metric: str, window: str) -> float:
    found = record.metric(metric, window)
    assert found is not None
    return found["value"]


@pytest.fixture(scope="module")
def finished(home) -> tuple[subprocess.CompletedProcess, RunRecord]:
    """One finished run of the rule, and what it printed."""
    done = train(home, "model=rule", "note=a first run", "tags=[demo]", *SMALL)
    assert done.returncode == 0, done.stderr
    return done, newest(home)


def test_a_run_leaves_everything_that_the_design_names(finished):
    _, record = finished
    assert record.state == "finished"
    assert {path.name for path in record.folder.iterdir()} >= FILES
    assert (record.folder / "record.json").stat().st_size <= 4096
    assert record.model == "rule"
    assert record.problem == "simulated"
    assert record.note == "a first run"
    assert record.tags == ["demo"]
    assert set(record.hashes) == {"data", "predictions", "model"}
    assert set(record.phases) == {
        "data",
        "features",
        "audit",
        "windows",
        "evaluation",
        "final fit",
        "figures",
    }
    assert len(record.comparison_key) == len(record.decision_key) == 16
    assert record.test_looks == 1
    told = {(m["name"], m["window"]) for m in record.headline}
    assert told >= {("log_loss", "tuning"), ("roc_auc", "test")}


def test_every_file_of_a_run_is_explained(finished):
    _, record = finished
    explained = (workspace.source() / "experiments" / "README.md").read_text()
    for path in record.folder.iterdir():
        assert f"`{path.name}" in explained, path.name


def test_the_terminal_gets_what_a_person_wants_to_know(finished):
    done, record = finished
    assert record.id in done.stdout
    assert "SIMULATED" in done.stdout
    assert f"{value(record, 'log_loss', 'test'):.4f}" in done.stdout
    assert f"{record.folder.parent.name}/{record.id}" in done.stdout
    assert done.stdout.count(".png") == len(list((record.folder / "figures").glob("*.png"))) >= 5
    assert "again    python train.py model=rule 'note=a first run'" in done.stdout
    assert "fit rule for tuning-1" in done.stderr


def test_metrics_follow_from_the_predictions_beside_them(finished):
    _, record = finished
    predictions = pd.read_parquet(record.folder / "predictions.parquet")
    assert list(predictions) == ["row_key", "unit", "night", "arrival", "window", "y", "raw", "p"]
    assert set(predictions["window"]) == {"tuning-1", "tuning-2", "tuning-3", "tuning-4", "test"}
    assert not predictions.duplicated(["row_key", "night"]).any()
    test = predictions.loc[predictions["window"] == "test"]
    told = json.loads((record.folder / "metrics.json").read_text())["windows"]["test"]
    assert told["rows"] == len(test)
    assert told["metrics"]["log_loss"]["value"] == pytest.approx(log_loss(Scored.from_frame(test)), abs=1e-12)


def test_the_saved_model_is_the_final_fit_and_says_until_when_it_learned(finished):
    _, record = finished
    kept = artefact.read(record.folder / "model")
    data = json.loads((record.folder / "data.json").read_text())
    assert kept.manifest["trained_until"] == data["last_arrival"]
    assert kept.manifest["run"] == record.id
    assert kept.manifest["problem"] == "simulated"


def test_the_record_keeps_the_whole_configuration(finished):
    import yaml

    _, record = finished
    config = yaml.safe_load((record.folder / "config.yaml").read_text())
    assert config["problem"]["settings"]["rows"] == 6000
    assert config["model"]["estimator"]["smoothing"] == 50
    assert "hydra" not in config
    machine = json.loads((record.folder / "environment.json").read_text())
    assert machine["threads"] == 1


def test_the_same_command_gives_the_same_bytes(home, finished):
    _, first = finished
    again = train(home, "model=rule", "note=another note", *SMALL)
    assert again.returncode == 0, again.stderr
    second = newest(home)
    assert second.id != first.id
    assert second.hashes == first.hashes
    assert (second.comparison_key, second.decision_key) == (first.comparison_key, first.decision_key)
    assert second.test_looks == 2
    for name in ("metrics.json", "curves.json", "slices.json", "predictions.parquet", "figures/roc.png"):
        assert (second.folder / name).read_bytes() == (first.folder / name).read_bytes(), name


def test_by_default_a_run_is_mirrored_offline_and_within_the_workspace(home):
    words = [word for word in SMALL if not word.startswith("tracker")]
    done = train(home, "model=prior", "evaluation.test=false", *words)
    assert done.returncode == 0, done.stderr
    record = newest(home)
    assert (record.tracker["name"], record.tracker["state"]) == ("wandb", "closed")
    mirror = home / record.tracker["where"]
    assert mirror.parent == home / "wandb"
    assert [path.suffix for path in mirror.glob("*.wandb")] == [".wandb"]


def test_costs_change_the_decision_key_and_the_split_the_comparison_key(home, finished):
    _, first = finished
    quick = ("model=prior", "evaluation.test=false", *SMALL)
    assert train(home, *quick, "problem.decision.costs.call=4").returncode == 0
    dearer = newest(home)
    assert dearer.comparison_key == first.comparison_key
    assert dearer.decision_key != first.decision_key
    assert dearer.test_looks is None
    assert not any(m["window"] == "test" for m in dearer.headline)
    assert train(home, *quick, "problem.split.nights=50").returncode == 0
    assert newest(home).comparison_key != first.comparison_key


def test_no_secret_reaches_a_byte_that_is_written(home, monkeypatch):
    canaries = {  # put together here, or the patch of a changed test file would hold them
        "password in a URL": "".join(("correct", "horse", "battery")),
        "value under a secret key": "-".join(("stapler", "9921", "zebra")),
        "value of the environment": "-".join(("quokka", "5512", "wxyz")),
    }
    monkeypatch.setenv("WANDB_API_KEY", canaries["value of the environment"])
    words = (
        "model=prior",
        "evaluation.test=false",
        f"note='see https://me:{canaries['password in a URL']}@example.org and num_tokens=512'",
        f"+problem.split.api_key={canaries['value under a secret key']}",
        f"tags=[{canaries['value of the environment']}]",
    )
    refused = train(home, *words, *SMALL)
    assert refused.returncode == 2  # there is no such setting; the refusal must not tell the value either
    done = train(home, *(word for word in words if "api_key" not in word), *SMALL)
    assert done.returncode == 0, done.stderr
    told = [refused.stdout, refused.stderr, done.stdout, done.stderr]
    written = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    for where, canary in canaries.items():
        assert not any(canary in text for text in told), where
        assert not any(canary.encode() in content for content in written), where
    assert "num_tokens=512" in (newest(home).note or "")


def test_misspelt_features_are_refused_before_any_work(home):
    before = len(read_all(home / "experiments"))
    refused = train(home, "model.features.facts=[hotle]", "model.features.rates=[agnet]", *SMALL)
    assert refused.returncode == 2
    told = refused.stderr.splitlines()
    assert len(told) == 2
    assert "model.features.facts names 'hotle'" in told[0]
    assert "closest: 'agent'" in told[1]
    assert len(read_all(home / "experiments")) == before


def test_a_leak_is_refused_before_the_fit_and_the_record_says_so(home):
    refused = train(home, "model=rule", "model.features.facts=[hotel,country,adr]", *SMALL)
    assert refused.returncode == 3
    assert "feature 'country' is declared as known at check-in" in refused.stderr
    assert "Traceback" not in refused.stderr
    record = newest(home)
    assert record.state == "refused"
    assert not (record.folder / "model").exists()
    assert not (record.folder / "DONE").exists()
    checks = json.loads((record.folder / "audit.json").read_text())["findings"]
    late = {finding["subject"] for finding in checks if finding["check"] == "not_yet_known"}
    assert late == {"country", "adr"}
    assert record.test_looks is None


@pytest.mark.slow
def test_a_waived_leak_goes_on_and_the_record_keeps_the_reason(home):
    done = train(
        home, "model=gradient_boosting", "model.estimator.iterations=5", "evaluation.test=false", *SMALL,
        "model.features.facts=[hotel,country]",
        "audit.waive=[not_yet_known,alone_decides,changes_later,above_ceiling]",
        "audit.reason=to see what it is worth",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warning: not_yet_known" in done.stderr
    kept = json.loads((newest(home).folder / "audit.json").read_text())
    assert kept["waive"] == ["not_yet_known", "alone_decides", "changes_later", "above_ceiling"]
    assert kept["reason"] == "to see what it is worth"


def test_a_random_split_is_an_explicit_recorded_override(home):
    done = train(home, "model=rule", "problem.split.kind=random", *SMALL)
    assert done.returncode == 0, done.stderr
    record = newest(home)
    findings = json.loads((record.folder / "audit.json").read_text())["findings"]
    assert [f["check"] for f in findings] == ["order_predicts", "random_split"]


def test_a_leak_that_only_the_data_show_is_refused_before_the_fit_too(home):
    refused = train(home, "model=rule", "problem.settings.leak=opaque", *SMALL)
    assert refused.returncode == 3
    assert "alone_decides: feature 'index_a' alone ranks with a ROC AUC of 0.9" in refused.stderr
    assert "fit rule" not in refused.stderr
    assert newest(home).state == "refused"


def test_a_score_above_the_ceiling_is_refused_before_a_model_is_saved(home):
    words = ("model=rule", "problem.decision.ceiling=0.55", "evaluation.test=false", *SMALL)
    refused = train(home, *words, "audit.waive=[alone_decides]", "audit.reason=a ceiling made too low")
    assert refused.returncode == 3, refused.stderr
    assert "above_ceiling: ROC AUC in window 'tuning' is at least" in refused.stderr
    record = newest(home)
    assert record.state == "refused"
    assert (record.folder / "metrics.json").is_file()
    assert not (record.folder / "model").exists()


def test_a_run_without_audit_and_intervals_needs_a_reason_and_says_so(home):
    words = (
        "model=rule",
        "evaluation.test=false",
        "evaluation.resamples=0",
        "problem.split.tuning=1",
        *(word for word in SMALL if "resamples" not in word),
    )
    refused = train(home, *words, "audit.skip=true")
    assert refused.returncode == 2
    assert "audit.skip needs a reason" in refused.stderr
    done = train(home, *words, "audit.skip=true", "audit.reason=only timed")
    assert done.returncode == 0, done.stderr
    assert "warning: nothing is checked for leaks" in done.stderr
    record = newest(home)
    kept = json.loads((record.folder / "audit.json").read_text())
    assert (kept["skip"], kept["reason"], kept["findings"]) == (True, "only timed", [])
    assert (record.metric("log_loss", "tuning") or {})["low"] is None
    captions = json.loads((record.folder / "figures.json").read_text())["figures"]
    assert "No resamples were drawn" in captions["roc"]["alt"]


def test_data_that_breaks_its_contract_leaves_a_failed_run_and_exit_5(home, tmp_path):
    (tmp_path / "bookings.csv").write_text("hotel,lead_time\nx,1\n")
    broken = train(home, "model=rule", "problem=hotel", f"data.path={tmp_path / 'bookings.csv'}")
    assert broken.returncode == 5
    assert "column 'is_canceled' is missing" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert newest(home).state == "failed"


@pytest.mark.parametrize("after", ["build the features", "fit rule for test"])
def test_a_killed_run_reads_as_crashed(home, after):
    signalled(home, after, signal.SIGKILL)
    record = newest(home)
    assert record.state == "crashed"
    assert not (record.folder / "DONE").exists()


def test_an_interrupted_run_says_so(home):
    code, told = signalled(home, "fit rule for tuning-1", signal.SIGINT)
    assert code == 130
    assert "Traceback" not in told
    assert newest(home).error == "interrupted"


def test_a_grid_runs_each_job_in_a_folder_of_its_own(home):
    before = len(read_all(home / "experiments"))
    swept = train(home, "-m", "search=grid", "model=prior,rule", "evaluation.test=false", *SMALL)
    assert swept.returncode == 0, swept.stderr
    made = read_all(home / "experiments")[before:]
    assert [record.model for record in made] == ["prior", "rule"]
    assert len({record.comparison_key for record in made}) == 1


@pytest.mark.slow
def test_a_random_split_of_other_seeds_differs(home):
    losses = []
    for seed in (1, 2):
        done = train(
            home, "model=rule", "problem.split.kind=random", f"seed={seed}", "evaluation.test=false", *SMALL
        )
        assert done.returncode == 0, done.stderr
        losses.append(value(newest(home), "log_loss", "tuning"))
    assert not np.isclose(*losses)


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", ["prior", "rule", "logistic", "gradient_boosting", "catboost", "extra_trees"]
)
def test_every_model_finishes_on_the_whole_simulated_problem(home, model):
    began = time.monotonic()
    done = train(home, f"model={model}")
    assert done.returncode == 0, done.stderr
    print(f"{model}: {time.monotonic() - began:.0f} s")
    assert newest(home).state == "finished"


AGAINST_THE_RULE = {  # on the tuning windows of the real bookings, paired
    "rule": "within noise",
    "logistic": "within noise",
    "gradient_boosting": "better",
    "catboost": "better",
}


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("model", AGAINST_THE_RULE)
def test_every_model_finishes_on_the_real_bookings(home, real_place, model):
    done = train(home, f"model={model}", "problem=hotel", f"data.path={real_place}", "evaluation.test=false")
    assert done.returncode == 0, done.stderr
    record = newest(home)
    assert (record.metric("roc_auc", "tuning") or {})["value"] < 0.78
    against = json.loads((record.folder / "metrics.json").read_text())["against"]
    assert against["windows"]["tuning"]["log_loss"]["verdict"] == AGAINST_THE_RULE[model]
