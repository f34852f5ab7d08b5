"""The simulator does what simulated.md says: shape, known truth, sources, traps, switches, leaks."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vispera.clock import dates, day, days
from vispera.errors import UsageError
from vispera.problem.simulator import (
    Settings,
    after_calls,
    extract,
    simulate,
    write_truth,
)
from vispera.problem.simulator_leaks import DISORDER_DAYS, LEAKS, REDATED_DAYS
from vispera.problem.simulator_raw import AFTER_BOOKING, RAW_COLUMNS
from vispera.problem.simulator_sources import SOURCES
from vispera.problem.simulator_truth import Truth
from vispera.table import content_key

UNIT = [
    "hotel",
    "booking_date",
    "arrival_date",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "meal",
    "market_segment",
    "distribution_channel",
    "reserved_room_type",
    "customer_type",
    "agent",
    "company",
    "deposit_type",
]
NIGHTS = ("2015-09-20", "2016-02-10", "2016-07-05", "2016-11-15", "2017-05-20")
DRIFT = "2016-09-01"


def made(**settings: Any) -> Any:
    """A simulation with these settings; Any, because pandas does not tell what a frame's column is."""
    return simulate(Settings(**settings))


@pytest.fixture(scope="module")
def default() -> Any:
    return made()


@pytest.fixture(scope="module")
def table(default) -> Any:
    """The raw bookings in the order of booking_id."""
    return by_id(default)


@pytest.fixture(scope="module")
def called(default) -> Any:
    """Calls to every other booking of protocol 1, and the world in which they were made."""
    pairs = default.scored_once
    chosen = pairs[pairs["booking_id"] % 2 == 0][["booking_id", "night"]]
    return chosen, after_calls(default, chosen)


def night_of(simulation: Any, night: str) -> Any:
    return extract(simulation, night)


def by_id(simulation: Any) -> Any:
    return simulation.bookings.sort_values("booking_id", ignore_index=True)


def outcome_of(simulation: Any) -> np.ndarray:
    return by_id(simulation)["is_canceled"].to_numpy(dtype=float)


def surprise(simulation: Any, booking_id, p, group) -> Any:
    """Standard scores of outcomes against probabilities by group.

    The variance is that of rooms of one request which all share their fate: an upper bound.
    """
    booking_id = np.asarray(booking_id)
    pairs = pd.DataFrame(
        {
            "error": outcome_of(simulation)[booking_id - 1] - p,
            "deviation": np.sqrt(np.asarray(p) * (1 - np.asarray(p))),
            "unit": simulation.world.book.unit[booking_id - 1],
            "group": np.asarray(group),
        }
    )
    clusters: Any = pairs.groupby(["group", "unit"])[["error", "deviation"]].sum()
    clusters["deviation"] **= 2
    total = clusters.groupby("group").sum()
    return total["error"] / np.sqrt(total["deviation"])


def fingerprint(simulation: Any) -> str:
    digest = hashlib.sha256()
    for frame in (simulation.bookings, *simulation.sources.values(), night_of(simulation, "2016-06-01")):
        digest.update(repr(frame.dtypes.to_dict()).encode())
        digest.update(content_key(frame).tobytes())
    p = simulation.truth("2016-06-01")["p"].to_numpy()
    return hashlib.sha256(digest.digest() + p.tobytes()).hexdigest()


