"""The comparison: what it says equals what the records and `evaluate` say."""

from __future__ import annotations

import dataclasses
import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from compared import CONFIG, DRAWS, WINDOWS, candidates, config, kept, trial
from vispera.errors import GateRefused
from vispera.evaluate import paired_difference
from vispera.files import read_json, write_json
from vispera.metric import suite
from vispera.record import RunRecord, read_all
from vispera.report.compare import as_plain, closing, compare
from vispera.report.compare.answer import answer, title
from vispera.report.compare.candidate import parsed
from vispera.report.compare.payload import payload
from vispera.report.compare.setting import differing
from vispera.run import start_run
from vispera.text import LANGUAGES, language


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("experiments")


@pytest.fixture(scope="module")
def good(folder) -> RunRecord:
    return kept(folder, 0.0, settings=config(depth=6, rate=0.05))


@pytest.fixture(scope="module")
def near(folder) -> RunRecord:
    return kept(folder, 0.05, settings=config(depth=8, rate=0.05))


@pytest.fixture(scope="module")
def bad(folder) -> RunRecord:
    return kept(folder, 1.5, name="rule", settings=config(name="rule", smoothing=50))


def compared(*records: RunRecord, **options):
    return compare(candidates(list(records)), name="test", searches=Path("nowhere"), **{**DRAWS, **options})


def reals(letters: str) -> list[float | None]:
    """Numbers of a payload as the page reads them: to six digits."""
    found = np.frombuffer(b64decode(letters), "<f4")
    return [None if np.isnan(x) else float(f"{x:.6g}") for x in found]


def shares(letters: str) -> np.ndarray:
    return np.frombuffer(b64decode(letters), "<u2") / 65535


def test_the_gaps_are_those_of_evaluate_over_all_windows(good, bad):
    found = compared(good, bad).gaps[bad.id]
    worse, better = (pd.read_parquet(one.folder / "predictions.parquet") for one in (bad, good))
    told = paired_difference(worse, better, suite(), **DRAWS)
    assert set(found.windows) == {"tuning", "test"}
    for window in found.windows:
        assert found.windows[window] == told["windows"][window]


def test_the_best_is_the_lowest_tuning_log_loss_and_the_baseline(good, near, bad):
    found = compared(bad, near, good)
    scores = {r.id: (r.metric("log_loss", "tuning") or {})["value"] for r in (good, near, bad)}
    assert found.best is not None
    assert found.best.record.id == min(scores, key=lambda run: scores[run])
    assert found.baseline is found.best
    assert [one.record.id for one in found.runs] == sorted(scores, key=lambda run: scores[run])


def test_what_the_page_is_given_are_the_numbers_of_the_records(good, near, bad):
    found = compared(good, near, bad)
    told = payload(found, language("en"))
    for window in ("tuning", "test"):
        for metric, letters in told["values"][window].items():
            entries = [one.record.metric(metric, window) or {} for one in found.runs]
            assert reals(letters) == [entry[end] for entry in entries for end in ("value", "low", "high")]
    assert told["runs"]["id"] == [one.record.id for one in found.runs]


def test_the_gaps_that_the_page_is_given_are_those_of_the_comparison(good, near, bad):
    found = compared(good, near, bad)
    told = payload(found, language("en"))["gaps"]
    letters = {"better": "b", "worse": "w", "within noise": "n", "not defined": "u"}
    for metric, packed in told["windows"]["test"].items():
        gaps = [found.gaps[found.runs[place].record.id].of("test", metric) or {} for place in told["of"]]
        ends = [None if gap[end] is None else float(f"{np.float32(gap[end]):.6g}")
                for gap in gaps for end in ("value", "low", "high")]  # fmt: skip
        assert reals(packed["ends"]) == ends
        assert packed["verdicts"] == "".join(letters[gap["verdict"]] for gap in gaps)


def test_packed_curves_lie_on_the_recorded_ones(good, bad):
    found = compared(good, bad)
    told = payload(found, language("en"))["curves"]
    record = found.runs[told["of"][0]].record
    written = read_json(record.folder / "curves.json")["windows"]["test"]
    packed = told["windows"]["test"]
    false = shares(packed["roc"][0])
    true = np.linspace(0, 2, told["points"]) - false
    rates = written["roc"]
    area = np.trapezoid(rates["true_positive_rate"], rates["false_positive_rate"])
    assert np.trapezoid(true, false) == pytest.approx(area, abs=2e-3)
    recall = np.linspace(0, 1, told["points"])
    line = np.interp(recall, written["precision_recall"]["recall"], written["precision_recall"]["precision"])
    assert shares(packed["precision_recall"][0]) == pytest.approx(line, abs=1e-5)
    bins = written["calibration"]["bins"]
    for name in ("mean_p", "rate", "low", "high"):
        assert shares(packed["calibration"][0][name]) == pytest.approx([b[name] for b in bins], abs=1e-5)


