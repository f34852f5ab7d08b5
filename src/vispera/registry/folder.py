"""The registry in a folder, of this machine or shared by several.

    <place>/<problem>/versions/<n>/           what the run left, and version.json, which seals it
    <place>/<problem>/history/000001.json     one entry a file, made once and never written again

A version comes first, whole; what makes it count is the entry, which appears in one step and only if no other
has its number. So a promotion that is killed leaves the history as it was, and at most a version that no
entry names: the same content gets the same number when it is promoted again.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from vispera import workspace
from vispera.alone import alone
from vispera.errors import ContractBroken, VisperaError
from vispera.files import sync, write_folder
from vispera.registry.chain import known, name_of, named, read_chain, unchanged
from vispera.registry.entry import Deed, Entry, entered
from vispera.registry.version import CARD, Card, Package, card_of, read_card_in, read_package

VERSIONS, HISTORY = "versions", "history"


@dataclass(frozen=True, kw_only=True)
class FolderRegistry:
    """``place``: the folder, relative to the workspace; it is made with the first promotion."""

    place: Path = Path("registry")
    name: str = "folder"

    def history(self, problem: str) -> list[Entry]:
        """Every entry, oldest first; ContractBroken with a line for each that is not what was written."""
        folder = self.folder(problem) / HISTORY
        try:
            files = [path for path in folder.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError:
            return []
        plain = {path.name: path.is_file() and not path.is_symlink() for path in files}
        return read_chain(
            problem, {path.name: path.read_bytes() if plain[path.name] else b"" for path in files}
        )

    def append(
        self, problem: str, deed: Deed, seen: Sequence[Entry], package: Package | None = None
    ) -> Entry:
        """The entry that was added; Declined if the history is no longer the one that was seen."""
        folder = self.folder(problem)
        for name in (VERSIONS, HISTORY):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with alone(folder, "writes into"):
            unchanged(self.history(problem), seen)
            if package is None:
                last = known(seen, deed.version)
                version, run, seal = last.version, last.run, last.seal
            else:
                card = _kept(folder / VERSIONS, package, seen)
                version, run, seal = card.number, card.run, sha256(card.content).hexdigest()
            entry = entered(problem, deed, seen, version, run, seal)
            if not _made_once(folder / HISTORY / name_of(entry.number), entry.content):
                unchanged(self.history(problem), seen)
            return entry

    def fetch(self, entry: Entry) -> Package:
        """The version that an entry names; ContractBroken with all that is not as it was promoted."""
        return read_package(self.folder(entry.problem) / VERSIONS / str(entry.version), entry.seal)[1]

    def folder(self, problem: str) -> Path:
        """Folder of a problem, absolute; it may not exist yet. UsageError for what is no problem's name."""
        return workspace.root() / self.place.expanduser() / named(problem)


def _kept(versions: Path, package: Package, seen: Sequence[Entry]) -> Card:
    """Card of the version that holds the package, which is added unless it is there already."""
    numbers = sorted(int(path.name) for path in versions.iterdir() if path.name.isdecimal())
    for number in reversed(numbers):
        with suppress(ContractBroken):  # one that was damaged is no such version; its number stays taken
            card = read_card_in(versions / str(number))
            if card.run == package.run and read_package(versions / str(number))[1].same_as(package):
                return card
    number = max([0, *numbers, *(entry.version for entry in seen)]) + 1
    while True:
        card = card_of(number, package)
        try:
            write_folder(versions / str(number), {**package.files, CARD: card.content})
        except OSError:
            if not (versions / str(number)).exists():
                raise
            number += 1  # where there are no locks another process may just have taken this one
        else:
            return card


def _made_once(path: Path, content: bytes) -> bool:
    """Whether the file is ours: it appears whole, in one step, and never takes another's place."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(content)
        sync(temporary)
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as refusal:
        if refusal.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
        raise VisperaError(
            f"the file system of {path.parent} cannot make a file only once (it has no hard links); "
            "type registry.place=FOLDER on another one"
        ) from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    sync(path.parent)
    return True
