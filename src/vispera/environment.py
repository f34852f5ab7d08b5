"""What a run depends on beside its code and data: packages, Python, machine, threads."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from vispera.files import file_hash

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


def describe(source: Path, threads: int | None = None) -> dict[str, Any]:
    """Everything of the environment that a run's numbers may depend on, ready for environment.json.

    Parameters
    ----------
    source
        Folder that holds requirements.lock; without one its hash is None.
    threads
        Threads that the run was told to use.
    """
    lock = source / "requirements.lock"
    return {
        "lock": file_hash(lock) if lock.is_file() else None,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "cpus_usable": _usable_cpus(),
        "threads": threads,
        "thread_variables": {name: os.environ.get(name) for name in THREAD_VARIABLES},
        "hash_seed": os.environ.get("PYTHONHASHSEED"),
        "packages": packages(),
    }


@cache
def packages() -> dict[str, str]:
    """Version of each installed distribution, sorted by name; read once, as imports are."""
    found: dict[str, str] = {}
    for distribution in distributions():
        # The folder's name tells both; reading 140 METADATA files would take 0.1 s of every run.
        stem = Path(str(getattr(distribution, "_path", ""))).name.removesuffix(".dist-info")
        name, _, version = stem.partition("-")
        if not version:
            name, version = distribution.name, distribution.version
        found.setdefault(name.lower().replace("_", "-"), version)
    return dict(sorted(found.items()))


@cache
def cpu_model() -> str | None:
    """Name of the processor as its maker writes it, or None where the system does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(named, None) or platform.processor() or None
    except OSError:
        pass
    if sys.platform != "darwin":
        return platform.processor() or None
    command = ["sysctl", "-n", "machdep.cpu.brand_string"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


def _usable_cpus() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()
