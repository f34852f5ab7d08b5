"""How fast a search finds: a naive Optuna loop, then ours with one part more each time, in turn in one run.

    python benchmarks/search.py [trials] [seeds] [model]

With VISPERA_DATA it searches on the real bookings, else on simulated ones: CatBoost or the model that is
named, the space beside its values, taught at one snapshot so that a trial takes seconds. ``naive`` is
``searched/naive_loop.py``, which reads, builds features and fits in every trial; it and ``ready`` have one
process with two threads, the others two processes with one. Each arm makes the same number of trials;
``pruned`` makes twice as many, which takes it less time, so that there is something to find in the time that
the loop takes.

``to best`` is the time until the score is as low as the lowest of the naive loop with that seed, beside the
loop's own time to it; where an arm ends without reaching it, its whole time counts and is marked. ``then``
is the best that the arm had found when the naive loop ended. Times begin with the process, imports and the
making of features included. Then: what one more trial costs beyond its fits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

import optuna

from vispera.record import read_all
from vispera.search import open_storage

ROOT = Path(__file__).parents[1]
NAIVE = Path(__file__).parent / "searched" / "naive_loop.py"
REAL = bool(os.environ.get("VISPERA_DATA"))
PROBLEM = ["problem=hotel"] if REAL else ["problem=simulated", "problem.settings.rows=25000"]
MODEL = sys.argv[3] if len(sys.argv) > 3 else "catboost"
WORDS = [*PROBLEM, f"model={MODEL}", "model.snapshots=[14]"]
LIGHT = ["tracker=none", "evaluation.test=false", "evaluation.resamples=0", "baseline=rule"]
ARMS = {
    "ready": ["search.workers=1", "threads=2", "search.prune=null"],
    "workers": ["search.workers=2", "threads=1", "search.prune=null"],
    "pruned": ["search.workers=2", "threads=1"],
}
"""What each arm has more than the one before it: material that lies ready, two workers, pruning."""
PATIENCE = 2
"""How many times as many trials the pruned arm makes."""


@dataclass(frozen=True)
class Searched:
    """What one arm came to: of each trial the seconds from the start to its end, and its score if any."""

    ends: tuple[tuple[float, float | None], ...]

    @property
    def trials_a_minute(self) -> float:
        return 60 * len(self.ends) / self.ends[-1][0]

    @property
    def best(self) -> float:
        return min(score for _, score in self.ends if score is not None)

    def best_by(self, seconds: float) -> float:
        """Lowest score of the trials that had ended by then; the first one's where there is none."""
        known = [score for at, score in self.ends if score is not None and at <= seconds]
        return min(known) if known else next(score for _, score in self.ends if score is not None)

    def seconds_to(self, target: float) -> tuple[float, bool]:
        """Seconds to a score as low as the target, and whether it was reached; else those of the whole."""
        for seconds, score in self.ends:
            if score is not None and score <= target:
                return seconds, True
        return self.ends[-1][0], False


def main(trials: int, seeds: int) -> None:
    found: list[dict[str, Searched]] = []
    with TemporaryDirectory(prefix="vispera-bench-") as place:
        print(
            f"{'the real bookings' if REAL else 'simulated bookings'}, {trials} trials an arm, model={MODEL}"
        )
        print(f"{'seed':>4} {'arm':<8} {'trials':>6} {'pruned':>6} {'a minute':>8}", end=" ")
        print(f"{'then':>8} {'best':>8} {'to best':>9}")
        for seed in range(seeds):
            found.append(arms(Path(place), trials, seed))
        summary(found)
        one_more_trial(Path(place))


def arms(place: Path, trials: int, seed: int) -> dict[str, Searched]:
    """All arms of one seed, in turn."""
    done = {"naive": naive(place / f"naive-{seed}", trials, seed)}
    tell(seed, "naive", done["naive"], done["naive"])
    for arm, words in ARMS.items():
        asked = trials * PATIENCE if arm == "pruned" else trials
        done[arm] = ours(
            place / f"{arm}-{seed}", [*WORDS, *LIGHT, *words, f"search.trials={asked}", f"seed={seed}"]
        )
        tell(seed, arm, done[arm], done["naive"])
    return done


