"""``vispera score``: tonight's list, from an extract of the open bookings and a pulled model, handed off.

model, extract -> every booking scored -> the list with its reasons -> published, and the scores kept
               -> none of both by the deadline -> a labelled fallback
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vispera import workspace
from vispera.clock import day, iso, now
from vispera.commands.data import DataSettings
from vispera.errors import Declined, FallbackDelivered, UsageError, VisperaError
from vispera.expression import own_rule
from vispera.files import file_hash
from vispera.handoff import About, Model, Publication, Published, earlier, publish, types_of
from vispera.invocation import Invocation
from vispera.lazy import pandas as pd
from vispera.money.call_list import ListSettings
from vispera.money.sheet import CONTROL, as_csv
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.tonight.desk import Asked, lay_out
from vispera.tonight.evening import Evening, score_all
from vispera.tonight.fallback import by_own_rule, still_open, units_of
from vispera.tonight.intake import Intake, Limits, quarantined
from vispera.tonight.kept import keep, retire
from vispera.tonight.ready import Ready, Sought, Wait, refuse_seen
from vispera.tonight.scoring import Scoring

Substitute = Literal["rule", "previous"]


@dataclass(frozen=True, kw_only=True)
class Fallback:
    """What stands in for a list, in this order, and when: see conf/score.yaml."""

    order: tuple[Substitute, ...] = ("rule", "previous")
    when: Literal["needed", "never", "now"] = "needed"


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera score`` takes; see conf/score.yaml."""

    problem: Problem
    data: DataSettings
    night: str | None = None
    extract: Path | None = None
    artefact: Path = Path("production")
    to: Path = Path("handoff")
    list: ListSettings = field(default_factory=ListSettings)
    limits: Limits = field(default_factory=Limits)
    fallback: Fallback = field(default_factory=Fallback)
    wait: Wait = field(default_factory=Wait)
    model_days: int | None = None
    keep_days: int = 90
    in_sample: bool = False
    seed: int = 0

    def __post_init__(self):
        horizon = self.problem.split.horizon_days
        told = self.problem.decision.lacking(self.problem.schema)
        if self.keep_days < horizon:
            told.append(
                f"keep_days={self.keep_days}: wanted {horizon} or more, the days for which lists must be "
                "remembered so that nobody is called twice"
            )
        if told:
            raise UsageError(*told)
        own_rule(self.problem.decision, self.problem.schema)

    @property
    def day(self) -> int:
        """Day number of the night; UsageError if there is none."""
        if self.night is None:
            raise UsageError(f"night has no value; type night={iso(day(now()) - 1)}")
        try:
            return day(self.night)
        except ValueError:
            raise UsageError(f"night={self.night}: wanted a date, such as night=2017-03-16") from None

    @property
    def sought(self) -> Sought:
        """Where model and extract are looked for; UsageError if nobody has said where the extract is."""
        if self.extract is None:
            raise UsageError("extract has no value; type extract=FILE, or the folder of the nightly ones")
        return Sought(
            problem=self.problem,
            artefact=self.artefact.expanduser().absolute(),
            extract=self.extract.expanduser().absolute(),
            model_days=self.model_days,
        )

    @property
    def place(self) -> Path:
        """Folder of the hand-off."""
        return self.to.expanduser().absolute()

    @property
    def kept(self) -> Path:
        """Folder of what is kept of the nights scored."""
        return workspace.root() / "scores" / self.problem.name

    def asked(self, before: tuple[Published, ...]) -> Asked:
        """How the list is made, after the lists of earlier nights."""
        decision = self.problem.decision
        if decision.costs is None or decision.worth is None or decision.capacity is None:
            raise ValueError("a list was asked for before everything was decided")
        units = [int(row["unit"], 16) for one in before for row in one.rows]
        called = np.unique(np.array(units, dtype=np.uint64))
        return Asked(self.list, decision.capacity, decision.costs, decision.worth, self.seed, called)


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after tonight's list lies in the hand-off; FallbackDelivered after a fallback does."""
    night, sought = arguments.day, arguments.sought
    with Progress(label="score") as progress:
        at_once = arguments.fallback.when == "now"
        found = sought.find(night) if at_once else sought.wait(night, arguments.wait, progress.step)
        before = earlier(arguments.place, iso(night))
        if at_once or found.lacking:
            return stand_in(arguments, night, found, before)
        for line in tonight(arguments, night, found, before, progress):
            print(line)
    return 0


def tonight(
    arguments: Arguments, night: int, found: Ready, before: tuple[Published, ...], progress: Progress
) -> Iterator[str]:
    """Lines about the list, after it is made and published, and the scores of all bookings are kept."""
    problem, scoring, extract = arguments.problem, found.scoring, found.extract
    if scoring is None or extract is None:
        raise ValueError("a list was begun without its model or extract")
    refuse_seen(scoring, night, arguments.in_sample)
    asked, intake = arguments.asked(before), Intake(problem, extract, scoring, night)
    progress.step(f"score the open bookings of {iso(night)}")
    evening = score_all(
        problem,
        scoring,
        asked.costs,
        asked.worth,
        night,
        intake.batches(),
        asked.promising,
        told_to(progress),
    )
    intake.check(arguments.limits)
    progress.step("write the list")
    made = lay_out(problem, scoring, evening, asked, intake.again, night)
    about = replace(
        about_of(arguments, night, made, intake),
        model=Model(scoring.name, scoring.content, found.version, iso(scoring.until)),
        in_sample=night <= scoring.until,
    )
    done = published(arguments, as_csv(made), about)
    facts = what_was_read(night, scoring, intake, evening, asked)
    keep(arguments.kept, done.folder.name, facts, evening.scores(), quarantined(intake.quarantine))
    retire(arguments.kept, night, arguments.keep_days)
    yield from closing_lines(facts, about, len(made), done)


