"""Whether the order of the file tells the outcome: no harm as long as nothing uses it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.audit.neighbour import area_by_neighbours
from vispera.problem.store import source_row

TELLING = 0.6
"""ROC AUC of the outcomes of neighbouring rows from which on a reader should know."""


def find(seen: Evidence) -> Iterator[Finding]:
    """A warning for a file in which neighbouring rows share their fate, as when it was sorted by outcome."""
    area = area_by_neighbours(seen.table.cancelled[np.argsort(source_row(seen.table))])
    if area > TELLING:
        evidence = (
            f"in the file, the rows before and after tell a row's outcome with a ROC AUC of {area:.2f}; "
            "nothing here uses that order"
        )
        yield Finding("order_predicts", evidence, refuses=False)
