"""When a trial is hopeless beside those before it."""

from __future__ import annotations

from collections.abc import Iterable

from vispera.trial import Trial

LEAST_TRIALS = 4
"""Trials that must have come so far before any is measured by them."""


def order(windows: int) -> tuple[int, ...]:
    """In which order a trial looks at the tuning windows, 0 being the earliest: that one last.

    It lies furthest back and is taught with the least: of the four on the real bookings it tells least about
    what a trial of CatBoost comes to, and stopping by it alone stops good ones (`benchmarks/pruning.py`).

    >>> order(4)
    (1, 2, 3, 0)
    """
    return (*range(1, windows), 0)


def stop_above(before: Iterable[Trial], windows: int, share: float | None) -> tuple[float | None, ...]:
    """Pooled log-loss above which to stop after each window, None where nothing is known; (windows,).

    After the last window nothing is stopped: the trial is done. Trials that were pruned count up to where
    they came, or the bar would rise with every good one that goes on. It never lies below what the best one
    had there: who is ahead of the best is not hopeless, however many others were.
    """
    if share is None:
        return (None,) * windows
    reached = [trial for trial in before if trial.state in ("finished", "pruned")]
    best = min((t for t in reached if t.state == "finished"), key=lambda t: t.so_far[-1], default=None)
    bars: list[float | None] = []
    for window in range(windows - 1):
        bar = quantile([trial.so_far[window] for trial in reached if len(trial.so_far) > window], share)
        bars.append(bar if bar is None or best is None else max(bar, best.so_far[window]))
    return (*bars, None)


def quantile(values: list[float], share: float) -> float | None:
    """The value below which that share of the values lies; None where they are too few.

    >>> quantile([0.3, 0.1, 0.2, 0.4, 0.5], 0.5)
    0.3
    """
    if len(values) < LEAST_TRIALS:
        return None
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])
