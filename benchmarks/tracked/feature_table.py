"""The feature table that tracking.py measures on, and the problem that reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from hydra.types import RunMode

from vispera.asof import Ledger, snapshots
from vispera.commands.train import Arguments
from vispera.door.application import application, composed, parse
from vispera.door.building import arguments
from vispera.feature import FeatureSpec, build, training_weights
from vispera.fitting import prepare
from vispera.split import folds

BOOKINGS = 100_000
HORIZON = 14
FEATURES = FeatureSpec(rates="all", recent="all", books="all", sources="all")


def write_table(folder: Path, words: Sequence[str]) -> None:
    """Features of the simulated bookings as a table of facts, and marks for a script that knows no windows.

    ``features.parquet``, ``about.json`` (features, categories, CatBoost's options) and the problem
    ``feature_table`` that our command reads the same file by; ``words`` are what it will be typed with.
    """
    words_of_table = [f"problem.settings.rows={BOOKINGS}", f"data.cache={folder}/data"]
    simulated = arguments(Arguments, composed("train", words_of_table)).problem.load()
    at = snapshots(simulated, {HORIZON})
    made = build(simulated, at, FEATURES, Ledger(simulated, HORIZON))
    dated = simulated.rows[["booking_date", "arrival_date", "outcome_date", "cancelled"]].iloc[at.position]
    frame = pd.concat([dated.reset_index(drop=True), made.x], axis=1).assign(request=made.unit.astype(str))
    categories = [name for name in made.x if isinstance(made.x[name].dtype, pd.CategoricalDtype)]
    frame.to_parquet(folder / "features.parquet")
    (folder / "problem").mkdir()
    described = yaml.safe_dump(_problem(folder, list(made.x), categories), sort_keys=False)
    (folder / "problem" / "feature_table.yaml").write_text(described)
    _mark(folder, list(frame), categories, words)


def _problem(folder: Path, features: list[str], categories: list[str]) -> dict:
    numbers = [name for name in features if name not in categories]
    booking = {
        "date": ["booking_date", "arrival_date"],
        "category": [*categories, "request"],
        "number": numbers,
    }
    return {
        "_target_": "vispera.problem.table.TableFile",
        "name": "feature_table",
        "path": str(folder / "features.parquet"),
        "cache": f"{folder}/data",
        "simulated": True,
        "schema": {
            "columns": {"booking": booking, "outcome": {"date": ["outcome_date"], "flag": ["cancelled"]}},
            "unit": ["booking_date", "arrival_date", "request"],
            "features": features,
            "nullable": numbers,
        },
        "decision": {"horizon_days": HORIZON, "capacity": 10},
        "split": {"tuning": 1, "horizon_days": HORIZON},
    }


def _mark(folder: Path, columns: list[str], categories: list[str], words: Sequence[str]) -> None:
    """The same rows in the order in which our command learns, with outcome, weight and side of the window."""
    args = parse(["--config-dir", str(folder), *words])
    hydra, _ = application("train", args)
    told = arguments(Arguments, hydra.compose_config("train", args.overrides, RunMode.RUN))
    table, recipe = told.problem.load(), told.model
    material = prepare(table, recipe, Ledger(table, HORIZON), HORIZON)
    at, rows, fold = material.at, material.rows, folds(told.problem.split, table)[0]
    marked = table.rows[columns].iloc[at.position].reset_index(drop=True)
    marked = marked.assign(
        y=rows.y.astype(int),
        night=rows.night,
        unit=table.unit[at.position],
        weight=training_weights(table, at, recipe.snapshots),
        learned=fold.trains(table, at),
        scored=fold.scores(table, at),
    )
    marked.iloc[np.lexsort((rows.row_key, rows.night))].to_parquet(folder / "features.parquet", index=False)
    about = {
        "features": list(rows.x),
        "categories": categories,
        "options": recipe.estimator._options(1),
        "threads": told.threads,
    }
    (folder / "about.json").write_text(json.dumps(about))
