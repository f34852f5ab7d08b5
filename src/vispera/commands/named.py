"""A problem by its name alone, for verbs that need neither its table nor its declarations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Named:
    """``name``: that of the problem; typed as ``problem=NAME``, see `vispera.door.verb.BY_NAME`."""

    name: str
