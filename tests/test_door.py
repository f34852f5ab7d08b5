"""The door: what it refuses and how it says so, what it lets in, and that it stays light."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vispera import workspace
from vispera.__main__ import main
from vispera.commands import runs
from vispera.door.application import composed
from vispera.door.verb import VERBS
from vispera.errors import ContractBroken

ROOT = workspace.source()
HEAVY = ("catboost", "sklearn", "pandas", "wandb", "matplotlib", "scipy", "pyarrow")
CANARY = "s3cr3t-c4n4ry-9f8e7d"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Calls are made from another folder, over a workspace of their own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("VISPERA_HOME", str(home))
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield home
    logging.getLogger().handlers.clear()  # they write to a stream that ends with the test


@pytest.fixture
def call(capfd):
    """Calls the door; gives exit code, lines on stdout and lines on stderr."""

    def call(*words: str) -> tuple[int, list[str], list[str]]:
        code = main(words)
        out, err = capfd.readouterr()
        return code, out.splitlines(), err.splitlines()

    return call


def process(*command: str) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own."""
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
    )


# Refusals: exit 2, one line for each fault, the nearest right name


REFUSED = {
    "tran": ["tran: there is no such verb; closest: 'train'"],
    "-m runs": ["-m: there is no such verb"],
    "runs limt=5": ["limt=5: there is no 'limt'; closest: 'limit'; type limit=5"],
    "runs limit=abc": ["limit=abc: wanted a whole number, such as limit=1"],
    "runs limit=1.5": ["limit=1.5: wanted a whole number"],
    "runs limit=0": ["limit=0: wanted 1 or more"],
    "runs +lmit=5": ["lmit: there is no such setting; closest: 'limit'"],
    "runs ~limt": ["~limt: there is no 'limt'; closest: 'limit'; type ~limit"],
    "runs limit=[1": ["limit=[1: cannot be read as key=value"],
    "runs limit": ["limit: cannot be read as key=value; if it is a key, type limit=VALUE"],
    "runs limit=1,2": ["Ambiguous value for argument 'limit=1,2'"],
    "runs limit=???": ["limit has no value; type limit=VALUE"],
    "runs limit=${nothing}": ["limit: Interpolation key 'nothing' not found"],
    "runs limit=${hydra:job.name}": ["limit=runs: wanted a whole number"],
    "runs --mutlirun": ["--mutlirun: no such flag; closest: '--multirun'"],
    "runs --cfg jbo": ["argument --cfg/-c: invalid choice: 'jbo'"],
    "runs --cfg job -m": ["--multirun and --cfg exclude each other"],
    "runs --experimental-rerun x.pickle": ["nothing is unpickled here"],
    "runs --config-dir nowhere": ["--config-dir nowhere: there is no such folder"],
    "runs --config-name nothing": ["Cannot find primary config 'nothing'"],
    "data problem=hotl": ["there is no problem 'hotl'; closest: 'hotel'; type problem=hotel"],
    "data problem.settings.rowz=1": ["closest: 'problem.settings.rows'; type problem.settings.rows=1"],
    "data rows=1": ["rows=1: there is no 'rows'; closest: 'problem.settings.rows'"],
    "data problem@x=hotel": ["problem@x=hotel"],
    "data sed=3 problem=hotl limit=1": ["sed=3: ", "problem=hotl: ", "limit=1: "],
    "data problem=hotl seed=abc": ["problem=hotl: ", "seed=abc: wanted a whole number"],
    "train modle=catboost": ["there is no 'modle'; closest: 'model'; type model=catboost"],
    "train baseline=ruel": ["there is no model 'ruel'; closest: 'rule'; type baseline=rule"],
    "train +experiment=refrence": ["closest: 'reference'; type experiment=reference"],
    "train iterations=5": ["iterations=5: there is no 'iterations'; closest: 'model.estimator.iterations'"],
    "train depth=5": ["type model.estimator.depth=5"],
    "train lows=5": ["lows=5: there is no 'lows'; allowed: "],
    "train model.space.estimator.depht.low=5": ["closest: 'model.space.estimator.depth.low'"],
    "train model.spcae.estimator.depth=[4,6]": ["closest: 'model.space.estimator.depth'"],
}


@pytest.mark.parametrize(("line", "faults"), REFUSED.items())
def test_refuses_in_one_line_for_each_fault(call, line, faults):
    code, out, err = call(*line.split())
    assert (code, out) == (2, [])
    assert len(err) == len(faults)
    for fault in faults:
        assert any(line.startswith("error: ") and fault in line for line in err), err


