"""``vispera runs``: a plain table of the runs, newest first."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vispera import workspace
from vispera.errors import UsageError
from vispera.invocation import Invocation
from vispera.record import RunRecord, read_all
from vispera.redact import redact_text

TITLES = (
    "run",
    "state",
    "problem",
    "model",
    "tuning log-loss",
    "test log-loss",
    "test ROC AUC",
    "test P@K",
    "started (UTC)",
    "s",
    "note",
)
TESTED = ("log_loss", "roc_auc", "precision_at_k")


@dataclass(frozen=True)
class Arguments:
    """``limit``: how many of the newest runs are shown; None shows all."""

    limit: int | None = 20

    def __post_init__(self):
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"limit={self.limit}: wanted 1 or more, or null for all; type limit=20")


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the table has been printed; a run that cannot be read is one marked line of it."""
    place = workspace.experiments()
    records = read_all(place)[::-1]
    if not records:
        print(f"no runs yet in {place}; type: python train.py model=catboost")
        return 0
    shown = records[: arguments.limit]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(redact_text(table([row(record) for record in shown], width)))
    if hidden := len(records) - len(shown):
        are = "run is" if hidden == 1 else "runs are"
        print(f"{hidden} older {are} not shown; type: vispera runs limit=null")
    return 0


def row(record: RunRecord) -> tuple[str, ...]:
    """Cells of one run, in the order of ``TITLES``; what is not known is a dash."""
    if record.state == "unreadable":
        return (record.id, "UNREADABLE", *["-"] * (len(TITLES) - 3), record.fault or "")
    return (
        record.id,
        record.state,
        record.problem or "-",
        record.model or "-",
        measured(record.metric("log_loss", "tuning")),
        *(measured(record.metric(name, "test")) for name in TESTED),
        (record.started or "-")[:16].replace("T", " "),
        "-" if record.seconds is None else f"{record.seconds:.0f}",
        record.note or record.error or "",
    )


def measured(metric: dict[str, Any] | None) -> str:
    """A metric with its interval.

    >>> measured({"name": "log_loss", "value": 0.27314, "low": 0.2661, "high": 0.2809})
    '0.273 [0.266, 0.281]'
    """
    value, low, high = ((metric or {}).get(part) for part in ("value", "low", "high"))
    if not isinstance(value, int | float):
        return "-"
    bounds = isinstance(low, int | float) and isinstance(high, int | float)
    return f"{value:.3f} [{low:.3f}, {high:.3f}]" if bounds else f"{value:.3f}"


def table(rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Aligned columns under their titles; the last one takes what is left of ``width`` characters.

    Columns in which no run has anything to say are left out.
    """
    cells = [[" ".join(cell.split()) for cell in line] for line in (TITLES, *rows)]
    said = [any(line[place] not in ("", "-") for line in cells[1:]) for place in range(len(TITLES))]
    kept = [[cell for cell, keep in zip(line, said, strict=True) if keep] for line in cells]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    lines = ["  ".join(f"{cell:<{wide}}" for cell, wide in zip(line, widths, strict=True)) for line in kept]
    return "\n".join(_fitted(line.rstrip(), width) for line in lines)


def _fitted(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else f"{line[: max(width, 20) - 1]}…"
