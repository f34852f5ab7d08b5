"""Conditions on run records, as they are typed: ``where="model=catboost and log_loss<0.3"``.

A condition is a field, a sign and a value; ``and`` joins several. The signs are ``=``, ``!=``, ``<``,
``<=``, ``>``, ``>=`` and ``~``, which asks whether a text contains another, capitals or not. A value with
spaces stands in quotes. Fields are those of the record, parts of them (``hashes.data``, ``code.dirty``) and
metrics (``test.roc_auc``; without a window the one by which runs are chosen, tuning). Times are compared
as far as the value goes: ``started=2026-11`` is a whole month. A run that does not have the field is out,
but for ``!=``; ``note=""`` asks for those that have none, and ``note!=""`` for those that have one.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from vispera.errors import UsageError, nearest
from vispera.field import Field, field
from vispera.record import STATES, RunRecord

Test = Callable[[RunRecord], bool]

EXAMPLE = 'type where="model=catboost and log_loss<0.3"'
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "~": operator.contains,
}
SEEN = (*STATES, "crashed", "unreadable")
"""States as a reader sees them."""

NAME = re.compile(r"\s*([\w.-]+)\s*")
SIGN = re.compile(r"[=!<>~]+")
VALUE = re.compile(r"""\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s'"]\S*)""")
JOINT = re.compile(r"\s+and(?=\s|$)|\s*$", re.IGNORECASE)
TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,3})?)?)?)?)?)?")


def read_where(text: str) -> Test:
    """Whether a record meets every condition of a text; UsageError in one line if it cannot be read.

    >>> from pathlib import Path
    >>> run = RunRecord(id="a", state="finished", folder=Path("a"), model="rule", note="A first look")
    >>> read_where("model=rule and note~'first look'")(run)
    True
    >>> read_where("log_loss<0.3")(run)
    False
    """
    tests = [_test(*condition) for condition in conditions(text)]

    def meets(record: RunRecord) -> bool:
        return all(test(record) for test in tests)

    return meets


def conditions(text: str) -> Iterator[tuple[Field, str, str]]:
    """Field, sign and value of each condition."""
    rest = text
    while True:
        name, sign = NAME.match(rest), None
        if name is not None:
            sign = SIGN.match(rest, name.end())
        if name is None or sign is None:
            raise UsageError(f"where: {_shown(rest)} is no condition such as field=value; {EXAMPLE}")
        if sign[0] not in SIGNS:
            raise UsageError(f"where: there is no sign '{sign[0]}'; {nearest(sign[0], SIGNS)}; {EXAMPLE}")
        value = VALUE.match(rest, sign.end())
        if value is None:
            raise UsageError(f'where: {_shown(rest)} has no value; {EXAMPLE}, or {name[1]}="" for none')
        yield field(name[1]), sign[0], _unquoted(value[1])
        joint = JOINT.match(rest, value.end())
        if joint is None:
            raise UsageError(
                f"where: {_shown(rest[value.end() :])} follows a condition; join conditions with and, and "
                f"quote a value with spaces; type where='{name[1]}{sign[0]}\"two words\"'"
            )
        if not joint[0].strip():
            return
        rest = rest[joint.end() :]


def _shown(text: str) -> str:
    return f"'{text.strip()}'" if text.strip() else "nothing"


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "\"'" else value


def _test(asked: Field, sign: str, value: str) -> Test:
    """One condition as a function of a record."""
    if value == "" and sign in ("=", "!="):
        return lambda record: (asked.of(record) is None) == (sign == "=")
    return {"text": _text, "time": _time, "number": _number, "list": _list}[asked.kind](asked, sign, value)


def _text(asked: Field, sign: str, value: str) -> Test:
    if asked.name == "state" and sign != "~" and value not in SEEN:
        raise UsageError(f"where: there is no state '{value}'; {nearest(value, SEEN)}; {EXAMPLE}")
    if sign not in ("=", "!=", "~") and asked.name != "id":
        raise _misfit(asked, sign, "a text", ("=", "!=", "~"))
    if sign == "~":
        small = value.casefold()
        return lambda record: small in (asked.of(record) or "").casefold()
    return _compared(asked, sign, value, lambda found: found)


def _time(asked: Field, sign: str, value: str) -> Test:
    moment = value.replace(" ", "T").removesuffix("Z")
    if sign == "~":
        raise _misfit(asked, sign, "a time", [sign for sign in SIGNS if sign != "~"])
    if not TIME.fullmatch(moment) or not _exists(moment):
        raise UsageError(
            f"where: {asked.name}{sign}{value}: wanted a date in UTC, from the year on; "
            f'type where="{asked.name}>=2026-11-24"'
        )
    return _compared(asked, sign, moment, lambda found: found[: len(moment)])


def _exists(moment: str) -> bool:
    """Whether there is such a month, day, hour and minute."""
    try:
        datetime.fromisoformat(moment + "0000-01-01T00:00:00"[len(moment) :])
    except ValueError:
        return False
    return True


def _number(asked: Field, sign: str, value: str) -> Test:
    if sign == "~":
        raise _misfit(asked, sign, "a number", [sign for sign in SIGNS if sign != "~"])
    try:
        wanted = float(value)
    except ValueError:
        wanted = float("nan")
    if wanted != wanted:
        raise UsageError(
            f'where: {asked.name}{sign}{value}: wanted a number, such as 0.3; type where="{asked.name}<0.3"'
        )
    return _compared(asked, sign, wanted, lambda found: found)


def _list(asked: Field, sign: str, value: str) -> Test:
    """Any of the entries counts; with ``!=`` none of them is the value."""
    if sign not in ("=", "!=", "~"):
        raise _misfit(asked, sign, "a list", ("=", "!=", "~"))
    if sign == "~":
        small = value.casefold()
        return lambda record: any(small in str(entry).casefold() for entry in asked.of(record) or ())
    return lambda record: (value in map(str, asked.of(record) or ())) == (sign == "=")


def _compared(asked: Field, sign: str, wanted: Any, form: Callable[[Any], Any]) -> Test:
    compare, absent = SIGNS[sign], sign == "!="

    def meets(record: RunRecord) -> bool:
        found = asked.of(record)
        return absent if found is None else compare(form(found), wanted)

    return meets


def _misfit(asked: Field, sign: str, kind: str, allowed: Iterable[str]) -> UsageError:
    return UsageError(
        f"where: {asked.name} is {kind}, which '{sign}' does not compare; allowed: {' '.join(allowed)}; "
        f"{EXAMPLE}"
    )
