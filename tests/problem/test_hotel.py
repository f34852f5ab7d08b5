"""The real table in every form in which it circulates gives one canonical table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from conftest import problem
from loopback import as_csv, published
from vispera.errors import ContractBroken, UsageError
from vispera.problem.hotel import find, found_in
from vispera.problem.hotel_form import oddities, to_canonical_names


@pytest.fixture(scope="module")
def raw(real_place) -> pd.DataFrame:
    return pd.read_parquet(find(real_place)[0])


def snake_csv(raw: pd.DataFrame, folder: Path) -> Path:
    """The merged table of 32 columns as it circulates: CSV, NULL for missing, other order of rows."""
    table = raw.drop(columns=["booking_id", "arrival_date", "booking_date"]).sample(frac=1, random_state=1)
    for name in ("agent", "company", "children"):
        table[name] = table[name].astype("Int64")
    table.to_csv(folder / "hotels.csv", index=False, na_rep="NULL")
    return folder / "hotels.csv"


def publication_csv(raw: pd.DataFrame, folder: Path) -> Path:
    """The two files of the publication: CamelCase, no hotel column, text padded with spaces."""
    table = raw.drop(columns=["booking_id", "arrival_date", "booking_date"])
    for name in ("agent", "company"):
        table[name] = table[name].astype("Int64").astype("str").replace("<NA>", "NULL").str.rjust(11)
    table["meal"] = table["meal"].str.ljust(9)
    dates = pd.to_datetime(table["reservation_status_date"])
    table["reservation_status_date"] = dates.dt.strftime("%Y-%m-%d")
    camel = {name: "".join(part.capitalize() for part in name.split("_")) for name in table}
    camel["adr"] = "ADR"
    for key, hotel in {"H1": "Resort Hotel", "H2": "City Hotel"}.items():
        rows = table.loc[table["hotel"] == hotel].drop(columns="hotel")
        rows.rename(columns=camel).to_csv(folder / f"{key}.csv", index=False)
    return folder


@pytest.mark.real
@pytest.mark.parametrize("form", [snake_csv, publication_csv])
def test_every_form_gives_the_same_canonical_table(form, raw, hotel_table, tmp_path):
    place = form(raw, tmp_path)
    words = (f"data.path={place}", f"data.cache={tmp_path / 'cache'}", "~problem.counts")
    table = problem("hotel", *words).load()
    assert table.content_hash == hotel_table.content_hash


@pytest.mark.real
def test_the_traps_of_the_real_table_are_counted_and_stay(hotel_table):
    assert len(hotel_table) == 103_505
    assert hotel_table.cancelled.sum() == 37_985
    assert hotel_table.quarantined == {}
    assert hotel_table.flagged == {
        "no guest": 167,
        "children not told": 4,
        "no night": 683,
        "ten adults or more": 13,
        "negative adr": 1,
        "no-show with another status date": 1,
    }
    no_show = hotel_table.rows["reservation_status"] == "No-Show"
    assert no_show.sum() == 1_109
    assert (hotel_table.resolved == hotel_table.arrival)[no_show].all()
    assert (~hotel_table.in_population).sum() == 13_524


@pytest.mark.real
def test_a_cut_table_is_refused_and_leaves_nothing(raw, tmp_path):
    cut = tmp_path / "cut.parquet"
    raw.iloc[:-10].to_parquet(cut)
    with pytest.raises(ContractBroken, match="not the whole source: rows 103495, expected 103505"):
        problem("hotel", f"data.path={cut}", f"data.cache={tmp_path / 'cache'}").load()
    assert not any((tmp_path / "cache").rglob("*.parquet"))


@pytest.mark.real
def test_twins_are_units_and_never_told_apart_by_position(hotel_table):
    keys = pd.Series(hotel_table.row_key)
    assert keys.is_unique
    facts = list(hotel_table.schema.unit)
    twins = hotel_table.rows.duplicated(facts, keep=False).to_numpy()
    units = pd.Series(hotel_table.unit)
    assert units.duplicated(keep=False).to_numpy()[twins].all()
    assert units.nunique() == len(hotel_table.rows.drop_duplicates(facts))


def test_a_table_in_the_data_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    (tmp_path / "hotels.csv").write_text("hotel,lead_time\nx,1\n")
    with pytest.raises(ContractBroken, match="column 'is_canceled' is missing"):
        problem("hotel", f"data.cache={tmp_path}").load()


def test_no_data_says_what_to_type(tmp_path, monkeypatch):
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    made = problem("hotel", f"data.cache={tmp_path / 'data'}")
    with pytest.raises(UsageError) as refusal:
        made.load()
    [told] = refusal.value.faults
    for way in (
        "vispera data problem=hotel",
        "data.path=FILE_OR_FOLDER",
        "set VISPERA_DATA",
        "problem=simulated",
    ):
        assert way in told
    assert not (tmp_path / "data").exists()
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        find(str(tmp_path / "absent"))
    with pytest.raises(UsageError, match="holds 0 tables"):
        find(str(tmp_path))


def test_the_table_is_found_among_others_by_its_usual_name(tmp_path):
    for name in ("mine.csv", "other.parquet", ".hidden.csv"):
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match=r"holds 2 tables; .* name the file: data\.path=FILE"):
        found_in(tmp_path)
    (tmp_path / "hotel_bookings.csv").touch()
    assert found_in(tmp_path) == [tmp_path / "hotel_bookings.csv"]


def test_the_files_of_the_publication_are_found_in_their_own_folder(tmp_path):
    assert found_in(tmp_path) == []
    (tmp_path / "publication").mkdir()
    assert found_in(tmp_path) == []
    both = [tmp_path / "publication" / name for name in ("H1.csv", "H2.csv")]
    for file in both:
        file.touch()
    assert found_in(tmp_path) == both


@pytest.mark.parametrize("named", [True, False])
def test_a_bad_table_says_where_it_lies_and_what_mends_it(tmp_path, monkeypatch, named):
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    cut = tmp_path / "hotels.csv"
    cut.write_bytes(as_csv(published().iloc[:50]))
    words = [f"data.path={cut}"] if named else []
    with pytest.raises(ContractBroken) as refusal:
        problem("hotel", f"data.cache={tmp_path}", *words).load()
    faults = refusal.value.faults
    assert faults[0].startswith("hotel: not the whole source: rows 50, expected 119390; cancelled ")
    assert faults[1] == "hotel: if that is meant, type '~problem.counts'"
    assert faults[2].startswith(f"that is what {cut} holds; ")
    assert ("data.path=FILE" if named else "vispera data problem=hotel") in faults[2]
    assert len(problem("hotel", f"data.path={cut}", f"data.cache={tmp_path}", "~problem.counts").load()) == 50


def test_a_table_that_is_no_table_of_the_hotel_tells_all_it_lacks(tmp_path):
    with pytest.raises(ContractBroken) as refusal:
        to_canonical_names(pd.DataFrame({"hotel": ["x"], "lead_time": [1]}))
    assert len(refusal.value.faults) == 8
    (tmp_path / "bad.csv").write_text('a,b\n1,2\n"3')
    with pytest.raises(ContractBroken):
        problem("hotel", f"data.path={tmp_path / 'bad.csv'}", f"data.cache={tmp_path}").load()


def test_oddities_are_counted_by_kind(simulated_table):
    rows = simulated_table.rows.assign(reservation_status_date=simulated_table.rows["outcome_date"])
    rows["reservation_status"] = rows["reservation_status"].astype("str")
    found = oddities(rows)
    nobody = rows["adults"] + rows["children"] + rows["babies"] == 0
    assert found["no guest"] == nobody.sum()
    assert found["no night"] == (rows["nights"] == 0).sum()
