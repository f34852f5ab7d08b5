"""A report made again from its record, and held against what was published, byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vispera import workspace
from vispera.decision import Decision
from vispera.errors import NotReproduced, VisperaError
from vispera.files import write_json
from vispera.progress import Progress
from vispera.report.feasibility import shelf
from vispera.report.feasibility.basis import Basis
from vispera.report.feasibility.gather import gather
from vispera.report.feasibility.rendering import render
from vispera.report.feasibility.source import Source
from vispera.report.feasibility.template import Template
from vispera.report.feasibility.told import FILE, Told, numbered
from vispera.schema import Schema


def verify(folder: Path, template: Template, schema: Schema) -> str:
    """That record, pages, figures and notebooks come out the same; NotReproduced names each that does not."""
    told = Told.read(folder / FILE)
    if told.content["template"] != template.mark:
        raise NotReproduced(
            f"{folder.name} was made from the template {told.content['template']}, and this one is "
            f"{template.mark}; type notebook=FILE with the one that it was"
        )
    with Progress(label="check") as progress, tempfile.TemporaryDirectory(prefix="vispera-") as bench:
        progress.step("gather the records again")
        other = list(_record(told, folder, schema, Path(bench)))
        for spoken in shelf.languages(folder):
            again = Path(bench) / spoken
            printed = any((folder / spoken).glob("*.pdf"))
            render(told, spoken, template, told.content["parameters"], again, progress.step, printed)
            other += _different(folder / spoken, again, folder)
    if other:
        raise NotReproduced(*other)
    return f"report {folder.name}: record, pages, figures and notebooks are the same, byte for byte"


def _record(told: Told, folder: Path, schema: Schema, bench: Path) -> Iterator[str]:
    """What the runs give today against what is on the shelf."""
    content = told.content
    try:
        again = gather(
            basis_of(content),
            decision_of(content),
            schema,
            content["parameters"],
            _previous(content),
            content["template"],
        )
    except (OSError, KeyError, VisperaError) as error:
        yield f"{folder.name}/{FILE}: the runs that it came from cannot be read any more: {error}"
        return
    write_json(bench / FILE, numbered(again, told.number, told.date).content)
    if (bench / FILE).read_bytes() != (folder / FILE).read_bytes():
        changed = [name for name, claim in again["claims"].items() if content["claims"].get(name) != claim]
        told_claims = ", ".join(changed[:5]) or "none"
        yield f"{folder.name}/{FILE} differs from what the runs give now; claims: {told_claims}"


def _different(kept: Path, again: Path, folder: Path) -> Iterator[str]:
    names = {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()}
    for name in sorted(names):
        made = again / name
        if not made.is_file() or made.read_bytes() != (kept / name).read_bytes():
            yield f"{folder.name}/{kept.name}/{name} does not come out as it was published"


def basis_of(content: Mapping[str, Any]) -> Basis:
    """The runs of a report, where they lie now."""
    named: Mapping[str, Any] = content["basis_runs"]
    found = {name: Source(workspace.root() / name, name) for name in content["runs"]}
    return Basis(
        content["problem"],
        content["simulated"],
        found[named["replay"]],
        found[named["run"]],
        tuple(found[name] for name in named["others"]),
        found[named["once"]] if named["once"] else None,
        tuple(found[name] for name in named["refused"]),
    )


def decision_of(content: Mapping[str, Any]) -> Decision:
    """What was declared when the report was made."""
    from pydantic import TypeAdapter

    return TypeAdapter(Decision).validate_python(content["decision"])


def _previous(content: Mapping[str, Any]) -> Source | None:
    since = content["since"]
    return Source(workspace.root() / since["before"], since["before"]) if since else None
