"""The tree of errors that the door prints as one line, with the exit code of each.

VisperaError               1  the command failed
├── UsageError             2  the command line or the configuration is wrong
├── GateRefused            3  a gate refused: a leak, a promotion, a night that the model has seen
├── NotReproduced          4  a run did not come out as recorded
├── ContractBroken         5  the data is not what was declared
├── FallbackDelivered      6  a labelled fallback was published instead of a list
└── Declined               1  a model or problem cannot serve what was asked, and says why

Anything else that is raised is a bug and shows in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class VisperaError(Exception):
    """Failure that a user can act on; ``faults`` holds one line for each thing that is wrong."""

    exit_code = 1

    def __init__(self, *faults: str):
        super().__init__("\n".join(faults))
        self.faults = faults


class UsageError(VisperaError):
    """Wrong command line or configuration."""

    exit_code = 2


class GateRefused(VisperaError):
    """A gate refused; each fault names one finding with its evidence."""

    exit_code = 3


class NotReproduced(VisperaError):
    """A run did not come out as recorded."""

    exit_code = 4


class ContractBroken(VisperaError):
    """Data that is not what the problem declares."""

    exit_code = 5


class FallbackDelivered(VisperaError):
    """A labelled fallback was published instead of a list."""

    exit_code = 6


class Declined(VisperaError):
    """An honest no: the reason why something cannot serve what was asked."""


def nearest(given: str, allowed: Iterable[str]) -> str:
    """``closest: 'x'`` for a likely misspelling, else what is allowed, for the tail of an error line.

    >>> nearest("catbost", ["prior", "catboost"])
    "closest: 'catboost'"
    >>> nearest("xyz", ["prior", "rule"])
    'allowed: prior, rule'
    """
    choices: Sequence[str] = sorted(set(allowed))
    close = get_close_matches(given, choices, n=1, cutoff=0.6)
    return f"closest: '{close[0]}'" if close else f"allowed: {', '.join(choices)}"
