"""Puts runs away and brings them back: archived, restored, deleted; what is killed half way loses nothing.

Before a folder goes, its look at the test window is put down in the archive, so that the count never falls.
A folder goes by a new name first, so that no reader sees half of it.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vispera.archive import keep_looks, label_of, read_label, tar_of, write_label
from vispera.errors import UsageError, VisperaError
from vispera.files import sync
from vispera.packing import bytes_on_disk, pack, unpack
from vispera.record import FILE, RunRecord, read


def archive(record: RunRecord, experiments: Path) -> int:
    """Bytes freed by packing a run's folder whole and taking it away; UsageError if it is running."""
    _refuse_running(record.folder)
    folder, tar = record.folder, tar_of(experiments, record.id)
    size, raw = bytes_on_disk(folder), _raw(folder)
    pack(folder, tar)
    write_label(experiments, record.id, record.state, size, raw)
    _put_down(experiments, record.id, raw)
    _refuse_running(folder)
    _remove(folder)
    return size - bytes_on_disk(tar) - bytes_on_disk(label_of(experiments, record.id))


def restore(record: RunRecord, experiments: Path) -> None:
    """Bring an archived run back as it was; its tar goes once the folder is whole."""
    unpack(record.folder, experiments / record.id)
    _remove_archived(record.id, experiments)


def delete(record: RunRecord, experiments: Path) -> int:
    """Bytes freed by deleting a run, archived or not; UsageError if it is running."""
    live = experiments / record.id
    freed = size(record, experiments)
    if live.is_dir():
        _refuse_running(live)
        _put_down(experiments, record.id, _raw(live))
        _remove(live)
    else:
        _put_down(experiments, record.id, _labelled(record.id, experiments).get("record"))
    _remove_archived(record.id, experiments)
    return freed


def size(record: RunRecord, experiments: Path) -> int:
    """Bytes on the disk that deleting a run would free."""
    places = (experiments / record.id, tar_of(experiments, record.id), label_of(experiments, record.id))
    return sum(map(bytes_on_disk, places))


def ties(gone: Sequence[RunRecord], everything: Sequence[RunRecord]) -> Iterator[str]:
    """A line for each run that is to go and that a run which stays was made from, or belongs with."""
    ids = {record.id for record in gone}
    stays = [record for record in everything if record.id not in ids]
    for record in gone:
        if children := [other.id for other in stays if other.parent == record.id]:
            yield f"{record.id} is the parent of {_some(children)}, which would stay"
    for sweep in dict.fromkeys(record.sweep for record in gone if record.sweep):
        left = [other for other in stays if other.sweep == sweep]
        mine = [record for record in gone if record.sweep == sweep]
        if left:
            trials = sum(record.trial is not None for record in mine)
            full = f", {len(mine) - trials} of them the full run of its best" if trials < len(mine) else ""
            yield f"{len(mine)} of the {len(mine) + len(left)} runs of search {sweep} would go{full}"


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return f"{', '.join(ids[:3])}{more}"


def _refuse_running(folder: Path) -> None:
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link to a folder elsewhere; take the link away yourself")
    try:
        running = read(folder).state == "running"
    except VisperaError:  # what cannot be read can be put away all the same
        return
    if running:
        raise UsageError(f"{folder.name} is running; stop it, or wait for its end")


def _raw(folder: Path) -> Any:
    """What stands in the record of a run, of a later version too; None if it cannot be read."""
    try:
        return json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _labelled(run: str, experiments: Path) -> dict[str, Any]:
    try:
        return read_label(experiments, run)
    except VisperaError:
        return {}


def _put_down(experiments: Path, run: str, raw: Any) -> None:
    if isinstance(raw, dict):
        keep_looks(experiments, run, raw.get("comparison_key"), raw.get("test_looks"))


def _remove(folder: Path) -> None:
    """Take a folder away, whole to every reader until it is gone; its name is one that ``doctor`` knows."""
    gone = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    folder.rename(gone)
    sync(folder.parent)
    shutil.rmtree(gone)


def _remove_archived(run: str, experiments: Path) -> None:
    # the tar first: a label alone is of no run, and the next archiving writes over it
    tar_of(experiments, run).unlink(missing_ok=True)
    label_of(experiments, run).unlink(missing_ok=True)
