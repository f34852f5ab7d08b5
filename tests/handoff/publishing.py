"""Publishes in a process of its own, and dies just before the file operation that is asked for.

python publishing.py PLACE NIGHT UNITS KIND KEEP [AT]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from handed import handed

WRITES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
DIED = 77


def dies(place: str, at: int) -> None:
    """Let this process end, without any goodbye, at one of its writes below a place."""
    seen = 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal seen
        opened = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
        if (opened or event in WRITES) and str(arguments[0]).startswith(place):
            seen += 1
            if seen == at:
                os._exit(DIED)

    sys.addaudithook(watch)


if __name__ == "__main__":
    place, night, units, kind, keep, *at = sys.argv[1:]
    if at:
        dies(place, int(at[0]))
    done = handed(Path(place), night, range(int(units)), kind, int(keep))  # type: ignore[arg-type]
    print(done.outcome, done.folder.name)
