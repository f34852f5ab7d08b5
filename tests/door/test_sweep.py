"""The words behind ``-m``: what is fixed, which studies there are, what is searched, and what is refused."""

from __future__ import annotations

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from vispera.door.sweep import Sweep, effective_space, read_sweep
from vispera.door.syntax import words_of
from vispera.errors import UsageError
from vispera.space import Dimension, read_space

GROUPS = ("model", "problem", "tracker", "search", "experiment")
DEPTH = "model.estimator.depth"


def read(*words: str) -> Sweep:
    return read_sweep(words, GROUPS)


def refused(*words: str) -> list[str]:
    with pytest.raises(UsageError) as refusal:
        read(*words)
    assert not any("\n" in fault for fault in refusal.value.faults)
    return list(refusal.value.faults)


def test_words_that_are_no_sweep_are_fixed_and_keep_their_order():
    words = ("model=catboost", "seed=3", 'note="a, b"', "tags=[a,b]", f"{DEPTH}=6", "search.trials=20")
    assert read(*words) == Sweep(typed=words, fixed=words, fixed_keys=(DEPTH,))
    assert read("seed=1", "seed=2", "seed=1").fixed == ("seed=1", "seed=2", "seed=1")  # the last one counts


def test_a_swept_group_gives_a_study_for_each_option():
    found = read("model=logistic,catboost", "seed=1", "experiment=null,reference")
    assert found.fixed == ("seed=1",)
    assert found.groups == (
        ("model=logistic", "experiment=null"),
        ("model=logistic", "experiment=reference"),
        ("model=catboost", "experiment=null"),
        ("model=catboost", "experiment=reference"),
    )
    assert read("model=choice('rule',rule)").groups == (("model=rule",),)
    assert read().groups == ((),)


SYNTAX = {
    "1,2,3": [1, 2, 3],
    "choice(1,2,3)": [1, 2, 3],
    "a,'b c',null,true,0.5": ["a", "b c", None, True, 0.5],
    "shuffle(1,2,3)": [1, 2, 3],
    "sort(3,1,2)": [1, 2, 3],
    "int(4.0,8)": [4, 8],
    "range(1,10)": {"low": 1, "high": 9},
    "range(4)": {"low": 0, "high": 3},
    "range(1,10,2)": {"low": 1, "high": 9, "step": 2},
    "range(1,11,2)": {"low": 1, "high": 9, "step": 2},
    "range(10,1,-2)": {"low": 2, "high": 10, "step": 2},
    "range(0.1,1,0.1)": {"low": 0.1, "high": 0.9, "step": 0.1},
    "range(0,1,0.25)": {"low": 0.0, "high": 0.75, "step": 0.25},
    "shuffle(range(1,5))": {"low": 1, "high": 4},
    "tag(log,range(1,100))": {"low": 1, "high": 99, "log": True},
    "interval(0.1,0.5)": {"low": 0.1, "high": 0.5},
    "interval(4,8)": {"low": 4.0, "high": 8.0},
    "tag(log,interval(0.001,1))": {"low": 0.001, "high": 1.0, "log": True},
    "int(interval(4,8))": {"low": 4, "high": 8},
    "tag(int,interval(4,8))": {"low": 4, "high": 8},
    "tag(log,int,interval(4,64))": {"low": 4, "high": 64, "log": True},
    "tag(log,int(interval(4,64)))": {"low": 4, "high": 64, "log": True},
}


@pytest.mark.parametrize(("value", "plain"), SYNTAX.items())
def test_hydras_syntax_becomes_a_dimension(value, plain):
    found = read(f"{DEPTH}={value}", "seed=1")
    assert found.fixed == ("seed=1",)
    assert found.dimensions == {DEPTH: Dimension.read(DEPTH, plain)}
    assert found.dimensions[DEPTH].plain() == plain
    assert found.fixed_keys == ()


