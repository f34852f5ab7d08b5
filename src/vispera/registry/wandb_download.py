"""Files of a version in W&B: from the server itself, as the process that asks has a cache of its own."""

from __future__ import annotations

from pathlib import Path

from vispera.errors import ContractBroken, VisperaError
from vispera.registry.wandb_process import last_words, tell, told, work, worked
from vispera.registry.wandb_server import INSTEAD, Where
from vispera.wandb_session import api, asking

FILES = "files"
GONE = (404, 410)
"""Answers of a server that has a file no more."""


def download(where: Where, name: str, place: Path) -> str:
    """What W&B's own check says against the files of a version, mostly nothing; they lie in ``place/files``.

    VisperaError if the server gave none, or no further byte for too long.
    """
    (place / FILES).mkdir()
    patience = where.transfer_timeout
    words = [name, str(place / FILES), str(where.home), f"{where.timeout}"]
    code = worked(__name__, words, place, place, patience, WANDB_CACHE_DIR=str(place / "cache"))
    why = " ".join(told(place))
    if code is None:
        raise VisperaError(
            f"no further byte of {name} came within {patience:g} s; nothing was changed; type the same "
            f"again, or registry.transfer_timeout={patience * 10:g}"
        )
    if code not in (0, ContractBroken.exit_code):
        raise VisperaError(why or f"{name} was not downloaded: {last_words(place)}; type the same again")
    return why


def main(name: str, folder: str, home: str, timeout: str) -> int:
    """0 after the download; otherwise an exit code, after a line that tells why not."""
    try:
        with api(Path(home), float(timeout), INSTEAD) as found, asking(f"give {name}"):
            version = found.artifact(name)
            try:
                version.download(root=folder)
                version.verify(folder)
            except ValueError as damage:
                raise ContractBroken(str(damage)) from None
            except Exception as fault:
                if getattr(getattr(fault, "response", None), "status_code", None) in GONE:
                    raise ContractBroken("a file of it is gone") from None
                raise
    except VisperaError as refusal:
        tell(str(refusal))
        return refusal.exit_code
    return 0


if __name__ == "__main__":
    work(main)
