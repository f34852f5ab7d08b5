"""What a call is worth: expected from what was known on the night, and realised from what happened.

All of it rests on the assumptions of ``conf/problem``, `vispera.decision.Costs`: no real call was ever made.
A call to somebody who would cancel anyway gains the difference between reselling the room now and doing so
when they would have cancelled; leave that second part out, and every list looks ten times better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vispera.asof import KnownBy, Snapshots, each_night
from vispera.decision import Costs, Worth
from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd
from vispera.money.book import Book
from vispera.money.notice import Notice
from vispera.money.price import KeptPrices, Prices

PRICES, NOTICE = "prices", "notice"
"""Names of an artefact's tables from which the worth of a call follows."""


def resale(costs: Costs, days_left: np.ndarray) -> np.ndarray:
    """Probability that a room freed so many days before arrival is sold again.

    >>> costs = Costs(3.0, 0.6, 0.6, 0.01, 0.73, resale_ceiling=0.7, resale_days=5.0)
    >>> resale(costs, np.array([0, 5, 14])).round(3).tolist()
    [0.0, 0.442, 0.657]
    """
    return costs.resale_ceiling * (1.0 - np.exp(-np.asarray(days_left) / costs.resale_days))


@dataclass(frozen=True)
class Prospect:
    """What was known on the night of each of n pairs, beside its probability.

    ``price`` EUR a night as of then, ``length`` nights of the stay, ``notice`` how late those cancelled who
    had been open at the same number of days left.
    """

    book: Book
    price: np.ndarray
    length: np.ndarray
    notice: Notice

    def worth(self, costs: Costs) -> np.ndarray:
        """Margin that each booking stands for, (n,) EUR; nothing where no price was known."""
        return np.nan_to_num(self.price * self.length) * costs.margin

    def gain(self, costs: Costs) -> np.ndarray:
        """Expected gain of calling one who will cancel, (n,) EUR."""
        book = self.book
        lift = self.notice.lift(lambda days: resale(costs, days))
        which = np.searchsorted(book.nights, book.at.night)
        return costs.success * lift[which, book.days_left] * self.worth(costs)

    def harm(self, costs: Costs) -> np.ndarray:
        """Expected loss of calling one who would stay, (n,) EUR."""
        return costs.talked_out * (1.0 - resale(costs, self.book.days_left)) * self.worth(costs)

    def expected(self, costs: Costs, p: np.ndarray) -> np.ndarray:
        """Expected value of calling each unit on its night, (m,) EUR, from the pairs' probabilities (n,).

        The parts of its bookings added up, less the cost of one call.
        """
        return self.book.total(self.parts(costs, p)) - costs.call

    def parts(self, costs: Costs, p: np.ndarray) -> np.ndarray:
        """What each booking adds to the value of calling its unit, (n,) EUR: p x gain - (1 - p) x harm."""
        return p * self.gain(costs) - (1.0 - p) * self.harm(costs)


@dataclass(frozen=True)
class Hindsight:
    """What became of each of n pairs: known today, and to no list of its night.

    ``lost`` cancelled later or did not turn up; ``left_at_end`` days left when it was cancelled, 0 for one
    that did not turn up; ``price`` the booking's own, EUR a night.
    """

    book: Book
    lost: np.ndarray
    left_at_end: np.ndarray
    price: np.ndarray
    length: np.ndarray

    @property
    def hit(self) -> np.ndarray:
        """Whether any booking of a unit-night was lost, (m,) bool."""
        return self.book.any(self.lost)

    def realised(self, costs: Costs) -> np.ndarray:
        """Value of calling each unit on its night, (m,) EUR, the true dates and the booking's own price used.

        Whether a call would have succeeded nobody knows: that part stays an assumption.
        """
        now, then = resale(costs, self.book.days_left), resale(costs, self.left_at_end)
        worth = np.nan_to_num(self.price * self.length) * costs.margin
        gain, harm = costs.success * (now - then) * worth, costs.talked_out * (1.0 - now) * worth
        return self.book.total(np.where(self.lost, gain, -harm)) - costs.call


def prospect(book: Book, prices: Prices, horizon_days: int, known: KnownBy = each_night) -> Prospect:
    """What was known on each night of a book, or on the earlier ones that ``known`` gives."""
    notice = Notice.of(book.table, known(book.nights), horizon_days)
    at = Snapshots(book.at.position, known(book.at.night))
    return Prospect(book, prices.as_of(at), _length(book, prices.worth), notice)


def kept(prices: Prices, horizon_days: int, night: int) -> dict[str, pd.DataFrame]:
    """What a call was worth as of one night, as small tables by name, for where the history is not."""
    notice = Notice.of(prices.table, np.array([night], dtype=np.int32), horizon_days)
    return {PRICES: prices.kept(night), NOTICE: notice.kept()}


def kept_prospect(
    book: Book, worth: Worth, horizon_days: int, tables: Mapping[str, pd.DataFrame]
) -> Prospect:
    """As `prospect`, of tonight's book and the tables of an artefact; ContractBroken if it has none."""
    if absent := [name for name in (PRICES, NOTICE) if name not in tables]:
        raise ContractBroken(f"the model's artefact keeps no {' and no '.join(absent)}; train it anew")
    notice = Notice.of_kept(tables[NOTICE], len(book.nights), horizon_days)
    price = KeptPrices(book.table, worth, tables[PRICES]).as_of(book.at)
    return Prospect(book, price, _length(book, worth), notice)


def hindsight(book: Book, prices: Prices) -> Hindsight:
    """What became of the bookings of a book; every one of them must have matured."""
    table, position = book.table, book.at.position
    left = np.maximum(table.arrival - np.minimum(table.resolved, table.arrival), 0)
    return Hindsight(
        book, table.cancelled[position], left[position], prices.own()[position], _length(book, prices.worth)
    )


def _length(book: Book, worth: Worth) -> np.ndarray:
    return book.table.rows[worth.nights].to_numpy(np.float64)[book.at.position]
