"""What lies between each run and the baseline, by `evaluate`, from the predictions that both left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vispera.errors import Declined, VisperaError
from vispera.evaluate import POOLED, paired_difference
from vispera.files import file_hash, read_json
from vispera.lazy import pandas as pd
from vispera.metric import METRICS, Metric, suite
from vispera.record import RunRecord

if TYPE_CHECKING:
    from pandas import DataFrame

FILE = "predictions.parquet"


@dataclass(frozen=True)
class Gap:
    """Differences of one run to the baseline, by window and metric, or the reason why there are none."""

    windows: Mapping[str, Mapping[str, Mapping[str, Any]]]
    reason: str | None = None

    def of(self, window: str, metric: str) -> Mapping[str, Any] | None:
        """``{value, low, high, verdict}``; None where there is none."""
        return self.windows.get(window, {}).get(metric)


class Pairing:
    """A baseline that runs are held against, its predictions read once."""

    def __init__(self, baseline: RunRecord, resamples: int, seed: int):
        self.baseline, self.resamples, self.seed = baseline, resamples, seed
        self.metrics = declared(baseline)
        self._frame: DataFrame | str | None = None

    def against(self, record: RunRecord) -> Gap:
        """What lies between a run and the baseline, on the windows that both have been scored on."""
        try:
            here, there = predictions(record), self._own()
            shared = sorted(set(here["window"]) & set(there["window"]))
            if not shared:
                raise Declined("the two were scored on no window in common")
            here, there = (frame.loc[frame["window"].isin(shared), :] for frame in (here, there))
            told = paired_difference(here, there, self.metrics, resamples=self.resamples, seed=self.seed)
        except VisperaError as refusal:
            return Gap({}, str(refusal))
        return Gap(told["windows"])

    def _own(self) -> DataFrame:
        if self._frame is None:
            try:
                self._frame = predictions(self.baseline)
            except VisperaError as refusal:
                self._frame = f"the baseline's are missing: {refusal}"
        if isinstance(self._frame, str):
            raise VisperaError(self._frame)
        return self._frame


def predictions(record: RunRecord) -> DataFrame:
    """Predictions of a run, the tuning windows as one; VisperaError where they are not what it recorded.

    Resamples follow from a window's name and its dates, so that windows pooled by name have the very draws
    that `evaluate` gives to the pooled ones, and their parts cost nothing.
    """
    path = record.folder / FILE
    if not path.is_file():
        raise VisperaError(f"run {record.id} kept no {FILE}")
    if record.hashes.get("predictions") not in (None, file_hash(path)):
        raise VisperaError(f"{FILE} of run {record.id} is not the one that its record names")
    try:
        frame = pd.read_parquet(path)
        window = frame["window"].astype(str)
    except (OSError, ValueError, KeyError) as failure:
        raise VisperaError(f"run {record.id} has a damaged {FILE}: {str(failure).splitlines()[0]}") from None
    return frame.assign(window=window.where(~window.str.startswith(f"{POOLED}-"), POOLED))


def declared(record: RunRecord) -> tuple[Metric, ...]:
    """The metrics that a run was measured by, with their parameters; all of them where it tells none."""
    try:
        told = read_json(record.folder / "metrics.json")["metrics"]
        return tuple(
            replace(METRICS[name], parameters=one["parameters"])
            for name, one in told.items()
            if name in METRICS
        )
    except (OSError, ValueError, KeyError, TypeError):
        return suite()
