"""``vispera runs`` over real run folders."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from typed import environment, workspace_in
from vispera.archive import NAME
from vispera.commands.runs import Arguments, run
from vispera.errors import GateRefused, UsageError
from vispera.heartbeat import FILE as HEARTBEAT
from vispera.invocation import Invocation
from vispera.listing import table
from vispera.record import RunRecord, next_test_look, read, read_all, read_archived
from vispera.run import Pruned, start_run

HEADLINE = [
    {"name": "log_loss", "window": "tuning", "value": 0.2731, "low": 0.2655, "high": 0.281},
    {"name": "roc_auc", "window": "test", "value": 0.7, "low": None, "high": None},
]


@pytest.fixture
def experiments(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VISPERA_HOME", str(tmp_path))
    return tmp_path / "experiments"


@pytest.fixture
def lines(capsys):
    """Calls the command; gives the lines that it prints."""

    def lines(**settings) -> list[str]:
        assert run(Arguments(**settings), Invocation("runs")) == 0
        return capsys.readouterr().out.splitlines()

    return lines


def finished(
    experiments: Path, note: str = "", name: str = "catboost", loss: float = 0.2731, **values
) -> str:
    with start_run(experiments, name=name, command=[], config={}, note=note, **values) as live:
        live.set(problem="simulated", model=name, headline=[{**HEADLINE[0], "value": loss}, HEADLINE[1]])
    return live.id


def vispera(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``vispera runs ...`` as it is typed, in a workspace of its own."""
    command = [sys.executable, "-m", "vispera", "runs", *words]
    return subprocess.run(
        command, env=environment(home), cwd="/", capture_output=True, text=True, check=False
    )


def test_no_runs_say_what_to_type(lines, experiments):
    assert lines() == [f"no runs yet in {experiments}; type: python train.py model=catboost"]


def test_a_finished_run_shows_what_it_reached(lines, experiments):
    name = finished(experiments, note="deeper\ntrees")
    title, line = lines()
    assert title.split()[:2] == ["run", "state"]
    assert line.startswith(f"{name}  finished  simulated  catboost  0.273 [0.266, 0.281]")
    assert line.endswith("deeper trees")
    assert "0.700" in line[title.index("test ROC AUC") :]
    assert "test P@K" not in title, "no run says anything of it"


def test_every_state_is_told(lines, experiments):
    with pytest.raises(GateRefused), start_run(experiments, name="a", command=[], config={}):
        raise GateRefused("leak: country alone decides")
    with pytest.raises(ZeroDivisionError), start_run(experiments, name="b", command=[], config={}):
        raise ZeroDivisionError("no bookings")
    finished(experiments, name="c")
    crashed = finished(experiments, name="d")
    for file in ("DONE", HEARTBEAT):
        (experiments / crashed / file).unlink(missing_ok=True)
    damaged = finished(experiments, name="e")
    (experiments / damaged / "record.json").write_text('{"schema": 1, ')
    with start_run(experiments, name="f", command=[], config={}):
        told = "\n".join(lines())
    with pytest.raises(Pruned), start_run(experiments, name="g", command=[], config={}):
        raise Pruned("worse than the median")
    told = told + "\n" + lines()[1]
    states = {line.split()[0].split("-")[2]: line.split()[1] for line in told.splitlines()[1:]}
    assert states == {
        "a": "refused", "b": "failed", "c": "finished", "d": "crashed", "e": "UNREADABLE", "f": "running",
        "g": "pruned",
    }  # fmt: skip
    assert "leak: country alone decides" in told
    assert "ZeroDivisionError: no bookings" in told
    assert told.count("damaged record.json") == 1


def test_the_newest_come_first_and_the_limit_tells_what_it_hides(lines, experiments):
    names = sorted(finished(experiments, name=f"n{number}") for number in range(4))
    shown = lines(limit=2)
    assert [line.split()[0] for line in shown[1:3]] == names[:1:-1]
    assert shown[3:] == ["2 older runs are not shown; type: vispera runs limit=null"]
    assert len(lines(limit=None)) == 5


def test_a_limit_below_one_is_refused():
    with pytest.raises(UsageError, match="wanted 1 or more"):
        Arguments(limit=0)


def test_a_narrow_terminal_cuts_the_end(experiments):
    name = finished(experiments, note="long " * 50)
    shown = table([read(experiments / name)], width=60)
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert shown.splitlines()[1].endswith("…")


def test_a_record_without_numbers_is_a_line_all_the_same(experiments):
    name = finished(experiments)
    file = experiments / name / "record.json"
    record = json.loads(file.read_text())
    record["headline"] = [{"name": "log_loss", "window": "tuning", "value": "none"}]
    file.write_text(json.dumps(record))
    assert table([read(experiments / name)]).splitlines()[1].split()[:3] == [name, "finished", "simulated"]


