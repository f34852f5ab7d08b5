"""Conditions on runs: what each asks for, and what is refused in one line."""

from __future__ import annotations

import operator
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vispera import field as room
from vispera.errors import UsageError
from vispera.field import METRICS, field
from vispera.record import KINDS, RunRecord
from vispera.where import SIGNS, conditions, read_where

ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


def record(**values) -> RunRecord:
    return RunRecord(
        **{"id": "20261124-101530-catboost-3f9a1c", "state": "finished", "folder": Path("x"), **values}
    )


def scored(value, window: str = "tuning", name: str = "log_loss") -> RunRecord:
    return record(headline=[{"name": name, "window": window, "value": value}])


FULL = record(
    model="catboost",
    problem="hotel",
    note="Deeper trees, día",
    tags=["eve", "two words"],
    sweep="catboost-1a2b",
    trial=3,
    seconds=42.5,
    started="2026-11-23T10:15:30.123Z",
    comparison_key="0123456789abcdef",
    hashes={"data": "d" * 64},
    phases={"fit": 30.25},
    code={"dirty": True, "left_out": 0, "commit": "c" * 40},
    command=["model=catboost", "seed=1"],
    headline=[
        {"name": "log_loss", "window": "tuning", "value": 0.27},
        {"name": "roc_auc", "window": "test", "value": 0.7},
        {"name": "ece", "window": "test", "value": None},
    ],
)

HOLDS = """
model=catboost
model = catboost
model=catboost and problem=hotel AND state=finished
model!=rule
state~FINISH
note="Deeper trees, día"
note='Deeper trees, día'
note~'deeper TREES'
note~DÍA
note!=""
parent=""
error=""
tags=eve
tags="two words"
tags~two
tags!=none
tags!=""
command~seed=
command="model=catboost"
trial=3
trial>=3 and trial<4
trial!=""
test_looks=""
test_looks!=7
seconds>42
seconds<=42.5
started=2026
started=2026-11
started=2026-11-23
started>=2026-11-23
started<=2026-11-23
started<2026-11-24
started>2026-11-22T23
started="2026-11-23 10:15"
started<=2026-11-23T10:15:30.123Z
finished=""
id>20261123
id~catboost
comparison_key=0123456789abcdef
hashes.data~ddd
phases.fit>30
code.dirty=true
code.left_out=0
code.commit!=abc
log_loss<0.3
tuning.log_loss<0.3
log_loss=0.27
test.roc_auc>=.7
test.ece=""
tuning-1.log_loss=""
""".strip().splitlines()

FAILS = """
model=rule
model=Catboost
model=catboost and problem=simulated
model!=catboost
note=""
note="deeper trees, día"
note~shallow
parent=x
parent~x
tags=two
tags!=eve
tags=""
trial>3
trial=""
test_looks<7
test_looks>=0
seconds<42
started>2026-11-23
started<2026-11
finished<2027
started=2026-11-24
hashes.dvc=x
code.dirty=false
log_loss>0.3
test.log_loss<0.3
roc_auc>0
test.ece<1
test.ece>=0
""".strip().splitlines()


@pytest.mark.parametrize("text", HOLDS)
def test_it_holds(text):
    assert read_where(text)(FULL)


@pytest.mark.parametrize("text", FAILS)
def test_it_does_not_hold(text):
    assert not read_where(text)(FULL)


REFUSED = {
    "modle=catboost": "there is no field 'modle'; closest: 'model'",
    "los_loss<0.3": "there is no field 'los_loss'; closest: 'log_loss'",
    "tunning.log_loss<0.3": "there is no field 'tunning.log_loss'; closest: 'tuning.log_loss'",
    "test.roc<0.3": "closest: 'test.roc_auc'",
    "folder=x": "there is no field 'folder'",
    "headline=x": "there is no field 'headline'",
    "x.y.z=3": "there is no field 'x.y.z'; allowed: tuning.log_loss",
    "hashes=3": "it has parts, named after a dot",
    "state=finish": "there is no state 'finish'; closest: 'finished'",
    "model==catboost": "there is no sign '=='; closest: '='",
    "log_loss=<0.3": "there is no sign '=<'",
    "log_loss<low": "log_loss<low: wanted a number, such as 0.3",
    "log_loss<nan": "wanted a number",
    "log_loss~0.3": "log_loss is a number, which '~' does not compare",
    "model<rule": "model is a text, which '<' does not compare; allowed: = != ~",
    "tags<eve": "tags is a list, which '<' does not compare",
    "started~2026": "started is a time, which '~' does not compare",
    "started>yesterday": "wanted a date in UTC",
    "started>2026-13": "wanted a date in UTC",
    "started>2026-02-30": "wanted a date in UTC",
    "": "nothing is no condition such as field=value",
    "  ": "nothing is no condition",
    "model": "'model' is no condition",
    "=catboost": "'=catboost' is no condition",
    "model=": "'model=' has no value",
    'note="deeper': "has no value",
    "note=deeper trees": "'trees' follows a condition; join conditions with and, and quote",
    "model=a or model=b": "'or model=b' follows a condition",
    "model=a, model=b": "'model=b' follows a condition",
    "model=a and": "nothing is no condition",
    "__class__=x": "there is no field '__class__'",
    "code.commit.__class__=x": "there is no field",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items())
