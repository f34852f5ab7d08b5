"""The decision and its scope, as the problem declares them."""

from __future__ import annotations

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, facts

QUOTED = ("question", "action", "success_rule", "kill_rule")


def tell(teller: Teller) -> Markup:
    """Question, action, how far ahead, how many calls, the rules, and who is asked."""
    quoted = {name: teller.quoted(name) for name in QUOTED}
    rows = {
        "question": quoted["question"],
        "action": quoted["action"],
        "horizon": teller.say("decision.horizon_value"),
        "capacity": teller.say("decision.capacity_value"),
        "success_rule": quoted["success_rule"],
        "kill_rule": quoted["kill_rule"],
        "own_rule": teller["own_rule"],
        "stakeholders": teller.names(
            [_role(teller, name) for name in teller.told.facts["decision"]["stakeholders"]]
        ),
    }
    return facts((teller.say(f"decision.{name}"), told) for name, told in rows.items())


def _role(teller: Teller, name: str) -> Markup:
    key = f"decision.stakeholder.{name}"
    return teller.say(key) if teller.has(key) else Markup("{}").format(name.replace("_", " "))