def test_many_faults_are_told_at_once(call):
    words = ["modle=catboost", "model=catbost", "problem.split.nihgts=3", "seed=abc", "threads=x"]
    code, _, err = call("train", *words)
    assert code == 2
    assert sorted(line.split("=")[0] for line in err) == sorted(
        f"error: {word.split('=')[0]}" for word in words
    )


def test_a_misspelt_option_of_a_sweep_is_refused_before_the_first_job(call):
    assert call("data", "-m", "problem=simulated,hotl") == (
        2,
        [],
        ["error: problem=hotl: there is no problem 'hotl'; closest: 'hotel'; type problem=hotel"],
    )
    code, out, err = call("runs", "-m", "limit=1,abc")
    assert (code, out, err[-1]) == (2, [], "error: limit=abc: wanted a whole number, such as limit=1")


# Targets


SYSTEM = "os.system"


def refuses_target(call, monkeypatch, *words: str) -> None:
    monkeypatch.setattr(os, "system", lambda *_: pytest.fail("os.system was called"))
    code, out, err = call(*words)
    assert (code, out) == (2, []), err
    assert all(line.startswith("error: ") for line in err), err
    assert any("_target_" in line or "hydra." in line for line in err), err


@pytest.mark.parametrize(
    "word",
    [
        f"++model._target_={SYSTEM}",
        f"++model.estimator._target_={SYSTEM}",
        "++model.estimator._target_=vispera.workspace.os.system",
        "++model.estimator._target_=vispera.environment.subprocess.Popen",
        "++model.estimator._target_=vispera.files.write_text",
        "++model.estimator._target_=sklearn.os.system",
        "++model.estimator._target_=sklearn.nothing.Here",
        "++model.estimator._target_=hydra.utils.call",
        "++model.estimator._target_=visperax.evil",
        '++model.estimator={_target_:"${note}"}',
    ],
)
def test_targets_outside_the_allowed_packages_are_refused(call, monkeypatch, word):
    refuses_target(call, monkeypatch, "train", word, "note=os.system")


