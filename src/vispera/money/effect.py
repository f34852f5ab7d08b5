"""What a call does, from the outcomes of units that a lot put on the list to be called or to be left alone.

Units are compared as they were assigned, whoever was called or reached in fact (intention to treat): those
who can be reached differ from those who cannot, and only the lot is blind to that. They are compared within
each night, and a night counts by ``calls x controls / (calls + controls)``, so that a bad week with more
controls than others cannot pass for an effect. Intervals are Newcombe's for a difference of shares (1998,
method 10; over strata as in Yan and Su 2010) and Donner and Zou's (2012) for a ratio, both made from Wilson's
interval of each share: unlike a bootstrap's they hold where an arm is small or nothing happened in it.

What the value of a call rests on, success and harm, is not seen directly: a guest who would have cancelled
later may free the room now or stay after all, one who would have come may cancel, and these three flows show
in two differences only. ``averted`` and ``talked_out`` are therefore net; see ``docs/call-outcomes.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from statistics import NormalDist

import numpy as np

from vispera.clock import iso
from vispera.errors import Declined
from vispera.interval import Interval, wilson
from vispera.money.fate import FATES, Fates
from vispera.money.outcome_file import Listed

LEVEL = 0.9
LEAST_UNITS = 20
"""Units that each arm must have to be compared; with fewer, nothing that is worth a look comes out."""


@dataclass(frozen=True)
class Effect:
    """Shares of units by what became of them, in each arm, and what lies between the arms.

    Attributes
    ----------
    nights, units
        How many nights and units by arm were compared.
    shares, differences
        By fate: the share in each arm, with nights weighed alike in both, and call minus control.
    averted
        Part of the late losses that a call averts, net: 1 - late among called / late among controls.
    talked_out
        Part of the guests who would come that a call loses, net: 1 - came among called / came among controls.
    """

    level: float
    within_days: int
    nights: int
    units: Mapping[str, int]
    shares: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Interval]
    averted: Interval
    talked_out: Interval


def effect(listed: Sequence[Listed], became: Fates, within_days: int) -> Effect:
    """What the lot shows; Declined with the reason where it can show nothing.

    A night of which an outcome is still to come is left out whole: what is known early are cancellations.
    """
    night = np.array([one.night for one in listed])
    control = np.array([one.arm == "control" for one in listed])
    ripe = ~np.isin(night, night[became.open]) & ~became.lost
    _decline_if_nothing(night, control, became, ripe)
    both = np.intersect1d(night[ripe & control], night[ripe & ~control])
    inside = ripe & np.isin(night, both)
    arms = {"call": inside & ~control, "control": inside & control}
    counted = {arm: int(mask.sum()) for arm, mask in arms.items()}
    if min(counted.values()) < LEAST_UNITS:
        raise Declined(
            f"too few units: {counted['call']} to be called and {counted['control']} left alone, on "
            f"{len(both)} nights that have both and whose outcomes are known; wanted {LEAST_UNITS} of each"
        )
    compared = Compared.of(both, {arm: night[mask] for arm, mask in arms.items()})
    shares = {
        fate: {arm: compared.share(arm, became.share[mask, at]) for arm, mask in arms.items()}
        for at, fate in enumerate(FATES)
    }
    return Effect(
        level=LEVEL,
        within_days=within_days,
        nights=len(both),
        units=counted,
        shares=shares,
        differences={fate: difference(of["call"], of["control"]) for fate, of in shares.items()},
        averted=reduction(shares["late"]["call"], shares["late"]["control"]),
        talked_out=reduction(shares["came"]["call"], shares["came"]["control"]),
    )


def _decline_if_nothing(night: np.ndarray, control: np.ndarray, became: Fates, ripe: np.ndarray) -> None:
    if not control.any():
        raise Declined(
            "the list left nobody uncalled, so nobody can tell what would have happened without a call; "
            "make the next lists with list.control_share=0.1"
        )
    if became.lost.all():
        raise Declined("the table has none of the listed units; type problem=NAME of the one they come from")
    if not ripe.any():
        waiting = night[became.open]
        raise Declined(
            f"outcomes are still to come on every night from {iso(waiting.min())} to {iso(waiting.max())}; "
            "type the same again once these guests have arrived or not and the table tells it"
        )


@dataclass(frozen=True)
class Compared:
    """Weights of the nights, summing to 1, and for each arm the place of each unit's night, (units,)."""

    weight: np.ndarray
    place: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, nights: np.ndarray, night: Mapping[str, np.ndarray]) -> Compared:
        """Nights weighed by what they can tell; each has units of both arms, whose nights are ``night``."""
        place = {arm: np.searchsorted(nights, of) for arm, of in night.items()}
        one, other = (np.bincount(of, minlength=len(nights)) for of in place.values())
        weight = one * other / (one + other)
        return cls(weight / weight.sum(), place)

    def share(self, arm: str, values: np.ndarray) -> Interval:
        """Share of an arm with nights so weighed, with the interval of as many units as it is worth."""
        units = np.bincount(self.place[arm], minlength=len(self.weight))
        by_night = np.bincount(self.place[arm], values, len(self.weight)) / units
        return share_of(float(self.weight @ by_night), 1.0 / float(np.sum(self.weight**2 / units)))


def share_of(share: float, units: float, level: float = LEVEL) -> Interval:
    """A share of so many units with Wilson's interval.

    >>> found = share_of(0.0, 30)
    >>> found.value, found.low, round(found.high, 3)
    (0.0, 0.0, 0.083)
    """
    low, high = wilson(share, units, NormalDist().inv_cdf(0.5 + level / 2))
    return Interval(share, max(float(low), 0.0), min(float(high), 1.0))


def difference(a: Interval, b: Interval) -> Interval:
    """Share ``a`` minus share ``b`` with Newcombe's interval; here is the first example of his paper.

    >>> one, other = share_of(56 / 70, 70, level=0.95), share_of(48 / 80, 80, level=0.95)
    >>> found = difference(one, other)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    (p, low_p, high_p), (q, low_q, high_q) = _three(a), _three(b)
    return Interval(p - q, p - q - hypot(p - low_p, high_q - q), p - q + hypot(high_p - p, q - low_q))


def reduction(a: Interval, b: Interval) -> Interval:
    """``1 - a / b`` with the interval of Donner and Zou; nothing where ``b`` may as well be none."""
    (p, low_p, high_p), (q, low_q, high_q) = _three(a), _three(b)
    if q == 0.0 or low_q <= 0.0 or high_q >= 2 * q:
        return Interval(None, None, None)
    under = max((p * q) ** 2 - low_p * high_q * (2 * p - low_p) * (2 * q - high_q), 0.0)
    over = max((p * q) ** 2 - high_p * low_q * (2 * p - high_p) * (2 * q - low_q), 0.0)
    least = (p * q - sqrt(under)) / (high_q * (2 * q - high_q))
    most = (p * q + sqrt(over)) / (low_q * (2 * q - low_q))
    return Interval(1 - p / q, 1 - most, 1 - least)


def _three(found: Interval) -> tuple[float, float, float]:
    value, low, high = found.value, found.low, found.high
    if value is None or low is None or high is None:
        raise ValueError("a share without an interval cannot be compared")
    return value, low, high
