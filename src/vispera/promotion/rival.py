"""Gates that hold a run against others on the same rows: two that are fitted now, and the one in use."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

from vispera.asof import Ledger
from vispera.errors import ContractBroken, Declined
from vispera.evaluate import POOLED, paired_difference
from vispera.fitting import Material, Recipe, fit_window, prepare
from vispera.lazy import pandas as pd
from vispera.metric import suite
from vispera.problem import Problem
from vispera.promotion.own import window_of
from vispera.record import RunRecord, read_all
from vispera.registry.entry import Entry, Verdict
from vispera.registry.version import Package
from vispera.split import TEST, Fold, folds

KeyOf = Callable[[Problem, Material, Sequence[Fold]], str]
METRIC = "log_loss"


@dataclass(frozen=True, kw_only=True)
class Draws:
    """How intervals are made."""

    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Contest:
    """A run and the table on which others are held against it.

    ``key_of`` gives the comparison key of the table as it is now: another one than the record's says that
    the rows, and so the scores, are others.
    """

    record: RunRecord
    predictions: pd.DataFrame
    problem: Problem
    key_of: KeyOf
    draws: Draws

    @cached_property
    def window(self) -> str:
        """The window that decides."""
        return window_of(self.record)

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.problem.load(), self.problem.split.horizon_days)

    def beats(self, name: str, recipe: Recipe, step: Callable[[str], None]) -> Verdict:
        """Whether the run is better than a recipe that is fitted now, beyond what chance would give."""
        table, split = self._ledger.table, self.problem.split
        step(f"build the features of {recipe.name}")
        material, windows = prepare(table, recipe, self._ledger, split.horizon_days), folds(split, table)
        if (key := self.key_of(self.problem, material, windows)) != self.record.comparison_key:
            return Verdict(name=name, passed=False, evidence=self._another(key))
        mine = [fold for fold in windows if (fold.name == TEST) == (self.window == TEST)]
        frames = []
        for fold in mine:
            step(f"fit {recipe.name} for {fold.name}")
            frames.append(fit_window(material, recipe, fold)[1])
        gap = self.gap(pd.concat(frames, ignore_index=True))
        evidence = f"{self.told(gap)} against {recipe.name}, wholly below 0 wanted"
        return Verdict(name=name, passed=gap["high"] is not None and gap["high"] < 0, evidence=evidence)

    def _another(self, key: str) -> str:
        return (
            f"the table or the windows are others than the run's: their comparison key is {key}, "
            f"and {self.record.comparison_key} in the record; train again, or give the table of the run"
        )

    def gap(self, other: pd.DataFrame) -> dict[str, Any]:
        """Log-loss of the run minus the other's on the deciding window, with its interval; Declined if the
        two are not of the same rows."""
        measured = [metric for metric in suite() if metric.name == METRIC]
        pair = (_of(self.predictions, self.window), _of(other, self.window))
        found = paired_difference(*pair, measured, resamples=self.draws.resamples, seed=self.draws.seed)
        return found["windows"][self.window][METRIC]

    def told(self, gap: dict[str, Any]) -> str:
        """``log-loss on test -0.0138 (-0.0194 to -0.0075)``."""
        ends = "" if gap["low"] is None else f" ({gap['low']:+.4f} to {gap['high']:+.4f})"
        return f"log-loss on {self.window} {gap['value']:+.4f}{ends}"

    def not_worse(
        self,
        alias: str,
        there: Entry | None,
        fetch: Callable[[Entry], Package],
        again: Callable[[Package], str],
    ) -> Verdict:
        """Whether the run is not worse than the version that an alias names, beyond what chance would give.

        ``again`` gives the command that trains a version's recipe on the run's problem.
        """
        if there is None:
            return Verdict(name="not_worse", passed=True, evidence=f"there is no {alias} yet")
        try:
            package = fetch(there)
            whose = f"version {there.version} ({package.recipe})"
            found = incumbent(self.record, package, self.window)
            if found is None:
                evidence = (
                    f"{whose} was scored on other rows, and no run of its recipe is of these; type: "
                    f"{again(package)}"
                )
                return Verdict(name="not_worse", passed=False, evidence=evidence)
            gap = self.gap(found[0])
        except (ContractBroken, Declined) as refusal:
            return Verdict(name="not_worse", passed=False, evidence="; ".join(refusal.faults))
        passed = gap["low"] is not None and gap["low"] <= 0
        evidence = f"{self.told(gap)} against {whose}{found[1]}, not wholly above 0 wanted"
        return Verdict(name="not_worse", passed=passed, evidence=evidence)


def incumbent(record: RunRecord, package: Package, window: str) -> tuple[pd.DataFrame, str] | None:
    """Predictions of a version on the run's rows, and whose they are, if not its own; None without any.

    They are its own if it was scored on the same rows, else those of the newest run of its recipe there.
    """
    if json.loads(package.files["record.json"]).get("comparison_key") == record.comparison_key:
        held = pd.read_parquet(BytesIO(package.files["predictions.parquet"]))
        if len(_of(held, window)):
            return held, ""
    recipe = _recipe(package.files["config.yaml"])
    for one in reversed(read_all(record.folder.parent)):
        if _comparable(one, record, window) and _recipe((one.folder / "config.yaml").read_bytes()) == recipe:
            return pd.read_parquet(
                one.folder / "predictions.parquet"
            ), f", scored as run {one.id} of its recipe"
    return None


def _comparable(one: RunRecord, record: RunRecord, window: str) -> bool:
    """Whether a run was scored on the same rows in the window that decides, and has kept how."""
    return (
        one.state == "finished"
        and one.comparison_key == record.comparison_key
        and (window != TEST or one.test_looks is not None)
        and (one.folder / "predictions.parquet").is_file()
    )


def _recipe(config: bytes) -> dict[str, Any]:
    """What makes two runs of one recipe: the model's settings, seed and threads."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    whole = yaml.load(config, loader)  # noqa: S506  (a safe loader)
    return {key: whole.get(key) for key in ("model", "seed", "threads")}


def _of(predictions: pd.DataFrame, window: str) -> pd.DataFrame:
    """Rows of the test window, or of all tuning windows."""
    names = predictions["window"].astype(str)
    chosen = names.str.startswith(f"{POOLED}-") if window == POOLED else names == window
    return predictions.loc[chosen]