class TestTruth:
    @pytest.mark.parametrize("kind", ["default", "rule", "noise", "interaction"])
    def test_is_calibrated_by_decile_of_risk_and_by_days_left(self, kind):
        simulation = made(truth=kind, seed=3)
        for night in NIGHTS:
            open_book = simulation.truth(night)
            p = open_book["p"].to_numpy()
            decile = np.ceil(pd.Series(p).rank(pct=True) * 10)
            left = simulation.truth.arrival[open_book["booking_id"] - 1] - day(night)
            band = np.digitize(left, [4, 8, 15, 31, 91])
            # 75 groups for each kind; few hits in large requests make the tails long.
            assert surprise(simulation, open_book["booking_id"], p, decile).abs().max() < 4.5
            assert surprise(simulation, open_book["booking_id"], p, band).abs().max() < 4.5

    def test_is_calibrated_on_the_rows_of_protocol_1(self, default):
        pairs = default.scored_once
        p = default.truth_for(pairs["booking_id"], pairs["night"])
        decile = np.ceil(pd.Series(p).rank(pct=True) * 10)
        assert surprise(default, pairs["booking_id"], p, decile).abs().max() < 4
        lead = default.world.book.lead[pairs["booking_id"] - 1]
        assert surprise(default, pairs["booking_id"], p, np.digitize(lead, [3, 8, 15, 60])).abs().max() < 4

    def test_daily_hazards_make_up_the_probability_of_leaving_between_two_nights(self, default):
        first, second = day("2016-05-01"), day("2016-05-08")
        truth = default.truth
        at = np.flatnonzero((truth.booked <= first) & (truth.arrival > second) & (truth.resolved > first))
        p_first, p_second = (default.truth_for(at + 1, night) for night in (first, second))
        staying = (1 - p_first) / (1 - p_second)
        assert ((staying > 0) & (staying <= 1 + 1e-12)).all()
        left: Any = pd.Series(truth.resolved[at] <= second).groupby(default.world.book.unit[at])
        expected: Any = pd.Series(1 - staying).groupby(default.world.book.unit[at])
        errors = left.sum() - expected.sum()
        assert abs(errors.sum()) < 4 * np.sqrt((errors**2).sum())

    def test_covers_exactly_the_open_book(self, default, table):
        night = np.datetime64("2016-08-14")
        known = table["reservation_status_date"].le(night) & table["is_canceled"].eq(1)
        inside = table["booking_date"].le(night) & table["arrival_date"].gt(night) & ~known
        assert default.truth("2016-08-14")["booking_id"].tolist() == table["booking_id"][inside].tolist()

    def test_twins_mostly_share_their_fate_and_still_do_not_inform_on_each_other(self, default):
        pairs = default.scored_once
        unit = default.world.book.unit[pairs["booking_id"] - 1]
        rooms = pairs.groupby(unit)["y"].agg(["size", "mean"]).query("size > 1")
        assert 0.75 < rooms["mean"].isin([0, 1]).mean() < 0.98

    def test_does_not_answer_for_bookings_that_cannot_be_open(self, default):
        with pytest.raises(UsageError, match="not open on"):
            default.truth_for(1, "2020-01-01")
        with pytest.raises(UsageError, match="between 1 and 40000"):
            default.truth_for(40_001, "2016-01-01")

    def test_lives_in_a_file_of_its_own_and_in_no_column(self, default, tmp_path):
        path = write_truth(default, tmp_path / "hidden")
        assert [f.name for f in (tmp_path / "hidden").iterdir()] == [path.name]
        pd.testing.assert_frame_equal(Truth.read(path.parent)("2016-06-01"), default.truth("2016-06-01"))
        rate = np.log(default.truth.rate[0])
        for name, column in by_id(default).select_dtypes("number").items():
            if name not in ("is_canceled", "children"):
                assert abs(np.corrcoef(rate, column.fillna(0))[0, 1]) < 0.7, name


