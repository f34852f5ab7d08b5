"""A file as Spanish Excel saves it is read once it is described, and refused with the key to set before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from clinic import CLINIC, appointments
from conftest import problem
from vispera.errors import ContractBroken, UsageError
from vispera.problem.csv_file import CsvForm

EXCEL = CsvForm(separator=";", decimal=",", encoding="cp1252")


def as_excel(table: pd.DataFrame) -> bytes:
    """Semicolons, a decimal comma, points between thousands, cp1252."""
    prices = [f"{price:,.2f}".translate(str.maketrans(",.", ".,")) for price in table["precio"] * 100]
    return table.assign(precio=prices).to_csv(index=False, sep=";").encode("cp1252")


@pytest.fixture
def clinic(tmp_path):
    """A clinic in a folder, and what makes its problem from the words that are typed."""
    (tmp_path / "problem").mkdir()
    (tmp_path / "problem" / "clinic.yaml").write_text(CLINIC)
    file = tmp_path / "citas.csv"
    file.write_bytes(as_excel(appointments(300)))

    def made(*words: str, path=file):
        place = [f"data.path={path}", f"data.cache={tmp_path / 'cache'}"]
        return problem("clinic", *place, f"hydra.searchpath=[file://{tmp_path}]", *words)

    return made


FORM = ("problem.csv.separator=';'", "problem.csv.decimal=','", "problem.csv.encoding=cp1252")


def test_a_described_form_gives_the_table_of_the_plain_file(clinic, tmp_path):
    plain = tmp_path / "plain.csv"
    appointments(300).assign(precio=lambda rows: rows["precio"] * 100).to_csv(plain, index=False)
    read, wanted = clinic(*FORM).load(), clinic(path=plain).load()
    assert set(read.rows["doctor"].cat.categories) == {"Ana", "Luis", "Íñigo"}
    assert np.allclose(read.rows["fee"], wanted.rows["fee"], atol=0.01)
    assert read.rows.drop(columns="fee").equals(wanted.rows.drop(columns="fee"))


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        ("encoding", r"not written in utf-8; set problem\.csv\.encoding=cp1252"),
        ("separator", r"begins 'reservada;cita;.*set problem\.csv\.separator, here as csv: {separator: ';'}"),
        (
            "decimal",
            r"column 'fee' holds '[\d.]+,\d\d' in 300 of 300 rows, where problem\.csv\.decimal is '\.'",
        ),
    ],
)
def test_what_is_not_described_is_told_with_the_key_to_set(clinic, left_out, told):
    words = [word for word in FORM if left_out not in word]
    with pytest.raises(ContractBroken, match=told):
        clinic(*words).load()


def test_a_decimal_point_among_commas_is_refused_and_not_taken_for_thousands():
    with pytest.raises(ValueError, match=r"'65\.5' in 1 of 2 rows, where problem\.csv\.decimal is ','"):
        EXCEL.plain(pd.Series(["85,50", "65.5"]))


def test_numbers_of_both_forms_and_what_is_none():
    assert EXCEL.plain(pd.Series(["1.250,50", "-3", "", "12 €"])).tolist() == ["1250.50", "-3", "", "12 €"]
    assert CsvForm().plain(pd.Series(["1250.50", "", "x"])).tolist() == ["1250.50", "", "x"]


def test_a_workbook_and_an_encoding_that_does_not_exist(clinic, tmp_path):
    (tmp_path / "citas.xlsx").write_bytes(b"PK")
    with pytest.raises(ContractBroken, match=r"citas\.xlsx is a workbook; save its sheet as CSV"):
        clinic(path=tmp_path / "citas.xlsx").load()
    with pytest.raises(ContractBroken, match=r"problem\.csv\.encoding=cp12: there is no such encoding"):
        clinic("problem.csv.encoding=cp12").load()


def test_nobody_came_is_known_on_the_day_of_arrival_though_no_date_says_so(clinic, tmp_path):
    rows = appointments(300)
    absent = rows["estado"] == "no vino"
    path = tmp_path / "absent.csv"
    rows.assign(baja=rows["baja"].mask(absent, "")).to_csv(path, index=False)
    asked = ("problem.cancelled_when={estado:[anulada]}", "+problem.no_show_when.estado=['no vino']")
    table = clinic(*asked, path=path).load()
    assert len(table) == len(rows)
    assert table.cancelled.sum() == rows["estado"].isin(["anulada", "no vino"]).sum()
    late = table.cancelled & (table.resolved == table.arrival)
    assert late.sum() >= absent.sum()
    without = clinic(path=path).load()
    assert without.quarantined["outcome without its date"] == absent.sum()


def test_words_of_no_shows_in_a_column_that_is_not_there(clinic):
    with pytest.raises(ContractBroken, match="no column 'estdo'; closest: 'estado'"):
        clinic(*FORM, "+problem.no_show_when.estdo=[x]").load()


def test_a_relative_path_is_looked_for_in_the_workspace_too(clinic, tmp_path, monkeypatch):
    described = clinic(*FORM, path="citas.csv")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(UsageError, match=r"'citas\.csv', which is not a file"):
        described.load()
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    assert len(described.load()) == 300


def test_an_open_book_is_read_in_the_form_of_the_history(clinic):
    open_rows = pd.DataFrame(
        {"reservada": ["01/02/2020"], "cita": ["09/02/2020"], "edad": ["41"], "precio": ["9,5"]}
    )
    read = clinic(*FORM).open_book(open_rows)
    assert read["fee"].tolist() == ["9.5"]
    assert read["booking_date"].dt.strftime("%Y-%m-%d").tolist() == ["2020-02-01"]
