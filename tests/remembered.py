"""A workspace that remembers guests in every way: runs, archived ones, scores, lists, versions, mirrors."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from registered import deed
from typed import environment, train, workspace_in
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.promotion.candidate import candidate
from vispera.pseudonym import Pseudonyms
from vispera.record import RunRecord, read_all
from vispera.registry.folder import FolderRegistry

WORLD = "problem.settings.rows=6000"
NIGHT = "2017-06-16"
SMALL = (WORLD, "threads=1", "tracker=none", "evaluation.resamples=20")
REPLAY = (
    *(
        WORLD,
        "threads=1",
        "resamples=20",
        "model=rule",
        "model@ladder.linear=rule",
        "model@ladder.trees=rule",
    ),
    *(f"nights.first={NIGHT}", f"nights.last={NIGHT}", "list.order=risk"),
)
SCORE = (
    *(WORLD, f"night={NIGHT}", "in_sample=true", "model_days=null", "list.order=risk"),
    *("limits.newest_days=null", "limits.set_aside=0.9", "list.control_share=0.5"),
)


@dataclass(frozen=True)
class Remembered:
    """``guest`` stands in every place, ``other`` in none, ``key`` makes pseudonyms."""

    home: Path
    guest: str
    key: bytes

    @property
    def pseudonym(self) -> str:
        return Pseudonyms(self.key).of([self.guest])[0]

    @property
    def runs(self) -> dict[str, RunRecord]:
        """Runs by what was done and with what, as train-rule."""
        return {f"{one.verb}-{one.model}": one for one in read_all(self.home / "experiments")}

    def moved(self, home: Path) -> Remembered:
        return Remembered(home, self.guest, self.key)


def call(home: Path, verb: str, *words: str, code: int | None = 0) -> subprocess.CompletedProcess:
    """A verb as a user types it in that workspace."""
    command = [sys.executable, "-m", "vispera", verb, *words]
    done = subprocess.run(
        command, env=environment(home), cwd="/", capture_output=True, text=True, check=False
    )
    assert code in (None, done.returncode), f"{done.stdout}\n{done.stderr}"
    return done


def forgetting(guest: str, *words: str) -> tuple:
    """Arguments and invocation of the verb in this process."""
    from vispera.commands.forget import Arguments
    from vispera.invocation import Invocation

    return arguments(Arguments, composed("forget", (WORLD, f"guest={guest}", *words))), Invocation("forget")


def remembered(place: Path) -> Remembered:
    """The workspace, made by the verbs themselves."""
    home = workspace_in(place)
    for model in ("rule", "prior"):
        done = train(home, f"model={model}", *SMALL)
        assert done.returncode == 0, done.stderr
    rule, prior = read_all(home / "experiments")
    call(home, "compare", f"runs=[{rule.id},{prior.id}]")
    call(home, "replay", *REPLAY)
    call(home, "data", WORLD, f"extract.night={NIGHT}")
    spoil(home / "extracts" / NIGHT / "bookings.csv")
    call(home, "score", *SCORE, *scored_with(home, rule))
    call(home, "reproduce", f"run={rule.id}", "code=current")
    package = candidate(rule).package
    registry = FolderRegistry(place=home / "registry")
    registry.append("simulated", deed(), registry.history("simulated"), package)
    call(home, "runs", "archive=true", f"runs=[{prior.id}]")
    key = bytes.fromhex((home / "pseudonym.key").read_text().strip())
    return Remembered(home, _everywhere(home, key), key)


def scored_with(home: Path, record: RunRecord) -> tuple[str, str]:
    """Words that name the extracts and a run's model."""
    return f"extract={home / 'extracts'}", f"artefact={record.folder / 'model'}"


def spoil(bookings: Path) -> None:
    """Let each booking stand there a second time, with an arrival that is no date."""
    text = bookings.read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    with bookings.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows([*rows, *({**row, "arrival_date": "soon"} for row in rows)])


def _everywhere(home: Path, key: bytes) -> str:
    """A guest who is on the replay's list and on tonight's, and in the predictions of the runs."""
    lists = [*home.glob("experiments/*/lists.csv"), *home.glob("handoff/simulated/*/list.csv")]
    named = [{*pd.read_csv(path, dtype=str)["guest"]} for path in lists]
    [table] = home.glob("data/simulated/[!.]*/table.parquet")
    guests = pd.read_parquet(table)["guest_id"].unique().tolist()
    by_name = dict(zip(Pseudonyms(key).of(guests), guests, strict=True))
    both = sorted(set.intersection(*named) & set(by_name))
    assert both, "no guest stands on both lists"
    return by_name[both[0]]
