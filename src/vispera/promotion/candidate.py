"""The run that would be promoted: whether it is whole, and the package that its version would hold."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.model import artefact
from vispera.record import RunRecord
from vispera.registry.entry import Verdict
from vispera.registry.version import MODEL, Package

BESIDE = ("record.json", "config.yaml", "audit.json", "predictions.parquet")
"""What a version keeps beside the model."""


@dataclass(frozen=True)
class Candidate:
    """A run with the bytes that would be promoted; without them, why not stands in the verdicts."""

    record: RunRecord
    verdicts: tuple[Verdict, ...]
    package: Package | None = None

    @property
    def predictions(self) -> pd.DataFrame:
        """Predictions of the run, read from the bytes that would be promoted."""
        if self.package is None:
            raise ValueError(f"run {self.record.id} was not found whole")
        return pd.read_parquet(BytesIO(self.package.files["predictions.parquet"]))


def candidate(record: RunRecord) -> Candidate:
    """The run as it would be promoted, with the verdicts ``finished`` and ``loads``."""
    why_not = unfinished(record)
    if why_not:
        unread = Verdict(name="loads", passed=False, evidence="not looked at, as there is no finished run")
        return Candidate(record, (Verdict(name="finished", passed=False, evidence=why_not), unread))
    when = f"{record.finished or record.started}"[:16].replace("T", " ")
    whole = Verdict(name="finished", passed=True, evidence=f"a run of train that finished at {when} UTC")
    try:
        package, told = _packed(record)
    except (ContractBroken, OSError) as damage:
        evidence = "; ".join(damage.faults) if isinstance(damage, ContractBroken) else str(damage)
        return Candidate(record, (whole, Verdict(name="loads", passed=False, evidence=evidence)))
    return Candidate(record, (whole, Verdict(name="loads", passed=True, evidence=told)), package)


def unfinished(record: RunRecord) -> str | None:
    """Why a run has nothing that could be promoted; None if it has."""
    if record.verb != "train":
        return f"it is a {record.verb}, and only runs of train have a model"
    if record.state != "finished":
        why = f": {record.error or record.fault}" if record.error or record.fault else ""
        return f"the run is {record.state}{why}"
    if record.trial is not None:
        return "it is a trial of a search, which has no model; the search makes a full run of its best one"
    lacking = [name for name in BESIDE if not (record.folder / name).is_file()]
    lacking += [] if (record.folder / "model").is_dir() else ["model/"]
    return f"the run has no {', '.join(lacking)}" if lacking else None


def _packed(record: RunRecord) -> tuple[Package, str]:
    """The package, and what makes it the one that the run made; ContractBroken if it is not."""
    folder = record.folder
    model = {f"{MODEL}{path.name}": path.read_bytes() for path in sorted((folder / "model").iterdir())}
    files = {**model, **{name: (folder / name).read_bytes() for name in BESIDE}}
    found = artefact.read(folder / "model")
    read = {f"{MODEL}{name}": hashed for name, hashed in found.hashes.items() if name != "content"}
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    faults = [f"{name} changed while it was read" for name in read if hashes.get(name) != read[name]]
    claimed = {
        "model": (found.hashes["content"], "the model is not the one that the run made"),
        "predictions": (hashes["predictions.parquet"], "predictions.parquet was changed after the run"),
    }
    for name, (is_now, told) in claimed.items():
        if record.hashes.get(name) != is_now:
            faults.append(f"{told}: its hash is not that of the record")
    if found.manifest["run"] != record.id or found.manifest["problem"] != record.problem:
        faults.append(f"the model says that it is of run {found.manifest['run']}")
    if faults:
        raise ContractBroken(*faults)
    package = Package(
        problem=str(record.problem),
        run=record.id,
        recipe=str(record.model),
        model=found.hashes["content"],
        trained_until=found.manifest["trained_until"],
        files=files,
    )
    family, content = found.manifest["family"], package.model[:8]
    return package, (
        f"{len(model)} files with their hashes, family {family}, content {content}, "
        f"trained until {package.trained_until}"
    )
