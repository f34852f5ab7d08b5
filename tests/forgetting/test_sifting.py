"""Files without a guest's rows: all others stay byte for byte, and what nobody can tell is counted."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from guests import GUEST, MINE, NAME, OTHER, TWIN, UNKNOWN, frame, hexed
from vispera.files import write_frame
from vispera.forgetting.sifting import lists, predictions, set_aside, shown_night


def parquet(made: pd.DataFrame, tmp_path) -> bytes:
    write_frame(tmp_path / "frame.parquet", made)
    return (tmp_path / "frame.parquet").read_bytes()


def test_predictions_of_all_twins_go_and_the_file_is_as_if_they_had_never_been(tmp_path):
    whole = frame(OTHER, MINE, OTHER, TWIN, MINE)
    sifted = predictions(parquet(whole, tmp_path), GUEST)
    assert (sifted.rows, sifted.untold) == (3, 0)
    assert sifted.content == parquet(whole.iloc[[0, 2]].reset_index(drop=True), tmp_path)
    assert predictions(sifted.content or b"", GUEST).content is None


def test_a_prediction_of_a_booking_that_nobody_knows_is_counted(tmp_path):
    sifted = predictions(parquet(frame(OTHER, UNKNOWN, UNKNOWN), tmp_path), GUEST)
    assert (sifted.content, sifted.rows, sifted.untold) == (None, 0, 2)


def test_all_rows_may_go(tmp_path):
    sifted = predictions(parquet(frame(MINE), tmp_path), GUEST)
    assert sifted.content is not None
    left = pd.read_parquet(io.BytesIO(sifted.content))
    assert (len(left), [*left]) == (0, [*frame(MINE)])


def listed(*rows: tuple[int, str]) -> bytes:
    lines = [f'{hexed(unit)},{guest},"35 €, by ""value"""' for unit, guest in rows]
    return "\r\n".join(["unit,guest,why_en", *lines, ""]).encode()


@pytest.mark.parametrize(
    ("row", "goes"),
    [
        ((MINE, NAME), True),
        ((MINE, "0123456789abcdef"), True),  # another guest's row of a unit that is theirs too
        ((OTHER, NAME), True),  # a booking that no table holds, in a unit of others
        ((UNKNOWN, f"0123456789abcdef {NAME}"), True),
        ((OTHER, "0123456789abcdef"), False),
        ((OTHER, ""), False),
    ],
)
def test_a_row_of_a_list_goes_by_its_unit_or_its_pseudonym(row, goes):
    sifted = lists(listed((OTHER, ""), row), GUEST)
    assert sifted.rows == goes
    assert sifted.untold == 0
    assert sifted.content == (listed((OTHER, "")) if goes else None)


def test_without_pseudonyms_a_unit_that_nobody_knows_is_counted():
    content = listed((MINE, ""), (OTHER, ""), (UNKNOWN, ""))
    without_key = replace(GUEST, pseudonym="")
    assert (lists(content, without_key).rows, lists(content, without_key).untold) == (1, 1)
    bare = f"unit\r\n{hexed(UNKNOWN)}\r\n".encode()
    assert lists(bare, GUEST).untold == 1


@pytest.mark.parametrize("spelt", ["100", " 100 "])
def test_rows_that_were_set_aside_go_as_they_were_spelt(spelt):
    rest = b"guest_id,nights,reason\r\n1000,,x\r\n,2,y\r\n"
    sifted = set_aside(rest + f'{spelt},"1,5",z\r\n'.encode(), GUEST)
    assert (sifted.content, sifted.rows) == (rest, 1)


def test_nothing_set_aside_is_nothing():
    assert set_aside(b"reason\r\n", GUEST).content is None
    with pytest.raises(ValueError, match="no column 'guest_id'"):
        set_aside(b"reason\r\nx\r\n", GUEST)


def test_the_night_that_a_replay_shows_keeps_its_sums():
    rows = [{"rank": 1, "label": {"nights": "2", "hotel": "City"}}, {"rank": 2, "label": {"hotel": "City"}}]
    told = {"one_night": {"units": 9, "rows": rows}, "book": {"units": 12}}
    sifted = shown_night(json.dumps(told).encode(), GUEST)
    assert sifted.rows == 1
    assert json.loads(sifted.content or b"") == {**told, "one_night": {"units": 9, "rows": rows[1:]}}
