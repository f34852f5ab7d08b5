"""A JSON object that never takes more than so many bytes: one field a line, long fields cut and named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vispera.files import plain

SHORT = 80
"""Bytes of a text in a field that has no share of its own."""


def encode(values: Mapping[str, Any], limit: int, shares: Mapping[str, int]) -> tuple[bytes, dict[str, Any]]:
    """JSON of at most ``limit`` bytes, and the fields that had to be cut for it, whole.

    Fields are cut to their share of bytes in the order of ``shares``, and only while the whole is too
    large; the field ``truncated`` lists them. Other fields are taken to be small: their texts are kept
    to ``SHORT`` bytes.

    >>> content, whole = encode({"id": "x", "note": "long " * 2000}, limit=200, shares={"note": 20})
    >>> print(content.decode(), end="")
    {
    "id": "x",
    "note": "long long long …",
    "truncated": ["note"]
    }
    >>> len(whole["note"])
    10000
    """
    record = {name: plain(value, finite=True) for name, value in values.items()}
    for name in record.keys() - shares.keys():
        record[name] = _clip_texts(record[name])
    record["truncated"] = []
    whole: dict[str, Any] = {}
    for name, share in shares.items():
        if len(_lines(record)) <= limit:
            break
        cut = _cut(record.get(name), share)
        if cut != record.get(name):
            whole[name], record[name] = record[name], cut
            record["truncated"].append(name)
    return _lines(record), whole


def _lines(record: Mapping[str, Any]) -> bytes:
    """JSON with one field a line."""
    return ("{\n" + ",\n".join(f"{_json(k)}: {_json(v)}" for k, v in record.items()) + "\n}\n").encode()


def _json(value: Any) -> str:
    # Lone surrogates, as in the names of damaged files, are escaped: they have no bytes in UTF-8.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text if text.isascii() or _encodable(text) else json.dumps(value, separators=(",", ":"))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(value: Any) -> int:
    return len(_json(value).encode())


def _cut(value: Any, share: int) -> Any:
    """The beginning of a text, list or mapping that fits in so many bytes."""
    if isinstance(value, str):
        return _clip(value, share)
    if isinstance(value, list):
        kept: list[Any] = []
        for item in value:
            item = _clip(item, share - _size(kept) - 1) if isinstance(item, str) else item
            if not item or _size([*kept, item]) > share:
                break
            kept.append(item)
        return kept
    if isinstance(value, dict):
        return dict(_cut([list(item) for item in value.items()], share))
    return value


def _clip(text: str, size: int) -> str:
    """The beginning of a text that takes at most so many bytes as JSON, with dots where it was cut."""
    if _size(text) <= size:
        return text
    low, high = 0, min(len(text), max(size, 0))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _size(text[:middle] + "…") <= size else (low, middle - 1)
    return text[:low] + "…" if low else ""


def _clip_texts(value: Any) -> Any:
    """A small field with its texts kept short."""
    if isinstance(value, str):
        return _clip(value, SHORT)
    if isinstance(value, dict):
        return {key: _clip_texts(item) for key, item in value.items()}
    return value
