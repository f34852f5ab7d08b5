"""CatBoost with every option pinned that would otherwise follow from the others."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from vispera.errors import Declined, UsageError
from vispera.model.calibrated import CalibratedModel, Sample
from vispera.model.encode import MISSING, UNKNOWN, Columns, Features

if TYPE_CHECKING:
    import pandas as pd

MOST_ITERATIONS = 500
NO_LEVEL = {UNKNOWN: "(unknown)", MISSING: "(missing)"}
"""CatBoost refuses missing categories; an unknown one is any text that the fit has not seen."""

PINNED: dict[str, object] = {
    # CatBoost 1.2.10 chooses these by the number of rows or iterations, by other options or by the presence
    # of a validation set, so that a short search would tune another model than the long final fit
    "auto_class_weights": "None",
    "best_model_min_trees": 1,
    "boost_from_average": True,
    "boosting_type": "Plain",
    "bootstrap_type": "Bernoulli",
    "combinations_ctr": ["Borders:CtrBorderCount=15:Prior=0/1:Prior=0.5/1:Prior=1/1"],
    "counter_calc_method": "SkipTest",
    "ctr_target_border_count": 1,
    "eval_fraction": 0,
    "eval_metric": "Logloss",
    "feature_border_type": "GreedyLogSum",
    "fold_len_multiplier": 2,
    "fold_permutation_block": 1,
    "grow_policy": "SymmetricTree",
    "has_time": False,
    "leaf_estimation_backtracking": "AnyImprovement",
    "leaf_estimation_method": "Newton",
    "loss_function": "Logloss",
    "min_data_in_leaf": 1,
    "model_shrink_mode": "Constant",
    "model_shrink_rate": 0,
    "nan_mode": "Min",
    "penalties_coefficient": 1,
    "permutation_count": 4,
    "posterior_sampling": False,
    "random_score_type": "NormalWithModelSizeDecrease",
    "sampling_frequency": "PerTree",
    "score_function": "Cosine",
    "simple_ctr": [
        "Borders:CtrBorderCount=15:Prior=0/1:Prior=0.5/1:Prior=1/1",
        "Counter:CtrBorderCount=15:Prior=0/1",
    ],
    "sparse_features_conflict_fraction": 0,
    "store_all_simple_ctr": False,
    "task_type": "CPU",
    # nothing on disk, nothing on the terminal
    "allow_writing_files": False,
    "logging_level": "Silent",
}


@dataclass(frozen=True)
class Oblivious:
    """A fitted CatBoost model; ``threads`` is for scoring and changes no result."""

    family: ClassVar[str] = "catboost"
    model: Any
    threads: int = -1

    @property
    def rounds(self) -> int:
        """Trees that are kept."""
        return int(self.model.tree_count_)

    def raw(self, columns: Columns) -> np.ndarray:
        """Sum of the trees, log-odds."""
        return self.model.predict(_pool(columns), prediction_type="RawFormulaVal", thread_count=self.threads)

    def contributions(self, columns: Columns) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Exact SHAP values, about 30 times the cost of a score."""
        values = self.model.get_feature_importance(
            _pool(columns), type="ShapValues", thread_count=self.threads
        )
        return dict(zip(columns.features.names, values[:, :-1].T, strict=True)), values[:, -1]

    def files(self) -> dict[str, bytes]:
        """The model in CatBoost's own format."""
        with tempfile.TemporaryDirectory(prefix="vispera-") as folder:
            path = Path(folder) / "model.cbm"
            self.model.save_model(str(path), format="cbm")
            return {"model.cbm": path.read_bytes()}


def load(files: Mapping[str, bytes], features: Features) -> Oblivious:
    """The model as it was written."""
    from catboost import CatBoost as Engine

    return Oblivious(Engine().load_model(blob=files["model.cbm"]))


@dataclass(frozen=True, kw_only=True)
class CatBoost(CalibratedModel):
    """Gradient boosting of symmetric trees with ordered target statistics of categories.

    Parameters not named here have CatBoost's meaning; those that are not here either stand in ``PINNED``.

    Parameters
    ----------
    threads
        Part of the model: another number can give another one.
    iterations
        Most trees, at most 500; fewer where the later slice says so.
    patience
        Trees without a better log-loss on the later slice after which the first fit stops.
    """

    seed: int
    threads: int
    iterations: int = 400
    learning_rate: float = 0.06
    depth: int = 6
    l2_leaf_reg: float = 5.0
    random_strength: float = 1.0
    subsample: float = 0.7
    rsm: float = 0.5
    border_count: int = 64
    one_hot_max_size: int = 8
    max_ctr_complexity: int = 1
    model_size_reg: float = 0.5
    leaf_estimation_iterations: int = 1
    patience: int = 40

    def __post_init__(self):
        if not 1 <= self.iterations <= MOST_ITERATIONS:
            raise UsageError(f"iterations is {self.iterations}; allowed: 1 to {MOST_ITERATIONS}")

    def learn(self, sample: Sample, later: Sample | None = None, rounds: int | None = None) -> Oblivious:
        """Trees of the sample; with ``later`` those up to the best are kept."""
        from catboost import CatBoost as Engine

        if not _varies(sample.columns):
            raise Declined(
                "catboost has no feature that varies over the training rows; model=prior serves them"
            )
        model = Engine(self._options(rounds or self.iterations))
        if later is None:
            model.fit(_pool(sample.columns, sample))
        else:
            held = _pool(later.columns, later)
            stop = {"use_best_model": True, "early_stopping_rounds": self.patience}
            model.fit(_pool(sample.columns, sample), eval_set=held, **stop)
        return Oblivious(_normalised(model), self.threads)

    def _options(self, iterations: int) -> dict[str, object]:
        own = {
            name: getattr(self, name)
            for name in (
                "learning_rate",
                "depth",
                "l2_leaf_reg",
                "random_strength",
                "subsample",
                "rsm",
                "border_count",
                "one_hot_max_size",
                "max_ctr_complexity",
                "model_size_reg",
                "leaf_estimation_iterations",
            )
        }
        counted = {"iterations": iterations, "random_seed": self.seed, "thread_count": self.threads}
        return {**PINNED, **own, **counted}


def _pool(columns: Columns, sample: Sample | None = None) -> Any:
    from catboost import Pool

    labels: dict[str, Any] = {} if sample is None else {"label": sample.y, "weight": sample.weights}
    return Pool(_frame(columns), cat_features=list(columns.codes), **labels)


def _frame(columns: Columns) -> pd.DataFrame:
    """The columns in the order of the fit, categories as text without gaps."""
    import pandas as pd

    made = {}
    for name in columns.features.names:
        if name in columns.codes:
            levels = [*columns.features.levels[name], NO_LEVEL[MISSING], NO_LEVEL[UNKNOWN]]
            codes = columns.codes[name] % len(levels)  # -2 and -1 become the last two
            made[name] = pd.Categorical.from_codes(codes, levels)
        else:
            made[name] = columns.numbers[name]
    return pd.DataFrame(made)


def _varies(columns: Columns) -> bool:
    codes = any(len(codes) and (codes != codes[0]).any() for codes in columns.codes.values())
    return codes or any(
        len(values) and not (np.isnan(values).all() or (values == values[0]).all())
        for values in columns.numbers.values()
    )


def _normalised(model: Any) -> Any:
    """The model without the finish time, the guid and the options that CatBoost writes into its files."""
    metadata = model.get_metadata()
    for key in list(metadata.keys()):
        del metadata[key]
    return model
