"""Which entries in W&B count: those that no other one came before; what was edited or deleted is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from registered import deed
from vispera.errors import ContractBroken
from vispera.registry.chain import name_of
from vispera.registry.entry import Entry, entered
from vispera.registry.wandb_history import Taken, counting, digest_of


def chain(length: int, by: str = "Ana", behind: tuple[Entry, ...] = ()) -> list[Entry]:
    entries = list(behind)
    for version in range(len(behind) + 1, len(behind) + length + 1):
        entries.append(entered("hotel", deed(by=by), entries, version, f"run-{version}", f"{version:064x}"))
    return entries


def taken(*entries: Entry) -> list[Taken]:
    return [
        Taken(
            name=f"hotel/registry/history-hotel:v{index}",
            index=index,
            entry=entry.content.decode(),
            digest=digest_of({name_of(entry.number): entry.content}),
        )
        for index, entry in enumerate(entries)
    ]


def those_of(found: list[Taken]) -> list[Entry]:
    return [entry for _, entry in counting("hotel", found)]


def faults(found: list[Taken]) -> tuple[str, ...]:
    with pytest.raises(ContractBroken) as refusal:
        counting("hotel", found)
    return refusal.value.faults


def test_every_entry_counts_in_the_order_of_the_server_however_it_lists_them():
    entries = chain(4)
    assert those_of(taken(*entries)) == entries
    assert those_of(taken(*entries)[::-1]) == entries
    assert counting("hotel", []) == []


def test_the_one_that_came_second_never_counts_whatever_follows():
    one, two, three = chain(3)
    late, later = chain(2, by="Eva", behind=(one,))[1:]
    assert those_of(taken(one, two, late)) == [one, two]
    assert those_of(taken(one, two, late, three)) == [one, two, three]
    assert those_of(taken(one, late, two, later)) == [one, late, later], "the first that is taken wins"
    [first] = chain(1, by="Eva")
    assert those_of(taken(one, first, two)) == [one, two]
    assert those_of(taken(one, one, two)) == [one, two]


def test_a_deleted_end_is_a_shorter_history_that_fits_itself():
    entries = chain(3)
    assert those_of(taken(*entries)[:2]) == entries[:2]


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_whatever_else_is_deleted_is_missed(gone):
    one, two, three = chain(3)
    late = chain(1, by="Eva", behind=(one, two))[2]
    found = taken(one, two, three, late)  # without the third, the late one would seem to be the third
    del found[gone]
    told = f"history of hotel: hotel/registry/history-hotel:v{gone} is missing: it was deleted"
    assert faults(found) == (told,)


def test_an_entry_whose_predecessors_never_were_there_is_told():
    _, two, three = chain(3)
    assert faults(taken(two, three)) == (
        "history of hotel: hotel/registry/history-hotel:v0 follows an entry that is not there",
        "history of hotel: hotel/registry/history-hotel:v1 follows an entry that is not there",
    )


def swapped(found: list[Taken]) -> None:
    first, second = found[:2]
    found[:2] = [replace(first, entry=second.entry), replace(second, entry=first.entry)]


def moved(found: list[Taken]) -> None:
    """Both versions whole in each other's place, as no server would have them."""
    first, second = found[:2]
    found[:2] = [replace(second, index=0), replace(first, index=1)]


def edit(place: int, entry: str | None) -> Callable[[list[Taken]], None]:
    def act(found: list[Taken]) -> None:
        found[place] = replace(found[place], entry=entry)

    return act


def reworded(found: list[Taken]) -> None:
    content = found[-1].entry
    assert content is not None
    found[-1] = replace(found[-1], entry=content.replace("first one", "another one"))


def rewritten(found: list[Taken]) -> None:
    """The last entry made anew, with a hash that fits: in its metadata alone."""
    one, two, _ = chain(3)
    new = chain(1, by="Eva", behind=(one, two))[2]
    found[-1] = replace(found[-1], entry=new.content.decode())


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (swapped, "v0 was edited: its metadata do not fit its file"),
        (moved, "v1 follows an entry that is not there"),
        (reworded, "v2 was edited: its hash does not fit what it says"),
        (rewritten, "v2 was edited: its metadata do not fit its file"),
        (edit(1, None), "v1 is no entry, or its metadata were edited"),
        (edit(1, ""), "v1 is damaged: it is no entry of a history"),
        (edit(1, "\ud800"), "v1 is damaged: it is no entry of a history"),
        (edit(0, '{"schema": 9}'), "v0 has schema 9; this version reads 1"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_what_was_edited_is_told(damage, told):
    found = taken(*chain(3))
    damage(found)
    assert f"history of hotel: hotel/registry/history-hotel:{told}" in faults(found)


def test_a_history_of_another_problem_is_told():
    with pytest.raises(ContractBroken, match="was put here from elsewhere: it is entry 1 of hotel"):
        counting("resort", taken(*chain(1)))


def test_the_digest_is_that_of_the_sdk(tmp_path, monkeypatch):
    from vispera.wandb_session import session

    files = {"000001.json": b"{}\n", "model/model.json": b"", "version.json": b"\xff" * 9}
    with session(tmp_path, "offline") as wandb:
        made = wandb.Artifact("history-hotel", type="history")
        for name, content in files.items():
            with made.new_file(name, mode="wb") as file:
                file.write(content)
        assert made.digest == digest_of(files)
