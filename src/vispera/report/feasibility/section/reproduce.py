"""How to make the report again: the commands."""

from __future__ import annotations

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, element, joined


def tell(teller: Teller) -> Markup:
    """The commands, and what they need."""
    making = teller.told.facts["making"]
    return joined(
        teller.p("reproduce.lead"),
        element("pre", element("code", "\n".join(making["commands"]))),
        teller.p("reproduce.fingerprint"),
        teller.p("reproduce.dirty") if any(run["dirty"] for run in making["runs"]) else "",
    )
