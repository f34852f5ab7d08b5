"""What the model uses and what it does not: features, reasons, fairness by permitted groups."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from vispera.report.feasibility.figure.naming import named
from vispera.report.feasibility.picture import figure
from vispera.report.feasibility.prose import Teller, joined, table
from vispera.report.feasibility.section.data import named_columns

TOP = 3


def tell(teller: Teller) -> Markup:
    """What weighs most, what is never used, the reasons on the lists, whom they would have called."""
    table = teller.told.facts["table"]
    checked = not (table["waived"] or table["audit_skipped"])
    hidden = named_columns(teller, [*table["columns"]["mutable"], *table["columns"]["check_in"]])
    themes = weighty(teller)
    return joined(
        _lead(teller, themes, checked),
        figure(teller, "uses", themes=themes),
        "" if themes else teller.p("uses.not_cause"),
        teller.p("uses.not_used", names=hidden) if checked and hidden else "",
        _reasons(teller),
        *_fairness(teller),
    )


def _lead(teller: Teller, themes: Markup, checked: bool) -> Markup:
    if not checked:
        return teller.p("uses.lead_unchecked", "lead")
    return teller.p("uses.lead", "lead", themes=themes) if themes else teller.p("uses.lead_unknown", "lead")


def weighty(teller: Teller) -> Markup:
    """What weighs most, in words; empty where it is not known."""
    series = teller.told.content["series"].get("uses")
    if not series:
        return Markup("")
    return teller.names(
        [Markup("{}").format(named(one["name"], teller.language)) for one in series["themes"][:TOP]]
    )


def _reasons(teller: Teller) -> Markup:
    reasons = teller.told.facts["usage"]["reasons"]
    if reasons is None:
        return teller.p("uses.reasons_unknown")
    if reasons["declined"]:
        return teller.p("uses.reasons_declined")
    told = [
        teller.say("uses.reason", name=named(theme, teller.language), share=teller[f"reason.{theme}"])
        for theme in reasons["themes"]
    ]
    return teller.p("uses.reasons", reasons=teller.names(told))


def _fairness(teller: Teller) -> Iterable[Markup | str]:
    fairness = teller.told.facts["usage"]["fairness"]
    if fairness is None or not fairness["columns"]:
        yield teller.p("uses.fairness_unknown" if fairness is None else "uses.fairness_none")
        return
    widest = fairness["widest"]
    if widest is None:
        yield teller.p("uses.fairness_close")
        return
    column = named(widest, teller.language)
    ends = {end: teller[f"gap_{end}.{widest}"] for end in ("least", "greatest")}
    yield teller.p("uses.fairness", column=column, gap=teller[f"gap.{widest}"], **ends)
    yield figure(teller, "fairness", column=column, picked=widest)
    for name, groups in fairness["columns"].items():
        caption = teller.say("uses.fairness_caption", column=named(name, teller.language))
        head = teller.language.texts["report"]["uses"]["fairness_columns"]
        yield table(caption, head, _rows(teller, name, groups))
    yield teller.p("uses.few_note", "aside")


def _rows(teller: Teller, column: str, groups: int) -> Iterable[list[Markup]]:
    for number in range(groups):
        about = f"{column}.{number}"
        names = ("units", "lost", "called_share", "reached_share", "disturbed_share")
        known = (teller.value(f"{name}.{about}") is not None for name in names)
        cells = [
            teller[f"{name}.{about}"] if there else teller.say("uses.few")
            for name, there in zip(names, known, strict=True)
        ]
        yield [teller[f"group.{about}"], *cells]
