"""Numbers in few letters: little-endian arrays in base64, as a page of a thousand runs has room for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

import numpy as np

TOP = 65535
"""A share of 1; what is not known is `NONE`."""
NONE = 65534


def reals(values: Iterable[float | None]) -> str:
    """Real numbers in 32 bits: those of six digits, as records have them, come back exactly.

    >>> reals([0.5, None])
    'AAAAPwAAwH8='
    """
    known = [np.nan if value is None else value for value in values]
    return _letters(np.array(known, dtype="<f4"))


def shares(values: Iterable[float] | np.ndarray) -> str:
    """Numbers from 0 to 1 in 16 bits, so to 0.00001; NaN for what is not known.

    >>> shares([0.0, 1.0])
    'AAD//w=='
    """
    given = np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=float)
    scaled = np.rint(np.clip(np.nan_to_num(given), 0.0, 1.0) * TOP)
    scaled = np.where(scaled == NONE, NONE - 1, scaled)
    return _letters(np.where(np.isnan(given), NONE, scaled).astype("<u2"))


def _letters(array: np.ndarray) -> str:
    return b64encode(array.tobytes()).decode("ascii")
