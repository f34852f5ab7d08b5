"""The gates as a whole: their names, which of them may be waived, and what they come to."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vispera.errors import UsageError, nearest
from vispera.registry.entry import Verdict

GATES = {
    "finished": "a finished run of train, with its model",
    "loads": "the model loads, of trusted types alone, and is the one that the run made",
    "audit": "no leak, or waived with a reason",
    "reproduces": "made again from its record it comes out the same",
    "beats_prior": "better than giving everybody the same rate",
    "beats_rule": "better than a rate for each group",
    "not_worse": "not worse than the version that it replaces",
    "calibration": "what it predicts is what happens",
    "slices": "what it predicts is what happens in each slice",
    "age": "not too long ago",
}
"""What each gate asks, in the order in which they are told."""
NEVER_WAIVED = ("finished", "loads")
"""Gates without which there is nothing that could be used."""
WIDTH = 110


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much is too much.

    Attributes
    ----------
    ece
        Greatest calibration error of the window.
    slice_gap
        How far the mean prediction of a slice may lie outside the interval of its rate.
    age_days
        Oldest run.
    tolerance
        Largest difference of two numbers that still counts as reproduced.
    """

    ece: float = 0.03
    slice_gap: float = 0.05
    age_days: float = 30.0
    tolerance: float = 0.0

    def __post_init__(self):
        told = [
            f"limits.{name}={value:g}: wanted {wanted}"
            for name, value, wanted, right in (
                ("ece", self.ece, "a share from 0 to 1", 0 <= self.ece <= 1),
                ("slice_gap", self.slice_gap, "a share from 0 to 1", 0 <= self.slice_gap <= 1),
                ("age_days", self.age_days, "more than 0", self.age_days > 0),
                ("tolerance", self.tolerance, "0 or more, and less than 1", 0 <= self.tolerance < 1),
            )
            if not right
        ]
        if told:
            raise UsageError(*told)


@dataclass(frozen=True)
class Judged:
    """What all gates said, in their order, and which of those that refused are waived."""

    verdicts: Sequence[Verdict]
    waive: Sequence[str] = field(default=())

    @property
    def waived(self) -> tuple[str, ...]:
        """Gates that refused, and are waived."""
        return tuple(one.name for one in self.verdicts if not one.passed and one.name in self.waive)

    @property
    def refused(self) -> tuple[str, ...]:
        """Gates that refused, and stop the promotion."""
        return tuple(one.name for one in self.verdicts if not one.passed and one.name not in self.waive)

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """A line for each gate: what it said and by what; long evidence goes on below itself."""
        names = max(map(len, GATES))
        for one in self.verdicts:
            said = "pass" if one.passed else "waived" if one.name in self.waive else "REFUSED"
            head = f"  {said:<7}  {one.name:<{names}}  "
            yield from textwrap.wrap(
                one.evidence,
                width,
                initial_indent=head,
                subsequent_indent=" " * len(head),
                break_long_words=False,
                break_on_hyphens=False,
            )


def faults_of(waive: Sequence[str]) -> list[str]:
    """A line for each name that is no gate's, or of a gate that is never waived."""
    free = [name for name in GATES if name not in NEVER_WAIVED]
    return [
        f"waive: {name} is never waived: without it there is nothing that could be used"
        if name in NEVER_WAIVED
        else f"waive: there is no gate '{name}'; {nearest(name, free)}"
        for name in waive
        if name not in free
    ]
