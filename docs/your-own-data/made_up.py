"""``python made_up.py FILE``: bookings of four guesthouses that do not exist, as Spanish Excel saves them.

Nobody was asked and nothing measured: the numbers show what a file looks like, and how one is described.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

HOUSES = {"El Molino": 95.0, "La Fuente": 80.0, "Los Álamos": 120.0, "El Pajar": 65.0}
CHANNELS = {"Portal": 1.0, "Agencia": 0.3, "Web": 0.0, "Teléfono": -0.5}
FIRST = np.datetime64("2023-01-01", "D")
DAYS = 730


def bookings(rows: int = 3600, seed: int = 0) -> pd.DataFrame:
    """The table, one row a booking, in the order in which it was made."""
    rng = np.random.default_rng(seed)
    season = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(DAYS) - 110) / 365)
    arrival = FIRST + rng.choice(DAYS, rows, p=season / season.sum())
    lead = np.minimum(rng.gamma(1.2, 40, rows).astype(int), 300)
    house = rng.choice(list(HOUSES), rows)
    channel = rng.choice(list(CHANNELS), rows, p=[0.45, 0.1, 0.3, 0.15])
    deposit = rng.random(rows) < np.where(channel == "Portal", 0.15, 0.6)
    adults, children = rng.integers(1, 7, rows), rng.poisson(0.6, rows)
    risk = -2.6 + np.vectorize(CHANNELS.get)(channel) + 0.008 * lead - 1.3 * deposit - 0.2 * children
    ends = rng.random(rows)
    chance = 1 / (1 + np.exp(-risk))
    cancelled = ends < 0.85 * chance
    absent = ~cancelled & (ends < chance)
    told = arrival - np.minimum((lead * rng.beta(0.7, 1.8, rows)).astype(int), lead)
    price = np.vectorize(HOUSES.get)(house) * rng.normal(1.0, 0.1, rows) * np.where(adults > 4, 1.3, 1.0)
    hour = rng.integers(15, 22, rows).astype(str)
    table = pd.DataFrame(
        {
            "Fecha reserva": arrival - lead,
            "Entrada": arrival,
            "Noches": rng.integers(1, 8, rows),
            "Casa": house,
            "Canal": channel,
            "Adultos": adults,
            "Niños": children,
            "Señal": np.where(deposit, "Sí", "No"),
            "Precio noche": [f"{value:.2f}".replace(".", ",") for value in price],
            "Hora llegada": np.where(cancelled | absent, "", np.char.add(hour, ":30")),
            "Estado": np.select([cancelled, absent], ["Anulada", "No presentado"], "Alojado"),
            "Fecha anulación": told,
        }
    ).sort_values("Fecha reserva", kind="stable")
    for name in ("Fecha reserva", "Entrada", "Fecha anulación"):
        table[name] = table[name].dt.strftime("%d/%m/%Y")
    table.loc[table["Estado"] != "Anulada", "Fecha anulación"] = ""
    return mislaid(table.reset_index(drop=True))


def mislaid(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what no real one is without: days that nobody wrote down, and swapped dates."""
    forgotten = np.flatnonzero(table["Estado"] == "Anulada")[::100]
    table.loc[forgotten, "Fecha anulación"] = ""
    swapped = np.flatnonzero(table["Estado"] == "Alojado")[5::1000]
    table.loc[swapped, ["Fecha reserva", "Entrada"]] = ["15/06/2024", "15/05/2024"]
    return table


def as_excel_saves(table: pd.DataFrame) -> bytes:
    """Semicolons between the columns, Windows' line ends, cp1252."""
    return table.to_csv(index=False, sep=";", lineterminator="\r\n").encode("cp1252")


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(as_excel_saves(bookings()))
