"""Runs as data frames, for notebooks: ``vispera.runs()`` and ``vispera.load(id)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vispera import workspace
from vispera.choice import chosen, one
from vispera.errors import Declined, UsageError
from vispera.field import PARTED
from vispera.files import read_json
from vispera.lazy import pandas as pd
from vispera.record import RunRecord, read_all, read_archived

if TYPE_CHECKING:
    from vispera.model.artefact import Artefact

ENDS = {"value": "", "low": ".low", "high": ".high"}
"""Parts of a metric, and what is added to its column's name."""
MEASURED = ("value", "low", "high", "chance", "perfect")
DATES = ("started", "finished")


def runs(where: str | None = None, archived: bool = False) -> pd.DataFrame:
    """One row a run, newest first, trials of searches among them.

    Columns are the fields of the record, parts of them as ``hashes.data`` or ``phases.fit``, and metrics as
    ``log_loss.tuning`` with ``log_loss.tuning.low`` and ``.high``; times are UTC. A run that cannot be read
    has the state ``unreadable`` and says why in ``fault``.

    Parameters
    ----------
    where
        Conditions as for ``vispera runs``: ``"model=catboost and log_loss<0.3"``; UsageError if wrong.
    archived
        The archived runs instead of the others.
    """
    place = workspace.experiments()
    found = chosen(read_archived(place) if archived else read_all(place), (), where)
    frame = pd.DataFrame([dict(_cells(record)) for record in reversed(found)], columns=_columns(found))
    for name in DATES:
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601", errors="coerce")
    return frame


def _columns(records: list[RunRecord]) -> list[str]:
    """The fields of every record first, then what any of the runs has."""
    own = [field.name for field in fields(RunRecord) if field.name not in (*PARTED, "headline")]
    return list(dict.fromkeys([*own, *(name for record in records for name, _ in _cells(record))]))


def _cells(record: RunRecord) -> Iterator[tuple[str, Any]]:
    for field in fields(RunRecord):
        value = getattr(record, field.name)
        if field.name in PARTED:
            yield from ((f"{field.name}.{part}", one) for part, one in value.items())
        elif field.name != "headline":
            yield field.name, str(value) if isinstance(value, Path) else value
    for entry in record.headline:
        name = f"{entry['name']}.{entry.get('window')}"
        yield from ((f"{name}{ending}", entry.get(end)) for end, ending in ENDS.items())


def load(run: str) -> Loaded:
    """A run by its id, a beginning that tells it, or its six digits; UsageError if there is none such."""
    return Loaded(one(read_all(workspace.experiments()), run))


@dataclass(frozen=True)
class Loaded:
    """A run and what it left, each part read when it is first asked for.

    Declined where the run has no such part: a trial has no predictions, a run that failed may have none.
    """

    record: RunRecord

    @property
    def folder(self) -> Path:
        """Where everything of the run lies."""
        return self.record.folder

    @cached_property
    def config(self) -> dict[str, Any]:
        """The whole configuration, resolved, without secrets."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(self._there("config.yaml").read_bytes(), loader)  # noqa: S506  (a safe loader)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """A row for each window and metric.

        Columns: window, metric, value, low, high, chance, perfect, greater_is_better.
        """
        told = read_json(self._there("metrics.json"))
        better = {name: declared["greater_is_better"] for name, declared in told["metrics"].items()}
        rows = [
            {"window": window, "metric": name, **_measured(found), "greater_is_better": better[name]}
            for window, summary in told["windows"].items()
            for name, found in summary["metrics"].items()
        ]
        frame = pd.DataFrame(rows)
        return frame.astype(dict.fromkeys(MEASURED, float)) if rows else frame

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """A row for each booking that was evaluated, on its night."""
        return pd.read_parquet(self._there("predictions.parquet"))

    @cached_property
    def curves(self) -> dict[str, Any]:
        """Curves by window: roc, precision_recall, calibration, precision_by_night."""
        return read_json(self._there("curves.json"))["windows"]

    def model(self) -> Artefact:
        """The saved model, every hash checked; its ``fitted`` predicts. ContractBroken if a byte differs."""
        from vispera.model import artefact

        return artefact.read(self._there("model"))

    def __repr__(self) -> str:
        return f"<run {self.record.id}, {self.record.state}>"

    def _there(self, name: str) -> Path:
        if self.record.state == "unreadable":
            raise UsageError(str(self.record.fault))
        if not (path := self.folder / name).exists():
            raise Declined(f"run {self.record.id} is {self.record.state} and has no {name}")
        return path


def _measured(found: Mapping[str, Any]) -> dict[str, Any]:
    return {part: found.get(part) for part in MEASURED}
