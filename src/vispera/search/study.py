"""A study in Optuna's storage: what was asked, what came of it, and who is at work on it.

Everything that a search must not lose lies in the storage: values of each trial when it is asked, its
log-loss after each window, how it ended. So any process can go on where another was killed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from vispera.clock import now
from vispera.search.database import database
from vispera.search.journal import journal
from vispera.search.presence import AT_WORK, is_at_work, new_owner, searchers
from vispera.search.settings import Result, SearchSettings
from vispera.space import Dimension, distribution
from vispera.trial import State, Sweep, Trial

RENEW_SECONDS = 20.0
TRIALS_A_WORKER = 2
"""Of a batch: with one a worker would wait as long for the trial that is not stopped beside it."""
STATES: Mapping[str, State] = {
    "COMPLETE": "finished",
    "PRUNED": "pruned",
    "FAIL": "failed",
    "RUNNING": "running",
}


class Study:
    """One search's memory; ``adopted`` are the numbers of trials that it took over from others."""

    def __init__(
        self,
        name: str,
        space: Mapping[str, Dimension],
        settings: SearchSettings,
        seed: int,
        storage: Any,
        first: Mapping[str, Any],
    ):
        import optuna

        optuna.logging.set_verbosity(logging.ERROR)
        self.settings, self.seed, self._storage = settings, seed, storage
        self.owner, self.adopted = new_owner(), set[int]()
        self._distributions = {key: distribution(space[key]) for key in sorted(space)}
        self.name = _generation(name, storage, settings.fresh)
        self._study = optuna.create_study(
            study_name=self.name, storage=storage, direction="minimize", load_if_exists=True
        )
        if "batch" not in self._study.user_attrs:
            self.note("first", dict(first))
            self.note("batch", TRIALS_A_WORKER * settings.workers)
        self.batch_size: int = self.noted("batch")
        self._join()

    def note(self, key: str, value: Any) -> None:
        """Keep a value with the study, for whoever goes on with it."""
        self._study.set_user_attr(key, value)

    def noted(self, key: str) -> Any:
        """What was kept under a key; None if nothing was."""
        return self._study.user_attrs.get(key)

    def renew(self) -> None:
        """Tell the others that this process is still at work; a lost database hears it later."""
        self._tell(now().isoformat())

    def leave(self) -> None:
        """Tell the others that this process has stopped: its unfinished trials are anybody's."""
        self._tell(None)

    def _tell(self, seen: str | None) -> None:
        from optuna.exceptions import StorageInternalError

        with suppress(StorageInternalError):  # the others find out by themselves
            self.note(AT_WORK + self.owner, seen)

    def trials(self) -> tuple[Trial, ...]:
        """All trials by number."""
        return tuple(map(self._told, self._study.get_trials(deepcopy=False)))

    def left_behind(self) -> list[Trial]:
        """Trials that were begun and whose process is gone; they are run again under their number."""
        owners = self._study.user_attrs
        running = [f for f in self._study.get_trials(deepcopy=False) if f.state.name == "RUNNING"]
        gone = [f for f in running if not is_at_work(f.user_attrs.get("owner"), owners)]
        return [self._told(frozen) for frozen in gone]

    def elsewhere(self) -> int:
        """Trials that other processes are at work on."""
        left = {trial.number for trial in self.left_behind()}
        return sum(trial.state == "running" and trial.number not in left for trial in self.trials())

    def may_keep(self) -> bool:
        """Whether it falls to this process to keep the best: every trial has ended, and nobody else does."""
        with self._turn():
            keeper = self.noted("keeper")
            other = keeper != self.owner and is_at_work(keeper, self._study.user_attrs)
            if other or self.elsewhere():
                return False
            self.note("keeper", self.owner)
            return True

    def ask(self) -> Trial:
        """The next trial; what it is follows from the seed, its number and the trials that have ended."""
        with self._turn():
            return self._asked()

    def ask_up_to(self, count: int) -> list[Trial]:
        """The next trials, fewer of them or none where the study has all that were asked for.

        Other searchers ask before or after, never in between.
        """
        with self._turn():
            left = self.settings.trials - len(self.trials())
            return [self._asked() for _ in range(min(count, left))]

    def _asked(self) -> Trial:
        """A new trial, its values drawn aside and written at once with their owner.

        So a process that is killed while it asks leaves a whole trial or none.
        """
        import optuna

        there = self._study.get_trials(deepcopy=False)
        drawn_by = sampler(self.settings.kind, self.settings.startup, self.seed, len(there))
        aside = optuna.create_study(direction="minimize", sampler=drawn_by)
        aside.add_trials(there)
        if not there:
            first = {k: v for k, v in self.noted("first").items() if k in self._distributions}
            aside.enqueue_trial(first)
        drawn = aside.ask(self._distributions)
        made = optuna.trial.create_trial(
            state=optuna.trial.TrialState.RUNNING,
            params=drawn.params,
            distributions=self._distributions,
            user_attrs={"owner": self.owner},
        )
        asked = self._storage.create_new_trial(self._study._study_id, made)
        return self._told(self._storage.get_trial(asked))

    def adopt(self, number: int) -> bool:
        """Take a trial over from a process that is gone; False if another process was first."""
        with self._turn():
            if number not in {trial.number for trial in self.left_behind()}:
                return False
            self._storage.set_trial_user_attr(self._id(number), "owner", self.owner)
            self.adopted.add(number)
            return True

    def report(self, number: int, window: int, so_far: float) -> None:
        """Keep the pooled log-loss of a trial after a window."""
        import optuna

        with suppress(optuna.exceptions.UpdateFinishedTrialError):  # another process was first
            self._storage.set_trial_intermediate_value(self._id(number), window, so_far)

    def end(self, number: int, result: Result) -> None:
        """Keep how a trial ended, unless another process did so already."""
        import optuna
        from optuna.trial import TrialState

        trial = self._id(number)
        told = {key: getattr(result, key) for key in ("run", "reason", "seconds")}
        state = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
        values = [result.score] if result.state == "finished" and result.score is not None else None
        with suppress(optuna.exceptions.UpdateFinishedTrialError):  # another process was first
            for key, value in told.items():
                if value is not None:
                    self._storage.set_trial_user_attr(trial, key, value)
            self._storage.set_trial_state_values(trial, state[result.state], values)
        if result.outside:
            self.note("not repeatable", f"trial {number}: {result.reason}")

    @property
    def sweep(self) -> Sweep:
        """The study as it stands."""
        return Sweep(id=self.name, trials=self.trials(), not_repeatable=self.not_repeatable)

    @property
    def not_repeatable(self) -> str | None:
        """Why the same command would not give the same table again; None if it would."""
        if self.noted("mode") == "fast":
            return "search.mode=fast"
        return self.noted("not repeatable")

    def _join(self) -> None:
        """Say that this process is at work, and mark the study if another one is."""
        with self._turn():
            attrs = self._study.user_attrs
            others = any(is_at_work(owner, attrs) for owner in searchers(attrs))
            if others and self.settings.mode == "repeatable":
                self.note("not repeatable", "a second process joined")
            if self.settings.mode == "fast":
                self.note("mode", "fast")
            self.note(AT_WORK + self.owner, now().isoformat())

    def _turn(self) -> AbstractContextManager[None]:
        """While the block lasts, other searchers of this study wait with what only one may do."""
        return self._storage.turn(self._study._study_id)

    def _id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study._study_id, number)

    def _told(self, frozen: Any) -> Trial:
        return as_trial(frozen, self.batch_size)


