"""How good the probabilities are, on nights that the model never saw."""

from __future__ import annotations

from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims, Form
from vispera.report.feasibility.source import Source

FORMS: dict[str, tuple[Form, int]] = {
    "log_loss": ("number", 4),
    "pr_auc": ("number", 3),
    "roc_auc": ("number", 3),
    "brier": ("number", 4),
    "ece": ("points", 1),
    "precision_at_k": ("percent", 0),
}
"""How each metric is written; an expected calibration error is a distance in percentage points."""


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about the run that is judged, by window, and about those beside it."""
    run = basis.run
    windows = list(run.at("metrics.json", "windows"))
    window = "test" if "test" in windows else "tuning"
    about = ("windows", window)
    claims.add("model", "model", run.place("record.json", "model"))
    for name in ("rows", "positives"):
        claims.add(f"judged_{name}", "count", run.place("metrics.json", *about, name))
    claims.add("judged_rate", "percent", run.place("metrics.json", *about, "rate"))
    claims.add("judged_first", "date", run.place("metrics.json", *about, "first_night"))
    claims.add("judged_last", "date", run.place("metrics.json", *about, "last_night"))
    claims.add("confidence", "percent", run.place("metrics.json", "level"), digits=0)
    claims.add("test_looks", "count", run.place("record.json", "test_looks"))
    measured = [name for name in FORMS if run.at("metrics.json", *about, "metrics", name)]
    for name in measured:
        form, digits = FORMS[name]
        claims.interval(name, form, run.place("metrics.json", *about, "metrics", name), digits)
    claims.add(
        "pairs_of_100", "percent", run.place("metrics.json", *about, "metrics", "roc_auc", "value"), digits=0
    )
    parts = [name for name in windows if name != "tuning"]
    _by_window(claims, run, parts)
    _hits(claims, run, about)
    return {
        "window": window,
        "windows": parts,
        "metrics": measured,
        "against": _against(claims, run, window),
        "others": [_other(claims, source, window, number) for number, source in enumerate(basis.others)],
        "calibration": _calibration(claims, run, window),
    }


def _by_window(claims: Claims, run: Source, parts: list[str]) -> None:
    for name in parts:
        claims.interval(
            f"auc.{name}", "number", run.place("metrics.json", "windows", name, "metrics", "roc_auc")
        )
        claims.interval(f"ece.{name}", "points", run.place("metrics.json", "windows", name, "metrics", "ece"))
        for end in ("first_night", "last_night"):
            claims.add(f"{end}.{name}", "date", run.place("metrics.json", "windows", name, end))
        claims.add(f"rate.{name}", "percent", run.place("metrics.json", "windows", name, "rate"))
    values = [run.place("metrics.json", "windows", name, "metrics", "roc_auc", "value") for name in parts]
    claims.add("auc_least", "number", *values, how="least")
    claims.add("auc_most", "number", *values, how="greatest")


def _hits(claims: Claims, run: Source, about: tuple[str, ...]) -> None:
    """Hits among the calls of a night, in calls."""
    k = run.place("metrics.json", "metrics", "precision_at_k", "parameters", "k")
    claims.add("k", "count", k)
    for name in ("value", "chance", "perfect"):
        place = run.place("metrics.json", *about, "metrics", "precision_at_k", name)
        claims.add(f"hits_{name}", "number", k, place, how="product", digits=1)


def _against(claims: Claims, run: Source, window: str) -> dict[str, Any] | None:
    """The paired difference in log-loss to the baseline, and its verdict."""
    gap = run.at("metrics.json", "against", "windows", window, "log_loss")
    if not gap:
        return None
    claims.add("baseline", "model", run.place("metrics.json", "against", "model"))
    claims.interval(
        "against_baseline", "number", run.place("metrics.json", "against", "windows", window, "log_loss"), 4
    )
    return {"model": run.at("metrics.json", "against", "model"), "verdict": gap["verdict"]}


def _other(claims: Claims, source: Source, window: str, number: int) -> str:
    """A run that the judged one is held against; the name of its model."""
    claims.add(f"other_{number}", "model", source.place("record.json", "model"))
    there = window if source.at("metrics.json", "windows", window) else "tuning"
    for name in ("log_loss", "roc_auc", "precision_at_k", "ece"):
        form, digits = FORMS[name]
        claims.interval(
            f"other_{number}_{name}",
            form,
            source.place("metrics.json", "windows", there, "metrics", name),
            digits,
        )
    return source.at("record.json", "model")


def _calibration(claims: Claims, run: Source, window: str) -> dict[str, Any]:
    """The group with the greatest predicted risk: what was predicted, and what happened."""
    bins = run.at("curves.json", "windows", window, "calibration", "bins") or []
    if bins:
        where = ("windows", window, "calibration", "bins", len(bins) - 1)
        claims.add("riskiest_rows", "count", run.place("curves.json", *where, "rows"))
        claims.add("riskiest_predicted", "percent", run.place("curves.json", *where, "mean_p"), digits=0)
        claims.add("riskiest_observed", "percent", run.place("curves.json", *where, "rate"), digits=0)
    return {"bins": len(bins)}
