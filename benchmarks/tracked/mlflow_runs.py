"""CPU seconds of MLflow's search over runs like ours, in a store of its own; needs MLflow alone.

python mlflow_runs.py FOLDER    FOLDER/records.json holds our records
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import mlflow  # pyright: ignore[reportMissingImports]  (measured where it is installed)
from mlflow.entities import Metric, Param, RunTag  # pyright: ignore[reportMissingImports]

TURNS = 3
PAGE = 1_000


def main(folder: Path) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("runs", artifact_location=str(folder / "artifacts"))
    records = json.loads((folder / "records.json").read_bytes())
    for record in records:
        keep(client, experiment, record)
    taken = []
    for _ in range(TURNS):
        began = time.process_time()
        frame = mlflow.search_runs([experiment], max_results=max(len(records), PAGE))
        shown = frame.to_string()
        taken.append(time.process_time() - began)
        assert len(frame) == len(records)
        assert shown
    print(min(taken))


def keep(client: mlflow.MlflowClient, experiment: str, record: dict) -> None:
    """One run with the same command, metrics with their intervals, and tags."""
    run = client.create_run(experiment, run_name=record["id"]).info.run_id
    told = [word.partition("=") for word in record["command"]]
    measures = [
        Metric(f"{entry['name']}.{entry['window']}.{end}", entry[end], 0, 0)
        for entry in record["headline"]
        for end in ("value", "low", "high")
    ]
    tags = [RunTag(f"tag.{tag}", "true") for tag in record["tags"]]
    tags += [RunTag(name, str(record[name])) for name in ("problem", "model", "note", "comparison_key")]
    client.log_batch(run, measures, [Param(key, value) for key, _, value in told], tags)
    client.set_terminated(run)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
