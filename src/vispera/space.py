"""What a search may try: for each searched key a range or choices, as they stand beside the values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from vispera.errors import UsageError, nearest

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Scalar = bool | int | float | str | None

FIELDS = ("low", "high", "log", "step")
FORM = "{low: 1, high: 9}, with log: true or step: 2 if need be, or a list of choices"
NOT_SEARCHED = {
    "name": "it only names the model",
    "seed": "the luckiest seed is no better model",
    "random_state": "the luckiest seed is no better model",
    "threads": "it belongs to the machine",
    "n_jobs": "it belongs to the machine",
    "space": "it says what is searched",
}
"""Last parts of keys that no search may try, and why."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """Values that one key may take: a range with both ends, or choices.

    A range whose ends and step are all whole numbers holds whole numbers only; with ``log`` it is drawn
    evenly on the scale of logarithms.
    """

    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[Scalar, ...] = ()

    @classmethod
    def read(cls, where: str, raw: Any) -> Dimension:
        """A dimension from what YAML holds; UsageError with a line for each fault, told of ``where``.

        >>> Dimension.read("depth", {"low": 4, "high": 8}).whole
        True
        >>> Dimension.read("depth", ["a", "b"]).choices
        ('a', 'b')
        """
        if isinstance(raw, Mapping):
            faults = _kind_faults(where, raw) or _order_faults(where, **raw)
        elif isinstance(raw, list | tuple):
            faults = _choice_faults(where, raw)
        else:
            faults = [f"{where}={raw}: wanted {FORM}"]
        if faults:
            raise UsageError(*faults)
        return _of_one_kind(**raw) if isinstance(raw, Mapping) else cls(choices=tuple(raw))

    @property
    def whole(self) -> bool:
        """Whether it is a range of whole numbers."""
        return isinstance(self.low, int)

    def plain(self) -> dict[str, Any] | list[Scalar]:
        """The shortest form that `read` understands, for JSON and hashing; equal for equal dimensions."""
        if self.choices:
            return list(self.choices)
        given = {name: getattr(self, name) for name in FIELDS}
        return {name: value for name, value in given.items() if value is not None and value is not False}


def read_space(raw: Mapping[str, Any] | None, where: str = "space") -> dict[str, Dimension]:
    """Dimensions by dotted key, from a mapping that is nested like the values; null takes a key out.

    Raises
    ------
    UsageError
        One line for each fault of the whole space.

    >>> list(read_space({"estimator": {"depth": {"low": 4, "high": 8}, "kind": ["a", "b"], "rsm": None}}))
    ['estimator.depth', 'estimator.kind']
    """
    if raw is not None and not isinstance(raw, Mapping):
        raise UsageError(f"{where}={raw}: wanted keys of the model, each with {FORM}")
    found, faults = {}, []
    for key, node in _written(raw or {}):
        try:
            found[key] = Dimension.read(f"{where}.{key}", node)
        except UsageError as refusal:
            faults += refusal.faults
    if faults:
        raise UsageError(*faults)
    return found


def distribution(dimension: Dimension) -> BaseDistribution:
    """What Optuna draws from."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.choices:
        return CategoricalDistribution(dimension.choices)
    low, high, step = dimension.low, dimension.high, dimension.step
    assert low is not None and high is not None  # noqa: S101, PT018  (no choices, so a range)
    if dimension.whole:
        return IntDistribution(int(low), int(high), log=dimension.log, step=int(step or 1))
    return FloatDistribution(low, high, log=dimension.log, step=step)


def holds(dimension: Dimension, value: Any) -> bool:
    """Whether a value could be drawn from the dimension."""
    if dimension.choices:
        return any(type(value) is type(choice) and value == choice for choice in dimension.choices)
    low, high = dimension.low, dimension.high
    if low is None or high is None or not _is_number(value) or not low <= value <= high:
        return False
    if dimension.whole and not isinstance(value, int):
        return False
    steps = (value - low) / dimension.step if dimension.step else 0
    return abs(steps - round(steps)) < 1e-8  # as Optuna takes it


def present(space: Mapping[str, Dimension], values: Mapping[str, Any]) -> dict[str, Scalar]:
    """Today's values of the searched keys, without those that lie outside; ``values`` are nested."""
    written = dict(_scalars(values))
    return {key: written[key] for key in space if key in written and holds(space[key], written[key])}


