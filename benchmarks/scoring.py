"""Seconds and memory from an extract to a published list, as its open bookings grow; and what a list costs.

    python benchmarks/scoring.py [rows ...]

A CatBoost model is trained on the simulated bookings, and extracts of so many open bookings are made of them.
``score`` is the whole command, Python's start and the features included, each size in a process of its own;
its peak stands beside that of the size before. Then, in turn in one process, batches of ready features from a
Parquet file become: predictions alone, a list, and a list with reasons for its rows, the best of a few turns
each, the last two as multiples of the first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from vispera.clock import day, iso
from vispera.commands.score import Arguments
from vispera.door.application import composed
from vispera.door.building import arguments
from vispera.feature import build
from vispera.feature.snapshot import KeptLedger
from vispera.model.artefact import read
from vispera.money.book import read_book
from vispera.money.call_list import NOT_LISTED
from vispera.money.value import kept_prospect
from vispera.problem.extract import extract_of, find_extract
from vispera.tonight.desk import Asked, places_of, where
from vispera.tonight.evening import Booked, evening_of
from vispera.tonight.intake import BATCH, Intake
from vispera.tonight.scoring import Scoring

SIZES = (10_000, 100_000, 1_000_000)
UNTIL = "2017-03-15"
NIGHT = "2017-03-16"
LISTED = 200
TURNS = 3
BESIDE = ("unit", "fact_key", "gain", "harm")
"""Columns of the ready rows that are no features."""
PROBLEM = ("problem=simulated", f"problem.decision.capacity={LISTED}")
COLUMNS = ("score, s", "CPU s", "peak MB", "x before", "predict", "list", "reasons")


def main(sizes: Sequence[int]) -> None:
    print(f"{'rows':>10}" + "".join(f"{name:>12}" for name in COLUMNS), flush=True)
    with TemporaryDirectory() as home:
        os.environ["VISPERA_HOME"] = home
        words = ("model=catboost", "tracker=none", f"trained_until={UNTIL}", "evaluation.test=false")
        _quietly("-m", "vispera", "train", *words)
        model = next(Path(home).glob("experiments/*/model"))
        before = None
        for rows in sizes:
            place = Path(home) / f"extract-{rows}"
            _quietly(__file__, "--extract", str(place), str(rows))
            seconds, spent, peak = _measured("score", *asked_words(place, model))
            ratios = _quietly(__file__, "--in-turn", str(place), str(model)).split(",")
            cells = [
                f"{seconds:.1f}",
                f"{spent:.1f}",
                f"{peak:.0f}",
                f"{peak / (before or peak):.2f}",
                *ratios,
            ]
            print(f"{rows:>10,}" + "".join(f"{cell.strip():>12}" for cell in cells), flush=True)
            before = peak


def asked_words(place: Path, model: Path) -> list[str]:
    return [*PROBLEM, f"night={NIGHT}", f"extract={place}", f"artefact={model}", f"to={place}-handoff"]


def write_extract(place: Path, rows: int) -> None:
    """So many open bookings like those of the simulated night, each a unit of its own or nearly."""
    rng, night = np.random.default_rng(0), np.datetime64(NIGHT)
    table = arguments(Arguments, composed("score", list(PROBLEM))).problem.load()
    place.mkdir()
    for name, content in extract_of(table, day(NIGHT)).items():
        (place / name).write_bytes(content)
    some = pd.read_csv(place / "bookings.csv", dtype=str, keep_default_na=False)
    some = some[some["deposit_type"] != "Non Refund"]
    (place / "bookings.csv").unlink()
    many = some.iloc[rng.integers(0, len(some), rows)].reset_index(drop=True)
    left, lead = rng.integers(1, 15, rows), rng.integers(14, 400, rows)
    arrival = night + left.astype("timedelta64[D]")
    many = many.assign(
        arrival_date=np.datetime_as_string(arrival, "D"),
        booking_date=np.datetime_as_string(arrival - lead.astype("timedelta64[D]"), "D"),
        lead_time=lead.astype(str),
        nights=rng.integers(1, 15, rows).astype(str),
    )
    many.to_parquet(place / "bookings.parquet", index=False)


def in_turn(place: Path, model: Path) -> str:
    """Milliseconds of prediction alone, and how many times as long a list takes, without and with reasons."""
    asked = arguments(Arguments, composed("score", asked_words(place, model)))
    scoring, ready = Scoring.of(read(model), asked.problem), place / "ready.parquet"
    write_ready(asked, scoring, ready)
    ways: dict[str, Callable[[], object]] = {
        "predict": lambda: predicted(scoring, ready),
        "list": lambda: listed(scoring, asked.asked(()), ready),
        "reasons": lambda: explained(scoring, asked.asked(()), ready),
    }
    best = dict.fromkeys(ways, np.inf)
    for _ in range(TURNS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - began)
    alone = best["predict"]
    return f"{alone * 1000:.0f} ms, {best['list'] / alone:.2f} x, {best['reasons'] / alone:.2f} x"


def write_ready(asked: Arguments, scoring: Scoring, ready: Path) -> None:
    """Features of every open booking, and beside them what a call to it gains and harms, in batches."""
    night, costs, worth = day(NIGHT), asked.problem.decision.costs, asked.problem.decision.worth
    extract = find_extract(asked.sought.extract, iso(night))
    if extract is None or costs is None or worth is None:
        raise SystemExit("the extract that was just written is gone")
    writer = None
    for batch in Intake(asked.problem, extract, scoring, night).batches():
        book = read_book(asked.problem, batch.table, night, night)
        x = build(
            batch.table, book.at, scoring.spec, KeptLedger(batch.table, 14, scoring.tables, scoring.until)
        ).x
        prospect = kept_prospect(book, worth, 14, scoring.tables)
        beside = {
            "unit": batch.table.unit[book.at.position],
            "fact_key": batch.table.fact_key[book.at.position],
            "gain": prospect.gain(costs),
            "harm": prospect.harm(costs),
        }
        plain = {
            name: values.astype("str") if values.dtype == "category" else values for name, values in x.items()
        }
        made = pa.Table.from_pandas(pd.DataFrame(plain).assign(**beside), preserve_index=False)
        writer = writer or pq.ParquetWriter(ready, made.schema)
        writer.write_table(made)
    if writer:
        writer.close()


def _batches(ready: Path, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
    with pq.ParquetFile(ready) as file:
        texts = [field.name for field in file.schema_arrow if pa.types.is_large_string(field.type)]
        texts += [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
    with pq.ParquetFile(ready, read_dictionary=texts) as file:
        for batch in file.iter_batches(batch_size=BATCH, columns=columns):
            yield batch.to_pandas()


def predicted(scoring: Scoring, ready: Path) -> np.ndarray:
    names = [name for name in pq.read_schema(ready).names if name not in BESIDE]
    return np.concatenate([scoring.fitted.predict(x).p for x in _batches(ready, names)])


def listed(scoring: Scoring, asked: Asked, ready: Path, kept: list[pd.DataFrame] | None = None):
    """Places of all units; ``kept`` gets the rows that may be listed, as the command remembers them."""
    parts, rows, promising = [], 0, asked.promising
    for x in _batches(ready):
        made = scoring.fitted.predict(x)
        value = made.p * x["gain"].to_numpy() - (1.0 - made.p) * x["harm"].to_numpy()
        unit, key, n = x["unit"].to_numpy(), x["fact_key"].to_numpy(), len(x)
        here = np.arange(rows, rows + n, dtype=np.int32)
        parts.append(Booked(unit, key, made.raw, made.p, value, np.zeros(n, bool), here))
        if kept is not None:
            some = promising.among(parts[-1])
            kept.append(x.iloc[some].set_axis(here[some]))
        rows += n
    evening = evening_of(Booked.whole(parts), asked.costs, day(NIGHT), None)
    places = places_of(evening, asked)
    if (places != NOT_LISTED).sum() != LISTED:
        raise SystemExit("too few calls are worth their cost; nothing was measured")
    return evening, places


def explained(scoring: Scoring, asked: Asked, ready: Path):
    """Contributions of every feature to the scores of the listed units' bookings."""
    kept: list[pd.DataFrame] = []
    wanted = where(*listed(scoring, asked, ready, kept))
    known = pd.concat([frame.astype(dict.fromkeys(scoring.levels, "str")) for frame in kept])
    return scoring.fitted.explain(known.loc[np.intersect1d(known.index, wanted)])


def _measured(*command: str) -> tuple[float, float, float]:
    """Seconds, seconds of CPU, and peak MB of a command, in a process of its own."""
    began, nowhere = time.perf_counter(), subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-m", "vispera", *command], stdout=nowhere, stderr=nowhere)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"vispera {' '.join(command)} ended with status {status}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _quietly(*words: str) -> str:
    """What a script says in a process of its own, so that its memory is not counted as another's."""
    done = subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--extract", place, rows]:
            write_extract(Path(place), int(rows))
        case ["--in-turn", place, model]:
            print(in_turn(Path(place), Path(model)))
        case sizes:
            main([int(word) for word in sizes] or SIZES)
