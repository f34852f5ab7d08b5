"""Publishes in a process of its own, and dies just before the file operation that is asked for.

python publishing.py PLACE NIGHT UNITS KIND KEEP [AT]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from dying import dies
from handed import handed

if __name__ == "__main__":
    place, night, units, kind, keep, *at = sys.argv[1:]
    if at:
        dies(place, int(at[0]))
    done = handed(Path(place), night, range(int(units)), kind, int(keep))  # type: ignore[arg-type]
    print(done.outcome, done.folder.name)
