"""A list published whole or not at all, and old ones taken away."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vispera.alone import alone
from vispera.clock import day
from vispera.current import pointed
from vispera.errors import ContractBroken
from vispera.files import write_folder
from vispera.handoff.folder import point_to, sealed, sweep, take_away, with_lines
from vispera.handoff.manifest import About
from vispera.handoff.published import FOLDER, Published, folders, read

LEAST_DAYS = 14
"""Nights for which lists are kept whatever is asked for: a unit that was listed must not be called again."""

Outcome = Literal["published", "unchanged", "list_stands", "later_stands"]
"""What became of a list.

``published``: a new folder. ``unchanged``: the last folder of that night holds the same. ``list_stands``: it
is a fallback, and that night has a list. ``later_stands``: readers were already pointed to a later night.
"""


@dataclass(frozen=True)
class Publication:
    """What publishing came to: the folder that ``CURRENT`` names now, and what became of the list."""

    folder: Path
    outcome: Outcome

    @property
    def new(self) -> bool:
        """True if a folder was added."""
        return self.outcome == "published"

    @property
    def sentence(self) -> str:
        """The same in one line, for a person."""
        return {
            "published": f"published: {self.folder}",
            "unchanged": f"nothing new: {self.folder} holds the same",
            "list_stands": f"not published: a fallback never supersedes a list, and {self.folder} is one",
            "later_stands": f"not published: CURRENT names {self.folder}, and never goes back",
        }[self.outcome]


def publish(place: Path, files: Mapping[str, bytes], about: About, keep_days: int) -> Publication:
    """The folder of a list, which ``CURRENT`` names; whoever is killed on the way leaves the old or the new.

    Parameters
    ----------
    place
        ``handoff/<problem>``; made if it is not there. Others that publish into it wait.
    files
        ``list.csv`` as bytes, with a column ``unit`` of 16 hexadecimal digits, and further files by name.
        ``list.jsonl`` and the two manifests are made here, of the same rows.
    about
        What the manifest says besides.
    keep_days
        Nights before the one that ``CURRENT`` names, for which folders are kept; at least 14 are.

    Raises
    ------
    ValueError
        If the bytes are not those of a list with the columns that ``about`` names.
    """
    place = Path(place)
    files, rows = with_lines(files, about)
    place.mkdir(parents=True, exist_ok=True)
    with alone(place, "publishes into"):
        sweep(place)
        publication = _publish(place, files, about, rows)
        _retire(place, publication.folder, max(keep_days, LEAST_DAYS))
    return publication


def _publish(place: Path, files: Mapping[str, bytes], about: About, rows: int) -> Publication:
    """What becomes of a list, now that nobody else publishes."""
    standing = _standing(place)
    if standing is not None and standing[0] > about.night:
        return Publication(place / "-".join(map(str, standing)), "later_stands")
    taken = [number for night, number in (*folders(place), standing or ("", 0)) if night == about.night]
    last = max(taken, default=0)
    if last and _holds(place / f"{about.night}-{last}", sealed(files, about, last, rows)):
        return Publication(point_to(place / f"{about.night}-{last}"), "unchanged")
    if last and about.kind == "fallback" and _is_whole_list(place / f"{about.night}-{last}"):
        return Publication(point_to(place / f"{about.night}-{last}"), "list_stands")
    name = f"{about.night}-{last + 1}"
    write_folder(place / name, sealed(files, about, last + 1, rows))
    return Publication(point_to(place / name), "published")


def _standing(place: Path) -> tuple[str, int] | None:
    """Night and number that readers are pointed to; of the last folder where ``CURRENT`` cannot tell."""
    with suppress(ContractBroken):  # a damaged one is put right when a list is published
        if (now := pointed(place)) is not None and (match := FOLDER.fullmatch(now.name)):
            return match[1], int(match[2])
    return folders(place)[-1] if folders(place) else None


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """True if a folder holds these files, byte for byte."""
    try:
        return all((folder / name).read_bytes() == content for name, content in files.items())
    except FileNotFoundError:
        return False


def _is_whole_list(folder: Path) -> bool:
    """True if a reader can read a list there; a damaged one is no reason to withhold a fallback."""
    return (found := _whole(folder)) is not None and found.kind == "list"


def _whole(folder: Path) -> Published | None:
    with suppress(ContractBroken, FileNotFoundError):
        return read(folder)
    return None


def _retire(place: Path, current: Path, days: int) -> None:
    """Take away the folders of nights that are more days back than the current one's."""
    oldest = day(current.name[:10]) - days
    for night, number in folders(place):
        if day(night) < oldest:
            take_away(place / f"{night}-{number}")
