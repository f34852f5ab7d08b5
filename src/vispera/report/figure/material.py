"""What the figures of a run are drawn from, and the words that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vispera.evaluate import slices
from vispera.report.figure.style import GREY, Canvas, Words
from vispera.text import Language, language


@dataclass(frozen=True)
class Baseline:
    """Another model's results on the same rows, drawn in grey: metrics.json and curves.json as read."""

    name: str
    metrics: Mapping[str, Any]
    curves: Mapping[str, Any]


@dataclass(frozen=True)
class Importance:
    """How much a model uses each feature, by any method whose numbers add up.

    ``method`` is ``contribution`` or ``permutation``, which have texts, or tells in words how it was
    measured, for instance "mean absolute SHAP value, 2,000 rows".
    """

    values: Mapping[str, float]
    method: str


@dataclass(frozen=True)
class Material:
    """Results of one run, as its record holds them, and how they are to be told.

    ``metrics`` and ``curves`` are metrics.json and curves.json; ``simulated`` marks every figure.
    """

    metrics: Mapping[str, Any]
    curves: Mapping[str, Any]
    model: str
    simulated: bool
    spoken: str = "en"
    baseline: Baseline | None = None
    importance: Importance | None = None

    @property
    def language(self) -> Language:
        """Language of the words."""
        return language(self.spoken)

    @property
    def window(self) -> str:
        """The window that figures of one window show: the test, else the last there is."""
        windows = self.metrics["windows"]
        return "test" if "test" in windows else list(windows)[-1]

    @property
    def summary(self) -> Mapping[str, Any]:
        """That window's entry in metrics.json."""
        return self.metrics["windows"][self.window]

    @property
    def curve(self) -> Mapping[str, Any]:
        """That window's entry in curves.json."""
        return self.curves["windows"][self.window]

    def compared(self, metric: str) -> Mapping[str, Any] | None:
        """The baseline's value of a metric on that window, where there is one."""
        if self.baseline is None:
            return None
        found = self.baseline.metrics["windows"].get(self.window, {}).get("metrics", {}).get(metric)
        return found if found and found["value"] is not None else None

    def compared_curve(self, name: str) -> Mapping[str, Any] | None:
        """The baseline's curve on that window, where there is one."""
        return self.baseline.curves["windows"].get(self.window, {}).get(name) if self.baseline else None

    @property
    def too_small(self) -> str | None:
        """Title for a sample on which no finding would hold, None for a larger one."""
        rows, positives = self.summary["rows"], self.summary["positives"]
        if slices.too_small(rows, positives) is None:
            return None
        rows, positives = self.language.count(rows), self.language.count(positives)
        return self.language.say("figure.too_small", model=self.model, rows=rows, positives=positives)

    def named(self, window: str) -> str:
        """A window's name in words."""
        if self.language.has(f"figure.window.{window}"):
            return self.language.say(f"figure.window.{window}")
        part = window.removeprefix("tuning-")
        if part != window:
            return self.language.say("figure.window.part", number=part)
        return self.language.say("figure.window.other", name=window)

    def stated(self, found: Mapping[str, Any], digits: int = 3) -> str:
        """A value with its interval in words."""
        told = {end: self.language.number(found[end], digits) for end in found if found[end] is not None}
        form = "value_interval" if "low" in told and "high" in told else "value_alone"
        return self.language.say(f"figure.{form}", **told)

    def labelled(self, name: str, found: Mapping[str, Any]) -> str:
        """A model's name with its value, for a key."""
        return f"{name} {self.language.number(found['value'], 3)}"

    def intervals(self, cluster: str) -> str:
        """How the intervals were made, or that there are none, in a sentence."""
        if not self.metrics["resamples"]:
            return self.language.say("figure.interval_none")
        level = self.language.percent(self.metrics["level"])
        resamples = self.language.count(self.metrics["resamples"])
        return self.language.say(f"figure.interval_{cluster}", level=level, resamples=resamples)

    def words(self, figure: str, title: str, subtitle: str = "", note: str = "", sample: str = "") -> Words:
        """The frame of words of one figure, with its sample and, where it is, SIMULATED."""
        return Words(
            kicker=self.language.say(f"figure.{figure}.kicker"),
            title=title,
            subtitle=subtitle,
            note=" ".join(part for part in (sample, note) if part),
            badge=self.language.say("figure.simulated") if self.simulated else "",
        )

    @property
    def sample(self) -> str:
        """The shown window, its dates and its size, in a sentence."""
        summary = self.summary
        return self.language.say(
            "figure.sample",
            window=self.named(self.window),
            dates=self.language.span(summary["first_night"], summary["last_night"]),
            rows=self.language.count(summary["rows"]),
            positives=self.language.count(summary["positives"]),
        )

    def undefined(self, figure: str) -> Canvas:
        """Canvas that says in words why there is nothing to draw."""
        title = self.language.say(f"figure.{figure}.undefined_title", model=self.model)
        canvas = Canvas(self.words(figure, title, sample=self.sample), 1.2)
        axes = canvas.axes(0.3, 0.3, 0.3, 0.1)
        axes.axis("off")
        rows, positives = (self.language.count(self.summary[what]) for what in ("rows", "positives"))
        why = self.language.say("figure.undefined_why", rows=rows, positives=positives)
        axes.text(0.0, 0.5, why, color=GREY, size=10, va="center")
        return canvas
