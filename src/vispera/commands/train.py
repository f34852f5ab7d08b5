"""``vispera train``: one run, from the problem to a recorded model.

    problem -> table -> audit -> features -> windows: fit, score -> evaluation -> audit -> final fit -> artefact

Everything that it finds goes into the run's folder as soon as it is known; the tracker gets a mirror.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from vispera import audit, workspace
from vispera.asof import Ledger
from vispera.audit import Waiver
from vispera.clock import iso
from vispera.commands.data import DataSettings
from vispera.errors import UsageError
from vispera.evaluate import Evaluation as Evaluated
from vispera.evaluate import evaluate, paired_difference
from vispera.feature.snapshot import tables
from vispera.files import file_hash, plain
from vispera.fitting import Material, Recipe, evaluation_rows, fit_final, fit_window, prepare, slice_values
from vispera.importance import Importance, importance
from vispera.invocation import Invocation
from vispera.lazy import pandas as pd
from vispera.metric import Metric, Scored, suite
from vispera.model import Fitted, artefact
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.record import comparison_key, decision_key, next_test_look
from vispera.report import figure
from vispera.report.closing import closing_lines
from vispera.report.figure import Baseline, draw
from vispera.run import Run, start_run
from vispera.split import TEST, Fold, folds
from vispera.table import Rows, Table
from vispera.tracker import Guarded, Tracker, mirrored
from vispera.tracker.none import NoTracker


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """``test``: whether the test window is looked at; ``resamples``: draws behind each interval."""

    test: bool = True
    resamples: int = 200

    def __post_init__(self):
        if self.resamples < 1:
            raise UsageError(f"evaluation.resamples={self.resamples}: wanted 1 or more; 200 hold still")


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera train`` takes."""

    problem: Problem
    model: Recipe
    baseline: Recipe
    data: DataSettings
    tracker: Tracker = field(default_factory=NoTracker)
    audit: Waiver = field(default_factory=Waiver)
    evaluation: Evaluation = field(default_factory=Evaluation)
    seed: int = 0
    threads: int = 2
    note: str = ""
    tags: tuple[str, ...] = ()
    language: Literal["en", "es"] = "en"


def run(arguments: Arguments, invocation: Invocation) -> int:
    """Train, evaluate and record; the lines about what came of it go to stdout."""
    with (
        start_run(
            workspace.experiments(),
            name=arguments.model.name,
            command=invocation.overrides,
            config=invocation.config,
            note=arguments.note or None,
            tags=arguments.tags,
            threads=arguments.threads,
        ) as live,
        mirrored(arguments.tracker, live) as mirror,
        Progress(label=live.id) as progress,
    ):
        against = train(arguments, live, mirror, progress)
    for line in closing_lines(live.record, invocation.command, against, arguments.problem.simulated):
        print(line)  # noqa: T201
    return 0


def train(arguments: Arguments, live: Run, mirror: Guarded, progress: Progress) -> Mapping[str, Any]:
    """Paired differences to the baseline; every step leaves its part in the run's folder."""
    problem, recipe, horizon = arguments.problem, arguments.model, arguments.problem.split.horizon_days
    with live.phase("data"):
        progress.step(f"read the table of {problem.name}")
        table = problem.load()
        live.set(problem=problem.name, model=recipe.name, hashes={"data": table.content_hash})
        live.put_json("data.json", described(table))
        findings = audit.before_fit(problem, recipe.features)
        pass_gate(findings, arguments.audit, live, progress)
        windows = folds(problem.split, table)
    with live.phase("features"):
        progress.step("build the features")
        ledger = Ledger(table, horizon)
        material = prepare(table, recipe, ledger, horizon)
        beside = prepare(table, arguments.baseline, ledger, horizon)
        live.set(**keys(arguments, material, windows))
    looked_at = [fold for fold in windows if arguments.evaluation.test or fold.name != TEST]
    progress.total = 2 * len(looked_at) + 5
    with live.phase("windows"):
        predictions = fit_windows(material, recipe, looked_at, progress, mirror)
        baseline = fit_windows(beside, arguments.baseline, looked_at, progress)
        live.put_frame("predictions.parquet", predictions)
        live.set(hashes={"predictions": file_hash(live.folder / "predictions.parquet")})
    with live.phase("evaluation"):
        progress.step("evaluate")
        judged = judge(arguments, live, material, predictions, baseline)
        findings += audit.after_evaluation(problem, judged.own.metrics["windows"])
        pass_gate(findings, arguments.audit, live, progress)
    with live.phase("final fit"):
        progress.step("fit on everything matured")
        final = fit_final(material, recipe)
        keep_model(arguments, live, material, ledger, final)
    with live.phase("figures"):
        progress.step("draw the figures")
        uses = importance(final, scored_rows(material, looked_at[-1]), arguments.seed)
        live.put_json("importance.json", uses)
        show(arguments, live, judged, uses)
    return judged.against


