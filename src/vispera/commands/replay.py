"""``vispera replay``: past nights again, in counts and in money, and whether a model is needed at all.

problem -> table -> open books -> audit -> refits, scores -> ways of calling -> ladder, sensitivity -> lists
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal

from vispera import workspace
from vispera.asof import Ledger
from vispera.audit import AuditSettings
from vispera.clock import iso
from vispera.commands.data import DataSettings
from vispera.commands.gate import Gate
from vispera.errors import UsageError
from vispera.expression import own_rule
from vispera.feature import faults
from vispera.files import write_bytes
from vispera.fitting import Recipe
from vispera.invocation import Invocation
from vispera.lazy import pandas as pd
from vispera.money.call_list import ListSettings
from vispera.money.sheet import Scores, as_csv, guests_of, on_lists, sheet
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.replay import answer
from vispera.replay.contender import own_account
from vispera.replay.fairness import fairness
from vispera.replay.ground import Account, Ground
from vispera.replay.noise import LEVEL, Draws
from vispera.replay.plan import Lists, Plan, quality
from vispera.replay.reasoned import how_often, reasoned
from vispera.replay.season import (
    Knowledge,
    Refit,
    Scored,
    day_of,
    known_to,
    nights_of,
    predictions,
    stretches,
)
from vispera.replay.sensitivity import Sensitivity
from vispera.report.replayed import closing_lines
from vispera.results import described, keep_data, keep_predictions, keys
from vispera.run import Run, start_run
from vispera.split import TEST, folds, windows
from vispera.table import Table
from vispera.tracker import Guarded, Tracker, mirrored
from vispera.tracker.none import NoTracker


@dataclass(frozen=True, kw_only=True)
class Rungs:
    """Recipes of the ladder, from the simplest on; the chosen model comes last if it is none of them."""

    rule: Recipe
    linear: Recipe
    trees: Recipe


@dataclass(frozen=True, kw_only=True)
class Nights:
    """First and last night, and the one that is shown; see conf/replay.yaml."""

    first: str | None = None
    last: str | None = None
    shown: str | None = None

    def day_shown(self, first: int, last: int) -> int | None:
        """Day number of the night that is shown; None for one of median value; UsageError if it is none."""
        if self.shown is None:
            return None
        night = day_of("shown", self.shown)
        if not first <= night <= last:
            raise UsageError(
                f"nights.shown={self.shown} is not one of the nights {iso(first)} to {iso(last)}; "
                f"type nights.shown={iso(first)}"
            )
        return night


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera replay`` takes; ``run`` names a run whose recipe ``model`` is."""

    problem: Problem
    model: Recipe
    ladder: Rungs
    data: DataSettings
    nights: Nights = field(default_factory=Nights)
    refit: Refit = "monthly"
    knowledge: Knowledge = "nightly"
    list: ListSettings = field(default_factory=ListSettings)
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    tracker: Tracker = field(default_factory=NoTracker)
    audit: AuditSettings = field(default_factory=AuditSettings)
    run: str | None = None
    resamples: int = 1000
    seed: int = 0
    threads: int = 2
    note: str = ""
    tags: tuple[str, ...] = ()
    language: Literal["en", "es"] = "en"

    def __post_init__(self):
        told = [
            f"{role}.{fault}"
            for role, recipe in self.recipes.items()
            for fault in faults(recipe.features, self.problem.schema)
        ]
        told += self.problem.decision.lacking(self.problem.schema)
        if costs := self.problem.decision.costs:
            told += self.sensitivity.faults(costs)
        if self.resamples < 1:
            told.append(f"resamples={self.resamples}: wanted 1 or more; 1000 hold still")
        if told:
            raise UsageError(*told)
        own_rule(self.problem.decision, self.problem.schema)
        for name in self.problem.decision.slices:
            self.problem.schema.column(name)

    @property
    def plan(self) -> Plan:
        """What is asked, without where it comes from and goes to."""
        return Plan(
            problem=self.problem,
            recipes=self.recipes,
            role=next(role for role, recipe in self.recipes.items() if recipe == self.model),
            settings=self.list,
            sensitivity=self.sensitivity,
            seed=self.seed,
        )

    @property
    def recipes(self) -> dict[str, Recipe]:
        """Every recipe that is fitted, by its role, from the simplest on."""
        rungs = {"rule": self.ladder.rule, "logistic": self.ladder.linear, "trees": self.ladder.trees}
        known = self.model in rungs.values()
        return rungs if known else {**rungs, "model": self.model}


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the replay is recorded in a folder of its own and what came of it is printed."""
    with (
        start_run(
            workspace.experiments(),
            name=f"replay-{arguments.model.name}",
            command=invocation.overrides,
            config=invocation.config,
            verb=invocation.verb,
            note=arguments.note or None,
            tags=arguments.tags,
            parent=arguments.run,
            threads=arguments.threads,
        ) as live,
        mirrored(arguments.tracker, live) as mirror,
        Progress(label="replay") as progress,
    ):
        progress.say(f"run {live.id}")
        told = replay(arguments, live, mirror, progress)
    for line in closing_lines(live.record, told, invocation.command):
        print(line)
    return 0


def replay(arguments: Arguments, live: Run, mirror: Guarded, progress: Progress) -> Mapping[str, Any]:
    """The replay as plain data; every step leaves its part in the run's folder."""
    problem, plan = arguments.problem, arguments.plan
    with live.phase("data"):
        progress.step(f"read the table of {problem.name}")
        live.set(problem=problem.name, model=arguments.model.name)
        table = problem.load()
        keep_data(live, described(problem, table))
        first, last = nights_of(problem, table, arguments.nights.first, arguments.nights.last)
        shown = arguments.nights.day_shown(first, last)
        over = stretches(first, last, arguments.refit)
    with live.phase("books"):
        progress.step(f"open the books of {iso(first)} to {iso(last)}")
        known = known_to(arguments.knowledge, over)
        ground = plan.ground(table, first, last, known)
    with live.phase("features"):
        ready = plan.ready(ground.book, Ledger(table, problem.split.horizon_days), known, progress.step)
    with live.phase("audit"):
        progress.step("look for leaks")
        material, found = ready[plan.role].material, folds(problem.split, table)
        gate = Gate(arguments.audit, material.rows.x.columns, live, progress)
        gate.passes(lambda: plan.findings(ready, found))
        looked = _of_the_test_window(problem, table, first, last)
        live.set(**keys(problem, material, found, live.folder.parent if looked else None))
    progress.total = 7 + len({id(one) for one in ready.values()}) + len(plan.recipes) * len(over)
    with live.phase("fits"):
        scored = plan.scores(ready, over, progress.step)
        mine = scored[plan.role]
        keep_predictions(live, pd.DataFrame(predictions(mine)))
    with live.phase("calls"):
        progress.step("call in every way")
        draws = Draws.of(len(ground.book.nights), resamples=arguments.resamples, seed=arguments.seed)
        ways = plan.contenders(ground, scored)
        progress.step("change one assumption after the other")
        own = own_account(ways)
        ladder = plan.ladder(ground, scored, draws, own)
        judged = {"ladder": ladder, **plan.variations(ground, mine.p, draws)}
    with live.phase("lists"):
        progress.step("write the lists")
        lists = plan.lists(ground, mine.p)
        keep_lists(live, arguments, ground, lists, mine)
        called = ground.called(lists.places)
        live.put_json("fairness.json", fairness(ground, called, problem.decision.slices))
    account = next(way.account for way in ways if way.name == plan.chosen)
    told = {
        **about(arguments, ground, [iso(stretch.cutoff) for stretch in over]),
        "book": answer.book_entry(ground),
        "quality": {role: {"model": plan.recipes[role].name, **quality(one)} for role, one in scored.items()},
        "contenders": [answer.contender_entry(way, ground, draws, own) for way in ways],
        **judged,
        "by_night": answer.by_night(ways, ground),
        "one_night": one_night(shown, ground, lists, account),
    }
    live.put_json("replay.json", told)
    live.set(headline=headline(told, plan.chosen))
    mirror.log({f"replay/{entry['name']}": entry["value"] for entry in live.record.headline})
    with live.phase("figures"):
        progress.step("draw the figures")
        keep_figures(live, told, arguments.language)
    return told


