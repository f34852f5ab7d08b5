"""Takes a unit out of every list, in this process or in one that dies at a write: PLACE UNIT AT."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from dying import dies
from vispera.handoff import rewrite, write_rows
from vispera.handoff.rewrite import Change


def without(unit: str) -> Change:
    """The change that leaves out the row of a unit."""

    def change(published):
        rows = [row for row in published.rows if row["unit"] != unit]
        if len(rows) == len(published.rows):
            return None
        control = sum(row["arm"] == "control" for row in rows)
        files = {"list.csv": write_rows(list(published.columns), rows)}
        return files, replace(published.about, control=control)

    return change


if __name__ == "__main__":
    place, unit, at = sys.argv[1:]
    dies(place, int(at))
    rewrite(Path(place), without(unit))
