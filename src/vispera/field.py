"""What can be asked of a run record by name: its fields, parts of them, and its metrics."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from vispera.errors import UsageError, nearest
from vispera.record import KINDS, RunRecord

METRICS = ("log_loss", "pr_auc", "roc_auc", "brier", "ece", "precision_at_k")
"""Names of ``vispera.metric``, which lies above this floor and takes numpy; a test holds both together."""
WINDOW = re.compile(r"tuning(-\d+)?|test")
CHOSEN_BY = "tuning"
"""Window of a metric that is named without one."""

TIMES = ("started", "finished")
LISTS = ("tags", "command", "redacted", "truncated")
PARTED = tuple(name for name, kinds in KINDS.items() if kinds == (dict,))
"""Fields whose parts are asked for, as in ``hashes.data``."""
NUMBERS = tuple(name for name, kinds in KINDS.items() if int in kinds)
TEXTS = (*(name for name, kinds in KINDS.items() if str in kinds and name not in TIMES), "fault")
NAMES = (*TEXTS, *TIMES, *NUMBERS, *LISTS, *METRICS)
"""What can stand without a dot."""

Kind = Literal["text", "time", "number", "list"]


@dataclass(frozen=True)
class Field:
    """A value of each record: what it is called, what kind it is of, and how it is read; None: has none."""

    name: str
    kind: Kind
    of: Callable[[RunRecord], Any]


def field(name: str, key: str = "where", example: str = "model=catboost and log_loss<0.3") -> Field:
    """The field of that name; UsageError with the nearest one, told of the ``key`` in which it stood.

    >>> field("tuning.log_loss").kind, field("tags").kind, field("code.commit").kind
    ('number', 'list', 'text')
    """
    whole, _, part = name.rpartition(".")
    if not whole and (name in METRICS or name in NAMES):
        return _metric(name, CHOSEN_BY, name) if name in METRICS else _own(name)
    if whole in PARTED and part:
        return _part(name, whole, part)
    if part in METRICS and WINDOW.fullmatch(whole):
        return _metric(name, whole, part)
    said = f'type {key}="{example}"' if " " in example else f"type {key}={example}"
    raise UsageError(f"{key}: there is no field '{name}'; {_near(name, whole, part)}; {said}")


def _own(name: str) -> Field:
    of: Callable[[RunRecord], Any] = attrgetter(name)
    if name in NUMBERS:
        return Field(name, "number", of)
    kind: Kind = "time" if name in TIMES else "list" if name in LISTS else "text"
    return Field(name, kind, lambda record: of(record) or None)  # an empty note is none


def _part(name: str, whole: str, part: str) -> Field:
    """A part of a field that is a mapping; seconds by phase are numbers, all others are read as texts."""
    if whole == "phases":
        return Field(name, "number", lambda record: _number(record.phases.get(part)))
    return Field(name, "text", lambda record: _spelt(getattr(record, whole).get(part)))


def _metric(name: str, window: str, metric: str) -> Field:
    return Field(name, "number", lambda record: _number((record.metric(metric, window) or {}).get("value")))


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _spelt(value: Any) -> str | None:
    """A value as it would be typed: ``code.dirty=true``."""
    if value is None or isinstance(value, str):
        return value or None
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _near(name: str, whole: str, part: str) -> str:
    """What was meant: a bare name, a field's parts, or a window and a metric."""
    if name in PARTED:
        return "it has parts, named after a dot, as in hashes.data or code.commit"
    if not whole:
        return nearest(name, [*NAMES, *PARTED])
    dotted = [f"{window}.{metric}" for window in ("tuning", "test") for metric in METRICS]
    near = nearest(name, [*dotted, *NAMES])
    return near if near.startswith("closest") else f"allowed: {', '.join(dotted)}"
