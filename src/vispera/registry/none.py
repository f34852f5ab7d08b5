"""The registry that keeps nothing: no version, no alias, no history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vispera.errors import Declined
from vispera.registry.entry import Deed, Entry
from vispera.registry.version import Package

REASON = "registry=none keeps nothing: nothing can be promoted in it or pulled from it; type registry=folder"


@dataclass(frozen=True)
class NoRegistry:
    """Nobody has promoted anything, and nobody can."""

    name: str = "none"

    def history(self, problem: str) -> list[Entry]:
        """No entry."""
        return []

    def append(
        self, problem: str, deed: Deed, seen: Sequence[Entry], package: Package | None = None
    ) -> Entry:
        """Declined."""
        raise Declined(REASON)

    def fetch(self, entry: Entry) -> Package:
        """Declined."""
        raise Declined(REASON)
