"""A model as it scores where the history is not: its fit, its features, and the tables that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vispera.clock import day
from vispera.errors import ContractBroken
from vispera.feature import FeatureSpec, faults
from vispera.lazy import pandas as pd
from vispera.model import Fitted
from vispera.model.artefact import Artefact
from vispera.problem import Problem

NEEDED = {"name", "features", "horizon_days", "stale_days"}
"""Parts of an artefact's recipe without which nothing can be scored."""


@dataclass(frozen=True)
class Scoring:
    """What an artefact gives to score with.

    ``until`` is the last day of arrival that its model has seen, of which its ``tables`` are too, and
    ``stale_days`` how old it has learned that these may be; ``levels`` those of each category that it knows.
    """

    fitted: Fitted
    name: str
    spec: FeatureSpec
    tables: Mapping[str, pd.DataFrame]
    levels: Mapping[str, tuple[str, ...]]
    until: int
    stale_days: int
    content: str

    @classmethod
    def of(cls, artefact: Artefact, problem: Problem) -> Scoring:
        """That of an artefact for a problem; ContractBroken with every reason why it cannot serve it."""
        manifest = artefact.manifest
        told = _unfit(manifest, problem)
        if told:
            raise ContractBroken(*told)
        recipe = manifest["recipe"]
        return cls(
            artefact.fitted,
            recipe["name"],
            spec_of(recipe["features"]),
            artefact.tables,
            artefact.fitted.features.levels,
            day(manifest["trained_until"]),
            recipe["stale_days"],
            manifest["content"],
        )


def spec_of(features: Mapping[str, Any]) -> FeatureSpec:
    """What a model takes of each family, from the plain values of a manifest."""
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in features.items()
    }
    return FeatureSpec(**plain)


def _unfit(manifest: Mapping[str, Any], problem: Problem) -> list[str]:
    recipe = manifest["recipe"]
    if manifest["problem"] != problem.name:
        return [f"the model is of problem={manifest['problem']}, and asked for is problem={problem.name}"]
    if not recipe.keys() >= NEEDED:
        return ["the model was kept before artefacts could score without the history; train it anew"]
    told = [f"the model: {fault}" for fault in faults(spec_of(recipe["features"]), problem.schema)]
    if recipe["horizon_days"] != problem.split.horizon_days:
        told.append(
            f"the model looks {recipe['horizon_days']} days ahead, and the problem asks for "
            f"{problem.split.horizon_days}; train it anew, or type problem.split.horizon_days="
            f"{recipe['horizon_days']}"
        )
    return told
