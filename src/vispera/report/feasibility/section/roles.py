"""Eight roles, eight questions: each answered in two or three sentences with its figure, or not yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from vispera.report.feasibility.figure.naming import named
from vispera.report.feasibility.prose import Teller, element, joined

ROLES = (
    *("business_stakeholder", "product_manager", "data_science_manager", "compliance"),
    *("support", "model_user", "data_engineer", "data_scientist"),
)

HOUSES = {
    "calibration": "quality",
    "season": "quality",
    "windows": "quality",
    "sensitivity": "value",
    "uses": "uses",
    "fairness": "uses",
}
"""Sections by figures that stand in them."""


@dataclass(frozen=True)
class Answer:
    """What a role is told.

    ``key`` is the claim that stands out with the text ``label`` beside it, ``to`` the figure or section that
    shows more.
    """

    sentences: tuple[Markup, ...]
    key: str
    to: str
    label: str = "key"


def tell(teller: Teller) -> Markup:
    """A card for each role."""
    return joined(*(_card(teller, role, ANSWERS[role](teller)) for role in ROLES))


def _card(teller: Teller, role: str, answer: Answer) -> Markup:
    to = _there(teller, answer.to)
    link = teller.say("to_figure" if to.startswith("figure-") else "to_section")
    return element(
        "article",
        joined(
            "",
            element("p", teller.say(f"role.{role}.who"), "who"),
            element("h3", teller.say(f"role.{role}.question")),
            element("p", Markup("{} {}").format(teller[answer.key], _label(teller, role, answer)), "key"),
            element("p", Markup(" ").join(answer.sentences)),
            element("p", element("a", link, href=f"#{to}"), "more"),
        ),
        "role",
        id=f"role-{role}",
    )


def _there(teller: Teller, to: str) -> str:
    """A figure, or the section that it would stand in where the records do not hold what it is drawn from."""
    name = to.removeprefix("figure-")
    return to if name == to or name in teller.told.content["series"] else HOUSES[name]


def _label(teller: Teller, role: str, answer: Answer) -> Markup:
    return element("span", teller.say(f"role.{role}.{answer.label}"))


def _data_scientist(teller: Teller) -> Answer:
    last = teller.told.facts["quality"]["windows"][-1]
    more = {"last_auc": teller[f"auc.{last}"], "last_auc_range": teller.range(f"auc.{last}")}
    answer = teller.say("role.data_scientist.answer", last_ece=teller[f"ece.{last}"], **more)
    return Answer((answer, teller.say("role.data_scientist.when")), f"auc.{last}", "figure-windows")


def _model_user(teller: Teller) -> Answer:
    return Answer((teller.say("role.model_user.answer"),), "ece", "figure-calibration")


def _data_science_manager(teller: Teller) -> Answer:
    if not teller.told.facts["calls"]["once"]:
        command = element(
            "code", f"vispera replay problem={teller.told.content['problem']} run=best refit=never"
        )
        answer = teller.say("role.data_science_manager.when", command=command)
        return Answer((answer,), "list_value", "figure-season", "key_not_yet")
    low, high = teller.value("list_value_low"), teller.value("list_value_high")
    once = teller.value("once_value_low"), teller.value("once_value_high")
    apart = None not in (low, *once) and (once[1] < low or once[0] > high)
    told = [
        teller.say(f"role.data_science_manager.{name}")
        for name in ("answer", "apart" if apart else "overlap")
    ]
    return Answer(tuple(told), "once_value", "figure-season")


def _business_stakeholder(teller: Teller) -> Answer:
    whole = "pessimistic" in teller.told.facts["calls"]["together"]
    answer = teller.say(f"role.business_stakeholder.{'answer' if whole else 'answer_alone'}")
    return Answer((answer,), "list_value", "figure-sensitivity")


def _product_manager(teller: Teller) -> Answer:
    return Answer((teller.say("role.product_manager.answer"),), "nights_below_zero", "limitations")


def _support(teller: Teller) -> Answer:
    reasons = teller.told.facts["usage"]["reasons"]
    if reasons is None or (not reasons["declined"] and not reasons["themes"]):
        return Answer((teller.say("role.support.unknown"),), "list_calls", "figure-uses", "key_unknown")
    if reasons["declined"]:
        return Answer((teller.say("role.support.declined"),), "listed", "figure-uses", "key_declined")
    theme = reasons["themes"][0]
    more = {"name": named(theme, teller.language), "share": teller[f"reason.{theme}"]}
    return Answer((teller.say("role.support.answer", **more),), "listed", "figure-uses")


def _data_engineer(teller: Teller) -> Answer:
    told = [teller.say(f"role.data_engineer.{name}") for name in ("answer", "when")]
    return Answer(tuple(told), "quarantined", "data")


def _compliance(teller: Teller) -> Answer:
    fairness = teller.told.facts["usage"]["fairness"]
    widest = fairness["widest"] if fairness else None
    table = teller.told.facts["table"]
    form = "skipped" if table["audit_skipped"] else "waived" if table["waived"] else "answer"
    answer = teller.say(f"role.compliance.{form}")
    if widest is None:
        return Answer((answer, teller.say("role.compliance.fairness_not_yet")), "features", "uses")
    more = {"column": named(widest, teller.language), "gap": teller[f"gap.{widest}"]}
    return Answer((answer, teller.say("role.compliance.fairness", **more)), "features", "figure-fairness")


ANSWERS: dict[str, Callable[[Teller], Answer]] = {
    "data_scientist": _data_scientist,
    "model_user": _model_user,
    "data_science_manager": _data_science_manager,
    "business_stakeholder": _business_stakeholder,
    "product_manager": _product_manager,
    "support": _support,
    "data_engineer": _data_engineer,
    "compliance": _compliance,
}
