"""What two runs came to, held against each other: predictions, metrics, model; of a light run less."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.files import file_hash
from vispera.forgotten import lost
from vispera.lazy import pandas as pd
from vispera.record import RunRecord
from vispera.reproduction.cause import THREADS
from vispera.reproduction.side import leaves

KEYS = ["row_key", "night", "window"]
"""What names a row of the predictions."""
MEASURED = ["raw", "p"]
OF_THE_RUN = {"run", "versions", "content", "seal"}
"""Parts of a model's manifest that say by whom it was made, or follow from that."""
SHOWN = 4
"""Values of metrics that are told beside how many differ."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that a run leaves, on both sides.

    Attributes
    ----------
    same
        Whether nothing differs, not by one bit of a number.
    largest
        Greatest difference between two numbers; None where something differs that is no number.
    told
        What differs, in a line.
    values
        Both values of each thing that differs and has a name.
    """

    name: str
    same: bool
    largest: float | None = 0.0
    told: str = ""
    values: Mapping[str, tuple[Any, Any]] | None = None

    def within(self, tolerance: float) -> bool:
        """Whether it is the same, or every number is within the tolerance of the other."""
        return self.same or (self.largest is not None and self.largest <= tolerance)


def comparable(record: RunRecord) -> list[str]:
    """What a run has left that another can be held against; nothing if it ended too early."""
    there = [name for name, file in FILES.items() if (record.folder / file).exists()]
    return [name for name in there if name != "findings" or record.state == "refused"]


def compare(recorded: RunRecord, here: RunRecord) -> list[Part]:
    """Each thing that the recorded run has left, held against the other's."""
    parts = []
    for name in comparable(recorded):
        one, other = (side.folder / FILES[name] for side in (recorded, here))
        if not other.exists():
            ended = f"run {here.id} ended {here.state} and left none"
            parts.append(Part(name=name, same=False, largest=None, told=ended))
            continue
        try:
            parts.append(COMPARED[name](one, other))
        except (OSError, ValueError, KeyError, TypeError) as damage:
            raise VisperaError(f"the {name} of {recorded.id} or {here.id} cannot be read: {damage}") from None
    return parts


def _predictions(one: Path, other: Path) -> Part:
    if file_hash(one) == file_hash(other):
        return Part(name="predictions", same=True)
    left, right = pd.read_parquet(one), pd.read_parquet(other)
    both = left.merge(right, on=KEYS, how="outer", suffixes=("", " here"), indicator=True)
    matched = both.loc[both["_merge"] == "both"]
    absent = [len(both.loc[both["_merge"] == side]) for side in ("left_only", "right_only")]
    turned = int(matched["y"].ne(matched["y here"]).sum())
    gaps = {name: _gaps(matched[name], matched[f"{name} here"]) for name in MEASURED}
    moved = int((gaps["raw"].gt(0) | gaps["p"].gt(0)).sum())
    largest = max((float(gap.max()) for gap in gaps.values() if len(gap)), default=0.0)
    gone = lost(one.parent, one.name, file_hash(one))
    forgotten = gone > 0 and absent == [0, gone]  # taken out of the record since: docs/forget.md
    faults = []
    if any(absent) and not forgotten:
        faults.append(f"{absent[0]:,} rows of the record are not here, {absent[1]:,} only here")
    if turned:
        faults.append(f"{turned:,} outcomes are others")
    if moved:
        faults.append(
            f"{moved:,} of {len(matched):,} rows have other values, the largest difference {largest:.3g}"
        )
    if not faults:
        but = f", but for {gone:,} rows that the record has lost since" if forgotten else ""
        told = f"equal row by row{but}, in a file of other bytes"
        return Part(name="predictions", same=True, told=told)
    whole = (not any(absent) or forgotten) and not turned and math.isfinite(largest)
    return Part(name="predictions", same=False, largest=largest if whole else None, told="; ".join(faults))


