"""Runs in the order asked for, the trials of a search as one line, and as a table for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from vispera.field import field
from vispera.record import RunRecord
from vispera.redact import Redactor

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
    "tags",
    "note",
)
SHOWN = (("log_loss", "tuning"), ("log_loss", "test"), ("roc_auc", "test"), ("precision_at_k", "test"))
"""Metrics of the table, and their windows."""


def sorted_by(records: Sequence[RunRecord], sort: str | None) -> list[RunRecord]:
    """Records by a field, or ``-field`` from its greatest on; as they are where none is named.

    Those that do not have the field come last in both directions; equal ones keep their order.
    """
    if sort is None:
        return list(records)
    by = field(sort.removeprefix("-"), key="sort", example="-test.roc_auc").of
    having = [record for record in records if by(record) is not None]
    without = [record for record in records if by(record) is None]
    return [*sorted(having, key=by, reverse=sort.startswith("-")), *without]


def folded(records: Iterable[RunRecord]) -> list[RunRecord]:
    """The same with all trials of a search as one line, in the place of the first of them.

    Such a line has the score of the best trial, and says how many ended how.
    """
    places: dict[str, list[RunRecord]] = {}
    for record in records:
        place = record.id if record.trial is None else f"search {record.sweep}"
        places.setdefault(place, []).append(record)
    return [_search(those) if those[0].trial is not None else those[0] for those in places.values()]


def _search(trials: Sequence[RunRecord]) -> RunRecord:
    sweep = trials[0].sweep or "without a name"
    newest = max(trials, key=lambda trial: trial.id)
    best = min((trial for trial in trials if trial.state == "finished"), key=_score, default=None)
    counts = Counter(trial.state for trial in trials)
    told = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    if best is not None and _score(best) < float("inf"):
        told = f"best trial {best.trial}, {best.id}; {told}"
    return RunRecord(
        id=f"search {sweep}",
        state=f"{len(trials)} trial{'s' if len(trials) > 1 else ''}",
        folder=Path(sweep),
        problem=newest.problem,
        model=newest.model,
        sweep=sweep,
        started=newest.started,
        seconds=sum(trial.seconds or 0.0 for trial in trials),
        headline=best.headline if best else [],
        note=told,
    )


def _score(trial: RunRecord) -> float:
    value = (trial.metric("log_loss", "tuning") or {}).get("value")
    return value if isinstance(value, int | float) else float("inf")


def table(records: Iterable[RunRecord], width: int | None = None) -> str:
    """Aligned columns under their titles; the last one takes what is left of ``width`` characters.

    Columns in which no run has anything to say are left out.
    """
    columns = [list(column) for column in zip(*map(row, records), strict=True)]
    columns[-2:] = (_without_secrets(texts) for texts in columns[-2:])  # what was typed, or a failure said
    kept = [
        _aligned([title, *column], last=title == TITLES[-1])
        for title, column in zip(TITLES, columns, strict=False)
        if set(column) - {"", "-"}
    ]
    lines = ["  ".join(cells).rstrip() for cells in zip(*kept, strict=True)]
    return "\n".join(_fitted(line, width) for line in lines)


def _without_secrets(texts: Sequence[str]) -> list[str]:
    redactor = Redactor()
    clean = {text: redactor.text(text) for text in set(texts) if text}  # many runs share a note or a failure
    return [clean.get(text, "") for text in texts]


def _aligned(column: Sequence[str], last: bool) -> Sequence[str]:
    if not "".join(column).isprintable():  # a line end in the name of a model would make two lines
        column = [_in_one_line(cell) for cell in column]
    wide = max(map(len, column))
    return column if last else [cell.ljust(wide) for cell in column]


def row(record: RunRecord) -> tuple[str, ...]:
    """Cells of one run, in the order of ``TITLES``, secrets still in them; what is not known is a dash."""
    if record.state == "unreadable":
        return (record.id, "UNREADABLE", *["-"] * (len(TITLES) - 4), "", _in_one_line(record.fault))
    found = {(entry["name"], str(entry.get("window"))): entry for entry in record.headline}
    return (
        record.id,
        record.state,
        record.problem or "-",
        record.model or "-",
        *[measured(found.get(wanted)) for wanted in SHOWN],
        (record.started or "-")[:16].replace("T", " "),
        "-" if record.seconds is None else f"{record.seconds:.0f}",
        _in_one_line(" ".join(map(str, record.tags))) if record.tags else "",
        _in_one_line(record.note or record.error),
    )


def _in_one_line(text: str | None) -> str:
    return " ".join(text.split()) if text else ""


def measured(metric: dict[str, Any] | None) -> str:
    """A metric with its interval.

    >>> measured({"name": "log_loss", "value": 0.27314, "low": 0.2661, "high": 0.2809})
    '0.273 [0.266, 0.281]'
    """
    if metric is None:
        return "-"
    value, low, high = metric.get("value"), metric.get("low"), metric.get("high")
    if not isinstance(value, int | float):
        return "-"
    bounds = isinstance(low, int | float) and isinstance(high, int | float)
    return f"{value:.3f} [{low:.3f}, {high:.3f}]" if bounds else f"{value:.3f}"


def in_words(size: int) -> str:
    """Bytes as a person reads them.

    >>> in_words(1_234_567), in_words(8_192), in_words(3_200_000_000)
    ('1.2 MB', '8.2 kB', '3.2 GB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if abs(size) >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1e3:.1f} kB"


def _fitted(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else f"{line[: max(width, 20) - 1]}…"
