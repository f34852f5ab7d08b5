"""What a report reads: files of recorded runs and of the report before, each value under its path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.files import file_hash, read_json

OWN = "report.json"
"""File of places that lie in the report itself: what the problem declares today."""


class Source:
    """A folder of which values are read; ``name`` is where it lies, from the workspace on."""

    def __init__(self, folder: Path, name: str):
        self.folder, self.name = Path(folder), name
        self._read: dict[str, Any] = {}

    def has(self, file: str) -> bool:
        """True if there is such a file."""
        return (self.folder / file).is_file()

    def read(self, file: str) -> Any:
        """A file's content; VisperaError if it is gone or damaged."""
        if file not in self._read:
            try:
                self._read[file] = _content(self.folder / file)
            except (OSError, ValueError) as error:
                raise VisperaError(
                    f"{self.name}/{file} cannot be read, and the report rests on it: {error}"
                ) from error
        return self._read[file]

    def at(self, file: str, *keys: str | int) -> Any:
        """The value under some keys; None where there is none."""
        return _under(self.read(file), keys)

    def place(self, file: str, *keys: str | int) -> str:
        """Path of a value as claims carry it."""
        return f"{self.name}/{file}#{pointer(*keys)}"

    def index(self, file: str, *keys: str | int, **wanted: Any) -> int | None:
        """Which of a list's objects has these values; None if none has."""
        entries = self.at(file, *keys) or []
        return next((i for i, one in enumerate(entries) if wanted.items() <= one.items()), None)

    def hashes(self) -> dict[str, str]:
        """SHA-256 of every file that was read, by name."""
        return {file: file_hash(self.folder / file) for file in sorted(self._read)}


class Records:
    """Everything that the claims of a report come from."""

    def __init__(self, sources: Sequence[Source], own: Mapping[str, Any]):
        self.sources, self._own = {source.name: source for source in sources}, own

    def resolve(self, place: str) -> Any:
        """The value at a place. KeyError if the place is not one of these."""
        path, _, keys = place.partition("#")
        if path == OWN:
            return _under(self._own, split(keys))
        folder, _, file = path.rpartition("/")
        return self.sources[folder].at(file, *split(keys))


def pointer(*keys: str | int) -> str:
    """JSON pointer (RFC 6901).

    >>> pointer("windows", "test", 0), pointer("TA/TO")
    ('/windows/test/0', '/TA~1TO')
    """
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def split(pointer: str) -> list[str]:
    """Keys of a JSON pointer.

    >>> split("/windows/TA~1TO")
    ['windows', 'TA/TO']
    """
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]


def _under(value: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(str(key))
        elif isinstance(value, list) and re.fullmatch(r"\d+", str(key)) and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _content(path: Path) -> Any:
    if path.suffix == ".json":
        return read_json(path)
    import yaml

    return yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (a safe loader)
