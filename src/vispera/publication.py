"""What a verb leaves at a fixed path for a pipeline: folders that are replaced whole.

Runs have folders of their own, which no pipeline could name. ``publish=FOLDER`` gives it a copy of what it
wants to hold or to draw: numbers by window, curves as tables, the model.
"""

from __future__ import annotations

import csv
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vispera.errors import UsageError
from vispera.files import read_json, write_json

CURVES = {
    "roc": ("false_positive_rate", "true_positive_rate"),
    "precision_recall": ("recall", "precision"),
}
"""Curves of a run that are published, and the two axes of each."""
BINS = ("rows", "mean_p", "rate", "low", "high")
MARK = ".published-by-vispera"
"""Lies in each published folder: a folder without it is somebody's own, and is not replaced."""


def publish_run(run: Path, place: Path) -> None:
    """Put a finished run's numbers, curves and model into ``place``, all of them or none."""
    with replaced(place) as fresh:
        write_json(fresh / "metrics.json", _values(read_json(run / "metrics.json")))
        curves = read_json(run / "curves.json")["windows"]
        for name, axes in CURVES.items():
            _write_table(fresh / f"{name}.csv", axes, _points(curves, name, axes))
        _write_table(fresh / "calibration.csv", BINS, _bins(curves))
        shutil.copytree(run / "model", fresh / "model")


def publish_json(value: Any, place: Path) -> None:
    """Put one file of JSON, named as its folder, into ``place``."""
    with replaced(place) as fresh:
        write_json(fresh / f"{place.name}.json", value)


@contextmanager
def replaced(place: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of the one that was published there before.

    Raises
    ------
    UsageError
        If something else lies there.
    """
    place = place.absolute()
    if place.exists() and not (place / MARK).is_file() and any(place.iterdir()):
        raise UsageError(f"publish={place}: holds what was not published by vispera; name another folder")
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}.tmp")
    fresh.mkdir()
    try:
        yield fresh
        (fresh / MARK).touch()
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _values(metrics: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Value of each metric by window, and its difference to the baseline where there is one."""
    told = {}
    for window, found in metrics["windows"].items():
        told[window] = {name: one["value"] for name, one in found["metrics"].items()}
    model = metrics["against"]["model"]
    for window, found in metrics["against"]["windows"].items():
        told[window][f"log_loss_against_{model}"] = found["log_loss"]["value"]
    return told


def _points(curves: dict[str, Any], name: str, axes: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """Points of a curve, each with its window."""
    for window, found in curves.items():
        for pair in zip(*(found[name][axis] for axis in axes), strict=True):
            yield {"window": window, **dict(zip(axes, pair, strict=True))}


def _bins(curves: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for window, found in curves.items():
        for one in found["calibration"]["bins"]:
            yield {"window": window, **{name: one[name] for name in BINS}}


def _write_table(path: Path, columns: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["window", *columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
