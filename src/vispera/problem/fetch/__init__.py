"""A problem's source, from the first of several addresses whose files pass the checks.

What has not passed them lies in one hidden folder of the data folder; what has takes its place in one step.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from vispera.errors import ContractBroken, VisperaError
from vispera.files import file_hash, sync
from vispera.problem.fetch.address import Address, shown, urls_of
from vispera.problem.fetch.archive import Shape, unpack
from vispera.problem.fetch.failure import Failure, Unreachable, Wrong
from vispera.problem.fetch.part import Part
from vispera.problem.fetch.transfer import Limits, download
from vispera.progress import Progress

HIDDEN = ".fetch"
PAGE = (b"<!doctype", b"<html", b"<?xml")
"""How a page begins that says, with a good status, that there is no file."""


def fetch(
    addresses: Sequence[Address],
    data: Path,
    shape: Shape,
    check: Callable[[list[Path]], object],
    limits: Limits,
    by_hand: str,
) -> None:
    """Leave in ``data`` what the first good address gives; the caller holds the folder (see `vispera.alone`).

    Parameters
    ----------
    data
        The folder that the source is looked for in.
    shape
        The names that its files get there.
    check
        Is given the files under these names; raises ContractBroken.
    by_hand
        What to do when no address helps.

    Raises
    ------
    ContractBroken
        If no address gave the source and something came, wrong or cut: one line for each address. The part of
        what was cut is kept, of what was wrong nothing.
    VisperaError
        If nothing came from any, or the folder cannot be written.
    """
    failures: list[Failure] = []
    try:
        for left, address in zip(reversed(range(len(addresses))), addresses, strict=True):
            try:
                _deliver(address, data, shape, check, limits)
                return
            except Failure as failure:
                failures.append(failure)
                if left:
                    Progress().say(f"warning: {failure}; trying the next address")
    except OSError as refusal:
        raise VisperaError(f"{data} cannot be written: {refusal.strerror}; type vispera doctor") from refusal
    again = "type the same again to go on with what was cut, or " if halves(data) else ""
    kind = VisperaError if all(isinstance(failure, Unreachable) for failure in failures) else ContractBroken
    raise kind(*map(str, failures), f"no address gave the whole table: {again}{by_hand}")


def _deliver(
    address: Address, data: Path, shape: Shape, check: Callable[[list[Path]], object], limits: Limits
) -> None:
    """Download, unpack, check and put in place; Failure if one of these does not go well."""
    urls, hidden = urls_of(address), data / HIDDEN
    hidden.mkdir(exist_ok=True)
    for leftover in hidden.glob("ready-*"):  # of a process that was killed
        shutil.rmtree(leftover)
    try:
        came = [download(url, hidden / f"{_key(url)}.part", _name(url), limits) for url in urls]
        with tempfile.TemporaryDirectory(prefix="ready-", dir=hidden, ignore_cleanup_errors=True) as ready:
            files = _checked(urls, came, Path(ready) / shape.folder, shape, check, limits)
            _place(files, data, shape)
        shutil.rmtree(hidden)
    finally:
        with suppress(OSError):  # it stays where a part is kept, and is gone where all went well
            hidden.rmdir()


def _checked(
    urls: Sequence[str],
    came: Sequence[Part],
    ready: Path,
    shape: Shape,
    check: Callable[[list[Path]], object],
    limits: Limits,
) -> list[Path]:
    """Files that pass every check, in a folder of their own; Wrong, and nothing left of them, otherwise."""
    ready.mkdir()
    try:
        if faults := [fault for url, part in zip(urls, came, strict=True) for fault in _faults(url, part)]:
            raise ContractBroken(*faults)
        files = unpack([part.path for part in came], ready, shape, limits.max_bytes)
        check(files)
    except ContractBroken as broken:
        for part in came:
            part.remove()
        where = " and ".join(map(shown, urls))
        raise Wrong(f"{where} gave something else: {'; '.join(broken.faults)}") from None
    return files


def _faults(url: str, part: Part) -> Iterator[str]:
    """A web page in the place of a file, and another hash than the address names."""
    with part.path.open("rb") as file:
        start = file.read(512).lstrip().lower()
    wanted = urlsplit(url).fragment.removeprefix("sha256=")
    if start.startswith(PAGE):
        yield "a web page, not a table"
    elif wanted and (found := file_hash(part.path)) != wanted:
        yield f"sha256 {found}, expected {wanted}"


def _place(files: Sequence[Path], data: Path, shape: Shape) -> None:
    """Give the files their place, in one step."""
    several = len(files) > 1
    source = files[0].parent if several else files[0]
    target = data / (shape.folder if several else files[0].name)
    if target.exists():  # put there while this was fetched
        raise VisperaError(f"{target} is there by now, and is not replaced; type the same again to use it")
    for file in files:
        sync(file)
    source.rename(target)
    sync(data)


def _key(url: str) -> str:
    """Name of an address's part, from what may be shown of it: no password can be guessed from the name."""
    return hashlib.sha256(shown(url).encode()).hexdigest()[:16]


def _name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name or str(urlsplit(url).hostname)


def halves(data: Path) -> list[str]:
    """What has come of which address, in words, for each download that can be gone on with."""
    parts = [Part(path) for path in sorted((data / HIDDEN).glob("*.part"))]
    return [part.told() for part in parts if part.can_go_on]
