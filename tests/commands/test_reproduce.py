"""``vispera reproduce`` in real clones: what comes out identical, what differs and why, what cannot be."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from clinic import CLINIC, appointments
from repository import SMALL, Clone, causes, cloned, git, repository, whats
from vispera.record import RunRecord, read_all

GOLDEN = Path(__file__).parents[1] / "golden" / "record-v1"
RUN = ("model=rule", *SMALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("reproduce")


@pytest.fixture(scope="module")
def origin(place) -> Clone:
    """The repository that the others are cloned from."""
    return repository(place / "origin")


@pytest.fixture(scope="module")
def clone(origin, place) -> Clone:
    """A clean clone with runs of its own."""
    return cloned(origin, place / "clone")


@pytest.fixture(scope="module")
def ran(clone) -> RunRecord:
    """A finished run of the rule, from clean code."""
    return clone.train(*RUN)


@pytest.fixture(scope="module")
def dirty(origin, place) -> tuple[Clone, RunRecord]:
    """A clone with changed and with untracked source, and a run of it."""
    dirty = cloned(origin, place / "dirty")
    (dirty.root / "src" / "vispera" / "eve.py").write_text("TILT = 0.25\n")
    dirty.tilt(" + __import__('vispera.eve', fromlist=['TILT']).TILT")
    return dirty, dirty.train(*RUN)


def test_a_run_comes_out_identical(clone, ran):
    told = clone.reproduce(ran, code=0)
    assert (told["verdict"], told["causes"], told["notes"], told["tolerance"]) == ("identical", [], [], 0.0)
    [attempt] = told["attempts"]
    assert {part["name"]: part["same"] for part in attempt["parts"]} == {
        "predictions": True,
        "metrics": True,
        "model": True,
    }
    home = clone.root / told["folder"] / attempt["folder"]
    [made] = read_all(home / "experiments")
    assert made.hashes == ran.hashes
    assert made.code == ran.code
    assert made.test_looks == 1, "looks at the test window are counted among the runs, not here"


def test_the_page_says_what_was_compared_and_how_strictly(clone, ran):
    done = clone.call("reproduce", "run=last")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"run {ran.id}, made again from its record with the recorded code"
    assert lines[1] == "verdict    IDENTICAL (exit 0)"
    assert [line.split() for line in lines[2:5]] == [
        [part, "identical"] for part in ("predictions", "metrics", "model")
    ]
    assert lines[5] == "tolerance  0: no bit of a number may differ"
    assert lines[6].startswith("folder     ")
    assert "fit rule for tuning-1" in done.stderr


def test_a_dirty_tree_with_untracked_source_comes_out_in_a_fresh_clone(origin, place, dirty, ran):
    _, record = dirty
    assert record.code["dirty"]
    assert record.hashes["predictions"] != ran.hashes["predictions"]
    fresh = cloned(origin, place / "fresh")
    shutil.copytree(record.folder, fresh.experiments / record.id)
    told = fresh.reproduce(record, code=0)
    [made] = read_all(fresh.root / told["folder"] / "1-again" / "experiments")
    assert made.hashes == record.hashes
    patches = [run.folder / "code.patch" for run in (made, record)]
    assert patches[0].read_bytes() == patches[1].read_bytes(), "the worktree is the code that ran"
    assert git(fresh.root, "status", "--porcelain", "src", "conf") == ""


def test_other_code_is_the_cause_and_shown(dirty):
    clone, record = dirty
    source = clone.root / "src" / "vispera" / "eve.py"
    source.write_text("TILT = 0.5\n")
    told = clone.reproduce(record, "code=current", code=4)
    assert causes(told) == {"code": True}
    assert whats(told, "code")["patch"][0].startswith("src/vispera/eve.py +1 -0")
    assert [attempt["put_back"] for attempt in told["attempts"]] == [[], ["code"]]
    assert told["attempts"][1]["verdict"] == "identical"
    assert source.read_text() == "TILT = 0.5\n"


def test_nothing_is_put_back_where_that_is_not_wanted(dirty):
    clone, record = dirty
    (clone.root / "src" / "vispera" / "eve.py").write_text("TILT = 0.5\n")
    told = clone.reproduce(record, "code=current", "put_back=false", code=4)
    assert causes(told) == {"code": False}
    assert len(told["attempts"]) == 1


@pytest.mark.slow
def test_a_difference_within_the_tolerance_is_reproduced_and_says_so(dirty):
    clone, record = dirty
    (clone.root / "src" / "vispera" / "eve.py").write_text("TILT = 0.25 + 1e-12\n")
    assert clone.reproduce(record, "code=current", code=4)["verdict"] == "different"
    told = clone.reproduce(record, "code=current", "tolerance=1e-9", code=0)
    assert (told["verdict"], told["tolerance"]) == ("within the tolerance", 1e-9)
    parts = {part["name"]: part for part in told["attempts"][0]["parts"]}
    assert not parts["predictions"]["same"]
    assert 0 < parts["predictions"]["largest"] < 1e-9


@pytest.fixture
def clinic(clone, tmp_path) -> tuple[Path, tuple[str, ...]]:
    """A table of one's own, and the words that train on it."""
    (tmp_path / "mine" / "problem").mkdir(parents=True)
    (tmp_path / "mine" / "problem" / "clinic.yaml").write_text(CLINIC)
    table = tmp_path / "appointments.csv"
    appointments().to_csv(table, index=False)
    words = ("problem=clinic", "model=prior", "baseline=prior", *SMALL[1:])
    return table, ("--config-dir", str(tmp_path / "mine"), *words, f"data.path={table}")


