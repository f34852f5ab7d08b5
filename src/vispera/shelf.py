"""A folder of entries with a bound on its size: those that were not used for longest go first.

An entry is a folder of files named by 32 hexadecimal digits; hidden, it is being written or taken away.
Nothing else in the folder is touched.
"""

from __future__ import annotations

import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from vispera.clock import now

IN_USE = 600
"""Seconds since its last use in which no entry is taken away."""
ABANDONED = 3600
"""Seconds after which a hidden entry belongs to a process that was killed."""
NAME = re.compile(r"\.?[0-9a-f]{32}(\.\w+)*")


def make_room(folder: Path, most_bytes: int) -> int:
    """Bytes that the entries of a folder take after those not used for longest have gone.

    None goes that was used in the last ten minutes, so that it may be more than ``most_bytes``. What killed
    writers left behind goes in any case.
    """
    entries = _entries(folder)
    total = sum(size for _, size, _ in entries)
    for idle, size, place in entries:
        abandoned = place.name.startswith(".") and idle > ABANDONED
        superfluous = not place.name.startswith(".") and idle > IN_USE and total > most_bytes
        if abandoned or superfluous:
            _remove(place)
            total -= size
    return total


def _entries(folder: Path) -> list[tuple[float, int, Path]]:
    """Seconds since its last use, size and path of each entry, the one not used for longest first."""
    found, present = [], now().timestamp()
    for place in folder.iterdir() if folder.is_dir() else ():
        if NAME.fullmatch(place.name) and place.is_dir():
            with suppress(FileNotFoundError):  # somebody else makes room too
                states = [place.stat(), *(file.stat() for file in place.iterdir())]
                last_use = max(state.st_mtime for state in states)
                found.append((present - last_use, sum(state.st_size for state in states[1:]), place))
    return sorted(found, reverse=True)


def _remove(place: Path) -> None:
    """Take an entry away, whole to every reader until it is gone."""
    gone = place.with_name(f".{place.name.strip('.')}.{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):
        place.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
