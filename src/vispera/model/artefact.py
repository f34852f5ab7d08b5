"""A fitted model as a folder that another machine can trust: files, their hashes, and what they mean.

``manifest.json`` names every other file with its sha256 and ends with two hashes of itself: ``content``
leaves out the run, so that equal fits of two runs have equal ones; ``seal`` leaves out nothing, so that one
changed byte anywhere is seen. A seal shows damage and mix-ups; whose model it is, only the registry knows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from vispera import __version__
from vispera import model as room
from vispera.errors import ContractBroken, VisperaError
from vispera.files import json_hash, plain, write_folder
from vispera.model import Fitted
from vispera.model.calibrated import Calibrated, Core
from vispera.model.calibration import Platt
from vispera.model.encode import Features
from vispera.model.stable import from_parquet, json_bytes, parquet_bytes

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
MANIFEST = "manifest.json"
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9]+)+")
"""Plain names only: nothing that leads out of the folder."""
LIBRARIES = ("catboost", "numpy", "scikit-learn", "skops")


@dataclass(frozen=True)
class Artefact:
    """What a folder held: the model, its manifest, the small tables by name, and all hashes by file."""

    fitted: Calibrated
    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    hashes: Mapping[str, str]


def write(
    folder: Path,
    fitted: Fitted,
    *,
    problem: str,
    run: str,
    trained_until: str,
    recipe: Mapping[str, object] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    tables_as_of: str | None = None,
) -> dict[str, str]:
    """sha256 of each file written, and of the ``content``, which is equal for equal fits.

    Parameters
    ----------
    folder
        Must not exist; it appears whole or not at all.
    trained_until
        ISO date of the last day whose outcomes the model has seen.
    recipe
        What scoring needs to build the model's features again, as plain values.
    tables, tables_as_of
        Small frames by name, written as ``<name>.parquet`` without their index, and the ISO date of what
        they knew (by default ``trained_until``).
    """
    if not isinstance(fitted, Calibrated):
        raise TypeError(f"a {type(fitted).__name__} is none of the fits that this room makes")
    files = {f"{name}.parquet": parquet_bytes(table) for name, table in (tables or {}).items()}
    files |= fitted.core.files()
    strange = sorted(name for name in files if name == MANIFEST or not FILE_NAME.fullmatch(name))
    if strange:
        raise ValueError(f"no names for files of an artefact: {', '.join(strange)}")
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "family": fitted.core.family,
        "rounds": fitted.core.rounds,
        "settings": fitted.settings,
        "features": fitted.features.manifest(),
        "calibration": fitted.platt.manifest(),
        "problem": problem,
        "run": run,
        "trained_until": trained_until,
        "recipe": recipe or {},
        "tables": dict.fromkeys(tables or {}, tables_as_of or trained_until),
        "versions": {"vispera": __version__, **{name: metadata.version(name) for name in LIBRARIES}},
        "files": {name: _sha256(content) for name, content in files.items()},
    }
    manifest = _sealed(plain(manifest))
    files[MANIFEST] = json_bytes(manifest)
    write_folder(Path(folder), files)
    return {name: _sha256(content) for name, content in files.items()} | {"content": manifest["content"]}


def read(folder: Path) -> Artefact:
    """The artefact of a folder, every hash checked before anything is built from it.

    Raises
    ------
    ContractBroken
        A changed byte, a missing or further file, a name that leads elsewhere, an unknown schema number,
        an unknown family, a type that is not trusted, or files written by another scikit-learn.
    """
    folder = Path(folder)
    manifest, sealed = _manifest(folder)
    files = _files(folder, manifest["files"])
    tables = {name: from_parquet(files[f"{name}.parquet"]) for name in manifest["tables"]}
    hashes = {**manifest["files"], MANIFEST: _sha256(sealed), "content": manifest["content"]}
    return Artefact(_fitted(manifest, files), manifest, tables, hashes)


def _sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    content = json_hash({key: value for key, value in manifest.items() if key != "run"})
    return {**manifest, "content": content, "seal": json_hash({**manifest, "content": content})}


def _manifest(folder: Path) -> tuple[dict[str, Any], bytes]:
    """Manifest and its bytes, if they are what was written."""
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        raise ContractBroken(f"{folder} has no {MANIFEST}: it is no model artefact")
    data = path.read_bytes()
    try:
        manifest = json.loads(data)
        schema = manifest["schema"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ContractBroken(f"{path} is damaged: it is no manifest") from None
    if type(schema) is not int or schema != SCHEMA:
        raise ContractBroken(
            f"{path} has schema {str(schema)[:20]}; this version reads {SCHEMA}; use the one that wrote it"
        )
    body = {key: value for key, value in manifest.items() if key not in ("content", "seal")}
    if _sealed(body) != manifest or json_bytes(manifest) != data:
        raise ContractBroken(f"{path} was changed after it was written: its seal does not fit")
    return manifest, data


def _files(folder: Path, expected: Mapping[str, str]) -> dict[str, bytes]:
    """Bytes of exactly the files that the manifest names; all faults in one error."""
    outside = sorted(name for name in expected if name == MANIFEST or not FILE_NAME.fullmatch(name))
    if outside:
        raise ContractBroken(
            *(f"the manifest in {folder} names '{name}', which no artefact has" for name in outside)
        )
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    faults = [
        f"{folder} lacks {name}, which its manifest names" for name in sorted(expected.keys() - present)
    ]
    faults += [
        f"{folder} holds {name}, which its manifest does not name"
        for name in sorted(present - expected.keys())
    ]
    files = {}
    for name in sorted(expected.keys() & present):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            faults.append(f"{path} is no plain file")
            continue
        files[name] = path.read_bytes()
        if _sha256(files[name]) != expected[name]:
            faults.append(f"{path} was changed after it was written: its sha256 does not fit the manifest")
    if faults:
        raise ContractBroken(*faults)
    return files


def _fitted(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Calibrated:
    if "model.skops" in files:
        _require_same_sklearn(manifest["versions"])
    features = Features.from_manifest(manifest["features"])
    load = _loader(manifest["family"])
    try:
        core: Core = load(files, features)
    except VisperaError:
        raise
    except Exception as error:  # whatever a reader makes of files that nobody of ours wrote
        raise ContractBroken(f"the {manifest['family']} model cannot be read: {error}") from error
    return Calibrated(core, features, Platt.from_manifest(manifest["calibration"]), manifest["settings"])


def _loader(family: str) -> Any:
    """``load`` of the module of this room that is called like the family; nothing else is ever imported."""
    own = {module.name for module in iter_modules(room.__path__)}
    found = getattr(import_module(f"vispera.model.{family}"), "load", None) if family in own else None
    if found is None:
        raise ContractBroken(f"this version knows no model family '{family}'")
    return found


def _require_same_sklearn(written_with: Mapping[str, str]) -> None:
    """scikit-learn gives no promise that another minor version understands its fitted objects."""
    there, here = written_with["scikit-learn"], metadata.version("scikit-learn")
    if there.split(".")[:2] != here.split(".")[:2]:
        raise ContractBroken(
            f"the model was written with scikit-learn {there} and this is {here}; install {there} or refit"
        )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