def test_other_data_are_the_cause_and_shown_from_what_is_kept(clone, clinic):
    table, words = clinic
    record = clone.train(*words)
    assert clone.reproduce(record, code=0)["verdict"] == "identical"
    table.write_text(table.read_text().replace(",anulada\n", ",atendida\n", 40))
    told = clone.reproduce(record, code=4)
    assert causes(told) == {"data": True}
    assert whats(told, "data")["content_hash"][0] == record.hashes["data"]
    assert "cancelled" in whats(told, "data")
    assert "cannot be told" in told["notes"][0], "a folder of configuration of one's own is in no record"
    shutil.rmtree(clone.root / "data" / "clinic")
    told = clone.reproduce(record, code=4)
    assert causes(told) == {"data": False}
    assert "no longer kept in data/clinic" in told["causes"][0]["why"]


def test_data_that_lie_elsewhere_now_are_named(clone, clinic):
    table, words = clinic
    record = clone.train(*words)
    moved = table.rename(table.with_name("moved.csv"))
    told = clone.reproduce(record, code=1)
    assert told["verdict"] == "cannot be run"
    assert "which is not a file" in told["faults"][0]
    assert clone.reproduce(record, f"data.path={moved}", code=0)["verdict"] == "identical"


def test_another_configuration_is_the_cause_and_shown(clone, ran):
    edited = clone.copied(ran, "20260101-000000-rule-c0ffee")
    file = edited.folder / "config.yaml"
    text = file.read_text()
    assert text.count("smoothing: 50\n") == 2, "the model's and the baseline's"
    file.write_text(text.replace("smoothing: 50\n", "smoothing: 5\n", 1))
    told = clone.reproduce(edited, code=4)
    assert causes(told) == {"configuration": True}
    assert whats(told, "configuration") == {"model.estimator.smoothing": [50, 5]}


@pytest.mark.slow
def test_two_causes_are_shown_together_where_none_alone_restores(dirty):
    clone, record = dirty
    edited = clone.copied(record, "20260101-000000-rule-babe00")
    file = edited.folder / "config.yaml"
    file.write_text(file.read_text().replace("smoothing: 50\n", "smoothing: 5\n", 1))
    (clone.root / "src" / "vispera" / "eve.py").write_text("TILT = 0.5\n")
    told = clone.reproduce(edited, "code=current", code=4)
    assert causes(told) == {"code": True, "configuration": True}
    assert all("together" in cause["why"] for cause in told["causes"])
    assert [attempt["verdict"] for attempt in told["attempts"]] == ["different"] * 3 + ["identical"]


def package(place: Path, version: str, factor: float) -> Path:
    """A path entry with a real package of that version, as an installer leaves it."""
    about = place / version / f"steady-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: steady\nVersion: {version}\n")
    (place / version / "steady.py").write_text(f"FACTOR = {factor}\n")
    return place / version


@pytest.mark.slow
def test_other_packages_are_named_and_not_shown_as_they_cannot_be_put_back(origin, place, tmp_path):
    clone = cloned(origin, place / "packages")
    clone.tilt(" * __import__('steady').FACTOR")
    old, new = package(tmp_path, "1.0", 1.0), package(tmp_path, "2.0", 1.5)
    record = clone.train(*RUN, paths=(old,))
    assert clone.reproduce(record, code=0, paths=(old,))["verdict"] == "identical"
    told = clone.reproduce(record, code=4, paths=(new,))
    assert causes(told) == {"packages": False}
    assert whats(told, "packages") == {"steady": ["1.0", "2.0"]}
    assert "cannot be changed from here" in told["causes"][0]["why"]


