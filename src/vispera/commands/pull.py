"""``vispera pull``: a version by the name of its alias, checked, in a folder from which lists are made.

history, checked -> the entry -> its version, every hash -> hidden: loaded once -> its place -> CURRENT
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vispera.commands.named import Named
from vispera.errors import UsageError
from vispera.invocation import Invocation
from vispera.model import artefact
from vispera.registry import Alias, Registry
from vispera.registry.chain import wanted
from vispera.registry.entry import Entry
from vispera.registry.pulled import Pulled, put, read_pulled


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera pull`` takes; ``version``, if it is given, stands for the alias."""

    registry: Registry
    problem: Named
    alias: Alias = "champion"
    version: int | None = None
    to: Path | None = None

    def __post_init__(self):
        if self.version is not None and self.version < 1:
            raise UsageError(f"version={self.version}: wanted 1 or more; vispera production tells which")


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the folder holds what was asked for; ContractBroken, and nothing changed, if it is damaged."""
    if arguments.to is None:
        raise UsageError("to has no value; type to=FOLDER, such as to=production")
    place = arguments.to.expanduser().absolute()
    history = arguments.registry.history(arguments.problem.name)
    entry = wanted(history, arguments.problem.name, arguments.alias, arguments.version)
    folder, written = put(entry, arguments.registry.fetch(entry), place, artefact.read)
    _, card = read_pulled(place)
    print(*lines(entry, card, folder, written), sep="\n")
    return 0


def lines(entry: Entry, card: Pulled, folder: Path, written: bool) -> Iterator[str]:
    """What was pulled, who let it be used, and where it lies."""
    yield (
        f"{entry.problem}: version {entry.version}, {card.recipe}, which {entry.by} made {entry.alias} on "
        + (f"{entry.at[:10]}: {entry.reason}")
    )
    yield f"  run      {entry.run}, trained until {card.trained_until}"
    yield f"  checked  {len(card.files)} files and their hashes, and the model loads"
    yield f"  folder   {folder}{'' if written else ', which was there already: nothing new'}"
    of = [] if entry.problem == "simulated" else [f"problem={entry.problem}"]
    words = shlex.join(["vispera", "score", *of, f"artefact={folder.parent}"])
    yield f"  next     {words} extract=FILE night=DATE"
