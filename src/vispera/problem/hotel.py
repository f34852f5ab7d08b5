"""Hotel booking demand: where the published table lies, or is fetched from, and whether it is whole.

Source: Antonio, de Almeida, Nunes, "Hotel booking demand datasets", Data in Brief 22 (2019) 41-49, CC BY 4.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vispera import workspace
from vispera.alone import alone
from vispera.errors import ContractBroken, UsageError, VisperaError
from vispera.lazy import pandas as pd
from vispera.problem import Problem
from vispera.problem.fetch import fetch
from vispera.problem.fetch.address import Address, address_faults, learn_secrets
from vispera.problem.fetch.archive import Shape
from vispera.problem.fetch.transfer import Limits
from vispera.problem.hotel_form import (
    HOTELS,
    booking_facts,
    counted_in,
    form_of,
    hotel_file,
    missing,
    oddities,
    read,
    snake,
    to_canonical_names,
)
from vispera.problem.store import Raw, hashes_of, load_canonical
from vispera.table import Table

SHAPE = Shape("hotels", ("H1.csv", "H2.csv"), "publication")
USUAL = ("hotels", "hotel_bookings")
"""What the merged table is called where it circulates; found by it among other tables."""
BY_HAND = (
    "download it by hand (https://doi.org/10.1016/j.dib.2018.11.126) and type data.path=FILE_OR_FOLDER, "
    "or name another address: problem.addresses=[https://HOST/hotels.csv]"
)


@dataclass(frozen=True, kw_only=True)
class Hotel(Problem):
    """``path`` is a file, or a folder with one table or the publication's two; None looks into ``cache``.

    ``counts`` gives the rows and cancellations that each form of the source has, and each file of the
    publication, by its name; a table that has others is refused, because a cut file looks like a good one.
    ``addresses`` are asked by `fetch` alone, one after another.
    """

    path: str | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    addresses: tuple[Address, ...] = ()
    download: Limits = field(default_factory=Limits)

    def __post_init__(self):
        faults = address_faults(self.addresses, SHAPE.parts, "problem.addresses")
        if faults := faults + self.download.faults("problem.download"):
            raise UsageError(*faults)
        learn_secrets(self.addresses)

    @property
    def data(self) -> Path:
        """Folder that is looked into, and fetched into, where no path is named; absolute."""
        return workspace.root() / self.cache

    def files(self) -> list[Path]:
        """Files of the table; none if no path is named and none lie in the data folder."""
        return find(self.path) if self.path else found_in(self.data)

    def open_book(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Rows of a nightly extract in any of the forms of the table, under the declared names."""
        return booking_facts(raw.rename(columns=snake))

    def load(self) -> Table:
        """Canonical bookings; canonicalised once for each content of the source."""
        files = self.files()
        if not files:
            raise UsageError(
                "the real bookings are not here: type vispera data problem=hotel, which fetches them, or "
                "data.path=FILE_OR_FOLDER, or set VISPERA_DATA; problem=simulated needs no data"
            )
        try:
            return self._load(files)
        except ContractBroken as broken:
            where = " and ".join(map(str, files))
            raise ContractBroken(*broken.faults, self._mending(where)) from None

    def fetch(self) -> list[Path]:
        """Files of the table, fetched and checked if no path is named and none are in the data folder."""
        if files := self.files():
            return files
        if not self.addresses:
            raise UsageError(f"the real bookings are not here, and problem.addresses is empty: {BY_HAND}")
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as refusal:
            raise VisperaError(
                f"{self.data} cannot be made: {refusal.strerror}; type vispera doctor"
            ) from None
        with alone(self.data, "fetches into"):
            if not self.files():  # another process may have fetched them meanwhile
                fetch(self.addresses, self.data, SHAPE, self._load, self.download, BY_HAND)
        return self.files()

    def _load(self, files: list[Path]) -> Table:
        return load_canonical(self, hashes_of(files), lambda: self._raw(files))

    def _mending(self, where: str) -> str:
        if self.path:
            return f"that is what {where} holds; name another file with data.path=FILE"
        return f"that is what {where} holds; move it away, and vispera data problem=hotel fetches a whole one"

    def _raw(self, files: list[Path]) -> Raw:
        raw = read(files)
        derived = ("booking_date", "arrival_date", "nights", "cancelled", "outcome_date")
        asked = [column.name for column in self.schema.required("history") if column.name not in derived]
        if faults := missing(raw, asked) + self._miscounted(raw, in_files=len(files) > 1):
            raise ContractBroken(*faults)
        try:
            bookings = to_canonical_names(raw)
        except (ValueError, OverflowError) as wrong:
            said = str(wrong).splitlines()[0]
            raise ContractBroken(f"hotel: a date or a number cannot be read: {said}") from None
        return Raw(bookings, flagged=oddities(bookings))

    def _miscounted(self, raw: pd.DataFrame, in_files: bool) -> list[str]:
        """One fault for the source, or each file of the publication, that has other counts than it should."""
        form = form_of(raw)
        wholes = {"source": (form, raw)}
        if in_files and form == "publication":
            keys = {key.upper(): raw.loc[raw["hotel"] == hotel] for key, hotel in HOTELS.items()}
            wholes = {f"{key}.csv": (key, rows) for key, rows in keys.items()}
        faults = []
        for what, (name, rows) in wholes.items():
            wrong = [
                f"{counted} {found}, expected {self.counts[name][counted]}"
                for counted, found in counted_in(rows).items()
                if found != self.counts.get(name, {}).get(counted, found)
            ]
            faults += [f"hotel: not the whole {what}: {'; '.join(wrong)}"] if wrong else []
        return faults + (["hotel: if that is meant, type '~problem.counts'"] if faults else [])


def found_in(data: Path) -> list[Path]:
    """Files of the table in a data folder, or of the publication in its own folder there; may be none."""
    together = data / SHAPE.folder
    places = [place for place in (data, together) if tables_in(place)]
    return find(str(places[0])) if places else []


def find(place: str) -> list[Path]:
    """The file or files of the table; UsageError if there is none, with what to type."""
    path = Path(place).expanduser()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"data.path '{place}' is neither a file nor a folder")
    tables = tables_in(path)
    both = [f for f in tables if hotel_file(f)]
    if len(both) == 2 and hotel_file(both[0]) != hotel_file(both[1]):
        return both
    named = [f for f in tables if f.stem in USUAL]
    if len(tables) == 1 or len(named) == 1:
        return named or tables
    raise UsageError(
        f"'{place}' holds {len(tables)} tables; wanted one table, or H1.csv and H2.csv; "
        "name the file: data.path=FILE"
    )


def tables_in(folder: Path) -> list[Path]:
    """CSV and Parquet files that lie in a folder itself."""
    return sorted(f for f in folder.glob("[!.]*") if f.suffix in (".csv", ".parquet"))