@pytest.mark.slow
def test_another_number_of_threads_is_the_cause_and_shown(clone):
    """The saved boosting remembers its threads; its predictions are the same, and that is told too."""
    record = clone.train("model=gradient_boosting", "model.estimator.iterations=10", *SMALL)
    told = clone.reproduce(record, "threads=2", code=4)
    assert causes(told) == {"threads": True}
    assert whats(told, "threads") == {"threads": [1, 2]}
    parts = {part["name"]: part for part in told["attempts"][0]["parts"]}
    assert parts["predictions"]["same"]
    assert parts["model"]["told"] == "others: files.model.skops"
    assert told["attempts"][1]["verdict"] == "identical"


@pytest.mark.slow
def test_threads_that_change_no_byte_of_a_catboost_are_no_difference(clone):
    words = ("model=catboost", "model.estimator.iterations=20", "model.estimator.random_strength=3.0")
    assert clone.reproduce(clone.train(*words, *SMALL), "threads=2", code=0)["verdict"] == "identical"


def test_another_machine_is_named_where_the_record_says_so(clone, ran):
    """No other machine is at hand: the record of one is made by editing what it says and what it came to."""
    edited = clone.copied(ran, "20260101-000000-rule-facade")
    for name, old, new in (
        ("environment.json", json.dumps(machine(ran)["cpu"], ensure_ascii=False), '"Another 9000"'),
        ("metrics.json", '"rows": ', '"rows": 1'),
    ):
        text = (edited.folder / name).read_text()
        assert old in text
        (edited.folder / name).write_text(text.replace(old, new, 1))
    told = clone.reproduce(edited, code=4)
    assert causes(told) == {"machine": False}
    assert whats(told, "machine")["cpu"] == ["Another 9000", machine(ran)["cpu"]]


def machine(record: RunRecord) -> dict:
    return json.loads((record.folder / "environment.json").read_text())


@pytest.mark.slow
def test_a_run_that_does_not_repeat_is_told(origin, place):
    clone = cloned(origin, place / "random")
    clone.tilt(" + __import__('os').urandom(1)[0] / 1000")
    told = clone.reproduce(clone.train(*RUN), code=4)
    assert causes(told) == {}
    assert told["notes"][-1].endswith("it differs from itself: this run does not repeat")


@pytest.mark.slow
def test_predictions_that_were_changed_after_the_run_are_told(clone, ran):
    edited = clone.copied(ran, "20260101-000000-rule-deface")
    frame = edited.folder / "predictions.parquet"
    predictions = pd.read_parquet(frame)
    predictions.loc[3, "p"] += 0.125
    predictions.to_parquet(frame)
    told = clone.reproduce(edited, code=4)
    assert "predictions.parquet was changed after the run" in told["notes"][0]
    assert "made twice here, it is the same both times" in told["notes"][-1]
    part = told["attempts"][0]["parts"][0]
    assert (part["name"], part["largest"]) == ("predictions", 0.125)
    assert "1 of " in part["told"]


# What cannot be run


def cannot(clone: Clone, record: RunRecord, *words: str) -> str:
    told = clone.reproduce(record, *words, code=1)
    assert told["verdict"] == "cannot be run"
    [fault] = told["faults"]
    return fault


def edited(clone: Clone, record: RunRecord, name: str, **code) -> RunRecord:
    """A copy of a record that says something else of its code."""
    copy = clone.copied(record, f"20260101-000000-rule-{name}")
    file = copy.folder / "record.json"
    raw = json.loads(file.read_text())
    file.write_text(json.dumps({**raw, "code": {**raw["code"], **code}}))
    return copy


@pytest.mark.slow
def test_a_patch_without_its_secrets_is_not_reproducible(origin, place):
    clone = cloned(origin, place / "secret")
    canary = "".join(("correct", "horse", "9"))
    (clone.root / "conf" / "db.yaml").write_text(f"password: {canary}\n")
    record = clone.train(*RUN)
    assert record.code["patch_redacted"]
    fault = cannot(clone, record)
    assert fault.startswith("not reproducible: secrets were taken out of code.patch")
    assert "type code=current" in fault
    told = clone.reproduce(record, "code=current", code=0)
    assert told["verdict"] == "identical"


