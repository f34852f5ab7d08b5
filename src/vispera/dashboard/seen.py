"""What W&B has of a problem's runs: what can be compared, filtered by and drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from vispera.errors import UsageError, nearest
from vispera.wandb_session import asking, server

NEWEST = 200
"""How many runs are looked at, the newest first."""
FIGURES = "figures/"
TRIED = ("model", "seed", "threads")
"""Parts of the configuration in which a search or a sweep tries values."""
DECLARED = ("space", "_target_")
"""What stands in those parts, and is no value that a model was made with."""


@dataclass(frozen=True)
class Ran:
    """A run as W&B has it."""

    summary: Mapping[str, Any]
    config: Mapping[str, Any]

    @property
    def finished(self) -> bool:
        """Whether it came to its end; W&B's own word for it includes runs that a search pruned."""
        return self.summary.get("state") == "finished"


@dataclass(frozen=True)
class Parameter:
    """A value of the configuration that the trials of a search differ in; ``log``: it was drawn so."""

    path: str
    log: bool = False


def needs_project(api: Any, entity: str, project: str) -> None:
    """UsageError if there is no such project, or this account may not see it."""
    with asking(f"list the projects of {entity}"):
        names = [one.name for one in api.projects(entity)]
    if project not in names:
        told = nearest(project, names) if names else "it has none"
        raise UsageError(
            f"tracker.project={project}: {entity} has no such project at {server()}; {told}; "
            "`vispera sync` makes one with the first run"
        )


def look(api: Any, entity: str, project: str, problem: str) -> list[Ran]:
    """The problem's newest runs; UsageError if there is none, but some of a problem of nearly that name."""
    found = _runs(api, f"{entity}/{project}", {"summary_metrics.problem": problem})
    if not found:
        there = {str(run.summary.get("problem")) for run in _runs(api, f"{entity}/{project}", {})}
        if (near := nearest(problem, there)).startswith("closest"):
            raise UsageError(f"problem={problem}: no run of it in {entity}/{project}; {near}")
    return found


def _runs(api: Any, path: str, wanted: Mapping[str, Any]) -> list[Ran]:
    with asking(f"list the runs of {path}"):
        found = api.runs(path, filters=wanted, order="-created_at", per_page=100, lazy=False)
        return [Ran(dict(run.summary_metrics), dict(run.config)) for run in islice(found, NEWEST)]


def comparable(runs: Iterable[Ran], asked: str | None) -> str | None:
    """The comparison key that was asked for, by its beginning too, else that of the newest finished run.

    None if no run has finished; UsageError if none has the key.
    """
    keys = comparisons(runs)
    if asked is None:
        return next(iter(keys), None)
    fitting = [key for key in keys if key.startswith(asked)]
    if len(fitting) != 1:
        there = f"keys of finished runs: {', '.join(keys)}" if keys else "no run has finished"
        raise UsageError(f"comparison_key={asked} fits {'more than one' if fitting else 'none'}; {there}")
    return fitting[0]


def comparisons(runs: Iterable[Ran]) -> Counter[str]:
    """How many finished runs have each comparison key, that of the newest run first."""
    return Counter(key for run in runs if run.finished and (key := run.summary.get("comparison_key")))


def figures(runs: Iterable[Ran]) -> list[str]:
    """Names of the figures that any of the runs has, sorted: W&B keeps no order."""
    return sorted({name for run in runs for name in run.summary if name.startswith(FIGURES)})


def parameters(runs: Sequence[Ran]) -> list[Parameter]:
    """What the trials among the runs differ in, sorted: W&B keeps no order."""
    trials = [run for run in runs if run.summary.get("trial") is not None]
    values: dict[str, set[Any]] = {}
    for run in trials:
        for path, value in _leaves({name: run.config.get(name) for name in TRIED}):
            values.setdefault(path, set()).add(value)
    logarithmic = {f"model.{path}" for run in trials for path in _drawn_by_log(_space(run))}
    return [Parameter(path, path in logarithmic) for path, found in sorted(values.items()) if len(found) > 1]


def _space(run: Ran) -> Mapping[str, Any]:
    model = run.config.get("model")
    space = model.get("space") if isinstance(model, Mapping) else None
    return space if isinstance(space, Mapping) else {}


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path and value of everything that is one value."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            if name not in DECLARED:
                yield from _leaves(value, f"{above}{name}.")
        elif value is not None and not isinstance(value, list) and name not in DECLARED:
            yield f"{above}{name}", value


def _drawn_by_log(space: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Dotted paths of what a search draws on a logarithmic scale."""
    for name, value in space.items():
        if isinstance(value, Mapping):
            if value.get("log") is True:
                yield f"{above}{name}"
            yield from _drawn_by_log(value, f"{above}{name}.")