def place_faults(space: Mapping[str, Dimension], values: Mapping[str, Any], where: str) -> list[str]:
    """One line for each searched key that is no single value of the model; ``values`` are nested."""
    written = dict(_scalars(values))
    faults = []
    for key in space:
        if reason := why_not_searched(key):
            faults.append(f"{where}.{key}: is never searched: {reason}")
        elif key not in written:
            allowed = [name for name in written if why_not_searched(name) is None]
            missing = f"{who(values)} has no single value '{key}'"
            faults.append(f"{where}.{key}: {missing}; {nearest(key, allowed)}")
    return faults


def who(values: Mapping[str, Any]) -> str:
    """The model as it is typed, to tell of it."""
    return f"model={values['name']}" if "name" in values else "the model"


def why_not_searched(key: str) -> str | None:
    """The reason why no search may try a key below the model's node; None if it may."""
    first, last = key.partition(".")[0], key.rpartition(".")[2]
    reason = NOT_SEARCHED.get(last) or (NOT_SEARCHED["space"] if first == "space" else None)
    return "it names a class" if last.startswith("_") else reason


def _written(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and what is written, of everything that is meant as a dimension."""
    for key, value in node.items():
        where = f"{path}.{key}" if path else str(key)
        # a setting may itself be called `step`: then a mapping or a list stands below that name
        is_range = isinstance(value, Mapping) and any(
            name in FIELDS and not isinstance(part, Mapping | list | tuple) for name, part in value.items()
        )
        if isinstance(value, Mapping) and not is_range:
            yield from _written(value, where)
        elif value is not None:
            yield where, value


def _scalars(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Scalar]]:
    for key, value in node.items():
        where = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            yield from _scalars(value, where)
        elif not isinstance(value, list | tuple):
            yield where, value


def _kind_faults(where: str, raw: Mapping[str, Any]) -> list[str]:
    faults = [
        f"{where}: a range has no '{key}'; {nearest(str(key), FIELDS)}" for key in raw if key not in FIELDS
    ]
    for name in ("low", "high", "step"):
        value = raw.get(name)
        if value is None and name != "step":
            faults.append(f"{where}: {name} has no value; wanted {FORM}")
        elif value is not None and not _is_number(value):
            faults.append(f"{where}: {name} is {value}; wanted a number")
    if not isinstance(raw.get("log", False), bool):
        faults.append(f"{where}: log is {raw['log']}; wanted true or false")
    return faults


def _order_faults(
    where: str, low: float, high: float, log: bool = False, step: float | None = None
) -> list[str]:
    if low > high:
        return [f"{where}: low {low} is above high {high}; swap them"]
    if low == high:
        return [f"{where}: low and high are both {low}, nothing to search; leave it out"]
    faults = []
    if log and low <= 0:
        faults.append(f"{where}: log wants low above 0, and it is {low}; raise it, or leave log out")
    if step is None:
        return faults
    if log:
        faults.append(f"{where}: log and step exclude each other; leave one out")
    if step <= 0:
        faults.append(f"{where}: step is {step}; wanted a number above 0")
    elif (last := _last(low, high, step)) == low:
        faults.append(f"{where}: no step of {step} fits between {low} and {high}; make it smaller")
    elif last != high:
        faults.append(f"{where}: steps of {step} from {low} do not end at high {high}; type high: {last}")
    return faults


def _choice_faults(where: str, raw: list[Any] | tuple[Any, ...]) -> list[str]:
    faults = [
        f"{where}: a choice is {value}; wanted a single text, number, true, false or null"
        for value in raw
        if not (value is None or isinstance(value, str | bool) or _is_number(value))
    ]
    # equal in Python is equal to Optuna, which could not tell 1 from true afterwards
    twice = [value for place, value in enumerate(raw) if value in raw[:place]]
    faults += [f"{where}: a choice stands there twice: {value}; leave one out" for value in twice]
    if len(raw) < 2:
        only = f"is one choice only, {raw[0]}" if raw else "is without a choice"
        faults.append(f"{where}: {only}; wanted two or more, or leave it out")
    return faults


def _of_one_kind(low: float, high: float, log: bool = False, step: float | None = None) -> Dimension:
    """The range with all of its numbers whole, or none, and without a step that says nothing."""
    if all(isinstance(number, int) for number in (low, high, 1 if step is None else step)):
        return Dimension(low=low, high=high, log=log, step=None if step == 1 else step)
    return Dimension(low=float(low), high=float(high), log=log, step=None if step is None else float(step))


def _last(low: float, high: float, step: float) -> float:
    """Last number not above ``high`` that whole steps reach, reckoned exactly as the numbers are written."""
    first, by = Fraction(str(low)), Fraction(str(step))
    last = first + (Fraction(str(high)) - first) // by * by
    return int(last) if last.denominator == 1 else float(last)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
