"""Figures of a search: each drawn from large, tiny and hopeless sweeps, in both languages, always alike."""

from __future__ import annotations

import re
import struct
from dataclasses import replace

import matplotlib as mpl
import pytest

from legible import assert_legible, readable
from searches import SPACE, simulate
from vispera.report.figure.search import FIGURES, Subject, draw_search
from vispera.report.figure.search.marks import span
from vispera.report.figure.search.subject import MOST_PRUNED
from vispera.report.figure.style import DPI, WIDTH, Canvas, look
from vispera.report.mattered import Mattered, mattered
from vispera.space import Dimension
from vispera.text import LANGUAGES, Language, language
from vispera.trial import Sweep, Trial

pytestmark = pytest.mark.slow  # draws large searches

CHOICES = {"features.recent": Dimension(choices=("all", "none", 3, None, True))}
DECADES = {"estimator.alpha": Dimension(low=1e-4, high=0.1, log=True)}
LONG = {
    "estimator." + "regularisation_of_the_" * 4 + key: SPACE[f"estimator.{key}"]
    for key in ("depth", "subsample")
}
MANY = {
    **SPACE,
    "other.depth": Dimension(low=1, high=5000),
    "estimator.tiny": Dimension(low=1e-9, high=1e-7, log=True),
    "estimator.kind": Dimension(choices=tuple(f"a_rather_long_choice_{i}" for i in range(9))),
    **{f"estimator.another_setting_{i}": Dimension(low=0.0, high=1.0) for i in range(8)},
}


def with_scores(*scores: float | None) -> Sweep:
    """Trials with these scores, those without one pruned."""
    values = {"estimator.depth": 5}
    return Sweep(
        id="scored",
        trials=tuple(
            Trial(number=i, state="finished", values=values, score=score)
            if score is not None
            else Trial(number=i, state="pruned", values=values, so_far=(0.5,))
            for i, score in enumerate(scores)
        ),
    )


def without(sweep: Sweep, state: str) -> Sweep:
    return replace(sweep, trials=tuple(one for one in sweep.trials if one.state != state))


def outlying(sweep: Sweep, number: int) -> Sweep:
    """The sweep with its last finished trials as bad as can be."""
    last = [one.number for one in sweep.trials if one.state == "finished"][-number:]
    return replace(
        sweep, trials=tuple(replace(one, score=4.0) if one.number in last else one for one in sweep.trials)
    )


SWEEPS: dict[str, tuple[Sweep, dict[str, Dimension]]] = {
    "sixty": (simulate(60), SPACE),
    "three": (simulate(3, failing=0.0), SPACE),
    "one": (simulate(1, failing=0.0), SPACE),
    "none finished": (without(simulate(60), "finished"), SPACE),
    "one failed": (simulate(1, failing=1.0), SPACE),
    "all failed": (simulate(5, failing=1.0), SPACE),
    "choices only": (simulate(40, space=CHOICES), CHOICES),
    "three decades": (simulate(40, space=DECADES), DECADES),
    "long names": (simulate(40, space=LONG), LONG),
    "five hundred": (simulate(500), SPACE),
    "many keys": (replace(simulate(80, space=MANY), not_repeatable="a timeout fired"), MANY),
    "nine keys": (simulate(10, space=MANY), dict(list(MANY.items())[:9])),
    "best at an end": (simulate(80, optimum=0.5), SPACE),
    "one outlier": (outlying(simulate(60, failing=0.0), 1), SPACE),
    "two outliers": (outlying(simulate(21, pruned=False), 2), SPACE),
    "three matter": (simulate(40), SPACE),
    "many matter": (simulate(40, space=MANY), dict(list(MANY.items())[:15])),
    "the first is the best": (with_scores(0.3, 0.4, None), {"estimator.depth": SPACE["estimator.depth"]}),
    "the last is the best": (with_scores(0.5, 0.4, 0.3), {"estimator.depth": SPACE["estimator.depth"]}),
    "all equal": (with_scores(0.3, 0.3, 0.3), {"estimator.depth": SPACE["estimator.depth"]}),
    "one is pruned": (with_scores(*[0.3 + 0.01 * i for i in range(30)], None), SPACE),
}

