"""Reasons in words: they add up, they tell the direction, they say the same in every language."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from clinic import CLINIC, appointments
from conftest import problem
from learnable import config, option
from night import HORIZON, scrambled
from vispera.asof import Ledger, open_book, snapshots
from vispera.clock import day
from vispera.errors import ContractBroken, Declined, GateRefused
from vispera.feature import FeatureSpec, build, training_weights
from vispera.model import Explanation
from vispera.money.reason import LEAST, Reason, columns, no_reasons, reasons, usual_shares
from vispera.money.theme import by_theme, meanings
from vispera.money.wording import Case, Wording
from vispera.schema import Schema
from vispera.table import Rows, Table
from vispera.text import LANGUAGES, language

NIGHT = day("2017-03-10")
CUTOFF = day("2017-02-28")
EVERYTHING = FeatureSpec(rates="all", recent="all", books="all", sources="all")
COUNTS = replace(EVERYTHING, form="count")
EXPLAINING = {"catboost": {"iterations": 60}, "logistic": {}, "rule": {}}


@dataclass(frozen=True)
class Evening:
    """The open book of a night as a list is made of it."""

    table: Table
    spec: FeatureSpec
    rows: Rows
    bookings: pd.DataFrame

    def of(self, explanation: Explanation, **changed: Any) -> list[tuple[Reason, ...]]:
        given = changed or {"usual": usual_of(self)}
        return reasons(explanation, self.rows.x, self.bookings, self.table.schema, self.spec, **given)

    def pushed(self, contributions: dict[str, float]) -> list[tuple[Reason, ...]]:
        """Reasons of rows whose features were given these contributions, the others none."""
        zeros = dict.fromkeys(self.rows.x, 0.0)
        n = len(self.rows)
        made = pd.DataFrame([{**zeros, **contributions}] * n, index=self.rows.x.index)
        return self.of(Explanation(made, np.zeros(n)))


def evening(table: Table, spec: FeatureSpec = EVERYTHING, night: int = NIGHT) -> Evening:
    at = open_book(table, night, HORIZON)
    bookings = table.rows.iloc[at.position]
    return Evening(table, spec, build(table, at, spec, Ledger(table, HORIZON)), bookings)


@pytest.fixture(scope="module")
def tonight(simulated_table) -> Evening:
    return evening(simulated_table)


@pytest.fixture(scope="module")
def explained(simulated_table):
    """By model: the evening with its features, the fit, and the explanation."""

    @cache
    def fit(name: str) -> tuple[Evening, Any, Explanation]:
        held = config(name)
        spec = FeatureSpec(**held["features"])
        fitted = learned(name, simulated_table, spec, tuple(held["snapshots"]))
        this = evening(simulated_table, spec)
        return this, fitted, fitted.explain(this.rows.x)

    return fit


def learned(name: str, table: Table, spec: FeatureSpec, distances: tuple[int, ...], cutoff: int = CUTOFF):
    at = snapshots(table, distances)
    at = at.take(table.arrival[at.position] <= cutoff)
    rows = build(table, at, spec, Ledger(table, HORIZON))
    return option(name, **EXPLAINING.get(name, {})).fit(rows, training_weights(table, at, distances))


def numbers(text: str, code: str) -> list[float]:
    """Numbers of a text in the order of their size, read as the language writes them."""
    form = language(code).texts["form"]
    plain = re.sub(rf"(?<=\d){re.escape(form['group'])}(?=\d\d\d)", "", text)
    found = re.findall(rf"-?\d+(?:{re.escape(form['decimal'])}\d+)?", plain)
    return sorted(float(number.replace(form["decimal"], ".")) for number in found)


def assert_equal_numbers(reason: Reason) -> None:
    assert set(reason.text) == set(LANGUAGES)
    assert numbers(reason.text["en"], "en") == numbers(reason.text["es"], "es"), reason.text


each_explaining = pytest.mark.parametrize("name", EXPLAINING)


@each_explaining
def test_themes_and_base_add_up_to_the_raw_log_odds(name, explained):
    this, fitted, explanation = explained(name)
    themes = by_theme(explanation, this.table.schema, this.spec)
    assert len(themes.columns) >= 4
    raw = fitted.predict(this.rows.x).raw
    assert np.abs(themes.sum(axis=1).to_numpy() + explanation.base - raw).max() < 1e-6
    for row, given in zip(themes.to_dict("records"), this.of(explanation), strict=True):
        for reason in given:
            assert reason.contribution == pytest.approx(row[reason.theme], abs=1e-9)


@each_explaining
def test_main_reasons_raise_most_first_and_only_then_lower(name, explained):
    this, _, explanation = explained(name)
    themes = by_theme(explanation, this.table.schema, this.spec)
    for row, given in zip(themes.to_dict("records"), this.of(explanation), strict=True):
        moved = [reason.contribution for reason in given]
        raising = sorted((value for value in row.values() if value >= LEAST), reverse=True)
        lowering = sorted(value for value in row.values() if value <= -LEAST)
        assert moved == pytest.approx([*raising, *lowering][:3], abs=1e-9)
        for reason in given:
            assert reason.text["en"].startswith("More risk: " if reason.raises else "Less risk: ")
            assert reason.text["es"].startswith("Más riesgo: " if reason.raises else "Menos riesgo: ")


@each_explaining
def test_both_languages_give_equal_numbers(name, explained):
    this, _, explanation = explained(name)
    given = [reason for row in this.of(explanation) for reason in row]
    assert len({reason.theme for reason in given}) >= 4
    for reason in given:
        assert_equal_numbers(reason)


@each_explaining
def test_every_listed_unit_has_three_reasons(name, explained):
    this, fitted, explanation = explained(name)
    riskiest = np.argsort(-fitted.predict(this.rows.x).p, kind="stable")[:30]
    given = this.of(explanation)
    assert all(len({reason.theme for reason in given[at]}) == 3 for at in riskiest)


@pytest.mark.parametrize("name", ["gradient_boosting", "extra_trees"])
def test_a_model_that_cannot_explain_says_so_in_every_language(name, explained):
    with pytest.raises(Declined, match="no reasons"):
        explained(name)
    told = no_reasons(name)
    assert set(told) == set(LANGUAGES)
    assert told["en"].startswith(f"No reasons: the model {name} cannot tell")
    assert told["es"].startswith(f"Sin motivos: el modelo {name} no puede")


def test_a_model_that_knows_nothing_moves_nothing(explained):
    this, _, explanation = explained("prior")
    given = this.of(explanation)
    assert given == [()] * len(this.rows)
    made = columns(given[:2])
    assert list(made) == [f"reason_{place}_{code}" for code in LANGUAGES for place in (1, 2, 3)]
    assert made["reason_1_es"][0].startswith("Sin motivos: nada de lo que se sabe")
    assert made["reason_2_es"] == ["", ""]


def test_columns_of_a_list_hold_the_texts_in_their_places(tonight):
    given = tonight.pushed({"nights": 0.4, "hotel": 0.2})[:1]
    made = columns(given)
    assert made["reason_1_en"] == [given[0][0].text["en"]]
    assert made["reason_2_es"] == [given[0][1].text["es"]]
    assert made["reason_3_en"] == made["reason_3_es"] == [""]


@pytest.mark.parametrize("spec", [EVERYTHING, COUNTS, replace(COUNTS, rate_days=None, days=(3,))])
def test_every_feature_has_a_meaning_and_nothing_else_has(table, spec):
    at = open_book(table, NIGHT, HORIZON)
    made = build(table, at, spec, Ledger(table, HORIZON)).x
    assert list(meanings(table.schema, spec)) == list(made)


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


def test_the_strongest_feature_speaks_for_its_theme_unless_another_tells_the_direction(tonight):
    x, usual = tonight.rows.x, usual_of(tonight)
    high = x["rate_agent"].mul(100).round() > x["rate_overall"].mul(100).round()
    lately = x["cancelled_28_agent"].mul(100).round() > usual["cancelled_28_agent"].mul(100).round()
    assert (lately & ~high).any()
    near = tonight.pushed({"rate_agent": 0.5, "cancelled_28_agent": 0.3})
    far = tonight.pushed({"rate_agent": 0.5, "cancelled_28_agent": 0.2})
    for at in range(len(x)):
        strongest, other = (given[at][0].text["en"] for given in (near, far))
        assert ("cancellation rate" in strongest) == ("cancellation rate" in other) == high[at]
        assert ("in the last 28 days" in strongest) == (lately[at] and not high[at])
        assert "in the last 28 days" not in other


def usual_of(this: Evening) -> pd.DataFrame:
    return usual_shares(this.rows.x, this.rows.night, this.table.schema, this.spec)


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


def explanation_of(this: Evening, contributions: dict[str, float]) -> Explanation:
    n = len(this.rows)
    return Explanation(pd.DataFrame([contributions] * n, index=this.rows.x.index), np.zeros(n))


def test_beyond_the_horizon_the_date_is_named_and_no_number(simulated_table):
    at = snapshots(simulated_table, [28]).take(np.arange(3000))
    far = at.take(simulated_table.arrival[at.position] > at.night + HORIZON)
    rows = build(simulated_table, far, EVERYTHING, Ledger(simulated_table, HORIZON))
    this = Evening(simulated_table, EVERYTHING, rows, simulated_table.rows.iloc[far.position])
    reason = this.pushed({"off_books_hotel": 0.3})[0][0]
    arrival = language("es").date(this.bookings["arrival_date"].iloc[0].date().isoformat())
    assert reason.text["es"] == f"Más riesgo: llega el {arrival}"
    assert_equal_numbers(reason)


def test_lead_time_is_one_reason_however_it_was_counted(tonight):
    for name in ("lead_time", "days_since_booking"):
        for lead, (reason,) in zip(tonight.bookings["lead_time"], tonight.pushed({name: 0.1}), strict=True):
            assert reason.theme == "lead_time"
            assert numbers(reason.text["en"], "en") == ([lead] if lead else [])


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


def test_ties_go_by_name_and_small_moves_are_no_reason(tonight):
    equal = dict.fromkeys(("nights", "meal", "hotel", "customer_type"), 0.2)
    row = tonight.pushed({**equal, "days_left": 0.3})[0]
    assert [reason.theme for reason in row] == ["days_left", "customer_type", "hotel"]
    row = tonight.pushed({"nights": 0.2, "hotel": LEAST / 2, "meal": -LEAST / 2})[0]
    assert [reason.theme for reason in row] == ["nights"]
    row = tonight.pushed({"nights": 0.1, "hotel": -0.2, "meal": -0.2, "customer_type": -0.3})[0]
    assert [reason.theme for reason in row] == ["nights", "customer_type", "hotel"]
    assert [reason.raises for reason in row] == [True, False, False]
    cancelling = tonight.pushed({"lead_time": 0.3, "days_since_booking": -0.3, "nights": 0.1})[0]
    assert [reason.theme for reason in cancelling] == ["nights"]


@each_explaining
def test_reasons_of_a_row_do_not_depend_on_the_others(name, explained):
    this, fitted, explanation = explained(name)
    usual = usual_of(this)
    order = np.random.default_rng(0).permutation(len(this.rows))[:60]
    rows = this.rows.take(order)
    some = reasons(
        fitted.explain(rows.x),
        rows.x,
        this.bookings.iloc[order],
        this.table.schema,
        this.spec,
        usual=usual.iloc[order],
    )
    everyone = this.of(explanation)
    assert [[r.text for r in row] for row in some] == [[r.text for r in everyone[at]] for at in order]


def test_the_average_of_a_night_has_the_same_bits_in_every_order(tonight):
    x, night = tonight.rows.x, tonight.rows.night
    expected = usual_of(tonight).iloc[0]
    order = np.random.default_rng(1).permutation(len(x))
    shuffled = usual_shares(x.iloc[order], night[order], tonight.table.schema, tonight.spec)
    assert (shuffled.to_numpy() == expected.to_numpy()).all()
    two = usual_shares(x, np.where(np.arange(len(x)) < 50, 1, 2), tonight.table.schema, tonight.spec)
    assert two["off_books_hotel"].iloc[0] == pytest.approx(x["off_books_hotel"].iloc[:50].mean())
    assert two["off_books_hotel"].iloc[-1] == pytest.approx(x["off_books_hotel"].iloc[50:].mean())


def test_what_is_not_known_on_the_night_changes_no_reason(simulated_table, explained):
    """Later bookings gone, outcomes, mutable and check-in fields made up, rows shuffled: the same reasons."""
    this, fitted, explanation = explained("catboost")
    told = by_unit(this, this.of(explanation))
    other = evening(scrambled(simulated_table, NIGHT, seed=3), this.spec)
    assert by_unit(other, other.of(fitted.explain(other.rows.x))) == told
    blind = replace(this, bookings=this.bookings[list(simulated_table.schema.known("booking"))])
    assert by_unit(blind, blind.of(explanation)) == told


def by_unit(this: Evening, given: list[tuple[Reason, ...]]) -> list[tuple[object, ...]]:
    keyed = zip(this.rows.unit.tolist(), given, strict=True)
    return sorted((unit, *(tuple(sorted(reason.text.items())) for reason in row)) for unit, row in keyed)


@pytest.mark.parametrize(
    ("changed", "feature", "column"),
    [
        ({"facts": ("hotel", "country")}, "country", "check_in"),
        ({"facts": ("adr",)}, "adr", "mutable"),
        ({"rates": ("hotel+reservation_status",)}, "rate_91_hotel+reservation_status", "outcome"),
        ({"recent": ("assigned_room_type",)}, "cancelled_7_assigned_room_type", "check_in"),
        ({"books": ("country",)}, "off_books_country", "check_in"),
    ],
)
def test_no_reason_is_made_of_what_is_not_known_when_a_booking_is_made(tonight, changed, feature, column):
    leaking = replace(tonight, spec=replace(tonight.spec, **changed))
    with pytest.raises(GateRefused, match=f"which is {column}: no reason is made"):
        leaking.of(explanation_of(leaking, {"days_left": 0.1, feature: 0.0}), usual=None)


def test_a_feature_that_the_run_does_not_make_is_named_with_the_nearest(tonight):
    with pytest.raises(ContractBroken, match=r"feature 'rate_agnet' has .*closest: 'rate_agent'"):
        tonight.of(explanation_of(tonight, {"rate_agnet": 0.1}))


def test_frames_of_other_lengths_are_a_bug(tonight):
    shorter = replace(tonight, bookings=tonight.bookings.iloc[1:])
    with pytest.raises(ValueError, match="rows"):
        shorter.pushed({"hotel": 0.1})


def test_a_theme_of_several_columns_of_a_group(tonight):
    spec = replace(tonight.spec, rates=("hotel+agent",), recent="none", books="none")
    this = evening(tonight.table, spec)
    at = int(np.argmax(this.rows.x["rate_hotel+agent"]))
    text = this.pushed({"rate_hotel+agent": 0.4})[at][0].text
    hotel, agent = this.bookings["hotel"].iloc[at], this.bookings["agent"].iloc[at]
    assert f"past bookings at the {hotel} by travel agent {agent} have" in text["en"]
    assert f"las reservas anteriores en el {hotel} de la agencia {agent} tienen" in text["es"]


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


@pytest.mark.real
@each_explaining
def test_reasons_of_the_real_bookings_hold_together(name, hotel_table):
    held = config(name)
    spec = FeatureSpec(**held["features"])
    fitted = learned(name, hotel_table, spec, tuple(held["snapshots"]))
    this = evening(hotel_table, spec)
    explanation = fitted.explain(this.rows.x)
    themes = by_theme(explanation, hotel_table.schema, spec)
    raw = fitted.predict(this.rows.x).raw
    assert np.abs(themes.sum(axis=1) + explanation.base - raw).max() < 1e-6
    for row in this.of(explanation):
        for reason in row:
            assert_equal_numbers(reason)