@pytest.mark.parametrize("value", ["range(1,10)", "range(1,11,2)", "range(10,1,-2)", "range(0.1,1,0.1)"])
def test_a_range_holds_the_numbers_that_hydra_would_try(value):
    found = read(f"{DEPTH}={value}").dimensions[DEPTH]
    tried = [float(v) for v in OverridesParser.create().parse_override(f"k={value}").sweep_string_iterator()]
    assert (found.low, found.high) == pytest.approx((min(tried), max(tried)))
    assert (found.step or 1) == pytest.approx((max(tried) - min(tried)) / (len(tried) - 1))


REFUSED = {
    "seed=1,2,3": ["only settings of the model are searched", "type seed=1,2,3 search=grid"],
    "seed=range(1,4)": ["type 'seed=range(1,4)' search=grid"],
    "threads=1,2": ["type threads=1,2 search=grid"],
    "problem=hotel,simulated": ["a search has one problem;", "type problem=hotel,simulated search=grid"],
    "problem.split.nights=63,91": ["problem.split.nights=63,91 search=grid"],
    "model@baseline=rule,prior": [
        "baseline=rule,prior: a search has one baseline;",
        "type baseline=rule,prior",
    ],
    "baseline=rule,prior": ["type baseline=rule,prior search=grid"],
    "baseline.estimator.smoothing=1,2": ["search=grid"],
    "evaluation.resamples=0,200": ["search=grid"],
    "tracker=none,wandb": ["a search has one tracker"],
    "tracker.mode=offline,online": ["search=grid"],
    "data.path=a,b": ["search=grid"],
    "search=tpe,grid": ["give a single value"],
    "search.trials=10,20": ["search.trials=10,20: a search has one setting of its own; give a single value"],
    "model=glob(*)": ["wants all options written out"],
    "model=range(1,3)": ["wants all options written out"],
    f"{DEPTH}=glob(*)": ["wants all options written out"],
    "model.estimator.seed=1,2": ["the luckiest seed is no better model", "search=grid"],
    "model.name=a,b": ["model.name is never searched"],
    "model.space.estimator.depth=[4,6],[5,6]": ["never searched: it says what is searched"],
    "model.estimator._target_=vispera.a,vispera.b": ["it names a class"],
    "model.snapshots=[14],[28,14]": ["only single values are searched", "search=grid"],
    f"+{DEPTH}=1,2": [f"put {DEPTH} there"],
    f"++{DEPTH}=1,2": [f"put {DEPTH} there"],
    f"{DEPTH}=interval(8,4)": [f"{DEPTH}=interval(8,4): low 8.0 is above high 4.0; swap them"],
    f"{DEPTH}=tag(log,interval(0,1))": ["log wants low above 0"],
    f"{DEPTH}=tag(lgo,interval(1,4))": ["there is no tag 'lgo'; "],
    f"{DEPTH}=tag(log,choice(1,2))": ["tags go with range() and interval()"],
    f"{DEPTH}=tag(int,interval(1.5,4))": ["int wants whole numbers"],
    f"{DEPTH}=choice(1)": ["is one choice only, 1"],
    f"{DEPTH}=1,1": ["stands there twice"],
    f"{DEPTH}=range(5,1)": ["holds no number"],
    f"{DEPTH}=range(1,5,0)": ["holds no number"],
    f"{DEPTH}=range(1,2)": ["holds one number only"],
    f"{DEPTH}=tag(log,range(1,9,2))": ["log and step exclude each other"],
    f"{DEPTH}=interval(1)": [f"{DEPTH}=interval(1): "],
}


@pytest.mark.parametrize(("word", "told"), REFUSED.items())
def test_what_cannot_be_searched_is_refused_in_one_line(word, told):
    (fault,) = refused(word)
    assert fault.startswith(f"{word.replace('model@baseline', 'baseline')}: ")
    assert all(part in fault for part in told), fault


