"""What W&B is shown of a run at its end, all of it out of the run's folder and with the same values.

Metrics, slices, calibration, importance and findings as tables, figures as images, the record's headline
as summary; the data as an artifact of its fingerprint and no byte of it, the model and a report as artifacts
with their files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vispera import files
from vispera.record import RunRecord

DATASET, MODEL, REPORT = "dataset", "model", "report"
Rows = Iterable[Mapping[str, Any]]


def show(run: Any, record: RunRecord, patience: float | None = None) -> None:
    """Hand everything to W&B; a run that ended early has less of it. ``patience`` as of `show_artifacts`.

    The artifacts come first: they tell whether the server is there, and each table would wait for it anew.
    """
    run.summary.update(summary(record))
    show_artifacts(run, record, patience)
    show_media(run, record)


def show_media(run: Any, record: RunRecord) -> None:
    """Tables and figures, in one row of the run's."""
    shown = {**tables(record.folder), **figures(record.folder)}
    if shown:
        run.log(shown)


def show_artifacts(run: Any, record: RunRecord, patience: float | None) -> None:
    """The model as what came of the run, and the data as what it used, which W&B knows online only.

    Online ``patience`` is how many seconds each may take to arrive. The model comes first: where it does not,
    the use of the data, for which the SDK would wait as long as it likes, is not tried.
    """
    later = []
    for artifact, aliases in artifacts(record):
        if patience is None:
            run.log_artifact(artifact, aliases=aliases)
        elif artifact.type == DATASET:
            later.append((artifact, aliases))
        else:
            run.log_artifact(artifact, aliases=aliases).wait(timeout=max(1, round(patience)))
    for artifact, aliases in later:
        run.use_artifact(artifact, aliases=aliases)


