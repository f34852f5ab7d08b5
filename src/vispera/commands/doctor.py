"""``vispera doctor``: what is missing on this machine, and the command that mends it."""

from __future__ import annotations

import netrc
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from vispera import workspace
from vispera.environment import packages
from vispera.errors import Declined, VisperaError
from vispera.invocation import Invocation
from vispera.leftovers import MINUTES, leftovers, removal
from vispera.problem.fetch import HIDDEN, halves
from vispera.problem.hotel import find, found_in
from vispera.problem.hotel_form import glance

OLDEST, NEWEST = (3, 11), (3, 13)
"""Pythons for which the packages are locked; tested on the oldest."""
PROGRAMS = (
    ("git", "--version", "runs record no commit and no patch without it"),
    ("java", "-version", "not needed to train"),
    ("chromium", "--version", "not needed to train"),
)
"""Programs that are not of Python: name, how to ask for the version, what lacks without it."""

FETCH = "vispera data problem=hotel"

Verdict = Literal["ok", "missing", "optional", "left"]
SHOWN: dict[Verdict, str] = {"ok": "ok", "missing": "MISSING", "optional": "absent", "left": "left"}


@dataclass(frozen=True)
class DataPlace:
    """``path`` names a file or folder with the real bookings; None if none was named."""

    path: str | None = None


@dataclass(frozen=True)
class Arguments:
    """``least_free_gb``: free disk space, in GB, below which a run could not be written."""

    data: DataPlace = DataPlace()
    least_free_gb: float = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``mend`` is the command to type if it is not there."""

    what: str
    verdict: Verdict
    found: str
    mend: str = ""


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 if everything is there that a run needs, else 1; every finding is printed."""
    findings = list(examine(arguments))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{SHOWN[finding.verdict]:<8} {finding.what:<{width}}  {finding.found}")
        if finding.mend and finding.verdict != "ok":
            print(f"{'':<8} {'':<{width}}  type: {finding.mend}")
    missing = [finding.what for finding in findings if finding.verdict == "missing"]
    print(f"\nmissing: {', '.join(missing)}" if missing else "\nnothing is missing")
    return 1 if missing else 0


def examine(arguments: Arguments) -> Iterator[Finding]:
    """Findings, one after another, the most needed first."""
    yield python()
    yield from locked_packages(workspace.source() / "requirements.lock")
    root = workspace.root()
    yield from (writable(root / name) for name in ("experiments", "data"))
    yield free_space(root, arguments.least_free_gb)
    yield from (program(*wanted) for wanted in PROGRAMS)
    yield tracking()
    yield printing()
    yield bookings(arguments.data.path, root / "data")
    yield from half_downloads(root / "data")
    yield from left_behind(root)


def python() -> Finding:
    """Whether this Python is one for which the packages are locked."""
    found = platform.python_version()
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return Finding("Python", "ok", found)
    wanted = " to ".join(".".join(map(str, bound)) for bound in (OLDEST, NEWEST))
    return Finding("Python", "missing", f"{found}; wanted {wanted}", "make setup PYTHON=python3.11")


def locked_packages(lock: Path) -> Iterator[Finding]:
    """Whether what is installed is what is locked; numbers differ with other packages than the locked."""
    if not lock.is_file():
        yield Finding("packages", "missing", f"{lock} is not there", "git checkout requirements.lock")
        return
    wanted, installed = locked(lock), packages()
    absent = [name for name in wanted if name not in installed]
    other = [name for name in wanted if name in installed and installed[name] != wanted[name]]
    told = [f"{name} {wanted[name]} is not installed" for name in absent]
    told += [f"{name} is {installed[name]}, locked is {wanted[name]}" for name in other]
    verdict: Verdict = "missing" if told else "ok"
    yield Finding("packages", verdict, "; ".join(told) or f"{len(wanted)} as locked", "make setup")


def locked(lock: Path) -> dict[str, str]:
    """Version by name of the lock's packages that this Python and platform want."""
    from packaging.requirements import Requirement

    starts = (line.removesuffix("\\").strip() for line in lock.read_text().splitlines())
    requirements = [Requirement(line) for line in starts if "==" in line and not line.startswith(("#", "-"))]
    return {
        requirement.name.lower().replace("_", "-"): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }


def writable(folder: Path) -> Finding:
    """Whether files can be written into a folder, or the folder be made."""
    place = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            return Finding(f"{folder.name}/", "ok", f"can be written: {folder}")
    except OSError as refusal:
        mend = f"chmod u+w {place}, or export VISPERA_HOME=A_FOLDER_OF_YOURS"
        return Finding(f"{folder.name}/", "missing", f"{place}: {refusal.strerror}", mend)


