"""A seeded problem that a model can learn, and every option of conf/model built as the door builds it.

Run as a script it writes the artefact and the predictions of every option into a folder: what another
process makes of the same configuration.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import OmegaConf

from vispera.door.building import build
from vispera.table import Rows

CONF = Path(__file__).parents[1] / "conf" / "model"
OPTIONS = tuple(sorted(path.stem for path in CONF.glob("*.yaml")))
SNAPSHOTS = (28, 14, 7, 3)
START, DAYS = 16700, 500


@cache
def written(name: str) -> Any:
    """One file of conf/model as it stands when it is first asked for."""
    return OmegaConf.load(CONF / f"{name}.yaml")


def config(name: str, seed: int = 0, threads: int = 2) -> dict[str, Any]:
    """Resolved values of one file of conf/model."""
    held = OmegaConf.create({"seed": seed, "threads": threads, "model": written(name)})
    values: Any = OmegaConf.to_container(held, resolve=True, throw_on_missing=True)
    return values["model"]


@dataclass(frozen=True)
class Held:
    """What the door builds."""

    estimator: Any


def option(name: str, seed: int = 0, threads: int = 2, **changed: object) -> Any:
    """Unfitted model of one option, some of its settings changed."""
    return build(Held, {"estimator": {**config(name, seed, threads)["estimator"], **changed}}).estimator


def rows(bookings: int = 1500, seed: int = 0) -> tuple[Rows, np.ndarray]:
    """Four snapshots of each booking and weights of a quarter; log-odds rise with lead time and by agent."""
    rng = np.random.default_rng(seed)
    booking = np.repeat(np.arange(bookings), len(SNAPSHOTS))
    hotel = rng.integers(0, 2, bookings)
    segment = rng.integers(0, 5, bookings)
    agent = rng.geometric(0.08, bookings).clip(max=60)
    lead = np.round(rng.gamma(1.2, 70, bookings))
    trend = rng.normal(size=bookings)
    log_odds = -2.5 + 0.9 * (segment == 2) + 0.02 * np.minimum(lead, 120) + 0.8 * np.sin(agent) + 0.5 * trend
    y = rng.random(bookings) < 1 / (1 + np.exp(-log_odds))
    arrival = (START + rng.integers(0, DAYS, bookings))[booking].astype(np.int32)
    days_left = np.tile(SNAPSHOTS, bookings)
    gaps = rng.random(bookings)
    x = pd.DataFrame(
        {
            "lead_time": lead[booking],
            "hotel": _category(hotel, ["City Hotel", "Resort Hotel"])[booking],
            "market_segment": _category(segment, ["Corporate", "Direct", "Groups", "Offline", "Online"])[
                booking
            ],
            "customer_type": _category(np.where(gaps < 0.1, -1, gaps > 0.8), ["Group", "Transient"])[booking],
            "agent": _category(agent, [f"{number}" for number in range(100)])[booking],
            "trend": np.where(gaps > 0.9, np.nan, trend)[booking],
            "is_repeated_guest": (rng.random(bookings) < 0.03).astype(float)[booking],
            "days_left": days_left.astype(float),
        }
    )
    key = np.arange(bookings, dtype=np.uint64)[booking] * np.uint64(2**40 + 15)
    made = Rows(x, y[booking].astype(float), (arrival - days_left).astype(np.int32), arrival, key, key)
    return made, np.full(len(x), 1 / len(SNAPSHOTS))


def _category(codes: np.ndarray, levels: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes.astype(int), levels)


def save_all(folder: Path) -> None:
    """Artefact, and predictions of other rows, of every option."""
    from vispera.model.artefact import write

    learned, weights = rows()
    asked = rows(seed=1)[0].x
    for name in OPTIONS:
        fitted = option(name).fit(learned, weights)
        write(folder / name, fitted, problem="learnable", run=folder.name, trained_until="2017-01-01")
        predicted = fitted.predict(asked)
        np.save(folder / f"{name}.npy", np.stack([predicted.raw, predicted.p]))


if __name__ == "__main__":
    save_all(Path(sys.argv[1]))
