"""Figures: each drawn from large, tiny and hopeless results, in both languages, the same every time."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

from legible import assert_legible
from predictions import WINDOWS, simulate
from vispera.evaluate import evaluate
from vispera.metric import suite
from vispera.report.figure import FIGURES, Baseline, Importance, Material, draw
from vispera.report.figure.calibration import title as calibration_title
from vispera.report.figure.style import DPI, WIDTH, Canvas, look
from vispera.text import Language, language

SMALL = tuple((name, start, 1200, rate) for name, start, _, rate in WINDOWS)
TINY = (("tuning-1", "2016-07-07", 30, 0.2), ("test", "2017-03-16", 25, 0.2))
USES = Importance(
    {f"recent_28_agent_cancelled_{i}": float(i) for i in range(20)}, "mean absolute SHAP value, 500 rows"
)


def results(predictions, resamples: int = 20):
    found = evaluate(predictions, suite(k=10), resamples=resamples, seed=1)
    return json.loads(json.dumps(found.metrics)), json.loads(json.dumps(found.curves))


def material(predictions, resamples: int = 20, **changed) -> Material:
    metrics, curves = results(predictions, resamples)
    plain = {"model": "catboost", "simulated": True, "importance": USES}
    return Material(metrics, curves, **{**plain, **changed})


@pytest.fixture(scope="module")
def cases() -> dict[str, Material]:
    """Material by what is hard about it."""
    whole = simulate(1, windows=SMALL)
    tiny = simulate(2, windows=TINY, nights=4)
    rule = Baseline("rule", *results(simulate(1, windows=SMALL, noise=0.8)))
    return {
        "with a baseline": material(whole, baseline=rule),
        "Spanish": material(whole, baseline=rule, spoken="es"),
        "no resamples": material(whole, resamples=0),
        "tuning only": material(whole[whole["window"] != "test"], importance=None),
        "a constant": material(
            whole.assign(p=0.1, raw=-2.2),
            importance=Importance({"a_name_of_a_feature_" * 5: 1.0}, "permutation"),
        ),
        "a good model": material(
            simulate(1, windows=SMALL, skill=6.0), importance=Importance(USES.values, "contribution")
        ),
        "tiny": material(tiny, importance=Importance({"days_left": 1.0}, "gain")),
        "one positive": material(tiny.assign(y=np.arange(len(tiny)) % 30 == 0)),
        "no positives": material(tiny.assign(y=0)),
        "no negatives": material(tiny.assign(y=1), spoken="es"),
        "other windows": material(simulate(1, windows=(("held out", "2017-03-16", 900, 0.1),))),
    }


CASES = [
    "with a baseline",
    "Spanish",
    "no resamples",
    "tuning only",
    "a constant",
    "a good model",
    "tiny",
    "one positive",
    "no positives",
    "no negatives",
    "other windows",
]


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Keys of the texts that the figures of `canvases` took."""
    return set()


@pytest.fixture(scope="module")
def canvases(cases, said) -> dict[tuple[str, str], Canvas | None]:
    """Every figure of every case, drawn but not saved."""
    plain = Language.say

    def listening(self, key, /, **values):
        said.add(key)
        return plain(self, key, **values)

    with look(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Language, "say", listening)
        return {(case, name): FIGURES[name](cases[case]) for case in CASES for name in FIGURES}


@pytest.mark.parametrize("case", ["with a baseline", "tuning only", "tiny", "no positives"])
def test_every_figure_is_written(cases, case, tmp_path):
    drawn = draw(cases[case], tmp_path)
    expected = [name for name in FIGURES if name != "what_it_uses" or cases[case].importance]
    assert [figure.name for figure in drawn] == expected
    for figure in drawn:
        content = figure.path.read_bytes()
        width, _ = struct.unpack(">II", content[16:24])
        assert width == round(WIDTH * DPI)
        assert len(content) > 9_000
        assert figure.title
        assert figure.alt.startswith("SIMULATED DATA")
        assert b"Software" not in content
    assert sorted(tmp_path.iterdir()) == sorted(figure.path for figure in drawn)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", FIGURES)
def test_no_word_leaves_the_paper_or_runs_into_another(canvases, case, name):
    canvas = canvases[case, name]
    if canvas is None:
        assert case == "tuning only"
        return
    assert_legible(canvas)


