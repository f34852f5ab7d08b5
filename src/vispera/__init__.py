"""Experiment tracking and reproducible research on tabular decisions.

In a notebook: ``vispera.runs()`` gives all runs as a frame, ``vispera.load(id)`` one with all that it left.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__version__ = "0.1.0"


# Their module takes pandas and the models: to import this package takes neither.
def runs(where: str | None = None, archived: bool = False) -> pd.DataFrame:
    """One row a run, newest first, of those that meet the conditions; see `vispera.notebook.runs`."""
    return import_module("vispera.notebook").runs(where, archived)


def load(run: str) -> Any:
    """One run with its record, configuration, metrics, predictions, curves and model.

    See `vispera.notebook.Loaded`.
    """
    return import_module("vispera.notebook").load(run)
