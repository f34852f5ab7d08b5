from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from vispera import redact, run, workspace
from vispera.errors import ContractBroken, GateRefused
from vispera.record import LIMIT, read, read_all
from vispera.revision import Revision
from vispera.run import Pruned, start_run

HEADLINE = {"name": "log_loss", "window": "tuning", "value": 0.27, "low": 0.26, "high": 0.28}
HEADLINE["greater_is_better"] = False


def begin(experiments: Path, **given):
    values = {
        "name": "catboost",
        "command": ["model=catboost"],
        "config": {"seed": 1},
        "revision": Revision(),
    }
    return start_run(experiments, **{**values, **given})


def files_of(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_a_run_that_ends_well_is_finished_and_whole(tmp_path):
    patch = b"diff --git a/src/a.py b/src/a.py\n"
    revision = Revision("c" * 40, True, patch)
    config = {"seed": 7, "model": {"name": "catboost", "depth": [4, 6]}, "note": "día"}
    with begin(
        tmp_path, config=config, note="día", tags=["a"], sweep="s", trial=0, threads=2, revision=revision
    ) as live:
        with live.phase("fit"):
            assert read(live.folder).state == "running"
            assert read(live.folder).phase == "fit"
        live.put_json("metrics.json", {"auc": 0.7})
        live.put_json("curves/roc.json", [[0, 1]])
        live.put_frame("predictions.parquet", pd.DataFrame({"p": [0.5], "window": ["test"]}))
        live.set(comparison_key="k", headline=[HEADLINE], test_looks=1, problem="simulated", model="catboost")
        live.set(hashes={"data": "d" * 64})
        live.set(hashes={"model": "m" * 64})
    record = read(live.folder)
    assert record == read_all(tmp_path)[0]
    assert record.state == "finished"
    assert re.fullmatch(r"\d{8}-\d{6}-catboost-[0-9a-f]{6}", record.id)
    assert (record.note, record.tags, record.sweep, record.trial) == ("día", ["a"], "s", 0)
    assert record.headline == [HEADLINE]
    assert record.hashes == {"data": "d" * 64, "model": "m" * 64}
    assert record.code["commit"] == "c" * 40
    assert record.phase is None
    assert set(record.phases) == {"fit"}
    assert record.phases["fit"] <= float(record.seconds or 0)
    assert str(record.started) <= str(record.finished)
    assert files_of(live.folder) == {
        "DONE",
        "code.patch",
        "config.yaml",
        "curves/roc.json",
        "environment.json",
        "metrics.json",
        "predictions.parquet",
        "record.json",
    }
    assert (live.folder / "code.patch").read_bytes() == patch
    assert yaml.safe_load((live.folder / "config.yaml").read_text()) == config
    assert json.loads((live.folder / "environment.json").read_text())["threads"] == 2


@pytest.mark.parametrize(
    ("error", "state", "line"),
    [
        (ValueError("first line\nsecond"), "failed", "ValueError: first line second"),
        (ContractBroken("no column x", "no column y"), "failed", "no column x; no column y"),
        (GateRefused("leak 'country': AUC 0.81", "twins"), "refused", "leak 'country': AUC 0.81; twins"),
        (KeyboardInterrupt(), "failed", "interrupted"),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (Pruned("worse than the median"), "pruned", "worse than the median"),
    ],
)
def test_the_state_follows_from_what_was_raised(tmp_path, error, state, line):
    with pytest.raises(type(error)) as raised, begin(tmp_path) as live, live.phase("audit"):
        raise error
    assert raised.value is error
    record = read(live.folder)
    assert (record.state, record.error, record.phase) == (state, line, "audit")
    assert record.finished
    assert not (live.folder / "DONE").exists()
    assert not (live.folder / "heartbeat.json").exists()
    told = (live.folder / "error.txt").read_text() if state != "pruned" else ""
    assert ("Traceback" in told) == (state == "failed")
    if state == "refused":
        assert told == "leak 'country': AUC 0.81\ntwins\n"


def test_phases_of_one_name_add_up_and_may_hold_others(tmp_path, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(run.time, "monotonic", lambda: float(next(clock)))
    with begin(tmp_path) as live:
        with live.phase("fit"), live.phase("calibrate"):
            assert live.record.phase == "calibrate"
        with live.phase("fit"):
            assert live.record.phase == "fit"
    assert read(live.folder).phases == {"fit": 4.0, "calibrate": 1.0}


def test_a_record_never_takes_more_than_four_kilobytes(tmp_path):
    long = 'ñ\n"' * 3000
    headline = [{**HEADLINE, "window": f"tuning-{n}", "value": 0.12345678901234567} for n in range(40)]
    revision = Revision("c" * 64, True, b"", True, ("x",) * 9, reason=long)
    config = {f"password_{n}_{'x' * 50}": "s3cret!!" for n in range(50)}
    with (  # noqa: PT012  the run's own block
        pytest.raises(ValueError, match="ñ"),
        begin(
            tmp_path,
            name=long,
            note=long,
            tags=[f"tag {n} {long}" for n in range(50)],
            command=[f"key_{n}={long}" for n in range(50)],
            config=config,
            parent=long,
            sweep=long,
            trial=10**6,
            revision=revision,
        ) as live,
    ):
        for n in range(60):
            with live.phase(f"phase {n} {long[:30]}"):
                pass
        live.set(
            headline=headline,
            comparison_key="a" * 16,
            decision_key="b" * 16,
            test_looks=10**6,
            problem=long,
            model=long,
            hashes={f"hash {n}": "f" * 64 for n in range(50)},
            tracker={"name": long, "state": "failed", "where": long, "fault": long},
        )
        raise ValueError(long)
    content = (live.folder / "record.json").read_bytes()
    assert len(content) <= LIMIT
    record = read(live.folder)
    assert record.state == "failed"
    assert record.truncated == [
        "command",
        "redacted",
        "tracker",
        "note",
        "tags",
        "phases",
        "error",
        "hashes",
        "headline",
    ]
    assert str(record.note).endswith("…")
    assert record.headline == headline[: len(record.headline)]
    assert len(record.headline) >= 4
    whole = json.loads((live.folder / "long.json").read_text())
    assert whole["note"] == long
    assert whole["headline"] == headline
    assert len(whole["tags"]) == 50
    assert (live.folder / "error.txt").read_text().count("ñ") >= 3000


def test_a_usual_record_is_not_cut(tmp_path):
    windows = ("tuning", "test")
    names = ("log_loss", "pr_auc", "roc_auc", "brier", "ece", "precision_at_10")
    exact = {"value": 0.12345678901234567, "low": 0.12345678901234567, "high": 0.12345678901234567}
    headline = [{**HEADLINE, **exact, "name": n, "window": w} for w in windows for n in names]
    with begin(
        tmp_path, note="A usual note of a line or so, written in a hurry.", tags=["eve", "first"]
    ) as live:
        live.set(
            headline=headline,
            comparison_key="a" * 16,
            decision_key="b" * 16,
            test_looks=12,
            problem="simulated",
            model="catboost",
            hashes=dict.fromkeys(("data", "predictions", "model", "features"), "f" * 64),
            tracker={"name": "wandb", "state": "closed", "where": "wandb/offline-run-20261123_101530-abc"},
        )
        for name in ("data", "features", "tuning", "test", "evaluate", "final", "figures", "save"):
            with live.phase(name):
                pass
    assert read(live.folder).truncated == []


def test_only_fields_of_the_record_can_be_set_and_to_their_types(tmp_path):
    with begin(tmp_path) as live:
        with pytest.raises(TypeError, match="no such field of a record to set: comparisonkey, state"):
            live.set(comparisonkey="x", state="finished")
        with pytest.raises(TypeError, match="headline cannot be a dict"):
            live.set(headline={})
        for name in ("record.json", "DONE", "../x.json", "/x.json"):
            with pytest.raises(ValueError, match="is no name for a file of a run"):
                live.put_json(name, {})


def test_two_processes_in_one_second_do_not_collide(tmp_path):
    code = (
        "import sys, secrets, random; from pathlib import Path; from vispera import run\n"
        "from vispera.revision import Revision; from datetime import datetime, UTC\n"
        "run.now = lambda: datetime(2026, 11, 23, tzinfo=UTC)\n"
        "class Few:\n"
        "    token_hex = staticmethod(lambda size: f'{random.randrange(48):06x}')\n"
        "run.secrets = Few\n"
        "for n in range(20):\n"
        "    with run.start_run(Path(sys.argv[1]), name='x', command=[str(n)], config={}, "
        "revision=Revision()) as live: print(live.id)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    ids = [line for process in both for line in process.communicate(timeout=120)[0].split()]
    assert [process.returncode for process in both] == [0, 0]
    assert len(set(ids)) == 40
    records = read_all(tmp_path)
    assert [record.id for record in records] == sorted(ids)
    assert {record.state for record in records} == {"finished"}
    assert sorted(record.command[0] for record in records) == sorted([*map(str, range(20))] * 2)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


KILLED_AT_EACH_STEP = """
import os, signal, sys
from pathlib import Path
import pandas as pd
import vispera.run, vispera.files
from vispera.revision import Revision

def killed_at(point, experiments, error):
    calls = 0
    def dying(real):
        def call(*given, **named):
            nonlocal calls
            calls += 1
            if calls == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)
        return call
    os.fsync = dying(os.fsync)
    for name in ("mkdir", "rename", "replace", "write_bytes", "unlink"):
        setattr(Path, name, dying(getattr(Path, name)))
    given = {"name": "x", "command": [], "config": {"seed": 1}, "revision": Revision("c")}
    with vispera.run.start_run(experiments, **given) as run:
        with run.phase("fit"):
            run.put_json("metrics.json", {"auc": 0.7})
        run.put_frame("predictions.parquet", frame)
        run.set(comparison_key="k", test_looks=1)
        if error:
            raise ValueError("x")

frame = pd.DataFrame({"p": [0.5]})
frame.to_parquet(os.devnull)  # pyarrow starts its threads before the fork only where it must
error, point = sys.argv[2] == "error", 0
while True:
    point += 1
    experiments = Path(sys.argv[1]) / f"{point:03}"
    child = os.fork()
    if child == 0:
        try:
            killed_at(point, experiments, error)
        except ValueError:
            pass
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        print(point - 1, status)
        break
"""


@pytest.mark.parametrize("error", ["well", "error"])
def test_killed_at_any_step_it_reads_as_crashed_and_never_as_half_a_run(tmp_path, error):
    command = [sys.executable, "-c", KILLED_AT_EACH_STEP, str(tmp_path), error]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    steps, status = map(int, ended.stdout.split())
    assert status == 0
    assert steps > 40
    seen = []
    for point in range(1, steps + 1):
        records = read_all(tmp_path / f"{point:03}")
        assert len(records) <= 1
        for record in records:
            files = files_of(record.folder)
            assert {"record.json", "config.yaml", "environment.json"} <= files
            if "metrics.json" in files:
                assert json.loads((record.folder / "metrics.json").read_text()) == {"auc": 0.7}
            if "predictions.parquet" in files:
                assert pd.read_parquet(record.folder / "predictions.parquet")["p"].tolist() == [0.5]
            if record.state == "finished":
                assert {"DONE", "metrics.json", "predictions.parquet"} <= files
            seen.append(record.state)
    ends = {"well": "finished", "error": "failed"}[error]
    assert set(seen) == {"crashed", ends}
    assert seen == sorted(seen)  # crashed up to a step, and its true end from there on
    [last] = read_all(tmp_path / f"{steps + 1:03}")
    assert last.state == ends


def test_killed_in_the_middle_it_names_the_phase(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from vispera.run import start_run\n"
        "with start_run(Path(sys.argv[1]), name='x', command=[], config={}) as run, run.phase('fit'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)])
    assert ended.returncode == -9
    [record] = read_all(tmp_path)
    assert (record.state, record.phase) == ("crashed", "fit")


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Iterator[Path]:
    """A workspace in git whose code holds secrets."""
    redact.forget_learned()
    clone = tmp_path / "clone"
    for name in ("src", "conf", "notebooks"):
        (clone / name).mkdir(parents=True)
    (clone / "src" / "a.py").write_text("x = 1\n")
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run(["git", *identity, *words], cwd=clone, check=True, capture_output=True)
    monkeypatch.setattr(workspace, "source", lambda: clone)
    yield clone
    redact.forget_learned()


CANARIES = {
    name: f"canary-{name}-7"
    for name in (
        "environment",
        "config",
        "url",
        "override",
        "note",
        "tag",
        "error",
        "patch",
        "yaml",
        "frame",
        "log",
    )
}


def test_no_secret_is_in_any_byte_that_is_written(clone, tmp_path, monkeypatch):
    c = CANARIES
    monkeypatch.setenv("HOTEL_DB_PASSWORD", c["environment"])
    monkeypatch.setenv("OMP_NUM_THREADS", c["environment"])
    (clone / "src" / "a.py").write_text(f'password = "{c["patch"]}"\nx = "{c["environment"]}"\n')
    (clone / "conf" / "new.yaml").write_text(f"db:\n  password: {c['yaml']}\nnum_tokens: 512\n")
    config = {
        "db": {"password": c["config"], "url": f"postgres://ana:{c['url']}@db/hotel", "port": 5432},
        "num_tokens": 512,
        "list": [{"api_key": c["config"]}, c["environment"]],
        "note": f"see https://u:{c['note']}@h",
    }
    experiments = tmp_path / "experiments"
    frame = pd.DataFrame({"p": [0.5, 0.1], "text": [c["environment"], f"token={c['frame']}"]})
    frame["kind"] = pd.Categorical(["plain", c["config"]])
    frame.attrs = {"password": c["config"]}
    with (  # noqa: PT012  the run's own block
        pytest.raises(RuntimeError),
        start_run(
            experiments,
            name="canary",
            command=[f"++db.password={c['override']}", f"+note='https://u:{c['note']}@h'", "num_tokens=512"],
            config=config,
            note=f"see https://u:{c['note']}@h",
            tags=[f"token={c['tag']}", c["environment"]],
        ) as live,
    ):
        live.put_json("audit.json", {"evidence": [c["config"], f"secret: {c['log']}"], "auth": c["log"]})
        live.put_text("log.txt", f"connecting with {c['config']} and {c['override']}")
        live.put_frame("predictions.parquet", frame)
        live.set(tracker={"name": "x", "fault": f"401 for {c['url']}"}, hashes={"api_key": c["log"]})
        raise RuntimeError(f"password={c['error']} refused for {c['config']} and {c['environment']}")

    written = [p for p in experiments.rglob("*") if p.is_file()]
    assert {"record.json", "config.yaml", "error.txt", "code.patch", "predictions.parquet"} <= {
        p.name for p in written
    }
    for canary in c.values():
        for spelling in (canary.encode(), canary.encode("utf-16-le"), base64.b64encode(canary.encode())):
            assert [p.name for p in written if spelling in p.read_bytes()] == []
        assert canary not in pd.read_parquet(live.folder / "predictions.parquet").to_csv()

    record = read(live.folder)
    assert record.code["patch_redacted"] is True
    assert set(record.redacted) == {"db.password", "db.url", "list", "list.api_key", "note", "tags"}
    kept = yaml.safe_load((live.folder / "config.yaml").read_text())
    assert kept["num_tokens"] == 512
    assert kept["db"] == {"password": "<redacted>", "url": "postgres://ana:<redacted>@db/hotel", "port": 5432}
    assert record.command[-1] == "num_tokens=512"
    assert record.note == "see https://u:<redacted>@h"
    assert pd.read_parquet(live.folder / "predictions.parquet")["p"].tolist() == [0.5, 0.1]


def test_the_code_and_the_machine_are_those_of_the_workspace(clone, tmp_path):
    (clone / "src" / "b.py").write_text("y = 2\n")
    with start_run(tmp_path / "experiments", name="x", command=[], config={}) as live:
        pass
    assert read(live.folder).code["dirty"] is True
    assert b"+y = 2" in (live.folder / "code.patch").read_bytes()


def test_a_folder_that_cannot_be_written_is_the_runs_failure_and_nobody_elses(tmp_path, caplog):
    with pytest.raises(ZeroDivisionError), begin(tmp_path) as live:  # noqa: PT012  half way
        for path in sorted(live.folder.iterdir()):
            path.unlink()
        live.folder.rmdir()
        _ = 1 / 0
    assert "could not record its end" in caplog.text
    assert list(tmp_path.iterdir()) == []
