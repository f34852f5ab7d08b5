"""``vispera calls``: what the call centre sent back, held against the list, and what the calls did.

list -> the file to be filled in
     -> outcomes, checked -> counts by arm -> what became of the units, by the table -> call against control
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vispera.commands.data import DataSettings
from vispera.decision import Costs
from vispera.errors import Declined, UsageError
from vispera.files import plain, write_bytes
from vispera.interval import Interval
from vispera.invocation import Invocation
from vispera.money.effect import Effect, effect
from vispera.money.fate import FATES, Fates, fates
from vispera.money.outcome_file import CONTRACT, VALUES, Listed, Told, read_list, read_outcomes, template
from vispera.problem import Problem

SCHEMA = 1
"""Number of the shape that ``json=true`` prints."""
ARMS = VALUES["arm"]
ANSWERS = tuple(answer for answer in VALUES["answer"] if answer)
EXAMPLE = "type vispera calls list=lists.csv outcomes=FILE, or out=FILE for one to be filled in"


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera calls`` takes.

    Attributes
    ----------
    list, outcomes
        The list as it was given out, and the file that came back.
    out
        Where the file to be filled in goes, if none has come back yet.
    within_days
        Days after the night of the list in which a cancellation frees a room early enough.
    """

    problem: Problem
    data: DataSettings
    list: Path | None = None
    outcomes: Path | None = None
    out: Path | None = None
    within_days: int = 3
    json: bool = False
    seed: int = 0

    def __post_init__(self):
        told = []
        if self.within_days < 1:
            told.append(f"within_days={self.within_days}: wanted 1 or more; type within_days=3")
        if self.outcomes and self.out:
            told.append("outcomes= is a file that came back, out= is one to be filled in; type one of them")
        if told:
            raise UsageError(*told)


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0, after the file is written, or what it tells is printed; ContractBroken if it breaks its contract."""
    if arguments.list is None or not (arguments.outcomes or arguments.out):
        wanted = "list" if arguments.list is None else "outcomes"
        raise UsageError(f"{wanted} has no value; {EXAMPLE}")
    listed = read_list(arguments.list.expanduser())
    if arguments.outcomes is None:
        return write_template(listed, arguments.out)
    told = read_outcomes(arguments.outcomes.expanduser(), listed)
    found = what_is_known(arguments, listed, told)
    if arguments.json:
        print(json.dumps(plain(found, finite=True), indent=1, ensure_ascii=False))
    else:
        print(*lines(found, arguments.problem.decision.costs), sep="\n")
    return 0


def write_template(listed: Sequence[Listed], out: Path | None) -> int:
    """0, after the file to be filled in is written; one that is there, filled in perhaps, is left alone."""
    path = Path(out or "").expanduser().absolute()
    if path.exists():
        raise UsageError(f"out={out} is there already, and may be filled in; type out=ANOTHER_FILE")
    if not path.parent.is_dir():
        raise UsageError(f"out={out}: there is no folder '{path.parent}'; make it, or type out=outcomes.csv")
    write_bytes(path, template(listed))
    print(f"{path}: {len(listed):,} units to be filled in; docs/call-outcomes.md tells how")
    return 0


def what_is_known(arguments: Arguments, listed: Sequence[Listed], told: Sequence[Told]) -> dict[str, Any]:
    """What file, list and table tell together, as ``json=true`` prints it."""
    problem = arguments.problem
    answered = [one.listed for one in told]
    shown, lost, reason = effect_of(problem, told, arguments.within_days)
    costs = problem.decision.costs
    return {
        "schema": SCHEMA,
        "contract": CONTRACT,
        "problem": problem.name,
        "simulated": problem.simulated,
        "nights": {
            "listed": len({one.night for one in listed}),
            "told": len({one.night for one in answered}),
        },
        "arms": {arm: counts([one for one in told if one.listed.arm == arm]) for arm in ARMS},
        "not_in_table": lost,
        "effect": shown,
        "no_effect_told": reason,
        "assumed": costs
        and {
            "success": costs.reached * costs.persuaded,
            "reached": costs.reached,
            "talked_out": costs.talked_out,
        },
    }


def counts(told: Sequence[Told]) -> dict[str, Any]:
    """Units of an arm: listed, called, reached, and what they answered."""
    answers = Counter(one.answer for one in told)
    return {
        "listed": len(told),
        "called": sum(one.called for one in told),
        "reached": sum(one.reached == "yes" for one in told),
        "answers": {answer: answers[answer] for answer in ANSWERS},
    }


def effect_of(
    problem: Problem, told: Sequence[Told], within_days: int
) -> tuple[Effect | None, Mapping[str, int], str | None]:
    """What the lot shows or the reason why it shows nothing, and how many units the table lacks, by arm."""
    lost = dict.fromkeys(ARMS, 0)
    listed = [one.listed for one in told]
    try:
        if not any(one.called for one in told):  # what lies between the arms then is the lot's own chance
            raise Declined("nobody was called; fill in called_at, as docs/call-outcomes.md tells")
        became = fates(problem.load(), listed, within_days)
        lost = {arm: _lost(became, listed, arm) for arm in ARMS}
        return effect(listed, became, within_days), lost, None
    except (Declined, UsageError) as reason:  # a table that is not here is no fault of the file
        return None, lost, str(reason)


def _lost(became: Fates, listed: Sequence[Listed], arm: str) -> int:
    return sum(one.arm == arm and bool(gone) for one, gone in zip(listed, became.lost, strict=True))


def lines(found: Mapping[str, Any], costs: Costs | None) -> Iterator[str]:
    """What is known, in words, for the terminal."""
    nights, arms = found["nights"], found["arms"]
    marked = " (SIMULATED)" if found["simulated"] else ""
    of_nights = f"{nights['told']:,} of the {nights['listed']:,} nights of the list"
    yield f"{found['problem']}{marked}: the file is whole and tells of {of_nights}"
    yield f"{'':<9}" + "".join(f"{name:>11}" for name in ("listed", "called", "reached", *ANSWERS))
    for arm, of in arms.items():
        numbers = (of["listed"], of["called"], of["reached"], *of["answers"].values())
        yield f"  {arm:<7}" + "".join(f"{number:>11,}" for number in numbers)
    yield from _deviations(found)
    yield ""
    if found["effect"] is None:
        yield f"nothing can be said of what a call does: {found['no_effect_told']}"
    else:
        yield from _effect_lines(found["effect"], costs)


def _deviations(found: Mapping[str, Any]) -> Iterator[str]:
    """What was not done as the list said, and whom the table does not know."""
    call, control = (found["arms"][arm] for arm in ARMS)
    if breaches := control["called"]:
        yield f"BREACH of the experiment: called although the list had left them uncalled: {breaches:,}"
    if left := call["listed"] - call["called"]:
        yield f"to be called, and not called: {left:,}"
    if breaches or left:
        yield "each unit counts as the list assigned it, whatever was done: that is what the lot decided"
    if found["effect"] and sum(found["not_in_table"].values()):
        told = " and ".join(f"{count:,} of {arm}" for arm, count in found["not_in_table"].items())
        yield f"the table has no open booking of {told}: left out; if one arm loses more, trust nothing below"


def _effect_lines(shown: Effect, costs: Costs | None) -> Iterator[str]:
    level, days = f"{shown.level:.0%}", shown.within_days
    yield (
        f"what became of them, as assigned, compared within {shown.nights:,} nights "
        f"({shown.units['call']:,} call, {shown.units['control']:,} control):"
    )
    yield f"{'':<48}{'call':>8}{'control':>9}   call - control, {level} interval"
    told = {
        "freed": f"freed: cancelled within {days} day{'s' * (days > 1)}, before arrival",
        "late": "lost late: cancelled later, or no-show",
        "came": "came",
    }
    for fate in FATES:
        shares = "".join(
            f"{shown.shares[fate][arm].value:>{width}.1%}" for arm, width in zip(ARMS, (8, 9), strict=True)
        )
        yield f"  {told[fate]:<46}{shares}   {_points(shown.differences[fate])}"
    yield f"late losses averted by a call, net: {_percent(shown.averted)}" + (
        f"; the lists assume {costs.reached * costs.persuaded:.0%}" if costs else ""
    )
    yield f"guests who would come, lost by a call, net: {_percent(shown.talked_out)}" + (
        f"; the lists assume {costs.talked_out:.0%}" if costs else ""
    )
    yield "shares of guests, not money; what they can and cannot show: docs/call-outcomes.md"


def _points(found: Interval) -> str:
    value, low, high = (100 * (part or 0.0) for part in (found.value, found.low, found.high))
    return f"{value:+.1f} points [{low:+.1f}, {high:+.1f}]"


def _percent(found: Interval) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "too few among the controls to say"
    return f"{found.value:.0%} [{found.low:.0%}, {found.high:.0%}]"