def test_it_is_refused_in_one_line_with_what_to_type(text, said):
    with pytest.raises(UsageError) as refused:
        read_where(text)
    (line,) = refused.value.faults
    assert said in line
    assert line.startswith("where: ")
    assert "\n" not in line
    assert "type where=" in line


def test_every_field_of_a_record_can_be_asked_for_but_its_folder_and_headline():
    asked = {f.name for f in fields(RunRecord)} - {"folder", "headline"} - set(room.PARTED)
    assert asked == set(room.NAMES) - set(METRICS)
    assert {field(name).of(FULL) is None or True for name in asked} == {True}
    assert set(room.PARTED) == {name for name, kinds in KINDS.items() if kinds == (dict,)}


def test_the_metrics_are_those_that_are_computed():
    from vispera.metric import METRICS as computed

    assert tuple(computed) == METRICS


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False), st.sampled_from([*ORDER])
)
def test_numbers_compare_as_numbers_do(has, wanted, sign):
    assert read_where(f"log_loss {sign} {wanted!r}")(scored(has)) == ORDER[sign](has, wanted)


@given(st.text(), st.text(), st.sampled_from("'\""))
def test_any_quoted_text_is_found_and_no_other(has, wanted, mark):
    escaped = wanted.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    meets = read_where(f"note = {mark}{escaped}{mark}")
    assert meets(record(note=has)) == (has == wanted)
    assert meets(record(note=wanted))
    assert not read_where(f"note!={mark}{escaped}{mark} and model=x")(record(note=wanted, model="x"))


@given(st.text(min_size=1), st.text(), st.text())
def test_what_is_within_is_contained_in_any_case(part, before, after):
    escaped = part.replace("\\", "\\\\").replace('"', '\\"')
    assert read_where(f'note~"{escaped}"')(record(note=before + part + after))


@given(st.lists(st.sampled_from(HOLDS), min_size=1), st.lists(st.sampled_from(FAILS)))
def test_and_holds_where_each_does(holding, failing):
    assert read_where(" and ".join([*holding, *failing]))(FULL) == (not failing)


EQUALS = [text for text in (*HOLDS, *FAILS) if re.fullmatch(r"[\w.-]+ ?= ?('.*'|\".*\"|\S+)", text)]


@pytest.mark.parametrize("text", [text for text in EQUALS if not text.startswith("started")])
def test_of_equal_and_unequal_one_holds(text):
    assert read_where(text)(FULL) != read_where(text.replace("=", "!=", 1))(FULL)


@given(st.text(max_size=40))
def test_whatever_is_typed_it_is_read_or_refused_in_one_line(text):
    try:
        held = [read_where(text)(FULL)]
    except UsageError as refused:
        held = refused.faults
    assert len(held) == 1
    assert isinstance(held[0], bool | str)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["note", "model", "phase"]),
            st.sampled_from(["=", "!=", "~"]),
            st.text(min_size=1),
        ),
        min_size=1,
    )
)
def test_what_is_put_together_is_read_back(parts):
    quoted = [value.replace("\\", "\\\\").replace("'", "\\'") for _, _, value in parts]
    text = " and ".join(f"{name}{sign}'{q}'" for (name, sign, _), q in zip(parts, quoted, strict=True))
    assert [(of.name, sign, value) for of, sign, value in conditions(text)] == parts


def test_a_run_without_the_field_is_in_for_nothing_but_unequal():
    bare = record()
    for name in ("model", "note", "started", "seconds", "test.roc_auc", "code.commit"):
        kind = field(name).kind
        value = {"number": "1", "time": "2026", "text": "x"}[kind]
        for sign in SIGNS:
            if (sign == "~") == (kind == "text") or sign in ("=", "!="):
                assert read_where(f"{name}{sign}{value}")(bare) == (sign == "!="), (name, sign)


@pytest.mark.parametrize("value", [None, "none", True, [0.1]])
def test_a_metric_that_is_no_number_is_none(value):
    assert not read_where("log_loss<1")(scored(value))
    assert read_where('log_loss=""')(scored(value))
