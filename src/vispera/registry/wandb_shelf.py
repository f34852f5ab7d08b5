"""What W&B holds of one problem: versions, entries, and what aliases name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from vispera.errors import ContractBroken, VisperaError
from vispera.registry.chain import name_of, present, unchanged
from vispera.registry.entry import Entry
from vispera.registry.version import CARD, Card, Package, read_card
from vispera.registry.wandb_history import Taken, counting
from vispera.registry.wandb_server import Server, index_of
from vispera.registry.wandb_upload import Parcel

MODEL, HISTORY = "model", "history"
"""Types of the collections, and how their names begin."""
SHOWN = ("champion", "challenger", "shadow")
ATTEMPTS = 5
"""How often aliases are moved anew because the history went on meanwhile."""


@dataclass(frozen=True)
class Shelf:
    """One problem's collections on a server."""

    server: Server
    problem: str

    @property
    def models(self) -> str:
        """Name of the collection of its versions."""
        return self.server.path(f"{MODEL}-{self.problem}")

    @property
    def linked(self) -> str | None:
        """Name of the collection that they are linked into; None if there is none."""
        return self.server.target(self.problem)

    def counted(self) -> list[tuple[Taken, Entry]]:
        """Entries that count, with the versions that hold them; ContractBroken as `counting` tells."""
        path = self.server.path(f"{HISTORY}-{self.problem}")
        return counting(self.problem, [_taken(one) for one in self.server.versions(HISTORY, path)])

    def entries(self) -> list[Entry]:
        """Entries that count."""
        return [entry for _, entry in self.counted()]

    def versions(self) -> list[tuple[Any, Card]]:
        """Versions with their cards; what was not put there by a promotion is left out."""
        found = []
        for one in self.server.versions(MODEL, self.models):
            with suppress(ContractBroken):
                found.append((one, read_card(_text(one, "card").encode(errors="replace"), one.name)))
        return found

    def seals(self) -> dict[str, str]:
        """Seal of everything in the collection of versions, by name; "" for what has no card."""
        found = self.server.versions(MODEL, self.models)
        return {one.qualified_name: _seal(card) if (card := _text(one, "card")) else "" for one in found}

    def holder(self, entry: Entry) -> Any:
        """The version whose card has the seal of an entry; ContractBroken if there is none."""
        for one, card in self.versions():
            if sha256(card.content).hexdigest() == entry.seal:
                return one
        raise ContractBroken(
            f"version {entry.version} of {self.problem} is not in {self.models} as it was: it was "
            "deleted there, or its metadata were edited"
        )

    def parcel_of(self, card: Card, package: Package) -> Parcel:
        """A package as it becomes a version."""
        about = {name: getattr(card, name) for name in ("number", "run", "recipe", "model", "trained_until")}
        return Parcel(
            kind=MODEL,
            collection=f"{MODEL}-{self.problem}",
            files={**package.files, CARD: card.content},
            metadata={"card": card.content.decode(), **about},
            words=f"version {card.number} of {self.problem}: {package.recipe}, run {package.run}",
        )

    def parcel_of_entry(self, entry: Entry) -> Parcel:
        """An entry as it becomes a version of the history."""
        return Parcel(
            kind=HISTORY,
            collection=f"{HISTORY}-{self.problem}",
            files={name_of(entry.number): entry.content},
            metadata={"entry": entry.content.decode()},
            words=f"{entry.number}: {entry.action} {entry.alias} {entry.was} -> {entry.version}; {entry.by}",
        )

    def won(self, mine: int, seen: Sequence[Entry]) -> None:
        """Nothing, if the entry that was taken as ``mine`` counts; Declined if another one came before it."""
        counted = self.counted()
        if any(taken.index == mine for taken, _ in counted):
            return
        unchanged([entry for _, entry in counted], seen)
        raise VisperaError(
            f"W&B has taken the entry and does not list it: until it does {self.problem} is as before; look "
            "with vispera production, then type the same again"
        )

    def astray(self, entries: Sequence[Entry]) -> Iterator[str]:
        """A line for each alias in W&B that does not name what the history says."""
        for path, named in self._named():
            for alias in SHOWN:
                entry, there = present(entries, alias), named.get(alias)
                wanted = None if entry is None else entry.seal
                if there != wanted:
                    says = "nothing" if entry is None else f"version {entry.version}"
                    yield f"W&B: {alias} of {path} does not name what the history says, which is {says}"

    def _named(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Seal of the version that each alias names, by collection."""
        for path in filter(None, (self.models, self.linked)):
            named: dict[str, str] = {}
            for one in self.server.versions(MODEL, path):
                named |= dict.fromkeys(one.aliases, _seal(_text(one, "card")))
            yield path, named

    def point(self) -> None:
        """Move every alias to the version that the history lets it name; again, if it went on meanwhile."""
        for _ in range(ATTEMPTS):
            entries = self.entries()
            self._point(entries)
            if self.entries() == entries:
                return

    def _point(self, entries: Sequence[Entry]) -> None:
        holders = {sha256(card.content).hexdigest(): one for one, card in self.versions()}
        for entry in filter(None, (present(entries, alias) for alias in SHOWN)):
            if (one := holders.get(entry.seal)) is not None:
                aliases = [f"version-{entry.version}", entry.alias]
                self.server.name(one, aliases)
                if self.linked:
                    self.server.link(one, self.linked, aliases)


def _taken(version: Any) -> Taken:
    entry = version.metadata.get("entry")
    return Taken(
        name=version.qualified_name,
        index=index_of(version),
        entry=entry if isinstance(entry, str) else None,
        digest=version.digest,
    )


def _seal(card: str) -> str:
    return sha256(card.encode(errors="replace")).hexdigest()


def _text(version: Any, key: str) -> str:
    """A text among the metadata of a version; empty if it has none."""
    found = version.metadata.get(key)
    return found if isinstance(found, str) else ""
