"""Seconds and bytes of the page of so many runs, beside the plotting library.

    python benchmarks/compare.py [runs ...]

Each is a full run with numbers and settings of its own, made from one that is evaluated here. Reading them
(configurations and data too), the comparison without pairs, and the page are timed apart. A pair is timed by
itself, as how many are made is a setting (``pairs``).
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from compared import candidates, kept
from predictions import WINDOWS
from vispera.record import read_all
from vispera.report.compare import compare, write_page

LIGHT = ("config.yaml", "data.json", "curves.json", "metrics.json", "DONE")


def main(sizes: list[int]) -> None:
    with TemporaryDirectory() as place:
        first = kept(Path(place, "first"), 0.1, windows=WINDOWS)
        other = kept(Path(place, "first"), 0.3, windows=WINDOWS)
        one_pair(place, [first, other])
        print(
            f"{'runs':>6} {'read, s':>8} {'compare, s':>10} {'page, s':>8} {'bytes beside the library':>25}"
        )
        for size in sizes:
            folder = Path(place, f"{size}")
            fill(folder, first.folder, size)
            began = time.perf_counter()
            read = candidates(read_all(folder))
            done = time.perf_counter()
            found = compare(read, name="many", searches=folder, most_pairs=0)
            held = time.perf_counter()
            beside = write_page(found, Path(place, "page.html"), folder, "en")
            ended = time.perf_counter()
            print(f"{size:>6,} {done - began:>8.2f} {held - done:>10.2f} {ended - held:>8.2f} {beside:>25,}")


def one_pair(place: str, records: list) -> None:
    """How long one run takes to be held against the baseline, with 200 resamples of protocol 1's windows."""
    read = candidates(records)
    began = time.perf_counter()
    compare(read, name="pair", searches=Path(place), resamples=200)
    print(f"a pair of {sum(rows for _, _, rows, _ in WINDOWS):,} rows: {time.perf_counter() - began:.2f} s")


def fill(folder: Path, source: Path, size: int) -> None:
    """So many runs in the likeness of one, each with other numbers and settings."""
    record = json.loads((source / "record.json").read_text())
    config = (source / "config.yaml").read_text()
    for number in range(size):
        run = folder / f"20261124-{number:06}-catboost-{number * 7919 % 16**6:06x}"
        run.mkdir(parents=True)
        for name in LIGHT:
            shutil.copyfile(source / name, run / name)
        values = "".join(f"    value_{key}: {0.0123457 * (number + key + 1)}\n" for key in range(8))
        (run / "config.yaml").write_text(config.replace("    depth: 6\n", values))
        ends = [{**m, "value": round(m["value"] * (1 + number / 9973), 6)} for m in record["headline"]]
        told = {**record, "id": run.name, "headline": ends, "note": f"attempt {number % 7}"}
        (run / "record.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10, 100, 1_000])