class TestShape:
    def test_has_the_columns_of_the_real_table_and_two_more(self, default):
        assert tuple(default.bookings) == RAW_COLUMNS
        assert len(RAW_COLUMNS) == 37
        assert RAW_COLUMNS[-2:] == ("guest_id", "do_not_call")
        assert len(default.bookings) == 40_000
        assert default.bookings["booking_id"].is_unique

    @pytest.mark.parametrize("seed", range(4))
    def test_stated_figures_hold(self, seed):
        simulation = made(seed=seed)
        bookings = simulation.bookings
        assert 0.08 < simulation.scored_once["y"].mean() < 0.12
        lost = bookings["deposit_type"].eq("Non Refund")
        assert 0.11 < lost.mean() < 0.15
        assert bookings["is_canceled"][lost].mean() > 0.97
        rooms = bookings.groupby(UNIT, dropna=False)["booking_id"].transform("size")
        assert 0.22 < (rooms > 1).mean() < 0.30
        assert 0.20 < bookings.duplicated(UNIT).mean() < 0.28
        with_all, without = simulation.bayes_auc(SOURCES), simulation.bayes_auc(())
        assert 0.78 < with_all < 0.82
        assert without < with_all - 0.02
        # One draw of outcomes is noisy: about 2,700 positives, many of them rooms of one request.
        assert abs(simulation.bayes_auc(SOURCES, realised=True) - with_all) < 0.035

    def test_marginals_are_of_the_real_tables_order(self, table):
        assert table["market_segment"].value_counts(normalize=True)[
            ["Online TA", "Offline TA/TO", "Groups", "Direct", "Corporate"]
        ].to_numpy() == pytest.approx([0.451, 0.209, 0.181, 0.103, 0.047], abs=0.03)
        assert table["hotel"].eq("City Hotel").mean() == pytest.approx(0.663, abs=0.03)
        assert table["is_canceled"].mean() == pytest.approx(0.367, abs=0.03)
        assert table["lead_time"].mean() == pytest.approx(98, abs=15)
        assert table["adr"].median() == pytest.approx(90, abs=10)
        lead = table.groupby("market_segment")["lead_time"].mean()
        assert lead["Groups"] > lead["Offline TA/TO"] > lead["Online TA"] > lead["Direct"] > lead["Corporate"]

    def test_seasons_follow_the_year(self, table):
        by_month = table[table["arrival_date"] < "2017-07-01"].groupby("arrival_date_month")
        count, price = by_month.size(), by_month["adr"].median()
        assert count[["January", "December", "November"]].max() < count[["May", "August", "October"]].min()
        assert price["August"] > price["January"] * 1.3

    def test_dates_agree_with_each_other(self, table):
        lead = (table["arrival_date"] - table["booking_date"]).dt.days
        assert lead.equals(table["lead_time"].astype("int64"))
        assert table["arrival_date"].dt.month_name().eq(table["arrival_date_month"]).all()
        assert table["arrival_date"].dt.day.eq(table["arrival_date_day_of_month"]).all()
        assert table["arrival_date"].min() == pd.Timestamp("2015-07-01")
        assert table["arrival_date"].max() == pd.Timestamp("2017-08-31")
        stays = table[table["is_canceled"].eq(0)]
        nights = stays["stays_in_weekend_nights"] + stays["stays_in_week_nights"]
        assert (stays["reservation_status_date"] - stays["arrival_date"]).dt.days.eq(nights).all()

    def test_weekend_nights_are_those_from_sunday_and_monday(self, table):
        row = table.query("stays_in_weekend_nights + stays_in_week_nights == 9").iloc[0]
        nights = pd.date_range(row["arrival_date"], periods=9)
        assert nights.day_of_week.isin([6, 0]).sum() == row["stays_in_weekend_nights"]

    def test_notice_is_spread_over_the_whole_lead_time(self, table):
        gone = table.query(
            "reservation_status == 'Canceled' and deposit_type != 'Non Refund' and lead_time >= 10"
        )
        notice = (gone["arrival_date"] - gone["reservation_status_date"]).dt.days / gone["lead_time"]
        assert notice.between(0, 1).all()
        assert np.histogram(notice, bins=5, range=(0, 1))[0].min() > 0.1 * len(notice)

    def test_guests_in_house_reach_capacity_and_never_exceed_it(self, default, table):
        stays = table[table["is_canceled"].eq(0)]
        for rooms, hotel in zip(default.capacity, ("City Hotel", "Resort Hotel"), strict=True):
            here = stays[stays["hotel"].eq(hotel)]
            nights = (here["reservation_status_date"] - here["arrival_date"]).dt.days
            start = days(here["arrival_date"]) - default.settings.first
            change = np.bincount(start, minlength=1000) - np.bincount(start + nights, minlength=1000)
            in_house = np.cumsum(change)[: default.settings.last - default.settings.first]
            assert in_house.max() <= rooms
            assert np.percentile(in_house, 90) > 0.95 * rooms
            assert np.percentile(in_house, 25) < 0.85 * rooms


