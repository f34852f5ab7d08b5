"""Published lists without a guest: successors without their rows, and the folders that held them gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vispera.forgetting.guest import Guest
from vispera.forgetting.look import UNREAD, Look, look_at
from vispera.forgetting.sifting import lists
from vispera.handoff import About, Published, read_rows, rewrite
from vispera.handoff.published import LINES, LIST, folders, read
from vispera.money.sheet import CONTROL


def look(place: Path, guest: Guest) -> Look:
    """What the published lists of a place hold of a guest; a damaged folder is a fault."""
    held, faults = [], []
    for night, number in folders(place):
        name = f"{night}-{number}"
        try:
            published = read(place / name)
        except UNREAD as damage:
            faults.append(" ".join(str(damage).split()))
            continue
        held.append((f"{name}/{LISTED}", lambda content=published.files[LIST]: content))
    found = look_at(held, guest, pending=bool([*place.glob(".*.tmp")]))
    return replace(found, faults=(*faults, *found.faults))


LISTED = "lists.csv"
"""By what name `vispera.forgetting.sifting` knows a list."""


def clean(place: Path, guest: Guest) -> None:
    """Take the guest off every list; ContractBroken, and nothing changed, if one is damaged."""

    def change(published: Published) -> tuple[Mapping[str, bytes], About] | None:
        sifted = lists(published.files[LIST], guest)
        if sifted.content is None:
            return None
        rest = {name: content for name, content in published.files.items() if name not in (LIST, LINES)}
        control = sum(row.get("arm") == CONTROL for row in read_rows(sifted.content)[1])
        return {**rest, LIST: sifted.content}, replace(published.about, control=control)

    rewrite(place, change)
