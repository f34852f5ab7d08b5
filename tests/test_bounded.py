from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from vispera.bounded import encode

SHARES = {"command": 100, "note": 100, "hashes": 100, "headline": 200}
TEXTS = st.text(st.characters(), max_size=400)


@given(
    note=TEXTS,
    command=st.lists(TEXTS, max_size=20),
    hashes=st.dictionaries(TEXTS, TEXTS, max_size=9),
    headline=st.lists(
        st.fixed_dictionaries({"name": st.text(max_size=9), "value": st.floats()}), max_size=30
    ),
    name=TEXTS,
)
def test_any_values_fit_and_what_was_cut_is_named_and_kept(note, command, hashes, headline, name):
    values = {"name": name, "note": note, "command": command, "hashes": hashes, "headline": headline}
    content, whole = encode(values, 700, SHARES)
    assert len(content) <= 700
    record = json.loads(content)
    assert record["truncated"] == list(whole)
    for key in ("note", "command", "hashes"):
        assert record[key] == values[key] or whole[key] == values[key]


def test_what_fits_stays_as_it_is_one_field_a_line():
    content, whole = encode({"id": "x", "note": "día", "phases": {"fit": 1.5}}, 4096, SHARES)
    assert content.decode() == '{\n"id": "x",\n"note": "día",\n"phases": {"fit":1.5},\n"truncated": []\n}\n'
    assert whole == {}


def test_the_least_important_field_is_cut_first():
    content, whole = encode({"note": "n" * 300, "command": ["c" * 300, "d"]}, 600, SHARES)
    record = json.loads(content)
    assert list(whole) == ["command"]
    assert record["note"] == "n" * 300
    assert record["command"][0].endswith("c…")
