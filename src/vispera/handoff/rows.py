"""Rows of a list: as CSV, as JSON lines that say the same, and as text by column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import pandas as pd

Type = Literal["date", "integer", "number", "flag", "text"]
"""What the values of a column are: an ISO date, a whole number, a decimal one, true or false, anything."""

TYPES: tuple[Type, ...] = get_args(Type)
OF_KIND: dict[str, Type] = {"M": "date", "i": "integer", "u": "integer", "f": "number", "b": "flag"}
"""By the letter that numpy gives a dtype; whatever else is text."""

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
"""As JSON spells them: what fits is written with the same digits in both forms."""

FLAGS = {"true": "true", "false": "false"}

Row = dict[str, str]
"""Text by column, as it stands in ``list.csv``; nothing is an empty text."""


def types_of(frame: pd.DataFrame) -> dict[str, Type]:
    """Type of each column of a frame, in its order.

    >>> import pandas as pd
    >>> types_of(pd.DataFrame({"unit": ["9b20c4d7715e38aa"], "rank": [1], "risk": [0.25]}))
    {'unit': 'text', 'rank': 'integer', 'risk': 'number'}
    """
    return {str(name): OF_KIND.get(values.dtype.kind, "text") for name, values in frame.items()}


def read_rows(content: bytes) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Columns and rows of a CSV as RFC 4180 has it; ValueError if it is none."""
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as broken:
        raise ValueError(f"no CSV in UTF-8: {broken}") from None
    header, *rows = lines or [[]]
    if not header or len(set(header)) != len(header):
        raise ValueError(f"no header, or a column that stands there twice: {','.join(header)!r}")
    if odd := [number for number, row in enumerate(rows, 1) if len(row) != len(header)]:
        raise ValueError(f"row {odd[0]} holds {len(rows[odd[0] - 1])} values, wanted {len(header)}")
    return tuple(header), tuple(dict(zip(header, row, strict=True)) for row in rows)


def write_rows(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    r"""The CSV of rows of text, in the form in which lists are written.

    >>> write_rows(["rank", "why"], [{"rank": "1", "why": "35 €, by value"}])
    b'rank,why\r\n1,"35 \xe2\x82\xac, by value"\r\n'
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return stream.getvalue().encode()


def as_jsonl(types: Mapping[str, Type], rows: Iterable[Mapping[str, str]]) -> bytes:
    r"""One JSON object a row: numbers with the digits that the CSV has, null for what is empty.

    >>> as_jsonl({"rank": "integer", "price": "number"}, [{"rank": "1", "price": ""}])
    b'{"rank":1,"price":null}\n'

    Raises
    ------
    ValueError
        If a value is not of its column's type.
    """
    names = {name: json.dumps(name, ensure_ascii=False) for name in types}
    lines = []
    for number, row in enumerate(rows, 1):
        told = (f"{names[name]}:{_value(row[name], kind, name, number)}" for name, kind in types.items())
        lines.append("{" + ",".join(told) + "}\n")
    return "".join(lines).encode()


def _value(text: str, kind: Type, column: str, number: int) -> str:
    """JSON of one value."""
    if text == "":
        return "null"
    if kind == "text" or (kind == "date" and _is_date(text)):
        return json.dumps(text, ensure_ascii=False)
    if kind == "flag" and text.lower() in FLAGS:
        return FLAGS[text.lower()]
    if (kind == "integer" and INTEGER.fullmatch(text)) or (kind == "number" and NUMBER.fullmatch(text)):
        return text
    raise ValueError(f"row {number}, column '{column}': {text!r} is no {kind}")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
