"""What a trial saves where the material lies ready, and what it would save if CatBoost's pools did.

    python benchmarks/material.py [rows]

With VISPERA_DATA it takes the real bookings, else so many simulated ones. All of a block is measured in
turn in one run and the least CPU time of each counts; the ratio is to the work called "made". A kept pool,
quantised or not, is the most that keeping could save: nothing is spent on finding it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from catboost import CatBoost as Engine

from conftest import problem
from learnable import option
from vispera.asof import Ledger
from vispera.feature import FeatureSpec
from vispera.fitting import Material, Recipe, prepare
from vispera.model.calibrated import Sample, later_slice
from vispera.model.catboost import PINNED, CatBoost, _normalised, _pool
from vispera.split import folds
from vispera.warehouse import key, prepared

TURNS = 3
PLENTY = 10**10
RECIPE = Recipe(
    name="catboost",
    estimator=option("catboost", threads=1),
    features=FeatureSpec(rates="all", recent="all", books="all", sources="all"),
    snapshots=(28, 14, 7, 3),
)


def main(rows: int) -> None:
    with TemporaryDirectory() as folder:
        place = os.environ.get("VISPERA_DATA")
        overrides = [f"data.path={place}"] if place else [f"problem.settings.rows={rows}"]
        asked = problem("hotel" if place else "simulated", f"data.cache={folder}", *overrides)
        table = asked.load()
        material = reading(asked.split.horizon_days, table, Path(folder))
        *_, last, _ = folds(asked.split, table)
        taught, weights = material.training(last.trains(table, material.at))
        fitting(*slices(RECIPE.estimator, taught, weights))


def reading(horizon: int, table: Any, folder: Path) -> Material:
    """Material from the warehouse, beside what it takes to make it."""

    def ledger() -> Ledger:
        return Ledger(table, horizon)

    def read(place: str) -> Material:
        return prepared(table, RECIPE, ledger(), horizon, folder / place, PLENTY)

    material = read("kept")
    size = f"{len(table):,} bookings, {len(material.at):,} pairs, {material.rows.x.shape[1]} features"
    print(f"{table.source}, {size}")
    turns = iter(range(TURNS))
    in_turn(
        {
            "material: made": lambda: prepare(table, RECIPE, ledger(), horizon),
            "made and kept": lambda: read(f"anew-{next(turns)}"),
            "read back": lambda: read("kept"),
            "its key alone": lambda: key(table, RECIPE, ledger(), horizon),
        }
    )
    return material


@dataclass(frozen=True)
class Pools:
    """The three that one window's fit learns from: of the first fit, its later slice, and all rows."""

    early: Any
    later: Any
    everything: Any


def slices(estimator: Any, taught: Any, weights: Any) -> tuple[CatBoost, tuple[Sample, Sample, Sample]]:
    """The estimator and what it learns from in one window."""
    sample, rows = estimator._sample(taught, weights)
    early, later, _ = later_slice(rows, sample, estimator.later_share)
    return estimator, (early, later, sample)


def fitting(estimator: CatBoost, parts: tuple[Sample, Sample, Sample]) -> None:
    """A window's two fits with pools made, kept, and kept quantised; and whether their models are equal."""

    def made() -> Pools:
        return Pools(*(_pool(part.columns, part) for part in parts))

    kept, ready = made(), quantised(made(), estimator.border_count)
    files: dict[str, set[bytes]] = {}

    def fit(name: str, pools: Callable[[], Pools]) -> None:
        files.setdefault(name, set()).add(both_fits(estimator, pools()))

    names = {"fit: pools made": made, "kept": lambda: kept, "kept, quantised": lambda: ready}
    print(f"CatBoost, the last tuning window, {len(parts[2].y):,} rows to learn from, one thread")
    in_turn({"pools alone": made, **{n: lambda n=n, p=p: fit(n, p) for n, p in names.items()}}, first=1)
    for name in list(names)[1:]:
        same = files[name] == files["fit: pools made"]
        print(f"{name}: {'the same bytes' if same else 'ANOTHER MODEL'}")


def quantised(pools: Pools, border_count: int) -> Pools:
    """The same pools quantised as a fit would, the later slice by the borders of what it is held against."""
    options = {"border_count": border_count, **{n: PINNED[n] for n in ("feature_border_type", "nan_mode")}}
    pools.early.quantize(**options)
    pools.everything.quantize(**options)
    with TemporaryDirectory() as folder:
        pools.early.save_quantization_borders(f"{folder}/borders.tsv")
        pools.later.quantize(input_borders=f"{folder}/borders.tsv", **options)
    return pools


def both_fits(estimator: CatBoost, pools: Pools) -> bytes:
    """Both models as they would be kept."""
    stop = {"use_best_model": True, "early_stopping_rounds": estimator.patience}
    probe = Engine(estimator._options(estimator.iterations)).fit(pools.early, eval_set=pools.later, **stop)
    rounds = int(probe.tree_count_ or 0)
    model = Engine(estimator._options(rounds)).fit(pools.everything)
    with TemporaryDirectory() as folder:
        for name, fitted in (("probe", probe), ("model", model)):
            _normalised(fitted).save_model(f"{folder}/{name}")
        return b"".join((Path(folder) / name).read_bytes() for name in ("probe", "model"))


def in_turn(work: dict[str, Callable[[], Any]], first: int = 0) -> None:
    """Least CPU seconds of each piece of work, all of them done in turn; the ratio is to the one named."""
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(TURNS):
        for name, do in work.items():
            began = time.process_time()
            do()
            spent[name].append(time.process_time() - began)
    base = min(spent[list(work)[first]])
    for name, seconds in spent.items():
        print(f"  {name:<18} {min(seconds):>8.3f} s {base / min(seconds):>8.2f} x")


if __name__ == "__main__":
    main(*([int(word) for word in sys.argv[1:]] or [25_000]))
