"""Changes what a person says of a run, its note and tags, or hashes of its files, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vispera.bounded import encode
from vispera.errors import UsageError, VisperaError
from vispera.files import read_json, write_bytes, write_json
from vispera.record import FILE, KINDS, LIMIT, RunRecord, read
from vispera.redact import redact
from vispera.run import SHARES

LONG = "long.json"


def annotate(record: RunRecord, changes: Mapping[str, Any]) -> None:
    """Set ``note``, ``tags`` or ``hashes`` of a run's record, secrets taken out; whole or not at all.

    All other fields keep their bytes, those that a later version wrote among them. Where the record
    becomes too large, it and ``long.json`` are what they would be had the run begun with that note.
    """
    folder, changes = record.folder, redact(dict(changes))
    if read(folder).state == "running":
        raise UsageError(f"{record.id} is running, and writes its record itself; type this when it has ended")
    text = (folder / FILE).read_bytes().decode()
    before = json.loads(text)
    whole = _long(folder) if before.get("truncated") else {}
    after = {**before, **changes}
    after["truncated"] = [name for name in before.get("truncated", []) if name not in changes]
    content = _with_lines(text, before, after).encode()
    kept = {name: value for name, value in whole.items() if name not in changes}
    if len(content) > LIMIT:
        shares = {**SHARES, **dict.fromkeys(after.keys() - KINDS.keys(), LIMIT)}
        content, kept = encode({**after, **kept}, LIMIT, shares)
    _write(folder, content, whole, kept)


def hashes_of(record: RunRecord) -> dict[str, str]:
    """All hashes of a run, those that its record had no room for among them."""
    return dict(_long(record.folder).get("hashes", {}) if "hashes" in record.truncated else record.hashes)


def rehash(record: RunRecord, hashes: Mapping[str, str]) -> None:
    """Let a run's record have other hashes of files that were changed on purpose, the others as they are."""
    annotate(record, {"hashes": {**hashes_of(record), **hashes}})


def tags_of(record: RunRecord) -> list[str]:
    """All tags of a run, those that its record had no room for among them."""
    return list(_long(record.folder).get("tags", ())) if "tags" in record.truncated else list(record.tags)


def _long(folder: Path) -> dict[str, Any]:
    """The fields that were cut, whole."""
    try:
        whole = read_json(folder / LONG)
    except (OSError, ValueError) as error:
        raise VisperaError(
            f"{folder.name}: its record was cut and {LONG}, which holds the rest, cannot be read: {error}"
        ) from None
    return whole if isinstance(whole, dict) else {}


def _with_lines(text: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The record with the lines of the changed fields replaced, all others being kept to the byte."""
    lines = text.split("\n")
    for name, value in after.items():
        if name in before and before[name] == value:
            continue
        start = f"{_json(name)}: "
        place = next((place for place, line in enumerate(lines) if line.startswith(start)), None)
        if place is None:
            lines.insert(1, f"{start}{_json(value)},")
        else:
            lines[place] = f"{start}{_json(value)}{',' if lines[place].endswith(',') else ''}"
    return "\n".join(lines) if _holds(lines, after) else _one_a_line(after)


def _holds(lines: list[str], record: Mapping[str, Any]) -> bool:
    """Whether the lines are that record; not so where it was laid out by somebody else."""
    try:
        return json.loads("\n".join(lines)) == record
    except ValueError:
        return False


def _one_a_line(record: Mapping[str, Any]) -> str:
    return "{\n" + ",\n".join(f"{_json(name)}: {_json(value)}" for name, value in record.items()) + "\n}\n"


def _json(value: Any) -> str:
    # as the record is written; half a character, as in the name of a damaged file, has no bytes of its own
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isprintable() else json.dumps(value, separators=(",", ":"))


def _write(folder: Path, content: bytes, whole: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
    """The record and the fields that were cut; killed in between, nothing that was cut is lost."""
    if {**whole, **kept} != whole:
        write_json(folder / LONG, {**whole, **kept})
    write_bytes(folder / FILE, content)
    if kept and {**whole, **kept} != kept:
        write_json(folder / LONG, kept)
    elif whole and not kept:
        (folder / LONG).unlink(missing_ok=True)
