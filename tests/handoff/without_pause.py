"""Publishes list after list, three a night, until it is ended: python without_pause.py PLACE."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from handed import handed
from vispera.clock import day, iso

if __name__ == "__main__":
    for number in count():
        handed(Path(sys.argv[1]), iso(day("2017-03-16") + number // 3), range(number % 3 + 2), keep=14)
