"""Sentences: each feature has its own, each says what is there, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from clinic import CLINIC, appointments
from conftest import problem
from evening import (
    COUNTS,
    EVERYTHING,
    Evening,
    assert_equal_numbers,
    evening,
    explanation_of,
    learned,
    numbers,
    usual_of,
)
from night import HORIZON
from vispera.asof import Ledger, snapshots
from vispera.feature import FeatureSpec, build
from vispera.money.theme import by_theme, meanings
from vispera.money.wording import Case, Wording
from vispera.schema import Schema
from vispera.table import Table
from vispera.text import LANGUAGES, language


@pytest.mark.parametrize("spec", [EVERYTHING, COUNTS])
def test_every_feature_of_a_shipped_problem_has_a_sentence_of_its_own(table, spec):
    """None is said by a column's name, whatever the bookings of a night hold."""
    usable = tuple(c.name for c in table.schema.all if c.known == "booking" and c.kind not in NOT_FACTS)
    this = evening(table, replace(spec, facts=usable))
    voices, some = [Wording(language(code), table.schema) for code in LANGUAGES], cases(this)[::20]
    for meaning in meanings(table.schema, this.spec).values():
        for voice in voices:
            generic = named(voice.language.code, meaning.name)
            said = {wording(meaning, case) for wording in (voice.sentence, voice.bare) for case in some}
            for text in said:
                assert text == text.strip()
                assert not re.search(r"\b(nan|none|None)\b|[{}_]|  ", text), text
                assert not any(re.search(pattern, text) for pattern in generic), text


NOT_FACTS = ("date", "identifier")


def named(code: str, name: str) -> list[str]:
    """What a sentence looks like that has nothing but a column's name to go by."""
    held = language(code).texts["reason"]["any"]
    templates = [held[key] for key in ("value", "unknown", "other", "none", "same")]
    return [rf"\b{re.escape(t.format(column=name, value='')).strip()}\b" for t in templates]


def cases(this: Evening) -> list[Case]:
    frames = (this.rows.x, this.bookings, usual_of(this))
    return [Case(*row) for row in zip(*(frame.to_dict("records") for frame in frames), strict=True)]


def test_every_level_of_the_shipped_problems_has_its_words(table):
    for code in LANGUAGES:
        for name, own in language(code).texts["reason"]["group"].items():
            levels = set(table.rows[name].cat.categories)
            if "levels" in own:
                assert levels <= set(own["levels"]), name
            else:
                assert "other" in own
                assert "none" in own or "none" not in levels, name


def test_a_booking_without_an_agent_is_said_to_have_none(tonight):
    given = tonight.pushed({"rate_agent": 0.5, "rate_91_agent": 0.1})
    agents = tonight.bookings["agent"].astype("str").tolist()
    assert "none" in agents
    for agent, (reason,) in zip(agents, given, strict=True):
        assert reason.features[:2] == ("rate_agent", "rate_91_agent")
        if agent == "none":
            assert "without a travel agent" in reason.text["en"]
            assert "sin agencia" in reason.text["es"]
        else:
            assert re.search(rf"by travel agent {agent}\b", reason.text["en"])
            assert re.search(rf"de la agencia {agent}\b", reason.text["es"])


def test_a_rate_stands_beside_that_of_all_and_never_against_its_direction(tonight):
    """A low rate that raises the risk says so without the number, which would say the opposite."""
    x, wanted = tonight.rows.x, {"rate_agent": 0.5}
    raised, lowered = tonight.pushed(wanted), tonight.pushed({"rate_agent": -0.5})
    overall = x["rate_overall"].iloc[0]
    gap = x["rate_agent"].mul(100).round() - round(100 * overall)
    assert {-1.0, 0.0, 1.0} <= set(np.sign(gap))
    for at, points in enumerate(gap):
        up, down = raised[at][0].text["en"], lowered[at][0].text["en"]
        assert ("cancellation rate" in up) == (points > 0), up
        assert ("cancellation rate" in down) == (points < 0), down
        assert up.startswith("More risk: booked ") == (points <= 0), up
    at = int(np.argmax(x["rate_agent"]))
    share = f"{100 * x['rate_agent'].iloc[at]:.0f}% (all: {100 * overall:.0f}%)"
    assert raised[at][0].text["en"].endswith(share)
    assert raised[at][0].text["es"].endswith(share.replace("all", "todas").replace("%", "\u00a0%"))


def test_what_is_cancelled_for_the_date_stands_beside_the_average_of_the_night(tonight):
    x, usual = tonight.rows.x["off_books_hotel"], usual_of(tonight)["off_books_hotel"]
    assert usual.iloc[0] == pytest.approx(x.mean())
    at = int(np.argmax(x))
    given = tonight.pushed({"off_books_hotel": 0.3})[at][0]
    hotel = tonight.bookings["hotel"].iloc[at]
    share, mean = f"{100 * x.iloc[at]:.0f}", f"{100 * usual.iloc[0]:.0f}"
    assert given.theme == "arrival_date"
    assert given.text == {
        "en": f"More risk: {share}% of the bookings at the {hotel} for this arrival date are already "
        f"cancelled (average: {mean}%)",
        "es": f"Más riesgo: ya se ha cancelado el {share}\u00a0% de las reservas en el {hotel} "
        f"para esta fecha de llegada (media: {mean}\u00a0%)",
    }
    without = tonight.of(explanation_of(tonight, {"off_books_hotel": 0.3}), usual=None)[at][0]
    assert without.text["en"].endswith("already cancelled")


