"""Published lists made again without something that is to be forgotten, and the old ones taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from vispera.alone import alone
from vispera.current import pointed
from vispera.errors import ContractBroken
from vispera.files import write_folder
from vispera.handoff.folder import point_to, sealed, sweep, take_away, with_lines
from vispera.handoff.manifest import About
from vispera.handoff.published import Published, folders, read

Change = Callable[[Published], tuple[Mapping[str, bytes], About] | None]
"""What a list is to become: its files, ``list.csv`` among them, and what is said of them; None: it stays."""


def rewrite(place: Path, change: Change) -> tuple[str, ...]:
    """Names of the folders that are gone, since a change was due to them; no reader ever finds nothing.

    A folder is never changed. The last one of a night has a successor, with the next number and the change;
    the earlier ones of that night just go. ``CURRENT`` is moved on before the folder goes that it names.
    After a kill on the way each folder is as it was or gone, and the same again ends it.

    Raises
    ------
    ContractBroken
        If a folder is not what was written, before anything is touched: nobody can say what is in it.
    """
    place = Path(place)
    if not place.is_dir():
        return ()
    with alone(place, "publishes into"):
        sweep(place)
        due = [(*one, change(_read(place, *one))) for one in folders(place)]
        return tuple(name for _, night in groupby(due, itemgetter(0)) for name in _night(place, [*night]))


def _read(place: Path, night: str, number: int) -> Published:
    folder = place / f"{night}-{number}"
    try:
        return read(folder)
    except FileNotFoundError as missing:
        raise ContractBroken(f"{missing.filename} is missing; take its folder away: rm -r {folder}") from None


def _night(place: Path, due: list[tuple[str, int, tuple[Mapping[str, bytes], About] | None]]) -> list[str]:
    """Names of the folders of one night that are gone; the last of ``due`` is the last of them."""
    night, number, changed = due[-1]
    gone = [f"{night}-{one}" for _, one, change in due if change is not None]
    if changed is not None:
        number += 1
        files, rows = with_lines(*changed)
        write_folder(place / f"{night}-{number}", sealed(files, changed[1], number, rows))
    with suppress(ContractBroken):  # a damaged CURRENT is put right by the next that publishes
        if (now := pointed(place)) is not None and now.name in gone:
            point_to(place / f"{night}-{number}")
    for name in gone:
        take_away(place / name)
    return gone
