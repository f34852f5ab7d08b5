"""One trial of a search: fits and scores the tuning windows, stops where hopeless, leaves a light record.

    table, features, windows: made once a process -> window by window: fit, score, told, measured -> score

The test window is not touched, and nothing of it is read.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vispera import workspace
from vispera.asof import Ledger
from vispera.environment import describe
from vispera.errors import VisperaError
from vispera.files import json_hash, plain, read_json
from vispera.fitting import Material, fit_window
from vispera.invocation import Invocation
from vispera.metric import Scored, log_loss
from vispera.record import RunRecord, read_all
from vispera.results import described, keep_data, keys
from vispera.revision import Revision, capture
from vispera.run import Pruned, Run, error_line, start_run
from vispera.search import Part, Result
from vispera.search.pruning import order
from vispera.split import TEST, Fold, folds
from vispera.table import Table
from vispera.tracker import Guarded, mirrored
from vispera.warehouse import prepared

if TYPE_CHECKING:
    from vispera.commands.train import Arguments

MOST_BYTES = 2_000_000_000
"""Of materials kept for other processes and other searches; those unused for longest go first."""

Tell = Callable[[int, float], None]
"""Told of each window, with the pooled log-loss so far."""


@dataclass(frozen=True)
class Bench:
    """What does not depend on the trial: data, features of every pair, windows, what records say of all."""

    table: Table
    material: Material
    windows: Sequence[Fold]
    keys: dict[str, Any]
    revision: Revision
    about: dict[str, Any]


class Workshop:
    """Keeps the bench of the last problem and features that a process was asked for."""

    def __init__(self):
        self._key, self._bench = "", None

    def bench(self, arguments: Arguments, config: dict[str, Any]) -> Bench:
        """The bench for a trial, made if the last one was for other data, features or windows."""
        recipe = arguments.model
        key = json_hash([config["problem"], *recipe.looks_at])
        if self._bench is None or key != self._key:
            self._key, self._bench = key, made(arguments)
        return self._bench


def made(arguments: Arguments) -> Bench:
    """The bench of a problem and its features, read back where another process has made them."""
    problem, recipe = arguments.problem, arguments.model
    table, horizon = problem.load(), problem.split.horizon_days
    windows = folds(problem.split, table)
    kept = problem.cache_folder / "material"
    material = prepared(table, recipe, Ledger(table, horizon), horizon, kept, MOST_BYTES)
    found = keys(problem, material, windows, None)
    about = described(problem, table)
    return Bench(table, material, windows, found, capture(workspace.source()), about)


def run(arguments: Arguments, invocation: Invocation, workshop: Workshop, tell: Tell) -> Result:
    """What the trial came to; whatever it raises but an interrupt is its own failure."""
    part, began = arguments.search.part, time.monotonic()
    if part is None:
        raise TypeError("a run without search.part is no trial")
    run_id, score = None, None
    state: Literal["finished", "pruned", "failed"] = "finished"
    reason = None
    try:
        bench = workshop.bench(arguments, dict(invocation.config))
        if part.again and (before := untold(arguments, invocation, bench, tell)):
            return before
        with start_run(
            workspace.experiments(),
            name=arguments.model.name,
            command=invocation.overrides,
            config=invocation.config,
            note=arguments.note or None,
            tags=arguments.tags,
            sweep=part.sweep,
            trial=part.number,
            threads=arguments.threads,
            revision=bench.revision,
        ) as live:
            run_id = live.id
            with mirrored(arguments.tracker, live) as mirror:
                began = time.monotonic()
                score = _score(arguments, part, bench, live, mirror, tell)
    except Pruned as hopeless:
        state, reason = "pruned", str(hopeless)
    except Exception as failure:  # of the trial alone: the others go on
        state, reason = "failed", error_line(failure)
    seconds = round(time.monotonic() - began, 3)
    return Result(state=state, score=score, seconds=seconds, reason=reason, run=run_id)


def untold(arguments: Arguments, invocation: Invocation, bench: Bench, tell: Tell) -> Result | None:
    """What a run of the same trial came to whose searcher was killed before it heard; None if there is none.

    Only one of the same values, data, code and environment counts, as the trial would come to the same again.
    """
    part = arguments.search.part
    for record in read_all(workspace.experiments()):
        if part is None or (record.sweep, record.trial) != (part.sweep, part.number):
            continue
        if record.state in ("finished", "pruned") and _is_the_same(record, arguments, invocation, bench):
            so_far = read_json(record.folder / "trial.json")["so_far"]
            for window, value in enumerate(so_far):
                tell(window, value)
            score = so_far[-1] if record.state == "finished" else None
            about = {"seconds": record.seconds, "reason": record.error, "run": record.id}
            return Result(state=record.state, score=score, **about)
    return None


def _is_the_same(record: RunRecord, arguments: Arguments, invocation: Invocation, bench: Bench) -> bool:
    import yaml

    folder, patch, loader = record.folder, b"", getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if (folder / "code.patch").is_file():
        patch = (folder / "code.patch").read_bytes()
    config = yaml.load((folder / "config.yaml").read_bytes(), loader)  # noqa: S506  (a safe loader)
    here = describe(workspace.source(), arguments.threads)
    return (
        (record.code.get("commit"), patch) == (bench.revision.commit, bench.revision.patch)
        and record.hashes.get("data") == bench.table.content_hash
        and {**config, "search": None} == {**plain(invocation.config), "search": None}
        and read_json(folder / "environment.json") == plain(here)
    )


def _score(arguments: Arguments, part: Part, bench: Bench, live: Run, mirror: Guarded, tell: Tell) -> float:
    """Log-loss pooled over the tuning windows; Pruned as soon as it is above the bar."""
    live.set(problem=arguments.problem.name, model=arguments.model.name, **bench.keys)
    keep_data(live, bench.about)
    tuning = [fold for fold in bench.windows if fold.name != TEST]
    seen, so_far = [], []
    bars = part.stop_above or (None,) * len(tuning)
    with live.phase("windows"):
        for number, (place, bar) in enumerate(zip(order(len(tuning)), bars, strict=True)):
            fold, began = tuning[place], time.monotonic()
            _, frame = fit_window(bench.material, arguments.model, fold)
            own = log_loss(Scored.from_frame(frame))
            seconds = round(time.monotonic() - began, 3)
            seen.append({"name": fold.name, "rows": len(frame), "log_loss": own, "seconds": seconds})
            so_far.append(pooled(seen))
            mirror.log({"window/name": fold.name, "window/log_loss": own}, step=number)
            told = {"schema": 1, "number": part.number, "so_far": so_far, "windows": seen}
            live.put_json("trial.json", told)
            tell(number, so_far[-1])
            if bar is not None and so_far[-1] > bar:
                raise Pruned(f"log-loss {so_far[-1]:.4f} after window {fold.name}, above {bar:.4f}")
    live.set(headline=[_headline(so_far[-1])])
    return so_far[-1]


def pooled(windows: Sequence[Mapping[str, Any]]) -> float:
    """Log-loss over the rows of all the windows."""
    rows = sum(window["rows"] for window in windows)
    return sum(window["log_loss"] * window["rows"] for window in windows) / rows


def _headline(score: float) -> dict[str, Any]:
    value = float(f"{score:.6g}")
    ends = {"value": value, "low": None, "high": None}
    return {"name": "log_loss", "window": "tuning", **ends, "greater_is_better": False}


def run_alone(arguments: Arguments, invocation: Invocation) -> int:
    """Exit code of one trial in a process that a launcher of Hydra's has started; its run tells the rest."""
    result = run(arguments, invocation, Workshop(), lambda window, so_far: None)
    return 1 if result.state == "failed" else 0


def serve(build: Callable[[dict[str, Any]], Arguments], lines, answer: Callable[[str], None]) -> None:
    """Run the trials that come in, a job of JSON a line; answers are lines too, the last of a job marked."""
    workshop = Workshop()
    for line in lines:
        job = json.loads(line)
        number, config = job["job"], job["config"]

        def tell(window: int, so_far: float, number: int = number) -> None:
            answer(json.dumps({"job": number, "window": window, "so_far": so_far}))

        invocation = Invocation("train", tuple(job["words"]), config, number)
        try:
            result = run(build(config), invocation, workshop, tell)
        except VisperaError as refusal:  # values that the model does not take
            result = Result(state="failed", reason=error_line(refusal))
        answer(json.dumps({"job": number, "last": True, **vars(result)}))