def sampler(kind: str, startup: int, seed: int, number: int) -> Any:
    """A sampler for one trial, which remembers nothing: a resumed search draws what an unbroken one would."""
    import optuna

    own = crc32(f"{seed}/{number}".encode())
    if kind == "random":
        return optuna.samplers.RandomSampler(seed=own)
    return optuna.samplers.TPESampler(
        seed=own, n_startup_trials=startup, multivariate=True, constant_liar=True
    )


def as_trial(frozen: Any, batch_size: int = 1) -> Trial:
    """A trial of Optuna's as everybody here sees it."""
    windows = sorted(frozen.intermediate_values)
    state = STATES[frozen.state.name]
    return Trial(
        number=frozen.number,
        state=state,
        values=frozen.params,
        score=frozen.value if state == "finished" else None,
        so_far=tuple(frozen.intermediate_values[window] for window in windows),
        seconds=frozen.user_attrs.get("seconds"),
        reason=frozen.user_attrs.get("reason"),
        run=frozen.user_attrs.get("run"),
        batch=frozen.number // batch_size,
    )


def _generation(name: str, storage: Any, fresh: bool) -> str:
    """Name of the latest study of that name, or of the next."""
    there = {summary.study_name for summary in storage.get_all_studies()}
    number = 1
    while f"{name}-{number + 1}" in there:
        number += 1
    latest = name if number == 1 else f"{name}-{number}"
    return f"{name}-{number + 1}" if fresh and latest in there else latest


def open_storage(place: str | None, default: Path) -> Any:
    """Optuna's storage: a journal file, made if need be, or a database by its URL; UsageError if it fails."""
    if place and "://" in place:
        return database(place)
    return journal(Path(place).expanduser().absolute() if place else default)


def as_text(trials: tuple[Trial, ...]) -> str:
    """The table of trials as JSON lines, for comparison: what was tried and what came of it, no times."""
    kept = ("number", "state", "values", "score", "so_far")
    return "".join(
        json.dumps({name: getattr(t, name) for name in kept}, sort_keys=True) + "\n" for t in trials
    )
