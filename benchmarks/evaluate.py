"""Seconds that an evaluation takes, beside those of one resample by scikit-learn.

    python benchmarks/evaluate.py

The predictions have the size of protocol 1: five windows, some 33,000 rows.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from sklearn import metrics as sk

from predictions import simulate
from vispera.evaluate import evaluate, paired_difference
from vispera.metric import Scored, pr_auc, roc_auc, suite


def seconds(function, repeats: int = 3) -> float:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    a, b = simulate(1), simulate(1, noise=0.5)
    for resamples in (50, 200, 800):
        spent = seconds(lambda n=resamples: evaluate(a, suite(k=10), resamples=n, seed=1))
        print(f"evaluate, 6 metrics, 5 windows and pooled, {resamples:4d} resamples  {spent:6.2f} s")
    spent = seconds(lambda: paired_difference(a, b, suite(k=10), resamples=200, seed=1))
    print(f"paired difference, the same,                     200 resamples  {spent:6.2f} s")
    sample = Scored.from_frame(a)
    ours = seconds(lambda: (roc_auc(sample), pr_auc(sample)))
    theirs = seconds(
        lambda: (sk.roc_auc_score(sample.y, sample.p), sk.average_precision_score(sample.y, sample.p))
    )
    print(f"ROC AUC and average precision of {len(sample)} rows: scikit-learn / ours {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
