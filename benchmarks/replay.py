"""Seconds and memory of a replay, by part, as nights and bookings grow; and of the real bookings.

    python benchmarks/replay.py [bookings:nights ...]

Rule, logistic and gradient boosting, refitted monthly, each size in a process of its own. ``books`` opens the
books, prices them and counts how late people cancel; ``scores`` fits and scores; ``calls`` is every way of
calling, the ladder and every changed assumption; ``one by one`` is how much longer the scoring alone takes if
the nights are built and scored one after the other, measured in the same run from a sample of nights. With
VISPERA_DATA set the first line is of the real bookings, nights 2017-03-01 to 2017-05-17.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from tempfile import TemporaryDirectory

import numpy as np

from vispera.asof import Ledger
from vispera.commands.replay import Arguments
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.feature import build
from vispera.replay.noise import Draws
from vispera.replay.season import Scored, nights_of, stretches

SIZES = ("25000:63", "50000:63", "100000:63", "200000:63", "50000:126", "50000:252")
REAL = ("hotel:78", "problem=hotel", "nights.first=2017-03-01", "nights.last=2017-05-17")
COMMON = ("model=gradient_boosting", "tracker=none")
SAMPLE = 5
"""Nights that are built and scored one by one."""
COLUMNS = ("nights", "pairs", "books, s", "scores", "calls", "all", "one by one", "peak MB")


def main(sizes: Sequence[str]) -> None:
    print(f"{'bookings':>10}" + "".join(f"{name:>11}" for name in COLUMNS), flush=True)
    asked = [(size, *simulated(size)) for size in sizes or SIZES]
    if not sizes and os.environ.get("VISPERA_DATA"):
        asked.insert(0, REAL)
    for size, *words in asked:
        # in a process of its own, so that its peak is its own
        subprocess.run([sys.executable, __file__, "--one", size, *words], check=True)


def simulated(size: str) -> list[str]:
    """Words for a simulated table of so many bookings; the nights end with its test window."""
    rows, nights = size.split(":")
    return [f"problem.settings.rows={rows}", f"problem.split.nights={nights}", "problem.split.tuning=1"]


def one(size: str, words: Sequence[str]) -> None:
    with TemporaryDirectory() as folder:
        cache = () if size.startswith("hotel") else (f"data.cache={folder}",)
        asked = arguments(Arguments, composed("replay", [*COMMON, *words, *cache]))
        table = asked.problem.load()
    plan, began = asked.plan, time.perf_counter()
    first, last = nights_of(asked.problem, table, asked.nights.first, asked.nights.last)
    ground = plan.ground(table, first, last)
    opened = time.perf_counter()
    ledger = Ledger(table, asked.problem.split.horizon_days)
    scored = plan.scores(plan.ready(ground.book, ledger), stretches(first, last, asked.refit))
    judged = time.perf_counter()
    draws = Draws.of(len(ground.book.nights), resamples=asked.resamples, seed=asked.seed)
    plan.contenders(ground, scored)
    plan.ladder(ground, scored, draws)
    plan.variations(ground, scored[plan.role].p, draws)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = [opened - began, judged - opened, ended - judged, ended - began]
    slower = one_by_one(plan, ground.book, scored[plan.role], ledger)
    cells = [len(ground.book.nights), f"{len(ground.book.at):,}", *(f"{part:.1f}" for part in parts)]
    row = "".join(f"{cell:>11}" for cell in [*cells, f"{slower:.1f} x", f"{peak:.0f}"])
    print(f"{size.partition(':')[0]:>10}{row}", flush=True)


def one_by_one(plan, book, scored: Scored, ledger: Ledger) -> float:
    """How many times as long all nights take one by one as in one pass, features and scores."""
    spec, fitted = plan.recipes[plan.role].features, scored.fits[0][1]

    def seconds(at) -> float:
        began = time.perf_counter()
        fitted.predict(build(book.table, at, spec, ledger).x)
        return time.perf_counter() - began

    nights = book.nights[np.linspace(0, len(book.nights) - 1, SAMPLE + 2).astype(int)[1:-1]]
    alone = sum(seconds(book.at.take(book.at.night == night)) for night in nights)
    return alone / SAMPLE * len(book.nights) / seconds(book.at)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3:])
    else:
        main(sys.argv[1:])
