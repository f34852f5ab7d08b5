"""The gate ``reproduces`` with real trainings in a clone: made now, found on file, different, impossible."""

from __future__ import annotations

import json
import shutil

import pytest

from repository import SMALL, Clone, cloned, repository
from vispera.commands import judging
from vispera.record import RunRecord
from vispera.registry.entry import Verdict
from vispera.registry.folder import FolderRegistry
from vispera.reproduction.kept import Kept

pytestmark = pytest.mark.slow  # each makes a run again

WORDS = ("by=Ana", "reason=first one", "resamples=50", "limits.ece=0.5", "limits.slice_gap=1")
WAIVED = "waive=[beats_rule,beats_prior]"
"""The rule is quick to make again, and beats nobody."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    place = tmp_path_factory.mktemp("promote-again")
    return cloned(repository(place / "origin"), place / "clone")


@pytest.fixture(scope="module")
def ran(clone) -> RunRecord:
    return clone.train("model=rule", *SMALL)


@pytest.fixture(autouse=True)
def anew(clone):
    """Nothing was made again or promoted yet."""
    for name in ("reproduced", "registry"):
        shutil.rmtree(clone.root / name, ignore_errors=True)


def verdict(clone: Clone) -> Verdict:
    """What the gate said at the last promotion."""
    entry = FolderRegistry(place=clone.root / "registry").history("simulated")[-1]
    return next(one for one in entry.gates if one.name == "reproduces")


def test_it_is_made_again_once_and_found_on_file_then(clone, ran):
    first = clone.call("promote", f"run={ran.id}", *WORDS, WAIVED)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"{ran.id} is made again, as it is asked" in first.stderr
    made = f"reproduced/{ran.id}-1"
    assert verdict(clone).evidence == f"identical, made again just now: {made}"
    assert json.loads((clone.root / made / "reproduction.json").read_text())["verdict"] == "identical"
    second = clone.call("promote", f"run={ran.id}", *WORDS, WAIVED, "to=shadow")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "made again" not in second.stderr
    assert verdict(clone).evidence == f"identical, on file: {made}"


def test_a_verdict_of_reproduce_serves_unless_its_hashes_are_not_the_runs(clone, ran):
    told = clone.reproduce(ran, code=0)
    folder = clone.root / told["folder"]
    record = folder / "1-again" / "experiments" / told["attempts"][0]["run"] / "record.json"
    whole = record.read_text()
    done = clone.call("promote", f"run={ran.id}", *WORDS, WAIVED)
    assert "made again" not in done.stderr
    assert verdict(clone).evidence == f"identical, on file: reproduced/{folder.name}"
    record.write_text(whole.replace(ran.hashes["predictions"], "0" * 64))
    waived = "waive=[beats_rule,beats_prior,reproduces]"
    done = clone.call("promote", f"run={ran.id}", *WORDS, waived, "to=challenger")
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdict(clone).evidence == "no verdict is on file, and as this gate is waived none was made"


def test_a_run_that_comes_out_otherwise_is_refused_and_that_stays_on_file(clone, ran):
    config = ran.folder / "config.yaml"
    whole = config.read_text()
    config.write_text(whole.replace("smoothing: 50", "smoothing: 500"))
    try:
        first, second = (clone.call("promote", f"run={ran.id}", *WORDS, WAIVED) for _ in range(2))
    finally:
        config.write_text(whole)
    for done, when in ((first, "made again just now"), (second, "on file")):
        assert done.returncode == 3, done.stdout + done.stderr
        assert "1 gate refuses: reproduces" in done.stderr
        told = " ".join(done.stdout.split())
        assert f"REFUSED reproduces different, {when}: reproduced/{ran.id}-1; predictions differs:" in told
    assert "made again, as it is asked" not in second.stderr


@pytest.mark.parametrize(
    ("kept", "tolerance", "counts"),
    [
        ({"verdict": "identical"}, 0.0, True),
        ({"verdict": "identical"}, 1e-9, True),
        ({"verdict": "identical", "code": "current"}, 0.0, False),
        ({"verdict": "cannot be run"}, 0.0, False),
        ({"verdict": "different"}, 0.0, True),
        ({"verdict": "different"}, 1e-9, False),
        ({"verdict": "different", "tolerance": 1e-6}, 1e-9, True),
        ({"verdict": "within the tolerance", "tolerance": 1e-9}, 1e-9, True),
        ({"verdict": "within the tolerance", "tolerance": 1e-6}, 1e-9, False),
    ],
)
def test_a_verdict_on_file_counts_if_it_answers_what_is_asked(tmp_path, kept, tolerance, counts):
    """Of the recorded code, and as strict as wanted; a difference counts if it was looked at as mildly."""
    one = Kept(**{"run": "x", "folder": tmp_path, "code": "recorded", "tolerance": 0.0, **kept})
    assert judging._counts(one, tolerance) is counts


def test_code_that_nobody_can_have_any_more_is_a_refusal_and_not_a_failure(clone, ran):
    file = ran.folder / "record.json"
    whole = file.read_text()
    file.write_text(whole.replace(ran.code["commit"], "0" * 40))
    done = clone.call("promote", f"run={ran.id}", *WORDS, WAIVED)
    file.write_text(whole)
    assert done.returncode == 3, done.stderr
    assert "REFUSED  reproduces   cannot be run, made again just now" in done.stdout
    assert f"commit {'0' * 12} is not" in " ".join(done.stdout.split())
    assert "1 gate refuses: reproduces" in done.stderr
