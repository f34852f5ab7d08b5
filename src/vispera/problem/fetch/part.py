"""What has come of a file, and which version of which file it is a part of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vispera.files import read_json, write_json


@dataclass(frozen=True)
class Version:
    """What tells a file from a later one under the same address."""

    etag: str | None = None
    modified: str | None = None
    length: int | None = None

    @property
    def proof(self) -> str | None:
        """For ``If-Range``; a weak tag proves nothing, and a date counts only where there is no tag."""
        return self.modified if self.etag is None else None if self.etag.startswith("W/") else self.etag

    def may_be(self, other: Version) -> bool:
        """Whether nothing that both tell differs."""
        mine, theirs = vars(self), vars(other)
        return all(mine[name] == theirs[name] for name in mine if None not in (mine[name], theirs[name]))


@dataclass(frozen=True)
class Part:
    """What has come of a file, at ``path``, and beside it which version of which file it is a part of."""

    path: Path

    @property
    def about(self) -> Path:
        """The small file beside it."""
        return self.path.with_suffix(".json")

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> Version:
        """What it is a part of; an empty one where that is not known."""
        try:
            told = read_json(self.about)
            return Version(told["etag"], told["modified"], told["length"])
        except (OSError, ValueError, KeyError, TypeError):
            return Version()

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.version.length is not None and self.size == self.version.length

    @property
    def can_go_on(self) -> bool:
        """Whether the server can be asked for the rest, and for nothing else than the rest of this."""
        return self.size > 0 and self.version.proof is not None

    def begin(self, address: str, version: Version) -> None:
        """Throw away what came before, and say what is to come."""
        self.path.write_bytes(b"")  # first: bytes of an old file never lie beside the tag of a new one
        self.describe(address, version)

    def describe(self, address: str, version: Version) -> None:
        """Say which version of which file it is a part of."""
        write_json(self.about, {"address": address, **vars(version)})

    def told(self) -> str:
        """How much of which address has come, in words."""
        try:
            address = str(read_json(self.about)["address"])
        except (OSError, ValueError, KeyError, TypeError):
            address = "an address that was not kept"
        return f"{megabytes(self.size)} of {megabytes(self.version.length)} MB from {address}"

    def remove(self) -> None:
        """Leave nothing."""
        self.path.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)


def megabytes(size: int | None) -> str:
    """Bytes in megabytes of a million bytes, a question mark where they are unknown.

    >>> megabytes(16_855_599), megabytes(None)
    ('16.9', '?')
    """
    return "?" if size is None else f"{size / 1e6:.1f}"