def described(table: Table) -> dict[str, Any]:
    """Content of ``data.json``: what was learned from, by content."""
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
        "sources": {name: len(rows) for name, rows in table.sources.items()},
        "dvc": None,
    }


def pass_gate(findings: list[audit.Finding], waiver: Waiver, live: Run, progress: Progress) -> None:
    """Record the findings so far, tell those that do not stop the run, and stop it at one that does."""
    live.put_json("audit.json", audit.as_json(findings, waiver))
    for finding in findings:
        if not finding.refuses or finding.check in waiver.waive:
            progress.say(f"warning: {finding.check}: {finding.evidence}")
    audit.gate(findings, waiver)


def keys(arguments: Arguments, material: Material, windows: Sequence[Fold]) -> dict[str, Any]:
    """The two keys of the record, and how often the test window has been looked at with this run."""
    problem = arguments.problem
    key = comparison_key(
        rows=evaluation_rows(material, windows),
        target="cancelled later or no-show",
        population=problem.schema.exclude,
        split=problem.split,
        metrics=[{m.name: m.parameters} for m in metrics(problem)],
    )
    decision = problem.decision
    texts = (decision.question, decision.action, decision.success_rule, decision.kill_rule)
    found: dict[str, Any] = {
        "comparison_key": key,
        "decision_key": decision_key(costs=decision.costs, capacity=decision.capacity, texts=texts),
    }
    if arguments.evaluation.test:
        found["test_looks"] = next_test_look(workspace.experiments(), key)
    return found


def metrics(problem: Problem) -> tuple[Metric, ...]:
    """Every metric, the calls a night being the problem's capacity."""
    return suite(k=problem.decision.capacity) if problem.decision.capacity else suite()


def fit_windows(
    material: Material,
    recipe: Recipe,
    windows: Sequence[Fold],
    progress: Progress,
    mirror: Guarded | None = None,
) -> pd.DataFrame:
    """Predictions of all windows, each from a model that was fitted as of its cutoff."""
    frames = []
    for number, fold in enumerate(windows):
        progress.step(f"fit {recipe.name} for {fold.name}")
        _, frame = fit_window(material, recipe, fold)
        frames.append(frame)
        if mirror:
            mirror.log({f"window/{m.name}": m(Scored.from_frame(frame)) for m in suite()}, step=number)
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class Judged:
    """What a run reached, what its baseline did on the same rows, and the paired differences."""

    own: Evaluated
    baseline: Evaluated
    against: Mapping[str, Any]


def judge(
    arguments: Arguments, live: Run, material: Material, predictions: pd.DataFrame, baseline: pd.DataFrame
) -> Judged:
    """Metrics with intervals, curves, slices and the paired differences, written and in the record."""
    draws = {"resamples": arguments.evaluation.resamples, "seed": arguments.seed}
    measured = metrics(arguments.problem)
    by = slice_values(material, predictions, arguments.problem.decision.slices)
    own = evaluate(predictions, measured, by=by, **draws)
    against = {
        "model": arguments.baseline.name,
        **paired_difference(predictions, baseline, measured, **draws),
    }
    live.put_json("metrics.json", {**own.metrics, "against": against})
    live.put_json("curves.json", own.curves)
    live.put_json("slices.json", own.slices)
    live.set(headline=own.headline)
    return Judged(own, evaluate(baseline, measured, **draws), against)


def show(arguments: Arguments, live: Run, judged: Judged, uses: Importance) -> None:
    """The figures of the run, and in words what each shows."""
    name = arguments.baseline.name
    beside = (
        None
        if name == arguments.model.name
        else Baseline(name, judged.baseline.metrics, judged.baseline.curves)
    )
    drawn = draw(
        figure.Material(
            metrics=judged.own.metrics,
            curves=judged.own.curves,
            model=arguments.model.name,
            simulated=arguments.problem.simulated,
            spoken=arguments.language,
            baseline=beside,
            importance=figure.Importance(uses.values, uses.method),
        ),
        live.folder / "figures",
    )
    live.put_json(
        "figures.json",
        {"schema": 1, "figures": {one.name: {"title": one.title, "alt": one.alt} for one in drawn}},
    )


def keep_model(arguments: Arguments, live: Run, material: Material, ledger: Ledger, final: Fitted) -> None:
    """The final fit as an artefact, with the small tables that scoring needs without the history."""
    recipe, until = arguments.model, material.last_arrival
    hashes = artefact.write(
        live.folder / "model",
        final,
        problem=arguments.problem.name,
        run=live.id,
        trained_until=iso(until),
        recipe=plain({"features": recipe.features, "snapshots": recipe.snapshots}),
        tables=tables(ledger, recipe.features, until),
    )
    live.set(hashes={"model": hashes["content"]})


def scored_rows(material: Material, fold: Fold) -> Rows:
    """Rows that a window scores."""
    return material.rows.take(fold.scores(material.table, material.at))
