"""What a run leaves in its folder: its data, keys, predictions, evaluation and model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vispera import dvc, workspace
from vispera.asof import Ledger
from vispera.clock import iso
from vispera.evaluate import Evaluation, evaluate, paired_difference
from vispera.feature.snapshot import tables
from vispera.files import file_hash, plain
from vispera.fitting import Material, Recipe, evaluation_rows, slice_values
from vispera.lazy import pandas as pd
from vispera.metric import Metric, suite
from vispera.model import Fitted, artefact
from vispera.money.price import Prices
from vispera.money.value import kept
from vispera.problem import Problem
from vispera.problem.canonical import NONE
from vispera.record import comparison_key, decision_key, next_test_look
from vispera.run import Run
from vispera.split import Fold
from vispera.table import Table
from vispera.trial import Best

TARGET = "cancelled later or no-show, of those open on the night"


def described(problem: Problem, table: Table) -> dict[str, Any]:
    """Content of ``data.json``: what was learned from, by content, and DVC's name of it where it has one.

    ``missing`` counts rows without a value by declared column, ``none`` those of a category whose level says
    that nothing stood there: no agent, or a country that nobody wrote down; the table does not tell which.
    """
    places = [*problem.fetch(), *([table.folder] if table.folder else [])]
    return {
        "schema": 1,
        "source": table.source,
        "rows": len(table),
        "cancelled": int(table.cancelled.sum()),
        "first_arrival": iso(int(table.arrival.min())),
        "last_arrival": iso(int(table.arrival.max())),
        "content_hash": table.content_hash,
        "quarantined": table.quarantined,
        "flagged": table.flagged,
        "missing": _often(table, table.rows.isna()),
        "none": _often(table, table.rows.select_dtypes("category") == NONE),
        "sources": {name: len(rows) for name, rows in table.sources.items()},
        "dvc": dvc.tracked(places, workspace.root()),
    }


def _often(table: Table, holds: pd.DataFrame) -> dict[str, int]:
    """In how many rows a flag holds, by column in the order of declaration; only where it does in any."""
    declared = (column.name for column in table.schema.all if column.name in holds)
    counts = {name: int(holds[name].to_numpy().sum()) for name in declared}
    return {name: count for name, count in counts.items() if count}


def keep_data(live: Run, about: Mapping[str, Any]) -> None:
    """Write what was learned from, and its hashes into the record."""
    live.put_json("data.json", about)
    held = {"dvc": about["dvc"]["md5"]} if about["dvc"] else {}
    live.set(hashes={"data": about["content_hash"], **held})


def metrics(problem: Problem) -> tuple[Metric, ...]:
    """Every metric, the calls a night being the problem's capacity."""
    return suite(k=problem.decision.capacity) if problem.decision.capacity else suite()


def keys(
    problem: Problem, material: Material, windows: Sequence[Fold], experiments: Path | None
) -> dict[str, Any]:
    """The two keys of the record and, with ``experiments``, how often the test window was looked at.

    All windows are in the comparison key, those that are not looked at included: a run that spares the test
    window stays comparable on the others.
    """
    decision, split = problem.decision, problem.split
    if split.kind != "random":
        split = replace(split, seed=0)  # windows in time follow from no seed: runs of several compare
    key = comparison_key(
        rows=evaluation_rows(material, windows),
        target=TARGET,
        population=problem.schema.exclude,
        split=split,
        metrics=[{m.name: m.parameters} for m in metrics(problem)],
    )
    found: dict[str, Any] = {
        "comparison_key": key,
        "decision_key": decision_key(
            costs=decision.costs,
            capacity=decision.capacity,
            texts=(decision.question, decision.action, decision.success_rule, decision.kill_rule),
        ),
    }
    return found | ({"test_looks": next_test_look(experiments, key)} if experiments else {})


def keep_choice(live: Run, best: Best) -> None:
    """Write beside each other what the run's values were chosen for, and what the test window says of them.

    The first flatters, being the lowest of so many; what lies between the two is the search's over-optimism
    and the difference of the seasons, which one test window cannot tell apart.
    """
    test = live.record.metric("log_loss", "test")
    told = {"schema": 1, **plain(best), "log_loss": {"tuning": best.score, "test": test and test["value"]}}
    live.put_json("search.json", told)


def keep_predictions(live: Run, predictions: pd.DataFrame) -> None:
    """Write the predictions, and their hash into the record."""
    live.put_frame("predictions.parquet", predictions)
    live.set(hashes={"predictions": file_hash(live.folder / "predictions.parquet")})


@dataclass(frozen=True)
class Judged:
    """What a run reached, what its baseline did on the same rows, and the paired differences."""

    own: Evaluation
    baseline: Evaluation
    against: Mapping[str, Any]


def judge(
    live: Run,
    problem: Problem,
    material: Material,
    predictions: pd.DataFrame,
    baseline: tuple[str, pd.DataFrame],
    *,
    resamples: int,
    seed: int,
) -> Judged:
    """Metrics with intervals, curves, slices and paired differences, written and in the record.

    ``baseline`` is another model's name and its predictions of the same rows.
    """
    name, beside = baseline
    measured = metrics(problem)
    by = slice_values(material, predictions, problem.decision.slices)
    own = evaluate(predictions, measured, by=by, resamples=resamples, seed=seed)
    against = {
        "model": name,
        **paired_difference(predictions, beside, measured, resamples=resamples, seed=seed),
    }
    live.put_json("metrics.json", {**own.metrics, "against": against})
    live.put_json("curves.json", own.curves)
    live.put_json("slices.json", own.slices)
    live.set(headline=own.headline)
    return Judged(own, evaluate(beside, measured, resamples=resamples, seed=seed), against)


def keep_model(
    live: Run, problem: Problem, recipe: Recipe, ledger: Ledger, final: Fitted, until: int
) -> None:
    """Write the final fit as an artefact, with the small tables that scoring needs without the history."""
    hashes = artefact.write(
        live.folder / "model",
        final,
        problem=problem.name,
        run=live.id,
        trained_until=iso(until),
        recipe=plain(
            {
                "name": recipe.name,
                "features": recipe.features,
                "snapshots": recipe.snapshots,
                "horizon_days": ledger.horizon_days,
                "stale_days": recipe.stale_days,
            }
        ),
        tables={**tables(ledger, recipe.features, until), **_worth(problem, ledger, until)},
    )
    live.set(hashes={"model": hashes["content"]})


def _worth(problem: Problem, ledger: Ledger, until: int) -> dict[str, pd.DataFrame]:
    """Tables from which the worth of a call follows, where the problem says what it follows from."""
    if problem.decision.worth is None:
        return {}
    return kept(Prices(ledger.table, problem.decision.worth), ledger.horizon_days, until)
