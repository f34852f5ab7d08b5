"""Runs to be compared, their files written by the code that real runs use, from predictions made here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from predictions import simulate
from vispera.evaluate import evaluate
from vispera.metric import suite
from vispera.record import RunRecord, read
from vispera.report.compare import Candidate, read_candidate
from vispera.results import keep_predictions
from vispera.run import start_run

WINDOWS = (
    ("tuning-1", "2016-07-07", 1500, 0.1),
    ("tuning-2", "2016-09-08", 1500, 0.1),
    ("test", "2017-03-16", 1500, 0.1),
)
DRAWS: dict[str, Any] = {"resamples": 40, "seed": 3}
CONFIG: Mapping[str, Any] = {
    "seed": 0,
    "problem": {
        "name": "simulated",
        "_target_": "vispera.problem.simulated.Simulated",
        "cache": "data",
        "schema": {"exclude": {"deposit_type": ["Non Refund"]}},
        "split": {"kind": "rolling", "nights": 63},
        "decision": {"capacity": 10},
    },
    "model": {"name": "catboost", "features": {"facts": "all"}, "estimator": {"depth": 6}},
    "search": {"kind": "tpe", "trials": 40},
}


def config(**model: Any) -> dict[str, Any]:
    """The configuration with another model: its name, and its estimator's values."""
    name = model.pop("name", "catboost")
    return {
        **CONFIG,
        "model": {"name": name, "features": {"facts": "all"}, "estimator": model or {"depth": 6}},
    }


def kept(
    experiments: Path,
    noise: float,
    *,
    name: str = "catboost",
    settings: Mapping[str, Any] = CONFIG,
    key: str = "aaaaaaaaaaaaaaaa",
    windows=WINDOWS,
    note: str | None = None,
    rows: int = 4500,
) -> RunRecord:
    """A finished run whose forecast is worse the more noise there is in it."""
    predictions = simulate(windows=windows, noise=noise)
    with start_run(experiments, name=name, command=[], config=settings, note=note) as live:
        live.set(problem="simulated", model=name, comparison_key=key)
        live.put_json(
            "data.json", {"schema": 1, "source": "simulated", "rows": rows, "content_hash": "d" * 64}
        )
        found = evaluate(predictions, suite(), **DRAWS)
        live.put_json("metrics.json", found.metrics)
        live.put_json("curves.json", found.curves)
        live.set(headline=found.headline)
        keep_predictions(live, predictions)
    return read(live.folder)


def trial(
    experiments: Path, sweep: str, number: int, score: float, key: str = "aaaaaaaaaaaaaaaa"
) -> RunRecord:
    """A finished trial of a search: light, with a score and nothing else."""
    told = {"name": "log_loss", "window": "tuning", "value": score, "low": None, "high": None}
    with start_run(
        experiments, name="catboost", command=[], config=config(depth=number), sweep=sweep, trial=number
    ) as live:
        live.set(model="catboost", comparison_key=key, headline=[{**told, "greater_is_better": False}])
        live.put_json("trial.json", {"schema": 1, "number": number, "so_far": [score]})
    return read(live.folder)


def candidates(records: list[RunRecord]) -> list[Candidate]:
    """What is read of each run."""
    return [read_candidate(record) for record in records]
