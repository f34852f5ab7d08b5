"""One of two runs that are held against each other: all that its folder tells of how it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from vispera.errors import UsageError, VisperaError, nearest
from vispera.record import RunRecord, read, read_all
from vispera.secret import MARK

LAST, PREVIOUS = "last", "previous"
"""Names for the newest run of train that has ended, and the one before it."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A run as its folder tells it; what a folder lacks is empty here."""

    record: RunRecord
    config: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    patch: bytes = b""
    command: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Folder of the run."""
        return self.record.folder

    @property
    def patch_hash(self) -> str | None:
        """sha256 of the patch; None where there is none."""
        return sha256(self.patch).hexdigest() if self.patch else None

    @property
    def data_hash(self) -> str | None:
        """Content of the table, None where the run ended before it was read."""
        return self.data.get("content_hash") or self.record.hashes.get("data")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Keys of the configuration that say only that a secret stood there."""
        told = leaves(self.config)
        return tuple(".".join(path) for path, value in told if isinstance(value, str) and MARK in value)


def read_side(folder: Path) -> Side:
    """The run of a folder; UsageError or VisperaError as `vispera.record.read`, or for a damaged file."""
    record = read(folder)
    whole = _json(folder / "long.json") if record.truncated else {}
    patch = folder / "code.patch"
    return Side(
        record=record,
        config=_yaml(folder / "config.yaml"),
        environment=_json(folder / "environment.json"),
        data=_json(folder / "data.json"),
        patch=patch.read_bytes() if patch.is_file() else b"",
        command=tuple(whole.get("command", record.command)),
    )


def folder_of(name: str, experiments: Path) -> Path:
    """Folder of a run by its id, a part that no other id has, ``last`` or ``previous``."""
    if name in (LAST, PREVIOUS):
        records = read_all(experiments)
        ended = [
            record.id
            for record in records
            if record.state not in ("running", "unreadable") and record.verb == "train"
        ]
        place = {LAST: 1, PREVIOUS: 2}[name]
        if len(ended) < place:
            raise UsageError(f"there is no {name} run in {experiments}; type: python train.py model=catboost")
        return experiments / ended[-place]
    ids = sorted(path.name for path in experiments.glob("[!.]*") if path.is_dir())
    fits = [one for one in ids if one == name] or [one for one in ids if name and name in one]
    if len(fits) > 1:
        raise UsageError(f"'{name}' stands in {len(fits)} ids, such as {fits[-1]}; type more of it")
    if not fits:
        near = nearest(name, ids[-10:]) if ids else "there are none"
        raise UsageError(f"there is no run '{name}' in {experiments}; {near}; `vispera runs` lists them")
    return experiments / fits[0]


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and value of everything below that is no mapping; a list is one value."""
    if isinstance(node, Mapping) and node:
        for key, item in node.items():
            yield from leaves(item, (*path, str(key)))
    elif path:
        yield path, node


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as damage:
        raise VisperaError(f"run {path.parent.name} has a damaged {path.name}: {damage}") from None
    return _mapping(path, found)


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(path.read_bytes(), loader)  # noqa: S506  (a safe loader)
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError, RecursionError) as damage:
        told = " ".join(str(damage).split())
        raise VisperaError(f"run {path.parent.name} has a damaged {path.name}: {told}") from None
    return _mapping(path, found)


def _mapping(path: Path, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise VisperaError(f"run {path.parent.name} has a damaged {path.name}: it holds no keys with values")
    return found
