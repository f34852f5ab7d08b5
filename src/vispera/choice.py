"""Which runs are meant: by id, by the beginning of one or its six digits, and by conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from vispera.errors import UsageError, nearest
from vispera.record import RunRecord
from vispera.where import read_where

SHOWN = 5
"""Most ids that a refusal names."""


def chosen(records: Sequence[RunRecord], runs: Sequence[str], where: str | None) -> list[RunRecord]:
    """Those of the records that were named, if any were, and of them those that meet the conditions."""
    found = named(records, runs) if runs else list(records)
    if where is None:
        return found
    meets = read_where(where)
    return [record for record in found if meets(record)]


def named(records: Sequence[RunRecord], runs: Sequence[str]) -> list[RunRecord]:
    """The records that were named, in their own order; UsageError with each name that fits none, or many."""
    faults, meant = [], set()
    for name in runs:
        try:
            meant.add(one(records, name).id)
        except UsageError as refusal:
            faults += refusal.faults
    if faults:
        raise UsageError(*faults)
    return [record for record in records if record.id in meant]


def one(records: Sequence[RunRecord], name: str) -> RunRecord:
    """The only record with that id, with an id that begins so, or with these six digits at its end."""
    whole = [record for record in records if record.id == name]
    begun = [record for record in records if record.id.startswith(name) or record.id.endswith(f"-{name}")]
    fitting = whole or (begun if name else [])
    if len(fitting) == 1:
        return fitting[0]
    _refuse(name, [record.id for record in fitting], [record.id for record in records])


def _refuse(name: str, fitting: Sequence[str], ids: Sequence[str]) -> NoReturn:
    if fitting:
        more = f" and {len(fitting) - SHOWN} more" if len(fitting) > SHOWN else ""
        raise UsageError(f"runs: '{name}' fits {', '.join(fitting[:SHOWN])}{more}; type more of it")
    near = nearest(name, ids)
    told = f"{near}; " if near.startswith("closest") else ""
    raise UsageError(f"runs: there is no run '{name}'; {told}type vispera runs, which lists them")