def test_conditions_and_order_narrow_what_is_shown(lines, experiments):
    far, near = finished(experiments, loss=0.31), finished(experiments, loss=0.25)
    finished(experiments, name="rule", loss=0.1)
    named = [line.split()[0] for line in lines(where="model=catboost", sort="log_loss")[1:]]
    assert named == [near, far]
    assert [line.split()[0] for line in lines(where="model=catboost", sort="-log_loss")[1:]] == [far, near]
    assert lines(where="model=prior") == ["none of the 3 runs is meant; type: vispera runs, which lists them"]
    assert lines(runs=(near[-6:],))[1].startswith(near)
    assert lines(sort="log_loss", limit=1)[2:] == ["2 more runs are not shown; type: vispera runs limit=null"]


def test_trials_are_one_line_a_search_until_they_are_asked_for(lines, experiments, capsys):
    trials = [finished(experiments, loss=0.3 - number / 100, sweep="s", trial=number) for number in range(3)]
    best = finished(experiments, loss=0.28, sweep="s")
    shown = lines()
    assert {line.split("  ")[0] for line in shown[1:3]} == {"search s", best}
    assert shown[3:] == ["the trials of a search are one line; type: vispera runs trials=true"]
    assert f"best trial 2, {trials[2]}; 3 finished" in "\n".join(shown)
    for settings in ({"trials": True}, {"where": "sweep=s"}, {"where": "trial>=0"}):
        assert {line.split()[0] for line in lines(**settings)[1:]} >= set(trials)
    assert [line.split()[0] for line in lines(runs=trials[0])[1:]] == [trials[0]]
    assert len(lines(where="sweep=s", trials=False)) == 4
    assert run(Arguments(json=True), Invocation("runs")) == 0
    told = capsys.readouterr()
    assert [record["id"] for record in json.loads(told.out)] == [best]
    assert told.err == "3 trials are left out; type: vispera runs trials=true\n"


def test_json_holds_the_records_as_they_are_now(experiments, capsys):
    finished(experiments, note="día", tags=["a"])
    gone = finished(experiments)
    (experiments / gone / "DONE").unlink()
    damaged = finished(experiments)
    (experiments / damaged / "record.json").write_text("[]")
    assert run(Arguments(json=True), Invocation("runs")) == 0
    array = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in array] == sorted(read.id for read in read_all(experiments))[::-1]
    assert {one["state"] for one in array} == {"finished", "crashed", "unreadable"}
    for one in array:
        folder = Path(one.pop("folder"))
        found = next(record for record in read_all(experiments) if record.id == one["id"])
        assert folder == found.folder
        assert RunRecord(folder=folder, **one) == found
    assert run(Arguments(json=True, limit=1), Invocation("runs", ("json=true", "limit=1"))) == 0
    told = capsys.readouterr()
    assert len(json.loads(told.out)) == 1
    assert told.err == "2 older runs are left out; type: vispera runs json=true limit=null\n"


def test_no_runs_are_an_empty_array(experiments, capsys):
    assert run(Arguments(json=True), Invocation("runs")) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_notes_and_tags_are_set_and_told(lines, experiments):
    one, other = finished(experiments, tags=["a", "b"]), finished(experiments, note="old")
    said = lines(runs=one[-6:], note="the one  for the report", add_tags=("c",), remove_tags=("a",))
    assert said == [
        f"{one}: note is now the one  for the report, tags is now b c",
        "1 run changed; a mirror that the tracker holds is not changed by it",
    ]
    assert (read(experiments / one).note, read(experiments / one).tags) == (
        "the one  for the report",
        ["b", "c"],
    )
    assert read(experiments / other).note == "old"
    assert lines(where="note!=''", note="", tags=("x", "x"))[-1].startswith("2 runs changed")
    assert [(record.note, record.tags) for record in read_all(experiments)] == [(None, ["x"])] * 2
    assert lines(where="note=none", note="y") == ["none of the 2 runs is meant; nothing was done"]


def test_archived_runs_are_listed_apart_and_come_back(lines, experiments):
    one, other = finished(experiments, note="keep"), finished(experiments)
    before = {path.name: path.read_bytes() for path in (experiments / one).iterdir() if path.is_file()}
    said = lines(archive=True, where="note=keep")
    assert said[0].startswith(f"archived {one}, ")
    assert said[0].endswith("kB freed")
    assert said[1].endswith("type: vispera runs archived=true")
    assert [line.split()[0] for line in lines()[1:]] == [other]
    assert lines(archived=True)[1].startswith(f"{one}  finished  simulated  catboost  0.273")
    assert lines(restore=True, runs=one[-6:]) == [f"restored {one}", f"1 run back in {experiments}"]
    assert {
        path.name: path.read_bytes() for path in (experiments / one).iterdir() if path.is_file()
    } == before
    assert lines(archived=True)[0].startswith("no archived runs in ")