def test_equal_material_gives_equal_bytes(cases, tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        draw(cases["with a baseline"], folder, kinds=("png", "svg"))
        mpl.rcParams["font.size"] = 30  # a user's own taste must not reach the figures
    mpl.rcdefaults()
    names = sorted(path.name for path in first.iterdir())
    assert len(names) == 12
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert b"<dc:date>" not in (first / "roc.svg").read_bytes()


def test_matplotlib_is_left_as_it_was(cases, tmp_path):
    before = dict(mpl.rcParams)
    draw(cases["tiny"], tmp_path)
    assert dict(mpl.rcParams) == before
    with pytest.raises(RuntimeError), look():
        raise RuntimeError
    assert dict(mpl.rcParams) == before


def test_neither_pyplot_nor_a_window_is_opened():
    # In a process of its own, as other tests may have imported pyplot.
    code = (
        "import sys, vispera.report.figure as f; assert 'matplotlib' not in sys.modules; "
        "f.look().__enter__(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def titles(canvases, case: str) -> dict[str, str]:
    return {name: canvases[case, name].words.title for name in FIGURES if canvases[case, name]}


def test_titles_state_the_finding_with_its_number(cases, canvases):
    found = titles(canvases, "with a baseline")
    metrics = cases["with a baseline"].metrics["windows"]["test"]["metrics"]
    assert f"{100 * metrics['roc_auc']['value']:.0f} times in 100" in found["roc"]
    assert f"{10 * metrics['precision_at_k']['value']:.1f} reach" in found["precision_by_night"]
    assert f"finds {10 * metrics['precision_at_k']['perfect']:.1f}" in found["precision_by_night"]
    assert f"is {metrics['roc_auc']['value']:.3f}" in found["metrics_by_window"]
    assert (
        "recent_28_agent_cancelled_19 and recent_28_agent_cancelled_18 make up 19%" in found["what_it_uses"]
    )
    tiny = titles(canvases, "tiny")
    assert all("Too little to judge" in tiny[name] for name in ("roc", "precision_recall", "calibration"))


def test_both_languages_carry_the_same_numbers(canvases):
    english, spanish = titles(canvases, "with a baseline"), titles(canvases, "Spanish")
    for name in FIGURES:
        assert english[name] != spanish[name]
        assert sorted(re.findall(r"\d+", english[name])) == sorted(re.findall(r"\d+", spanish[name])), name


@pytest.mark.parametrize(
    ("change", "beginning"),
    [
        (lambda raw: raw, "The probabilities of"),
        (lambda raw: raw + 0.8, "Too high"),
        (lambda raw: raw - 0.8, "Too low"),
        (lambda raw: raw.mean() - 0.25 + 0.2 * (raw - raw.mean()), "Right on average"),
    ],
    ids=["true", "high", "low", "flat"],
)
def test_the_calibration_title_tells_what_is_wrong(change, beginning):
    windows = (("test", "2017-03-16", 20000, 0.1),)
    predictions = simulate(3, windows=windows)
    chance = np.random.default_rng(0).random(len(predictions))
    predictions["y"] = (chance < predictions["p"]).astype(int)
    predictions["raw"] = change(predictions["raw"])
    if beginning == "Right on average":  # shifted until the mean is right
        low, high = -2.0, 2.0
        for _ in range(40):
            middle = (low + high) / 2
            mean = (1 / (1 + np.exp(-(predictions["raw"] + middle)))).mean()
            low, high = (middle, high) if mean < predictions["y"].mean() else (low, middle)
        predictions["raw"] += low
    predictions["p"] = 1 / (1 + np.exp(-predictions["raw"]))
    assert calibration_title(material(predictions)).startswith(beginning)


def test_real_results_are_not_marked_simulated(cases, canvases):
    real = Material(**{**vars(cases["tiny"]), "simulated": False})
    with look():
        assert all(figure(real).words.badge == "" for figure in FIGURES.values())
    assert all(canvas.words.badge for canvas in canvases.values() if canvas)


def test_every_text_of_the_figures_is_said_somewhere(canvases, said):
    assert canvases
    written = {
        f"figure.{section}.{key}" if key else f"figure.{section}"
        for section, texts in language("en").texts["figure"].items()
        for key in (_keys(texts) if isinstance(texts, dict) else [""])
        if not section.startswith(("search_", "replay"))  # their own tests take care of these
    }
    unsaid = written - said
    # The four calibration titles have a test of their own.
    assert not {key for key in unsaid if not key.startswith("figure.calibration.title_")}


def _keys(texts: dict) -> list[str]:
    nested = [f"{key}.{inner}" for key, value in texts.items() if isinstance(value, dict) for inner in value]
    return nested + [key for key, value in texts.items() if not isinstance(value, dict)]
