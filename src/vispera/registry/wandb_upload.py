"""Versions into W&B, one after another: each is whole on the server before the next one is begun."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.files import read_json, write_folder, write_json
from vispera.redact import redact_text
from vispera.registry.wandb_process import TOLD, last_words, tell, told, work, worked
from vispera.registry.wandb_server import Where, index_of
from vispera.wandb_session import asking, session, settings, signed_in

PARCELS = "parcels.json"
LOOK = "whether it counts vispera production tells when the server is there; then type the same again"


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What becomes a version of a collection: ``files``, ``metadata``, and ``words`` that describe it."""

    kind: str
    collection: str
    files: Mapping[str, bytes]
    metadata: Mapping[str, Any]
    words: str


def upload(where: Where, entity: str, job: str, parcels: Sequence[Parcel], place: Path) -> list[int]:
    """The numbers that the server gave to the versions; VisperaError unless it has taken all of them.

    ``place`` is an empty folder. They are logged in a run of W&B's with a type of job.
    """
    for number, parcel in enumerate(parcels):
        write_folder(place / f"{number}", parcel.files)
    write_json(place / PARCELS, [asdict(replace(one, files={})) for one in parcels])
    words = [str(place), str(where.home), entity, where.project, job]
    waits = [f"{where.timeout}", f"{where.transfer_timeout}"]
    worked(__name__, [*words, *waits], place, place / TOLD, where.transfer_timeout + 2 * where.timeout)
    answers = [json.loads(line) for line in told(place)]
    taken = [one["taken"] for one in answers if "taken" in one]
    if len(taken) < len(parcels):
        why = next((one["refused"] for one in answers if "refused" in one), None)
        collection = parcels[len(taken)].collection
        raise VisperaError(why or f"W&B did not take {collection}: {last_words(place)}; {LOOK}")
    return taken


def main(place: str, home: str, entity: str, project: str, job: str, timeout: str, transfer: str) -> int:
    """0 after everything was taken, 1 otherwise; a line for each version that was taken, one for a refusal.

    How the run itself ends says nothing: what was taken is there.
    """
    chosen = settings(
        root_dir=place,  # its log goes with it
        mode="online",
        entity=entity,
        project=project,
        run_job_type=job,
        init_timeout=float(timeout),
        finish_timeout=float(timeout),
    )
    with session(Path(home), "online") as wandb:
        try:
            with (
                signed_in("registry=folder"),
                asking("begin a run", "nothing was changed; type the same again"),
            ):
                run = wandb.init(settings=wandb.Settings(**chosen))
            for number, told_of in enumerate(read_json(Path(place, PARCELS))):
                version = _log(run, Path(place, f"{number}"), told_of, float(transfer))
                tell(json.dumps({"taken": index_of(version)}))
        except VisperaError as refusal:
            tell(json.dumps({"refused": str(refusal)}))
            return 1
        run.finish()
    return 0


def _log(run: Any, folder: Path, told_of: Mapping[str, Any], patience: float) -> Any:
    """The version that the server has taken."""
    import wandb

    collection, words = told_of["collection"], redact_text(told_of["words"])
    made = wandb.Artifact(collection, type=told_of["kind"], metadata=told_of["metadata"], description=words)
    made.ttl = None  # a team's policy deletes what is old; nothing of a registry may go so
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        made.add_file(str(path), name=name, skip_cache=True, policy="immutable")
    with asking(f"take {collection}", LOOK):
        return run.log_artifact(made).wait(max(1, round(patience)))


if __name__ == "__main__":
    work(main)
