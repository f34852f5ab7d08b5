"""``vispera dashboard`` as it is typed, with W&B's own library, against a double that holds a real search."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from typed import workspace_in
from vispera.metric import METRICS
from wandb_double import ENTITY, KEY, Double, Run, serving

SEARCH = ("-m", "model=logistic", "search.trials=2", "search.workers=1", "search.startup=2")
SMALL = ("problem.settings.rows=6000", "evaluation.resamples=20", "threads=1", "tracker.mode=online")
TRIED = ["bins", "least_level", "strength"]
SECTIONS = [
    "Metrics",
    "Metrics by window",
    "Metrics of the test window",
    "Against the baseline",
    "Calibration and ROC",
    "Search",
    "Settings that differ",
    "Audit and data",
    "Figures",
]

pytestmark = (
    pytest.mark.slow
)  # their runs take half a minute; what the panels hold is tested in tests/dashboard


@dataclass(frozen=True)
class Place:
    """A workspace whose runs a double has received."""

    home: Path
    double: Double

    def type(self, *words: str, **environ: str) -> subprocess.CompletedProcess:
        """A command typed there, with a key and nobody to answer a question."""
        usual = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        own = {"HOME": str(self.home), "VISPERA_HOME": str(self.home), "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, "-m", "vispera", *words],
            env={**usual, **own, **self.double.variables, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            timeout=300,
        )

    def made(self, *words: str) -> str:
        """What ``vispera dashboard`` says when all is well."""
        done = self.type("dashboard", *words)
        assert done.returncode == 0, done.stderr
        assert done.stderr.strip() == ""
        return done.stdout

    @property
    def views(self) -> dict[str, dict[str, Any]]:
        return self.double.state.views

    def spec(self, name: str = "vispera: simulated") -> dict[str, Any]:
        """What the server received of the view that people see under a name."""
        (view,) = (view for view in self.views.values() if view["displayName"] == name)
        return json.loads(view["spec"])["section"]

    def panels(self, section: str) -> list[dict[str, Any]]:
        (found,) = (one for one in self.spec()["panelBankConfig"]["sections"] if one["name"] == section)
        return found["panels"]


@pytest.fixture(scope="module")
def searched_online(tmp_path_factory) -> Iterator[Place]:
    """A search and its best run, sent to the double while they were made."""
    with serving() as double:
        place = Place(workspace_in(tmp_path_factory.mktemp("dashboard") / "home"), double)
        done = place.type("train", *SEARCH, *SMALL)
        assert done.returncode == 0, done.stderr
        yield place


@pytest.fixture
def place(searched_online) -> Iterator[Place]:
    """The same without any view, and with its runs as they were."""
    state = searched_online.double.state
    runs = dict(state.runs)
    state.views.clear()
    yield searched_online
    state.runs.clear()
    state.runs.update(runs)


def of_kind(panels: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [panel["config"] for panel in panels if panel["viewType"] == kind]


def table_of(panel: dict[str, Any]) -> str:
    return panel["config"]["panel2Config"]["exp"]["fromOp"]["inputs"]["key"]["val"]


def test_the_view_compares_as_our_page_does(place):
    told = place.made().splitlines()
    (view,) = place.views.values()
    key = next(iter(place.double.state.runs.values())).summary["comparison_key"]
    assert told == [
        "vispera: simulated: a new view",
        f"  runs     3 with the comparison key {key}",
        f"  address  {place.double.url}/{ENTITY}/vispera?nw={view['name'][3:-2]}",
    ]
    assert (view["entityName"], view["projectName"], view["type"]) == (ENTITY, "vispera", "project-view")
    assert [one["name"] for one in place.spec()["panelBankConfig"]["sections"]] == SECTIONS
    assert place.spec()["settings"]["shouldAutoGeneratePanels"] is False
    bars = of_kind(place.panels("Metrics"), "Bar Chart")
    assert [(one["chartTitle"].split(" (")[0], one["metrics"]) for one in bars] == [
        (f"{m.name} {'↑ higher' if m.greater_is_better else '↓ lower'} is better", [f"tuning/{m.name}"])
        for m in METRICS.values()
    ]
    lines = of_kind(place.panels("Metrics by window"), "Run History Line Plot")
    assert [(one["xAxis"], one["metrics"]) for one in lines] == [
        ("window/number", [f"window/{name}"]) for name in METRICS
    ]
    against = of_kind(place.panels("Against the baseline"), "Bar Chart")
    assert [one["metrics"] for one in against] == [[f"against/tuning/{name}"] for name in METRICS]


def test_calibration_and_roc_are_drawn_and_stand_there_as_tables(place):
    place.made()
    panels = place.panels("Calibration and ROC")
    drawn = {
        one["userQuery"]["queryFields"][0]["fields"][0]["args"][0]["value"]: one
        for one in of_kind(panels, "Vega2")
    }
    assert {name: one["panelDefId"] for name, one in drawn.items()} == {
        "roc": "wandb/area-under-curve/v0",
        "calibration": "wandb/line/v0",
    }
    received = {run.name: run for run in place.double.state.runs.values() if run.job_type == "train"}
    (best,) = received.values()
    for name, one in drawn.items():
        file = json.loads(best.files[best.summary[name]["path"]])
        assert set(one["fieldSettings"].values()) <= set(file["columns"])
    shown = [table_of(panel) for panel in panels if panel["viewType"] == "Weave"]
    assert shown == ["roc", "calibration", "slices"]


def test_the_search_shows_the_parameters_that_its_trials_differ_in(place):
    place.made()
    panels = place.panels("Search")
    (parallel,) = of_kind(panels, "Parallel Coordinates Plot")
    *tried, score = parallel["columns"]
    assert [one["displayName"] for one in tried] == TRIED
    assert [one["accessor"] for one in tried] == [f"config:model.value.estimator.{name}" for name in TRIED]
    assert [one["displayName"] for one in tried if one.get("log")] == ["least_level", "strength"]
    assert score["accessor"] == "summary:tuning/log_loss"
    (importance,) = of_kind(panels, "Parameter Importance")
    assert importance["targetKey"] == "tuning/log_loss"
    (scatter,) = of_kind(panels, "Scatter Plot")
    assert (scatter["xAxis"], scatter["yAxis"]) == ("summary:trial", "summary:tuning/log_loss")
    assert (scatter["showMinYAxisLine"], scatter.get("showMaxYAxisLine")) == (True, None)


def named_by(spec: dict[str, Any]) -> Iterator[str]:
    """Every value, table and figure that a panel, a column or the order names."""
    for section in spec["panelBankConfig"]["sections"]:
        for panel in section["panels"]:
            config = panel["config"]
            yield from (*config.get("metrics", ()), *config.get("mediaKeys", ()))
            yield from (config[name] for name in ("xAxis", "yAxis", "targetKey") if name in config)
            yield from (one["accessor"] for one in config.get("columns", ()))
            if panel["viewType"] == "Weave":
                yield table_of(panel)
    (runs,) = spec["runSets"]
    yield from runs["runFeed"]["columnOrder"]
    yield from (f"{one['key']['section']}:{one['key']['name']}" for one in runs["sort"]["keys"])
    yield from (f"{one['key']['section']}:{one['key']['name']}" for one in runs["filters"]["filters"])


def test_everything_that_is_shown_is_what_runs_hold(place):
    place.made()
    runs = place.double.state.runs.values()
    held = {name for run in runs for name in (*run.summary, *(key for row in run.history for key in row))}
    of_wandb = {"run:displayName", "run:jobType", "run:state"}
    absent = []
    for name in named_by(place.spec()):
        key = name.removeprefix("summary:")
        if key not in held | of_wandb and not key.startswith("config:"):
            absent.append(key)
    assert absent == []


def test_runs_are_filtered_sorted_and_stand_beside_their_metrics(place):
    place.made("job_type=trial")
    (runs,) = place.spec()["runSets"]
    key = next(iter(place.double.state.runs.values())).summary["comparison_key"]
    assert runs["filters"]["filterFormat"] == "filterV2"
    assert [
        (one["key"]["section"], one["key"]["name"], one["op"], one["value"], one.get("connector"))
        for one in runs["filters"]["filters"]
    ] == [
        ("summary", "problem", "=", "simulated", None),
        ("run", "jobType", "=", "trial", "AND"),
        ("summary", "comparison_key", "=", key, "AND"),
        ("run", "state", "=", "finished", "AND"),
        ("summary", "tuning/log_loss", ">=", 0, "AND"),
    ]
    assert [(one["key"]["name"], one["ascending"]) for one in runs["sort"]["keys"]] == [
        ("tuning/log_loss", True)
    ]
    pinned = [name for name, there in runs["runFeed"]["columnPinned"].items() if there]
    assert pinned[:3] == ["run:displayName", "summary:model", "summary:tuning/log_loss"]
    assert {f"summary:tuning/{name}" for name in METRICS} < set(pinned)


def test_again_the_same_view_is_written_anew_and_no_other_is_touched(place):
    place.made()
    (ours,) = place.views
    hers = {
        **place.views[ours],
        "name": "nw-0123456789a-v",
        "spec": "{}",
        "createdUsing": "WANDB_UI",
    }
    place.views["view:hers"] = dict(hers)
    place.views[ours] |= {"spec": "{}", "displayName": "renamed"}
    assert "written anew where it was" in place.made()
    assert list(place.views) == [ours, "view:hers"]
    assert place.views["view:hers"] == hers
    assert place.views[ours]["displayName"] == "vispera: simulated"
    assert json.loads(place.views[ours]["spec"])["section"]["panelBankConfig"]["sections"]


def test_another_problem_and_another_name_are_other_views(place):
    place.made()
    told = place.made("problem=hotel")
    assert "no finished one is there yet; `vispera sync` uploads" in told
    place.made("name=for the board")
    names = [view["displayName"] for view in place.views.values()]
    assert names == ["vispera: simulated", "vispera: hotel", "for the board"]
    assert len({view["name"] for view in place.views.values()}) == 3
    (problem, *_) = place.spec("vispera: hotel")["runSets"][0]["filters"]["filters"]
    assert problem["value"] == "hotel"
    assert "No search yet" in json.dumps(place.spec("vispera: hotel"))


def later(runs: dict[Any, Run], **summary: Any) -> None:
    """A run received after the others, and like the last of them but for some of its summary."""
    last = list(runs.values())[-1]
    name = f"later-{len(runs)}"
    runs[last.entity, last.project, name] = replace(
        last, name=name, number=len(runs) + 1, summary={**last.summary, **summary}
    )


def test_one_comparison_key_is_shown_and_the_others_are_named(place):
    runs = place.double.state.runs
    old = next(iter(runs.values())).summary["comparison_key"]
    later(runs, comparison_key="f" * 16)
    later(runs, comparison_key="0" * 16, state="failed")
    told = place.made()
    assert f"  runs     1 with the comparison key {'f' * 16}" in told
    assert f"  left out 3 that compare with each other alone: comparison_key={old} name=NAME" in told
    assert "0" * 16 not in told
    assert f"  runs     3 with the comparison key {old}" in place.made(f"comparison_key={old[:6]}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["problem=simulate"], "problem=simulate: no run of it in hotel/vispera; closest: 'simulated'"),
        (["tracker.project=visper"], "tracker.project=visper: hotel has no such project at http"),
        (["tracker.entity=nobody"], "tracker.project=vispera: nobody has no such project at http"),
        (["comparison_key=abcxyz"], "comparison_key=abcxyz fits none; keys of finished runs: "),
        (["tracker=none"], "tracker=none: the workspace is one of W&B's; type tracker=wandb"),
        (["name=a+b"], "name=a+b: W&B takes no + in the name of a view"),
        (["name="], "name='': wanted at least one letter"),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_what_is_not_there_or_not_allowed_is_told_in_one_line(place, words, told):
    done = place.type("dashboard", *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().startswith(f"error: {told}")
    assert len(done.stderr.strip().splitlines()) == 1
    assert place.views == {}


def test_without_a_key_nobody_is_asked_for_one(place):
    done = place.type("dashboard", WANDB_API_KEY="")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "error: no W&B API key; type `wandb login`, or vispera compare, which needs no account"
    )


def test_an_absent_server_is_told_within_bounds(place):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = place.type("dashboard", "tracker.init_timeout=2", WANDB_BASE_URL=address)
    assert done.returncode == 1
    assert done.stderr.strip().startswith(f"error: W&B at {address} did not")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_server_that_goes_before_the_view_is_saved_is_told_within_bounds(place):
    with serving() as double:
        double.state.project(ENTITY, "vispera")
        double.faults.gone_at = "UpsertView2"
        done = replace(place, double=double).type("dashboard", WANDB_HTTP_TIMEOUT="2")
        assert double.state.views == {}
    assert done.returncode == 1
    assert done.stderr.strip().startswith(f"error: W&B at {double.url} did not save the view: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_the_extra_it_says_what_to_type(place, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['wandb_workspaces'] = None\n")
    done = place.type("dashboard", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "error: wandb-workspaces is not installed; type pip install 'vispera[workspaces]'"
    )


def test_the_key_is_in_no_file_and_in_nothing_that_is_said(place):
    done = place.type("dashboard")
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    files = [path for path in place.home.rglob("*") if path.is_file() and not path.is_symlink()]
    inside = [path for path in files if path.is_relative_to(place.home / "wandb")]
    assert inside
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
