"""Which rule stops trials best: searches that stopped none, replayed as each rule would have had them.

    VISPERA_HOME=DIR python train.py -m problem=hotel model=catboost 'model.snapshots=[14]' tracker=none \
        search.prune=null search.trials=30 threads=1 seed=0
    python benchmarks/pruning.py DIR

The first command, with several models and seeds, leaves trials with the log-loss and the seconds of each
window. All of one model are shuffled and replayed in batches of two, by the code that searches: what a trial
that is stopped would have taken is saved. ``speed`` is how many times as many trials fit into the time; the
rest is how far the best found lies above the lowest of all trials, in units of 0.0001, after the time that
five, ten and twenty whole trials take, on average. A search draws its trials better than by lot, so this
ranks rules and does not foretell what one gains.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from vispera.record import read_all
from vispera.search.pruning import order, stop_above
from vispera.trial import Trial

SHUFFLES = 150
BATCH = 2
BUDGETS = (5, 10, 20)
SHARES = (None, 0.66, 0.5, 0.4, 0.33, 0.25, 0.15)
Windows = list[dict[str, Any]]
"""Of one trial in order of time: name, rows, log_loss, seconds."""


def main(home: Path) -> None:
    for model, trials in sorted(whole_trials(home).items()):
        windows = len(trials[0])
        print(f"{model}, {len(trials)} trials; how far one window goes with the whole (correlation):")
        print("  " + ", ".join(f"{name} {told:+.2f}" for name, told in correlations(trials)))
        orders = {"in order of time": tuple(range(windows)), "the latest first": tuple(range(windows))[::-1]}
        for title, places in {**orders, "the earliest last": order(windows)}.items():
            print(f"  {title:<18} speed" + "".join(f"{f'after {budget}':>10}" for budget in BUDGETS))
            for share in SHARES:
                print(line(share, [[trial[place] for place in places] for trial in trials]))


def whole_trials(home: Path) -> dict[str, list[Windows]]:
    """Windows of each finished trial, in order of time, by model."""
    found = defaultdict(list)
    for record in read_all(home / "experiments"):
        if record.trial is not None and record.state == "finished":
            windows = json.loads((record.folder / "trial.json").read_text())["windows"]
            found[record.model].append(sorted(windows, key=lambda window: window["name"]))
    return found


def correlations(trials: Sequence[Windows]) -> list[tuple[str, float]]:
    scores = [pooled(trial)[-1] for trial in trials]
    names = [window["name"] for window in trials[0]]
    losses = np.array([[window["log_loss"] for window in trial] for trial in trials])
    return [(name, float(np.corrcoef(losses[:, i], scores)[0, 1])) for i, name in enumerate(names)]


def line(share: float | None, trials: Sequence[Windows]) -> str:
    """One rule over all shuffles."""
    rng = np.random.default_rng(0)
    whole = fmean(sum(window["seconds"] for window in trial) for trial in trials)
    lowest = min(pooled(trial)[-1] for trial in trials)
    speeds, gaps = [], []
    for _ in range(SHUFFLES):
        steps = replayed(share, [trials[place] for place in rng.permutation(len(trials))])
        speeds.append(len(trials) * whole / steps[-1][0])
        gaps.append([best_after(budget * whole, steps) - lowest for budget in BUDGETS])
    told = "".join(f"{1e4 * gap:>10.2f}" for gap in np.mean(gaps, axis=0))
    return f"    stop {share if share else 'none':<12} {np.mean(speeds):>6.2f}{told}"


def replayed(share: float | None, trials: Sequence[Windows]) -> list[tuple[float, float]]:
    """Seconds spent and best score so far, after each trial."""
    seen: list[Trial] = []
    steps, spent, best = [], 0.0, float("inf")
    for first in range(0, len(trials), BATCH):
        bars = stop_above(seen, len(trials[0]), share)
        batch = []
        for number, trial in enumerate(trials[first : first + BATCH], first):
            so_far = pooled(trial)
            stops = (i for i, bar in enumerate(bars) if bar is not None and so_far[i] > bar)
            come = next(stops, len(trial) - 1) + 1
            spent += sum(window["seconds"] for window in trial[:come])
            state = "finished" if come == len(trial) else "pruned"
            best = min(best, so_far[-1]) if state == "finished" else best
            batch.append(Trial(number=number, state=state, values={}, so_far=tuple(so_far[:come])))
            steps.append((spent, best))
        seen += batch
    return steps


def best_after(seconds: float, steps: Sequence[tuple[float, float]]) -> float:
    """Best score that was known after so many seconds; the first trial's where none was yet."""
    return min((best for spent, best in steps if spent <= seconds), default=steps[0][1])


def pooled(windows: Windows) -> list[float]:
    """Log-loss over the rows of the windows so far, after each."""
    rows = np.cumsum([window["rows"] for window in windows])
    losses = np.cumsum([window["log_loss"] * window["rows"] for window in windows])
    return (losses / rows).tolist()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
