"""The tracker that mirrors runs in Weights & Biases: offline by default, never asking for a login.

``WANDB_MODE``, ``_PROJECT``, ``_ENTITY``, ``_RUN_GROUP``, ``_JOB_TYPE`` and ``_DIR`` are the defaults of
the settings, so that they are checked and recorded with the configuration; ``WANDB_TAGS`` are added to the
run's, ``WANDB_NOTES`` hold where it has no note, and ``WANDB_NAME`` instead of its id. Other variables
(``_BASE_URL``, ``_API_KEY``, ``_DATA_DIR``, ``_SILENT``, ...) reach the SDK as they are, but for those that
would collect what the record holds already: see `wandb_session`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from vispera import files, workspace
from vispera.errors import UsageError, VisperaError
from vispera.record import RunRecord
from vispera.redact import redact, redact_text
from vispera.run import error_line
from vispera.tracker import wandb_arrival as arrival
from vispera.tracker import wandb_content as content
from vispera.tracker import wandb_log
from vispera.tracker.none import NoTracker
from vispera.wandb_session import api, ending, let_go, patient, session, settings, signed_in

MODES = {mode: mode for mode in ("offline", "online", "disabled")}
MODES |= {"dryrun": "offline", "run": "online", "": "offline"}
"""What a mode means: W&B's old names hold too, and a variable that is set to nothing. ``shared`` does not: it
is for one run of many processes."""
NOT_IN_NAMES = "/\\#?%:"
"""What W&B allows in no name of a project."""
LONGEST_TAG = 64
LATER = "type vispera sync when the server is there"
TRAIN = "train"
PATIENCE = 10.0
"""Seconds within which a row must have reached the file; it takes some hundredths."""


@dataclass(frozen=True, kw_only=True)
class WandbTracker:
    """Mirrors runs in W&B.

    ``folder`` is where the folder ``wandb`` lies that all is written to; ``group`` is by default the sweep
    that the run belongs to; the usual job type is what was done: ``train``, ``trial``, ``replay`` or
    ``report``. The timeouts are seconds, and matter online only.
    """

    mode: str = "offline"
    project: str = "vispera"
    entity: str | None = None
    group: str | None = None
    job_type: str = TRAIN
    folder: Path
    init_timeout: float = 30.0
    finish_timeout: float = 60.0

    name = "wandb"

    def __post_init__(self):
        faults = []
        if self.mode not in MODES:
            faults.append(f"tracker.mode={self.mode} (or WANDB_MODE): allowed: offline, online, disabled")
        if len(self.project) > 128 or set(self.project) & set(NOT_IN_NAMES):
            faults.append(
                f"tracker.project={self.project} (or WANDB_PROJECT): wanted a name of at most 128 characters "
                f"without {' '.join(NOT_IN_NAMES)}"
            )
        for name in ("init_timeout", "finish_timeout"):
            if getattr(self, name) <= 0:
                faults.append(
                    f"tracker.{name}={getattr(self, name)}: wanted seconds above 0; W&B takes 0 for ever"
                )
        if faults:
            raise UsageError(*faults)

    def open(self, record: RunRecord, config: Mapping[str, Any]) -> WandbMirror | Disabled:
        """Begin a run of W&B's; offline where no server takes it online, of which ``fault`` tells."""
        mode, fault = MODES[self.mode], None
        if mode == "disabled":
            return Disabled()
        try:
            run = self.begun(record, config, mode)
        except Exception as error:
            if mode != "online":
                raise
            mode, fault = "offline", f"{error_line(error)}; it is mirrored offline: {LATER}"
            with session(self.place, mode) as wandb:
                wandb.teardown()  # its service lets a run that could not begin online begin nowhere else
            run = self.begun(record, config, mode)
        define_charts(run)
        return WandbMirror(self, run, mode, fault)

    @property
    def place(self) -> Path:
        """``folder``, absolute."""
        return self.folder.expanduser().absolute()

    def begun(self, record: RunRecord, config: Mapping[str, Any], mode: str, **further: Any) -> Any:
        """A run of the SDK's for a record, with ``further`` settings; the SDK's errors if there is none."""
        with session(self.place, mode) as wandb:
            own = {**self._own(record), "root_dir": str(self.place), "mode": mode, **further}
            if mode == "online":
                own |= patient(self.finish_timeout)
            try:
                with signed_in("tracker.mode=offline"):
                    return wandb.init(
                        config=_inputs(record, config), settings=wandb.Settings(**settings(**own))
                    )
            except Exception as error:
                let_go(error)
                raise

    def again(self, record: RunRecord, config: Mapping[str, Any], folder: Path) -> Any:
        """The run of a record, taken up again on the server; what the SDK writes goes to a folder."""
        started = datetime.fromisoformat(record.started).timestamp() if record.started else None
        further = {"resume": "allow", "root_dir": str(folder), "x_start_time": started}
        return self.begun(record, config, "online", **further, x_skip_transaction_log=True)

    def _own(self, record: RunRecord) -> dict[str, Any]:
        """Settings that tell this run from others; what is None the SDK takes from its environment."""
        done = "trial" if record.trial is not None else record.verb
        tags = [*record.tags, *redact(os.environ.get("WANDB_TAGS", "").split(","))]
        return {
            "run_id": record.id,
            "run_name": None if os.environ.get("WANDB_NAME") else record.id,
            "project": self.project or "vispera",
            "entity": self.entity or None,
            "run_group": self.group or record.sweep,
            "run_job_type": done if self.job_type == TRAIN else self.job_type or None,
            "run_tags": tuple(dict.fromkeys(tag[:LONGEST_TAG] for tag in tags if tag)) or None,
            "run_notes": record.note or redact_text(os.environ.get("WANDB_NOTES", "")) or None,
            "init_timeout": self.init_timeout,
            "finish_timeout": self.finish_timeout,
        }


