"""A guest with two bookings, twins, of one unit, and predictions in which they may stand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vispera.forgetting.guest import Guest

MINE, TWIN, OTHER, UNKNOWN = 3, 4, 5, 99
NAME = "8fcfb33ca862313f"
GUEST = Guest(
    id="100",
    column="guest_id",
    keys=np.array([MINE, TWIN], dtype=np.uint64),
    units=np.array([MINE], dtype=np.uint64),
    known_keys=np.array([MINE, TWIN, OTHER], dtype=np.uint64),
    known_units=np.array([MINE, OTHER], dtype=np.uint64),
    labels=frozenset({(("hotel", "City"), ("nights", "2"))}),
    pseudonym=NAME,
    bookings={},
)


def hexed(unit: int) -> str:
    return f"{unit:016x}"


def frame(*keys: int) -> pd.DataFrame:
    night = pd.Series(pd.to_datetime(["2017-03-16"] * len(keys))).astype("datetime64[s]")
    window = pd.Series(["test"] * len(keys), dtype="str")
    keyed = np.array(keys, dtype=np.uint64)
    return pd.DataFrame(
        {"row_key": keyed, "night": night, "window": window, "p": np.linspace(0, 1, len(keys))}
    )
