"""The data: how much, from where, what is missing, how it leaks, and what was refused."""

from __future__ import annotations

from typing import Any

from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.source import OWN

KNOWN = ("booking", "mutable", "check_in", "outcome")
GAPS = ("missing", "none")
"""Kinds of gaps: no value, and the category that stands for none, or for one that nobody told."""


def gather(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Claims about the table, and the names of what is in it."""
    return {**_size(claims, basis), **_columns(claims, basis), **_leaks(claims, basis)}


def _size(claims: Claims, basis: Basis) -> dict[str, Any]:
    data = basis.replay
    rows = data.place("data.json", "rows")
    claims.add("rows", "count", rows)
    claims.add("cancelled", "count", data.place("data.json", "cancelled"))
    claims.add("cancelled_share", "percent", data.place("data.json", "cancelled"), rows, how="ratio")
    claims.add("first_arrival", "date", data.place("data.json", "first_arrival"))
    claims.add("last_arrival", "date", data.place("data.json", "last_arrival"))
    claims.add("data_hash", "hash", data.place("data.json", "content_hash"))
    claims.add("quarantined", "count", data.place("data.json", "quarantined"), how="total")
    claims.add("flagged", "count", data.place("data.json", "flagged"), how="total")
    named = {
        name: list(data.at("data.json", name) or {}) for name in ("quarantined", "flagged", "sources", *GAPS)
    }
    for name, keys in named.items():
        for key in keys:
            claims.add(f"{name}.{key}", "count", data.place("data.json", name, key))
    for gap in GAPS:
        for key in named[gap]:
            claims.add(f"{gap}_share.{key}", "percent", data.place("data.json", gap, key), rows, how="ratio")
    return {**named, "counts_missing": data.at("data.json", "missing") is not None}


def _columns(claims: Claims, basis: Basis) -> dict[str, Any]:
    """Columns by when they are known; all but the first kind are hidden from every model."""
    declared = basis.replay.at("config.yaml", "problem", "schema", "columns") or {}
    names = {known: [name for kind in declared.get(known, {}).values() for name in kind] for known in KNOWN}
    for known in KNOWN:
        kinds = [
            basis.replay.place("config.yaml", "problem", "schema", "columns", known, kind)
            for kind in declared.get(known, {})
        ]
        if kinds:
            claims.add(f"columns_{known}", "count", *kinds, how="sizes")
    return {"columns": names}


def _leaks(claims: Claims, basis: Basis) -> dict[str, Any]:
    audit = basis.run
    claims.add("features", "count", audit.place("audit.json", "features"), how="size")
    findings = audit.at("audit.json", "findings") or []
    claims.add("findings", "count", audit.place("audit.json", "findings"), how="size")
    claims.add("waived", "count", audit.place("audit.json", "waive"), how="size")
    for number in range(len(findings)):
        claims.add(f"finding_{number}", "text", audit.place("audit.json", "findings", number, "evidence"))
    claims.add("refused", "count", f"{OWN}#/basis_runs/refused", how="size")
    for number, source in enumerate(basis.refused):
        claims.add(f"refused_{number}", "text", source.place("record.json", "error"))
        claims.add(f"refused_id_{number}", "code", source.place("record.json", "id"))
    return {
        "checks": [finding["check"] for finding in findings],
        "waived": list(audit.at("audit.json", "waive") or []),
        "audit_skipped": bool(audit.at("audit.json", "skip")),
    }
