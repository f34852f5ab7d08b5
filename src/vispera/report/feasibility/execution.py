"""A template executed by papermill, in a kernel of its own, and left without what differs by the hour."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

from vispera.errors import VisperaError
from vispera.report.feasibility.template import Template

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNEL = "python3"
INJECTED = "injected-parameters"
CELL_SECONDS = 120
"""A cell that takes longer than this hangs: it draws figures, and fits nothing."""
PRIVATE = {"JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "config"}
"""Where Jupyter would write into, or read from, the user's home."""
SETTINGS = {"JUPYTER_PREFER_ENV_PATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
ROOM = 24
"""Characters of a folder for temporary files in which the path of a kernel's socket fits; it may have 104."""


class CellFailed(VisperaError):
    """A cell of a template failed; the notebook as far as it came lies where it was to go."""


def execute(template: Template, target: Path, parameters: Mapping[str, Any]) -> NotebookNode:
    """The executed notebook, which lies in ``target`` too; its cells run in that file's folder.

    Raises
    ------
    CellFailed
        If a cell raises, takes too long, or its kernel dies.
    """
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from papermill import execute_notebook
    from papermill.exceptions import PapermillException

    class OnThisMachine(AsyncKernelManager):
        """A kernel that is spoken to through files that only this user may open, and not through ports."""

        transport = "ipc"

        async def start_kernel(self, **given: Any) -> None:
            # what a cell prints goes into the notebook; this is what a kernel mutters that is interrupted
            await super().start_kernel(**given, stderr=DEVNULL)

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what it logs beside is told by CellFailed
    try:
        with _private(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the kernel's client, about event loops that end with it
            execute_notebook(
                str(template.path),
                str(target),
                parameters=dict(parameters),
                kernel_name=KERNEL,
                cwd=str(target.parent),
                progress_bar=False,
                execution_timeout=CELL_SECONDS,
                kernel_manager_class=OnThisMachine,
            )
    except (PapermillException, RuntimeError, TimeoutError) as error:
        raise CellFailed(told(error)) from error
    finally:
        if target.is_file():
            notebook = settled(nbformat.read(target, as_version=4), template, target)
            nbformat.write(notebook, target)
    return notebook


def told(error: Exception) -> str:
    """A failure in a line: which cell, and what it raised."""
    name, value = getattr(error, "ename", None), getattr(error, "evalue", None)
    if name is None:
        return f"the notebook did not come to its end: {' '.join(str(error).split())[:300]}"
    said = " ".join(str(value).split())[:300]
    return f"cell {getattr(error, 'exec_count', '?')} of the notebook failed: {name}: {said}"


def settled(notebook: NotebookNode, template: Template, target: Path) -> NotebookNode:
    """The notebook without timings, paths and ids made by lot: equal runs give equal bytes."""
    about = notebook.metadata.get("papermill", {})
    notebook.metadata["papermill"] = {
        "input_path": template.path.name,
        "output_path": target.name,
        "parameters": about.get("parameters", {}),
    }
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in cell.metadata.get("tags", ()):
            cell["id"] = INJECTED
    # papermill puts a cell before the one that failed, and one at the top that says so
    for number, cell in enumerate(notebook.cells):
        if cell["id"] not in _ids(template) and cell["id"] != INJECTED:
            cell["id"] = f"added-{number}"
    return notebook


def _ids(template: Template) -> set[str]:
    return {cell["id"] for cell in template.notebook.cells if "id" in cell}


@contextmanager
def _private() -> Iterator[None]:
    """Jupyter's own folders in a place that goes away, and its kernel that of this Python."""
    short = None if len(tempfile.gettempdir()) <= ROOM else "/tmp"  # noqa: S108  (a folder of our own is made there)
    with tempfile.TemporaryDirectory(prefix="vispera-", dir=short, ignore_cleanup_errors=True) as place:
        own = {name: str(Path(place) / folder) for name, folder in PRIVATE.items()} | SETTINGS
        before = {name: os.environ[name] for name in own if name in os.environ}
        os.environ.update(own)
        try:
            yield
        finally:
            for name in own:
                os.environ.pop(name)
            os.environ.update(before)
