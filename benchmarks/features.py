"""Seconds and memory from bookings to a feature table, beside the same by one table a night.

    python benchmarks/features.py [rows ...]

Each line is one size, four snapshots a booking and every family of features. The last column is measured
in the same run: how much longer the definition takes, `as_of` for each night, from a sample of nights.
"""

from __future__ import annotations

import resource
import sys
import time
from tempfile import TemporaryDirectory

import numpy as np

from vispera.asof import Ledger, as_of, snapshots
from vispera.commands.data import Arguments
from vispera.door.building import arguments
from vispera.feature import FeatureSpec, build
from vispera.problem import Problem

SPEC = FeatureSpec(rates="all", recent="all", books="all", sources="all")
DISTANCES = (28, 14, 7, 3)
SAMPLE = 5
"""Nights for which the definition is timed."""


def main(sizes: list[int]) -> None:
    head = ("bookings", "pairs", "features", "seconds", "peak MB", "one table a night")
    print("{:>10} {:>10} {:>9} {:>8} {:>8} {:>18}".format(*head))
    for rows in sizes:
        with TemporaryDirectory() as folder:
            table = problem(rows, folder).load()
        began = time.perf_counter()
        at = snapshots(table, DISTANCES)
        made = build(table, at, SPEC, Ledger(table, 14))
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        slower = by_definition(table, at) / seconds
        size = f"{rows:>10,} {len(at):>10,} {made.x.shape[1]:>9}"
        print(f"{size} {seconds:>8.2f} {peak:>8.0f} {slower:>16.0f} x")


def by_definition(table, at) -> float:
    """Seconds that all nights would take one by one, from a sample of them."""
    nights = np.unique(at.night)
    sample = nights[np.linspace(0, len(nights) - 1, SAMPLE + 2).astype(int)[1:-1]]
    began = time.perf_counter()
    for night in sample:
        known = as_of(table, int(night))
        kept = np.flatnonzero(table.booked <= night)
        place = np.searchsorted(kept, at.position[at.night == night])
        pairs = type(at)(place, np.full(len(place), night, dtype=np.int32))
        build(known, pairs, SPEC, Ledger(known, 14))
    return (time.perf_counter() - began) / SAMPLE * len(nights)


def problem(rows: int, folder: str) -> Problem:
    """The simulated problem of so many bookings."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    from vispera import workspace

    OmegaConf.register_new_resolver("workspace", lambda name: str(workspace.root() / name), replace=True)
    with initialize_config_dir(str(workspace.root() / "conf"), version_base="1.3"):
        config = compose("data", overrides=[f"problem.settings.rows={rows}", f"data.cache={folder}"])
    return arguments(Arguments, config).problem


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [25_000, 50_000, 100_000])
