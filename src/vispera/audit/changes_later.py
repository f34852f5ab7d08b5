"""Facts that change after the booking: rooms of one request differ in them, and differently by outcome."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.lazy import pandas as pd

LEAST_GAP = 0.12
"""Difference between two shares from which on it is more than taste: requests that merely look alike are
between rooms of one size and between nights of one length more often kept (0.07 on the real bookings)."""
DEVIATIONS = 4.0
LEAST_REQUESTS = 20


def find(seen: Evidence) -> Iterator[Finding]:
    """Columns in which two kept rooms of one request differ more, or less, often than two cancelled ones.

    Rooms of one request were booked with one fact. If it is written over by a cancellation, at check-in, or
    as long as a booking lives, pairs of rooms that ended otherwise had other chances to come apart. A true
    booking fact cannot know how its room would end.
    """
    for name in seen.columns:
        kept, cancelled = apart(seen, name)
        if min(len(kept), len(cancelled)) < LEAST_REQUESTS:
            continue
        gap = kept.mean() - cancelled.mean()
        noise = np.sqrt(kept.var() / len(kept) + cancelled.var() / len(cancelled))
        if abs(gap) >= LEAST_GAP and abs(gap) > DEVIATIONS * noise:
            evidence = (
                f"feature '{name}' differs between rooms of one request in {kept.mean():.0%} of pairs that "
                f"were kept and {cancelled.mean():.0%} of pairs that were cancelled: it changes after booking"
            )
            yield Finding("changes_later", evidence, name)


def apart(seen: Evidence, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Share of pairs that differ in a column, by request: of kept rooms, and of cancelled ones."""
    schema = seen.problem.schema
    identifiers = schema.of_kind("identifier", schema.known("booking"))
    same = [column for column in dict.fromkeys((*schema.unit, *identifiers)) if column != name]
    rows = seen.table.rows[seen.past]
    request = rows.groupby(same, observed=True, dropna=False, sort=False).ngroup().to_numpy()
    value = pd.factorize(rows[name], use_na_sentinel=False)[0].astype(np.int64)
    cancelled = seen.table.cancelled[seen.past]
    return _differing(request[~cancelled], value[~cancelled]), _differing(
        request[cancelled], value[cancelled]
    )


def _differing(request: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Share of differing pairs in each request of two rows or more."""
    if not len(request):
        return np.empty(0)
    values = int(value.max()) + 1
    rows = np.bincount(request).astype(float)
    alike, count = np.unique(request * values + value, return_counts=True)
    same = np.bincount(alike // values, count * (count - 1.0) / 2, len(rows))
    pairs = rows * (rows - 1) / 2
    several = pairs > 0
    return 1 - same[several] / pairs[several]
