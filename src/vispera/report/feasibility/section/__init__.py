"""The sections of a report, in the order in which they are read; each tells itself from claims and texts."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, element, joined
from vispera.report.feasibility.section import (
    appendix,
    data,
    decision,
    ladder,
    limitations,
    quality,
    reproduce,
    risks,
    roles,
    since,
    uses,
    value,
    verdict,
)

SECTIONS: dict[str, Callable[[Teller], Markup]] = {
    "verdict": verdict.tell,
    "decision": decision.tell,
    "since": since.tell,
    "data": data.tell,
    "ladder": ladder.tell,
    "quality": quality.tell,
    "value": value.tell,
    "uses": uses.tell,
    "limitations": limitations.tell,
    "risks": risks.tell,
    "roles": roles.tell,
    "reproduce": reproduce.tell,
    "appendix": appendix.tell,
}


def section(name: str, teller: Teller) -> Markup:
    """A section with its title."""
    title = element("h2", teller.say(f"section.{name}"))
    css = f"verdict {teller.told.verdict['answer']}" if name == "verdict" else ""
    return element("section", joined("", title, SECTIONS[name](teller)), css, id=name)
