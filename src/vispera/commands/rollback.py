"""``vispera rollback``: an alias names an earlier version again, with one more entry in the history.

history, checked -> the version before, every hash, loaded once -> one more entry
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vispera.commands.named import Named
from vispera.commands.promote import closing, mended, signed
from vispera.errors import Declined, UsageError
from vispera.files import write_folder
from vispera.invocation import Invocation
from vispera.model import artefact
from vispera.registry import Alias, Registry
from vispera.registry.chain import line_of, wanted
from vispera.registry.entry import ROLLBACK, Deed, Entry
from vispera.registry.version import MODEL, Package


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What ``vispera rollback`` takes; without a ``version`` it is the one before the present one."""

    registry: Registry
    problem: Named
    alias: Alias = "champion"
    version: int | None = None
    by: str = ""
    reason: str = ""


def run(arguments: Arguments, invocation: Invocation) -> int:
    """0 after the alias names the earlier version; ContractBroken, and nothing done, if that is damaged."""
    signed(arguments.by, arguments.reason)
    registry, problem, alias = arguments.registry, arguments.problem.name, arguments.alias
    seen = registry.history(problem)
    there = wanted(seen, problem, alias)
    if arguments.version == there.version:
        print(f"version {there.version} is the {alias} of {problem} already: nothing to do")
        print(*mended(registry, problem), sep="", end="")
        return 0
    earlier = back_to(seen, there, arguments.version)
    loads(registry.fetch(earlier))
    deed = Deed(
        alias=alias, action=ROLLBACK, by=arguments.by, reason=arguments.reason, version=earlier.version
    )
    print(*closing(registry.append(problem, deed, seen), invocation), sep="\n")
    return 0


def back_to(seen: Sequence[Entry], there: Entry, version: int | None) -> Entry:
    """The entry of the version that an alias goes back to; Declined or UsageError if there is none."""
    alias = there.alias
    named = {entry.version: entry for entry in seen if entry.alias == alias}
    if version is None:
        line = line_of(seen, alias)
        if len(line) < 2:
            raise Declined(
                f"the {alias} of {there.problem} has nothing before version {there.version} to go back to; "
                "type version=N for another one that vispera production shows"
            )
        return line[-2]
    if version not in named:
        before = ", ".join(str(number) for number in sorted(named) if number != there.version)
        told = f"it was {before}" if before else f"only {there.version} ever was"
        raise UsageError(
            f"version={version}: that never was the {alias} of {there.problem}, {told}; "
            "another one becomes it with vispera promote"
        )
    return named[version]


def loads(package: Package) -> None:
    """Nothing, if the model of a version can be loaded here and now; ContractBroken otherwise."""
    files = {name.removeprefix(MODEL): text for name, text in package.files.items() if name.startswith(MODEL)}
    with tempfile.TemporaryDirectory(prefix="vispera-version-") as place:
        write_folder(Path(place, "model"), files)
        artefact.read(Path(place, "model"))
