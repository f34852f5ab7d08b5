"""Writes the folder of a run while it lives, and how it ended.

The folder appears whole, with its inputs (configuration, environment, code) and a heartbeat, before
anything is computed; ``DONE`` is written last, and only for a run that finished.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vispera import bounded, environment, files, workspace
from vispera.clock import now
from vispera.errors import GateRefused, VisperaError
from vispera.heartbeat import Heartbeat, beat
from vispera.record import DONE, FILE, KINDS, LIMIT, SCHEMA, RunRecord
from vispera.redact import Redactor, redact_text
from vispera.revision import Revision, capture

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

OWN = {"schema", "id", "name", "state", "phase", "phases", "started", "finished", "seconds", "command"}
SETTABLE = set(KINDS) - OWN - {"error", "redacted", "truncated"}
SHARES = {
    "command": 300,
    "redacted": 120,
    "tracker": 300,
    "note": 300,
    "tags": 200,
    "phases": 300,
    "error": 300,
    "hashes": 420,
    "headline": 850,
}
"""Bytes to which a field of the record is cut, in this order and only while the record is too large."""
ERROR_LIMIT = 1_000_000
"""Characters of error.txt; of a longer text the end is kept."""


class Pruned(Exception):
    """Raised within a run to end it because it is hopeless beside others; the text says why."""


@contextmanager
def start_run(
    experiments: Path,
    *,
    name: str,
    command: Sequence[str],
    config: Mapping[str, Any],
    verb: str = "train",
    note: str | None = None,
    tags: Sequence[str] = (),
    parent: str | None = None,
    sweep: str | None = None,
    trial: int | None = None,
    threads: int | None = None,
    revision: Revision | None = None,
) -> Iterator[Run]:
    """A run with a folder of its own, whose state at the end follows from how the block ends.

    A GateRefused leaves it ``refused``, a Pruned ``pruned``, anything else that is raised ``failed``; the
    exception goes on. Secrets are taken out of everything that is written.

    Parameters
    ----------
    experiments
        Folder of the runs; made if need be.
    name
        What the run is called, as in its id.
    verb
        What is done: ``train`` or ``replay``.
    command, config
        The overrides as typed, and the whole configuration, resolved.
    parent, sweep, trial
        Where the run comes from: another run's id, a search's name, a number within it.
    threads
        Threads that the run may use.
    revision
        The code, where it was captured already (a search does so once); captured here otherwise.
    """
    values = {"verb": verb, "note": note, "tags": list(tags)}
    values |= {"parent": parent, "sweep": sweep, "trial": trial}
    run = Run(Path(experiments), name, command, config, values, threads, revision)
    try:
        yield run
    except BaseException as error:
        run.end_with(error)
        raise
    run.finish()


def state_after(error: BaseException | None) -> str:
    """State of a run that ends with an exception, or with none."""
    if error is None:
        return "finished"
    if isinstance(error, GateRefused):
        return "refused"
    return "pruned" if isinstance(error, Pruned) else "failed"


def error_line(error: BaseException) -> str:
    """One line about an exception, without secrets; ours need not tell what they are called."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    said = "; ".join(error.faults) if isinstance(error, VisperaError) else str(error)
    line = " ".join(redact_text(said).split())
    if isinstance(error, VisperaError | Pruned):
        return line
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


