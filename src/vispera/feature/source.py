"""Latest row of further sources that had arrived by the night."""

from __future__ import annotations

import numpy as np

from vispera.asof import Ledger, Snapshots, latest
from vispera.schema import Schema


def permitted(schema: Schema) -> tuple[str, ...]:
    """Names of the problem's further sources."""
    return tuple(schema.sources)


def columns(ledger: Ledger, at: Snapshots, names: tuple[str, ...], spec) -> dict[str, np.ndarray]:
    """``<source>_<column>`` as known on the night, NaN where nothing was; and its age in days."""
    made = {}
    for name in names:
        known = latest(ledger.table, name, at)
        made.update({f"{name}_{column}": known[column].to_numpy(np.float64) for column in known})
    return made
