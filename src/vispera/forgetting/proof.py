"""The proof: how many rows each place held, and that a second look finds none; no word of whose they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from vispera.clock import now
from vispera.files import write_json
from vispera.forgetting.look import Look
from vispera.forgetting.place import Area

FOLDER = "forgotten"
SCHEMA = 1
AREAS: tuple[Area, ...] = get_args(Area)


@dataclass(frozen=True)
class Seen:
    """What a look found at one place."""

    area: Area
    name: str
    look: Look

    @property
    def faults(self) -> Iterator[str]:
        """A line for each thing that keeps this place from being proven."""
        yield from (f"{self.name}: {fault}" for fault in self.look.faults)
        if self.look.untold:
            yield (
                f"{self.name}: rows of bookings that no table and no extract here holds, so that nobody can "
                f"tell whose they are: {self.look.untold:,}; type extract=FOLDER, or data.path=PLACE, where "
                "they are, or take it away"
            )


@dataclass(frozen=True)
class Proof:
    """Looks at every place, before and after; ``after`` is None where nothing was to be changed."""

    before: Sequence[Seen]
    after: Sequence[Seen] | None = None
    faults: tuple[str, ...] = ()

    @property
    def last(self) -> Sequence[Seen]:
        """The last look."""
        return self.before if self.after is None else self.after

    @property
    def found(self) -> int:
        """Rows that were there."""
        return sum(one.look.rows for one in self.before)

    @property
    def left(self) -> int:
        """Rows that are there."""
        return sum(one.look.rows for one in self.last)

    @property
    def open(self) -> list[str]:
        """A line for each place that is not proven to be without the guest."""
        left = [one for one in self.after or () if one.look.rows]
        told = [f"{one.name}: rows that are left: {one.look.rows:,}" for one in left]
        told += [fault for one in self.last for fault in one.faults]
        return list(dict.fromkeys([*self.faults, *told]))

    def lines(self) -> Iterator[str]:
        """The table: a line for each kind of place, and one for each in which something was found."""
        yield f"{'files':>7} {'rows found':>11} {'rows left':>10}  place"
        for area in AREAS:
            mine = [one for one in self.before if one.area == area]
            yield self._line(area, mine, [one for one in self.last if one.area == area])
            for one in mine:
                if one.look.rows:
                    yield self._line(
                        f"  {one.name}", [one], [new for new in self.last if new.name == one.name]
                    )

    def _line(self, name: str, before: Sequence[Seen], last: Sequence[Seen]) -> str:
        files, rows = (sum(getattr(one.look, what) for one in before) for what in ("files", "rows"))
        left = "" if self.after is None else f"{sum(one.look.rows for one in last):,}"
        return f"{files:>7,} {rows:>11,} {left:>10}  {name}"


def keep(proof: Proof, root: Path, problem: str) -> Path:
    """The file in which a proof is kept: counts, and the hashes of the files that were changed."""
    at = now()
    path = root / FOLDER / f"{at:%Y%m%dT%H%M%S.%fZ}.json"
    path.parent.mkdir(exist_ok=True)
    found = {one.name: one for one in proof.before if one.look.rows}
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "at": stamp(),
        "problem": problem,
        "found": proof.found,
        "left": proof.left,
        "areas": {area: _area(proof, area) for area in AREAS},
        "places": [_place(one, found) for one in proof.last if one.name in found],
        "open": proof.open,
    }
    write_json(path, told)
    return path


def _area(proof: Proof, area: Area) -> Mapping[str, int]:
    looks = [one.look for one in proof.last if one.area == area]
    found = sum(one.look.rows for one in proof.before if one.area == area)
    return {
        "places": len(looks),
        "files": sum(look.files for look in looks),
        "found": found,
        "left": sum(look.rows for look in looks),
    }


def _place(one: Seen, found: Mapping[str, Seen]) -> Mapping[str, Any]:
    counts = {"found": found[one.name].look.rows, "left": one.look.rows}
    return {"area": one.area, "place": one.name, **counts, "sha256": one.look.hashes}


def stamp() -> str:
    """Now, UTC, as ISO 8601 to the second."""
    return now().isoformat(timespec="seconds").replace("+00:00", "Z")
