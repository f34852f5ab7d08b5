"""What the double holds: runs, artifacts, collections and views, as they were received."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

ENTITY, ORGANISATION, ORGANISATION_ENTITY = "hotel", "Hotel Group", "hotel-group"
MOMENT = "2026-01-01T00:00:00Z"


@dataclass(eq=False)
class Run:
    """A run; ``history``, ``events`` and ``output`` are lines as they came."""

    entity: str
    project: str
    name: str
    number: int
    display_name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    notes: str | None = None
    program: str | None = None
    host: str | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    exit_code: int | None = None
    used: list[Artifact] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)

    @property
    def history(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.get("wandb-history.jsonl", ())]

    @property
    def state(self) -> str:
        return "running" if self.exit_code is None else "finished" if self.exit_code == 0 else "failed"

    @property
    def values(self) -> dict[str, Any]:
        """The configuration without the wrapping of each value."""
        return {name: one["value"] for name, one in self.config.items() if name != "_wandb"}

    def stream(self, name: str, offset: int, lines: list[str]) -> None:
        """Lines from an offset on, which replace what was there."""
        kept = self.lines.setdefault(name, [])
        if offset > len(kept):
            raise AssertionError(f"{name} from line {offset} on, and only {len(kept)} are there")
        kept[offset : offset + len(lines)] = lines


@dataclass(eq=False)
class Artifact:
    """A version of a collection; ``blobs`` are the files by storage path, ``manifest`` as it came;
    ``ttl`` -1 is the team's, -2 for ever."""

    id: str
    collection: Collection
    digest: str
    client_id: str
    by: Run | None
    description: str | None = None
    metadata: str | None = None
    state: str = "PENDING"
    index: int | None = None
    manifest: bytes = b""
    wanted: list[tuple[str, str]] = field(default_factory=list)
    algorithm: str | None = None
    ttl: int = -1

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """Entries of the manifest by name."""
        return json.loads(self.manifest)["contents"]

    @property
    def size(self) -> int:
        return sum(entry["size"] for entry in self.entries.values()) if self.manifest else 0


@dataclass(eq=False)
class Collection:
    """A sequence of versions, or a portfolio that others are linked into; ``aliases`` name members."""

    entity: str
    project: str
    type: str
    name: str
    portfolio: bool = False
    members: list[Artifact] = field(default_factory=list)
    aliases: dict[str, Artifact] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"collection:{self.entity}/{self.project}/{self.name}"

    def named(self, alias: str) -> Artifact | None:
        """The version of an alias, or of v0, v1, ..."""
        if alias.startswith("v") and alias[1:].isdigit():
            place = int(alias[1:])
            there = place < len(self.members) and self.members[place].state == "COMMITTED"
            return self.members[place] if there else None
        return self.aliases.get(alias)


@dataclass
class State:
    """All of it; ``blobs`` are the bytes that were uploaded, by the path of their address."""

    runs: dict[tuple[str, str, str], Run] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    collections: dict[tuple[str, str, str], Collection] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    projects: dict[tuple[str, str], int] = field(default_factory=dict)

    def project(self, entity: str, name: str) -> int:
        """Number of a project, which is made where it is not there."""
        return self.projects.setdefault((entity, name), len(self.projects) + 1)

    def collection(self, entity: str, project: str, type: str, name: str, portfolio: bool) -> Collection:
        self.project(entity, project)
        made = Collection(entity, project, type, name, portfolio)
        return self.collections.setdefault((entity, project, name), made)

    def run(self, name: str) -> Run:
        """The one run with that name, whatever its project."""
        (found,) = (run for key, run in self.runs.items() if key[2] == name)
        return found

    def artifact(self, collection: str, alias: str = "latest") -> Artifact:
        """The version that an alias of a collection names, whatever its project."""
        (found,) = (one for key, one in self.collections.items() if key[2] == collection)
        named = found.named(alias)
        if named is None:
            raise LookupError(f"{collection} has no {alias}, but {sorted(found.aliases)}")
        return named

    def content(self, artifact: Artifact) -> dict[str, bytes]:
        """Bytes of every file of an artifact as they were received, checked against its manifest."""
        found = {}
        for name, entry in artifact.entries.items():
            if "ref" in entry:
                continue
            found[name] = self.blobs[blob_of(artifact, entry["digest"])]
            if (
                base64.b64encode(hashlib.md5(found[name], usedforsecurity=False).digest()).decode()
                != entry["digest"]
            ):
                raise AssertionError(f"{name} was received otherwise than its manifest says")
        return found


def blob_of(artifact: Artifact, md5: str) -> str:
    """Path under which the content with an md5 (base64) of an artifact lies: one for all of a project."""
    where = artifact.collection
    return f"blobs/{where.entity}/{where.project}/{base64.b64decode(md5).hex()}"
