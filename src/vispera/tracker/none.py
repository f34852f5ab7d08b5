"""The tracker that keeps nothing: the run folder is the record, and needs no mirror."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vispera.record import RunRecord


class NoTracker:
    """Tracks nothing, and is its own mirror."""

    name = "none"
    where = None
    fault = None

    def open(self, record: RunRecord, config: Mapping[str, Any]) -> NoTracker:
        """Itself."""
        return self

    def log(self, values: Mapping[str, float | str], step: int | None = None) -> None:
        """Nothing is kept."""

    def close(self, record: RunRecord) -> None:
        """Nothing is left open."""