def _gaps(one: pd.Series, other: pd.Series) -> pd.Series:
    """Distance of two columns of numbers; 0 where both have none, infinite where one has."""
    gaps = (one - other).abs()
    return gaps.mask(one.isna() & other.isna(), 0.0).fillna(math.inf)


def _metrics(one: Path, other: Path) -> Part:
    return _values("metrics", *(dict(leaves(json.loads(path.read_bytes()))) for path in (one, other)))


def _windows(one: Path, other: Path) -> Part:
    """Log-losses of a trial's windows; how long each took is nothing to be repeated."""
    told = (json.loads(path.read_bytes()) for path in (one, other))
    found = [{("windows", w["name"], "log_loss"): w["log_loss"] for w in trial["windows"]} for trial in told]
    return _values("windows", *found)


def _findings(one: Path, other: Path) -> Part:
    """What the gate found, check by check."""
    told = (json.loads(path.read_bytes())["findings"] for path in (one, other))
    return _values("findings", *({(f["check"], str(f["subject"])): f["evidence"] for f in of} for of in told))


def _values(name: str, one: Mapping[tuple[str, ...], Any], other: Mapping[tuple[str, ...], Any]) -> Part:
    """Values by path; those of the evaluated windows are told first."""
    paths = dict.fromkeys([*one, *other])
    pairs = {path: (one.get(path), other.get(path)) for path in paths}
    moved = {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}
    if not moved:
        return Part(name=name, same=True)
    gaps = [_gap(*pair) for pair in moved.values()]
    first = sorted(moved, key=lambda path: ("value" not in path, "tuning" not in path, "test" not in path))
    shown = ", ".join(f"{_short(path)} {' -> '.join(map(_said, moved[path]))}" for path in first[:SHOWN])
    more = ", ..." if len(first) > SHOWN else ""
    return Part(
        name=name,
        same=False,
        largest=max(gaps) if all(math.isfinite(gap) for gap in gaps) else None,
        told=f"{len(moved):,} of {len(pairs):,} values differ: {shown}{more}",
        values={".".join(path): moved[path] for path in first},
    )


def _gap(one: Any, other: Any) -> float:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    return abs(one - other) if numbers else math.inf


def _short(path: tuple[str, ...]) -> str:
    """``log_loss in tuning`` for the path of a metric's value."""
    parts = [part for part in path if part not in ("windows", "metrics", "value")]
    return " in ".join(reversed(parts)) if len(parts) == 2 else ".".join(parts)


def _said(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:80]


def _model(one: Path, other: Path) -> Part:
    """Each file of the artefact by its sha256, and what the manifest says of features and calibration."""
    left, right = (json.loads((folder / "manifest.json").read_bytes()) for folder in (one, other))
    paths = [{("files", name): digest for name, digest in side["files"].items()} for side in (left, right)]
    for found, side in zip(paths, (left, right), strict=True):
        kept = {key: value for key, value in side.items() if key not in {*OF_THE_RUN, "files"}}
        told = (one for one in leaves(kept) if one[0][-1] not in THREADS)  # asked for, and no result
        found |= {("manifest", *path): value for path, value in told}
    pairs = {path: (paths[0].get(path), paths[1].get(path)) for path in dict.fromkeys([*paths[0], *paths[1]])}
    values = {".".join(path): pair for path, pair in pairs.items() if pair[0] != pair[1]}
    if not values:
        return Part(name="model", same=True)
    return Part(name="model", same=False, largest=None, told=f"others: {', '.join(values)}", values=values)


FILES = {
    "predictions": "predictions.parquet",
    "metrics": "metrics.json",
    "model": "model",
    "windows": "trial.json",
    "findings": "audit.json",
}
"""What can be held against each other, and where it lies in a run's folder."""
COMPARED: dict[str, Callable[[Path, Path], Part]] = {
    "predictions": _predictions,
    "metrics": _metrics,
    "model": _model,
    "windows": _windows,
    "findings": _findings,
}
