"""A folder as one compressed file and back, each time compared by content before anything is taken away."""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from vispera.errors import ContractBroken, VisperaError
from vispera.files import replacing, sync

Content = dict[str, str]
"""By path within the folder: the sha256 of a file, where a link leads, or that it is a folder."""
FOLDER = "folder"
PIECE = 1 << 20
"""Bytes that are read at a time."""


def pack(folder: Path, tar: Path) -> None:
    """Write a folder into a compressed tar, whole or not at all; its content has been read back and is equal.

    ContractBroken if it holds what could not be brought back: a link that leads out, or no plain file.
    """
    tar.parent.mkdir(parents=True, exist_ok=True)
    with replacing(tar) as temporary:
        with tarfile.open(temporary, "w:gz", format=tarfile.PAX_FORMAT) as archive:
            archive.add(folder, arcname=folder.name)
        with _readable(temporary):
            packed = packed_content(temporary, folder.name, folder.parent)
        if packed != content_of(folder):
            raise ContractBroken(f"{folder} changed while it was packed; nothing was taken away")
    sync(tar.parent.parent)


def unpack(tar: Path, folder: Path) -> None:
    """Bring a folder back from its tar, whole or not at all; ContractBroken if the tar is no such folder's.

    Nothing is written outside: names and links that would lead there are refused, as are devices.
    """
    staged = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    staged.mkdir()
    try:
        with _readable(tar):
            wanted = packed_content(tar, folder.name, staged)
            with tarfile.open(tar, "r:gz") as archive:
                archive.extractall(staged, filter="data")
        made = staged / folder.name
        if content_of(made) != wanted:
            raise ContractBroken(f"what came out of {tar} is not what is in it; nothing was changed")
        for path in (*made.rglob("*"), made):
            if not path.is_symlink():
                sync(path)
        made.rename(folder)  # refused where a folder of that name is, unless it is empty
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    sync(folder.parent)


def packed_content(tar: Path, name: str, place: Path) -> Content:
    """What a tar holds of the folder ``name``; ContractBroken if it would lead out of a place."""
    content: Content = {}
    with gzip.open(tar) as stream:
        _hash(stream)  # to its end, where the checksum stands that tarfile does not look at
    with tarfile.open(tar, "r:gz") as archive:
        for member in archive:
            tarfile.data_filter(member, str(place))
            if member.name != name and not member.name.startswith(f"{name}/"):
                raise ContractBroken(f"{tar} holds {member.name}, which is not of {name}")
            content[member.name[len(name) + 1 :]] = _of_member(archive, member, tar)
    return content


def _of_member(archive: tarfile.TarFile, member: tarfile.TarInfo, tar: Path) -> str:
    if member.isdir():
        return FOLDER
    if member.issym():
        return f"-> {member.linkname}"
    stream = archive.extractfile(member)
    if stream is None:
        raise ContractBroken(f"{tar} holds {member.name}, which is no plain file")
    with stream:
        return _hash(stream)


def content_of(folder: Path) -> Content:
    """What a folder holds, itself included."""
    content: Content = {"": FOLDER}
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            content[path.relative_to(folder).as_posix()] = _of_path(path)
    return content


def _of_path(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    if path.is_dir():
        return FOLDER
    if not path.is_file():
        raise ContractBroken(f"{path} is no plain file; it cannot be archived")
    with path.open("rb") as stream:
        return _hash(stream)


def _hash(stream: IO[bytes] | gzip.GzipFile) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def bytes_on_disk(path: Path) -> int:
    """Bytes that a file, or a folder with all that is in it, takes on the disk; 0 if it is not there."""
    if not path.is_dir() or path.is_symlink():
        return _blocks(path)
    inside = (Path(place, name) for place, folders, names in os.walk(path) for name in (*folders, *names))
    return _blocks(path) + sum(map(_blocks, inside))


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512  # of 512 bytes on every system, whatever its blocks are
    except OSError:
        return 0


@contextmanager
def _readable(tar: Path) -> Iterator[None]:
    """Within it, what makes a tar unreadable is one line."""
    try:
        yield
    except tarfile.FilterError as refusal:
        raise ContractBroken(f"{tar.name}: {refusal}; nothing was changed") from None
    except (tarfile.TarError, zlib.error, EOFError, OSError) as failure:
        raise VisperaError(f"{tar} cannot be unpacked: {failure}; nothing was changed") from None
