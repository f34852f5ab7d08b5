"""One entry of the history: who let an alias name which version, when, why, and what the gates said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from vispera.clock import now
from vispera.errors import ContractBroken
from vispera.files import json_hash, plain
from vispera.redact import redact_text
from vispera.registry.numbered import read_numbered

SCHEMA = 1
PROMOTE, ROLLBACK = "promote", "rollback"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one gate said, and what it said so by."""

    name: str
    passed: bool
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What somebody wants an alias to name; ``version`` is None where a package comes with it."""

    alias: str
    action: Literal["promote", "rollback"]
    by: str
    reason: str
    version: int | None = None
    gates: tuple[Verdict, ...] = ()
    waived: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What was done, for good.

    Attributes
    ----------
    at
        UTC, ISO 8601.
    version, run, seal
        The version that the alias names from now on, its run, and the sha256 of its version.json.
    was
        Version that the alias named before; None for its first.
    waived
        Gates that refused and were waived, for the ``reason``.
    before, hash
        Hash of the entry before this one (None for the first), and of all that stands in this one.
    """

    schema: int = SCHEMA
    problem: str
    number: int
    at: str
    alias: str
    action: str
    version: int
    was: int | None
    run: str
    seal: str
    by: str
    reason: str
    gates: tuple[Verdict, ...] = ()
    waived: tuple[str, ...] = ()
    before: str | None
    hash: str

    @property
    def content(self) -> bytes:
        """The entry as its file holds it, the same bytes for equal entries."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


def entered(problem: str, deed: Deed, seen: Sequence[Entry], version: int, run: str, seal: str) -> Entry:
    """The entry that a deed becomes behind those that were seen."""
    mine = [entry for entry in seen if entry.alias == deed.alias]
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "problem": problem,
        "number": len(seen) + 1,
        "at": now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "alias": deed.alias,
        "action": deed.action,
        "version": version,
        "was": mine[-1].version if mine else None,
        "run": run,
        "seal": seal,
        "by": _said(deed.by),
        "reason": _said(deed.reason),
        "gates": deed.gates,
        "waived": deed.waived,
        "before": seen[-1].hash if seen else None,
    }
    return Entry(**body, hash=hash_of(body))


def _said(text: str) -> str:
    """What somebody said, in one line and without secrets: it stays for good."""
    return redact_text(" ".join(text.split()))


def hash_of(body: Mapping[str, Any]) -> str:
    """Hash of all that stands in an entry but the hash itself."""
    return json_hash({key: value for key, value in body.items() if key != "hash"})


KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("schema", "number", "version"), (int,)),
    **dict.fromkeys(("problem", "at", "alias", "action", "run", "seal", "by", "reason", "hash"), (str,)),
    "was": (int, type(None)),
    "before": (str, type(None)),
    **dict.fromkeys(("gates", "waived"), (list,)),
}


def read_entry(content: bytes, where: str) -> Entry:
    """The entry that a file holds; ContractBroken, naming ``where``, if not all of it fits its hash."""
    raw = read_numbered(content, SCHEMA, where, "entry of a history")
    if set(raw) != {field.name for field in fields(Entry)} or any(
        type(raw[key]) not in kinds for key, kinds in KINDS.items()
    ):
        raise ContractBroken(f"{where} was edited: a field is missing, too many, or of a wrong type")
    try:
        gates = tuple(Verdict(**gate) for gate in raw["gates"])
    except TypeError:
        raise ContractBroken(f"{where} was edited: its gates are none") from None
    entry = Entry(**{**raw, "gates": gates, "waived": tuple(raw["waived"])})
    if hash_of(plain(entry)) != entry.hash or entry.content != content:
        raise ContractBroken(f"{where} was edited: its hash does not fit what it says")
    return entry
