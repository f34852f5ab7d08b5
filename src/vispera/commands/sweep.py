"""A whole search, behind ``vispera train -m``: asked, tried, remembered; then the best as a run of its own.

audit once -> study -> batches of trials -> the best: fitted, evaluated on the test window, recorded
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vispera import audit, workspace
from vispera.audit import Evidence
from vispera.commands.train import Arguments
from vispera.commands.train import run as train
from vispera.commands.trial import made
from vispera.errors import Declined
from vispera.files import json_hash, plain, write_json
from vispera.invocation import Invocation
from vispera.progress import Progress
from vispera.record import RunRecord, read_all
from vispera.report.figure.search import draw_search
from vispera.search import Runner, Study, at_work, open_storage, search
from vispera.search.database import reached
from vispera.space import Dimension
from vispera.split import TEST
from vispera.trial import Best, Trial

WHERE = ("path", "cache", "addresses", "download")
"""Keys of a problem that tell where its data come from: another machine joins the same search."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A search of one model, as the door puts it together.

    Attributes
    ----------
    arguments
        Of a run with today's values.
    space
        What is searched, by key below the model's node.
    first
        Today's values of these, which are tried first.
    again
        The command line that goes on with the search.
    full
        Arguments and invocation of a full run with the values of the best trial.
    runner
        Makes what runs trials, for a sweep of that id.
    """

    arguments: Arguments
    invocation: Invocation
    space: Mapping[str, Dimension]
    first: Mapping[str, Any]
    again: str
    full: Callable[[Trial, Best], tuple[Arguments, Invocation]] = field(repr=False)
    runner: Callable[[str], Runner] = field(repr=False)


def run(plan: Plan) -> int:
    """Exit code of the search: that of the best one's full run."""
    arguments = plan.arguments
    settings = arguments.search
    windows, data = looked_at(arguments)
    name = f"{arguments.model.name}-{identity(plan, data)}"
    storage = open_storage(settings.storage, folder_of(name) / "journal.log")
    study = Study(name, plan.space, settings, arguments.seed, storage, plan.first)
    with reached(), at_work(study):
        try:
            with Progress(label=study.name) as progress:
                search(study, plan.runner(study.name), windows, Teller(study, progress))
        except KeyboardInterrupt:
            print(f"{summary(study)}\nto go on with the rest, type: {plan.again}")
            raise
        print(*closing(study), sep="\n")
        for path in drawn(plan, study):
            print(f"  figure   {path}")
        return keep_the_best(plan, study)


def looked_at(arguments: Arguments) -> tuple[int, str]:
    """Number of tuning windows and the data's hash, once no leak was found; GateRefused otherwise."""
    bench = made(arguments)
    if not arguments.audit.skip:
        at, rows = bench.material.at, bench.material.rows
        seen = Evidence(arguments.problem, arguments.model.features, bench.table, at, rows, bench.windows)
        audit.gate(audit.before_fit(seen), arguments.audit)
    return sum(fold.name != TEST for fold in bench.windows), bench.table.content_hash


def identity(plan: Plan, data: str) -> str:
    """What makes two searches the same one, 10 hexadecimal digits: data, problem, model, space, seed."""
    config = {key: plan.invocation.config[key] for key in ("problem", "model", "seed", "threads")}
    config["problem"] = {key: one for key, one in config["problem"].items() if key not in WHERE}
    parts = {"data": data, **config, "space": plain(plan.space), "kind": plan.arguments.search.kind}
    return json_hash(parts)[:10]


def folder_of(name: str) -> Path:
    """Where a search leaves its journal, its table and its figures."""
    return workspace.root() / "multirun" / name


def drawn(plan: Plan, study: Study) -> list[Path]:
    """Figures of the search, drawn anew beside ``search.json``, the table of its trials."""
    arguments, folder = plan.arguments, folder_of(study.name)
    folder.mkdir(parents=True, exist_ok=True)
    space = {key: one.plain() for key, one in plan.space.items()}
    write_json(folder / "search.json", {"schema": 1, "space": space, **plain(study.sweep)})
    told = draw_search(
        study.sweep, plan.space, folder / "figures", arguments.problem.simulated, arguments.language
    )
    return [one.path for one in told]


class Teller:
    """Says what became of each trial, and how the whole stands."""

    def __init__(self, study: Study, progress: Progress):
        self.study, self.progress = study, progress
        done = sum(trial.state != "running" for trial in study.trials())
        if done:
            progress.say(f"{done} trials of an earlier session are kept")
        self.progress.total = max(study.settings.trials - done, 1)

    def __call__(self, trial: Trial) -> None:
        """Tell one trial that has ended."""
        came = f"{trial.score:.4f}" if trial.score is not None else f"{trial.state}: {trial.reason}"
        self.progress.step(f"trial {trial.number}: {came}; {standing(self.study)}")


def standing(study: Study) -> str:
    """How many ended how, and the best so far."""
    sweep = study.sweep
    counts, best = Counter(trial.state for trial in sweep.trials), sweep.best
    told = ", ".join(
        f"{counts[state]} {state}" for state in ("finished", "pruned", "failed") if counts[state]
    )
    return told + (f"; best {best.score:.4f} (trial {best.number})" if best else "")


def summary(study: Study) -> str:
    """The search in a line."""
    return f"search {study.name}: {len(study.trials())} of {study.settings.trials} trials, {standing(study)}"


def closing(study: Study) -> Iterator[str]:
    """Lines about a search that is done."""
    yield summary(study)
    if best := study.sweep.best:
        values = ", ".join(
            f"{key}={value:.6g}" if isinstance(value, float) else f"{key}={value}"
            for key, value in best.values.items()
        )
        yield f"  best     trial {best.number}: {values}"
    if study.not_repeatable:
        yield f"  the same command would not give the same table again: {study.not_repeatable}"


def keep_the_best(plan: Plan, study: Study) -> int:
    """0 after the best trial has been fitted and recorded as a full run; Declined if none finished."""
    best, ended = study.sweep.best, len(study.trials())
    if best is None or best.score is None:
        raise Declined(f"search {study.name}: no trial finished, so there is no best one to keep")
    if not study.may_keep():
        print("  another terminal is still at work on this search, and keeps the best")
        return 0
    chosen = Best(sweep=study.name, number=best.number, score=best.score, trials=ended, run=best.run)
    kept = study.noted("best")
    if kept and kept["trial"] == best.number and (there := _record(kept["run"])):
        print(f"  kept     {there.folder}, as before")
        print(*over_optimism(chosen, there), sep="\n")
        return 0
    code = train(*plan.full(best, chosen))
    record = [r for r in read_all(workspace.experiments()) if r.sweep == study.name and r.trial is None][-1]
    study.note("best", {"trial": best.number, "run": record.id})
    print(*over_optimism(chosen, record), sep="\n")
    return code


def _record(run: str) -> RunRecord | None:
    return next((r for r in read_all(workspace.experiments()) if r.id == run and r.state == "finished"), None)


def over_optimism(best: Best, record: RunRecord) -> Iterator[str]:
    """The best tuning score beside the test score: the first was chosen for being low."""
    chosen = f"a tuning log-loss of {best.score:.4f}, the lowest of {best.trials} trials"
    yield f"chosen   for {chosen}: it flatters"
    if test := record.metric("log_loss", "test"):
        yield f"         on the test window it reaches {test['value']:.4f}, on nights that no trial has seen"
