"""Hydra's syntax of sweeps as dimensions, and values as words that Hydra reads back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, Override, Quote, QuotedString, RangeSweep

from vispera.errors import UsageError, nearest
from vispera.space import Dimension, Scalar

TAGS = ("log", "int")
BARE = re.compile(r"(?!(null|true|false|nan|inf)$)[a-z_][\w./-]*", re.IGNORECASE)
"""Texts that Hydra reads as they are, without quotes."""


def dimension(word: str, override: Override) -> Dimension:
    """What a swept word lets its key be; UsageError if that is no dimension.

    A range of Hydra's stops before its end; an interval holds both of its ends here.
    """
    swept: Any = override._value  # `value()` gives the same, or a copy of it
    faults = [f"{word}: there is no tag '{tag}'; {nearest(tag, TAGS)}" for tag in swept.tags - set(TAGS)]
    if isinstance(swept, ChoiceSweep):
        faults += [f"{word}: tags go with range() and interval(), not with choices"] if swept.tags else []
        raw: Any = choices(override)
    elif isinstance(swept, RangeSweep):
        raw = _steps(word, swept, faults)
    else:
        raw = {"low": swept.start, "high": swept.end}
    if "int" in swept.tags and isinstance(raw, dict):
        raw = {name: as_whole(number) for name, number in raw.items()}
        if not all(isinstance(number, int) for number in raw.values()):
            faults.append(f"{word}: int wants whole numbers")
    if faults:
        raise UsageError(*sorted(faults))
    return Dimension.read(word, {**raw, "log": True} if "log" in swept.tags else raw)


def choices(override: Override) -> list[Any]:
    """Values of a choice, without the quotes that were typed around them."""
    swept: Any = override._value
    return [item.text if isinstance(item, QuotedString) else item for item in swept.list]


def words_of(values: Mapping[str, Scalar], node: str = "model") -> tuple[str, ...]:
    """Words that set keys below a node, which Hydra reads back as the same values.

    >>> words_of({"estimator.depth": 6, "estimator.kind": "a b"})
    ('model.estimator.depth=6', "model.estimator.kind='a b'")
    """
    return tuple(f"{node}.{key}={spelt(value)}" for key, value in values.items())


def spelt(value: Scalar) -> str:
    """A value as it is typed."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str) and not BARE.fullmatch(value):
        return QuotedString(text=value, quote=Quote.single).with_quotes()
    return str(value)


def as_whole(number: float) -> float:
    """The same number, as an int if it is whole."""
    return int(number) if float(number).is_integer() else number


def _steps(word: str, swept: RangeSweep, faults: list[str]) -> dict[str, Any]:
    """Ends and step of a range, rising; its last number lies before its end."""
    numbers: Any = (swept.start, swept.stop, swept.step)
    start, stop, step = (Fraction(str(number)) for number in numbers)
    count = max(ceil((stop - start) / step), 0) if step else 0
    if count < 2:
        held = "one number only" if count else "no number"
        faults.append(f"{word}: holds {held}, as a range stops before its end; wanted two or more")
        return {}
    low, high = sorted((start, start + (count - 1) * step))
    kind = int if all(isinstance(number, int) for number in numbers) else float
    by = {} if kind is int and abs(step) == 1 else {"step": kind(abs(step))}
    return {"low": kind(low), "high": kind(high), **by}
