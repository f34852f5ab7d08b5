"""Features that alone nearly decide the outcome, upwards, downwards, or by one of their values."""

from __future__ import annotations

from collections.abc import Iterator

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.audit.strength import Level, Strength

LEFT = 0.1
"""A value decides if it leaves at most this share of the overall doubt, to one side or the other."""


def find(seen: Evidence) -> Iterator[Finding]:
    """Features that rank better alone than all together may, and values that leave no doubt."""
    for name, found in seen.strengths.items():
        if found.low > seen.ceiling:
            evidence = (
                f"feature '{name}' alone ranks with a ROC AUC of {found.auc:.3f} (at least {found.low:.3f}), "
                f"above {seen.ceiling:g}, the ceiling for all features together"
            )
            yield Finding("alone_decides", evidence, name)
        elif sure := deciding_level(found):
            evidence = (
                f"feature '{name}' = {sure.label}: {sure.hits:.0f} of {sure.units:,} units were cancelled or "
                f"not taken up, where {found.rate * sure.units:.0f} would be expected"
            )
            yield Finding("alone_decides", evidence, name)


def decides(found: Strength, ceiling: float) -> bool:
    """Whether a feature of such strength nearly decides."""
    return found.low > ceiling or deciding_level(found) is not None


def deciding_level(found: Strength) -> Level | None:
    """The largest value of a feature whose units have nearly all the same outcome, None if there is none."""
    sure = [
        level
        for level in found.levels
        if level.high < LEFT * found.rate or 1 - level.low < LEFT * (1 - found.rate)
    ]
    return max(sure, key=lambda level: level.units, default=None)
