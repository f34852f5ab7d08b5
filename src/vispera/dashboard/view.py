"""The saved view of a project in W&B: made once, and written anew in the same place from then on.

W&B lets several views bear the name that people see. Which one is ours is told by the one that stands in its
address: it follows from the name that people see, so that whoever types the command finds the same view, and
nobody's other views are ever touched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vispera.dashboard.panel import PRIMARY, TEST, sections
from vispera.dashboard.seen import Parameter
from vispera.evaluate.window import POOLED
from vispera.files import json_hash
from vispera.metric import METRICS
from vispera.wandb_session import asking

RUNS_SHOWN = 20
"""Most runs that a panel draws, the best first."""
NOT_IN_NAMES = ("So", "Sk", "Sm", "Sc", "Cs")
"""Kinds of characters, emoji and signs, that W&B takes in no name of a view."""
VIEWS = """
query ViewsByName($entity: String, $project: String, $type: String, $view: String) {
  project(entityName: $entity, name: $project) {
    allViews(viewType: $type, viewName: $view) { edges { node { id } } }
  }
}
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a view shows: whose runs, filtered by which values, and what is drawn of them."""

    entity: str
    project: str
    name: str
    filters: Mapping[str, str]
    parameters: tuple[Parameter, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """How W&B tells this view from others; the digits stand in its URL."""
        return f"nw-{json_hash({'view': self.name})[:11]}-v"


@dataclass(frozen=True)
class Saved:
    """Where a view lies, and whether it was there before."""

    url: str
    was_there: bool


def name_faults(name: str) -> list[str]:
    """What W&B would not take in a name of a view."""
    strange = sorted({sign for sign in name if unicodedata.category(sign) in NOT_IN_NAMES})
    if not name.strip():
        return ["name='': wanted at least one letter"]
    return [f"name={name}: W&B takes no {' '.join(strange)} in the name of a view"] if strange else []


def save(api: Any, wanted: Wanted) -> Saved:
    """Make the view, or write it anew where it is."""
    there = _find(api, wanted)
    with asking("save the view"):
        made = workspace(wanted)
        made._internal_name, made._internal_id = wanted.address, there or ""
        made.save()
        return Saved(made.url, there is not None)


def _find(api: Any, wanted: Wanted) -> str | None:
    """Id of the view; None if it was not made yet."""
    from wandb_workspaces._graphql import execute_graphql

    where = {"entity": wanted.entity, "project": wanted.project}
    with asking("tell which views there are"):
        found = execute_graphql(api, VIEWS, {**where, "type": "project-view", "view": wanted.address})
        return next((edge["node"]["id"] for edge in found["project"]["allViews"]["edges"]), None)


def workspace(wanted: Wanted) -> Any:
    """W&B's own object, with sections, filters, columns and order."""
    import wandb_workspaces.workspaces as ws

    return ws.Workspace(
        entity=wanted.entity,
        project=wanted.project,
        name=wanted.name,
        sections=sections(wanted.parameters, wanted.figures),
        settings=ws.WorkspaceSettings(max_runs=RUNS_SHOWN),
        runset_settings=ws.RunsetSettings(
            filters=filters(wanted.filters), order=order(), pinned_columns=columns()
        ),
    )


def filters(values: Mapping[str, str]) -> Any:
    """All of the conditions at once; a key is ``JobType``, or the name of a value of the summary.

    Runs that a search pruned are finished to W&B, and it may sort them before the best; they have no score,
    and a score is never below 0. The summary's own ``state`` would tell them, but W&B's library writes it as
    ``State``, and no run has that.
    """
    from wandb_workspaces import expr

    named = [
        (expr.Metric(name) if name == "JobType" else expr.Summary(name)) == value
        for name, value in values.items()
    ]
    scored = expr.Summary(f"{POOLED}/{PRIMARY.name}") >= 0
    return expr.And(*named, expr.Metric("State") == "finished", scored)


def order() -> list[Any]:
    """The best run first."""
    from wandb_workspaces import expr

    score = expr.Summary(f"{POOLED}/{PRIMARY.name}")
    return [expr.Ordering(score, ascending=not PRIMARY.greater_is_better)]


def columns() -> list[str]:
    """What stands beside each run: its model, the metric table, what the noise allows to say, the search."""
    score = f"{POOLED}/{PRIMARY.name}"
    keys = ["model", score, f"{score}/low", f"{score}/high", f"against/{score}/verdict"]
    keys += [f"{POOLED}/{one.name}" for one in METRICS.values() if one is not PRIMARY]
    keys += [f"{TEST}/{PRIMARY.name}", "test_looks", "audit/findings", "sweep", "trial", "comparison_key"]
    return ["run:displayName", *(f"summary:{key}" for key in keys), "run:jobType"]
