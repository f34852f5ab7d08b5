"""Features that repeat the order of the file, which nobody knows on the night."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.audit.neighbour import area_by_neighbours
from vispera.problem.store import source_row

COUNTED = 0.9
"""Share of rows whose value is one constant step from the row before: counted row by row."""
DISTINCT = 0.9
"""Share of values that stand nowhere else, from which on a column can serve as a number of rows."""
RISING = 0.95
"""Share of rows whose value lies on the same side of the row before."""
TELLING = 0.7
"""ROC AUC of the outcomes of neighbours by a column from which on its order is taken to be a file's."""


def find(seen: Evidence) -> Iterator[Finding]:
    """Numbers that count the rows of the file, or of an earlier one whose order told the outcome."""
    order = np.argsort(source_row(seen.table))
    numeric = [
        name for name in seen.columns if seen.problem.schema.column(name).kind in ("integer", "number")
    ]
    for name in numeric:
        values = seen.table.rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if how := _follows(values[order]) or _numbers_rows(values, seen):
            yield Finding("from_position", f"feature '{name}' {how}", name)


def _follows(values: np.ndarray) -> str | None:
    """How values in the order of the file follow it, None if they do not."""
    steps = np.diff(values)
    steps = steps[np.isfinite(steps)]
    if not len(steps):
        return None
    step, times = np.unique(steps, return_counts=True)
    counted = times[step != 0].max(initial=0) / len(steps)
    if counted >= COUNTED:
        return f"counts the rows of the file: one and the same step in {counted:.1%} of them"
    rising = max((steps > 0).mean(), (steps < 0).mean())
    if rising >= RISING:
        return f"runs with the rows of the file: {rising:.1%} of them follow the one before"
    return None


def _numbers_rows(values: np.ndarray, seen: Evidence) -> str | None:
    """The same of a file that has been sorted anew since: neighbours by the column share their fate."""
    past = seen.past & np.isfinite(values)
    if not past.any() or len(np.unique(values[past])) < DISTINCT * past.sum():
        return None
    area = area_by_neighbours(seen.table.cancelled[past][np.argsort(values[past], kind="stable")])
    if area <= TELLING:
        return None
    return f"numbers the rows of a file whose order told the outcome (ROC AUC of neighbours by it {area:.2f})"
