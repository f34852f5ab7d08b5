"""From records to everything that a report says: claims, facts, series, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vispera.decision import Decision
from vispera.files import json_hash, plain
from vispera.report.feasibility import verdict
from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.claim import Claims
from vispera.report.feasibility.gather import calls, decision, making, quality, series, since, table, usage
from vispera.report.feasibility.source import Records, Source
from vispera.schema import Schema

PARTS = {
    "decision": decision.gather,
    "table": table.gather,
    "calls": calls.gather,
    "quality": quality.gather,
    "usage": usage.gather,
    "making": making.gather,
}


def gather(
    basis: Basis,
    declared: Decision,
    schema: Schema,
    parameters: Mapping[str, Any],
    previous: Source | None = None,
    template: str | None = None,
) -> dict[str, Any]:
    """Everything that a report tells, as plain data, but for its number, its date and where it is rendered.

    ``template`` marks the notebook that shows it. ``basis`` in it is a hash of all that is not about the
    report before: the same for the same records.
    """
    own = {"decision": plain(asdict(declared)), "basis_runs": basis.names}
    sources: Sequence[Source] = [*basis.sources, *([previous] if previous else [])]
    claims = Claims(Records(sources, own))
    facts: dict[str, Any] = {name: part(claims, basis) for name, part in PARTS.items()}
    told = {
        "problem": basis.problem,
        "simulated": basis.simulated,
        "parameters": dict(parameters),
        "template": template,
        **own,
        "facts": facts,
        "verdict": verdict.judge(claims, facts),
        "series": series.gather(basis, schema, facts),
    }
    told["runs"] = {
        source.name: source.hashes() for source in basis.sources
    }  # of the files that were read by now
    told["basis"] = json_hash([told, claims.as_dict()])
    told["since"] = since.gather(claims, told["verdict"], previous)
    return {**told, "claims": claims.as_dict()}
