"""A file with other names and words becomes a problem by configuration alone."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from clinic import CLINIC, appointments
from conftest import problem
from vispera.asof import Ledger, snapshots
from vispera.errors import ContractBroken, UsageError
from vispera.feature import FeatureSpec, build
from vispera.split import folds


@pytest.fixture
def clinic(tmp_path):
    """The clinic's file, and its problem as ``--config-dir`` brings it in."""
    path = tmp_path / "citas.csv"
    appointments().to_csv(path, index=False)
    (tmp_path / "problem").mkdir()
    (tmp_path / "problem" / "clinic.yaml").write_text(CLINIC)
    place = [f"data.path={path}", f"data.cache={tmp_path / 'cache'}", f"hydra.searchpath=[file://{tmp_path}]"]
    return path, problem("clinic", *place)


def test_a_differently_named_file_is_mapped_by_configuration_alone(clinic):
    path, described = clinic
    table = described.load()
    raw = pd.read_csv(path)
    assert len(table) == len(raw)
    assert table.cancelled.sum() == raw["estado"].isin(["anulada", "no vino"]).sum()
    assert sorted(table.rows["doctor"].cat.categories) == ["Ana", "Luis", "Íñigo"]
    kept = ~table.cancelled
    assert (table.resolved == table.arrival)[kept].all()
    assert table.rows["arrival_date"].min() == pd.to_datetime(raw["cita"], format="%d/%m/%Y").min()


def test_its_features_and_windows_follow_from_what_was_declared(clinic):
    _, described = clinic
    table = described.load()
    windows = folds(described.split, table)
    assert [fold.name for fold in windows] == ["tuning-1", "tuning-2", "test"]
    at = snapshots(table, [14])
    rows = build(table, at, FeatureSpec(rates="all", recent="all", books="all"), Ledger(table, 14))
    made = {"doctor", "age", "days_left", "rate_doctor", "cancelled_7_doctor", "off_books_doctor"}
    assert made <= set(rows.x)
    assert "fee" not in rows.x


def test_a_column_that_the_file_lacks_is_named_with_the_nearest(clinic):
    wrong = replace(clinic[1], rename={"reservda": "booking_date"})
    with pytest.raises(ContractBroken, match="no column 'reservda'; closest: 'reservada'"):
        wrong.load()


def test_dates_of_another_format_say_what_to_set(clinic):
    with pytest.raises(ContractBroken, match=r"is not a date.*set problem\.date_format"):
        replace(clinic[1], date_format=None).load()


def test_a_missing_file_says_what_to_type(tmp_path):
    with pytest.raises(UsageError, match=r"problem\.path is not set"):
        problem("table", "data.path=null", f"data.cache={tmp_path}").load()
    with pytest.raises(UsageError, match="which is not a file"):
        problem("table", "data.path=nowhere.csv", f"data.cache={tmp_path}").load()


def test_one_cell_that_is_no_date_is_shown(clinic):
    path, described = clinic
    text = path.read_text()
    first = pd.read_csv(path)["cita"].iloc[0]
    path.write_text(text.replace(first, "31/04/2020", 1))
    with pytest.raises(ContractBroken, match=r"'31/04/2020' in 1 of 3000 rows; mend it, or set .*'%d/%m/%Y'"):
        described.load()
