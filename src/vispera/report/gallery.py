"""The figures of a run, hung up in its folder with their words."""

from __future__ import annotations

from vispera.evaluate import Evaluation
from vispera.importance import Importance
from vispera.report import figure
from vispera.run import Run


def draw_run(
    live: Run,
    found: Evaluation,
    beside: tuple[str, Evaluation],
    uses: Importance,
    *,
    simulated: bool,
    language: str,
) -> None:
    """Write the figures, what each says (``figures.json``) and what the model uses (``importance.json``).

    ``beside`` is the baseline's name and what it reached on the same rows.
    """
    name, baseline = beside
    material = figure.Material(
        metrics=found.metrics,
        curves=found.curves,
        model=live.record.model or live.record.name,
        simulated=simulated,
        spoken=language,
        baseline=None
        if name == live.record.model
        else figure.Baseline(name, baseline.metrics, baseline.curves),
        importance=figure.Importance(uses.values, uses.method),
    )
    drawn = figure.draw(material, live.folder / "figures")
    live.put_json("importance.json", uses)
    told = {one.name: {"title": one.title, "alt": one.alt} for one in drawn}
    live.put_json("figures.json", {"schema": 1, "language": language, "figures": told})