def told_to(progress: Progress):
    """Tells how far the scoring has come, where it takes more than one batch."""

    def tell(number: int, scored: int) -> None:
        if number:
            progress.step(f"scored {scored:,} bookings")

    return tell


def about_of(arguments: Arguments, night: int, made: pd.DataFrame, intake: Intake | None) -> About:
    """What the manifest says of a list, whoever made it."""
    return About(
        problem=arguments.problem.name,
        night=iso(night),
        columns=types_of(made),
        simulated=arguments.problem.simulated,
        order=arguments.list.order,
        capacity=arguments.problem.decision.capacity or 0,
        control=int(np.sum(made["arm"].to_numpy() == CONTROL)),
        quarantined=intake.set_aside if intake else 0,
    )


def published(arguments: Arguments, content: bytes, about: About) -> Publication:
    """The publication; VisperaError if readers have a later night already."""
    done = publish(arguments.place, {"list.csv": content}, about, arguments.keep_days)
    if done.outcome == "later_stands":
        raise VisperaError(f"{done.sentence}; to score a past night, type to=ANOTHER_FOLDER")
    return done


def what_was_read(
    night: int, scoring: Scoring, intake: Intake, evening: Evening, asked: Asked
) -> dict[str, Any]:
    """Content of ``score.json``: of what, and by what, a night was scored."""
    extract = intake.extract
    return {
        "night": iso(night),
        "extract": {path.name: file_hash(path) for path in (extract.bookings, *extract.sources.values())},
        "read": intake.read,
        "set_aside": intake.reasons,
        "open": len(evening.booked),
        "units": len(evening.units),
        "listed_before": len(asked.called),
        "model": {
            "name": scoring.name,
            "content": scoring.content,
            "trained_until": iso(scoring.until),
            "days": night - scoring.until,
        },
    }


def closing_lines(facts: dict[str, Any], about: About, rows: int, done: Publication) -> Iterator[str]:
    """What came of the night, for whoever reads the log in the morning."""
    model = facts["model"]
    simulated = " (SIMULATED)" if about.simulated else ""
    yield f"night {facts['night']}{simulated}: {rows} of {facts['units']:,} units listed, by {about.order}"
    if about.in_sample:
        yield "  IN SAMPLE: the model has seen how this night ended"
    yield (
        f"  {facts['read']:,} bookings read, {facts['open']:,} open within the horizon, "
        f"{about.quarantined:,} set aside"
    )
    yield from (f"    {reason}: {count:,}" for reason, count in facts["set_aside"].items())
    version = f"version {about.model.version}, " if about.model and about.model.version else ""
    yield (
        f"  {model['name']}, {version}{model['content'][:12]}, learned until {model['trained_until']}, "
        f"{model['days']} days before"
    )
    if about.control:
        yield f"  {about.control} of them are controls, not to be called"
    yield f"  {done.sentence}"


def stand_in(arguments: Arguments, night: int, found: Ready, before: tuple[Published, ...]) -> int:
    """Never returns 0 for a fallback: FallbackDelivered after one is published; 0 if a list stands already.

    Raises
    ------
    VisperaError
        If no fallback is wanted, or none can be made.
    """
    lacking = found.lacking or ("fallback.when=now was typed",)
    because = "; ".join(found.reasons) or "a fallback was asked for"
    if arguments.fallback.when == "never":
        raise VisperaError(*lacking, "no fallback was published, as fallback.when=never asks")
    refused = []
    for kind in arguments.fallback.order:
        try:
            content, about = SUBSTITUTES[kind](arguments, night, found, before)
        except Declined as no:
            refused += no.faults
            continue
        done = published(arguments, content, replace(about, kind="fallback", reason=f"{kind}: {because}"))
        if done.outcome == "list_stands":
            print(done.sentence)
            return 0
        raise FallbackDelivered(*lacking, f"a fallback ({kind}) stands in for the list; {done.sentence}")
    raise VisperaError(*lacking, "and there is no fallback: " + "; ".join(refused or ["none is wanted"]))


def own_rule_list(
    arguments: Arguments, night: int, found: Ready, before: tuple[Published, ...]
) -> tuple[bytes, About]:
    """The list of the hotel's own rule; Declined where it has none, or there is no extract."""
    problem = arguments.problem
    rule = own_rule(problem.decision, problem.schema)
    if rule is None or found.extract is None:
        said = "is not declared" if rule is None else "needs an extract"
        raise Declined(f"the hotel's own rule {said}")
    asked, intake = arguments.asked(before), Intake(problem, found.extract, found.scoring, night)
    made = by_own_rule(problem, rule, intake, night, asked.capacity, asked.called)
    intake.check(arguments.limits)
    return as_csv(made), about_of(arguments, night, made, intake)


def previous_list(
    arguments: Arguments, night: int, found: Ready, before: tuple[Published, ...]
) -> tuple[bytes, About]:
    """The last list without those who are no longer open; Declined where there is none."""
    if not before:
        raise Declined("no list of an earlier night is there")
    last, there = before[-1], None
    if found.extract is not None:
        intake = Intake(arguments.problem, found.extract, found.scoring, night)
        there = units_of(arguments.problem, intake.batches(), night)
    return still_open(last, night, there), replace(last.about, night=iso(night))


SUBSTITUTES = {"rule": own_rule_list, "previous": previous_list}
