"""Protocol 2 on the real bookings: its counts, its quality, and what is sure of its money."""

from __future__ import annotations

import json

import pytest

from commands.test_replay import newest, vispera
from conftest import problem
from typed import workspace_in
from vispera.clock import day
from vispera.money.book import read_book

NIGHTS = ("nights.first=2017-03-01", "nights.last=2017-05-17")


def test_the_books_are_those_of_the_protocol(hotel_table, real_place):
    hotel = problem("hotel", f"data.path={real_place}")
    book = read_book(hotel, hotel_table, day("2017-03-01"), day("2017-05-17"))
    lost = int(hotel_table.cancelled[book.at.position].sum())
    assert (len(book.at), lost, len(book)) == (104_632, 4_923, 77_354)


@pytest.mark.slow
def test_one_model_fitted_once_is_as_good_as_the_protocol_says(real_place, tmp_path):
    """AUC within 0.01 of 0.719 and ECE within 0.005 of 0.013; money as far as the protocol is sure of it."""
    home = workspace_in(tmp_path / "home")
    words = ("problem=hotel", f"data.path={real_place}", "tracker=none", "refit=never", *NIGHTS)
    vispera(home, "replay", *words)
    told = json.loads((newest(home).folder / "replay.json").read_text("utf-8"))
    own = told["quality"]["model"]
    assert own["model"] == "catboost"
    assert own["roc_auc"] >= 0.709
    assert own["ece"] <= 0.018
    assert told["cutoffs"] == ["2017-02-28"]
    ways = {way["name"]: way["realised"]["value"] for way in told["contenders"]}
    assert 190 < ways["foresight"] < 230
    assert ways["model_by_value"] > ways["model_by_risk"]
    assert ways["random"] < 0
    assert ways["own_rule"] < 0
