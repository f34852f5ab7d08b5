"""The null of this room: everybody gets the rate of the training rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vispera.model.calibrated import CalibratedModel, Sample
from vispera.model.encode import Columns, Features
from vispera.model.stable import json_bytes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Rate:
    """One log-odds for all."""

    family: ClassVar[str] = "prior"
    log_odds: float
    rounds: None = None

    def raw(self, columns: Columns) -> np.ndarray:
        """The same for every row."""
        return np.full(columns.n, self.log_odds)

    def contributions(self, columns: Columns) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """All base."""
        return {}, self.raw(columns)

    def files(self) -> dict[str, bytes]:
        """The one number."""
        return {"model.json": json_bytes({"log_odds": self.log_odds})}


def load(files: Mapping[str, bytes], features: Features) -> Rate:
    """The rate as it was written."""
    return Rate(json.loads(files["model.json"])["log_odds"])


@dataclass(frozen=True, kw_only=True)
class Prior(CalibratedModel):
    """The weighted rate of the training rows, whatever the features."""

    serves_one_class: ClassVar[bool] = True
    later_share: float = 0.0

    def wanted(self, x: pd.DataFrame) -> list[str]:
        """No feature at all."""
        return []

    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> Rate:
        """The weighted rate of the sample."""
        return Rate(float(np.log(sample.rate / (1 - sample.rate))))
