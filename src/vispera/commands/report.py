"""``vispera report``: the numbered feasibility report, for people who do not read code, in either language.

records -> which runs -> claims, series, verdict -> number -> notebook -> page, figures, PDF -> shelf, tracker
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from vispera import workspace
from vispera.alone import alone
from vispera.clock import now
from vispera.commands.data import DataSettings
from vispera.errors import UsageError
from vispera.files import file_hash
from vispera.invocation import Invocation
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.record import read_all
from vispera.report.closing import mirror_lines, short
from vispera.report.feasibility import shelf
from vispera.report.feasibility.basis import Basis, choose, pinned
from vispera.report.feasibility.execution import CellFailed
from vispera.report.feasibility.gather import gather
from vispera.report.feasibility.rendering import Rendered, render, stem
from vispera.report.feasibility.source import Source
from vispera.report.feasibility.template import Template, read_template
from vispera.report.feasibility.told import FILE, Told, numbered
from vispera.report.feasibility.verification import verify
from vispera.run import Run, start_run
from vispera.tracker import Tracker, mirrored
from vispera.tracker.none import NoTracker

SHELF = ("reports", "feasibility")
TEMPLATE = Path("notebooks", "feasibility.ipynb")
OURS = ("report", "language")
"""Parameters of the notebook that the command fills in."""


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera report`` takes.

    Attributes
    ----------
    replay, runs
        Ids; without them the newest finished replay of the problem, the run of train whose recipe it
        followed, and the best run of each other model. The first of ``runs`` is the one that is judged.
    new
        A new number even if nothing has changed since the last report.
    check
        Number of a report that is made again from its record and compared, byte for byte; nothing is written.
    notebook, parameters
        The template, and what it is given beside the record and the language.
    data, seed
        Those of the problem; a report reads no table and draws nothing by lot.
    """

    problem: Problem
    language: Literal["en", "es"] = "en"
    replay: str | None = None
    runs: tuple[str, ...] = ()
    new: bool = False
    check: int | None = None
    notebook: Path | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: DataSettings = field(default_factory=DataSettings)
    seed: int = 0
    tracker: Tracker = field(default_factory=NoTracker)
    note: str = ""
    tags: tuple[str, ...] = ()

    def __post_init__(self):
        absent = self.problem.decision.missing
        if absent and self.check is None:
            raise UsageError(
                *(
                    f"problem.decision.{name} has no value, and a report tells people what is decided; "
                    "write it into the problem's YAML, docs/first-conversation.md says how to ask for it"
                    for name in absent
                )
            )

    @property
    def template(self) -> Template:
        """The notebook, its parameters checked; UsageError with every fault."""
        template = read_template(self.notebook or workspace.source() / TEMPLATE)
        faults = [f"parameters.{name}: the command fills it in" for name in OURS if name in self.parameters]
        if faults := [*faults, *template.faults(self.parameters)]:
            raise UsageError(*faults)
        return template


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the report is on the shelf and where it lies is printed; 1 where a cell failed."""
    template, place = arguments.template, workspace.root().joinpath(*SHELF)
    if arguments.check is not None:
        print(verify(shelf.of_number(place, arguments.check), template, arguments.problem.schema))
        return 0
    place.mkdir(parents=True, exist_ok=True)
    with alone(place, "writes into"), Progress(label="report") as progress:
        progress.step("gather the records")
        told, basis = gathered(arguments, template, place)
        there = place / told.name / arguments.language
        if there.is_dir():
            print(*_already(there, invocation), sep="\n")
            return 0
        with (
            start_run(
                workspace.experiments(),
                name=f"report-{arguments.language}",
                command=invocation.overrides,
                config=invocation.config,
                verb=invocation.verb,
                note=arguments.note or None,
                tags=arguments.tags,
                parent=basis.replay.folder.name,
            ) as live,
            mirrored(arguments.tracker, live),
        ):
            live.set(problem=told.content["problem"], model=basis.run.at("record.json", "model"))
            rendered = made(told, arguments, template, live, progress)
            there = shelf.publish(place, told, arguments.language, rendered.folder)
    print(*closing(told, there, rendered, live, invocation), sep="\n")
    return 0


def gathered(arguments: Arguments, template: Template, place: Path) -> tuple[Told, Basis]:
    """What the report tells, under the number of one that tells just that or under the next, and its runs."""
    problem = arguments.problem
    basis = choose(read_all(workspace.experiments()), problem.name, arguments.replay, arguments.runs)
    if faults := pinned(problem.decision, basis):
        raise UsageError(*faults)
    before = shelf.of_problem(place, problem.name)
    previous = Source(before[-1], "/".join((*SHELF, before[-1].name))) if before else None
    declared = (problem.decision, problem.schema)
    told = gather(basis, *declared, arguments.parameters, previous, template.mark)
    same = None if arguments.new else shelf.same(place, told)
    if same:
        return Told.read(same / FILE), basis
    return numbered(told, shelf.next_number(place), now().date().isoformat()), basis


def made(told: Told, arguments: Arguments, template: Template, live: Run, progress: Progress) -> Rendered:
    """The report in the run's folder; one whose notebook fails is put on the shelf as FAILED."""
    folder, spoken = live.folder / "report", arguments.language
    try:
        with live.phase("render"):
            rendered = render(told, spoken, template, arguments.parameters, folder, progress.step)
    except CellFailed as failure:
        kept = shelf.keep_failed(workspace.root().joinpath(*SHELF), told, spoken, folder, str(failure))
        raise CellFailed(f"{failure}; the notebook as far as it came: {short(kept)}") from failure
    live.set(hashes={"report": file_hash(folder / FILE), "page": file_hash(rendered.page)})
    return rendered


def closing(told: Told, place: Path, rendered: Rendered, live: Run, invocation: Invocation) -> Iterator[str]:
    """Where everything lies, the verdict first."""
    mark = ", on SIMULATED data" if told.simulated else ""
    yield f"report {told.name}: {told.verdict['answer'].replace('_', ' ')}{mark}"
    yield from _files(place)
    if rendered.no_pdf:
        yield f"no pdf   {rendered.no_pdf}"
    yield from mirror_lines(live.record.tracker)
    check = Invocation(invocation.verb, (f"check={told.number}",), flags=invocation.flags)
    yield f"check    {check.command}"
    yield f"again    {invocation.command}"


def _files(place: Path) -> Iterator[str]:
    told = Told.read(place.parent / FILE)
    name = stem(told, place.name)
    for kind in ("html", "pdf", "ipynb"):
        if (path := place / f"{name}.{kind}").is_file():
            yield f"{ {'html': 'page', 'ipynb': 'notebook'}.get(kind, kind):<8} {short(path)}"
    yield f"{'record':<8} {short(place.parent / FILE)}"


def _already(place: Path, invocation: Invocation) -> Iterator[str]:
    yield f"report {place.parent.name} is there in this language, and nothing that it rests on has changed"
    yield from _files(place)
    yield f"anew     {invocation.command} new=true"