class Run:
    """A run that is going on: where its files go, and what its record says. See `start_run`."""

    def __init__(
        self,
        experiments: Path,
        name: str,
        command: Sequence[str],
        config: Mapping[str, Any],
        values: Mapping[str, Any],
        threads: int | None,
        revision: Revision | None,
    ):
        self._began, started = time.monotonic(), _timestamp()
        source = workspace.source()
        self._redactor = Redactor()
        self.config: dict[str, Any] = self._redactor.value(files.plain(config))
        """The configuration without its secrets."""
        typed = [self._redactor.override(override) for override in command]
        revision = revision or capture(source)
        self._phases: dict[str, float] = {}
        self._values: dict[str, Any] = {
            "schema": SCHEMA,
            "state": "running",
            "name": _slug(name),
            "started": started,
            "command": typed,
            **self._redactor.value(dict(values)),
            "code": _code_fields(revision),
            "redacted": sorted(set(self._redactor.found)),
        }
        self.folder = self._make_folder(experiments, environment.describe(source, threads), revision)
        self._heartbeat = Heartbeat(self.folder)
        self._heartbeat.start()

    @property
    def id(self) -> str:
        """Identifier of the run, the name of its folder."""
        return self._values["id"]

    @property
    def record(self) -> RunRecord:
        """The record as it stands now, nothing cut."""
        return RunRecord(folder=self.folder, **self._current())

    def set(self, **values: Any) -> None:
        """Set fields of the record; mappings are added to, other values replaced. Secrets are taken out."""
        unknown = sorted(set(values) - SETTABLE)
        if unknown:
            raise TypeError(f"no such field of a record to set: {', '.join(unknown)}")
        for name, value in self._redactor.value(files.plain(values, finite=True)).items():
            if not isinstance(value, KINDS[name]):
                raise TypeError(f"the record's {name} cannot be a {type(value).__name__}")
            known = self._values.get(name)
            self._values[name] = {**known, **value} if isinstance(known, dict) else value
        self._write()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """A stretch of the run whose seconds the record keeps; phases of one name add up."""
        outer, begun = self._values.get("phase"), time.monotonic()
        self._values["phase"] = name
        self._write()
        try:
            yield
            self._values["phase"] = outer  # where it raises, the record says in what
        finally:
            self._phases[name] = round(self._phases.get(name, 0.0) + time.monotonic() - begun, 3)

    def put_json(self, name: str, value: Any) -> None:
        """Write a JSON file into the folder."""
        files.write_json(self._path(name), self._redactor.value(files.plain(value)))

    def put_text(self, name: str, text: str) -> None:
        """Write a text file into the folder."""
        files.write_text(self._path(name), self._redactor.text(text))

    def put_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write a frame as Parquet into the folder, secrets taken out of its texts."""
        files.write_frame(self._path(name), self._redactor.frame(frame))

    def finish(self) -> None:
        """Mark the run as finished: the record, then DONE."""
        self._values["phase"] = None
        self._close("finished")
        files.write_text(self.folder / DONE, f"{self._values['finished']}\n")
        self._heartbeat.stop()

    def end_with(self, error: BaseException) -> None:
        """Mark the run as ended by an exception; what cannot be written is logged, and raises nothing."""
        try:
            self._values["error"] = error_line(error)
            if not isinstance(error, Pruned):
                lines = error.faults if isinstance(error, GateRefused) else traceback.format_exception(error)
                self.put_text("error.txt", "".join(f"{line.rstrip()}\n" for line in lines)[-ERROR_LIMIT:])
            self._close(state_after(error))
        except OSError as failure:
            log.error("run %s could not record its end: %s", self.id, failure)
        self._heartbeat.stop()

    def _close(self, state: str) -> None:
        seconds = round(time.monotonic() - self._began, 3)
        self._values |= {"state": state, "finished": _timestamp(), "seconds": seconds}
        self._write()

    def _current(self) -> dict[str, Any]:
        return {**self._values, "phases": dict(self._phases)}

    def _write(self, folder: Path | None = None) -> None:
        folder = folder or self.folder
        values = self._current()
        content, whole = bounded.encode({k: values[k] for k in KINDS if k in values}, LIMIT, SHARES)
        if whole:
            files.write_json(folder / "long.json", whole)
        files.write_bytes(folder / FILE, content)

    def _path(self, name: str) -> Path:
        if name in (FILE, DONE) or Path(name).is_absolute() or ".." in Path(name).parts:
            raise ValueError(f"'{name}' is no name for a file of a run")
        path = self.folder / name
        if path.parent != self.folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _make_folder(self, experiments: Path, machine: Mapping[str, Any], revision: Revision) -> Path:
        """Folder of the run, complete from the moment that it has its name."""
        experiments.mkdir(parents=True, exist_ok=True)
        while True:
            self._values["id"] = f"{now():%Y%m%d-%H%M%S}-{self._values['name']}-{secrets.token_hex(3)}"
            folder, staged = experiments / self.id, experiments / f".{self.id}.starting"
            try:
                staged.mkdir()
            except FileExistsError:  # another process is about to take this id
                continue
            try:
                self._write_inputs(staged, machine, revision)
                staged.rename(folder)  # refused where a run of this id is, as its folder is not empty
            except BaseException as error:
                shutil.rmtree(staged, ignore_errors=True)
                if isinstance(error, OSError) and folder.exists():
                    continue
                raise
            files.sync(experiments)
            return folder

    def _write_inputs(self, folder: Path, machine: Mapping[str, Any], revision: Revision) -> None:
        import yaml

        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        text = yaml.dump(self.config, Dumper=dumper, sort_keys=False, allow_unicode=True, width=110)
        files.write_text(folder / "config.yaml", text)
        files.write_json(folder / "environment.json", self._redactor.value(machine))
        if revision.patch:
            files.write_bytes(folder / "code.patch", revision.patch)
        self._write(folder)
        beat(folder)


def _code_fields(revision: Revision) -> dict[str, Any]:
    """What the record says of the code."""
    return {
        "commit": revision.commit,
        "dirty": revision.dirty,
        "patch_redacted": revision.redacted,
        "left_out": len(revision.left_out),
        "reason": revision.reason,
    }


def _timestamp() -> str:
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _slug(name: str) -> str:
    """A name that is safe in a path and on a command line, at most 32 characters."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:32] or "run"
