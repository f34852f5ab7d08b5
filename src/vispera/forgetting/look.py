"""What a look at some files finds of a guest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from vispera.errors import VisperaError
from vispera.forgetting.guest import Guest
from vispera.forgetting.sifting import SIFTERS

Files = Iterable[tuple[str, Callable[[], bytes]]]
"""Names of files, and how each is read."""
UNREAD = (ValueError, KeyError, TypeError, OSError, EOFError, RecursionError, VisperaError)
"""What a damaged file raises; the errors of pyarrow, of JSON and of text are among them."""


@dataclass(frozen=True)
class Look:
    """What was found.

    Attributes
    ----------
    files
        How many were looked at.
    rows, untold
        As of `vispera.forgetting.sifting.Sifted`, of all of them.
    pending
        Whether a process that was killed has left something to be done here.
    hashes
        sha256 of each file, by name.
    faults
        Why some could not be read.
    """

    files: int = 0
    rows: int = 0
    untold: int = 0
    pending: bool = False
    hashes: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def look_at(files: Files, guest: Guest, pending: bool = False) -> Look:
    """What some files hold of a guest; one that cannot be read is a fault, and the others are read."""
    count = rows = untold = 0
    hashes, faults = {}, []
    for name, content_of in files:
        count += 1
        try:
            content = content_of()
            sifted = SIFTERS[name.rpartition("/")[2]](content, guest)
        except UNREAD as damage:
            faults.append(f"{name} cannot be read: {' '.join(str(damage).split())}")
            continue
        hashes[name] = sha256(content).hexdigest()
        rows, untold = rows + sifted.rows, untold + sifted.untold
    return Look(count, rows, untold, pending, hashes, tuple(faults))
