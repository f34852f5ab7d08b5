"""What the gate finds, and what may be waived."""

from __future__ import annotations

from dataclasses import dataclass

from vispera.errors import UsageError, nearest

CHECKS = {
    "not_yet_known": "a feature is known only after the scoring night",
    "from_position": "a feature repeats the order of the file",
    "alone_decides": "a feature alone nearly decides the outcome",
    "twins_across_split": "a booking and its twin lie on both sides of a split",
    "changes_later": "a fact changes after the booking, and differently by outcome",
    "label_in_name": "a feature is called after the outcome",
    "out_of_order": "a window holds outcomes from after its end",
    "above_ceiling": "a score is above what the problem allows",
    "order_predicts": "the order of the file tells the outcome",
    "random_split": "a random split lets a model learn from the future",
    "decision_fields": "the problem does not say yet what decision it serves",
}
"""What each check finds; its name is what ``audit.waive`` takes."""


@dataclass(frozen=True)
class Finding:
    """What a check found, with its evidence; ``refuses`` tells a leak from a warning.

    ``subject`` is the feature or column that is meant, where there is one.
    """

    check: str
    evidence: str
    subject: str | None = None
    refuses: bool = True


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """Checks whose findings do not stop a run, and why; the record keeps both.

    ``skip`` leaves out all checks. That needs a reason too, and the record says that nothing was checked.
    """

    waive: tuple[str, ...] = ()
    reason: str = ""
    skip: bool = False

    def __post_init__(self):
        faults = [
            f"audit.waive: there is no check '{name}'; {nearest(name, CHECKS)}"
            for name in self.waive
            if name not in CHECKS
        ]
        if (self.waive or self.skip) and not self.reason.strip():
            given = "audit.skip" if self.skip else "audit.waive"
            faults.append(f'{given} needs a reason; type audit.reason="..."')
        if faults:
            raise UsageError(*faults)

    def stops(self, finding: Finding) -> bool:
        """Whether a finding ends the run: it is a leak, and nobody has waived it."""
        return finding.refuses and finding.check not in self.waive
