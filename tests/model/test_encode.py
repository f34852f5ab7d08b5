from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnable import rows
from vispera.errors import ContractBroken
from vispera.model.calibrated import Sample
from vispera.model.design import Category, Number, from_manifest, manifest, matrix, parts
from vispera.model.encode import MISSING, UNKNOWN, Features, merged, recoded
from vispera.model.ordinal import Ordinal


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": [1.0, np.nan, 3.0],
            "c": pd.Categorical(["b", None, "a"], ["z", "b", "a"]),
            "flag": [True, False, True],
            "text": ["x", None, "y"],
        }
    )


def test_features_hold_the_levels_that_occur_sorted():
    features = Features.of(frame())
    assert features.names == ("n", "c", "flag", "text")
    assert features.levels == {"c": ("a", "b"), "text": ("x", "y")}
    assert features.numbers == ("n", "flag")
    assert Features.from_manifest(features.manifest()) == features


def test_codes_do_not_depend_on_the_categorical_of_the_frame():
    features = Features.of(frame())
    asked = frame().assign(c=pd.Categorical(["a", "new", None], ["new", "a"]), flag=[1, 0, 1])
    columns = features.columns(asked.loc[:, ["text", "flag", "c", "n"]])
    assert columns.codes["c"].tolist() == [0, UNKNOWN, MISSING]
    assert columns.codes["text"].tolist() == [0, MISSING, 1]
    assert columns.numbers["flag"].tolist() == [1.0, 0.0, 1.0]
    assert columns.take(np.array([2, 0])).codes["c"].tolist() == [MISSING, 0]


def test_nullable_numbers_are_floats_with_nan():
    columns = Features.of(frame()).columns(frame().assign(n=pd.array([1, None, 2], "Int64")))
    assert np.array_equal(columns.numbers["n"], [1.0, np.nan, 2.0], equal_nan=True)


def test_infinite_numbers_are_refused():
    with pytest.raises(ContractBroken, match="'n' holds infinite"):
        Features.of(frame()).columns(frame().assign(n=np.inf))


def test_heaviest_levels_stay_and_ties_go_to_the_lower_code():
    codes = np.array([0, 1, 1, 2, 3, 3, MISSING])
    weights = np.ones(len(codes))
    assert merged(codes, weights, 4, least=2, most=9).tolist() == [UNKNOWN, 0, UNKNOWN, 1]
    assert merged(codes, weights, 4, least=0, most=3).tolist() == [0, 1, UNKNOWN, 2]
    target = merged(codes, weights, 4, least=2, most=9)
    assert recoded(np.array([0, 3, UNKNOWN, MISSING]), target).tolist() == [UNKNOWN, 1, UNKNOWN, MISSING]


def test_design_matrix_has_a_column_for_everything():
    sample = Sample(Features.of(frame()).columns(frame()), np.zeros(3), np.ones(3))
    layout = parts(sample, least=0, bins=0)
    dense = matrix(layout, sample.columns).toarray()
    number, category, flag, text = layout
    assert isinstance(number, Number)
    assert isinstance(category, Category)
    assert dense.shape == (3, number.width + category.width + flag.width + text.width)
    assert dense[:, :2] == pytest.approx(np.array([[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
    assert dense[:, 2:6].tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    again = from_manifest(manifest(layout), sample.columns.features)
    assert np.array_equal(matrix(again, sample.columns).toarray(), dense)


def test_buckets_hold_equal_shares_and_extremes_are_cut():
    made, weights = rows()
    columns = Features.of(made.x).columns(made.x)
    layout: Any = {part.name: part for part in parts(Sample(columns, made.y, weights), 0, bins=8)}
    places, _ = layout["lead_time"].entry(columns)
    assert np.bincount(places).min() > len(made) / 8 * 0.8
    assert len(layout["days_left"].edges) == 3  # four values, three edges between them
    line = next(p for p in parts(Sample(columns, made.y, weights), 0, bins=0) if p.name == "lead_time")
    far = Features.of(made.x).columns(made.x.assign(lead_time=1e9))
    assert line.entry(far)[1].max() < 10


def test_ordinal_bounds_the_levels_and_leaves_out_what_is_empty():
    x = frame().assign(empty=np.nan, none=pd.Categorical([None] * 3, ["a"]))
    sample = Sample(Features.of(x).columns(x), np.zeros(3), np.ones(3))
    layout = Ordinal.of(sample, least=0, most=1)
    assert layout.kept == {"c": ("a",), "text": ("x",)}
    assert layout.numbers == ("n", "flag")
    expected = [[1, 0, 1, 1], [np.nan, np.nan, np.nan, 0], [0, 1, 3, 1]]
    assert np.array_equal(layout.matrix(sample.columns), expected, equal_nan=True)
    assert Ordinal.from_manifest(layout.manifest()) == layout
