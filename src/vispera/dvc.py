"""DVC's name for what a run learned from, read from DVC's own files: a training needs no DVC.

A name is given only where it is true: the content is hashed as DVC does, and one that has changed since has
none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def tracked(paths: Iterable[Path], root: Path) -> dict[str, str] | None:
    """Path below ``root`` and md5 under which DVC holds the first of the paths, or a folder above it.

    None where DVC holds none of them, or the content is no longer what it holds.
    """
    for path in paths:
        for place in _upwards(path.absolute(), root.absolute()):
            written = _written(place, root)
            if written is not None and written == md5_of(place):
                return {"path": place.relative_to(root).as_posix(), "md5": written}
    return None


def md5_of(place: Path) -> str:
    """DVC's md5 of a file, or of a folder by the names and contents of the files in it."""
    if place.is_file():
        return _md5(place)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    names = [{"md5": _md5(path), "relpath": path.relative_to(place).as_posix()} for path in files]
    names.sort(key=lambda one: tuple(one["relpath"].split("/")))
    listed = json.dumps(names, sort_keys=True).encode()
    return hashlib.md5(listed, usedforsecurity=False).hexdigest() + ".dir"


def _upwards(path: Path, root: Path) -> Iterator[Path]:
    """The path and the folders above it, up to but without the root; none where it lies elsewhere."""
    for place in (path, *path.parents):
        if place == root or not place.is_relative_to(root):
            return
        yield place


def _written(place: Path, root: Path) -> str | None:
    """What DVC's files say of exactly this path: its own ``.dvc`` file, else the lock of the pipeline."""
    own = _outs(place.with_name(f"{place.name}.dvc"), lambda content: [content])
    lock = _outs(root / "dvc.lock", lambda content: list(content.get("stages", {}).values()))
    for base, out in (*((place.parent, out) for out in own), *((root, out) for out in lock)):
        if base / str(out.get("path")) == place and isinstance(out.get("md5"), str):
            return out["md5"]
    return None


def _outs(file: Path, holders) -> list[dict[str, Any]]:
    """Outputs that a file of DVC's names; none where it is missing or is not one."""
    import yaml

    try:
        content = yaml.safe_load(file.read_text())
        return [out for holder in holders(content) for out in holder.get("outs", ())]
    except (OSError, ValueError, AttributeError, TypeError, yaml.YAMLError):
        return []


def _md5(path: Path) -> str:
    found = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