def test_an_absent_commit_says_what_to_type(clone, ran, origin, place):
    fault = cannot(clone, edited(clone, ran, "aaaaaa", commit="c" * 40))
    assert "commit cccccccccccc is not in this repository; type: git fetch origin ccc" in fault
    (origin.root / "later").write_text("one more commit\n")
    git(origin.root, "add", "later")
    git(origin.root, "commit", "-qm", "later")
    shallow = cloned(origin, place / "shallow", "--depth=1")
    shutil.copytree(ran.folder, shallow.experiments / ran.id)
    assert "not in this shallow clone; type: git fetch --unshallow" in cannot(shallow, ran)
    git(shallow.root, "fetch", "-q", "--unshallow")
    assert shallow.reproduce(ran, code=0)["verdict"] == "identical"


@pytest.mark.slow
def test_code_from_before_this_verb_cannot_be_run(origin, place, ran):
    old = cloned(origin, place / "old")
    git(old.root, "rm", "-q", "src/vispera/door/again.py")
    git(old.root, "commit", "-qm", "as before")
    record = edited_copy(old, ran, git(old.root, "rev-parse", "HEAD"))
    git(old.root, "reset", "-q", "--hard", "HEAD~1")
    assert "is older than `vispera reproduce`" in cannot(old, record)


def edited_copy(clone: Clone, record: RunRecord, commit: str) -> RunRecord:
    shutil.copytree(record.folder, clone.experiments / record.id)
    return edited(clone, clone.newest, "01d01d", commit=commit)


def test_a_patch_that_is_not_whole_or_not_there_cannot_be_run(clone, ran, dirty):
    large = edited(clone, ran, "bbbbbb", dirty=True, left_out=1, reason="files too large were left out")
    assert "does not hold all of the code: files too large were left out" in cannot(clone, large)
    unknown = edited(clone, ran, "cccccc", commit=None, reason="git is not installed")
    assert "the code is not known: git is not installed" in cannot(clone, unknown)
    gone = edited(clone, ran, "dddddd", dirty=True)
    assert "code.patch is not in" in cannot(clone, gone)


def test_a_record_of_a_later_schema_is_refused(clone, ran):
    later = clone.copied(ran, "20260101-000000-rule-ffffff")
    file = later.folder / "record.json"
    file.write_text(file.read_text().replace('"schema": 1', '"schema": 2'))
    for words in (("reproduce", f"run={later.id}"), ("diff", f"run={later.id}", f"with={ran.id}")):
        refused = clone.call(*words)
        assert refused.returncode == 2
        assert "was written with record schema 2; this version reads up to 1" in refused.stderr
    shutil.rmtree(later.folder)


def test_the_golden_record_of_version_1_is_read_for_ever(clone, ran):
    name = "20261123-101530-catboost-3f9a1c"
    shutil.copytree(GOLDEN / name, clone.experiments / name)
    golden = next(record for record in read_all(clone.experiments) if record.id == name)
    assert "commit cccccccccccc is not in this repository" in cannot(clone, golden)
    done = clone.call("diff", f"run={name}", f"with={ran.id}", "json=true")
    assert done.returncode == 0, done.stderr
    found = {(one["cause"], one["what"]): one["recorded"] for one in json.loads(done.stdout)["differences"]}
    assert found["data", "content_hash"] == "d" * 64
    assert found["code", "commit"] == "c" * 40
    assert found["code", "patch"] == "src/vispera/eve.py +1 -0"
    assert found["configuration", "model.name"] == "catboost"
    assert found["packages", "numpy"] == "2.4.0"
    assert found["threads", "threads"] == 4
    assert found["machine", "cpu"] == "A processor of 2026"
    shutil.rmtree(golden.folder)


# Runs that did not finish, and light ones


def test_a_refused_run_is_refused_again_for_the_same_findings(clone):
    record = clone.train("model=rule", "model.features.facts=[hotel,country]", *SMALL, code=3)
    told = clone.reproduce(record, code=0)
    assert [(part["name"], part["same"]) for part in told["attempts"][0]["parts"]] == [("findings", True)]
    assert told["notes"] == ["the run is refused; what it left, and is compared: findings"]


