"""The search: which trials are run when, and what is done with what they come to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from vispera.errors import VisperaError
from vispera.search.pruning import stop_above
from vispera.search.settings import Asked, Result
from vispera.search.study import RENEW_SECONDS, Study
from vispera.trial import Trial

Reached = Callable[[int, int, float], None]
"""Told of each window: number of the trial, window, pooled log-loss so far."""


class Runner(Protocol):
    """Runs trials: in processes of ours, or through a launcher of Hydra's."""

    @property
    def free(self) -> int:
        """Trials that it would begin at once."""
        ...

    def begin(self, asked: Asked) -> None:
        """Take a trial; there must be room for it."""
        ...

    def ended(self, reached: Reached) -> Iterable[tuple[int, Result]]:
        """Trials that have ended, at least one of those begun; waits for it."""
        ...

    def close(self) -> None:
        """End what is still going on."""
        ...


def search(study: Study, runner: Runner, windows: int, told: Callable[[Trial], None]) -> None:
    """Run trials until the study has as many as were asked for.

    Stands within `at_work`. ``windows`` is the number of tuning windows; ``told`` is called with each trial
    that has ended. The runner is closed in any case.

    Raises
    ------
    VisperaError
        If more trials fail than ``search.max_failures``.
    """
    step = _batch if study.settings.mode == "repeatable" else _flow
    try:
        _give_up_if_hopeless(study)  # an earlier session may have ended for that
        while step(study, runner, windows, told):
            pass
    finally:
        runner.close()


def _batch(study: Study, runner: Runner, windows: int, told: Callable[[Trial], None]) -> bool:
    """One whole batch, those of its trials that are left; False if there is none."""
    waiting = _next_batch(study)
    if not waiting:
        return False
    first = min(trial.number for trial in waiting) // study.batch_size * study.batch_size
    before = [trial for trial in study.trials() if trial.number < first]
    bars = stop_above(before, windows, study.settings.prune)
    open_ = 0
    while waiting or open_:
        while waiting and runner.free:
            trial = waiting.pop(0)
            runner.begin(_asked(study, trial, bars))
            open_ += 1
        for number, result in runner.ended(study.report):
            _end(study, number, result, told)
            open_ -= 1
        _give_up_if_hopeless(study)
    return True


def _next_batch(study: Study) -> list[Trial]:
    """Trials of the earliest batch that has not ended: those left behind, and new ones to fill it up."""
    left = study.left_behind()
    earliest = min((trial.batch for trial in left), default=None)
    ours = [trial for trial in left if trial.batch == earliest and study.adopt(trial.number)]
    if left and not ours:
        return _next_batch(study)  # another searcher was faster
    there = len(study.trials())
    batch = ours[0].batch if ours else there // study.batch_size
    return ours + study.ask_up_to(max((batch + 1) * study.batch_size - there, 0))


def _flow(study: Study, runner: Runner, windows: int, told: Callable[[Trial], None]) -> bool:
    """Keep every worker busy until no trial is left; False, as nothing is left then."""
    waiting = [trial for trial in study.left_behind() if study.adopt(trial.number)]
    open_ = 0
    while True:
        while runner.free and (waiting := waiting or study.ask_up_to(1)):
            trial = waiting.pop(0)
            bars = stop_above(study.trials(), windows, study.settings.prune)
            runner.begin(_asked(study, trial, bars))
            open_ += 1
        if not open_:
            return False
        for number, result in runner.ended(study.report):
            _end(study, number, result, told)
            open_ -= 1
        _give_up_if_hopeless(study)


def _asked(study: Study, trial: Trial, bars: tuple[float | None, ...]) -> Asked:
    again = trial.number in study.adopted
    return Asked(number=trial.number, values=trial.values, stop_above=bars, again=again)


def _end(study: Study, number: int, result: Result, told: Callable[[Trial], None]) -> None:
    study.end(number, result)
    told(study.trials()[number])


def _give_up_if_hopeless(study: Study) -> None:
    failed = [trial for trial in study.trials() if trial.state == "failed"]
    if len(failed) >= study.settings.max_failures:
        raise VisperaError(
            f"{len(failed)} trials failed, the last for: {failed[-1].reason}; mend it and type the same "
            "again with search.fresh=true, or allow more with search.max_failures=N"
        )


@contextmanager
def at_work(study: Study) -> Iterator[None]:
    """Tells other searchers, while the block lasts, that this one is at work."""
    stopped = threading.Event()

    def renew() -> None:
        while not stopped.wait(RENEW_SECONDS):
            study.renew()

    thread = threading.Thread(target=renew, name="at work", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        study.leave()
