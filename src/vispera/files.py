"""Files written whole or not at all, JSON with one canonical form, and hashes of both."""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[Path]:
    """A temporary path in the folder of ``path``, which takes its name when the block ends well.

    Readers see the old file or the new one, never a part. The temporary name begins with a dot and is
    removed when the block raises; a process that is killed may leave it behind, and every reader
    passes over it. With ``durable`` the content has reached the disk before the name does.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        if durable:
            sync(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync(path.parent)


def sync(path: Path) -> None:
    """Force a file's content, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes, durable: bool = True) -> None:
    """Write bytes whole or not at all."""
    with replacing(path, durable) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str, durable: bool = True) -> None:
    """Write UTF-8 text whole or not at all, with the line ends that it has."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"), durable)


def write_json(path: Path, value: Any) -> None:
    """Write a value as readable JSON whole or not at all; what is not a finite number becomes null."""
    text = json.dumps(plain(value, finite=True), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet whole or not at all, without its index; equal frames give equal bytes."""
    with replacing(path) as temporary:
        frame.to_parquet(temporary, engine="pyarrow", compression="zstd", index=False)


def write_folder(folder: Path, files: Mapping[str, bytes | Callable[[Path], None]]) -> None:
    """Write a folder of files whole or not at all; FileExistsError if it is there: it is never written over.

    ``files`` holds contents by name, or what writes a file of that path; a name may lead into a folder below,
    as in ``model/manifest.json``.
    """
    folder = Path(folder)
    if folder.exists():
        raise FileExistsError(f"{folder} is there already, and is never written over")
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    building.mkdir()
    try:
        for name, content in files.items():
            path = building / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            else:
                path.write_bytes(content)
            sync(path)
        for below in {(building / name).parent for name in files} | {building}:
            sync(below)
        building.rename(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    sync(folder.parent)


def read_json(path: Path) -> Any:
    """Value held by a JSON file."""
    return json.loads(Path(path).read_bytes())


def plain(value: Any, finite: bool = False) -> Any:
    """The same value in the types of JSON: dataclasses become objects, arrays and sets lists.

    With ``finite`` NaN and infinities become None, as JSON has no word for them.

    >>> plain({"windows": (1, 2), "at": date(2017, 3, 16), "gap": float("nan")}, finite=True)
    {'windows': [1, 2], 'at': '2017-03-16', 'gap': None}
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return None if finite and not math.isfinite(value) else float(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item, finite) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, finite) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item, finite) for item in value), key=canonical_json)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name), finite) for f in fields(value)}
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    if isinstance(value, Enum):
        return plain(value.value, finite)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    to_list = getattr(value, "tolist", None)
    if callable(to_list):  # numpy scalars and arrays, without importing numpy
        return plain(to_list(), finite)
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON: {value!r:.80}")


def _key(key: Any) -> str:
    """JSON's own spelling of a mapping's key."""
    plain_key = plain(key)
    return plain_key if isinstance(plain_key, str) else json.dumps(plain_key)


def canonical_json(value: Any) -> str:
    """JSON text that is the same for equal values: keys sorted, no spaces, ASCII only.

    >>> canonical_json({"b": (1, 2), "a": "ñ"})
    '{"a":"\\\\u00f1","b":[1,2]}'
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"))


def json_hash(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
