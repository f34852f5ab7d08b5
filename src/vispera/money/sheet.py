"""The sheet that lies on the desk in the morning: a list as rows and columns, in two languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vispera.clock import dates
from vispera.decision import Costs
from vispera.lazy import pandas as pd
from vispera.money.book import Book
from vispera.money.call_list import NOT_LISTED, UnitNights, ranks
from vispera.money.reason import columns
from vispera.money.value import Prospect
from vispera.problem import Problem
from vispera.pseudonym import pseudonyms
from vispera.text import LANGUAGES, Language, language

CALL, CONTROL = "call", "control"
REASONS = 3

MONEY_DECIMALS, RISK_DECIMALS = 2, 4
"""Of what is written; ranks follow from all digits."""


@dataclass(frozen=True)
class Scores:
    """What a list is made of, by unit-night, (m,) each: the greatest probability of its bookings, and EUR.

    ``risk_rank`` and ``value_rank`` are the places among all of the night, 1 the first.
    """

    risk: np.ndarray
    expected: np.ndarray
    risk_rank: np.ndarray
    value_rank: np.ndarray

    @classmethod
    def of(cls, units: UnitNights, risk: np.ndarray, expected: np.ndarray) -> Scores:
        """With the places that they have among all of their night."""
        return cls(risk, expected, ranks(units, risk), ranks(units, expected))


def sheet(
    book: Book,
    prospect: Prospect,
    costs: Costs,
    scores: Scores,
    places: np.ndarray,
    control: np.ndarray,
    reasons: Mapping[str, Sequence[str]],
    guests: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Rows of the lists, by night and rank, as they are written; nothing in it was unknown on its night.

    Parameters
    ----------
    places, control
        Place on the list and whether the unit is in the control arm, (m,) each.
    reasons
        Texts by column for the listed unit-nights, in the order of :func:`on_lists`.
    guests
        Pseudonyms of their guests, in the same order, where the problem names guests.

    Returns
    -------
    DataFrame
        night, rank, unit, guest (where there is one), arm, risk, risk_rank, expected_value, value_rank,
        days_left, rooms, price, worth, why and the reasons in each language, then the columns that make a
        unit.
    """
    rows = on_lists(book, places)
    first = book.starts[rows]
    scored = {
        "risk": _rounded(scores.risk[rows], RISK_DECIMALS),
        "risk_rank": scores.risk_rank[rows],
        "expected_value": _rounded(scores.expected[rows], MONEY_DECIMALS),
        "value_rank": scores.value_rank[rows],
    }
    worth = {
        "price": _rounded(prospect.price[first], MONEY_DECIMALS),
        "worth": _rounded(book.total(prospect.worth(costs))[rows], MONEY_DECIMALS),
    }
    made = _sheet(book, places, control, guests, scored, worth)
    told = {code: [why(row, language(code)) for row in made.to_dict("records")] for code in LANGUAGES}
    return _with_words(made, book, rows, told, reasons)


def bare_sheet(
    book: Book, places: np.ndarray, guests: Sequence[str] | None, said: Mapping[str, str]
) -> pd.DataFrame:
    """The same columns for a list that no model made: no risk, no value, no price, and ``said`` for why.

    ``said`` is one text by language for all rows.
    """
    rows = on_lists(book, places)
    no_number, no_rank = np.full(len(rows), np.nan), pd.array([pd.NA] * len(rows), dtype="Int64")
    scored = {"risk": no_number, "risk_rank": no_rank, "expected_value": no_number, "value_rank": no_rank}
    nobody = np.zeros(len(book), dtype=bool)
    made = _sheet(book, places, nobody, guests, scored, {"price": no_number, "worth": no_number})
    told = {code: [said[code]] * len(rows) for code in LANGUAGES}
    return _with_words(made, book, rows, told, columns([()] * len(rows), unmoved=""))


def _sheet(
    book: Book,
    places: np.ndarray,
    control: np.ndarray,
    guests: Sequence[str] | None,
    scored: Mapping[str, object],
    worth: Mapping[str, object],
) -> pd.DataFrame:
    """Columns of the listed unit-nights, by night and rank, up to the words."""
    rows = on_lists(book, places)
    told: dict[str, object] = {
        "night": dates(book.night[rows]),
        "rank": places[rows] + 1,
        "unit": [f"{unit:016x}" for unit in book.unit[rows].tolist()],
        **({} if guests is None else {"guest": list(guests)}),
        "arm": np.where(control[rows], CONTROL, CALL),
        **scored,
        "days_left": book.days_left[book.starts[rows]],
        "rooms": book.rooms[rows],
        **worth,
    }
    return pd.DataFrame(told)


def _with_words(
    made: pd.DataFrame,
    book: Book,
    rows: np.ndarray,
    told: Mapping[str, Sequence[str]],
    reasons: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """The sheet with why each row stands where it does, its reasons, and the facts that name its unit."""
    words = {f"why_{code}": list(texts) for code, texts in told.items()}
    words |= {name: list(texts) for name, texts in reasons.items()}
    facts = book.table.rows.iloc[book.first[rows]][list(book.table.schema.unit)].reset_index(drop=True)
    return pd.concat([made.assign(**words), facts], axis=1)


def _rounded(values: np.ndarray, decimals: int) -> np.ndarray:
    """Rounded values, (n,); nothing has no sign."""
    return values.round(decimals) + 0.0


def guests_of(problem: Problem, book: Book, rows: np.ndarray) -> list[str] | None:
    """Pseudonyms of the guests of unit-nights, several parted by a space; None where nobody is named."""
    column = problem.decision.guest
    if column is None:
        return None
    named = book.table.rows[column].fillna("").astype("str").to_numpy()[book.at.position]
    ends = np.append(book.starts, len(book.at))
    alias = pseudonyms()
    guests = (sorted(set(named[ends[row] : ends[row + 1]]) - {""}) for row in rows.tolist())
    return [" ".join(alias.of(those)) for those in guests]


def on_lists(book: Book, places: np.ndarray) -> np.ndarray:
    """Unit-nights that are on a list, by night and rank."""
    there = np.flatnonzero(places != NOT_LISTED)
    return there[np.lexsort((places[there], book.which[there]))]


def why(row: Mapping, spoken: Language) -> str:
    """Why the two ranks of a row differ, in words: what is at stake, and how much time is left to resell."""
    risk, value = row["risk_rank"], row["value_rank"]
    key = "same" if risk == value else "more_by_value" if value < risk else "more_by_risk"
    return spoken.say(
        f"list.{key}",
        risk_rank=str(risk),
        value_rank=str(value),
        risk=spoken.percent(row["risk"], 1),
        worth=spoken.number(row["worth"], 0),
        days=spoken.say("list.day" if row["days_left"] == 1 else "list.days", days=str(row["days_left"])),
        value=spoken.number(row["expected_value"], 2),
    )


def as_csv(rows: pd.DataFrame) -> bytes:
    """RFC 4180, UTF-8: dates as ISO, a decimal point, lines that end in CR LF, the same bytes everywhere."""
    plain = rows.copy()
    for name, values in rows.items():
        if values.dtype.kind == "M":
            plain[name] = values.dt.strftime("%Y-%m-%d")
    return plain.to_csv(index=False, lineterminator="\r\n").encode()
