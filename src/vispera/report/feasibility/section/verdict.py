"""The verdict and what would change it."""

from __future__ import annotations

from markupsafe import Markup

from vispera.report.feasibility.prose import Teller, element, first_lower, items, joined


def tell(teller: Teller) -> Markup:
    """The answer, why, what would change it, and that no call was made."""
    verdict = teller.told.verdict
    return joined(
        element("p", teller.say(f"answer.{verdict['answer']}"), "answer"),
        teller.p(f"verdict.because.{verdict['because']}", "lead"),
        teller.p("verdict.changes"),
        items(change(teller, name) for name in verdict["changes"]),
        teller.p("verdict.no_call", "aside"),
    )


def change(teller: Teller, name: str) -> Markup:
    """One thing that would change the answer."""
    calls, more = teller.told.facts["calls"], {}
    if name == "assumption":
        end = calls["best_case" if teller.told.verdict["answer"] == "not_viable" else "worst"]
        under = end["under"]
        more = {
            "assumption": first_lower(teller.say(f"value.cost.{end['name']}")),
            "setting": setting(teller, under),
            "under": teller[f"under_{under}"],
            "range": teller.range(f"under_{under}"),
        }
    if name == "simpler":
        more = {"recommended": teller.prose(calls["recommended"])}
    return teller.say(f"verdict.change.{name}", **more)


def setting(teller: Teller, under: str) -> Markup:
    """A changed assumption's setting with its unit."""
    claim = teller.told.claims[f"setting_{under}"]
    return teller.say(f"value.unit.{claim.form}", value=claim)
