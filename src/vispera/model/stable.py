"""Values to bytes that are equal in every process, and back; nothing here is ever unpickled."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import count
from typing import TYPE_CHECKING, Any

from vispera.errors import ContractBroken, Declined

if TYPE_CHECKING:
    import pandas as pd

TRUSTED = (
    "functools.partial",  # inside histogram boosting; its function must be trusted by itself
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)
"""Types that a skops file may hold beside those that skops trusts itself: a fixed list, never the file's."""

ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def json_bytes(value: object) -> bytes:
    """Canonical JSON: sorted keys, two spaces, UTF-8, floats that come back as the same bits, no NaN."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """Parquet of a frame without its index."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), sink, compression="zstd")
    return sink.getvalue()


def from_parquet(data: bytes) -> pd.DataFrame:
    """The frame that :func:`parquet_bytes` wrote."""
    import pyarrow.parquet as pq

    return pq.read_table(io.BytesIO(data)).to_pandas()


def skops_bytes(estimator: Any) -> bytes:
    """skops file of a fitted estimator without dates, addresses and chance names.

    Raises
    ------
    Declined
        The estimator holds types that could not be loaded again.
    """
    import skops.io

    try:
        data = skops.io.dumps(estimator)
        untrusted = sorted(set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED))
    except TypeError as error:
        raise Declined(f"{type(estimator).__name__} cannot be saved without pickle: {error}") from error
    if untrusted:
        raise Declined(
            f"{type(estimator).__name__} holds types that are not trusted when it is loaded: "
            f"{', '.join(untrusted)}; allowed are those of skops and of TRUSTED in model/stable.py"
        )
    return _normalised(data)


def from_skops(data: bytes) -> Any:
    """The estimator of a skops file; ContractBroken if it holds any type that is not trusted."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return skops.io.loads(data, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise ContractBroken(f"the model file holds types that are not trusted: {error}") from error


def _normalised(data: bytes) -> bytes:
    """The same skops file with members and node ids numbered in order of appearance, and a fixed date.

    skops names arrays by memory address. Every node gets an id of its own, so that it does not matter
    which equal numbers Python happens to keep as one object; arrays stay shared by their file's name.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        schema = json.loads(source.read("schema.json"))
        names: dict[str, str] = {}
        _renumber(schema, count(1), names)
        members = {new: source.read(old) for old, new in names.items()}
    members["schema.json"] = json.dumps(schema, separators=(",", ":"), sort_keys=False).encode()
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return sink.getvalue()


def _renumber(node: object, ids: count[int], names: dict[str, str]) -> None:
    if isinstance(node, list):
        for child in node:
            _renumber(child, ids, names)
    elif isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = next(ids)
        if "__loader__" in node and isinstance(node.get("file"), str):
            suffix = node["file"].rpartition(".")[2]
            node["file"] = names.setdefault(node["file"], f"{len(names) + 1}.{suffix}")
        for child in node.values():
            _renumber(child, ids, names)
