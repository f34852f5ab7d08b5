"""Risks, and open questions for the next meeting."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from vispera.report.feasibility.figure.naming import named
from vispera.report.feasibility.prose import Teller, first_lower, items, joined
from vispera.report.feasibility.section.value import cost

RISKS = ("effect", "drift", "data", "groups")


def tell(teller: Teller) -> Markup:
    """What could go wrong with what would tell it; what people have to answer."""
    return joined(
        teller.p("risks.lead"),
        items(teller.say(f"risks.{name}") for name in RISKS),
        teller.p("risks.questions"),
        items(_questions(teller), "ol", "questions"),
    )


def _questions(teller: Teller) -> Iterable[Markup]:
    calls, usage = teller.told.facts["calls"], teller.told.facts["usage"]
    yield teller.say("risks.question.start")
    yield teller.say("risks.question.control")
    if calls["worst"]:
        name = calls["worst"]["name"]
        said = {"assumption": first_lower(teller.say(f"value.cost.{name}")), "setting": cost(teller, name)}
        yield teller.say("risks.question.assumption", **said)
    if calls["recommended"] not in (None, calls["chosen"]):
        yield teller.say("risks.question.simpler", recommended=teller.prose(calls["recommended"]))
    yield teller.say("risks.question.capacity")
    yield teller.say("risks.question.own_rule")
    if usage["fairness"] and usage["fairness"]["widest"]:
        yield teller.say("risks.question.groups", column=named(usage["fairness"]["widest"], teller.language))
    yield teller.say("risks.question.data")
