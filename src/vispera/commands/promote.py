"""``vispera promote``: a run made the champion, if it passes the gates.

run -> candidate -> gates, each with its evidence -> version -> one more entry in the history
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from vispera import workspace
from vispera.commands.data import DataSettings
from vispera.commands.judging import Court
from vispera.errors import GateRefused, UsageError
from vispera.fitting import Recipe
from vispera.invocation import Invocation
from vispera.problem import Problem
from vispera.promotion.candidate import candidate
from vispera.promotion.gate import NEVER_WAIVED, Judged, Limits, faults_of
from vispera.promotion.rival import Draws
from vispera.record import RunRecord, read
from vispera.registry import Alias, Registry, Shown
from vispera.registry.chain import present
from vispera.registry.entry import PROMOTE, Deed, Entry

EXAMPLE = 'by="NAME" reason="..."'
KEPT = re.compile(r"(to|registry|registry\..*|limits\..*|resamples)=")
"""Words that stay as they were typed when a promotion is typed again."""
REGISTRY = re.compile(r"registry(\..*)?=")
"""Those that say which registry: without them the next command would look into another one."""


@dataclass(frozen=True, kw_only=True)
class Beats:
    """Recipes that a run has to be better than."""

    prior: Recipe
    rule: Recipe


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera promote`` takes; ``problem`` and ``model`` are those of the ``run``."""

    problem: Problem
    model: Recipe
    beats: Beats
    data: DataSettings
    registry: Registry
    run: str | None = None
    to: Alias = "champion"
    by: str = ""
    reason: str = ""
    waive: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    resamples: int = 1000
    seed: int = 0
    threads: int = 2

    def __post_init__(self):
        told = faults_of(self.waive)
        if self.resamples < 1:
            told.append(f"resamples={self.resamples}: wanted 1 or more; 1000 hold still")
        if told:
            raise UsageError(*told)


def signed(by: str, reason: str) -> None:
    """Nothing, if somebody answers for what is done and says why; UsageError otherwise."""
    told = []
    if not by.strip():
        told.append(f"by has no value: nothing is changed without a name; type {EXAMPLE}")
    if not reason.strip():
        told.append(f"reason has no value: the history keeps why; type {EXAMPLE}")
    if told:
        raise UsageError(*told)


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 after the alias names the run's version, or did already; 3 if a gate refuses and is not waived."""
    if arguments.run is None:
        raise UsageError(
            f"run has no value; type run=ID or run=best, with {EXAMPLE}; vispera runs lists them"
        )
    signed(arguments.by, arguments.reason)
    problem, registry, alias = arguments.problem, arguments.registry, arguments.to
    record = read(workspace.experiments() / arguments.run)
    if record.problem != problem.name:
        raise UsageError(f"run {record.id} is of problem '{record.problem}', and '{problem.name}' was typed")
    seen = registry.history(problem.name)
    there = present(seen, alias)
    if there is not None and there.run == record.id:
        since = f"since {there.at[:10]}, by {there.by}"
        print(f"run {record.id} is the {alias} of {problem.name} already, {since}: nothing to do")
        print(*mended(registry, problem.name), sep="", end="")
        return 0
    found = candidate(record)
    judged = court(arguments, seen).judge(found)
    print(*page(arguments, record, judged), sep="\n")
    if judged.refused or found.package is None:
        raise GateRefused(*refusal(arguments, record, judged, invocation))
    deed = Deed(
        alias=alias,
        action=PROMOTE,
        by=arguments.by,
        reason=arguments.reason,
        gates=tuple(judged.verdicts),
        waived=judged.waived,
    )
    entry = registry.append(problem.name, deed, seen, found.package)
    print(*closing(entry, invocation), sep="\n")
    return 0


def mended(registry: Registry, problem: str) -> Iterator[str]:
    """A line for each alias that stands elsewhere too, and did not say there what the history says."""
    if isinstance(registry, Shown):
        yield from (f"{told}: it does now\n" for told in registry.mend(problem))


def court(arguments: Arguments, seen: list[Entry]) -> Court:
    """Who judges the run of these arguments."""
    return Court(
        problem=arguments.problem,
        registry=arguments.registry,
        seen=seen,
        alias=arguments.to,
        limits=arguments.limits,
        beats={"beats_prior": arguments.beats.prior, "beats_rule": arguments.beats.rule},
        waive=arguments.waive,
        draws=Draws(resamples=arguments.resamples, seed=arguments.seed),
    )


def page(arguments: Arguments, record: RunRecord, judged: Judged) -> Iterator[str]:
    """What the gates said, in a table."""
    problem = arguments.problem
    marked = " (SIMULATED)" if problem.simulated else ""
    yield f"run {record.id}, to become the {arguments.to} of {problem.name}{marked}"
    yield from judged.lines()


def refusal(arguments: Arguments, record: RunRecord, judged: Judged, invocation: Invocation) -> Iterator[str]:
    """The faults of a refusal: which gates, and what to type all the same where that is allowed."""
    names = judged.refused
    refuse = "gate refuses" if len(names) == 1 else "gates refuse"
    yield f"run {record.id} does not become the {arguments.to}: {len(names)} {refuse}: {', '.join(names)}"
    if not set(names) & set(NEVER_WAIVED):
        kept = [word for word in invocation.overrides if KEPT.match(word)]
        waive = f"waive=[{','.join([*judged.waived, *names])}]"
        words = (f"run={record.id}", *kept, waive, f"by={arguments.by}", "reason=WHY THAT IS NO HINDRANCE")
        yield f"to promote it all the same, type: {replace(invocation, overrides=words).command}"


def closing(entry: Entry, invocation: Invocation) -> Iterator[str]:
    """What was done, who stands for it, and what to keep and to type next."""
    instead = "" if entry.was is None else f" instead of version {entry.was}"
    yield f"version {entry.version} is the {entry.alias} of {entry.problem} now{instead}"
    yield f"  by       {entry.by}: {entry.reason}"
    yield from handed_on(entry, invocation)


def handed_on(entry: Entry, invocation: Invocation) -> Iterator[str]:
    """The head of the history, which proves it later, and how the version gets to where it is used."""
    of = [] if entry.problem == "simulated" else [f"problem={entry.problem}"]
    of += [word for word in invocation.overrides if REGISTRY.match(word)]
    alias = [] if entry.alias == "champion" else [f"alias={entry.alias}"]
    yield f"  head     {entry.hash}"
    yield f"  keep it  {shlex.join(['vispera', 'production', *of, f'verify={entry.hash}'])}"
    yield f"  next     {shlex.join(['vispera', 'pull', *of, *alias, 'to=production'])}"
