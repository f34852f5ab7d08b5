"""What a problem's declarations alone should tell a reader."""

from __future__ import annotations

from collections.abc import Iterator

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding


def find(seen: Evidence) -> Iterator[Finding]:
    """Warnings of a split that leaks by design, and of decision fields that nobody has filled in."""
    if seen.problem.split.kind == "random":
        evidence = "problem.split.kind=random lets a model learn from the future"
        yield Finding("random_split", evidence, refuses=False)
    if missing := seen.problem.decision.missing:
        evidence = f"problem.decision lacks {', '.join(missing)}"
        yield Finding("decision_fields", evidence, refuses=False)
