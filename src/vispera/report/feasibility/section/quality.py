"""How good it is, on nights that the model never saw, and how it would have done night by night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from vispera.report.feasibility.picture import figure
from vispera.report.feasibility.prose import Teller, joined, table

AGAINST = {"better": "better", "worse": "worse", "within noise": "within_noise"}
"""Texts by the verdict on a paired difference; of one that is not defined nothing is said."""


def tell(teller: Teller) -> Markup:
    """Ranking, hits, probabilities, what holds over time, and the season."""
    told = teller.told.facts["quality"]
    tested = told["window"] == "test"
    return joined(
        teller.p("quality.lead" if tested else "quality.lead_tuning", "lead"),
        teller.p("quality.never_seen") if tested else "",
        teller.p("quality.hits"),
        figure(teller, "precision"),
        teller.p(f"quality.against.{_against(told['against'])}"),
        figure(teller, "windows"),
        teller.p("quality.calibration") if told["calibration"]["bins"] else "",
        figure(teller, "calibration"),
        teller.p("quality.nights"),
        figure(teller, "season"),
        _others(teller),
    )


def _against(told: Mapping[str, Any] | None) -> str:
    return AGAINST.get(told["verdict"], "other") if told else "other"


def _others(teller: Teller) -> Markup | str:
    others = teller.told.facts["quality"]["others"]
    if not others:
        return ""
    columns = teller.language.texts["report"]["quality"]["others_columns"]
    return table(teller.say("quality.others_caption"), columns, _rows(teller, len(others)))


def _rows(teller: Teller, others: int) -> Iterable[list[Markup]]:
    yield [teller["model"], *(_estimate(teller, name) for name in ("log_loss", "roc_auc", "precision_at_k"))]
    for number in range(others):
        names = (f"other_{number}_{name}" for name in ("log_loss", "roc_auc", "precision_at_k"))
        yield [teller[f"other_{number}"], *(_estimate(teller, name) for name in names)]


def _estimate(teller: Teller, name: str) -> Markup:
    return Markup("{} {}").format(teller[name], teller.range(name))
