"""The registry in Weights & Biases: for a team whose machines see no common folder.

    <entity>/<project>/model-<problem>:v0, v1, ...     a version each: what the run left, and version.json
    <entity>/<project>/history-<problem>:v0, v1, ...   an entry each, see `vispera.registry.wandb_history`
    <target>/<problem>                                 links to versions, and the aliases again

Package, entry, aliases, in this order. What counts is the entry. An alias in W&B shows what the history says;
it is behind when a promotion was stopped half way, and beside when somebody has moved it by hand: ``history``
warns of both, and the next ``append`` or ``mend`` moves it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256

from vispera.errors import ContractBroken, UsageError, VisperaError
from vispera.registry.chain import known, named, unchanged
from vispera.registry.entry import Deed, Entry, entered
from vispera.registry.version import Card, Package, card_of, read_package
from vispera.registry.wandb_download import FILES, download
from vispera.registry.wandb_server import Where, connected
from vispera.registry.wandb_shelf import Shelf
from vispera.registry.wandb_upload import upload
from vispera.wandb_session import end_service

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WandbRegistry(Where):
    """See conf/registry/wandb.yaml."""

    name: str = "wandb"

    def __post_init__(self):
        told = [
            f"registry.{name}={getattr(self, name):g}: wanted seconds above 0; W&B takes 0 for ever"
            for name in ("timeout", "transfer_timeout")
            if getattr(self, name) <= 0
        ]
        if (self.target or "").rpartition("/")[2] == self.project:
            told.append(f"registry.target={self.target}: wanted null, or not the registry's own project")
        if told:
            raise UsageError(*told)

    def history(self, problem: str) -> list[Entry]:
        """Every entry that counts, oldest first; a warning for each alias in W&B that does not show it."""
        with self._shelf(problem) as shelf:
            entries = shelf.entries()
            try:
                told = list(shelf.astray(entries))
            except VisperaError as refusal:  # what counts is known
                told = [f"aliases in W&B were not looked at: {refusal}"]
                end_service()
        for line in told:
            log.warning("%s; vispera goes by the history", line)
        return entries

    def append(
        self, problem: str, deed: Deed, seen: Sequence[Entry], package: Package | None = None
    ) -> Entry:
        """The entry that was added; Declined if another one was there before it, be it after the fact.

        VisperaError if the server did not answer to all of it; the line tells what counts then.
        """
        with self._shelf(problem) as shelf:
            unchanged(shelf.entries(), seen)
            parcels = []
            if package is None:
                last = known(seen, deed.version)
                version, run, seal = last.version, last.run, last.seal
            else:
                card = self._kept(shelf, package, seen)
                if card is None:
                    card = card_of(_next(shelf, seen), package)
                    parcels.append(shelf.parcel_of(card, package))
                version, run, seal = card.number, card.run, sha256(card.content).hexdigest()
            entry = entered(problem, deed, seen, version, run, seal)
            with self.scratch() as place:
                parcels.append(shelf.parcel_of_entry(entry))
                *_, mine = upload(self, shelf.server.entity, deed.action, parcels, place)
            shelf.won(mine, seen)
            try:
                shelf.point()
            except VisperaError as refusal:
                raise VisperaError(
                    f"version {version} is the {deed.alias} of {problem}: the history says so, and counts; "
                    f"but aliases in W&B do not all show it yet: {refusal}"
                ) from None
        return entry

    def fetch(self, entry: Entry) -> Package:
        """The version that an entry names, from the server; ContractBroken with all that is not as it was."""
        with self._shelf(entry.problem) as shelf:
            name = shelf.holder(entry).qualified_name
        return self.read(name, entry.seal)

    def mend(self, problem: str) -> list[str]:
        """What aliases in W&B did not show of the history, a line each; they do now."""
        with self._shelf(problem) as shelf:
            told = list(shelf.astray(shelf.entries()))
            if told:
                shelf.point()
        return told

    @contextmanager
    def _shelf(self, problem: str) -> Iterator[Shelf]:
        named(problem)
        with connected(self) as server:
            yield Shelf(server, problem)

    def versions(self, problem: str) -> dict[str, str]:
        """Seal that each version of a problem gives itself, by its name in W&B; "" if it gives none."""
        with self._shelf(problem) as shelf:
            return shelf.seals()

    def _kept(self, shelf: Shelf, package: Package, seen: Sequence[Entry]) -> Card | None:
        """Card of the version that holds the package already, whole; None if there is none."""
        for version, card in reversed(shelf.versions()):
            seal = sha256(card.content).hexdigest()
            taken = any(entry.version == card.number and entry.seal != seal for entry in seen)
            if card.run == package.run and not taken:
                with suppress(ContractBroken):  # one that was damaged is no such version
                    if self.read(version.qualified_name, seal).same_as(package):
                        return card
        return None

    def read(self, name: str, seal: str) -> Package:
        """A version of W&B's, every hash checked; ContractBroken with all that does not fit."""
        with self.scratch() as place:
            against = download(self, name, place)
            try:
                found = read_package(place / FILES, seal)[1]
            except ContractBroken as refusal:
                faults = (fault.replace(str(place / FILES), name) for fault in refusal.faults)
                raise ContractBroken(*faults) from None
        if against:
            raise ContractBroken(f"{name} is not what W&B says that it took: {against}")
        return found


def _next(shelf: Shelf, seen: Sequence[Entry]) -> int:
    """The number that no version has yet."""
    return 1 + max([0, *(card.number for _, card in shelf.versions()), *(entry.version for entry in seen)])
