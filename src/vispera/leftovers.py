"""What processes that were killed could not take away, and the command that does."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

PATTERNS = (".*.starting", ".*.tmp", ".????????????????.????????*")
"""Names of runs that were about to begin, of files being written, and of tables being made canonical."""
MINUTES = 10
"""Age below which such a thing may still be in use: each is there for a few seconds at most."""


def leftovers(folders: Iterable[Path]) -> list[Path]:
    """Files and folders with such names below the given ones, older than ten minutes, sorted."""
    before = time.time() - 60 * MINUTES
    return sorted(path for folder in folders for path in _named(folder) if _changed(path) < before)


def removal(folders: Iterable[Path]) -> str:
    """The shell command that takes them away, and nothing younger."""
    places = " ".join(shlex.quote(str(folder)) for folder in folders if folder.is_dir())
    names = " -o ".join(f"-name '{pattern}'" for pattern in PATTERNS)
    return f"find {places} \\( {names} \\) -mmin +{MINUTES} -exec rm -rf {{}} +"


def _named(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        found = [name for name in (*folders, *files) if any(fnmatch(name, pattern) for pattern in PATTERNS)]
        folders[:] = [name for name in folders if name not in found]  # what is in them goes with them
        yield from (Path(place, name) for name in found)


def _changed(path: Path) -> float:
    """When it was last changed; for ever from now if it has gone meanwhile."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return float("inf")
