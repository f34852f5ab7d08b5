"""Folders packed and brought back, and tars that would do harm."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from vispera.errors import ContractBroken, VisperaError
from vispera.packing import bytes_on_disk, content_of, pack, unpack


@pytest.fixture
def folder(tmp_path) -> Path:
    run = tmp_path / "experiments" / "run-1"
    (run / "figures").mkdir(parents=True)
    (run / "empty").mkdir()
    (run / "record.json").write_bytes(b'{"note": "d\xc3\xada"}')
    (run / "figures" / "big.bin").write_bytes(os.urandom(3_000_000))
    (run / "figures" / "día ñ.png").write_bytes(b"")
    (run / "latest").symlink_to("figures/big.bin")
    return run


@pytest.fixture
def tar(tmp_path) -> Path:
    return tmp_path / "experiments" / ".archive" / "run-1.tar.gz"


def written(tar: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    tar.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tar, "w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return tar


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_a_folder_comes_back_byte_for_byte(folder, tar, tmp_path):
    before = content_of(folder)
    assert len(before) == 7
    pack(folder, tar)
    assert content_of(folder) == before, "packing takes nothing away"
    elsewhere = tmp_path / "other" / "run-1"
    elsewhere.parent.mkdir()
    unpack(tar, elsewhere)
    assert content_of(elsewhere) == before
    assert list(elsewhere.parent.iterdir()) == [elsewhere]
    assert bytes_on_disk(elsewhere) >= 3_000_000
    assert bytes_on_disk(tmp_path / "nowhere") == 0


HARMFUL = {
    "a name that leads out": [member("run-1/../../evil")],
    "a name beside the folder": [member("run-1/../beside")],
    "another folder": [member("run-2/x")],
    "an absolute name": [member("/tmp/evil")],  # noqa: S108  (never written)
    "a link that leads out": [member("run-1/link", tarfile.SYMTYPE, "../../outside")],
    "an absolute link": [member("run-1/link", tarfile.SYMTYPE, "/etc/passwd")],
    "a hard link that leads out": [member("run-1/link", tarfile.LNKTYPE, "../outside")],
    "a file through a link": [member("run-1/link", tarfile.SYMTYPE, ".."), member("run-1/link/evil")],
    "a device": [member("run-1/device", tarfile.CHRTYPE)],
    "a pipe": [member("run-1/pipe", tarfile.FIFOTYPE)],
    "no folder": [],
}


@pytest.mark.parametrize("members", HARMFUL.values(), ids=HARMFUL)
def test_nothing_of_a_harmful_tar_is_written(members, tar, tmp_path):
    written(tar, *((one, b"") for one in members))
    place = tmp_path / "experiments"
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(VisperaError):
        unpack(tar, place / "run-1")
    assert sorted(path for path in tmp_path.rglob("*")) == before


def flipped(content: bytes) -> bytes:
    """One bit of a byte that does not compress differs."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "harm", [lambda b: b[: len(b) // 2], lambda b: b[:-6], lambda b: b"PK" + b[2:], lambda b: b"", flipped]
)
def test_a_damaged_tar_is_one_line_and_changes_nothing(folder, tar, tmp_path, harm):
    pack(folder, tar)
    tar.write_bytes(harm(tar.read_bytes()))
    place = tmp_path / "other"
    place.mkdir()
    with pytest.raises(VisperaError, match="nothing was changed"):
        unpack(tar, place / "run-1")
    assert not list(place.iterdir())


def test_what_could_not_come_back_is_not_packed(folder, tar):
    (folder / "out").symlink_to("/etc/passwd")
    with pytest.raises(ContractBroken, match="nothing was changed"):
        pack(folder, tar)
    (folder / "out").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(ContractBroken):
        pack(folder, tar)
    assert list(tar.parent.iterdir()) == []


def test_a_folder_that_is_there_is_not_written_over(folder, tar):
    pack(folder, tar)
    before = content_of(folder)
    with pytest.raises(OSError, match="not empty"):
        unpack(tar, folder)
    assert content_of(folder) == before
    assert sorted(folder.parent.iterdir()) == [tar.parent, folder]
