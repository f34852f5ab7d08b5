"""Windows that hold outcomes from after their end, because dates contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.problem.contract import CANCELLED_AFTER_ARRIVAL

LEAST_ROWS = 20
LEAST_SHARE = 0.002
"""Of all cancellations; below it wrong dates are slips of the pen, which are set aside and counted."""


def find(seen: Evidence) -> Iterator[Finding]:
    """Dates that are wrong in more than a few rows, and windows that learn from what came after them.

    A booking that is dated a year too early is set aside where its cancellation gives it away; where it was
    kept nothing does, and it stays, in a window that ended before it was made.
    """
    table = seen.table
    wrong = table.quarantined.get(CANCELLED_AFTER_ARRIVAL, 0)
    share = wrong / max(int(table.cancelled.sum()) + wrong, 1)
    if wrong >= LEAST_ROWS and share >= LEAST_SHARE:
        evidence = (
            f"{wrong:,} bookings, {share:.1%} of all cancelled ones, were cancelled after the day of their "
            "arrival: dates are wrong, so windows hold outcomes from after their end"
        )
        yield Finding("out_of_order", evidence)
    if seen.problem.split.kind == "random":
        return
    for fold in seen.windows:
        scored, learned = fold.scores(table, seen.at), fold.trains(table, seen.at)
        if not scored.any():
            continue
        first = seen.at.night[scored].min()
        late = int((table.resolved[seen.at.position[learned]] >= first).sum())
        if late:
            evidence = (
                f"window '{fold.name}' learns from {late:,} outcomes that became known after its first night"
            )
            yield Finding("out_of_order", evidence)
