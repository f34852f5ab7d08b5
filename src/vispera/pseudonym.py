"""Names of guests as lists carry them: the same for the same guest, and no way back without the key.

The key lies in the workspace, in ``pseudonym.key``, which git ignores and only its owner may read. Whoever
has it can compute the pseudonym of a guest that they know: HMAC-SHA256 of the guest's id as UTF-8, the first
16 hexadecimal digits. Without it nobody can, nor try all ids one after another.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from vispera import workspace
from vispera.errors import UsageError, VisperaError
from vispera.files import sync

FILE = "pseudonym.key"
KEY = re.compile(r"[0-9a-f]{64}")
DIGITS = 16


@dataclass(frozen=True)
class Pseudonyms:
    """Pseudonyms under one key of 32 bytes."""

    key: bytes = field(repr=False)

    def of(self, guests: Iterable[str]) -> list[str]:
        """16 hexadecimal digits for each id; nothing for an empty one.

        >>> Pseudonyms(bytes(32)).of(["g1", ""])
        ['8fcfb33ca862313f', '']
        """
        return [self._of(str(guest)) if guest else "" for guest in guests]

    def _of(self, guest: str) -> str:
        return hmac.new(self.key, guest.encode(), hashlib.sha256).hexdigest()[:DIGITS]


def pseudonyms() -> Pseudonyms:
    """Those of the workspace; its key is made where there is none yet.

    Raises
    ------
    UsageError
        If the file holds no key.
    VisperaError
        If it cannot be read or made.
    """
    path = workspace.root() / FILE
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as refusal:
        raise VisperaError(
            f"{path}: {refusal.strerror}; it holds the key of the guests' pseudonyms"
        ) from None
    if not KEY.fullmatch(text):
        raise UsageError(
            f"{path} holds no key: wanted 64 hexadecimal digits; put it back from a copy, or move it away: "
            "then lists name the same guests differently from now on"
        )
    return Pseudonyms(bytes.fromhex(text))


def _make(path: Path) -> None:
    """Write a new key whole, for its owner alone; one that somebody else has just made stays."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(32)}\n")
        sync(temporary)
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)
