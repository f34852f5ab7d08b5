"""A table in a shape of its own, and the YAML that makes it a problem: what several tests read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vispera.clock import day

CLINIC = """
defaults: [table, _self_]
name: clinic
rename:
  {reservada: booking_date, cita: arrival_date, baja: outcome_date, medico: doctor, edad: age, precio: fee}
cancelled_when: {estado: [anulada, no vino]}
date_format: "%d/%m/%Y"
schema:
  columns:
    booking: {category: [doctor], integer: [age]}
    mutable: {number: [fee]}
  unit: [booking_date, arrival_date, doctor, age]
  entities: [doctor]
  nullable: [fee]
decision:
  costs:
    {call: 1, reached: 0.5, persuaded: 0.5, talked_out: 0, margin: 1, resale_ceiling: 0.5, resale_days: 2}
split: {nights: 20, tuning: 2}
"""


def written(days: np.ndarray) -> pd.Index:
    """Day numbers as the clinic writes dates."""
    return pd.to_datetime(days, unit="D").strftime("%d/%m/%Y")


def appointments(rows: int = 3000, seed: int = 0) -> pd.DataFrame:
    """Appointments of a clinic in a shape of their own, Spanish names, words and dates."""
    rng = np.random.default_rng(seed)
    visit = day("2020-01-01") + rng.integers(0, 300, rows)
    lead = rng.integers(1, 40, rows)
    gone = rng.random(rows) < 0.25
    notice = np.minimum(rng.integers(0, 10, rows), lead)
    return pd.DataFrame(
        {
            "reservada": written(visit - lead),
            "cita": written(visit),
            "baja": np.where(gone, written(visit - notice), ""),
            "medico": rng.choice(["Ana", "Luis", "Íñigo"], rows),
            "edad": rng.integers(18, 90, rows),
            "precio": np.round(rng.gamma(5, 10, rows), 2),
            "estado": np.where(gone, rng.choice(["anulada", "no vino"], rows), "atendida"),
        }
    )
