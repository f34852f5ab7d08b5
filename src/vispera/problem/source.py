"""Files as they come: read as text where they are text, so that nothing is guessed."""

from __future__ import annotations

from pathlib import Path

from vispera.errors import ContractBroken
from vispera.lazy import pandas as pd


def read_table(path: Path) -> pd.DataFrame:
    """Raw rows of a CSV (everything as text) or Parquet file; ContractBroken if it is neither."""
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype="str", keep_default_na=False, skipinitialspace=True)
    except (ValueError, OSError, pd.errors.ParserError) as broken:
        raise ContractBroken(f"{path.name} cannot be read as a table: {broken}") from None


def numbers(values: pd.Series) -> pd.Series:
    """The values as numbers, missing where they cannot be read as one; (n,)."""
    # to_numeric declares every type that it gives for any argument; for a Series that is a Series
    return pd.Series(pd.to_numeric(values, errors="coerce"))