def test_a_run_that_left_nothing_cannot_be_compared(clone, ran, tmp_path):
    (tmp_path / "bookings.csv").write_text("hotel,lead_time\nx,1\n")
    failed = clone.train(
        "model=rule", "problem=hotel", f"data.path={tmp_path / 'bookings.csv'}", "tracker=none", code=5
    )
    fault = cannot(clone, failed)
    assert "failed in phase 'data'" in fault
    assert "it left neither predictions nor metrics" in fault
    crashed = clone.copied(ran, "20260101-000000-rule-dead00")
    (crashed.folder / "DONE").unlink()
    (crashed.folder / "metrics.json").unlink()
    shutil.rmtree(crashed.folder / "model")
    told = clone.reproduce(crashed, code=0)
    assert told["notes"] == ["the run is crashed; what it left, and is compared: predictions"]


@pytest.mark.slow
def test_a_trial_and_the_best_of_a_search_come_out_identical(clone):
    words = ("-m", "model=rule", "search.trials=3", "search.startup=2", "search.workers=1", *SMALL)
    done = clone.call("train", *words)
    assert done.returncode == 0, done.stderr
    runs = [record for record in read_all(clone.experiments) if record.sweep]
    trial = next(record for record in runs if record.trial == 1)
    told = clone.reproduce(trial, code=0)
    assert [part["name"] for part in told["attempts"][0]["parts"]] == ["windows"]
    assert "a light run" in told["notes"][0]
    best = next(record for record in runs if record.trial is None)
    assert clone.reproduce(best, code=0)["verdict"] == "identical"
    file = best.folder / "config.yaml"
    kept = file.read_text()
    file.write_text(kept.replace("resamples: 20\n", "resamples: 21\n"))
    told = clone.reproduce(best, code=4)
    assert causes(told) == {"configuration": True}, "a search's words give the configuration of its best"
    assert list(whats(told, "configuration")) == ["evaluation.resamples"]
    file.write_text(kept)


QUICK = {
    "catboost": "model.estimator.iterations=20",
    "gradient_boosting": "model.estimator.iterations=10",
    "extra_trees": "model.estimator.estimator.n_estimators=5",
}
SLOW = ("prior", "logistic", "catboost", "gradient_boosting", "extra_trees")
FAMILIES = sorted(path.stem for path in Path(__file__).parents[2].glob("conf/model/*.yaml"))


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "model", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in FAMILIES]
)
def test_every_model_comes_out_identical_on_the_same_machine(clone, model, threads):
    words = [word for word in SMALL if not word.startswith("threads")]
    quick = [QUICK[model]] if model in QUICK else []
    record = clone.train(f"model={model}", *quick, *words, f"threads={threads}")
    assert clone.reproduce(record, code=0)["verdict"] == "identical"


# Kills


@pytest.mark.parametrize("sent", [pytest.param(signal.SIGKILL, marks=pytest.mark.slow), signal.SIGINT])
def test_a_kill_in_the_middle_leaves_no_worktree_after_the_next_call(clone, ran, sent):
    command = [sys.executable, "-m", "vispera", "reproduce", f"run={ran.id}"]
    quiet, heard = subprocess.DEVNULL, subprocess.PIPE
    variables = clone.variables()
    with subprocess.Popen(
        command, stdout=quiet, stderr=heard, text=True, env=variables, cwd=clone.root, start_new_session=True
    ) as call:
        assert call.stderr is not None
        for line in call.stderr:
            if "read the table" in line:
                break
        trees = git(clone.root, "worktree", "list", "--porcelain").split("\n\n")
        assert len(trees) == 2
        call.send_signal(sent)
        call.stderr.read()  # until the run that it began has ended too
    tree = Path(trees[1].splitlines()[0].removeprefix("worktree "))
    assert tree.exists() == (sent is signal.SIGKILL)
    assert clone.reproduce(ran, code=0)["verdict"] == "identical"
    assert not tree.parent.exists()
    assert not list((clone.root / ".git").glob("worktrees/*"))


@pytest.mark.slow
def test_a_worktree_that_is_in_use_is_left_alone(clone, ran):
    """Two calls at once: the second takes nothing away from the first."""
    command = [sys.executable, "-m", "vispera", "reproduce", f"run={ran.id}"]
    quiet = subprocess.DEVNULL
    calls = [
        subprocess.Popen(command, stdout=quiet, stderr=quiet, env=clone.variables(), cwd=clone.root)
        for _ in range(2)
    ]
    assert [call.wait() for call in calls] == [0, 0]
    assert not list((clone.root / ".git").glob("worktrees/*"))