class TestTraps:
    def test_row_order_follows_the_outcome(self, default):
        y = default.bookings["is_canceled"].to_numpy()
        assert np.corrcoef(y[1:], y[:-1])[0, 1] > 0.5
        assert default.bookings["booking_id"].corr(default.bookings["is_canceled"]) < 0.1

    def test_check_in_facts_give_cancellations_away(self, table):
        gone = table["is_canceled"].eq(1)
        assert table["country"][gone].dropna().eq("PRT").all()
        assert table["country"][~gone].ne("PRT").mean() > 0.5
        assert table["required_car_parking_spaces"][gone].eq(0).all()
        assert table["assigned_room_type"][gone].eq(table["reserved_room_type"][gone]).all()

    def test_mutable_columns_keep_their_last_value(self, default, table):
        gone = table["is_canceled"].eq(1)
        assert (
            table["total_of_special_requests"][gone].mean() < table["total_of_special_requests"][~gone].mean()
        )
        night = night_of(default, "2016-04-01").set_index("booking_id")
        last = table.set_index("booking_id").loc[night.index]
        assert (night["booking_changes"] <= last["booking_changes"]).all()
        assert (night["booking_changes"] < last["booking_changes"]).any()
        assert night["adr"].ne(last["adr"]).any()

    def test_odd_rows_are_rare_and_there(self, table):
        assert 0 < table["adults"].eq(0).mean() < 0.004
        assert table["adults"].between(20, 55).sum() > 0
        assert 0 < table.eval("stays_in_weekend_nights + stays_in_week_nights == 0").mean() < 0.02
        assert 0 < table["country"].isna().mean() < 0.01
        assert 0 < table["meal"].eq("Undefined").mean() < 0.03
        late = table.query("reservation_status == 'No-Show' and reservation_status_date != arrival_date")
        assert len(late) == 1


class TestSources:
    def test_rows_are_dated_and_some_are_late(self, default):
        trend = default.sources["social_trend"]
        late = (trend["known_at"] - trend["trend_date"]).dt.days
        assert late.between(0, 7).all()
        assert 0.02 < late.gt(0).mean() < 0.2
        popularity = default.sources["attraction_popularity"]
        late = (popularity["known_at"] - popularity["week"]).dt.days
        assert late.between(0, 6).all()
        assert 0.02 < late.gt(0).mean() < 0.25
        history = default.sources["guest_history"]
        booked = by_id(default)[["guest_id", "booking_date"]].drop_duplicates()
        on_the_day = history.merge(
            booked, left_on=["guest_id", "known_at"], right_on=["guest_id", "booking_date"]
        )
        assert 0.85 < len(on_the_day) / len(history) < 0.97
        assert set(history["guest_id"]) <= set(booked["guest_id"])

    def test_the_latest_row_known_on_the_night_tells_nearly_all_that_there_is(self, default):
        """Hazards follow the day's trend; who knows that of the night only loses little."""
        pairs = default.scored_once.assign(when=lambda p: dates(p["night"])).sort_values("when")
        rate, effect = default.truth.rate[0][pairs["booking_id"] - 1], 0.35
        known = pd.merge_asof(pairs, default.sources["social_trend"], left_on="when", right_on="known_at")
        pairs["hotel"] = np.array(["City Hotel", "Resort Hotel"])[
            default.truth.hotel[pairs["booking_id"] - 1]
        ]
        popularity = default.sources["attraction_popularity"].sort_values("known_at")
        week = pd.merge_asof(pairs, popularity, left_on="when", right_on="known_at", by="hotel")
        frozen = rate * np.exp(effect * known["trend"].to_numpy() - effect * week["popularity"].to_numpy())
        truth = default.truth
        left = truth.arrival[pairs["booking_id"] - 1] - pairs["night"]
        paced = np.concatenate([[0], np.cumsum(truth.pace)])[left] * frozen
        p = default.truth_for(pairs["booking_id"], pairs["night"])
        assert pd.Series(paced).corr(pd.Series(p), method="spearman") > 0.9

    def test_what_is_left_out_changes_nothing_but_what_is_seen(self, default):
        less = made(sources=["social_trend"])
        assert tuple(less.sources) == ("social_trend",)
        pd.testing.assert_frame_equal(less.bookings, default.bookings)
        assert default.bayes_auc(()) < less.bayes_auc() < default.bayes_auc()

    def test_each_source_adds_to_what_can_be_known(self, default):
        for name in SOURCES:
            assert default.bayes_auc([s for s in SOURCES if s != name]) < default.bayes_auc(SOURCES) - 0.001

    def test_histories_of_a_guest_never_shrink(self, default):
        grown = (
            default.sources["guest_history"].groupby("guest_id")[["past_stays", "past_cancellations"]].diff()
        )
        assert grown.min().min() >= 0


