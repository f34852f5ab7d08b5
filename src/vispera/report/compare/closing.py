"""The comparison in a few lines, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vispera.report.compare.answer import stated, title
from vispera.report.compare.comparison import Comparison
from vispera.text import Language

FEW = 8
"""Runs beyond which verdicts are counted rather than listed."""


def closing(comparison: Comparison, language: Language) -> list[str]:
    """How many were compared, which is best, and the verdicts on the others."""
    marked = " (SIMULATED)" if comparison.simulated else ""
    left_out = sum(len(group.runs) for group in comparison.apart)
    return [
        f"compared {len(comparison.runs)} runs{marked}" + (f", left out {left_out}" if left_out else ""),
        *_states(comparison),
        title(comparison, language),
        *_verdicts(comparison, language),
        *_apart(comparison),
    ]


def _states(comparison: Comparison) -> Iterator[str]:
    counts = Counter(one.record.state for one in comparison.runs)
    if len(counts) > 1:
        yield "  " + ", ".join(f"{number} {state}" for state, number in counts.most_common())


def _verdicts(comparison: Comparison, language: Language) -> Iterator[str]:
    """Verdicts in tuning and test log-loss on each run, or their numbers where there are many."""
    if comparison.baseline is None:
        return
    yield f"  baseline {comparison.baseline.record.id}"
    for window in ("tuning", "test"):
        verdicts = comparison.verdicts(window)
        if len(verdicts) > FEW:
            counts = Counter(verdicts.values())
            yield f"  {window}: " + ", ".join(f"{number} {word}" for word, number in counts.most_common())
            continue
        for run, verdict in verdicts.items():
            gap = comparison.gaps[run].of(window, "log_loss")
            told = stated(gap, language, signed=True) if gap and gap["value"] is not None else "-"
            yield f"  {window:<6} {run}: log-loss {told}, {verdict}"
    for run, gap in comparison.gaps.items():
        if gap.reason:
            yield f"  {run}: not held against it: {gap.reason}"
    if comparison.beyond:
        yield f"  {comparison.beyond} more were not held against it; type: pairs=null"


def _apart(comparison: Comparison) -> Iterator[str]:
    for group in comparison.apart:
        parts = list(dict.fromkeys(one.part for one in group.differences))
        why = f"it differs in {', '.join(parts)}" if parts else "config.yaml and data.json do not tell why"
        yield f"  not compared: {len(group.runs)} with comparison key {group.key}, {why}"
