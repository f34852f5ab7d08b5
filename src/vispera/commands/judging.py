"""The gates of a promotion, one after another: those that cost nothing first, a whole training last."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vispera import workspace
from vispera.commands.reproduce import made_again, reproduced
from vispera.errors import VisperaError
from vispera.fitting import Material, Recipe
from vispera.problem import Problem
from vispera.progress import Progress
from vispera.promotion.candidate import Candidate
from vispera.promotion.gate import GATES, Judged, Limits
from vispera.promotion.own import audited, calibrated, sliced, young
from vispera.promotion.rival import Contest, Draws
from vispera.record import RunRecord
from vispera.registry import Registry
from vispera.registry.chain import present
from vispera.registry.entry import Entry, Verdict
from vispera.registry.version import Package
from vispera.reproduction.kept import Kept, kept_in, verdicts
from vispera.reproduction.maker import CANNOT, IDENTICAL, WITHIN, Wanted
from vispera.reproduction.side import read_side
from vispera.results import keys
from vispera.split import Fold


@dataclass(frozen=True, kw_only=True)
class Court:
    """Who judges: what a run is held against, and how much is too much.

    Attributes
    ----------
    beats
        Recipes that it has to be better than, by the name of the gate.
    seen
        The history as it is now.
    """

    problem: Problem
    registry: Registry
    seen: Sequence[Entry]
    alias: str
    limits: Limits
    beats: dict[str, Recipe]
    waive: Sequence[str]
    draws: Draws

    def judge(self, found: Candidate) -> Judged:
        """What every gate says; those that look at a run are not asked where there is none that is whole."""
        said = {one.name: one for one in found.verdicts}
        if found.package is None:
            reason = "not looked at, as the run is not whole"
            said |= {
                name: Verdict(name=name, passed=False, evidence=reason) for name in GATES if name not in said
            }
        else:
            record, limits = found.record, self.limits
            own = (
                audited(record.folder),
                calibrated(record, limits.ece),
                sliced(record, limits.slice_gap),
                young(record, limits.age_days),
            )
            again = comes_out_again(record, limits.tolerance, "reproduces" in self.waive)
            said |= {one.name: one for one in (*own, again, *self.contests(found))}
        return Judged([said[name] for name in GATES], self.waive)

    def contests(self, found: Candidate) -> list[Verdict]:
        """The run against the simple recipes, and against the version in use."""
        contest = Contest(found.record, found.predictions, self.problem, key_now, self.draws)
        with Progress(label="gates") as progress:
            progress.step(f"read the table of {self.problem.name}")
            held = [contest.beats(name, recipe, progress.step) for name, recipe in self.beats.items()]
            progress.step(f"compare with the {self.alias}")
            there = present(self.seen, self.alias)
            return [
                *held,
                contest.not_worse(self.alias, there, self.registry.fetch, self.again(found.record)),
            ]

    def again(self, record: RunRecord) -> Callable[[Package], str]:
        """Gives the command that trains a version's recipe on the problem of a run."""
        mine = read_side(record.folder).command
        of_the_run = [word for word in mine if _group(word) in ("problem", "data", "evaluation", "tracker")]

        def command(package: Package) -> str:
            typed = json.loads(package.files["record.json"])["command"]
            theirs = [word for word in typed if _group(word) in ("model", "seed", "threads")]
            return shlex.join(["python", "train.py", *of_the_run, *theirs])

        return command


def _group(word: str) -> str:
    return word.partition("=")[0].lstrip("+~").partition(".")[0].partition("@")[0]


def key_now(problem: Problem, material: Material, windows: Sequence[Fold]) -> str:
    """The comparison key of the table as it is."""
    return keys(problem, material, windows, None)["comparison_key"]


def comes_out_again(record: RunRecord, tolerance: float, waived: bool) -> Verdict:
    """Whether a run comes out the same: the newest verdict on file, else one that is made now."""
    onfile = (one for one in verdicts(reproduced(), record) if _counts(one, tolerance))
    told, when = next(onfile, None), "on file"
    if told is None and waived:
        evidence = "no verdict is on file, and as this gate is waived none was made"
        return Verdict(name="reproduces", passed=False, evidence=evidence)
    if told is None:
        made, _ = made_again(read_side(record.folder), Wanted(tolerance=tolerance, put_back=False))
        told, when = kept_in(made.folder), "made again just now"
    if told is None:
        raise VisperaError(f"{made.folder} holds no verdict any more; type vispera reproduce run={record.id}")
    passed = told.verdict == IDENTICAL or (told.verdict == WITHIN and told.tolerance <= tolerance)
    how = f"within {told.tolerance:g}" if told.verdict == WITHIN else told.verdict
    reasons = "" if passed else "".join(f"; {fault}" for fault in told.faults)
    evidence = f"{how}, {when}: {told.folder.relative_to(workspace.root())}{reasons}"
    return Verdict(name="reproduces", passed=passed, evidence=evidence)


def _counts(one: Kept, tolerance: float) -> bool:
    """Whether a verdict answers what is asked: on the recorded code, and neither more nor less strict."""
    if one.code != "recorded" or one.verdict == CANNOT:
        return False
    if one.verdict == WITHIN:
        return one.tolerance <= tolerance
    return one.verdict == IDENTICAL or one.tolerance >= tolerance
