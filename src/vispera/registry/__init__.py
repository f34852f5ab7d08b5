"""SEAM: which version of a model is in use, who made it so and why; one option a file, in conf/registry/.

Versions are numbered and never change. Aliases (champion, challenger, shadow) name one of them at a time, and
what they name follows from the history alone: entries that are only ever added, each with the hash of the
one before it, so that what was edited, taken out or put elsewhere is seen (`vispera.registry.chain`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, get_args, runtime_checkable

from vispera.registry.entry import Deed, Entry
from vispera.registry.version import Package

Alias = Literal["champion", "challenger", "shadow"]
ALIASES: tuple[str, ...] = get_args(Alias)
"""champion: whose list is called; challenger: would be next; shadow: scores beside it, and nobody acts."""


@runtime_checkable
class Registry(Protocol):
    """An option of conf/registry/; it serves any number of problems."""

    name: str

    def history(self, problem: str) -> list[Entry]:
        """Every entry, oldest first, the chain checked; none where nobody promoted anything yet.

        ContractBroken with a line for each entry that was edited, taken out or put elsewhere.
        """
        ...

    def append(
        self, problem: str, deed: Deed, seen: Sequence[Entry], package: Package | None = None
    ) -> Entry:
        """The entry that was added behind those that were ``seen``, and the package's version with it.

        A package that is there already keeps its number; without one the deed names a version that the
        history knows. Declined, and nothing is changed, if somebody else added an entry meanwhile.
        """
        ...

    def fetch(self, entry: Entry) -> Package:
        """The version that an entry names, every hash checked against the entry; ContractBroken otherwise."""
        ...