class TestRepeatability:
    def test_same_seed_gives_the_same_bytes_in_another_process(self):
        code = (
            "import importlib.util as u;"
            f"s = u.spec_from_file_location('t', {__file__!r}); m = u.module_from_spec(s);"
            "s.loader.exec_module(m);"
            "print(m.fingerprint(m.made(rows=5_000, seed=7)))"
        )
        other = [
            subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                env={"PYTHONHASHSEED": seed},
            ).stdout.strip()
            for seed in ("1", "2")
        ]
        assert {fingerprint(made(rows=5_000, seed=7)), *other} == {other[0]}

    def test_another_seed_gives_another_table(self):
        one, two = (made(rows=2_000, seed=seed) for seed in (0, 1))
        assert fingerprint(one) != fingerprint(two)

    @pytest.mark.parametrize(("rows", "months"), [(1_000, 26), (1_000, 6), (20_000, 60), (60_000, 12)])
    def test_any_size_is_met_exactly(self, rows, months):
        assert len(made(rows=rows, months=months).bookings) == rows


class TestKindsOfTruth:
    def test_rule_a_table_of_rates_by_two_columns_says_all(self):
        simulation = made(truth="rule")
        pairs = simulation.scored_once
        book = simulation.world.book.take(pairs["booking_id"].to_numpy() - 1)
        p: Any = pd.Series(simulation.truth_for(pairs["booking_id"], pairs["night"]))
        by_cell = p.groupby([book.segment, book.customer])
        assert by_cell.std().max() < 1e-9
        assert by_cell.mean().max() > 8 * by_cell.mean().min()
        assert simulation.bayes_auc(()) == pytest.approx(simulation.bayes_auc(SOURCES))
        assert 0.70 < simulation.bayes_auc() < 0.76

    def test_noise_nothing_predicts_and_no_call_comes_in_time(self):
        simulation = made(truth="noise")
        pairs = simulation.scored_once
        p = simulation.truth_for(pairs["booking_id"], pairs["night"])
        assert p == pytest.approx(np.full(len(p), 0.10), abs=1e-9)
        assert simulation.bayes_auc() == pytest.approx(0.5)
        at = pairs["booking_id"][pairs["y"].eq(1)].to_numpy() - 1
        notice = simulation.truth.resolved[at] - pairs["night"][pairs["y"].eq(1)]
        assert notice.max() <= 5
        assert notice.median() <= 2

    def test_interaction_each_column_alone_says_nothing(self):
        simulation = made(truth="interaction")
        pairs = simulation.scored_once
        book = simulation.world.book.take(pairs["booking_id"].to_numpy() - 1)
        p: Any = pd.Series(simulation.truth_for(pairs["booking_id"], pairs["night"]))
        early, late_week = book.lead > 55, np.isin(book.weekday, (3, 4, 5))
        for one in (early, late_week):
            assert p[one].mean() == pytest.approx(p[~one].mean(), rel=0.15)
        both = p.groupby(early ^ late_week).mean()
        assert both[True] > 5 * both[False]
        assert 0.74 < simulation.bayes_auc() < 0.80

    @pytest.mark.parametrize("kind", ["rule", "noise", "interaction"])
    def test_models_do_as_each_truth_says(self, kind):
        logistic, tree, bayes = _linear_and_tree(made(truth=kind))
        if kind == "rule":
            assert logistic > bayes - 0.02
            assert tree < logistic + 0.005
        elif kind == "noise":
            assert max(logistic, tree) < 0.53
        else:
            assert logistic < 0.56
            assert tree > 0.66


