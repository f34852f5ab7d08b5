"""What can be asked of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vispera.errors import UsageError
from vispera.trial import Best


@dataclass(frozen=True, kw_only=True)
class Part:
    """That a run is one trial of a search, and which.

    ``stop_above`` holds, for each tuning window, the pooled log-loss so far above which the trial is
    hopeless; None where nothing is known yet. ``again``: it was begun before, and may have ended unheard.
    """

    sweep: str
    number: int
    stop_above: tuple[float | None, ...] = ()
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How ``-m`` searches.

    Parameters
    ----------
    kind
        ``tpe``: Optuna's tree-structured Parzen estimator; ``random``; ``grid``: the plain product.
    trials
        Of the whole study, those of earlier sessions and other terminals included.
    workers
        Processes that fit at the same time, each with ``threads`` threads.
    mode
        ``repeatable``: in batches of two trials a worker, which know only of the batches before;
        ``fast``: each trial knows of all that have ended, and no worker waits.
    startup
        Trials that are drawn at random before the sampler learns from any.
    prune
        A trial goes on after a window if it is in this share of the best of earlier ones, or as good as the
        best one was there; None: in any case. 0.5 is the median, 0.25 the best quarter.
    trial_timeout
        Seconds after which a trial is killed, and counts as failed; None: never.
    max_failures
        Failed trials after which the search ends.
    fresh
        Begin anew, whatever an earlier search of the same name found.
    storage
        File of Optuna's journal, or URL of a database; None: a journal in the workspace's multirun/.
    part, best_of
        Set by the search itself: that this run is a trial, or the best of a search.
    """

    kind: Literal["tpe", "random", "grid"] = "tpe"
    trials: int = 40
    workers: int = 2
    mode: Literal["repeatable", "fast"] = "repeatable"
    startup: int = 10
    prune: float | None = 0.25
    trial_timeout: float | None = None
    max_failures: int = 5
    fresh: bool = False
    storage: str | None = None
    part: Part | None = None
    best_of: Best | None = None

    def __post_init__(self):
        faults = [
            f"search.{name}={getattr(self, name)}: wanted 1 or more; type search.{name}={example}"
            for name, example in (("trials", 40), ("workers", 2), ("startup", 10), ("max_failures", 5))
            if getattr(self, name) < 1
        ]
        if self.prune is not None and not 0 < self.prune < 1:
            faults.append(f"search.prune={self.prune}: wanted a share between 0 and 1, or null for never")
        if self.trial_timeout is not None and self.trial_timeout <= 0:
            faults.append(f"search.trial_timeout={self.trial_timeout}: wanted seconds above 0, or null")
        if faults:
            raise UsageError(*faults)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a trial came to; see `vispera.trial.Trial` for the fields."""

    state: Literal["finished", "pruned", "failed"]
    score: float | None = None
    seconds: float | None = None
    reason: str | None = None
    run: str | None = None
    outside: bool = False
    """Whether a timeout or a signal ended it, which would not come again at the same place."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A trial to be run: its number in the study, its values, when it is hopeless, whether begun before."""

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    stop_above: tuple[float | None, ...] = ()
    again: bool = False
