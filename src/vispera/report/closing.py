"""The last lines of a run on the terminal: what it reached, where it lies, how to repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vispera.record import RunRecord

SHOWN = {"log_loss": "log-loss", "pr_auc": "PR-AUC", "roc_auc": "ROC AUC", "brier": "Brier", "ece": "ECE"}


def closing_lines(record: RunRecord, command: str, against: Mapping[str, Any], simulated: bool) -> list[str]:
    """Lines for a person who has waited for a run to end."""
    lines = [f"run {record.id}: {record.state}{', on SIMULATED data' if simulated else ''}"]
    lines += _metrics(record.headline)
    lines += _against(against) if against.get("model") != record.model else []
    lines += counted(record.test_looks)
    lines += ["", f"folder   {short(record.folder)}"]
    lines += [f"figure   {short(path)}" for path in sorted((record.folder / "figures").glob("*.png"))]
    lines += mirror_lines(record.tracker)
    lines += [f"again    {command}"]
    return lines


def counted(looks: int | None) -> list[str]:
    """How often the test window has been looked at, where it was."""
    if not looks:
        return []
    times = "once" if looks == 1 else f"{looks} times"
    return [f"  the test window of this comparison has now been looked at {times}"]


def mirror_lines(tracker: Mapping[str, Any]) -> list[str]:
    """Where the tracker holds the run, or that it failed and how."""
    if tracker.get("state") == "failed":
        return [f"mirror   {tracker['name']} FAILED, the run is whole without it; {tracker.get('fault')}"]
    return [f"mirror   {tracker['where']}"] if tracker.get("where") else []


def _metrics(headline: Iterable[Mapping[str, Any]]) -> list[str]:
    """A table of the headline metrics with their intervals, a row a metric and a column a window."""
    found = {(entry["name"], entry["window"]): entry for entry in headline}
    windows = list(dict.fromkeys(window for _, window in found))
    rows = [["", *windows]]
    for name in dict.fromkeys(name for name, _ in found):
        cells = [_cell(found.get((name, window))) for window in windows]
        better = next(entry["greater_is_better"] for entry in headline if entry["name"] == name)
        rows.append(
            [f"{SHOWN.get(name, name.replace('_', ' '))} ({'more' if better else 'less'} is better)", *cells]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(windows) + 1)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cell(entry: Mapping[str, Any] | None) -> str:
    if entry is None or entry["value"] is None:
        return "not defined"
    if entry["low"] is None:
        return f"{entry['value']:.4f}"
    return f"{entry['value']:.4f} ({entry['low']:.4f} to {entry['high']:.4f})"


def _against(against: Mapping[str, Any]) -> list[str]:
    """How the log-loss differs from the baseline's, window by window that counts."""
    lines = []
    for window in ("tuning", "test"):
        gap = against.get("windows", {}).get(window, {}).get("log_loss")
        if gap and gap["value"] is not None and gap["low"] is not None:
            lines.append(
                f"  against {against['model']}, {window}: log-loss {gap['value']:+.4f} "
                f"({gap['low']:+.4f} to {gap['high']:+.4f}), {gap['verdict']}"
            )
    return lines


def short(path: Path) -> str:
    """The path from here, if it lies below; else whole."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
