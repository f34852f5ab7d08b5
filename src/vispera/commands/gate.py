"""The leakage gate as a command passes it: every finding is recorded and told before one stops the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vispera import audit
from vispera.audit import AuditSettings
from vispera.progress import Progress
from vispera.run import Run


class Gate:
    """The leakage gate of one run: records all findings so far, and ends the run at one that stops it."""

    def __init__(self, settings: AuditSettings, features: Iterable[str], live: Run, progress: Progress):
        self.settings, self.features = settings, list(features)
        self.live, self.progress = live, progress
        self.findings: list[audit.Finding] = []
        if settings.skip:
            progress.say(f"warning: nothing is checked for leaks; the reason given: {settings.reason}")
            self._record()

    def passes(self, look: Callable[[], Iterable[audit.Finding]]) -> None:
        """Nothing, after what was found is recorded and told; GateRefused if a finding stops the run."""
        if self.settings.skip:
            return
        found = list(look())
        self.findings += found
        self._record()
        for finding in found:
            if not self.settings.stops(finding):
                self.progress.say(f"warning: {finding.check}: {finding.evidence}")
        audit.gate(found, self.settings)

    def _record(self) -> None:
        self.live.put_json("audit.json", audit.as_json(self.findings, self.settings, self.features))
