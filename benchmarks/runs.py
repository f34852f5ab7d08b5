"""CPU seconds to read so many run records and lay them out as a table, beside plain JSON of the same files.

    python benchmarks/runs.py [records ...]

All records differ from each other. ``read`` is `read_all`, ``tabled`` the table of all of them after it, as
``vispera runs limit=null trials=true`` prints it; ``JSON`` opens and parses the same files and does nothing
with them. All are measured in turn in one run, after the imports, and the least of five counts, so that other
work on the machine does not. MLflow's search over as many runs with the same parameters, metrics and tags is
measured where it is installed, or in another environment: MLFLOW_PYTHON=/that/environment/bin/python.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vispera import garbage
from vispera.listing import table
from vispera.record import read_all

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "record-v1" / "20261123-101530-catboost-3f9a1c"
SCRIPT = Path(__file__).parent / "tracked" / "mlflow_runs.py"
TURNS = 5
MODELS = ("catboost", "gradient_boosting", "logistic", "rule")
METRICS = ("log_loss", "pr_auc", "roc_auc", "brier", "ece", "precision_at_k")
WORDS = ("deeper", "trees", "first", "look", "for", "the", "report", "día", "without", "rates")
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def main(sizes: list[int]) -> None:
    print(f"{'records':>8}{'read, s':>9}{'tabled':>8}{'both':>8}{'JSON, s':>9}{'ratio':>7}{'MLflow, s':>11}")
    for size in sizes:
        with TemporaryDirectory(prefix="vispera-bench-") as place:
            experiments = Path(place, "experiments")
            records = fill(experiments, size)
            read, both, plain = measured(experiments)
            theirs = mlflow_search(Path(place), records)
        row = f"{size:>8,}{read:>9.3f}{both - read:>8.3f}{both:>8.3f}{plain:>9.3f}{both / plain:>7.2f}"
        print(row + ("   not here" if theirs is None else f"{theirs:>11.2f}"))


def measured(experiments: Path) -> tuple[float, float, float]:
    """CPU seconds of reading, of reading and tabling, and of plain JSON: the least of several turns each."""
    work: list[Callable[[], Any]] = [
        lambda: read_all(experiments),
        lambda: tabled(experiments),
        lambda: bare(experiments),
    ]
    taken: list[list[float]] = [[], [], []]
    for _ in range(TURNS):
        for times, do in zip(taken, work, strict=True):
            times.append(seconds(do))
    read, both, plain = map(min, taken)
    return read, both, plain


def tabled(experiments: Path) -> str:
    """What the command does after its imports, and prints."""
    with garbage.put_off():
        return table(read_all(experiments)[::-1])


def fill(experiments: Path, size: int) -> list[dict[str, Any]]:
    """So many finished runs, with what differs between real ones drawn by lot."""
    golden = json.loads((GOLDEN / "record.json").read_bytes())
    rng, records = random.Random(size), []  # noqa: S311  (no secret)
    for number in range(size):
        record = drawn(golden, rng, number)
        run = experiments / record["id"]
        run.mkdir(parents=True)
        fields = (
            f'"{k}": {json.dumps(v, ensure_ascii=False, separators=(",", ":"))}' for k, v in record.items()
        )
        (run / "record.json").write_text("{\n" + ",\n".join(fields) + "\n}\n")
        (run / "DONE").touch()
        records.append(record)
    return records


def drawn(golden: dict[str, Any], rng: random.Random, number: int) -> dict[str, Any]:
    """One record, in the size and form of a full run's."""
    began, model = BEGAN + timedelta(seconds=97 * number), rng.choice(MODELS)
    seconds = round(rng.uniform(2, 90), 3)
    note = " ".join(rng.choices(WORDS, k=rng.randrange(8)))
    return {
        **golden,
        "id": f"{began:%Y%m%d-%H%M%S}-{model}-{rng.randbytes(3).hex()}",
        "name": model,
        "model": model,
        "started": f"{began:%Y-%m-%dT%H:%M:%S}.{rng.randrange(1000):03}Z",
        "seconds": seconds,
        "note": note or None,
        "sweep": None,
        "trial": None,
        "tags": rng.sample(WORDS, rng.randrange(3)),
        "test_looks": number + 1,
        "comparison_key": rng.randbytes(8).hex(),
        "command": [f"model={model}", f"seed={number}", f"model.estimator.depth={rng.randrange(2, 10)}"],
        "phases": {name: round(rng.uniform(0.1, 9), 3) for name in ("data", "features", "fit", "evaluate")},
        "hashes": {name: rng.randbytes(32).hex() for name in ("data", "model", "predictions")},
        "headline": [measure(rng, name, window) for window in ("tuning", "test") for name in METRICS],
    }


def measure(rng: random.Random, name: str, window: str) -> dict[str, Any]:
    value = round(rng.uniform(0.1, 0.9), 6)
    ends = {"low": round(value - 0.01, 6), "high": round(value + 0.01, 6)}
    return {"name": name, "window": window, "value": value, **ends, "greater_is_better": name.endswith("auc")}


def bare(experiments: Path) -> list[dict]:
    """The least that reading the records can take."""
    return [json.loads((run / "record.json").read_bytes()) for run in experiments.iterdir()]


def seconds(do: Callable[[], Any]) -> float:
    """CPU seconds of one call, whose result is dropped afterwards."""
    began = time.process_time()
    result = do()
    taken = time.process_time() - began
    del result
    return taken


def mlflow_search(place: Path, records: list[dict[str, Any]]) -> float | None:
    """CPU seconds of MLflow's search over the same runs; None where it is not installed."""
    python = os.environ.get("MLFLOW_PYTHON") or sys.executable
    asked = [python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('mlflow') is None)"]
    if subprocess.run(asked, check=False, capture_output=True).returncode:
        return None
    (place / "records.json").write_text(json.dumps(records))
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [python, str(SCRIPT), str(place)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 1_000, 10_000])