def tell(seed: int, arm: str, one: Searched, naive: Searched) -> None:
    seconds, reached = one.seconds_to(naive.best)
    then = one.best_by(naive.ends[-1][0])
    pruned = sum(score is None for _, score in one.ends)
    counts = f"{seed:>4} {arm:<8} {len(one.ends):>6} {pruned:>6} {one.trials_a_minute:>8.1f}"
    found = f"{then:>8.4f} {one.best:>8.4f} {seconds:>7.1f} s{'' if reached else ' and not reached'}"
    print(counts, found, flush=True)


def summary(found: list[dict[str, Searched]]) -> None:
    """Ratios to the naive loop, geometric means over the seeds."""
    print("ratio to the naive loop (geometric mean over seeds), and the mean difference of the best scores")
    for arm in ARMS:
        pairs = [(one["naive"], one[arm]) for one in found]
        speed = mean_ratio([(ours.trials_a_minute, naive.trials_a_minute) for naive, ours in pairs])
        times = [(naive.seconds_to(naive.best)[0], ours.seconds_to(naive.best)[0]) for naive, ours in pairs]
        reached = sum(ours.seconds_to(naive.best)[1] for naive, ours in pairs)
        then = fmean(ours.best_by(naive.ends[-1][0]) - naive.best for naive, ours in pairs)
        gap = fmean(ours.best - naive.best for naive, ours in pairs)
        print(
            f"  {arm:<8} trials a minute {speed:5.2f} x, to its best {mean_ratio(times):5.2f} x "
            f"({reached} of {len(pairs)} reached), best then {then:+.5f}, at its end {gap:+.5f}"
        )


def mean_ratio(pairs: list[tuple[float, float]]) -> float:
    return exp(fmean(log(one / other) for one, other in pairs))


def naive(home: Path, trials: int, seed: int) -> Searched:
    home.mkdir()
    out = home / "told.json"
    command = [sys.executable, str(NAIVE), str(trials), str(seed), str(out), *WORDS, *LIGHT, "threads=2"]
    began = time.time()
    run(home, command)
    return Searched(tuple((one["at"] - began, one["score"]) for one in json.loads(out.read_text())))


def ours(home: Path, words: list[str]) -> Searched:
    """The trials of a search by the command, as its journal has them."""
    home.mkdir()
    began = time.time()
    run(home, [sys.executable, str(ROOT / "train.py"), "-m", *words])
    (journal,) = home.glob("multirun/*/journal.log")
    storage = open_storage(str(journal), journal)
    (name,) = optuna.get_all_study_names(storage)
    trials = optuna.load_study(study_name=name, storage=storage).trials
    ends = [(t.datetime_complete.timestamp() - began, t.value) for t in trials if t.datetime_complete]
    return Searched(tuple(sorted(ends, key=lambda end: end[0])))


def run(home: Path, command: list[str]) -> None:
    """Run a command in a workspace of its own; what it says is shown if it fails."""
    said = subprocess.run(
        command, env={**os.environ, "VISPERA_HOME": str(home)}, capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {said.returncode}:\n{said.stderr[-2000:]}")


def one_more_trial(place: Path) -> None:
    """What a trial costs beyond its fits: one worker, a model whose fits are short, the median trial."""
    words = [*PROBLEM, "model=rule", "threads=1", "evaluation.test=false", "evaluation.resamples=0"]
    print("one more trial beyond its own fits and scorings")
    for tracker in ("none", "wandb"):
        home = place / f"one-more-{tracker}"
        asked = [f"tracker={tracker}", "search.workers=1", "search.prune=null", "search.trials=30"]
        ends = [seconds for seconds, _ in ours(home, [*words, *asked]).ends]
        beyond = [
            b - a - fits for (a, b), fits in zip(pairwise(ends), seconds_of_fits(home)[1:], strict=True)
        ]
        fits = median(seconds_of_fits(home))
        print(f"  tracker={tracker:<6} {median(beyond):.3f} s, beside fits of {fits:.3f} s")


def seconds_of_fits(home: Path) -> list[float]:
    """Seconds that the fits and scorings of each trial took, as its run has them, by number."""
    runs = [record for record in read_all(home / "experiments") if record.trial is not None]
    told = [json.loads((record.folder / "trial.json").read_text()) for record in runs]
    told.sort(key=lambda one: one["number"])
    return [sum(window["seconds"] for window in one["windows"]) for one in told]


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:3]]
    main(*(asked + [20, 5][len(asked) :]))
