"""The sections of the workspace: what ``vispera compare`` shows, as W&B's panels.

Names and directions come from `vispera.metric`, keys from `vispera.tracker.wandb_content`. A panel draws what
W&B holds of each run: values of the summary, rows by window, whole tables, images.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from vispera.dashboard.seen import FIGURES, Parameter
from vispera.evaluate.window import POOLED
from vispera.metric import METRICS, Metric

PRIMARY = METRICS["log_loss"]
"""What a search minimises, and by which runs are sorted."""
TEST = "test"
AREA_UNDER, LINES = "wandb/area-under-curve/v0", "wandb/line/v0"
"""Drawings of tables that every server of W&B brings along."""
NO_SEARCH = (
    "**No search yet.** Type `python train.py -m model=catboost`, then `vispera sync`, then this again: "
    "the parameters that were tried are drawn here."
)


def sections(parameters: Sequence[Parameter], figures: Sequence[str]) -> list[Any]:
    """Every section, in the order of the page: what is best, whether by more than noise, why, how found."""
    return [
        section("Metrics", [*metrics(POOLED, "tuning windows pooled"), table("metrics_by_window")]),
        section("Metrics by window", [by_window(metric) for metric in METRICS.values()]),
        section("Metrics of the test window", metrics(TEST, "test window"), is_open=False),
        section("Against the baseline", against()),
        section("Calibration and ROC", curves(), columns=2),
        section("Search", search(parameters), columns=2),
        section("Settings that differ", [differences()], columns=1),
        section("Audit and data", audit(), columns=2),
        section("Figures", [figure(name) for name in figures], columns=2),
    ]


def section(name: str, panels: Iterable[Any], *, columns: int = 3, is_open: bool = True) -> Any:
    """Panels under a heading, in so many columns, all to be seen without turning pages."""
    import wandb_workspaces.workspaces as ws

    shown = list(panels)
    layout = ws.SectionLayoutSettings(columns=columns, rows=max(1, -(-len(shown) // columns)))
    return ws.Section(name=name, panels=shown, is_open=is_open, layout_settings=layout)


def directed(metric: Metric) -> str:
    """A metric with the direction in which it is better.

    >>> directed(METRICS["log_loss"]), directed(METRICS["roc_auc"])
    ('log_loss ↓ lower is better', 'roc_auc ↑ higher is better')
    """
    return f"{metric.name} {'↑ higher' if metric.greater_is_better else '↓ lower'} is better"


def metrics(window: str, told: str) -> list[Any]:
    """Bars of every metric over the rows of a window, a bar a run."""
    return [bars(f"{directed(one)} ({told})", f"{window}/{one.name}") for one in METRICS.values()]


def bars(title: str, key: str) -> Any:
    """Bars of a value of the summary, a bar a run."""
    import wandb_workspaces.reports.v2 as wr

    return wr.BarPlot(title=title, metrics=[key], orientation="h")


def by_window(metric: Metric) -> Any:
    """Lines of a metric over the windows in order of time, a line a run."""
    import wandb_workspaces.reports.v2 as wr

    title = f"{directed(metric)} (by window)"
    return wr.LinePlot(
        title=title, x="window/number", y=[f"window/{metric.name}"], title_x="window", smoothing_type="none"
    )


def against() -> list[Any]:
    """Paired differences to the baseline, bars of every metric and the table with their intervals."""
    differences = [
        bars(f"{one.name} minus the baseline's, {_better(one)}", f"against/{POOLED}/{one.name}")
        for one in METRICS.values()
    ]
    return [*differences, table("against_baseline")]


def _better(metric: Metric) -> str:
    return "above 0 is better ↑" if metric.greater_is_better else "below 0 is better ↓"


def curves() -> list[Any]:
    """ROC and calibration drawn from their tables, a curve a window of each run, and the tables."""
    roc = {"title": "ROC", "x-axis-title": "False positive rate", "y-axis-title": "True positive rate"}
    rates = {"x": "false_positive_rate", "y": "true_positive_rate", "class": "window"}
    bins = {"x": "mean_p", "y": "rate", "stroke": "window"}
    return [
        drawn("roc", AREA_UNDER, rates, roc),
        drawn("calibration", LINES, bins, {"title": "Calibration: mean p, and the rate of positives"}),
        table("roc"),
        table("calibration"),
        table("slices"),
    ]


def drawn(name: str, preset: str, fields: dict[str, str], texts: dict[str, str]) -> Any:
    """A logged table, drawn by one of W&B's own presets."""
    import wandb_workspaces.reports.v2 as wr

    query = {"summaryTable": {"tableKey": name}}
    return wr.CustomChart(query=query, chart_name=preset, chart_fields=fields, chart_strings=texts)


def table(name: str) -> Any:
    """A logged table of all runs, to be filtered and sorted there."""
    import wandb_workspaces.reports.v2 as wr

    return wr.WeavePanelSummaryTable(table_name=name)


def search(parameters: Sequence[Parameter]) -> list[Any]:
    """Parameters against the score, which of them mattered, and how the score fell from trial to trial."""
    import wandb_workspaces.reports.v2 as wr
    from wandb_workspaces.reports.v2.interface import ParallelCoordinatesPlotColumn as Axis

    if not parameters:
        return [wr.MarkdownPanel(markdown=NO_SEARCH)]
    score = f"{POOLED}/{PRIMARY.name}"
    columns = [Axis(wr.Config(one.path), display_name=_short(one), log=one.log or None) for one in parameters]
    columns.append(Axis(wr.SummaryMetric(score), display_name=directed(PRIMARY)))
    return [
        wr.ParallelCoordinatesPlot(title="What was tried, and how good it was", columns=columns),
        wr.ParameterImportancePlot(with_respect_to=score),
        wr.ScatterPlot(
            title=f"{directed(PRIMARY)}, by trial",
            x=wr.SummaryMetric("trial"),
            y=wr.SummaryMetric(score),
            running_ymin=not PRIMARY.greater_is_better or None,
            running_ymax=PRIMARY.greater_is_better or None,
        ),
    ]


def _short(parameter: Parameter) -> str:
    return parameter.path.removeprefix("model.").removeprefix("estimator.")


def differences() -> Any:
    """The runs side by side, and of their settings only those that differ."""
    import wandb_workspaces.reports.v2 as wr

    return wr.RunComparer(diff_only="split")


def audit() -> list[Any]:
    """Findings of the leakage gate, and what each model leans on."""
    return [
        bars("findings of the leakage gate ↓ lower is better", "audit/findings"),
        table("audit_findings"),
        table("importance"),
    ]


def figure(name: str) -> Any:
    """A figure as each run drew it, side by side."""
    import wandb_workspaces.reports.v2 as wr

    return wr.MediaBrowser(title=name.removeprefix(FIGURES), media_keys=[name], gallery_axis="run")
