"""The figure of a replay's night drawn anew, as it shows a guest's stay, and its copies in a mirror gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vispera.files import read_json, write_bytes, write_json

FIGURES, FIGURE = "figures", "one_night"
PICTURE = f"{FIGURE}.png"
WORDS = "figures.json"


@dataclass(frozen=True)
class Picture:
    """A figure as a file, its title, and what it says in words."""

    content: bytes
    title: str
    alt: str


Redraw = Callable[[bytes, str], Picture]
"""The figure of the night from the bytes of ``replay.json``, in a language."""


def without_picture(folder: Path, mirrors: Path | None, redraw: Redraw, told: bytes) -> None:
    """Draw the figure of a run's night from what is told of it now; equal copies in mirrors go first."""
    path, words = folder / FIGURES / PICTURE, folder / WORDS
    if not path.is_file():
        return
    shown = path.read_bytes()
    for copy in copies(folder.name, mirrors, shown):
        copy.unlink()
    about = read_json(words) if words.is_file() else {"language": "en", "figures": {}}
    drawn = redraw(told, about["language"])
    write_bytes(path, drawn.content)
    if FIGURE in about["figures"]:
        about["figures"][FIGURE] = {"title": drawn.title, "alt": drawn.alt}
        write_json(words, about)


def copies(run: str, mirrors: Path | None, shown: bytes) -> list[Path]:
    """Pictures of a run's mirrors with these bytes."""
    found = mirrors.glob(f"*-{run}/files/**/*.png") if mirrors else ()
    return [path for path in found if path.stat().st_size == len(shown) and path.read_bytes() == shown]
