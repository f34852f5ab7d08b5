"""Why a booking is on a list, in words: its main reasons in every language, equal numbers in each.

A model adds up contributions by feature. Features that speak of one thing are one theme (module ``theme``); a
reason is a theme, said in one sentence (module ``wording``) about that feature of it that moved most. Numbers
are those that the model saw: rates of small groups lean on the overall rate, days left are counted from the
night of the list. What a model uses is not what causes a cancellation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vispera.errors import Declined
from vispera.feature import FeatureSpec
from vispera.lazy import pandas as pd
from vispera.model import Explanation, Fitted
from vispera.money.theme import Meaning, by_theme, grouped, meanings
from vispera.money.wording import Case, Wording
from vispera.schema import Schema
from vispera.text import LANGUAGES, language

DECIMALS = 9
"""Contributions that are equal to so many decimals of log-odds are ties."""

LEAST = 0.01
"""Log-odds below which a theme is no reason: it changes the odds by less than 1%."""

GRAIN = 2.0**-40
"""Of which shares are counted in whole numbers, up to eight million of them."""

LEAST_TO_SPEAK = 0.5
"""Share of the strongest contribution of a theme that the feature must have which speaks for it."""


@dataclass(frozen=True)
class Reason:
    """One reason of one booking.

    Attributes
    ----------
    theme
        What it is about.
    features
        Columns whose contributions it adds up, those that moved most first.
    contribution
        Log-odds by which it raises the risk, or lowers it below zero.
    text
        What a person reads, by language.
    """

    theme: str
    features: tuple[str, ...]
    contribution: float
    text: Mapping[str, str]

    @property
    def raises(self) -> bool:
        """True if the risk is greater for it."""
        return self.contribution > 0


def reasons(
    explanation: Explanation,
    x: pd.DataFrame,
    bookings: pd.DataFrame,
    schema: Schema,
    spec: FeatureSpec,
    *,
    usual: pd.DataFrame | None = None,
    most: int = 3,
) -> list[tuple[Reason, ...]]:
    """The main reasons of each row: what raises the risk, most first; then, if there is room, what lowers it.

    Parameters
    ----------
    explanation, x
        Contributions and features of the same n rows.
    bookings
        The rows of the table that they are about, in the same order: ``table.rows.iloc[at.position]``. Only
        columns that are known when a booking is made are read.
    schema, spec
        Of which ``x`` was made.
    usual
        The same rows of :class:`Usual`; without it shares of the last days and of an arrival date
        stand alone.
    most
        Reasons a row. Fewer are given where fewer themes moved the odds by 1% or more.

    Raises
    ------
    GateRefused, ContractBroken
        As :func:`vispera.money.theme.by_theme`.
    ValueError
        If the frames are not about equally many rows.
    """
    shares = pd.DataFrame(index=x.index) if usual is None else usual
    lengths = {len(explanation.contributions), len(x), len(bookings), len(shares)}
    if len(lengths) > 1:
        raise ValueError(f"explanation, features, bookings and usual shares have {sorted(lengths)} rows")
    members = grouped(explanation, schema, spec)
    own = explanation.contributions.to_dict("records")
    moved = by_theme(explanation, schema, spec).round(DECIMALS).to_dict("records")
    frames = (x, bookings.loc[:, list(schema.known("booking"))], shares)
    cases = [Case(*row) for row in zip(*(frame.to_dict("records") for frame in frames), strict=True)]
    voices = [Wording(language(code), schema) for code in LANGUAGES]
    return [
        tuple(_reason(name, total[name], members[name], each, case, voices) for name in _main(total, most))
        for total, each, case in zip(moved, own, cases, strict=True)
    ]


@dataclass(frozen=True)
class Usual:
    """What is usual on each of T nights: means of the shares that have no overall one among the features.

    ``total`` and ``count`` are (T, shares). Totals are whole numbers of ``GRAIN``: they are the same in
    whatever order, and in however many parts, a night's rows come.
    """

    names: tuple[str, ...]
    total: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, x: pd.DataFrame, which: np.ndarray, nights: int, schema: Schema, spec: FeatureSpec) -> Usual:
        """Of rows (n,), each of the night at its place in ``which`` (n,)."""
        names = tuple(m.name for m in meanings(schema, spec).values() if m.is_share and m.says != "rate")
        values = x[list(names)].to_numpy(dtype=np.float64)
        there = ~np.isnan(values)
        total, count = np.zeros((2, nights, len(names)), dtype=np.int64)
        np.add.at(total, which, np.rint(np.where(there, values, 0.0) / GRAIN).astype(np.int64))
        np.add.at(count, which, there)
        return cls(names, total, count)

    def __add__(self, other: Usual) -> Usual:
        """Of the rows of both."""
        return Usual(self.names, self.total + other.total, self.count + other.count)

    def frame(self, which: np.ndarray, index: pd.Index) -> pd.DataFrame:
        """The means of the nights at these places (n,), a row each; NaN where no row had a share."""
        mean = np.where(self.count > 0, self.total * GRAIN / np.maximum(self.count, 1), np.nan)
        return pd.DataFrame(mean[which], columns=list(self.names), index=index)


def told(
    fitted: Fitted,
    model: str,
    x: pd.DataFrame,
    bookings: pd.DataFrame,
    schema: Schema,
    spec: FeatureSpec,
    usual: pd.DataFrame,
) -> dict[str, list[str]]:
    """Texts by column of a list for some of its rows; a model that cannot explain says so in the first.

    Parameters as of `reasons`; ``model`` is what it is called.
    """
    return in_columns(explained(fitted, x, bookings, schema, spec, usual), model, len(x))


def explained(
    fitted: Fitted,
    x: pd.DataFrame,
    bookings: pd.DataFrame,
    schema: Schema,
    spec: FeatureSpec,
    usual: pd.DataFrame,
) -> list[tuple[Reason, ...]] | None:
    """Reasons of each row as of `reasons`; None of a model that cannot explain."""
    try:
        explanation = fitted.explain(x)
    except Declined:
        return None
    return reasons(explanation, x, bookings, schema, spec, usual=usual)


def in_columns(found: Sequence[tuple[Reason, ...]] | None, model: str, rows: int) -> dict[str, list[str]]:
    """Texts by column of a list for what `explained` found of so many rows."""
    return declined(model, rows) if found is None else columns(found)


def columns(
    found: Sequence[tuple[Reason, ...]], most: int = 3, unmoved: str | None = None
) -> dict[str, list[str]]:
    """Texts by column of a list, ``reason_1_en``, ...; empty where a row has no more reasons.

    A row without any says in the first ``unmoved``: by default, that nothing moved its risk noticeably.
    """
    made = {}
    for code in LANGUAGES:
        none = language(code).say("reason.unmoved") if unmoved is None else unmoved
        texts = [[reason.text[code] for reason in row] or [none] for row in found]
        for place in range(most):
            made[f"reason_{place + 1}_{code}"] = [row[place] if place < len(row) else "" for row in texts]
    return made


def declined(model: str, rows: int, most: int = 3) -> dict[str, list[str]]:
    """The same columns for rows of a model that gives no reasons: the first says so, the others are empty."""
    told = no_reasons(model)
    return {
        f"reason_{place + 1}_{code}": ["" if place else text] * rows
        for code, text in told.items()
        for place in range(most)
    }


def no_reasons(model: str) -> dict[str, str]:
    """What a list says by language, in place of reasons, of a model whose ``explain`` is ``Declined``."""
    return {code: language(code).say("reason.declined", model=model) for code in LANGUAGES}


def _main(moved: Mapping[str, float], most: int) -> list[str]:
    """Themes that raise the risk, most first, then those that lower it; ties by name."""
    raising = sorted((name for name in moved if moved[name] >= LEAST), key=lambda name: (-moved[name], name))
    lowering = sorted((name for name in moved if moved[name] <= -LEAST), key=lambda name: (moved[name], name))
    return [*raising, *lowering][:most]


def _reason(
    theme: str,
    total: float,
    members: Sequence[Meaning],
    moved: Mapping[str, float],
    case: Case,
    voices: Sequence[Wording],
) -> Reason:
    strongest = sorted(members, key=lambda m: (-abs(round(moved[m.name], DECIMALS)), m.name))
    speaker, speaks = _speaker(strongest, total > 0, moved, case)
    text = {}
    for voice in voices:
        said = voice.sentence(speaker, case) if speaks else voice.bare(speaker, case)
        way = "raises" if total > 0 else "lowers"
        text[voice.language.code] = voice.language.say(f"reason.{way}", sentence=said)
    return Reason(theme, tuple(m.name for m in strongest), total, text)


def _speaker(
    strongest: Sequence[Meaning], raises: bool, moved: Mapping[str, float], case: Case
) -> tuple[Meaning, bool]:
    """The feature that speaks for its theme, and whether its number may be said.

    Of those that moved the score the way the theme did, the strongest; or one at least half as strong
    whose number tells the direction, where that of the strongest does not.
    """
    with_it = [m for m in strongest if (moved[m.name] > 0) == raises and moved[m.name] != 0]
    least = LEAST_TO_SPEAK * abs(moved[with_it[0].name])
    for meaning in with_it:
        if abs(moved[meaning.name]) >= least and case.agrees(meaning, raises):
            return meaning, True
    return with_it[0], False