class WandbMirror:
    """A run of W&B's that goes on; ``fault`` is why it goes on offline, though online was asked for."""

    def __init__(self, tracker: WandbTracker, run: Any, mode: str, fault: str | None = None):
        self.fault = fault
        self._tracker, self._run, self._mode = tracker, run, mode
        self._log = Path(run.settings.sync_file)
        self._rows = 0
        self._patience = PATIENCE

    @property
    def where(self) -> str:
        """Address of the run; offline its folder, relative to the workspace where it lies in there."""
        if self._run.url:
            return redact_text(self._run.url)
        place, home = self._log.parent, workspace.root()
        return str(place.relative_to(home) if place.is_relative_to(home) else place)

    def log(self, values: Mapping[str, float | str], step: int | None = None) -> None:
        """Add a row of values; it is in the file when this returns, so that a kill does not lose it."""
        number = self._rows if step is None else step
        self._run.log({"window/number": number, **content.defined(values)})
        self._run.status()  # an answer, or an error at once: a service that is gone takes no row
        self._rows += 1
        self._wait_for("a row", lambda: len(wandb_log.rows(self._log)) >= self._rows)

    def close(self, record: RunRecord) -> None:
        """Add what the record's folder holds, and end the run: as failed unless it finished or was pruned.

        W&B has no word for a pruned run, which did not fail: ``state`` in the summary tells it. Online the
        server is asked afterwards what it has; VisperaError names what did not arrive.
        """
        online, code = self._mode == "online", content.exit_code(record)
        try:
            with session(self._tracker.place, self._mode):
                with ending(self._run, code, online):
                    content.show(self._run, record, self._tracker.finish_timeout if online else None)
                self._wait_for("the end", lambda: wandb_log.exit_code(self._log) == code)
            if online:
                self._prove(record)
        except Exception as error:
            if not online:
                raise
            told = f"the server may not have all of the run: {error_line(error)}; {LATER}"
            raise VisperaError(told) from error

    def _prove(self, record: RunRecord) -> None:
        own = self._run.settings
        with api(self._tracker.place, self._tracker.init_timeout, "tracker.mode=offline") as made:
            found = arrival.lacking(made, (own.entity, own.project), record, self._log)
        if found:
            raise VisperaError(f"it has not {found}")

    def _wait_for(self, what: str, arrived: Callable[[], bool]) -> None:
        """Return as soon as it has reached the file; the SDK says nothing of a full disk."""
        end = time.monotonic() + self._patience
        while not arrived():
            if time.monotonic() > end:
                self._patience = 0.0  # once is enough: the training waits for this
                raise VisperaError(f"{what} of the run did not reach {self._log.name} in {PATIENCE:.0f} s")
            time.sleep(0.005)


class Disabled(NoTracker):
    """What ``mode=disabled`` gives: nothing, and without half a second of W&B's own nothing."""

    where = "disabled"


def define_charts(run: Any) -> None:
    """Let values by window be charted over the windows' numbers."""
    run.define_metric("window/number")
    run.define_metric("window/*", step_metric="window/number", summary="none")


def _inputs(record: RunRecord, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, the code and the environment: all that a run is filtered by."""
    environment = record.folder / "environment.json"
    return {
        **config,
        "code": record.code,
        "environment": files.read_json(environment) if environment.is_file() else None,
    }