def test_nothing_is_deleted_without_yes(experiments, capsys):
    parent = finished(experiments)
    child = finished(experiments, parent=parent)
    words = ("delete=true", f"runs={parent}")
    asked = Invocation("runs", words)
    with pytest.raises(UsageError) as refused:
        run(Arguments(delete=True, runs=parent), asked)
    assert refused.value.faults == (
        f"nothing was deleted yet; type: vispera runs delete=true runs={parent} yes=true",
    )
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"would delete {parent}, finished, ")
    assert told[1] == f"{parent} is the parent of {child}, which would stay"
    assert told[2].startswith("1 run would go, ")
    assert len(read_all(experiments)) == 2
    assert run(Arguments(delete=True, runs=parent, yes=True), asked) == 0
    assert [record.id for record in read_all(experiments)] == [child]
    assert "1 run deleted, " in capsys.readouterr().out


def test_what_runs_is_not_touched_and_nothing_else_is_done(experiments):
    done = finished(experiments)
    with start_run(experiments, name="catboost", command=[], config={}) as live:
        where = "name=catboost"
        deletes, archives = (
            Arguments(where=where, delete=True, yes=True),
            Arguments(where=where, archive=True),
        )
        for arguments in (deletes, archives, Arguments(where=where, note="x")):
            with pytest.raises(UsageError, match=f"{live.id} is running, so nothing was done"):
                run(arguments, Invocation("runs"))
        assert {record.id for record in read_all(experiments)} == {done, live.id}
        assert read_archived(experiments) == []


REFUSED = {
    "note=x": "note or tags: of which runs? type runs=[ID,ID]",
    "delete=true yes=true": "delete=true: of which runs?",
    "archive=true delete=true runs=a": "archive=true and delete=true exclude each other",
    "archived=true note=x runs=a": "changes no archived run; type restore=true runs=[ID] first",
    "yes=true": "yes=true goes with delete=true",
    "tags=[a] add_tags=[b] runs=x": "type one of them",
    "json=true delete=true runs=x": "json=true shows runs and delete=true changes them",
    "sort=los_loss": "sort: there is no field 'los_loss'; closest: 'log_loss'",
    "where=modle=x": "where: there is no field 'modle'; closest: 'model'",
    "where=": "nothing is no condition",
    "runs=zzz": "runs: there is no run 'zzz'",
    "runs=[zzz,yyy] delete=true yes=true": "runs: there is no run 'yyy'",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    home = workspace_in(tmp_path_factory.mktemp("home"))
    finished(home / "experiments", note="deeper trees, 'día'", loss=0.25)
    finished(home / "experiments", name="rule")
    return home


@pytest.mark.parametrize(("words", "said"), REFUSED.items())
def test_what_cannot_be_meant_is_refused_in_one_line(home, words, said):
    done = vispera(home, *words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert all(line.startswith("error: ") for line in done.stderr.splitlines())
    assert len(read_all(home / "experiments")) == 2


AS_TYPED = (
    "model=catboost and log_loss<0.3",
    "'model=catboost and log_loss<0.3'",
    '"model=catboost"',
    "log_loss <= 0.26",
    """note="deeper trees, 'día'\"""",
    "note~'TREES, '",
    "note~trees,",
    """model=catboost and note!='[{(,:'""",
)


@pytest.mark.parametrize("where", AS_TYPED)
def test_conditions_reach_the_command_as_they_are_typed(home, where):
    done = vispera(home, f"where={where}", "json=true")
    assert done.returncode == 0, done.stderr
    assert [one["model"] for one in json.loads(done.stdout)] == ["catboost"]


def test_six_digits_that_look_like_a_number_are_an_id(home):
    (folder,) = (record.folder for record in read_all(home / "experiments") if record.model == "rule")
    name = f"{folder.name[:-6]}12e456"
    renamed = folder.rename(folder.with_name(name))
    record = json.loads((renamed / "record.json").read_text())
    (renamed / "record.json").write_text(json.dumps({**record, "id": name}))
    for typed in ("12e456", "[12e456]", "'12e456'", f"[{name},12e456]"):
        done = vispera(home, f"runs={typed}", "json=true")
        assert [one["id"] for one in json.loads(done.stdout)] == [name], done.stderr


def test_what_is_told_to_type_does_it(home):
    run_id = finished(home / "experiments", note="one to go")
    with start_run(home / "experiments", name="x", command=[], config={}) as looked:
        looked.set(comparison_key="k", test_looks=7)
    asked = vispera(home, "delete=true", "where=note~'one to' and model=catboost")
    assert asked.returncode == 2
    assert run_id in asked.stdout
    (line,) = asked.stderr.splitlines()
    program, verb, *words = shlex.split(line.partition("type: ")[2])
    assert (program, verb) == ("vispera", "runs")
    done = vispera(home, *words)
    assert done.returncode == 0, done.stderr
    assert run_id not in {record.id for record in read_all(home / "experiments")}
    assert vispera(home, "delete=true", f"runs={looked.id}", "yes=true").returncode == 0
    assert next_test_look(home / "experiments", "k") == 8
    assert (home / "experiments" / NAME).is_dir()
