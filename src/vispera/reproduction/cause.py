"""Why two runs may differ: what is recorded otherwise on the two sides, sorted by cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vispera.reproduction.side import Side, leaves

CAUSES = ("data", "code", "configuration", "packages", "threads", "machine")
ABSENT = "(none)"
"""Stands for a key or a package that one side lacks."""

PLACES = {("problem", name) for name in ("path", "cache", "addresses", "download", "source_files")}
"""Where data lie; which they are, their hash tells."""
BESIDE = {"tracker", "search", "data", "publish", "note", "tags", "language"}
"""Parts of the configuration that no number of a run follows from."""
THREADS = {"threads", "n_jobs"}
"""Last part of the keys that say how many threads are used."""

FIRST = ("numpy", "pandas", "scikit-learn", "catboost", "scipy", "pyarrow")
"""Packages that numbers come from, told before the others."""
MACHINE = ("platform", "machine", "cpu", "cpus", "cpus_usable")

Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One thing that is recorded otherwise on the two sides."""

    cause: str
    what: str
    recorded: Any
    here: Any


def differences(recorded: Side, here: Side) -> tuple[Difference, ...]:
    """Everything that could make the two runs differ, in the order of ``CAUSES``."""
    return (
        *_of("data", _data(recorded, here)),
        *_of("code", _code(recorded, here)),
        *_of("configuration", _configuration(recorded, here)),
        *_of("packages", _packages(recorded.environment, here.environment)),
        *_of("threads", _threads(recorded, here)),
        *_of("machine", _values(recorded.environment, here.environment, MACHINE)),
    )


Told = Iterator[tuple[str, Any, Any]]


def _of(cause: str, told: Told) -> Iterator[Difference]:
    return (Difference(cause, *one) for one in told)


def _values(one: Mapping[str, Any], other: Mapping[str, Any], names: tuple[str, ...]) -> Told:
    """Name and both values of what both sides tell, and tell otherwise."""
    for name in names:
        if name in one and name in other and one[name] != other[name]:
            yield name, one[name], other[name]


def _data(recorded: Side, here: Side) -> Told:
    known = recorded.data_hash and here.data_hash
    sources = [recorded.data.get("sources"), here.data.get("sources")]
    if not known or (recorded.data_hash == here.data_hash and (None in sources or sources[0] == sources[1])):
        return
    yield "content_hash", recorded.data_hash, here.data_hash
    beside = ("source", "rows", "cancelled", "first_arrival", "last_arrival", "sources", "quarantined", "dvc")
    yield from _values(recorded.data, here.data, beside)


def _code(recorded: Side, here: Side) -> Told:
    one, other = recorded.record.code, here.record.code
    yield from _values(one, other, ("commit",))
    if recorded.patch_hash != here.patch_hash:
        yield "patch", stat(recorded.patch), stat(here.patch)
    yield from _values(one, other, ("patch_redacted", "left_out"))


def stat(patch: bytes) -> str:
    """A patch in few words: its files, and how many lines each gains and loses."""
    counts: dict[str, list[int]] = {}
    name = ""
    for line in patch.decode("utf-8", "replace").splitlines():
        if line.startswith("diff --git "):
            name = line.rpartition(" b/")[2].rstrip('"')
            counts[name] = [0, 0]
        elif name and line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")):
            counts[name][line[0] == "-"] += 1
    files = [f"{name} +{more} -{less}" for name, (more, less) in counts.items()]
    shown = ", ".join(files[:6]) + (f" and {len(files) - 6} more files" if len(files) > 6 else "")
    return shown or ABSENT


def _configuration(recorded: Side, here: Side) -> Told:
    for path, (one, other) in changed(recorded.config, here.config).items():
        yield ".".join(path), one, other
    yield from (
        ("PYTHONHASHSEED", one, other)
        for _, one, other in _values(recorded.environment, here.environment, ("hash_seed",))
    )


def changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[Path_, tuple[Any, Any]]:
    """Both values of each key that differs and that numbers may follow from, by its path.

    Neither where data lie nor how many threads are used is among them: these are causes of their own.
    """
    if not one or not other:
        return {}
    return {
        path: pair
        for path, pair in _otherwise(one, other).items()
        if path[0] not in BESIDE and path[:2] not in PLACES and path[-1] not in THREADS
    }


def _otherwise(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[Path_, tuple[Any, Any]]:
    left, right = dict(leaves(one)), dict(leaves(other))
    both = dict.fromkeys([*left, *right])
    pairs = {path: (left.get(path, ABSENT), right.get(path, ABSENT)) for path in both}
    return {path: pair for path, pair in pairs.items() if not _equal(*pair)}


def _equal(one: Any, other: Any) -> bool:
    # 1 and True are equal to Python, and no more than that
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _packages(one: Mapping[str, Any], other: Mapping[str, Any]) -> Told:
    yield from _values(one, other, ("python", "implementation"))
    left, right = one.get("packages"), other.get("packages")
    if left is None or right is None:
        return
    names = sorted({*left, *right}, key=lambda name: (name not in FIRST, name))
    for name in names:
        if left.get(name) != right.get(name):
            yield name, left.get(name, ABSENT), right.get(name, ABSENT)


def _threads(recorded: Side, here: Side) -> Told:
    one, other = recorded.environment, here.environment
    yield from _values(one, other, ("threads",))
    left, right = one.get("thread_variables"), other.get("thread_variables")
    if left and right:
        yield from _values(left, right, tuple(sorted({*left, *right})))
    usual = (one.get("threads"), other.get("threads"))
    if not recorded.config or not here.config:
        return
    for path, pair in _otherwise(recorded.config, here.config).items():
        if path[-1] in THREADS and path[0] not in BESIDE and pair != usual:
            yield ".".join(path), *pair
