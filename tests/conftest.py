"""Tables that many tests look at: the simulated one always, the real one where it is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from vispera.table import Table

# a shell that starts the tests in the background lets them, and all that they start, ignore interrupts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

BESIDE = Path(__file__).parents[2] / "shared" / "data"


def real_data() -> str | None:
    """Where the real bookings lie, if they do."""
    place = os.environ.get("VISPERA_DATA")
    return place or (str(BESIDE) if any(BESIDE.glob("*.parquet")) else None)


@pytest.fixture(scope="session")
def real_place() -> str:
    """Folder or file of the real bookings; skips where there is none."""
    place = real_data()
    if place is None:
        pytest.skip("the real bookings are not here: set VISPERA_DATA")
    return place


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """Folder for canonical tables of this session."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def hotel_table(real_place, cache) -> Table:
    """The real bookings in canonical form."""
    return problem("hotel", f"data.path={real_place}", f"data.cache={cache}").load()


@pytest.fixture(scope="session")
def simulated_table(cache) -> Table:
    """The simulated bookings as a newcomer gets them."""
    return problem("simulated", f"data.cache={cache}").load()


@pytest.fixture(params=["simulated", pytest.param("hotel", marks=pytest.mark.real)])
def table(request) -> Table:
    """Each problem's table in turn."""
    return request.getfixturevalue(f"{request.param}_table")


def problem(name: str, *overrides: str):
    """A problem of ``conf/problem`` as ``vispera data`` would build it."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    from vispera import workspace
    from vispera.commands.data import Arguments
    from vispera.door.building import arguments

    OmegaConf.register_new_resolver("workspace", lambda name: str(workspace.root() / name), replace=True)
    with initialize_config_dir(str(workspace.root() / "conf"), version_base="1.3"):
        config = compose("data", overrides=[f"problem={name}", *overrides])
    return arguments(Arguments, config).problem
