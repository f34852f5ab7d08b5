"""The seam to trackers, mirrors of the run folder: opened, logged to and closed once for each run.

A tracker may fail, loudly; the run goes on. That guard is here, so that an option can be written as if
nothing ever failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from vispera.record import RunRecord
from vispera.redact import redact
from vispera.run import Run, error_line, state_after

log = logging.getLogger(__name__)


class Mirror(Protocol):
    """What a tracker holds of one run while it goes on."""

    @property
    def where(self) -> str | None:
        """Address or path at which the mirror is found; recorded."""
        ...

    @property
    def fault(self) -> str | None:
        """Why it is not the mirror that was asked for, if it goes on as another; told and recorded."""
        ...

    def log(self, values: Mapping[str, float | str], step: int | None = None) -> None:
        """Add values as they become known; they must survive the process from then on."""
        ...

    def close(self, record: RunRecord) -> None:
        """End the mirror with the record's state and error, taking from ``record.folder`` what else it shows.

        A run that ended early has left only some of its files there.
        """
        ...


@runtime_checkable
class Tracker(Protocol):
    """An option of conf/tracker/; it serves any number of runs of one process."""

    name: str

    def open(self, record: RunRecord, config: Mapping[str, Any]) -> Mirror:
        """Begin the mirror of a run; the configuration is without secrets."""
        ...


@contextmanager
def mirrored(tracker: Tracker, run: Run) -> Iterator[Guarded]:
    """The mirror of a run, closed at the end of the block with the state that the block's end gives.

    Stands within the run's own block, after which nothing is written: the record tells how it went.
    """
    mirror = Guarded(tracker, run)
    try:
        yield mirror
    except BaseException as error:
        mirror.close(state_after(error), error_line(error))
        raise
    mirror.close("finished")


class Guarded:
    """A mirror whose failures are logged and recorded, and never raised."""

    def __init__(self, tracker: Tracker, run: Run):
        self._run = run
        self._mirror: Mirror | None = None
        self._set(name=tracker.name, state="open")
        self._mirror = self._attempt("open", lambda: tracker.open(run.record, run.config))
        self._set(where=getattr(self._mirror, "where", None))
        if self._mirror is not None and self._mirror.fault:
            log.error("tracker %s: %s", tracker.name, self._mirror.fault)
            self._set(fault=f"open: {self._mirror.fault}")

    def log(self, values: Mapping[str, float | str], step: int | None = None) -> None:
        """Hand values on to the tracker, if it is there."""
        mirror = self._mirror
        if mirror is not None:
            self._attempt("log", lambda: mirror.log(redact(dict(values)), step))

    def close(self, state: str, error: str | None = None) -> None:
        """Let the tracker end its mirror, and record how that went."""
        mirror = self._mirror
        if mirror is not None:
            record = replace(self._run.record, state=state, error=error)
            self._attempt("close", lambda: mirror.close(record))
        if self._run.record.tracker["state"] == "open":
            self._set(state="closed")

    def _attempt(self, step: str, act: Callable[[], Any]) -> Any:
        """Result of one call into the tracker; None if it failed, which is told once for each step."""
        try:
            return act()
        except (Exception, SystemExit) as error:  # a tracker's way out must not be the run's
            fault = f"{step}: {error_line(error)}"
            known = self._run.record.tracker
            if not str(known.get("fault", "")).startswith(f"{step}:"):
                log.error("tracker %s failed, the run goes on without it; %s", known["name"], fault)
            self._set(state="failed", fault=known.get("fault", fault))
            return None

    def _set(self, **values: Any) -> None:
        self._run.set(tracker=values)