TOLD = {
    "three matter": Mattered(dict.fromkeys(SPACE, 2.0), {k: 0.5 * i for i, k in enumerate(SPACE)}, 40, 0, 8),
    "many matter": Mattered(
        {k: float(i) for i, k in enumerate(SWEEPS["many matter"][1])},
        dict.fromkeys(SWEEPS["many matter"][1], 0.1),
        40,
        20,
        8,
    ),
}
"""What mattered where no small sweep would show it."""


@pytest.fixture(scope="module")
def subjects() -> dict[tuple[str, str], Subject]:
    """Every case in every language."""
    found = {case: TOLD.get(case) or mattered(*sweep) for case, sweep in SWEEPS.items()}
    return {
        (case, spoken): Subject(sweep, space, found[case], True, spoken)
        for case, (sweep, space) in SWEEPS.items()
        for spoken in LANGUAGES
    }


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Keys of the texts that the figures of `canvases` took."""
    return set()


@pytest.fixture(scope="module")
def canvases(subjects, said) -> dict[tuple[str, str, str], Canvas | None]:
    """Every figure of every case, drawn but not saved."""
    plain = Language.say

    def listening(self, key, /, **values):
        said.add(key)
        return plain(self, key, **values)

    with look(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Language, "say", listening)
        return {(*which, name): FIGURES[name](subjects[which]) for which in subjects for name in FIGURES}


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("case", SWEEPS)
@pytest.mark.parametrize("name", FIGURES)
def test_no_word_leaves_the_paper_or_runs_into_another(canvases, case, spoken, name):
    canvas = canvases[case, spoken, name]
    assert canvas is not None
    assert_legible(canvas)


@pytest.mark.parametrize("case", ["sixty", "three", "one", "none finished", "all failed", "many keys"])
def test_every_figure_is_written(case, tmp_path):
    drawn = draw_search(*SWEEPS[case], tmp_path / "figures", simulated=True, spoken="en")
    assert [figure.name for figure in drawn] == list(FIGURES)
    for figure in drawn:
        content = figure.path.read_bytes()
        assert struct.unpack(">II", content[16:24])[0] == round(WIDTH * DPI)
        assert figure.title
        assert figure.alt.startswith("SIMULATED DATA")
    assert sorted((tmp_path / "figures").iterdir()) == sorted(figure.path for figure in drawn)


def test_nothing_is_drawn_where_nothing_was_tried(tmp_path):
    assert draw_search(Sweep(id="none"), SPACE, tmp_path, simulated=False, spoken="en") == []
    running = Sweep(id="young", trials=(Trial(number=0, state="running", values={}),))
    assert draw_search(running, SPACE, tmp_path, simulated=False, spoken="en") == []
    drawn = draw_search(simulate(3, space={}), {}, tmp_path, simulated=False, spoken="es")
    assert [figure.name for figure in drawn] == ["search_history"]


def test_equal_sweeps_give_equal_bytes(tmp_path):
    sweep = simulate(60)
    again = replace(sweep, trials=sweep.trials[::-1])  # a storage may list them in another order
    kinds = ("png", "svg")
    for folder, given in (("1", sweep), ("2", again)):
        draw_search(given, SPACE, tmp_path / folder, simulated=True, spoken="es", kinds=kinds)
        mpl.rcParams["font.size"] = 30  # a user's own taste must not reach the figures
    mpl.rcdefaults()
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert len(names) == 6
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


@pytest.mark.parametrize(
    ("case", "name", "title"),
    [
        (
            "three",
            "search_history",
            "The best of 3 trials was number 1; the one after it brought nothing better",
        ),
        ("one", "search_history", "The only trial reached a log-loss of 0.3034"),
        ("the first is the best", "search_history", "The first of 3 trials stayed the best"),
        ("all equal", "search_history", "The first of 3 trials stayed the best"),
        (
            "the last is the best",
            "search_history",
            "The best of 3 trials was the last, number 2: more trials may",
        ),
        ("all failed", "search_history", "None of 5 trials finished"),
        ("one failed", "search_space", "The only trial did not finish"),
        ("none finished", "search_space", "None of 29 trials finished"),
        ("three", "search_importance", "Too few trials to tell what mattered"),
        ("none finished", "search_importance", "Too few trials to tell what mattered"),
        (
            "choices only",
            "search_importance",
            "Nothing that was searched tells the best trials from the others",
        ),
        ("sixty", "search_importance", "depth and learning_rate tell the best trials from the others"),
        ("best at an end", "search_importance", "learning_rate tells the best trials from the others"),
        ("best at an end", "search_space", "The best trials crowd at the end of the range of learning_rate"),
        ("five hundred", "search_space", "The best trial has learning_rate = 0.0407 and depth = 6"),
    ],
)
def test_titles_state_the_finding(canvases, case, name, title):
    assert canvases[case, "en", name].words.title.replace("\u00a0", " ").startswith(title)


def test_the_title_counts_what_came_after_the_best(canvases):
    sweep, _ = SWEEPS["sixty"]
    assert sweep.best is not None
    later = 59 - sweep.best.number
    title = canvases["sixty", "en", "search_history"].words.title
    assert [int(number) for number in re.findall(r"\d+", title)] == [60, sweep.best.number, later]


def test_both_languages_carry_the_same_numbers(canvases):
    for (case, spoken, name), canvas in canvases.items():
        other = canvases[case, "en", name].words
        if spoken != "en":
            assert canvas.words.title != other.title
            assert re.findall(r"\d+", canvas.words.title) == re.findall(r"\d+", other.title), (case, name)
            assert canvas.words.subtitle != other.subtitle


def test_real_results_are_not_marked_simulated(subjects, canvases):
    real = replace(subjects["sixty", "en"], simulated=False)
    with look():
        drawn = [figure(real) for figure in FIGURES.values()]
    assert [canvas.words.badge for canvas in drawn if canvas] == ["", "", ""]
    assert all(canvas.words.badge for canvas in canvases.values())


def test_hopeless_trials_do_not_press_the_others_together(subjects):
    low, high = span(subjects["one outlier", "en"])
    assert high < 0.34  # the outlier stands at 4
    assert low < min(one.score for one in subjects["one outlier", "en"].ranked)
    assert max(one.score for one in subjects["sixty", "en"].ranked) < high


def test_what_cannot_be_seen_is_thinned(subjects):
    drawn, each = subjects["five hundred", "en"].pruned_drawn
    assert each == 2
    assert MOST_PRUNED / 2 < len(drawn) <= MOST_PRUNED
    assert subjects["sixty", "en"].pruned_drawn[1] == 1


def test_only_eight_keys_have_a_panel_the_clearest_first(canvases, subjects):
    canvas = canvases["many keys", "en", "search_space"]
    with look():
        words = [text for text, _ in readable(canvas)]
    best = [text for text in words if text.startswith("best:")]
    assert len(best) == 8
    first = next(iter(subjects["many keys", "en"].mattered.times_luck))
    assert subjects["many keys", "en"].named(first, 40) in words
    # `estimator.depth` and `other.depth` are told apart by their whole names
    assert subjects["many keys", "en"].named("other.depth", 40) == "other.depth"


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (0.05, "0.05", "0,05"),
        (0.123456, "0.123", "0,123"),
        (1234.5, "1234", "1234"),
        (2.0, "2", "2"),
        (0.0, "0", "0"),
        (-0.5, "-0.5", "-0,5"),
        (1.5e-9, "1.5e-09", "1,5e-09"),
        (20000, "20,000", "20\u00a0000"),
        (True, "true", "true"),
        (None, "null", "null"),
        ("rmse", "rmse", "rmse"),
    ],
)
def test_values_are_written_as_each_language_does(subjects, value, english, spanish):
    assert subjects["one", "en"].value(value) == english
    assert subjects["one", "es"].value(value) == spanish


def test_every_text_of_these_figures_is_said_somewhere(canvases, said):
    assert canvases
    written = {
        f"figure.{section}.{key}"
        for section, texts in language("en").texts["figure"].items()
        if section.startswith("search_")
        for key in texts
    }
    unsaid = written - said
    assert not unsaid
