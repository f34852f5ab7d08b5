"""SEAM: which version of a model is in use, who made it so and why; one option a file, in conf/registry/.

Versions are numbered and never change. Aliases (champion, challenger, shadow) name one of them at a time, and
what they name follows from the history alone: entries that are only ever added, each with the hash of the
one before it, so that what was edited, taken out or put elsewhere is seen (`vispera.registry.chain`).

What each option promises when two add an entry at once, both having seen the same history, or one is killed:

======  ==========================================  ==========================================================
        folder                                      wandb
======  ==========================================  ==========================================================
adding  an entry appears in one step, only if none  the server takes both, one after the other; the second
        has its number                              never counts, for any reader
told    before anything is changed                  afterwards: Declined, and what it left counts nowhere
order   of the numbers                              of the server, which numbers what it takes
killed  as before or as after                       as before or as after; W&B's own aliases may be behind,
                                                    of which `history` warns, until `mend` or the next entry
seen    what was edited, taken out or put           the same
        elsewhere; not a tail that was cut off
======  ==========================================  ==========================================================
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

    @property
    def name(self) -> str:
        """Word that is typed for it."""
        ...

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
        history knows. Declined, and no entry counts that did not, if somebody else added one meanwhile.
        """
        ...

    def fetch(self, entry: Entry) -> Package:
        """The version that an entry names, every hash checked against the entry; ContractBroken otherwise."""
        ...


@runtime_checkable
class Shown(Protocol):
    """A registry whose aliases stand a second time where others see them, and where others can move them."""

    def mend(self, problem: str) -> list[str]:
        """What did not show what the history says, a line each; it does now."""
        ...
