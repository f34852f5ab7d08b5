"""One trial of a search as everybody sees it: the searcher, the figures, the record of the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["running", "finished", "pruned", "failed"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was tried and what came of it.

    Attributes
    ----------
    number
        0 and on; a trial keeps it when it is run again after a kill.
    values
        What was searched, by its key below the model's node, such as ``estimator.depth``.
    score
        Log-loss pooled over the tuning windows; None unless finished.
    so_far
        Log-loss pooled over the windows so far, after each.
    seconds
        Of the fits and scorings.
    reason
        Why it was pruned or failed.
    run
        Id of its run.
    batch
        Which batch it belongs to, 0 and on; trials of one batch know nothing of each other.
    """

    number: int
    state: State
    values: Mapping[str, Any]
    score: float | None = None
    so_far: tuple[float, ...] = ()
    seconds: float | None = None
    reason: str | None = None
    run: str | None = None
    batch: int = 0


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """All trials of one study by number, and what its best says of itself.

    ``id`` names the sweep in records; ``not_repeatable`` is why the same command would not give the same
    table again, None if it would.
    """

    id: str
    trials: tuple[Trial, ...] = field(default_factory=tuple)
    not_repeatable: str | None = None

    @property
    def best(self) -> Trial | None:
        """The finished trial with the lowest score, the earliest of equals; None if none finished."""
        finished = [trial for trial in self.trials if trial.state == "finished" and trial.score is not None]
        return min(finished, key=lambda trial: (trial.score, trial.number), default=None)


@dataclass(frozen=True, kw_only=True)
class Best:
    """That a run is a full one with the values of a search's best trial, and what these were chosen for.

    ``score`` is the trial's log-loss pooled over the tuning windows, the lowest of ``trials``; ``run`` is its
    light run.
    """

    sweep: str
    number: int
    score: float
    trials: int
    run: str | None = None