def test_beyond_the_horizon_the_date_is_named_and_no_number(simulated_table):
    at = snapshots(simulated_table, [28]).take(np.arange(3000))
    far = at.take(simulated_table.arrival[at.position] > at.night + HORIZON)
    rows = build(simulated_table, far, EVERYTHING, Ledger(simulated_table, HORIZON))
    this = Evening(simulated_table, EVERYTHING, rows, simulated_table.rows.iloc[far.position])
    reason = this.pushed({"off_books_hotel": 0.3})[0][0]
    arrival = language("es").date(this.bookings["arrival_date"].iloc[0].date().isoformat())
    assert reason.text["es"] == f"Más riesgo: llega el {arrival}"
    assert_equal_numbers(reason)


def test_who_comes_is_said_in_one_sentence_and_what_is_not_known_too(tonight):
    party = {"adults": [2, 1, 0, 3], "children": [0.0, 1.0, 0.0, np.nan], "babies": [0, 2, 0, 0]}
    four = replace(
        tonight,
        rows=tonight.rows.take(np.arange(4)),
        bookings=tonight.bookings.iloc[:4].assign(**party),
    )
    texts = [row[0].text for row in four.pushed({"children": 0.2})]
    assert [text["en"].removeprefix("More risk: ") for text in texts] == [
        "booked for 2 adults",
        "booked for 1 adult, 1 child and 2 babies",
        "no guest is entered in the booking",
        "booked for 3 adults and an unknown number of children",
    ]
    assert texts[1]["es"] == "Más riesgo: reserva para 1 adulto, 1 niño y 2 bebés"


def test_a_guest_of_whom_nothing_is_known_is_said_to_be_so(tonight):
    given = tonight.pushed({"guest_history_past_cancellations": 0.3})
    known = tonight.rows.x["guest_history_past_cancellations"]
    assert known.isna().any()
    for value, (reason,) in zip(known, given, strict=True):
        assert ("nothing is on record" in reason.text["en"]) == np.isnan(value)
        assert numbers(reason.text["es"], "es") == ([] if not value > 0 else [value])


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> Table:
    """Appointments, a problem of YAML alone with columns that nobody wrote a sentence for."""
    folder = tmp_path_factory.mktemp("clinic")
    path = folder / "citas.csv"
    appointments().to_csv(path, index=False)
    (folder / "problem").mkdir()
    (folder / "problem" / "clinic.yaml").write_text(CLINIC)
    place = [f"data.path={path}", f"data.cache={folder / 'cache'}", f"hydra.searchpath=[file://{folder}]"]
    return problem("clinic", *place).load()


def test_columns_that_nobody_wrote_a_sentence_for_are_named_with_their_value(clinic):
    spec = replace(EVERYTHING, sources="none")
    night = int(np.quantile(clinic.arrival, 0.7))
    fitted = learned("logistic", clinic, spec, (14, 3), cutoff=night - 1)
    this = evening(clinic, spec, night)
    explanation = fitted.explain(this.rows.x)
    raw = fitted.predict(this.rows.x).raw
    themes = by_theme(explanation, clinic.schema, spec)
    assert np.abs(themes.sum(axis=1) + explanation.base - raw).max() < 1e-6
    for row in this.of(explanation):
        for reason in row:
            assert_equal_numbers(reason)
    doctor, age = this.bookings["doctor"].iloc[0], this.bookings["age"].iloc[0]
    texts = [reason.text for reason in this.pushed({"doctor": 0.3, "age": 0.2})[0]]
    assert texts[0] == {"en": f"More risk: doctor is {doctor}", "es": f"Más riesgo: doctor es {doctor}"}
    assert texts[1] == {"en": f"More risk: age is {age:g}", "es": f"Más riesgo: age es {age:g}"}
    at = int(np.argmax(this.rows.x["rate_doctor"]))
    rate = this.pushed({"rate_doctor": 0.3})[at][0].text["es"]
    assert f"las reservas anteriores con doctor {this.bookings['doctor'].iloc[at]} tienen" in rate


def test_generic_sentences_write_every_kind_of_value_as_the_language_does():
    schema = Schema(
        columns={
            "booking": {
                "date": ("booking_date", "arrival_date"),
                "category": ("colour",),
                "number": ("size",),
                "integer": ("steps",),
                "flag": ("urgent",),
                "identifier": ("person",),
            },
            "outcome": {"date": ("outcome_date",), "flag": ("cancelled",)},
        },
        unit=("booking_date",),
        entities=("person", "colour"),
        nullable=("size", "colour"),
    )
    spec = FeatureSpec(rates="all")
    known = meanings(schema, spec)
    booking = {"colour": "none", "person": "81"}
    held = {"colour": "none", "size": 12.25, "steps": 12000, "urgent": 1.0}
    held |= {"rate_colour": 0.25, "rate_person": 0.5}
    case, voices = Case(held, booking, {}), {code: Wording(language(code), schema) for code in LANGUAGES}
    texts = {code: [voice.sentence(known[name], case) for name in held] for code, voice in voices.items()}
    assert texts["en"] == [
        "colour is not known",
        "size is 12.2",
        "steps is 12,000",
        "urgent is yes",
        "past bookings without colour have a cancellation rate of 25%",
        "past bookings with the same person have a cancellation rate of 50%",
    ]
    assert texts["es"] == [
        "no consta colour",
        "size es 12,2",
        "steps es 12\u00a0000",
        "urgent es sí",
        "las reservas anteriores sin colour tienen una tasa de cancelación del 25\u00a0%",
        "las reservas anteriores con el mismo valor de person tienen una tasa de cancelación del 50\u00a0%",
    ]
    missing = Case({"size": np.nan, "urgent": np.nan}, booking, {})
    for name in ("size", "urgent"):
        assert voices["en"].sentence(known[name], missing) == f"{name} is not known"
