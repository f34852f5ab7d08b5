"""What a version may lose after it was sealed: rows of its predictions, when a guest is to be forgotten.

``version.json`` stays as it was promoted, so that the history's hash of it holds, and with it every hash but
one. A note beside it, ``forgotten.json``, leads from the sealed hash of the predictions to that which they
have now. The model, the record and the audit cannot be changed so.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from vispera.files import sync
from vispera.forgotten import FILE, descent, read_forgotten

MAY_LOSE = ("predictions.parquet",)


def expected(folder: Path, sealed: Mapping[str, str]) -> dict[str, str]:
    """sha256 that each file of a version has to have, its note among them; ContractBroken for a damaged note.

    ``sealed`` are those of its card.
    """
    wanted, entries = dict(sealed), read_forgotten(folder)
    if not entries:
        return wanted
    for name in MAY_LOSE:
        if name in sealed and (folder / name).is_file():
            now = _hash(folder / name)
            wanted[name] = now if now in descent(entries, name, sealed[name]) else sealed[name]
    return {**wanted, FILE: _hash(folder / FILE)}


def write_into(path: Path, content: bytes) -> None:
    """Write a file of a version whole; what is unfinished lies beside the version, never in it."""
    versions = path.parent.parent
    temporary = versions / f".{path.parent.name}.{path.name}.{secrets.token_hex(4)}.tmp"
    try:
        temporary.write_bytes(content)
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def sweep(versions: Path) -> None:
    """Take away what a killed process has left of `write_into`; for whoever is alone with the registry."""
    for name in (*MAY_LOSE, FILE):
        for path in versions.glob(f".*.{name}.*.tmp"):
            path.unlink()


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
