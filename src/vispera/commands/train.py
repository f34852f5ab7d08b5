"""``vispera train``: one run, from the problem to a recorded model.

    problem -> table -> features -> audit -> windows: fit, score -> evaluation -> audit -> final fit, kept

Everything that it finds goes into the run's folder as soon as it is known; the tracker gets a mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from vispera import audit, workspace
from vispera.asof import Ledger
from vispera.audit import AuditSettings, Evidence
from vispera.clock import day, iso
from vispera.commands import trial
from vispera.commands.data import DataSettings
from vispera.commands.gate import Gate
from vispera.errors import UsageError
from vispera.feature import faults
from vispera.fitting import Material, Recipe, fit_final, fit_window, prepare, scored_rows
from vispera.importance import importance
from vispera.invocation import Invocation
from vispera.lazy import pandas as pd
from vispera.metric import Scored
from vispera.model import Fitted
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.publication import publish_run
from vispera.report.closing import closing_lines
from vispera.report.gallery import draw_run
from vispera.results import (
    described,
    judge,
    keep_choice,
    keep_data,
    keep_model,
    keep_predictions,
    keys,
    metrics,
)
from vispera.run import Run, start_run
from vispera.search import SearchSettings
from vispera.split import TEST, Fold, folds
from vispera.tracker import Guarded, Tracker, mirrored
from vispera.tracker.none import NoTracker


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """``test``: whether the test window is looked at; ``resamples``: draws behind intervals, 0 for none."""

    test: bool = True
    resamples: int = 200

    def __post_init__(self):
        if self.resamples < 0:
            raise UsageError(f"evaluation.resamples={self.resamples}: wanted 0 or more; 200 hold still")


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera train`` takes."""

    problem: Problem
    model: Recipe
    baseline: Recipe
    data: DataSettings
    tracker: Tracker = field(default_factory=NoTracker)
    audit: AuditSettings = field(default_factory=AuditSettings)
    evaluation: Evaluation = field(default_factory=Evaluation)
    search: SearchSettings = field(default_factory=SearchSettings)
    seed: int = 0
    threads: int = 2
    note: str = ""
    tags: tuple[str, ...] = ()
    language: Literal["en", "es"] = "en"
    publish: Path | None = None
    trained_until: date | None = None

    def __post_init__(self):
        named = {"model": self.model, "baseline": self.baseline}
        told = [
            f"{where}.{fault}"
            for where, recipe in named.items()
            for fault in faults(recipe.features, self.problem.schema)
        ]
        if told:
            raise UsageError(*told)

    def last_day(self, material: Material) -> int:
        """Last day of arrival that the saved model learns from; UsageError if nothing had arrived by it."""
        if self.trained_until is None:
            return material.last_arrival
        asked, first = day(self.trained_until.isoformat()), int(material.table.arrival.min())
        if not first <= asked <= material.last_arrival:
            raise UsageError(
                f"trained_until={self.trained_until}: wanted a day from {iso(first)} to "
                f"{iso(material.last_arrival)}, those on which guests of the table arrive"
            )
        return asked


def run(arguments: Arguments, invocation: Invocation) -> int:
    """Train, evaluate and record; the lines about what came of it go to stdout."""
    if arguments.search.part is not None:
        return trial.run_alone(arguments, invocation)
    chosen = arguments.search.best_of
    with (
        start_run(
            workspace.experiments(),
            name=arguments.model.name,
            command=invocation.overrides,
            config=invocation.config,
            note=arguments.note or None,
            tags=arguments.tags,
            parent=chosen and chosen.run,
            sweep=chosen and chosen.sweep,
            threads=arguments.threads,
        ) as live,
        mirrored(arguments.tracker, live) as mirror,
        Progress(label=arguments.model.name) as progress,
    ):
        progress.say(f"run {live.id}")
        against = train(arguments, live, mirror, progress)
        if chosen:
            keep_choice(live, chosen)
    if arguments.publish:
        publish_run(live.folder, workspace.root() / arguments.publish)
    for line in closing_lines(live.record, invocation.command, against, arguments.problem.simulated):
        print(line)
    return 0


def train(arguments: Arguments, live: Run, mirror: Guarded, progress: Progress) -> Mapping[str, Any]:
    """Paired differences to the baseline; every step leaves its part in the run's folder."""
    problem, recipe, baseline = arguments.problem, arguments.model, arguments.baseline
    horizon, look = problem.split.horizon_days, arguments.evaluation.test
    with live.phase("data"):
        progress.step(f"read the table of {problem.name}")
        live.set(problem=problem.name, model=recipe.name)
        table = problem.load()
        keep_data(live, described(problem, table))
        windows = folds(problem.split, table)
    with live.phase("features"):
        progress.step("build the features")
        ledger = Ledger(table, horizon)
        material = prepare(table, recipe, ledger, horizon)
        beside = prepare(table, baseline, ledger, horizon)
        until = arguments.last_day(material)
    gate = Gate(arguments.audit, material.rows.x.columns, live, progress)
    with live.phase("audit"):
        progress.step("look for leaks")
        evidence = Evidence(problem, recipe.features, table, material.at, material.rows, windows)
        gate.passes(lambda: audit.before_fit(evidence))
        live.set(**keys(problem, material, windows, live.folder.parent if look else None))
    seen = [fold for fold in windows if look or fold.name != TEST]
    progress.total = 2 * len(seen) + 6
    with live.phase("windows"):
        predictions, last = fit_windows(material, recipe, seen, progress, shown_to(mirror, problem))
        compared, _ = fit_windows(beside, baseline, seen, progress)
        keep_predictions(live, predictions)
    with live.phase("evaluation"):
        progress.step("evaluate")
        draws = {"resamples": arguments.evaluation.resamples, "seed": arguments.seed}
        judged = judge(live, problem, material, predictions, (baseline.name, compared), **draws)
        gate.passes(lambda: audit.after_evaluation(problem, judged.own.metrics["windows"]))
    with live.phase("final fit"):
        progress.step(f"fit on everything that had arrived by {iso(until)}")
        keep_model(live, problem, recipe, ledger, fit_final(material, recipe, until), until)
    with live.phase("figures"):
        progress.step("draw the figures")
        uses = importance(last, scored_rows(material, seen[-1]), arguments.seed)
        shown = {"simulated": problem.simulated, "language": arguments.language}
        draw_run(live, judged.own, (baseline.name, judged.baseline), uses, **shown)
    return judged.against


def shown_to(mirror: Guarded, problem: Problem) -> Callable[[int, Fold, Scored], None]:
    """Hands the metrics of a window on to the tracker, as soon as it is scored."""

    def show(number: int, fold: Fold, scored: Scored) -> None:
        values = {f"window/{metric.name}": metric(scored) for metric in metrics(problem)}
        mirror.log({"window/name": fold.name, **values}, step=number)

    return show


def fit_windows(
    material: Material,
    recipe: Recipe,
    windows: Sequence[Fold],
    progress: Progress,
    watch: Callable[[int, Fold, Scored], None] | None = None,
) -> tuple[pd.DataFrame, Fitted]:
    """Predictions of all windows, each from a model fitted as of its cutoff, and the last of those models."""
    frames = []
    for number, fold in enumerate(windows):
        progress.step(f"fit {recipe.name} for {fold.name}")
        fitted, frame = fit_window(material, recipe, fold)
        frames.append(frame)
        if watch:
            watch(number, fold, Scored.from_frame(frame))
    return pd.concat(frames, ignore_index=True), fitted