@pytest.mark.parametrize(
    "words",
    [
        [f"++x._target_={SYSTEM}"],
        [f"++x=[{{_target_:{SYSTEM}}}]"],
        [f"++x=[a,[{{deep:{{_target_:{SYSTEM}}}}}]]"],
        [f"++hydra.launcher._target_={SYSTEM}"],
        [f"++hydra.sweeper._target_={SYSTEM}"],
        [f"++hydra.callbacks.x._target_={SYSTEM}"],
        [f"++hydra.callbacks={{x:{{_target_:{SYSTEM}}}}}"],
        ["++hydra.callbacks.x._target_=hydra.utils.call"],
        ["++hydra.callbacks.x._target_=hydra.experimental.callback.logging.os.system"],
        ["++hydra.callbacks.x._target_=hydra._internal.utils.run_and_report"],
        ["++hydra.callbacks='${oc.decode:\"{x:{_target_:builtins.print}}\"}'"],
        ["++hydra.callbacks='${oc.create:\"{x:3}\"}'"],
        ["++hydra.callbacks.x='${x}'", f"++x._target_={SYSTEM}"],
        ["++hydra.job_logging.handlers.console.class=subprocess.Popen"],
        ["++hydra.job_logging.handlers.console.class=vispera.environment.subprocess.Popen"],
        [f"++hydra.job_logging.formatters.simple={{():{SYSTEM}}}"],
        [f"++hydra.hydra_logging.formatters.simple={{():{SYSTEM}}}"],
        ["++hydra.job_logging.handlers.console.stream=ext://os.environ"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("many", [False, True], ids=["once", "many"])
def test_targets_are_looked_for_everywhere(call, monkeypatch, words, many):
    refuses_target(call, monkeypatch, "runs", *(["-m"] if many else []), *words)


def test_targets_in_a_config_folder_of_ones_own_are_refused(call, tmp_path):
    folder = tmp_path / "own" / "problem"
    folder.mkdir(parents=True)
    (folder / "evil.yaml").write_text("_target_: builtins.print\nname: evil\n")
    code, out, err = call("data", "--config-dir", str(folder.parent), "problem=evil")
    assert (code, out) == (2, [])
    assert "problem._target_=builtins.print: this class may not be built" in err[0]


def test_a_config_folder_of_ones_own_is_used(call, tmp_path):
    folder = tmp_path / "own" / "problem"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("defaults: [simulated]\nname: mine\n")
    code, out, _ = call(
        "data", "--config-dir", str(folder.parent), "problem=mine", "--cfg", "job", "-p", "problem.name"
    )
    assert (code, out) == (0, ["mine"])


def test_a_broken_yaml_is_one_line(call, tmp_path):
    folder = tmp_path / "own" / "problem"
    folder.mkdir(parents=True)
    (folder / "broken.yaml").write_text("a: [1\nb: {\n")
    code, out, err = call("data", "--config-dir", str(folder.parent), "problem=broken")
    assert (code, out, len(err)) == (2, [], 1)


# Exit codes


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (ContractBroken("column 'x' is missing", "column 'y' is missing"), 5, 2),
        (KeyboardInterrupt(), 130, 1),
        (SystemExit(3), 3, 0),
    ],
)
def test_exit_codes(call, monkeypatch, raised, code, told):
    monkeypatch.setattr(runs, "run", raiser(raised))
    found, _, err = call("runs")
    assert found == code
    assert len(err) == told
    assert all(line.startswith("error: ") for line in err)


def test_a_bug_shows_in_full_without_secrets(call, monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", CANARY)
    monkeypatch.setattr(runs, "run", raiser(RuntimeError(f"cannot reach postgres://ana:{CANARY}@db/x")))
    code, _, err = call("runs")
    assert code == 1
    assert err[0] == "Traceback (most recent call last):"
    assert err[-1].startswith("RuntimeError: cannot reach postgres://ana:")
    assert CANARY not in "\n".join(err)


def test_a_secret_that_was_typed_is_in_no_message(call):
    typed = [f"++password={CANARY}", f"limit=x{CANARY}", "limt=3"]
    code, out, err = call("runs", *typed)
    assert (code, out, len(err)) == (2, [], 3)
    assert CANARY not in "\n".join(err)


def test_a_secret_reaches_no_byte_that_a_run_writes_or_prints(call, elsewhere, monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", CANARY)
    small = ["model=prior", "baseline=prior", "problem.settings.rows=4000", "evaluation.resamples=20"]
    code, out, err = call(
        "train", *small, "note=${oc.env:SERVICE_TOKEN}", f'tags=["https://ana:{CANARY}-2@host/x",num_tokens]'
    )
    assert code == 0, err
    files = [path for path in elsewhere.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert CANARY not in "\n".join([*out, *err])
    assert any("num_tokens" in path.read_text() for path in files if path.name == "record.json")


def raiser(error: BaseException):
    def raise_it(*_):
        raise error

    return raise_it


def test_a_closed_pipe_is_no_failure():
    shell = f"'{sys.executable}' -m vispera --help | true; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert told.stdout == "0\n"
    assert told.stderr == ""


# Sweeps


def test_a_failing_job_does_not_stop_the_others(call, elsewhere, monkeypatch):
    codes = iter([0, 5, 0])
    seen = []

    def run(arguments, invocation):
        seen.append((arguments.limit, invocation.job, invocation.overrides, invocation.command))
        if next(codes):
            raise ContractBroken("the second one fails")
        return 0

    monkeypatch.setattr(runs, "run", run)
    code, _, err = call("runs", "-m", "limit=1,2,3")
    assert code == 5
    assert seen == [(n, n - 1, (f"limit={n}",), f"vispera runs limit={n}") for n in (1, 2, 3)]
    assert "error: the second one fails" in err
    assert err[-2:] == ["3 jobs: 2 done, 1 not", "  #1 limit=2: exit 5"]


def test_hydra_writes_nothing_where_it_is_called(call, elsewhere):
    assert call("runs")[0] == 0
    assert call("runs", "-m", "limit=1,2")[0] == 0
    assert list(Path.cwd().iterdir()) == []
    assert [path.name for path in elsewhere.rglob("*")] == ["multirun", "multirun.yaml"]


def test_a_sweep_keeps_secrets_to_itself(call, elsewhere, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", f"{CANARY}-2")
    words = [
        f"++password={CANARY}",
        f"++url=http://ana:{CANARY}@host",
        "++taken=${oc.env:SOME_API_KEY}",
        "++num_tokens=77",
    ]
    _, out, err = call("runs", "-m", "limit=1,2", *words)
    written = (elsewhere / "multirun" / "multirun.yaml").read_text()
    assert CANARY not in "\n".join([written, *out, *err])
    assert "num_tokens: 77" in written


def test_an_experiment_may_ask_for_many(call, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "run", lambda arguments, _: print(arguments.limit) or 0)
    assert call("runs", "hydra.mode=MULTIRUN", "limit=1,2")[:2] == (0, ["1", "2"])


# What is let in


def test_train_py_and_the_console_script_are_one_door():
    shown = process(str(ROOT / "train.py"), "--cfg", "job", "seed=7")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("seed: 7\n")
    assert process("-m", "vispera", "train", "--cfg", "job", "seed=7").stdout == shown.stdout


def test_experiment_with_and_without_a_plus(call):
    plain, plus = (
        call("train", word, "--cfg", "job") for word in ("experiment=reference", "+experiment=reference")
    )
    assert plain == plus
    assert plain[0] == 0


def test_the_baseline_is_chosen_by_its_own_name(call):
    code, out, _ = call("train", "baseline=prior", "--cfg", "job", "-p", "baseline.name")
    assert (code, out) == (0, ["prior"])


def test_commands_are_handed_the_resolved_configuration(call, monkeypatch):
    def show(_, invocation) -> int:
        print(json.dumps([invocation.config, invocation.overrides]))
        return 0

    monkeypatch.setattr(runs, "run", show)
    monkeypatch.setenv("HOW_MANY", "7")
    word = "limit='${oc.decode:${oc.env:HOW_MANY}}'"
    code, out, err = call("runs", word)
    assert (code, err) == (0, [])
    config, typed = json.loads(out[0])
    assert (config["limit"], typed) == (7, [word])


# Reading


def test_overview_names_every_verb(call):
    for words in ([], ["--help"], ["-h"], ["help"]):
        code, out, _ = call(*words)
        assert code == 0
        assert all(any(line.startswith(f"  {verb} ") for line in out) for verb in VERBS)


def test_version(call):
    assert call("--version") == call("train", "--version") == (0, ["vispera 0.1.0"], [])


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_each_verb(call, verb):
    code, out, err = call(verb, "--help")
    assert (code, err) == (0, [])
    assert out[0].startswith(f"vispera {verb}")
    assert any(
        line.lstrip().startswith(("vispera", "python train.py")) for line in out[out.index("Examples:") :]
    )
    assert all(len(line) <= 110 for line in out)


def test_help_shows_groups_and_keys_with_what_is_chosen(call):
    _, out, _ = call("train", "--help", "model=logistic", "seed=9")
    assert any(line.startswith("  model ") and "[logistic]" in line and "catboost" in line for line in out)
    assert "  seed=9" in out
    assert "  model.name=logistic" in out
    assert [line for line in out if ".space" in line] == [
        f"  {node}.space=...  (--cfg job -p {node}.space shows it)" for node in ("model", "baseline")
    ]


@pytest.mark.parametrize(
    "flags",
    [["--cfg", "all"], ["--cfg", "hydra"], ["--cfg", "job", "--resolve"], ["--info"], ["--hydra-help"]],
)
def test_the_usual_flags_of_hydra(call, flags):
    code, out, err = call("train", *flags)
    assert (code, err) == (0, [])
    assert len(out) > 10


def test_shell_completion(call, monkeypatch):
    assert call("runs", "-sc", "install=bash")[0] == 0
    for typed, offered in {"vispera train model=cat": "model=catboost", "vispera train see": "seed="}.items():
        monkeypatch.setenv("COMP_LINE", typed)
        code, out, _ = call("-sc", "query=bash")
        assert (code, offered in " ".join(out).split()) == (0, True), out
    monkeypatch.setenv("COMP_LINE", "vispera tr")
    assert call("-sc", "query=bash")[1] == ["train"]
    monkeypatch.setenv("COMP_LINE", "python train.py model=log")
    assert "model=logistic" in call("train", "-sc", "query=bash")[1][0]


@pytest.mark.parametrize(
    "words",
    [
        ["runs"],
        ["--help"],
        ["train", "--help"],
        ["train", "--cfg", "job"],
        ["train", "modle=catboost", "seed=abc"],
        ["train", "model.estimator.iterations=many"],
        ["train", "++model._target_=os.system"],
        ["train", "model=extra_trees", "seed=abc", "model.estimator.estimator.n_estimatorz=3"],
        ["data", "problem=hotel", "seed=abc"],
    ],
    ids=" ".join,
)
def test_answers_without_the_heavy_packages(words):
    program = (
        f"import sys; from vispera.__main__ import main; main({words}); print(*sys.modules, file=sys.stderr)"
    )
    imported = process("-c", program).stderr.splitlines()[-1].split()
    assert not {*HEAVY} & {name.partition(".")[0] for name in imported}
    assert "vispera" in imported


def test_composed_is_what_the_command_line_gives():
    config = composed("train", ["baseline=prior", "+experiment=reference", "seed=3"])
    assert (config.baseline.name, config.seed) == ("prior", 3)


def test_the_baseline_of_a_comparison_is_a_run_and_that_of_a_training_a_model():
    from vispera.door.application import parse

    assert parse(["baseline=12e456"], "compare").overrides == ["baseline='12e456'"]
    assert parse(["baseline=prior"], "train").overrides == ["model@baseline=prior"]
