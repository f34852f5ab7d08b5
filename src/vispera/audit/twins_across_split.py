"""Bookings whose twin lies on the other side of a split, so that a model has seen what became of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.audit.strength import LIKELY
from vispera.split import Fold

LEAST_AGREEMENT = 0.4
"""Kappa that bookings of one look alone do not reach: 0.07 on the real bookings, 0.78 and more where rooms of
one request stand under other dates."""


def find(seen: Evidence) -> Iterator[Finding]:
    """Units on both sides of a window, and bookings that stand in the training again under other dates."""
    for fold in seen.windows:
        learned, scored = _sides(seen, fold)
        both = np.intersect1d(seen.table.unit[learned], seen.table.unit[scored])
        if len(both):
            evidence = f"{len(both):,} units have bookings on both sides of window '{fold.name}'"
            yield Finding("twins_across_split", evidence)
    yield from _under_other_dates(seen)


def _under_other_dates(seen: Evidence) -> Iterator[Finding]:
    """Twins in all but their dates that share their fate; the test window is left alone.

    Chance makes such pairs too, thousands where guests have no name: those end as differently as any two.
    """
    group = _alike(seen)
    told, happened = [], []
    for fold in seen.windows[:-1]:
        learned, scored = _sides(seen, fold)
        rows = np.bincount(group[learned], minlength=group.max() + 1)
        hits = np.bincount(group[learned], seen.table.cancelled[learned], group.max() + 1)
        scored = scored[rows[group[scored]] > 0]
        told.append(hits[group[scored]] >= 0.5 * rows[group[scored]])
        happened.append(seen.table.cancelled[scored])
    kappa, least = agreement(np.concatenate(told), np.concatenate(happened))
    if least > LEAST_AGREEMENT:
        evidence = (
            f"{sum(map(len, told)):,} bookings of the tuning windows stand in their training again under "
            f"other dates, and end as those do (kappa {kappa:.2f}, at least {least:.2f}; by chance 0)"
        )
        yield Finding("twins_across_split", evidence)


def agreement(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Cohen's kappa of two (n,) bool arrays and the low end of its 95% interval; zeros where it is undefined.

    Cohen, Educational and Psychological Measurement 20 (1960) 37-46.
    """
    if not len(one):
        return 0.0, 0.0
    observed = (one == other).mean()
    expected = one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean())
    if expected >= 1:
        return 0.0, 0.0
    kappa = (observed - expected) / (1 - expected)
    spread = np.sqrt(observed * (1 - observed) / len(one)) / (1 - expected)
    return float(kappa), float(kappa - LIKELY * spread)


def _sides(seen: Evidence, fold: Fold) -> tuple[np.ndarray, np.ndarray]:
    """Bookings that a window learns from, and those that it scores."""
    learned = np.unique(seen.at.position[fold.trains(seen.table, seen.at)])
    return learned, np.unique(seen.at.position[fold.scores(seen.table, seen.at)])


def _alike(seen: Evidence) -> np.ndarray:
    """Group of the bookings that agree in every booking fact but the dates, (bookings,)."""
    schema = seen.problem.schema
    facts = [name for name in schema.known("booking") if schema.column(name).kind != "date"]
    return seen.table.rows.groupby(facts, observed=True, dropna=False, sort=False).ngroup().to_numpy()
