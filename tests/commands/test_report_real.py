"""The report on the hotel's real bookings: nothing simulated in it, and every number a claim there too."""

from __future__ import annotations

from pathlib import Path

import pytest

from report.feasibility.reading import read
from reported import OWN, REPORT, bytes_below, folder_of, page_of, typed
from typed import workspace_in
from vispera.files import read_json
from vispera.text import LANGUAGES

pytestmark = [pytest.mark.real, pytest.mark.slow]

TRAIN = ("train", "problem=hotel", "model=logistic", *OWN, "evaluation.resamples=50")
NIGHTS = ("nights.first=2017-03-16", "nights.last=2017-03-31")
REPLAY = ("replay", "run=last", *OWN, *NIGHTS, "refit=never", "resamples=200", "sensitivity.capacities=[5]",
          "ladder.trees.estimator.iterations=20")  # fmt: skip


@pytest.fixture(scope="module")
def hotel(real_place, tmp_path_factory) -> Path:
    """A workspace with one run, a replay of two weeks, and both reports."""
    home = workspace_in(tmp_path_factory.mktemp("hotel") / "home")
    where = f"data.path={real_place}"
    typed(home, (*TRAIN, where), (*REPLAY, where), REPORT, (*REPORT, "language=es"))
    return home


@pytest.mark.parametrize("code", LANGUAGES)
def test_without_its_claims_no_digit_is_left_and_nothing_is_simulated(hotel, code):
    text = page_of(hotel, code)
    page = read(text)
    assert (page.bare, [one.text for one in page.unclaimed]) == ([], [])
    assert len(page.claims) > 500
    assert [told for told in page.prose if "simula" in told.lower()] == []
    assert not any(mark in text for mark in ('class="simulated"', "@top-right { content"))
    content = read_json(folder_of(hotel) / "report.json")
    assert (content["problem"], content["simulated"]) == ("hotel", False)


def test_its_claims_are_in_the_files_that_it_names(hotel):
    from report.feasibility.test_claims import checked, loaded

    own = folder_of(hotel) / "report.json"
    assert checked(hotel, loaded(own), own) == {}
    assert loaded(own)["claims"]["rows"]["value"] == 103505


def test_it_is_small_and_names_no_place_of_this_machine(hotel, real_place):
    for name, content in bytes_below(folder_of(hotel)).items():
        assert len(content) < 2_000_000, name
        assert str(hotel).encode() not in content, name
        assert str(real_place).encode() not in content, name
