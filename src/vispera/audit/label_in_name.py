"""Features that are called after the outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vispera.audit.evidence import Evidence
from vispera.audit.finding import Finding

OUTCOME = re.compile(
    r"cancel(?:l?ed|l?ation|l?ations|led|s)?|no_?shows?|checked_?out|check_?out|outcomes?|labels?|targets?|churn(?:ed)?"
)
PAST = {"previous", "past", "prior", "earlier", "former", "history", "historic", "historical"}
"""Words before it that make it another booking's outcome."""
TERMS = {"policy", "deadline", "fee", "fees", "terms", "insurance", "allowed", "free", "flexible"}
"""Words beside it that make it a condition of the contract."""


def find(seen: Evidence) -> Iterator[Finding]:
    """Columns and columns of sources whose name holds the label; what the as-of core makes is named by us."""
    schema = seen.problem.schema
    declared = schema.known("outcome")
    sources = seen.spec.chosen("sources", schema)
    names = [*seen.columns, *(column for source in sources for column in schema.sources[source].columns)]
    for name in dict.fromkeys(names):
        if word := label_in(name, declared):
            evidence = f"feature '{name}' has '{word}' in its name, which is what is to be predicted"
            yield Finding("label_in_name", evidence, name)


def label_in(name: str, declared: tuple[str, ...] = ()) -> str | None:
    """The part of a name that speaks of the outcome; None where it is another's, or a condition.

    >>> label_in("cancellation_flag_score"), label_in("isNoShow")
    ('cancellation', 'no_show')
    >>> [label_in(name) for name in ("previous_cancellations", "cancellation_policy", "lead_time")]
    [None, None, None]
    """
    snake = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    words = set(snake.split("_"))
    if words & TERMS:
        return None
    for pattern in (*(re.escape(column) for column in declared), OUTCOME.pattern):
        found = re.search(rf"(?:(?<=_)|^)(?:{pattern})(?=_|$)", snake)
        if found and not PAST & set(snake[: found.start()].split("_")):
            return found[0]
    return None
