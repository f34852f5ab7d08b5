"""What a hand-off says of itself, in two forms that say the same: JSON, and the properties of Java."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from vispera.files import plain
from vispera.handoff.rows import TYPES, Type

SCHEMA = 1
"""Counts up when a reader of the one before would misread; new keys and columns alone do not change it."""

Kind = Literal["list", "fallback"]

JSON, PROPERTIES = "manifest.json", "manifest.properties"


@dataclass(frozen=True)
class Model:
    """Which model ranked a list.

    Attributes
    ----------
    name
        As in ``model=catboost``.
    content
        Hash of its artefact; empty if it came from none.
    version
        Its number in the registry; None if it came from none.
    trained_until
        Last night that it has seen, ISO; empty if it has seen none.
    """

    name: str
    content: str = ""
    version: int | None = None
    trained_until: str = ""


@dataclass(frozen=True)
class About:
    """What is said of a list beside its rows and hashes.

    Attributes
    ----------
    problem, night
        Whose list it is, and the night at whose close it was made, ISO.
    columns
        Type of each column of ``list.csv``, in its order; ``types_of(frame)`` gives it.
    kind, reason
        ``list``, or ``fallback`` and why, in one line.
    model
        None if no model ranked it.
    simulated, in_sample
        Whether no guest is behind it, and whether its model has seen this night.
    order, capacity, control
        By what it is ranked, calls that it was cut to, and rows that are not to be called.
    quarantined
        Rows of the extract that were not scored.
    """

    problem: str
    night: str
    columns: Mapping[str, Type]
    kind: Kind = "list"
    reason: str = ""
    model: Model | None = None
    simulated: bool = False
    in_sample: bool = False
    order: str = "value"
    capacity: int = 0
    control: int = 0
    quarantined: int = 0

    def __post_init__(self):
        date.fromisoformat(self.night)
        if self.kind not in get_args(Kind) or (self.kind == "fallback") != bool(self.reason):
            raise ValueError(f"a fallback has a reason, a list none: {self.kind!r}, {self.reason!r}")
        if odd := sorted({*self.columns.values()} - {*TYPES}):
            raise ValueError(f"no type of a column: {', '.join(odd)}; allowed: {', '.join(TYPES)}")


def manifest(about: About, number: int, rows: int, hashes: Mapping[str, str]) -> dict[str, Any]:
    """The manifest of a folder as one JSON object; ``hashes`` holds the sha256 of its files by name."""
    told = _null_if_empty({name: value for name, value in plain(about).items() if name != "columns"})
    told["model"] = told["model"] or dict.fromkeys(Model.__dataclass_fields__)
    columns = [{"name": name, "type": kind} for name, kind in about.columns.items()]
    counted = {"number": number, **told, "rows": rows, "columns": columns}
    return {"schema": SCHEMA, **counted, "sha256": dict(sorted(hashes.items()))}


def about_of(told: Mapping[str, Any]) -> About:
    """What was said of a list, from its manifest; further keys are passed over."""
    given = {name: told[name] for name in About.__dataclass_fields__ if name in told}
    model = {name: told["model"][name] for name in Model.__dataclass_fields__}
    given["columns"] = {column["name"]: column["type"] for column in told["columns"]}
    given["model"] = Model(**_empty_if_null(model)) if model["name"] else None
    given["reason"] = given["reason"] or ""
    return About(**given)


def _empty_if_null(model: Mapping[str, Any]) -> dict[str, Any]:
    """Texts of a model as they were; its version may be null."""
    return {name: "" if value is None and name != "version" else value for name, value in model.items()}


def _null_if_empty(value: Any) -> Any:
    """The same value with null for empty texts, also within an object."""
    if isinstance(value, dict):
        return {name: _null_if_empty(inner) for name, inner in value.items()}
    return None if value == "" else value


def as_json(told: Mapping[str, Any]) -> bytes:
    """``manifest.json`` of a manifest."""
    return (json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def as_properties(told: Mapping[str, Any], sealed: Mapping[str, str]) -> bytes:
    r"""``manifest.properties`` of a manifest, and of the sha256 of further files: ASCII, read by any Java.

    Objects are spelled with dots, lists with their length and numbers from 1, null as nothing.

    >>> told = {"model": {"name": "año"}, "columns": [{"name": "unit"}]}
    >>> print(as_properties(told, {"a.b": "9f"}).decode())
    model.name=a\u00f1o
    columns=1
    column.1.name=unit
    a.b.sha256=9f
    <BLANKLINE>
    """
    hashes = {**told.get("sha256", {}), **sealed}
    pairs = [*_flat({name: value for name, value in told.items() if name != "sha256"})]
    pairs += [(f"{name}.sha256", digest) for name, digest in hashes.items()]
    return "".join(f"{_escaped(key, True)}={_escaped(value, False)}\n" for key, value in pairs).encode(
        "ascii"
    )


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Key and value of each leaf of a JSON value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        yield name, str(len(value))
        for place, inner in enumerate(value, 1):
            yield from _flat(inner, f"{name.removesuffix('s')}.{place}")
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, "" if value is None else str(value)


ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}


def _escaped(text: str, key: bool) -> str:
    r"""A text as ``java.util.Properties`` reads it back; what is not ASCII as \uXXXX of UTF-16."""
    made = []
    for place, sign in enumerate(text):
        if sign in ESCAPES:
            made.append(ESCAPES[sign])
        elif (sign == " " and (key or place == 0)) or (key and sign in "=:#!"):
            made.append("\\" + sign)
        elif " " <= sign <= "~":
            made.append(sign)
        else:
            units = sign.encode("utf-16-be", "surrogatepass")
            made += [f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)]
    return "".join(made)
