"""``vispera forget`` in a workspace that remembers a guest everywhere: out of all of it, and proven."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dying import DIED
from remembered import NIGHT, WORLD, Remembered, call, forgetting, remembered, scored_with
from typed import environment
from vispera.commands.forget import run
from vispera.errors import Declined, UsageError, VisperaError
from vispera.files import file_hash, read_json
from vispera.forgotten import read_forgotten
from vispera.handoff import read_current, read_rows
from vispera.registry.folder import FolderRegistry

pytestmark = pytest.mark.slow  # half a minute of training first; the room is tested in tests/forgetting

SCRIPT = Path(__file__).parents[1] / "forgetful.py"
HOLDING = {
    *("predictions.parquet", "scores.parquet", "lists.csv", "quarantine.csv", "replay.json"),
    *("list.csv", "list.jsonl"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Remembered:
    """The workspace as it was before anybody was forgotten; tests work on copies."""
    return remembered(tmp_path_factory.mktemp("forget") / "whole")


@pytest.fixture
def there(whole, tmp_path, monkeypatch) -> Remembered:
    """A copy of it, in which this process works."""
    home = tmp_path / "home"
    shutil.copytree(whole.home, home, symlinks=True)
    monkeypatch.setenv("VISPERA_HOME", str(home))
    return whole.moved(home)


def forget(there: Remembered, *words: str, guest: str | None = None) -> int:
    return run(*forgetting(guest or there.guest, *words))


def content(home: Path) -> dict[str, bytes]:
    """Every file of a workspace but its code, its source tables and what proves things."""
    skipped = ("conf", "src", "data", "extracts", "forgotten")
    found = (path for top in home.iterdir() if top.name not in skipped for path in [top, *top.rglob("*")])
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in found
        if path.is_file() and "/data/" not in str(path.relative_to(home))
    }


def bookings_of(there: Remembered) -> pd.DataFrame:
    [table] = there.home.glob("data/simulated/[!.]*/table.parquet")
    rows = pd.read_parquet(table)
    return rows.loc[rows["guest_id"].astype(str) == there.guest]


def test_every_row_goes_and_the_proof_says_where_they_were(there, capsys):
    assert forget(there) == 0
    lines = capsys.readouterr().out.splitlines()
    areas = ("runs", "archived runs", "runs made again", "versions", "published lists", "scores")
    for area in areas:
        [line] = [line for line in lines if line.endswith(f"  {area}")]
        files, found, left = line.split()[:3]
        assert int(files) > 0, line
        assert int(found) > 0, line
        assert left == "0", line
    [proof] = there.home.glob("forgotten/*.json")
    told = read_json(proof)
    assert (told["left"], told["open"], told["problem"]) == (0, [], "simulated")
    assert set(told["areas"]) == set(areas)
    for place in told["places"]:
        for name, digest in place["sha256"].items():
            path = there.home / place["place"] / name
            if path.is_file():
                assert file_hash(path) == digest, path


def test_no_list_and_no_prediction_knows_the_guest(there, whole):
    units = {row["unit"] for row in _lists(whole.home) if there.pseudonym in row["guest"].split()}
    assert units
    forget(there)
    left = list(_lists(there.home))
    assert left, "the others stay"
    assert not [row for row in left if row["unit"] in units or there.pseudonym in row["guest"].split()]
    for name, bytes_ in content(there.home).items():
        for trace in (there.guest, there.pseudonym, *units):
            assert trace.encode() not in bytes_, f"{trace} in {name}"
    before = {path: pd.read_parquet(path) for path in whole.home.glob("experiments/*/predictions.parquet")}
    for path, frame in before.items():
        after = pd.read_parquet(there.home / path.relative_to(whole.home))
        gone = frame.loc[~frame["row_key"].isin(after["row_key"])]
        assert 0 < len(gone) < 30
        assert set(gone["arrival"]) <= set(bookings_of(there)["arrival_date"])
        kept = frame.loc[frame["row_key"].isin(after["row_key"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, after)


def _lists(home: Path):
    for path in [*home.glob("experiments/*/lists.csv"), *home.glob("handoff/simulated/*/list.csv")]:
        yield from read_rows(path.read_bytes())[1]


def test_only_what_holds_rows_is_changed(there, whole):
    forget(there)
    before, after = content(whole.home), content(there.home)
    changed = {Path(name).name for name in before.keys() & after if before[name] != after[name]}
    archived = {name for name in changed if name.endswith((".tar.gz", ".json")) and name[:2] == "20"}
    noted = {"record.json", "figures.json", "one_night.png", "CURRENT"}
    assert changed - archived <= HOLDING | noted
    assert {"predictions.parquet", "lists.csv", "replay.json", "one_night.png"} <= changed
    added = {Path(name).name for name in after.keys() - before}
    assert added <= {"forgotten.json", "list.csv", "list.jsonl", "manifest.json", "manifest.properties"}
    gone = set(before.keys() - after)
    assert all(name.startswith(("handoff/", "wandb/")) for name in gone), gone


def test_a_second_run_finds_nothing_and_changes_nothing(there, capsys):
    forget(there)
    before = content(there.home)
    capsys.readouterr()
    assert forget(there) == 0
    assert "nothing is held of this guest" in capsys.readouterr().out
    assert content(there.home) == before
    assert len([*there.home.glob("forgotten/*.json")]) == 2


def test_a_dry_run_shows_what_would_go_and_changes_nothing(there, capsys):
    before = content(there.home)
    assert forget(there, "dry_run=true") == 0
    told = capsys.readouterr().out
    assert "nothing was changed" in told
    assert content(there.home) == before
    assert not (there.home / "forgotten").exists()


def test_a_guest_whom_nobody_knows_is_looked_for_all_the_same(there, capsys):
    before = content(there.home)
    assert forget(there, guest="nobody-7") == 0
    assert "nothing is held of this guest" in capsys.readouterr().out
    assert content(there.home) == before
    [proof] = there.home.glob("forgotten/*.json")
    assert read_json(proof)["found"] == 0


def test_neither_id_nor_pseudonym_is_said_or_written(there):
    done = call(there.home, "forget", WORLD, f"guest={there.guest}")
    written = b"".join(path.read_bytes() for path in there.home.glob("forgotten/*"))
    notes = b"".join(path.read_bytes() for path in there.home.rglob("forgotten.json"))
    for trace in (there.guest, there.pseudonym):
        assert trace not in done.stdout + done.stderr
        assert trace.encode() not in written + notes


def test_records_know_the_new_hashes_and_notes_say_why(there, whole):
    forget(there)
    for name, record in there.runs.items():
        kinds = {"predictions": "predictions.parquet", "lists": "lists.csv"}
        for kind in kinds.keys() & record.hashes:
            assert record.hashes[kind] == file_hash(record.folder / kinds[kind]), name
        old = whole.runs[name]
        others = {key: value for key, value in old.hashes.items() if key not in kinds}
        assert {key: record.hashes[key] for key in others} == others
        entry = next(one for one in read_forgotten(record.folder) if one.file == "predictions.parquet")
        assert (entry.was, entry.now) == (old.hashes["predictions"], record.hashes["predictions"])
        assert entry.rows > 0


def test_an_archived_run_comes_back_without_the_guest(there, whole):
    [label] = there.home.glob("experiments/.archive/2*.json")
    run_id = label.stem
    forget(there)
    call(there.home, "runs", "restore=true", f"runs=[{run_id}]")
    record = there.runs["train-prior"]
    assert record.hashes["predictions"] == file_hash(record.folder / "predictions.parquet")
    [entry] = read_forgotten(record.folder)
    assert entry.rows > 0
    with tarfile.open(whole.home / "experiments" / ".archive" / f"{run_id}.tar.gz") as tar:
        names = {Path(member.name).name for member in tar if member.isfile()}
    assert {path.name for path in record.folder.rglob("*") if path.is_file()} == names | {"forgotten.json"}


def test_a_version_stays_valid_and_what_seals_it_stays(there, whole):
    registry = FolderRegistry(place=there.home / "registry")
    [entry] = registry.history("simulated")
    before = registry.fetch(entry)
    forget(there)
    after = registry.fetch(entry)
    assert registry.history("simulated") == [entry]
    assert {name for name in before.files if before.files[name] != after.files[name]} == {
        "predictions.parquet"
    }
    assert after.files.keys() == before.files.keys()
    record = there.runs["train-rule"]
    assert after.files["predictions.parquet"] == (record.folder / "predictions.parquet").read_bytes()


def test_the_reader_of_the_list_has_a_whole_one(there, whole):
    place = there.home / "handoff" / "simulated"
    before = read_current(whole.home / "handoff" / "simulated")
    forget(there)
    after = read_current(place)
    assert before
    assert after
    assert (after.night, after.number) == (NIGHT, before.number + 1)
    assert not (place / before.folder.name).exists()
    assert len(after.rows) < len(before.rows)
    assert after.about.control == sum(row["arm"] == "control" for row in after.rows)


def test_the_picture_of_the_night_is_drawn_anew_and_its_mirror_goes(there, whole):
    old = whole.runs["replay-rule"].folder / "figures" / "one_night.png"
    new = there.runs["replay-rule"].folder / "figures" / "one_night.png"
    mirrored = [path for path in there.home.glob("wandb/**/*.png") if path.read_bytes() == old.read_bytes()]
    assert mirrored
    forget(there)
    assert new.read_bytes() != old.read_bytes()
    assert not [path for path in mirrored if path.exists()]
    told = read_json(new.parents[1] / "replay.json")["one_night"]
    was = read_json(old.parents[1] / "replay.json")["one_night"]
    assert len(told["rows"]) < len(was["rows"])
    assert told["units"] == was["units"]


def test_made_again_a_record_is_identical_but_for_what_was_forgotten(there):
    forget(there)
    run_id = there.runs["train-rule"].id
    done = call(there.home, "reproduce", f"run={run_id}", "code=current")
    assert "verdict    IDENTICAL" in done.stdout
    assert "but for" in done.stdout
    assert "as a guest was to be forgotten" in done.stdout
    assert forget(there) == 0
    found = [read_json(path)["found"] for path in sorted(there.home.glob("forgotten/*.json"))]
    assert found[1] > 0, "the source still holds the guest, and a run that is made again does so too"


def test_compare_holds_no_row_and_runs_stay_comparable(there):
    pages = list(there.home.glob("reports/**/*.html"))
    assert pages
    units = [f"{unit:016x}" for unit in _predicted_units(there)]
    for page in pages:
        text = page.read_text()
        assert not [unit for unit in units if unit in text or str(int(unit, 16)) in text]
        assert there.pseudonym not in text
    forget(there)
    [label] = there.home.glob("experiments/.archive/2*.json")
    call(there.home, "runs", "restore=true", f"runs=[{label.stem}]")
    ids = ",".join(record.id for name, record in there.runs.items() if name.startswith("train"))
    done = call(there.home, "compare", f"runs=[{ids}]")
    assert "changed" not in done.stdout + done.stderr


def _predicted_units(there: Remembered) -> list[int]:
    frame = pd.read_parquet(there.runs["train-rule"].folder / "predictions.parquet")
    return frame["unit"].to_numpy(np.uint64).tolist()


def test_a_damaged_file_is_named_and_the_others_are_cleaned(there, capsys):
    path = there.runs["replay-rule"].folder / "predictions.parquet"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(VisperaError) as refusal:
        forget(there)
    assert refusal.value.exit_code == 1
    assert any("predictions.parquet cannot be read" in fault for fault in refusal.value.faults)
    told = capsys.readouterr().out
    assert "that are left: 0" in told
    [proof] = there.home.glob("forgotten/*.json")
    assert read_json(proof)["open"]


def test_a_damaged_list_a_damaged_tar_and_a_tampered_version_are_named(there):
    [listed] = there.home.glob("handoff/simulated/2*/list.csv")
    listed.write_bytes(listed.read_bytes() + b"\r\n")
    [tar] = there.home.glob("experiments/.archive/*.tar.gz")
    tar.write_bytes(tar.read_bytes()[:2000])
    [card] = there.home.glob("registry/simulated/versions/*/config.yaml")
    card.write_bytes(b"other: true\n")
    with pytest.raises(VisperaError) as refusal:
        forget(there)
    told = "\n".join(refusal.value.faults)
    assert "handoff/simulated" in told
    assert "cannot be unpacked" in told
    assert "config.yaml was changed after it was written" in told


def test_scores_of_bookings_that_nobody_knows_are_no_proof(there):
    shutil.rmtree(there.home / "extracts")
    path = next(there.home.glob("scores/simulated/*/scores.parquet"))
    frame = pd.read_parquet(path)
    frame.loc[0, "row_key"] = np.uint64(7)
    frame.to_parquet(path, index=False)
    with pytest.raises(
        VisperaError, match="no table and no extract here holds, so that nobody can tell whose they are: 1"
    ):
        forget(there)


def test_bookings_that_are_in_an_extract_alone_are_found_there(there):
    bookings = there.home / "extracts" / NIGHT / "bookings.csv"
    lines = bookings.read_text().replace(there.guest, "new-guest-1")
    bookings.write_text(lines, newline="")
    shutil.rmtree(there.home / "scores")
    shutil.rmtree(there.home / "handoff")
    words = (WORLD, f"night={NIGHT}", "in_sample=true", "model_days=null")
    limits = ("limits.newest_days=null", "limits.set_aside=0.9")
    call(there.home, "score", *words, *limits, *scored_with(there.home, there.runs["train-rule"]))
    assert forget(there, guest="new-guest-1") == 0
    [proof] = there.home.glob("forgotten/*.json")
    assert read_json(proof)["areas"]["scores"]["found"] >= 2
    record = there.runs["train-rule"]
    assert not read_forgotten(record.folder), "nobody of that name was in the table"


def test_what_a_killed_process_left_is_named(there):
    (there.home / "experiments" / ".20261101-101010-rule-abcdef.0a1b2c3d.tmp").mkdir()
    with pytest.raises(VisperaError, match="a killed process left it"):
        forget(there)


def test_a_problem_without_guests_declines(there):
    with pytest.raises(Declined, match="names no guests"):
        forget(there, "problem.decision.guest=null")


def test_it_is_not_swept_as_a_sweep_writes_down_what_was_typed(there):
    for words in (("-m",), ("hydra.mode=MULTIRUN",)):
        done = call(there.home, "forget", WORLD, f"guest={there.guest}", *words, code=2)
        assert "does one thing at a time" in done.stderr
        assert there.guest not in done.stderr
    assert not (there.home / "multirun").exists()


def test_other_problems_are_named_and_left_alone(there, capsys):
    record = there.runs["train-prior" if "train-prior" in there.runs else "train-rule"]
    file = record.folder / "record.json"
    file.write_text(file.read_text().replace('"problem": "simulated"', '"problem": "hotel"'))
    before = (record.folder / "predictions.parquet").read_bytes()
    assert forget(there) == 0
    assert "not looked at: problem hotel; type problem=NAME for each" in capsys.readouterr().out
    assert (record.folder / "predictions.parquet").read_bytes() == before


def test_without_a_guest_it_says_what_to_type(there):
    done = call(there.home, "forget", WORLD, code=2)
    assert "guest has no value; type guest=ID" in done.stderr
    with pytest.raises(UsageError, match="cannot know it"):
        forget(there, "problem.decision.guest=country")


@pytest.mark.parametrize("typed", ["007", "1e5", "1_000", "A b, c"])
def test_an_id_is_taken_as_it_is_typed(there, typed):
    assert forgetting(typed)[0].guest == typed


def test_killed_at_any_write_the_same_again_ends_it(whole, tmp_path, monkeypatch, capsys):
    ended, at = 0, 1
    expected = None
    while True:
        home = tmp_path / str(at)
        shutil.copytree(whole.home, home, symlinks=True, ignore=shutil.ignore_patterns("reports"))
        command = [sys.executable, str(SCRIPT), str(home), whole.guest, str(at)]
        done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False)
        assert done.returncode in (0, DIED), done.stderr
        monkeypatch.setenv("VISPERA_HOME", str(home))
        if done.returncode == DIED:
            ended += 1
            read_current(home / "handoff" / "simulated")
            registry = FolderRegistry(place=home / "registry")
            registry.fetch(registry.history("simulated")[0])
        moved = whole.moved(home)
        assert forget(moved) == 0
        for name, record in moved.runs.items():
            assert record.hashes["predictions"] == file_hash(record.folder / "predictions.parquet"), name
        made = {name: one for name, one in content(home).items() if _is_equal_everywhere(name)}
        expected = expected or made
        assert made == expected, f"killed at write {at}"
        shutil.rmtree(home)
        capsys.readouterr()
        if done.returncode == 0:
            break
        at += STEP
    assert ended > 5


STEP = 9
"""Every ninth write; all of them with ``STEP = 1``, which takes some minutes."""


def _is_equal_everywhere(name: str) -> bool:
    """A note and a tar hold the moment, and what leads to one holds that."""
    return not name.endswith(("forgotten.json", ".tar.gz", "latest-run")) and "wandb" not in name
