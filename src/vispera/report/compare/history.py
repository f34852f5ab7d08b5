"""How a search went: its trials as its own table tells them, or as their runs do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.files import read_json
from vispera.record import RunRecord
from vispera.report.figure.search.subject import Subject
from vispera.trial import Sweep, Trial

STATES = {"finished": "finished", "pruned": "pruned", "running": "running"}
"""A trial's state by its run's; every other ending is a failed trial."""


@dataclass(frozen=True)
class History:
    """A search with the height at which each of its trials is drawn, by number."""

    sweep: Sweep
    heights: Mapping[int, float | None]


def histories(records: Sequence[RunRecord], searches: Path) -> list[History]:
    """Every search of which two trials or more are among the runs, by its name.

    ``searches`` is the folder in which each search leaves its table.
    """
    names = dict.fromkeys(r.sweep for r in records if r.sweep)
    found = []
    for name in names:
        sweep = told(name, searches) or gathered(name, records)
        if len(sweep.trials) > 1:
            found.append(History(sweep, heights(sweep)))
    return found


def told(name: str, searches: Path) -> Sweep | None:
    """A search as its ``search.json`` tells it; None if it left none that can be read."""
    try:
        raw = read_json(searches / name / "search.json")
        trials = tuple(_trial(one) for one in raw["trials"])
        return Sweep(id=name, trials=trials, not_repeatable=raw.get("not_repeatable"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _trial(raw: Mapping[str, Any]) -> Trial:
    known = {key: value for key, value in raw.items() if key in Trial.__dataclass_fields__}
    return Trial(**{**known, "so_far": tuple(known.get("so_far", ()))})


def gathered(name: str, records: Sequence[RunRecord]) -> Sweep:
    """A search as the runs of its trials tell it: one that is still going on has no table yet."""
    by_number = {
        record.trial: Trial(
            number=record.trial,
            state=STATES.get(record.state, "failed"),  # pyright: ignore[reportArgumentType]
            values={},
            score=(record.metric("log_loss", "tuning") or {}).get("value"),
            so_far=_so_far(record),
            reason=record.error,
            run=record.id,
        )
        for record in sorted(records, key=lambda one: (one.state in STATES, one.id))
        if record.sweep == name and record.trial is not None
    }  # of a trial that was run again after a kill, the run that came further
    return Sweep(id=name, trials=tuple(by_number[number] for number in sorted(by_number)))


def _so_far(record: RunRecord) -> tuple[float, ...]:
    try:
        return tuple(map(float, read_json(record.folder / "trial.json")["so_far"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def heights(sweep: Sweep) -> dict[int, float | None]:
    """Where each trial is drawn: pruned ones by how far they fell back, as in the figures of a search."""
    subject = Subject(sweep, {}, None, False)
    return {trial.number: subject.height(trial) for trial in sweep.trials}