def defined(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that are no number: a metric that is not defined has no point in a chart."""
    return {k: v for k, v in values.items() if v is not None and not (isinstance(v, float) and math.isnan(v))}


def summary(record: RunRecord) -> dict[str, Any]:
    """Flat values by which runs are listed and sorted: ``tuning/log_loss``, ``tuning/log_loss/low``, ..."""
    metrics, audit, data = (
        _read(record.folder / name) for name in ("metrics.json", "audit.json", "data.json")
    )
    found: dict[str, Any] = {
        name: getattr(record, name)
        for name in (
            *("state", "error", "phase", "problem", "model", "parent", "sweep", "trial"),
            *("comparison_key", "decision_key", "test_looks", "started"),
        )
    }
    found |= {f"hashes/{name}": value for name, value in record.hashes.items()}
    found |= {f"seconds/{name}": value for name, value in record.phases.items()}
    windows = dict.fromkeys(entry["window"] for entry in record.headline)
    for entry in record.headline:
        found |= _ends(f"{entry['window']}/{entry['name']}", entry)
    found |= best(metrics)
    against = metrics.get("against", {})
    for window in windows:
        for name, gap in against.get("windows", {}).get(window, {}).items():
            found |= _ends(f"against/{window}/{name}", gap) | {
                f"against/{window}/{name}/verdict": gap["verdict"]
            }
    found["baseline"] = against.get("model")
    found["audit/findings"] = len(audit["findings"]) if audit else None
    found["audit/waived"] = ", ".join(audit.get("waive", ())) or None
    found["data/source"] = data.get("source")
    told = _read(record.folder / REPORT / "report.json")
    found |= {f"report/{name}": told.get(name) for name in ("number", "date")}
    found["report/verdict"] = told.get("verdict", {}).get("answer")
    return defined(found)


def exit_code(record: RunRecord) -> int:
    """With what a run of W&B's is ended."""
    return 0 if record.state in ("finished", "pruned") else 1


def best(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Best value of each metric over the single tuning windows, where it was, and which way is better.

    W&B's own ``min`` and ``max`` of a chart do not say which of the two is meant.
    """
    found: dict[str, Any] = {}
    for name, about in metrics.get("metrics", {}).items():
        greater = about["greater_is_better"]
        values = {
            window: one["metrics"][name]["value"]
            for window, one in metrics["windows"].items()
            if window.startswith("tuning-") and name in one["metrics"]
        }
        values = defined(values)
        if values:
            window = (max if greater else min)(values, key=values.__getitem__)
            found |= {f"best/{name}": values[window], f"best/{name}/window": window}
        found[f"best/{name}/direction"] = "maximize" if greater else "minimize"
    return found


def _ends(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """An estimate with the ends of its interval."""
    return {name: entry["value"], f"{name}/low": entry["low"], f"{name}/high": entry["high"]}


def tables(folder: Path) -> dict[str, Any]:
    """Tables by name; what a run did not get to, and what has no rows, is left out."""
    import wandb

    made = {}
    for name, rows in table_rows(folder).items():
        columns: list[Any] = list(dict.fromkeys(column for row in rows for column in row))
        if rows:
            made[name] = wandb.Table(columns, [[row.get(c) for c in columns] for row in rows])
    return made


def table_rows(folder: Path) -> dict[str, list[Mapping[str, Any]]]:
    """Rows of every table by its name, empty where the run did not get so far."""
    metrics, curves = _read(folder / "metrics.json"), _read(folder / "curves.json")
    found = {
        "metrics_by_window": metric_rows(metrics),
        "against_baseline": against_rows(metrics),
        "slices": slice_rows(_read(folder / "slices.json")),
        "calibration": calibration_rows(curves),
        "roc": roc_rows(curves),
        "importance": importance_rows(_read(folder / "importance.json")),
        "audit_findings": audit_rows(_read(folder / "audit.json")),
    }
    return {name: list(rows) for name, rows in found.items()}


def metric_rows(metrics: Mapping[str, Any]) -> Rows:
    """Every metric of every window."""
    for window, found in metrics.get("windows", {}).items():
        about = {name: found[name] for name in ("first_night", "last_night", "rows", "positives", "rate")}
        for name, entry in found["metrics"].items():
            greater = metrics["metrics"][name]["greater_is_better"]
            yield {"window": window, "metric": name, **entry, "greater_is_better": greater, **about}


def against_rows(metrics: Mapping[str, Any]) -> Rows:
    """Paired differences to the baseline."""
    against = metrics.get("against", {})
    for window, found in against.get("windows", {}).items():
        for name, gap in found.items():
            yield {"baseline": against["model"], "window": window, "metric": name, **gap}


def slice_rows(slices: Mapping[str, Any]) -> Rows:
    """One row a slice; estimates and their ends are columns, ``suppressed`` says why they are empty."""
    for column, windows in slices.get("columns", {}).items():
        for window, found in windows.items():
            for one in found:
                estimates = one.get("metrics", {}).items()
                rest = {key: value for key, value in one.items() if key not in ("metrics", "suppressed")}
                ends = {key: value for name, entry in estimates for key, value in _ends(name, entry).items()}
                yield {
                    "column": column,
                    "window": window,
                    **rest,
                    **ends,
                    "suppressed": one.get("suppressed"),
                }


def calibration_rows(curves: Mapping[str, Any]) -> Rows:
    """Bins of the calibration curve of every window."""
    for window, found in curves.get("windows", {}).items():
        for number, one in enumerate(found["calibration"]["bins"]):
            yield {"window": window, "bin": number, **one}


def roc_rows(curves: Mapping[str, Any]) -> Rows:
    """Points of the ROC curve of every window from (0, 0) on; a window with one class only has none."""
    names = ("false_positive_rate", "true_positive_rate")
    for window, found in curves.get("windows", {}).items():
        rates = found["roc"] or dict.fromkeys(names, ())
        for number, point in enumerate(zip(*(rates[name] for name in names), strict=True)):
            yield {"window": window, "point": number, **dict(zip(names, point, strict=True))}


def importance_rows(importance: Mapping[str, Any]) -> Rows:
    """How much the model uses each feature."""
    for feature, value in importance.get("values", {}).items():
        yield {"feature": feature, "importance": value, "method": importance["method"]}


def audit_rows(audit: Mapping[str, Any]) -> Rows:
    """Findings of the leakage gate."""
    for finding in audit.get("findings", ()):
        yield {**finding, "waived": finding["check"] in audit["waive"]}


def figures(folder: Path) -> dict[str, Any]:
    """Images with their titles, in the order in which a reader wants them."""
    import wandb

    told = _read(folder / "figures.json").get("figures", {})
    return {
        f"figures/{name}": wandb.Image(str(folder / "figures" / f"{name}.png"), caption=words["title"])
        for name, words in told.items()
    }


def media(folder: Path) -> tuple[str, ...]:
    """Names under which `tables` and `figures` show what a run has left."""
    told = _read(folder / "figures.json").get("figures", {})
    return (
        *(name for name, rows in table_rows(folder).items() if rows),
        *(f"figures/{name}" for name in told),
    )


def artifacts(record: RunRecord) -> Iterable[tuple[Any, list[str]]]:
    """Artifacts with their aliases: the data by its fingerprint, model and report with their files."""
    import wandb

    data = _read(record.folder / "data.json")
    if data:
        fingerprint = data["content_hash"]
        dataset = wandb.Artifact(_name("data", record.problem), type=DATASET, metadata=data)
        dataset.add_reference(f"sha256://{fingerprint}", name="table", checksum=False)
        yield dataset, ["latest", fingerprint[:12]]
    model = record.folder / "model"
    if model.is_dir():
        named = _name("model", record.problem, record.model)
        artifact = wandb.Artifact(named, type=MODEL, metadata=about_model(record, model))
        for path in sorted(model.iterdir()):
            artifact.add_file(str(path), skip_cache=True)
        yield artifact, ["latest", record.id]
    report = record.folder / REPORT
    if record.state == "finished" and report.is_dir():
        artifact = wandb.Artifact(_name(REPORT, record.problem), type=REPORT, metadata=about_report(report))
        for path in sorted(report.rglob("*")):
            if path.is_file():
                artifact.add_file(str(path), name=str(path.relative_to(report)), skip_cache=True)
        yield artifact, ["latest", record.id]


def changed(folder: Path) -> list[str]:
    """Files of a run's model that are not what its manifest says, or are gone."""
    manifest = _read(folder / "model" / "manifest.json")
    return [
        f"model/{name}"
        for name, sha256 in manifest.get("files", {}).items()
        if not (folder / "model" / name).is_file() or files.file_hash(folder / "model" / name) != sha256
    ]


def about_model(record: RunRecord, folder: Path) -> dict[str, Any]:
    """What a model artifact says of itself: sha256 of each file as it lies there, and what they mean."""
    manifest = files.read_json(folder / "manifest.json")
    kept = ("content", "family", "problem", "trained_until", "run", "versions")
    return {
        **{name: manifest[name] for name in kept},
        "sha256": {path.name: files.file_hash(path) for path in sorted(folder.iterdir())},
        "comparison_key": record.comparison_key,
        "headline": record.headline,
    }


def about_report(folder: Path) -> dict[str, Any]:
    """What a report artifact says of itself: which report it is, its verdict, and the runs that it tells."""
    told = files.read_json(folder / "report.json")
    kept = {name: told[name] for name in ("number", "date", "problem", "simulated", "basis")}
    return {**kept, "verdict": told["verdict"]["answer"], "runs": sorted(told["runs"])}


def _name(*parts: str | None) -> str:
    """A name that W&B allows for an artifact."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(part for part in parts if part))[:128]


def _read(path: Path) -> dict[str, Any]:
    """Object of a JSON file; empty if a run did not get so far."""
    return files.read_json(path) if path.is_file() else {}
