"""What somebody writes who tracks nothing: read a table, fit CatBoost, compute metrics. See tracking.py.

    python bare_script.py FOLDER OPTIONS_AS_JSON [mlflow]

Nothing of vispera is imported: it also runs in an environment that has only catboost, pandas, scikit-learn.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from catboost import CatBoost, Pool
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score


def main(folder: Path, changed: dict, tracked: bool) -> None:
    about = json.loads((folder / "about.json").read_text())
    table = pd.read_parquet(folder / "features.parquet")
    options = {**about["options"], **changed}
    if tracked:
        import mlflow  # pyright: ignore[reportMissingImports]  (measured where it is installed)

        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        mlflow.set_experiment("bench")
        with mlflow.start_run():
            mlflow.log_params({**options, "features": len(about["features"])})
            found, model, predictions = work(table, about, options)
            mlflow.log_metrics(found)
            predictions.to_parquet(folder / "predictions.parquet")
            model.save_model(str(folder / "model.cbm"))
            mlflow.log_artifact(str(folder / "predictions.parquet"))
            mlflow.log_artifact(str(folder / "model.cbm"))
    else:
        found, _, _ = work(table, about, options)
    (folder / "bare.json").write_text(json.dumps(found))


def work(table, about, options):
    """Metrics of the window, the model of everything matured, and the window's predictions."""
    learned, scored = table["learned"].to_numpy(), table["scored"].to_numpy()
    window = CatBoost(options).fit(pool(table[learned], about))
    rows = table[scored]
    raw = window.predict(pool(rows, about), prediction_type="RawFormulaVal", thread_count=about["threads"])
    p = np.clip(1 / (1 + np.exp(-raw)), 1e-6, 1 - 1e-6)
    final = CatBoost(options).fit(pool(table, about))
    return metrics(rows, p), final, rows[["night", "arrival_date", "y"]].assign(p=p)


def pool(rows, about) -> Pool:
    x = rows[about["features"]]
    weight = rows["weight"] / rows["weight"].mean()
    return Pool(x, label=rows["y"], weight=weight, cat_features=about["categories"])


def metrics(rows, p) -> dict[str, float]:
    y = rows["y"].to_numpy()
    return {
        "rows": len(rows),
        "log_loss": log_loss(y, p),
        "pr_auc": average_precision_score(y, p),
        "roc_auc": roc_auc_score(y, p),
        "brier": brier_score_loss(y, p),
        "ece": ece(y, p),
        "precision_at_k": precision_at_k(rows.assign(p=p), 10),
    }


def ece(y, p, bins: int = 15) -> float:
    """Mean gap between p and the rate in bins of equal mass; equal p stay in one bin."""
    _, place, count = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    group = np.minimum((bins * middle / len(p)).astype(int), bins - 1)[place]
    return float(np.abs(np.bincount(group, p - y, bins)).sum() / len(p))


def precision_at_k(rows, k: int) -> float:
    """Share of k calls a night that reach a unit of which a row is cancelled."""
    units = rows.groupby(["night", "unit"], as_index=False).agg({"p": "max", "y": "max"})
    listed = units.sort_values(["night", "p", "unit"], ascending=[True, False, True])
    return float(listed.groupby("night").head(k).groupby("night")["y"].sum().div(k).mean())


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), "mlflow" in sys.argv[3:])
