"""The history in W&B: which versions of its collection count, in the order in which the server took them.

Nobody is kept from adding an entry behind one that another has just added. Both are taken; the first one
counts, and the other never does: it follows an entry that was followed already. Every reader finds the same
ones, since the order of versions is the server's.

Metadata of a version can be edited in W&B, its files cannot. An entry is read from the metadata, so that one
question gives them all, and has to fit the digest of the file that holds the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5

from vispera.errors import ContractBroken
from vispera.registry.chain import name_of, read_chain
from vispera.registry.entry import Entry, read_entry


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A version of the collection, as the server lists it.

    Attributes
    ----------
    name
        ``entity/project/collection:v<index>``.
    entry
        What its metadata hold as the entry; None if they hold none.
    digest
        W&B's own, of the names and contents of its files.
    """

    name: str
    index: int
    entry: str | None
    digest: str


def digest_of(files: Mapping[str, bytes]) -> str:
    """The digest that W&B gives to a version with these files.

    >>> digest_of({"000001.json": b"{}"})
    '5b4dab9dde07bc23babd1a72af297672'
    """
    told = b"wandb-artifact-manifest-v1\n"
    for name, content in sorted(files.items()):
        inner = base64.b64encode(md5(content, usedforsecurity=False).digest()).decode()
        told += f"{name}:{inner}\n".encode()
    return md5(told, usedforsecurity=False).hexdigest()


def counting(problem: str, taken: Sequence[Taken]) -> list[tuple[Taken, Entry]]:
    """The entries that count, oldest first, the chain checked.

    ContractBroken with a line for all that is wrong: seen is whatever was edited or deleted, but for a
    deleted end, since the shorter history fits itself, as it does in a folder. An entry that came too late is
    no fault.
    """
    taken = sorted(taken, key=lambda one: one.index)
    faults = list(_missing(problem, taken))
    whole: list[tuple[Taken, Entry]] = []
    for one in taken:
        try:
            whole.append((one, _entry(problem, one)))
        except ContractBroken as fault:
            faults += fault.faults
    if faults:
        raise ContractBroken(*faults)
    counted: list[tuple[Taken, Entry]] = []
    for one, entry in whole:
        if entry.number == len(counted) + 1 and entry.before == _hash(counted, len(counted)):
            counted.append((one, entry))
        elif not (entry.number <= len(counted) and entry.before == _hash(counted, entry.number - 1)):
            faults.append(f"history of {problem}: {one.name} follows an entry that is not there")
    if faults:
        raise ContractBroken(*faults)
    read_chain(problem, {name_of(entry.number): entry.content for _, entry in counted})
    return counted


def _missing(problem: str, taken: Sequence[Taken]) -> Iterator[str]:
    """A line for each version that was there: the server gives the numbers one after another."""
    there = {one.index: one.name for one in taken}
    for index in range(max(there, default=0)):
        if index not in there:
            collection = taken[0].name.partition(":")[0]
            yield f"history of {problem}: {collection}:v{index} is missing: it was deleted"


def _entry(problem: str, one: Taken) -> Entry:
    """The entry of a version; ContractBroken if it is none, or not the one that its file holds."""
    where = f"history of {problem}: {one.name}"
    if one.entry is None:
        raise ContractBroken(f"{where} is no entry, or its metadata were edited")
    entry = read_entry(one.entry.encode(errors="replace"), where)
    if digest_of({name_of(entry.number): entry.content}) != one.digest:
        raise ContractBroken(f"{where} was edited: its metadata do not fit its file")
    return entry


def _hash(counted: Sequence[tuple[Taken, Entry]], number: int) -> str | None:
    """Hash of the entry with a number; None for the one before the first."""
    return counted[number - 1][1].hash if number > 0 else None