def free_space(root: Path, least_gb: float) -> Finding:
    """Whether a run's files would fit on the disk."""
    free = shutil.disk_usage(root).free / 1e9
    verdict: Verdict = "ok" if free >= least_gb else "missing"
    return Finding("disk", verdict, f"{free:.1f} GB free, {least_gb:g} wanted", f"du -sh {root}/*")


def tracking() -> Finding:
    """Whether W&B can be imported, in which mode it would track, and whether it has a key, never which."""
    ask = [sys.executable, "-c", "import wandb; print(wandb.__version__)"]
    quiet = {**os.environ, "WANDB_ERROR_REPORTING": "false"}  # the import alone would speak to the network
    try:
        asked = subprocess.run(ask, capture_output=True, text=True, timeout=60, check=True, env=quiet)
    except subprocess.SubprocessError as refusal:
        said = str(getattr(refusal, "stderr", None) or refusal).strip().splitlines()[-1]
        return Finding("wandb", "optional", f"cannot be imported: {said}; tracker=none does", "make setup")
    mode = os.environ.get("WANDB_MODE")
    told = f"{mode}, by WANDB_MODE" if mode else "offline, as WANDB_MODE is not set"
    key = "a key is set" if _has_key() else "no key is set"
    return Finding("wandb", "ok", f"{asked.stdout.strip()}; {told}; {key}")


def printing() -> Finding:
    """Whether weasyprint is there, and the libraries of the system that it needs."""
    from vispera.report.feasibility.pdf import available

    try:
        return Finding("weasyprint", "ok", available())
    except Declined as refusal:
        said, _, mend = str(refusal).partition("; type: ")
        return Finding("weasyprint", "optional", f"{said}; a report has its page all the same", mend)


def _has_key() -> bool:
    """Whether a key stands in the environment, or where ``wandb login`` puts it."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    try:
        hosts = netrc.netrc(os.environ.get("NETRC")).hosts
    except (OSError, netrc.NetrcParseError):
        return False
    own = urlsplit(os.environ.get("WANDB_BASE_URL", "")).hostname
    return any(host == own or "wandb" in host for host in hosts)


def bookings(named: str | None, data: Path) -> Finding:
    """Whether the real bookings are where they were said to be, or in data/, and in which form."""
    try:
        files = find(named) if named else found_in(data)
        form, rows = glance(files)
    except VisperaError as refusal:
        mend = "export VISPERA_DATA=FILE_OR_FOLDER" if named else f"{FETCH} data.path=FILE"
        return Finding("real bookings", "optional", f"{refusal}; problem=simulated needs none", mend)
    if not files:
        return Finding("real bookings", "optional", f"nothing in {data}; problem=simulated needs none", FETCH)
    made = len(list(data.glob("hotel/*/canonical.json")))
    kept = f"canonical tables kept: {made}" if made else f"canonical form not made yet, by {FETCH}"
    return Finding("real bookings", "ok", f"{', '.join(map(str, files))}: {form}, {rows:,} rows; {kept}")


def half_downloads(data: Path) -> Iterator[Finding]:
    """Downloads that were cut, which the next fetch goes on with; of no use once the table is there."""
    for told in halves(data):
        mend = f"rm -r {shlex.quote(str(data / HIDDEN))}" if found_in(data) else FETCH
        yield Finding("half download", "left", told, mend)


def left_behind(root: Path) -> Iterator[Finding]:
    """What killed processes have left, once it is old enough for nobody to be at work on it."""
    folders = [root / name for name in ("experiments", "data", "registry", "handoff", "scores", "reports")]
    if found := leftovers(folders):
        told = f"{len(found)} of processes killed more than {MINUTES} minutes ago, the first {found[0]}"
        yield Finding("leftovers", "left", told, removal(folders))


def program(name: str, ask: str, without: str) -> Finding:
    """Whether a program that is not of Python can be started; ``without`` says what lacks if not."""
    mend = f"apt-get install {'default-jre' if name == 'java' else name}"
    if shutil.which(name) is None:
        return Finding(name, "optional", f"not found; {without}", mend)
    try:
        asked = subprocess.run([name, ask], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as refusal:
        return Finding(name, "optional", f"does not start: {refusal}; {without}", mend)
    return Finding(name, "ok", (asked.stdout or asked.stderr).partition("\n")[0])
