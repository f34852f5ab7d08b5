"""Reads the log that the W&B SDK writes of a run, as far as it has reached the file.

The framing is that of LevelDB's logs: blocks of 32 KB, in them chunks of a checksum, a length and a kind; a
record in one chunk or several. The records are ``wandb.proto``'s. Offline this file is all there is of a run.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError

MAGIC = b":W&B\xe1\xbe\x00"
BLOCK = 32 * 1024
HEADER = struct.Struct("<IHB")
FULL, LAST = 1, 4
"""Kinds of chunk that complete a record; 0 fills up a block."""


def records(path: Path) -> Iterator[Any]:
    """Records of a log (``wandb.proto``'s ``Record``) up to the first that is not whole yet.

    VisperaError if the file is none of W&B's or a checksum does not fit.
    """
    from wandb.proto.wandb_internal_pb2 import Record  # pyright: ignore[reportAttributeAccessIssue]

    for content in _contents(Path(path)):
        record = Record()
        record.ParseFromString(content)
        yield record


def rows(path: Path) -> list[dict[str, Any]]:
    """What was logged, one dict a call; a key of several parts becomes nested dicts."""
    found = []
    for record in records(path):
        if record.WhichOneof("record_type") == "history":
            found.append(_nested(record.history.item))
    return found


def exit_code(path: Path) -> int | None:
    """Exit code with which the run was closed; None if it was not."""
    codes = [r.exit.exit_code for r in records(path) if r.WhichOneof("record_type") == "exit"]
    return codes[-1] if codes else None


def _contents(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise VisperaError(f"{path.name} is no log of W&B's")
    at, parts = len(MAGIC), b""
    while at + HEADER.size <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER.size:
            at += left
            continue
        checksum, length, kind = HEADER.unpack_from(data, at)
        part = data[at + HEADER.size : at + HEADER.size + length]
        if len(part) < length or not kind:
            return
        if zlib.crc32(part, zlib.crc32(bytes([kind]))) != checksum:
            raise VisperaError(f"{path.name} is damaged at byte {at}: a checksum does not fit")
        at += HEADER.size + length
        parts += part
        if kind in (FULL, LAST):
            yield parts
            parts = b""


def _nested(items: Any) -> dict[str, Any]:
    """Values of a row, or of a summary, by their keys."""
    found: dict[str, Any] = {}
    for item in items:
        *parents, key = item.nested_key or [item.key]
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = json.loads(item.value_json)
    return found
