"""A history that anybody has touched is told apart from the one that was written, entry by entry."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registered import deed
from vispera.clock import day
from vispera.errors import ContractBroken, UsageError
from vispera.registry.chain import holding, line_of, name_of, present, read_chain, until, wanted
from vispera.registry.entry import Entry, entered, hash_of

ALIASES = ("champion", "challenger", "shadow")


def written(*steps: tuple[str, str, int]) -> list[Entry]:
    """The history of (alias, action, version) steps."""
    entries: list[Entry] = []
    for alias, action, version in steps:
        done = deed(alias, action=action, reason=f"step {len(entries) + 1}")
        entries.append(entered("hotel", done, entries, version, f"run-{version}", f"{version:064x}"))
    return entries


def files(entries: list[Entry]) -> dict[str, bytes]:
    return {name_of(entry.number): entry.content for entry in entries}


STEP = st.tuples(st.sampled_from(ALIASES), st.sampled_from(["promote", "rollback"]), st.integers(1, 9))
HISTORY = st.lists(STEP, min_size=2, max_size=8).map(lambda steps: written(*steps))


@given(HISTORY)
def test_what_was_written_is_read_back(entries):
    assert read_chain("hotel", files(entries)) == entries
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert holding(entries, entries[-1].hash) is entries[-1]


@given(HISTORY, st.data())
def test_one_edited_byte_is_told_by_the_number_of_its_entry(entries, data):
    number = data.draw(st.integers(1, len(entries)))
    content = bytearray(entries[number - 1].content)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ContractBroken, match=f"entry {number} "):
        read_chain("hotel", {**files(entries), name_of(number): bytes(content)})


FORGED = {
    "by": "Eva",
    "reason": "because",
    "version": 77,
    "seal": "f" * 64,
    "alias": "shadow",
    "at": "2020-01-01T00:00:00Z",
    "waived": ["age"],
}


@given(HISTORY, st.sampled_from(sorted(FORGED)), st.data())
def test_an_entry_that_is_forged_with_its_hash_breaks_the_one_behind_it(entries, field, data):
    number = data.draw(st.integers(1, len(entries) - 1))
    raw = {**json.loads(entries[number - 1].content), field: FORGED[field]}
    raw["hash"] = hash_of(raw)
    forged = (json.dumps(raw, indent=1, ensure_ascii=False) + "\n").encode()
    if forged == entries[number - 1].content:
        return
    with pytest.raises(ContractBroken, match=f"entry {number + 1} does not follow entry {number}"):
        read_chain("hotel", {**files(entries), name_of(number): forged})


@given(HISTORY, st.data())
def test_a_removed_entry_is_told_unless_it_is_the_last(entries, data):
    number = data.draw(st.integers(1, len(entries) - 1))
    there = files(entries)
    del there[name_of(number)]
    with pytest.raises(ContractBroken, match=f"entry {number} is missing"):
        read_chain("hotel", there)


@given(HISTORY, st.data())
def test_entries_that_changed_places_are_told(entries, data):
    one, other = data.draw(
        st.lists(st.integers(1, len(entries)), min_size=2, max_size=2, unique=True).map(sorted)
    )
    there = files(entries)
    there[name_of(one)], there[name_of(other)] = there[name_of(other)], there[name_of(one)]
    with pytest.raises(ContractBroken, match=f"entry {one} was put here from elsewhere: it is entry {other}"):
        read_chain("hotel", there)
    # the gap closed up too, as if the first had never been
    shifted = {name_of(entry.number - 1): entry.content for entry in entries[1:]}
    with pytest.raises(ContractBroken, match="entry 1 was put here from elsewhere"):
        read_chain("hotel", shifted)


@given(HISTORY, st.data())
def test_a_cut_tail_fits_itself_and_lacks_the_hash_that_somebody_kept(entries, data):
    kept = data.draw(st.integers(0, len(entries) - 1))
    cut = read_chain("hotel", files(entries[:kept]))
    with pytest.raises(ContractBroken, match="the history was cut"):
        holding(cut, entries[-1].hash)


def test_a_tail_that_was_written_anew_lacks_the_hash_that_somebody_kept():
    entries = written(("champion", "promote", 1), ("champion", "promote", 2))
    anew = [entries[0], entered("hotel", deed(by="Eva"), entries[:1], 3, "run-3", "0" * 64)]
    assert read_chain("hotel", files(anew)) == anew
    with pytest.raises(ContractBroken, match="or is another one; 2 entries are there"):
        holding(anew, entries[-1].hash)


def test_further_files_and_histories_of_other_problems_are_told_all_at_once():
    entries = written(("champion", "promote", 1))
    with pytest.raises(ContractBroken) as refusal:
        read_chain("resort", {**files(entries), "notes.txt": b""})
    assert refusal.value.faults == (
        "history of resort: notes.txt is no entry",
        "history of resort: entry 1 was put here from elsewhere: it is entry 1 of hotel",
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"schema": 2}, "entry 1 has schema 2; this version reads 1"),
        ({"version": "1"}, "of a wrong type"),
        ({"mood": "good"}, "too many"),
        ({"gates": [{"name": "age"}]}, "its gates are none"),
    ],
)
def test_a_field_that_is_none_of_an_entrys_is_told(changed, told):
    [entry] = written(("champion", "promote", 1))
    raw = {**json.loads(entry.content), **changed}
    content = json.dumps({**raw, "hash": hash_of(raw)}, indent=1).encode() + b"\n"
    with pytest.raises(ContractBroken, match=told):
        read_chain("hotel", {name_of(1): content})


def test_an_alias_names_what_its_last_entry_says_and_a_rollback_goes_further_back_each_time():
    steps = [("champion", "promote", version) for version in (1, 2, 3)]
    entries = written(*steps, ("shadow", "promote", 4))
    assert [entry.version for entry in line_of(entries, "champion")] == [1, 2, 3]
    entries = written(*steps, ("champion", "rollback", 2))
    assert [entry.version for entry in line_of(entries, "champion")] == [1, 2]
    assert [entry.was for entry in entries] == [None, 1, 2, 3]
    entries = written(*steps, ("champion", "rollback", 2), ("champion", "rollback", 1))
    assert [entry.version for entry in line_of(entries, "champion")] == [1]
    entries = written(*steps, ("champion", "rollback", 1), ("champion", "promote", 3))
    assert [entry.version for entry in line_of(entries, "champion")] == [1, 3]
    last = present(entries, "champion")
    assert last is not None
    assert last.version == 3
    assert present(entries, "shadow") is None


def test_what_an_alias_named_on_a_day_is_what_was_written_by_its_end():
    one, two = written(("champion", "promote", 1), ("champion", "promote", 2))
    entries = [replace(one, at="2026-11-20T23:59:59Z"), replace(two, at="2026-11-21T00:00:00Z")]
    assert until(entries, day("2026-11-19")) == []
    assert until(entries, day("2026-11-20")) == entries[:1]
    assert until(entries, day("2026-11-21")) == entries


def test_what_is_not_there_is_told_with_what_is():
    entries = written(("champion", "promote", 1), ("shadow", "promote", 2))
    assert wanted(entries, "hotel", "champion", version=2).alias == "shadow"
    with pytest.raises(
        UsageError, match=r"'hotel' has no challenger; there is a champion, shadow; type .*run=best"
    ):
        wanted(entries, "hotel", "challenger")
    with pytest.raises(UsageError, match="has no version 3; versions: 1, 2"):
        wanted(entries, "hotel", "champion", version=3)
    with pytest.raises(UsageError, match="'motel' has no champion; nobody has promoted anything of it"):
        wanted([], "motel", "champion")
