"""An extract as it comes: usable rows in, broken ones apart, an extract that cannot be tonight's refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tonights import NIGHT, Evening
from vispera.asof import as_of, open_book
from vispera.clock import iso
from vispera.errors import ContractBroken
from vispera.problem.extract import Extract, find_extract
from vispera.tonight.intake import Intake, Limits, quarantined


def found(place: Path, night: str = "2017-05-01") -> Extract:
    """The extract of a night, which is there."""
    extract = find_extract(place, night)
    assert extract is not None
    return extract


def read(intake: Intake, rows: int = 1000) -> pd.DataFrame:
    return pd.concat([batch.table.rows.astype({"hotel": str}) for batch in intake.batches(rows)])


def test_an_extract_of_a_night_holds_what_was_open_then(tonight: Evening):
    intake = tonight.intake()
    made = sum(len(open_book(batch.table, NIGHT, 14)) for batch in intake.batches(500))
    known = as_of(tonight.table, NIGHT)
    assert made == len(open_book(known, NIGHT, 14)) > 100
    assert intake.set_aside == 0
    assert intake.read == len(tonight.bookings())


BROKEN = {
    "adults is not integer": {"adults": "two"},
    "nights above 365": {"nights": "9999"},
    "arrival before booking; booked after 2017-05-01": {"lead_time": "-400"},
    "hotel unknown to the model": {"hotel": "Mountain Hotel"},
    "lead_time is not integer; lead_time missing; booking_date missing": {"lead_time": "soon"},
    "is_repeated_guest is not flag; is_repeated_guest missing": {"is_repeated_guest": "perhaps"},
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_broken_row_is_set_apart_with_its_reasons_as_it_came(tonight: Evening, reason, tmp_path):
    rows = tonight.bookings()
    for name, value in BROKEN[reason].items():
        rows.loc[rows.index[7], name] = value
    path = tmp_path / "bookings.csv"
    rows.to_csv(path, index=False)
    intake = tonight.intake(replace(tonight.extract(), bookings=path))
    assert len(read(intake)) == len(rows) - 1
    [apart] = [frame for frame in intake.quarantine if len(frame)]
    told = set(apart["reason"].iloc[0].split("; "))
    assert told & set(reason.split("; ")), apart["reason"].iloc[0]
    name, value = next(iter(BROKEN[reason].items()))
    assert apart[name].iloc[0] == value
    assert intake.set_aside == 1
    assert value in quarantined(intake.quarantine).decode()
    intake.check(Limits())


def test_bookings_that_have_arrived_or_are_not_made_yet_are_not_of_tonight(tonight: Evening):
    intake = tonight.intake(tonight.extract(NIGHT), night=NIGHT + 5)
    read(intake)
    reasons = intake.reasons
    assert reasons[f"arrived by {iso(NIGHT + 5)}"] > 10
    earlier = tonight.intake(tonight.extract(NIGHT), night=NIGHT - 5)
    read(earlier)
    assert earlier.reasons[f"booked after {iso(NIGHT - 5)}"] > 10


def test_an_extract_with_too_many_broken_rows_is_refused(tonight: Evening, tmp_path):
    rows = tonight.bookings()
    rows.loc[rows.index[: len(rows) // 10], "adults"] = "two"
    path = tmp_path / "bookings.csv"
    rows.to_csv(path, index=False)
    intake = tonight.intake(replace(tonight.extract(), bookings=path))
    read(intake)
    with pytest.raises(
        ContractBroken, match=r"adults is not integer: .* at most 5% may; .* limits\.set_aside=0\.2"
    ):
        intake.check(Limits())
    intake.check(Limits(set_aside=0.2))


def test_an_old_extract_under_a_new_name_is_seen(tonight: Evening):
    intake = tonight.intake(tonight.extract(NIGHT), night=NIGHT + 4)
    read(intake)
    with pytest.raises(ContractBroken, match=f"newest booking is of {iso(NIGHT)}, more than 3 days before"):
        intake.check(Limits(set_aside=1.0))
    intake.check(Limits(set_aside=1.0, newest_days=None))
    intake.check(Limits(set_aside=1.0, newest_days=4))


@pytest.mark.parametrize("column", ["agent", "booking_date", "do_not_call"])
def test_a_column_that_is_missing_breaks_the_contract(tonight: Evening, column, tmp_path):
    path = tmp_path / "bookings.csv"
    drop = {"booking_date": "lead_time"}.get(column, column)  # the booking date follows from the lead time
    tonight.bookings().drop(columns=drop).to_csv(path, index=False)
    intake = tonight.intake(replace(tonight.extract(), bookings=path))
    with pytest.raises(ContractBroken, match=f"column '{drop}' is missing"):
        read(intake)


def test_a_column_of_nothing_but_nonsense_breaks_the_contract(tonight: Evening, tmp_path):
    path = tmp_path / "bookings.csv"
    tonight.bookings().assign(adults="two").to_csv(path, index=False)
    intake = tonight.intake(replace(tonight.extract(), bookings=path))
    with pytest.raises(ContractBroken, match="column 'adults' is not integer: 'two'"):
        read(intake)


def test_an_empty_extract_is_refused(tonight: Evening, tmp_path):
    path = tmp_path / "bookings.csv"
    tonight.bookings().iloc[:0].to_csv(path, index=False)
    intake = tonight.intake(replace(tonight.extract(), bookings=path))
    list(intake.batches())
    with pytest.raises(ContractBroken, match="there is no booking in it"):
        intake.check(Limits())


def test_rows_are_found_again_by_their_places(tonight: Evening):
    intake = tonight.intake()
    rows = []
    for batch in intake.batches(300):
        rows.append(batch.table.rows.astype(str))
        batch.remember(np.array([3, 17]))
    whole = pd.concat(rows, ignore_index=True)
    for wanted in ([17, 303], [303, 17], [5, 17, 303], [640]):  # the first two are remembered
        again = intake.again(np.array(wanted), rows=300).rows
        expected = whole.iloc[sorted(wanted)].reset_index(drop=True)
        pd.testing.assert_frame_equal(again.astype(str), expected)
    assert len(intake.again(np.array([], dtype=int), rows=300)) == 0


def test_an_extract_is_found_in_each_of_its_forms(tmp_path):
    night = "2017-05-01"
    assert find_extract(tmp_path, night) is None
    file = tmp_path / f"{night}.csv"
    file.write_text("x\n1\n")
    assert found(tmp_path).bookings == file
    assert found(file).bookings == file
    folder = tmp_path / "deep" / night
    folder.mkdir(parents=True)
    for name in ("bookings.parquet", "guest_history.csv", ".hidden.csv"):
        (folder / name).write_text("")
    one = found(folder.parent)
    assert one.bookings == folder / "bookings.parquet"
    assert one.sources == {"guest_history": folder / "guest_history.csv"}
    assert found(folder) == one
    (folder / "bookings.csv").write_text("")
    with pytest.raises(ContractBroken, match=r"holds bookings.parquet and bookings.csv; leave one"):
        find_extract(folder, night)


def test_half_a_file_is_seen_where_its_hash_lies_beside_it(tmp_path):
    import hashlib

    file = tmp_path / "2017-05-01.csv"
    whole = b"a,b\n1,2\n3,4\n"
    file.write_bytes(whole)
    (tmp_path / "2017-05-01.csv.sha256").write_text(f"{hashlib.sha256(whole).hexdigest()}  2017-05-01.csv\n")
    found(tmp_path).check()
    file.write_bytes(whole[:-4])
    with pytest.raises(ContractBroken, match="was changed, or not written to its end"):
        found(tmp_path).check()


def test_what_is_no_table_is_refused(tonight: Evening, tmp_path):
    path = tmp_path / "bookings.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(ContractBroken, match=r"bookings\.parquet cannot be read as a table"):
        read(tonight.intake(replace(tonight.extract(), bookings=path)))


def test_no_quarantine_is_a_header_alone():
    assert quarantined([]) == b"reason\r\n"