def _linear_and_tree(simulation: Any) -> tuple[float, float, float]:
    """ROC AUC out of time of a logistic regression, of one decision tree, and of the truth."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.tree import DecisionTreeClassifier

    pairs = simulation.scored_once
    book = simulation.world.book.take(pairs["booking_id"].to_numpy() - 1)
    y, p = pairs["y"].to_numpy(), simulation.truth_for(pairs["booking_id"], pairs["night"])
    number = np.column_stack([book.lead, book.nights, book.adults, book.children])
    code = np.column_stack([book.hotel, book.segment, book.customer, book.month, book.weekday])
    flags = np.column_stack([code[:, c] == level for c in range(5) for level in range(12)])
    cutoff = np.quantile(pairs["night"], 0.75)
    train, test = book.arrival <= cutoff, pairs["night"].to_numpy() > cutoff
    scores = []
    linear = LogisticRegression(solver="newton-cholesky")
    tree = DecisionTreeClassifier(max_leaf_nodes=60, min_samples_leaf=60, random_state=0)
    for model, x in (
        (linear, np.column_stack([number / number.std(axis=0), flags])),
        (tree, np.column_stack([number, code])),
    ):
        predicted = np.asarray(model.fit(x[train], y[train]).predict_proba(x[test]))
        scores.append(roc_auc_score(y[test], predicted[:, 1]))
    return scores[0], scores[1], float(roc_auc_score(y[test], p[test]))


class TestDrift:
    @pytest.mark.parametrize("kind", ["prior", "concept", "feature", "data_bug"])
    def test_truth_stays_calibrated_on_both_sides(self, kind):
        simulation = made(drift_kind=kind, drift_date=DRIFT)
        pairs = simulation.scored_once
        p = simulation.truth_for(pairs["booking_id"], pairs["night"])
        decile = np.ceil(pd.Series(p).rank(pct=True) * 5)
        side = np.where(pairs["night"] < day(DRIFT), 0, 10)
        assert surprise(simulation, pairs["booking_id"], p, decile + side).abs().max() < 4

    def test_prior_raises_every_risk_by_the_same_factor(self):
        before, after = _risk_by_side(made(drift_kind="prior", drift_date=DRIFT))
        usual_before, usual_after = _risk_by_side(made())
        assert 1.45 < (after / before) / (usual_after / usual_before) < 1.9

    def test_concept_turns_the_risky_safe_at_about_the_same_level(self):
        simulation = made(drift_kind="concept", drift_date=DRIFT)
        truth, pairs = simulation.truth, simulation.scored_once
        moving = ~np.isnan(truth.guest)
        old, new = np.log(truth.rate[:, moving]) - truth.guest[moving]
        assert np.corrcoef(old, new)[0, 1] == pytest.approx(-1)
        later = pairs[pairs["night"] >= day(DRIFT)]
        y = later["y"].to_numpy(dtype=bool)
        stale = pd.Series(truth.rate[0][later["booking_id"] - 1]).rank()
        auc = (stale[y].mean() - (y.sum() + 1) / 2) / (~y).sum()
        assert auc < 0.55
        assert 0.05 < y.mean() < 0.18

    def test_feature_changes_the_mix_and_not_the_law(self):
        simulation = made(drift_kind="feature", drift_date=DRIFT)
        bookings = simulation.bookings.assign(late=lambda b: b["arrival_date"] >= DRIFT)
        by_side = bookings.groupby("late")
        online = by_side["market_segment"].agg(lambda s: s.eq("Online TA").mean())
        assert online[True] > online[False] + 0.12
        assert by_side["lead_time"].mean()[True] < 0.75 * by_side["lead_time"].mean()[False]
        assert (simulation.truth.rate[0] == simulation.truth.rate[1]).all()

    def test_data_bug_spoils_what_is_written_and_nothing_that_happens(self, default, table):
        broken = by_id(made(drift_kind="data_bug", drift_date=DRIFT))
        after = broken["booking_date"] >= DRIFT
        assert broken["agent"][after].isna().all()
        assert broken["market_segment"][after].eq("Undefined").all()
        pd.testing.assert_frame_equal(broken[~after], table[~after])
        pd.testing.assert_series_equal(broken["is_canceled"], table["is_canceled"])


def _risk_by_side(simulation: Any) -> tuple[float, float]:
    pairs = simulation.scored_once
    p = simulation.truth_for(pairs["booking_id"], pairs["night"])
    before = pairs["night"].to_numpy() < day(DRIFT)
    return float(p[before].mean()), float(p[~before].mean())


class TestExtract:
    def test_is_the_open_book_without_anything_later(self, default):
        night = night_of(default, "2017-02-03")
        assert night["booking_id"].tolist() == default.truth("2017-02-03")["booking_id"].tolist()
        assert not set(night) & set(AFTER_BOOKING)
        assert set(night) == set(RAW_COLUMNS) - set(AFTER_BOOKING)
        assert night["do_not_call"].dtype == bool
        assert 0.005 < night["do_not_call"].mean() < 0.08

    def test_does_not_depend_on_what_happens_later(self, default):
        night = night_of(default, "2016-10-10")
        scrambled = default.world.outcome
        later = default.truth.resolved > day("2016-10-10")
        flipped = replace(scrambled, cancelled=scrambled.cancelled ^ later)
        other = replace(default, world=replace(default.world, outcome=flipped))
        pd.testing.assert_frame_equal(night_of(other, "2016-10-10"), night)

    def test_facts_agree_with_the_history(self, default, table):
        night = night_of(default, "2016-10-10").set_index("booking_id")
        later = table.set_index("booking_id").loc[night.index]
        mutable = {"adr", "booking_changes", "total_of_special_requests", "days_in_waiting_list"}
        fixed = [name for name in night if name not in mutable]
        pd.testing.assert_frame_equal(night[fixed], later[fixed], check_index_type=False)

    def test_a_guest_who_is_not_to_be_called_never_is(self, table):
        assert table.groupby("guest_id")["do_not_call"].nunique().max() == 1
        assert 0.01 < table["do_not_call"].mean() < 0.06


class TestCalls:
    def test_only_called_bookings_change_and_at_the_stated_rates(self, default, called):
        chosen, acted = called
        before, after = outcome_of(default), outcome_of(acted)
        mine = np.zeros(len(before), dtype=bool)
        mine[chosen["booking_id"] - 1] = True
        assert (before[~mine] == after[~mine]).all()
        assert 1 - after[mine & (before == 1)].mean() == pytest.approx(0.35, abs=0.04)
        assert after[mine & (before == 0)].mean() == pytest.approx(0.01, abs=0.004)

    def test_truth_stays_calibrated_on_the_night_of_the_call_and_later(self, called):
        chosen, acted = called
        p = acted.truth_for(chosen["booking_id"], chosen["night"])
        assert (
            surprise(acted, chosen["booking_id"], p, np.ceil(pd.Series(p).rank(pct=True) * 5)).abs().max() < 4
        )
        truth, at = acted.truth, chosen["booking_id"].to_numpy() - 1
        later = chosen["night"].to_numpy() + 4
        still = (truth.resolved[at] > later) & (truth.arrival[at] > later)
        p = acted.truth_for(at[still] + 1, later[still])
        assert surprise(acted, at[still] + 1, p, np.ceil(pd.Series(p).rank(pct=True) * 5)).abs().max() < 4

    def test_impossible_calls_are_refused(self, default):
        pairs = default.scored_once[["booking_id", "night"]].head(2)
        with pytest.raises(UsageError, match="called twice"):
            after_calls(default, pd.concat([pairs, pairs]))
        gone = np.flatnonzero(
            default.world.outcome.cancelled & (default.truth.resolved < default.truth.arrival)
        )
        calls = pd.DataFrame({"booking_id": gone[:3] + 1, "night": default.truth.resolved[gone[:3]]})
        with pytest.raises(UsageError, match="no longer open"):
            after_calls(default, calls)


class TestLeaks:
    def test_there_are_twelve_and_each_says_what_it_does(self):
        assert len(LEAKS) == 12
        assert len({leak.mechanism for leak in LEAKS.values()}) == 12

    @pytest.mark.parametrize("name", sorted(LEAKS))
    def test_leaves_the_world_and_the_clean_table_beside_it_as_they_are(self, name):
        clean, leaking = made(rows=4_000), made(rows=4_000, leak=name)
        assert (clean.truth.rate == leaking.truth.rate).all()
        assert leaking.planted == LEAKS[name].planted
        assert set(leaking.planted) <= set(leaking.bookings)
        same_table = all(leaking.bookings[c].equals(clean.bookings[c]) for c in clean.bookings)
        same_sources = all(leaking.sources[s].equals(clean.sources[s]) for s in clean.sources)
        changed = {"overwritten_fact", "redated_twins", "disordered_dates"}
        assert same_table == (name not in changed)
        assert same_sources == (name != "backdated_source")
        assert clean.planted == {}

    def test_one_column_decides_upwards_or_downwards(self):
        for name, column, least, most in (
            ("opaque", "index_a", 0.95, 0.99),
            ("opaque_inverted", "index_b", 0.01, 0.05),
            ("label_in_name", "cancellation_flag_score", 0.57, 0.63),
        ):
            bookings = made(rows=8_000, leak=name).bookings
            assert least < _auc_of(bookings[column], bookings["is_canceled"]) < most

    def test_status_is_the_outcome(self):
        bookings = made(rows=4_000, leak="status").bookings
        assert bookings["state_code"].ne("K1").eq(bookings["is_canceled"].eq(1)).all()

    def test_position_is_that_of_the_file(self):
        simulation = made(rows=4_000, leak="row_position")
        assert simulation.bookings["record_number"].tolist() == list(range(1, 4_001))

    def test_wiped_meals_are_seen_only_after_the_cancellation(self):
        simulation = made(rows=8_000, leak="overwritten_fact")
        wiped = simulation.bookings.groupby("is_canceled")["meal"].agg(lambda m: m.eq("Undefined").mean())
        assert wiped[1] > 0.5 > 0.05 > wiped[0]
        assert night_of(simulation, "2016-06-01")["meal"].eq("Undefined").mean() < 0.05

    def test_backdated_histories_know_the_outcome_on_the_booking_day(self):
        simulation = made(leak="backdated_source")
        known = simulation.bookings.merge(
            simulation.sources["guest_history"],
            left_on=["guest_id", "booking_date"],
            right_on=["guest_id", "known_at"],
        )
        assert len(known) == len(simulation.bookings)
        alone = known.query("past_stays + past_cancellations == 1")
        assert (alone["past_cancellations"] == alone["is_canceled"]).mean() > 0.97

    def test_redated_rooms_stand_ten_weeks_from_their_twins(self):
        clean, leaking = made(), made(leak="redated_twins")
        moved = (leaking.bookings["arrival_date"] - clean.bookings["arrival_date"]).dt.days
        assert set(moved.unique()) == {0, REDATED_DAYS, -REDATED_DAYS}
        assert 0.05 < moved.ne(0).mean() < 0.15
        assert leaking.bookings["lead_time"].equals(clean.bookings["lead_time"])
        shown = leaking.bookings["arrival_date"].dt.month_name()
        assert shown.eq(leaking.bookings["arrival_date_month"]).all()

    def test_disordered_dates_put_outcomes_after_their_window(self):
        bookings = made(leak="disordered_dates").bookings
        late = (bookings["reservation_status_date"] - bookings["arrival_date"]).dt.days > DISORDER_DAYS - 182
        assert 0.005 < late.mean() < 0.08

    def test_a_night_shows_none_of_it(self):
        for name, leak in LEAKS.items():
            simulation = made(rows=1_000, leak=name)
            night = night_of(simulation, "2016-06-01")
            for column, value in leak.on_the_night.items():
                assert night[column].isna().all() if value is np.nan else night[column].eq(value).all()


def _auc_of(score: Any, y: Any) -> float:
    rank, hit = score.rank(), y.eq(1)
    return float((rank[hit].mean() - (hit.sum() + 1) / 2) / (~hit).sum())


class TestSettings:
    def test_all_faults_come_at_once_with_the_nearest_name(self):
        with pytest.raises(UsageError) as refused:
            Settings(
                seed=-1, rows=3, truth="rul", leak="cuntry", sources=("guest_histroy",), drift_kind="prior"
            )
        assert [fault.split(";")[-1].strip() for fault in refused.value.faults] == [
            "seed -1 is outside of 0 to 4294967295",
            "rows 3 is outside of 1000 to 2000000",
            "closest: 'guest_history'",
            "closest: 'rule'",
            "drift needs both date and kind",
            "closest: 'country'",
        ]

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"drift_kind": "konzept", "drift_date": DRIFT}, "closest: 'concept'"),
            ({"drift_kind": "prior", "drift_date": "2019-01-01"}, "outside of 2015-07-02 to 2017-08-31"),
            ({"drift_kind": "prior", "drift_date": "soon"}, "is not a date"),
            ({"start": "2015-13-01"}, "is not a date"),
            ({"drift_kind": "concept", "drift_date": DRIFT, "truth": "noise"}, "nothing to change"),
            ({"leak": "backdated_source", "sources": ()}, "needs the source 'guest_history'"),
            ({"do_not_call": 1.5}, "outside of 0 to 1"),
        ],
    )
    def test_each_fault_is_one_line(self, wrong, message):
        with pytest.raises(UsageError, match=message) as refused:
            Settings(**wrong)
        assert len(refused.value.faults) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_stated_figures_hold_for_many_seeds(seed):
    TestShape().test_stated_figures_hold(100 + seed)


@pytest.mark.slow
def test_a_million_bookings_keep_the_shape():
    simulation = made(rows=1_000_000)
    assert len(simulation.bookings) == 1_000_000
    assert 0.08 < simulation.scored_once["y"].mean() < 0.12
    assert 0.78 < simulation.bayes_auc() < 0.82
    assert 0.20 < simulation.bookings.duplicated(UNIT).mean() < 0.32
