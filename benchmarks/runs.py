"""CPU seconds to read so many run records, beside plain JSON of the same files.

    python benchmarks/runs.py [records ...]

Both are measured in turn in one run and the least of five counts, so that other work on the machine does not.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from vispera.record import read_all

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "record-v1" / "20261123-101530-catboost-3f9a1c"
TURNS = 5


def main(sizes: list[int]) -> None:
    print(f"{'records':>8} {'ours, s':>8} {'JSON, s':>8} {'ratio':>6}")
    content = (GOLDEN / "record.json").read_bytes()
    for size in sizes:
        with TemporaryDirectory() as place:
            folder = Path(place)
            fill(folder, size, content)
            ours, plain = [], []
            for _ in range(TURNS):
                ours.append(seconds(lambda folder=folder: read_all(folder)))
                plain.append(seconds(lambda folder=folder: bare(folder)))
        print(f"{size:>8,} {min(ours):>8.3f} {min(plain):>8.3f} {min(ours) / min(plain):>6.2f}")


def fill(folder: Path, size: int, content: bytes) -> None:
    """So many finished runs with one and the same record."""
    for number in range(size):
        run = folder / f"run-{number:06}"
        run.mkdir()
        (run / "record.json").write_bytes(content)
        (run / "DONE").touch()


def bare(folder: Path) -> list[dict]:
    """The least that reading the records can take."""
    return [json.loads((run / "record.json").read_bytes()) for run in folder.iterdir()]


def seconds(read: Callable[[], list]) -> float:
    """CPU seconds of one reading."""
    began = time.process_time()
    read()
    return time.process_time() - began


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 1_000, 10_000])
