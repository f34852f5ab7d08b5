"""Features that are known only after the scoring night, as declared or as the data show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vispera.asof import Snapshots, latest
from vispera.audit.alone_decides import decides
from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding
from vispera.audit.strength import strength

LATE = {
    "mutable": "mutable: the table holds its last value, which may be from after the scoring night",
    "check_in": "known at check-in, after the scoring night",
    "outcome": "known with the outcome, after the scoring night",
}
"""How a column's declaration is told, by when it is known."""


def find(seen: Evidence) -> Iterator[Finding]:
    """Columns that are declared as known too late, and sources whose rows are dated too early.

    A source row that claims to be from the booking's own day and counts the booking's outcome gives itself
    away: on the night it decides, and the day before the booking was made it told little.
    """
    for name in seen.columns:
        known = seen.problem.schema.column(name).known
        if known != "booking":
            evidence = f"feature '{name}' is declared as {LATE[known]}"
            yield Finding("not_yet_known", evidence, name)
    for source in seen.spec.chosen("sources", seen.problem.schema):
        yield from _dated_too_early(seen, source)


def _dated_too_early(seen: Evidence, source: str) -> Iterator[Finding]:
    columns = seen.problem.schema.sources[source].columns
    on_the_night = {column: seen.strengths[f"{source}_{column}"] for column in columns}
    suspects = [(column, found) for column, found in on_the_night.items() if decides(found, seen.ceiling)]
    if not suspects:
        return
    rows, position = seen.rows.take(seen.once), seen.at.position[seen.once]
    eve = Snapshots(position, (seen.table.booked[position] - 1).astype(np.int32))
    earlier = latest(seen.table, source, eve)
    for column, found in suspects:
        before = strength(earlier.loc[:, column], rows.y, rows.unit)
        if not decides(before, seen.ceiling):
            evidence = (
                f"source '{source}', column '{column}': what became known from the day of a booking on tells "
                f"its outcome (ROC AUC {found.auc:.3f} on the scoring night, {before.auc:.3f} the day before "
                "the booking): its rows are dated too early"
            )
            yield Finding("not_yet_known", evidence, f"{source}_{column}")