def about(arguments: Arguments, ground: Ground, cutoffs: list[str]) -> dict[str, Any]:
    """What the numbers of a replay rest on."""
    nights = ground.book.nights
    return {
        "schema": answer.SCHEMA,
        "problem": arguments.problem.name,
        "simulated": arguments.problem.simulated,
        "model": arguments.model.name,
        "order": arguments.list.order,
        "control_share": arguments.list.control_share,
        "nights": {"first": iso(int(nights[0])), "last": iso(int(nights[-1])), "count": len(nights)},
        "capacity": ground.capacity,
        "refit": arguments.refit,
        "knowledge": arguments.knowledge,
        "cutoffs": cutoffs,
        "costs": asdict(ground.costs),
        "level": LEVEL,
        "resamples": arguments.resamples,
        "seed": arguments.seed,
    }


def _of_the_test_window(problem: Problem, table: Table, first: int, last: int) -> bool:
    """Whether any of the nights belongs to the test window: a replay of such a night is a look at it."""
    test = next(window for window in windows(problem.split, table) if window.name == TEST)
    return first <= test.last and last >= test.first


def keep_lists(live: Run, arguments: Arguments, ground: Ground, lists: Lists, scored: Scored) -> None:
    """Write every night's list as it would have lain on the desk, and how often each reason stood there."""
    book = ground.book
    rows = on_lists(book, lists.places)
    why = reasoned(book, scored, arguments.model, rows)
    scores = Scores.of(book, lists.risk, lists.expected)
    guests = guests_of(arguments.problem, book, rows)
    made = sheet(book, ground.prospect, ground.costs, scores, lists.places, ground.control, why.texts, guests)
    content = as_csv(made)
    write_bytes(live.folder / "lists.csv", content)
    live.set(hashes={"lists": sha256(content).hexdigest()})
    live.put_json("reasons.json", how_often(why, arguments.model.name))


def one_night(shown: int | None, ground: Ground, lists: Lists, account: Account) -> dict[str, Any]:
    """The night that is shown: the one asked for, or the one of median value."""
    night = answer.median_night(account, ground) if shown is None else shown
    reason = "median" if shown is None else "asked"
    return answer.night_entry(night, reason, ground, lists.places, lists.risk, lists.expected)


def headline(told: Mapping[str, Any], chosen: str) -> list[dict[str, Any]]:
    """Value a night of the chosen lists and precision of their calls, for the record."""
    mine = next(way for way in told["contenders"] if way["name"] == chosen)
    plain = {"window": "replay", "low": None, "high": None, "greater_is_better": True}
    found = [{**plain, "name": "realised_value_a_night", **mine["realised"]}]
    found += [{**plain, "name": "expected_value_a_night", **mine["expected"]}]
    return [*found, {**plain, "name": "precision_at_k", "value": mine["precision_at_k"]}]


def keep_figures(live: Run, told: Mapping[str, Any], spoken: str) -> None:
    """Draw the replay, and write down what each figure says."""
    from vispera.report.figure.replay import draw

    drawn = draw(told, live.folder / "figures", spoken)
    words = {one.name: {"title": one.title, "alt": one.alt} for one in drawn}
    live.put_json("figures.json", {"schema": 1, "language": spoken, "figures": words})