def test_a_clear_best_and_a_tie_are_told_apart(good, near, bad):
    clear, tied = compared(good, bad), compared(good, near, bad)
    assert clear.verdicts("tuning") == {bad.id: "worse"}
    assert title(clear, language("en")) == "catboost is better than rule, by more than the noise"
    assert set(tied.verdicts("tuning").values()) == {"worse", "within noise"}
    first, second = (f"catboost {one.record.id[-6:]}" for one in tied.runs[:2])
    assert title(tied, language("en")) == (
        f"{first} has the lowest log-loss, but {second} is within the noise of it"
    )


def test_a_chosen_baseline_is_what_the_others_are_held_against(good, near, bad):
    runs = candidates([good, near, bad])
    found = compare(runs, name="x", searches=Path("nowhere"), baseline=runs[2], **DRAWS)
    assert found.chosen
    assert found.verdicts("tuning") == {good.id: "better", near.id: "better"}
    assert "better than the baseline rule by more than the noise" in title(found, language("en"))


def test_one_run_alone_none_and_unpaired_runs_are_told_as_such(folder, good, tmp_path):
    assert "the only finished run" in title(compared(good), language("en"))
    assert "No run here" in title(compared(), language("en"))
    other = kept(tmp_path, 1.5, name="rule")
    (other.folder / "predictions.parquet").unlink()
    found = compared(good, other)
    assert "could not be told" in title(found, language("en"))
    assert found.gaps[other.id].reason == f"run {other.id} kept no predictions.parquet"


def test_predictions_that_were_changed_since_are_not_used(good, tmp_path):
    other = kept(tmp_path, 1.5)
    frame = pd.read_parquet(other.folder / "predictions.parquet")
    frame.assign(p=frame["y"].astype(float)).to_parquet(other.folder / "predictions.parquet")
    assert "not the one that its record names" in (compared(good, other).gaps[other.id].reason or "")


def test_a_run_that_spared_the_test_window_is_compared_on_the_others(good, tmp_path):
    sparing = kept(tmp_path, 1.5, name="rule", windows=WINDOWS[:2])
    found = compared(good, sparing)
    assert found.verdicts("tuning") == {sparing.id: "worse"}
    assert found.verdicts("test") == {}


def test_runs_of_another_key_are_left_out_and_it_says_why(good, bad, tmp_path):
    problem = {**CONFIG["problem"], "split": {"kind": "rolling", "nights": 28}}
    there = kept(tmp_path, 0.0, settings={**CONFIG, "problem": problem}, key="b" * 16, rows=10)
    found = compared(there, good, bad)
    assert [one.record.id for one in found.runs] == [good.id, bad.id]
    (group,) = found.apart
    assert group.runs == (there.id,)
    told = {(one.part, one.key): (one.there, one.here) for one in group.differences}
    assert told == {("split", "nights"): (28, 63), ("data", "rows"): (10, 4500)}
    assert any("differs in data, split" in line for line in closing(found, language("en")))


def test_trials_are_no_candidates_for_the_best(good, tmp_path):
    lower = trial(tmp_path, "s", 4, 0.001)
    found = compared(lower, good)
    assert found.best is not None
    assert found.best.record.id == good.id
    assert title(compared(lower), language("en")).startswith("Trial 4 has the lowest log-loss")


def test_every_ending_is_told_as_such(tmp_path, good):
    with pytest.raises(GateRefused), start_run(tmp_path, name="a", command=[], config={}):
        raise GateRefused("leak: country alone decides")
    with pytest.raises(ZeroDivisionError), start_run(tmp_path, name="b", command=[], config={}):
        raise ZeroDivisionError("no bookings")
    damaged = kept(tmp_path, 0.0, name="e")
    (damaged.folder / "record.json").write_text("{")
    crashed = kept(tmp_path, 0.0, name="d")
    (crashed.folder / "DONE").unlink()
    found = compared(good, *read_all(tmp_path))
    told = payload(found, language("en"))["runs"]
    states = {run.split("-")[2]: told["state"]["words"][at]
              for run, at in zip(told["id"], told["state"]["of"], strict=True)}  # fmt: skip
    assert states == {
        "catboost": "finished",
        "a": "refused",
        "b": "failed",
        "d": "crashed",
        "e": "unreadable",
    }
    assert "leak: country alone decides" in told["error"]["words"]
    assert found.best is not None
    assert found.best.record.id == good.id


