"""What the figures are drawn from, as the records hold it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from vispera.feature import FeatureSpec
from vispera.money.theme import meanings
from vispera.report.feasibility.basis import Basis
from vispera.schema import Schema

LARGEST = 8
"""Themes that have a bar of their own."""


def gather(basis: Basis, schema: Schema, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Series by name of figure; one that the records do not hold is left out."""
    calls, quality = facts["calls"], facts["quality"]
    found = {
        "ladder": _ladder(basis, calls),
        "season": _season(basis, calls),
        "calibration": _calibration(basis, quality["window"]),
        "windows": _windows(basis, quality["windows"]),
        "sensitivity": _sensitivity(basis, calls),
        "uses": _uses(basis, schema),
        "precision": _precision(basis, quality["window"]),
        "fairness": basis.replay.at("fairness.json", "columns")
        if basis.replay.has("fairness.json")
        else None,
    }
    return {name: series for name, series in found.items() if series}


def _ladder(basis: Basis, calls: Mapping[str, Any]) -> dict[str, Any]:
    replay, told = basis.replay.read("replay.json"), []
    contenders = {one["name"]: one for one in replay["contenders"]}
    rungs = {one["model"]: one for one in replay["ladder"]["rungs"]}
    for name in calls["ways"]:
        one = contenders.get(name) if name not in ("rule", "model") else rungs[calls["ways_models"][name]]
        one = one or rungs[calls["ways_models"][name]]
        counts = {count: one.get(count) for count in ("calls", "caught", "missed", "in_vain")}
        told.append(
            {
                "name": name,
                "model": one["model"],
                **one["realised"],
                **counts,
                "chosen": name == calls["chosen"],
                "recommended": name == calls["recommended"],
            }
        )
    return {"level": replay["level"], "nights": replay["nights"]["count"], "ways": told}


def _season(basis: Basis, calls: Mapping[str, Any]) -> dict[str, Any]:
    by_night = basis.replay.at("replay.json", "by_night")
    own = by_night[f"model_by_{calls['order']}"]
    rule = by_night.get("own_rule")
    counts = {name: own[name] for name in ("calls", "caught", "in_vain", "realised")}
    return {
        "night": by_night["night"],
        **counts,
        "own_rule": rule["realised"] if rule else None,
        "capacity": basis.replay.at("replay.json", "capacity"),
    }


def _calibration(basis: Basis, window: str) -> dict[str, Any] | None:
    bins = basis.run.at("curves.json", "windows", window, "calibration", "bins")
    return {"model": basis.run.at("record.json", "model"), "window": window, "bins": bins} if bins else None


def _windows(basis: Basis, names: list[str]) -> dict[str, Any]:
    windows, beside = basis.run.at("metrics.json", "windows"), _baseline(basis)
    return {
        "model": basis.run.at("record.json", "model"),
        "baseline": beside.at("record.json", "model") if beside else None,
        "ceiling": basis.replay.at("config.yaml", "problem", "decision", "ceiling"),
        "windows": [
            {
                "name": name,
                "first": windows[name]["first_night"],
                "last": windows[name]["last_night"],
                "roc_auc": _ends(windows[name]["metrics"]["roc_auc"]),
                "baseline_roc_auc": beside.at("metrics.json", "windows", name, "metrics", "roc_auc", "value")
                if beside
                else None,
                "ece": _ends(windows[name]["metrics"]["ece"]),
                "rate": windows[name]["rate"],
                "mean_p": None,
            }
            for name in names
        ],
    }


def _baseline(basis: Basis):
    """The run of the model that the judged one was compared with, if it is among the others."""
    wanted = basis.run.at("metrics.json", "against", "model")
    return next((one for one in basis.others if one.at("record.json", "model") == wanted), None)


def _ends(found: Mapping[str, Any]) -> dict[str, Any]:
    return {end: found[end] for end in ("value", "low", "high")}


def _sensitivity(basis: Basis, calls: Mapping[str, Any]) -> dict[str, Any] | None:
    replay = basis.replay.read("replay.json")
    own = next(one for one in replay["contenders"] if one["name"] == f"model_by_{calls['order']}")
    rows = [
        {
            "kind": "calls",
            "name": "calls",
            "setting": one["capacity"],
            "base": replay["capacity"],
            **one["realised"],
        }
        for one in replay["capacities"]
    ]
    rows += [
        {
            "kind": "together" if one["setting"] is None else "alone",
            "name": one["name"],
            "setting": one["setting"],
            "base": one["base"],
            **one["realised"],
        }
        for one in replay["assumptions"]
    ]
    return {"base": own["realised"], "capacity": replay["capacity"], "rows": rows} if rows else None


def _uses(basis: Basis, schema: Schema) -> dict[str, Any] | None:
    """Shares of what the model uses, features that speak of one thing together."""
    if not basis.run.has("importance.json"):
        return None
    spec = FeatureSpec(**basis.run.at("config.yaml", "model", "features"))
    known, shares = meanings(schema, spec), Counter[str]()
    values = {name: value for name, value in basis.run.at("importance.json", "values").items() if value > 0}
    for name, value in values.items():
        shares[known[name].theme if name in known else name] += value / sum(values.values())
    ranked = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
    rest = ranked[LARGEST:]
    return {
        "method": basis.run.at("importance.json", "method"),
        "themes": [{"name": name, "share": share} for name, share in ranked[:LARGEST]],
        "others": len(rest),
        "others_share": sum(share for _, share in rest),
    }


def _precision(basis: Basis, window: str) -> dict[str, Any] | None:
    found = basis.run.at("metrics.json", "windows", window, "metrics", "precision_at_k")
    k = basis.run.at("metrics.json", "metrics", "precision_at_k", "parameters", "k")
    if not found or not k:
        return None
    names = {"perfect": "perfect", "model": "value", "random": "chance"}
    return {
        "k": k,
        "rows": [
            {"name": name, "value": k * found[part]}
            for name, part in names.items()
            if found[part] is not None
        ],
    }
