"""One process at a time in a folder: the others wait, or are told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vispera.progress import Progress


@contextmanager
def alone(folder: Path, doing: str) -> Iterator[None]:
    """Holds a folder against others that do the same, after waiting for one that does.

    The lock is on the folder itself: it leaves no file, and ends with the process, however that ends.
    ``doing`` tells what is waited for, as in ``fetches into``.
    """
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with Progress(label="wait") as progress:
                progress.step(f"wait for another process that {doing} {folder}")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: two may hinder each other, and the checks still hold
            pass
        yield
    finally:
        os.close(descriptor)
