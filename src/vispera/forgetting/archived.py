"""An archived run without a guest: its tar is read as it lies, and packed anew if it holds their rows."""

from __future__ import annotations

import json
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from vispera.archive import NAME, SUFFIX, label_of, read_label, tar_of, write_label
from vispera.errors import VisperaError
from vispera.forgetting import folder as folders
from vispera.forgetting.folder import Task
from vispera.forgetting.guest import Guest
from vispera.forgetting.look import Look, look_at
from vispera.forgetting.sifting import SIFTERS
from vispera.forgotten import FILE as NOTE
from vispera.packing import pack, unpack
from vispera.record import FILE as RECORD

STAGED = ".forgetting."


def tars(experiments: Path) -> list[str]:
    """Ids of the runs of which a tar lies in the archive, those that are back among the runs too."""
    found = (experiments / NAME).glob(f"[!.]*{SUFFIX}")
    return sorted(path.name.removesuffix(SUFFIX) for path in found)


def look(experiments: Path, run: str, guest: Guest) -> Look:
    """What the tar of a run holds of a guest."""
    try:
        found = dict(_members(tar_of(experiments, run), run))
    except (tarfile.TarError, zlib.error, EOFError, OSError) as damage:
        return Look(1, faults=(f"it cannot be unpacked: {damage}",))
    held = [(name, lambda content=content: content) for name, content in found.items() if name in SIFTERS]
    pending = NOTE in found and RECORD in found and not _labelled(experiments, run, found[RECORD])
    return look_at(held, guest, pending)


def _members(tar: Path, run: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files in a run's tar that are asked about."""
    wanted = {f"{run}/{name}": name for name in (*SIFTERS, NOTE, RECORD)}
    with tarfile.open(tar, "r:gz") as archive:
        for member in archive:
            if member.name in wanted and (stream := archive.extractfile(member)) is not None:
                yield wanted[member.name], stream.read()


def _labelled(experiments: Path, run: str, record: bytes) -> bool:
    """Whether the label of a tar says what the record in it does."""
    try:
        return read_label(experiments, run)["record"] == json.loads(record)
    except (VisperaError, ValueError):
        return False


def clean(experiments: Path, run: str, task: Task, pictures: Path | None) -> None:
    """Pack a run anew without the guest: the tar takes the place of the old one, whole; then the label."""
    sweep(experiments)
    tar = tar_of(experiments, run)
    place = experiments / NAME / f"{STAGED}{secrets.token_hex(4)}.tmp"
    place.mkdir()
    try:
        unpack(tar, place / run)
        if folders.look(place / run, task.guest).rows:
            folders.clean(place / run, task, pictures)
            pack(place / run, tar)
        record = json.loads((place / run / RECORD).read_bytes())
    finally:
        shutil.rmtree(place)
    label = read_label(experiments, run) if label_of(experiments, run).is_file() else {}
    write_label(experiments, run, label.get("state", record["state"]), label.get("bytes", 0), record)


def abandoned(experiments: Path) -> list[Path]:
    """What a killed process had unpacked, and half files of archived runs: nobody else packs those again."""
    archive, gone = experiments / NAME, {run for run in tars(experiments) if not (experiments / run).exists()}
    found = list(archive.glob(f"{STAGED}*"))
    for path in archive.glob(".*.tmp"):
        whole = match[1] if (match := folders.TEMPORARY.fullmatch(path.name)) else ""
        if whole.removesuffix(SUFFIX) in gone or whole.removesuffix(".json") in gone:
            found.append(path)
    return found


def sweep(experiments: Path) -> None:
    """Take that away."""
    for path in abandoned(experiments):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