def test_all_faults_are_told_at_once():
    told = refused("seed=1,2", "problem=hotel,table", f"{DEPTH}=choice(1)", "model=rule,prior", "note=x")
    assert [fault.partition("=")[0] for fault in told] == ["seed", "problem", DEPTH]


def test_a_key_that_is_given_twice_is_refused():
    assert "'model.estimator.depth' is given 2 times" in refused(f"{DEPTH}=6", f"{DEPTH}=4,8")[0]
    assert len(refused("model=rule,prior", "model=catboost")) == 1
    assert len(refused(f"{DEPTH}=4,6", f"{DEPTH}=5,8")) == 2


def test_the_command_is_typed_again_with_the_name_of_the_baseline():
    found = read("model@baseline=prior", "model=rule,logistic")
    assert found.typed == ("baseline=prior", "model=rule,logistic")
    assert found.fixed == ("model@baseline=prior",)


# What one study searches


OWN = read_space({"estimator": {"depth": {"low": 4, "high": 8}, "rsm": {"low": 0.1, "high": 0.6}}})
VALUES = {"name": "x", "snapshots": [14], "estimator": {"depth": 6, "rsm": 0.3, "patience": 40, "rate": 0.1}}


def effective(*words: str) -> dict[str, Dimension]:
    found = read(*words)
    return effective_space(OWN, found.dimensions, found.fixed_keys, VALUES)


def test_words_narrow_add_to_and_take_out_of_the_space():
    assert effective() == OWN
    assert effective(f"{DEPTH}=4,5")["estimator.depth"].choices == (4, 5)
    assert list(effective("model.estimator.rate=interval(0.1,0.2)")) == [
        "estimator.depth",
        "estimator.rate",
        "estimator.rsm",
    ]
    assert list(effective(f"{DEPTH}=6")) == ["estimator.rsm"]
    assert list(effective(f"~{DEPTH}")) == ["estimator.rsm"]
    assert effective("model.estimator={depth:6}", "model.estimator.rsm=0.2,0.4").keys() == {"estimator.rsm"}
    assert effective("model.space.estimator.depth.low=5", "model.estimator.dep=3") == OWN


def test_an_interval_holds_whole_numbers_where_the_model_takes_them():
    assert effective(f"{DEPTH}=interval(5,7)")["estimator.depth"] == Dimension(low=5, high=7)
    assert effective("model.estimator.patience=interval(10,60)")["estimator.patience"].whole
    assert not effective("model.estimator.rsm=interval(0,1)")["estimator.rsm"].whole
    with pytest.raises(UsageError) as refusal:
        effective(f"{DEPTH}=interval(4.5,7)", "model.estimator.dpeth=1,2", "model.snapshots=1,2")
    assert [fault.partition(":")[0] for fault in refusal.value.faults] == [
        "model.estimator.dpeth",
        "model.snapshots",
        DEPTH,
    ]
    assert "closest: 'estimator.depth'" in refusal.value.faults[0]


def test_nothing_to_search_is_refused_and_says_what_to_type():
    with pytest.raises(UsageError, match=r"model=prior has nothing to search.*search=grid"):
        effective_space({}, {}, values={"name": "prior"})
    found = read(f"{DEPTH}=6", "model.estimator.rsm=0.2")
    with pytest.raises(UsageError, match="the model has nothing to search"):
        effective_space(OWN, found.dimensions, found.fixed_keys)


def test_values_are_read_back_from_their_words_as_they_were():
    values = [
        1,
        -3,
        0.5,
        1e-05,
        3e22,
        True,
        False,
        None,
        "all",
        "a b",
        "1",
        "null",
        "True",
        "",
        "it's",
        "a,b",
    ]
    values += ["a\\", "x=y", "[1]", "a/b-c.d", "ñ", "nan", "1e5", "inf"]
    words = words_of({f"k{place}": value for place, value in enumerate(values)})
    back = [parsed.value() for parsed in OverridesParser.create().parse_overrides(list(words))]
    assert [(type(value), value) for value in back] == [(type(value), value) for value in values]
