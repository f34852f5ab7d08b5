"""Artefacts of schema 1 as they were written first: every later version reads them and scores the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnable import option, rows
from vispera.model.artefact import read, write

GOLDEN = Path(__file__).parents[1] / "golden" / "model-v1"
KEPT = {"rule": {}, "logistic": {"bins": 4}, "catboost": {"iterations": 4, "depth": 3}}


@pytest.mark.parametrize("name", KEPT)
def test_first_artefacts_are_read_and_score_the_same(name):
    artefact = read(GOLDEN / name)
    assert artefact.manifest["schema"] == 1
    assert artefact.manifest["trained_until"] == "2016-12-31"
    assert artefact.tables["rates"]["rate"].tolist() == [0.25, 0.5]
    predicted = artefact.fitted.predict(rows(40, seed=1)[0].x)
    expected = pd.read_csv(GOLDEN / f"{name}.csv")
    assert predicted.raw == pytest.approx(expected["raw"].to_numpy(), abs=1e-12)
    assert predicted.p == pytest.approx(expected["p"].to_numpy(), abs=1e-12)


def save(folder: Path) -> None:
    """What stands in the golden folder; written once for each schema number, never over an old one."""
    for name, changed in KEPT.items():
        fitted = option(name, **changed).fit(*rows(150))
        rates = pd.DataFrame({"agent": ["1", "2"], "rate": [0.25, 0.5]})
        about: Any = {"problem": "learnable", "run": "golden", "trained_until": "2016-12-31"}
        write(folder / name, fitted, **about, tables={"rates": rates})
        predicted = fitted.predict(rows(40, seed=1)[0].x)
        frame = pd.DataFrame({"raw": predicted.raw, "p": predicted.p})
        assert np.isfinite(frame).all(axis=None)
        frame.to_csv(folder / f"{name}.csv", index=False)


if __name__ == "__main__":
    save(Path(sys.argv[1]))
