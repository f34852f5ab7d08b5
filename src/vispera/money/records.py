"""Records of a CSV file by RFC 4180, each with its line, and what is wrong with the file as such."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from vispera.errors import ContractBroken, UsageError, nearest

MOST_TOLD = 200
"""Faults that are told one by one; beyond, their number."""

Record = tuple[int, dict[str, str]]
"""Number of the first line of a record, and its values by column."""


def records(path: Path, key: str, wanted: Sequence[str], others: bool) -> tuple[list[Record], list[str]]:
    """Records of a file, and a fault for each that has more or fewer values than the header.

    Parameters
    ----------
    key
        What was typed to name the file.
    wanted, others
        Columns that must be there, in whatever order, and whether others may be there too.

    Raises
    ------
    UsageError
        If the file cannot be read.
    ContractBroken
        If it is no CSV in UTF-8, has another header, or nothing below it.
    """
    reader = csv.reader(io.StringIO(_text(path, key), newline=""), strict=True)
    found: list[Record] = []
    faults: list[str] = []
    try:
        header = next(reader, [])
        refuse(path, [f"{path.name}, line 1: {fault}" for fault in _header_faults(header, wanted, others)])
        line = reader.line_num + 1
        for values in reader:
            if len(values) == len(header):
                found.append((line, dict(zip(header, values, strict=True))))
            elif values:
                counted = f"{len(values)} values, wanted {len(header)}, as in the header"
                faults.append(f"{path.name}, line {line}: {counted}; one with a comma in it stands in quotes")
            line = reader.line_num + 1
    except csv.Error as broken:
        told = f"{path.name}, line {reader.line_num}: this is no CSV as in RFC 4180: {broken}"
        raise ContractBroken(told) from None
    if not found and not faults:
        raise ContractBroken(f"{path.name}: there is no row below the header; wanted one for each unit")
    return found, faults


def refuse(path: Path, faults: Sequence[str]) -> None:
    """Nothing, if there is no fault; ContractBroken with them else."""
    if len(faults) > MOST_TOLD:
        faults = [*faults[:MOST_TOLD], f"{path.name}: and {len(faults) - MOST_TOLD:,} more faults"]
    if faults:
        raise ContractBroken(*faults)


def _text(path: Path, key: str) -> str:
    """Text of a file; a byte order mark, which spreadsheets write, is passed over."""
    try:
        content = path.read_bytes()
    except OSError as refusal:
        raise UsageError(f"{key}={path}: {refusal.strerror}; type {key}=FILE") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content[: broken.start].count(b"\n") + 1
        raise ContractBroken(f"{path.name}, line {line}: not UTF-8; save the file as CSV in UTF-8") from None


def _header_faults(header: Sequence[str], wanted: Sequence[str], others: bool) -> Iterator[str]:
    if len(header) == 1 and (sign := next((sign for sign in ";\t|" if sign in header[0]), None)):
        yield f"the columns are separated by {sign!r}; wanted a comma: save the file as CSV with commas"
        return
    for name in wanted:
        if header.count(name) != 1:
            there = f"is there {header.count(name)} times" if name in header else "is missing"
            yield f"column '{name}' {there}; wanted {','.join(wanted)}"
    for name in dict.fromkeys(header):
        if name not in wanted and not others:
            yield f"column '{name}' may not be there; {nearest(name, wanted)}; take it out"