def test_only_the_best_are_held_against_the_baseline_where_there_are_many(good, near, bad):
    found = compared(good, near, bad, most_pairs=1)
    assert list(found.gaps) == [found.runs[1].record.id]
    assert found.beyond == 1
    few = compared(*[near, bad, good], most_pairs=2)
    assert few.beyond == 0
    assert "of 2 others" not in title(found, language("en")), "one of the two was not looked at"
    assert any("1 more were not" in line for line in closing(found, language("en")))


def test_settings_that_differ_and_nothing_else():
    two = [config(depth=6, rate=0.1), config(depth=8, rate=0.1)]
    two[1]["search"] = {"kind": "random"}
    two[1]["note"] = "deeper"
    two[1]["problem"] = {**CONFIG["problem"], "cache": "elsewhere"}
    assert [(one.key, one.values) for one in differing(two)] == [("model.estimator.depth", (6, 8))]


def test_what_only_one_model_knows_does_not_differ_by_being_absent():
    found = differing([config(depth=6), config(name="rule", smoothing=50), {}])
    assert [one.key for one in found] == [], "the model itself is told elsewhere"
    within = differing([config(depth=6), config(rate=0.1)])
    assert [one.key for one in within] == ["model.estimator.depth", "model.estimator.rate"]


def test_a_configuration_read_by_its_sections_is_the_whole(good):
    text = (good.folder / "config.yaml").read_text()
    assert parsed(text) == yaml.safe_load(text)
    odd = "a:\n- 1\n- b: 2\nc: 'two\n\n  lines'\n# a word\nd: {e: 1}\n"
    assert parsed(odd) == yaml.safe_load(odd)


@pytest.mark.parametrize("code", LANGUAGES)
def test_both_languages_tell_the_same_numbers(code, good, near, bad):
    found = compared(good, near, bad)
    english, other = (payload(found, language(one)) for one in ("en", code))
    spoken = ("texts", "decimal", "metrics", "windows")
    assert {k: v for k, v in english.items() if k not in spoken} == {
        k: v for k, v in other.items() if k not in spoken
    }
    rows, same = (answer(found, language(one)).rows for one in ("en", code))
    told = [row["told"].replace(",", ".").replace(" a ", " to ") for row in same]
    assert told == [row["told"] for row in rows]


def test_the_comparison_as_data_is_json_with_the_same_numbers(good, bad):
    found = compared(good, bad)
    told = json.loads(json.dumps(as_plain(dataclasses.replace(found, apart=(), searches=()))))
    assert told["best"] == good.id
    assert told["runs"][1]["against"]["windows"]["test"] == found.gaps[bad.id].windows["test"]
    assert told["runs"][0]["metrics"] == good.headline
    assert told["simulated"] is True


def test_a_search_is_told_by_its_own_table_or_by_its_runs(tmp_path):
    experiments, searches = tmp_path / "experiments", tmp_path / "multirun"
    records = [trial(experiments, "s", number, score) for number, score in enumerate((0.3, 0.2, 0.25))]
    with (
        pytest.raises(ZeroDivisionError),
        start_run(experiments, name="c", command=[], config={}, sweep="s", trial=3),
    ):
        raise ZeroDivisionError("odd values")
    records = read_all(experiments)
    made = compare(candidates(records), name="s", searches=searches, **DRAWS)
    (history,) = made.searches
    assert [one.state for one in history.sweep.trials] == ["finished"] * 3 + ["failed"]
    assert [history.heights[number] for number in range(4)] == [0.3, 0.2, 0.25, None]
    pruned = {"number": 0, "state": "pruned", "values": {}, "so_far": [0.4], "run": records[0].id}
    done = {"number": 1, "state": "finished", "values": {}, "score": 0.2, "so_far": [0.3, 0.2]}
    (searches / "s").mkdir(parents=True)
    write_json(searches / "s" / "search.json", {"schema": 1, "id": "s", "trials": [pruned, done]})
    (history,) = compare(candidates(records), name="s", searches=searches, **DRAWS).searches
    assert history.heights[0] == pytest.approx(0.3), "as far above the best as it was after one window"
