"""The W&B SDK as vispera wants it: silent, within one folder, and sending nothing that was not asked for."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vispera.errors import VisperaError
from vispera.heartbeat import start_token
from vispera.redact import redact_text


class Unreachable(VisperaError):
    """There is no W&B server that takes the key."""


GRACE = 2.0
"""Seconds that the SDK's own process has to end by itself; it takes some hundredths."""
ANSWER = 10
"""Seconds for which one answer of a server is awaited, where the user has not said otherwise."""
RETRIES = 6
FLUSH_SECONDS = 0.02
"""How often the service writes what it has to the file; it dies with its parent, and what it had is lost."""


def variables(folder: Path, mode: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Variables to be set around calls into the SDK; what the user has set stays, but for the last three.

    Without them staged artifacts and caches would go to the home directory, a report of errors to a server
    even offline, and inside Kubernetes a question to the cluster. A SDK that shows no information on the
    terminal does not ask for a login there either.
    """
    own = folder / "wandb"
    ours = {
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_SILENT": "true",
        "WANDB_DOCKER": "",
        "WANDB_HTTP_TIMEOUT": str(ANSWER),
        "WANDB_DATA_DIR": str(own / "data"),
        "WANDB_CACHE_DIR": str(own / "cache"),
        "WANDB_ARTIFACT_DIR": str(own / "artifacts"),
    }
    ours = {name: value for name, value in ours.items() if not environ.get(name)}
    return {**ours, "WANDB_MODE": mode, "WANDB_SHOW_INFO": "false", "WANDB_DIR": str(folder)}


@contextmanager
def session(folder: Path, mode: str) -> Iterator[Any]:
    """The module ``wandb``, in an environment that is put back at the end of the block.

    The service is always our own: one that a parent process offers may end before we do, and ours is not
    offered to child processes. Only its socket lies outside of ``folder``, as the path of a socket is short.
    """
    temporary = folder / "wandb" / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)  # the SDK itself would silently go to /tmp instead
    ours = variables(folder, mode, os.environ)
    before = {name: os.environ.get(name) for name in (*ours, "WANDB_SERVICE")}
    usual, tempfile.tempdir = tempfile.tempdir, str(temporary)
    os.environ.update(ours)
    os.environ.pop("WANDB_SERVICE", None)
    try:
        import wandb

        yield wandb
    finally:
        tempfile.tempdir = usual
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def signed_in(instead: str) -> Iterator[None]:
    """Turns the SDK's words for a missing or wrong key into ours, with what to type ``instead``."""
    from wandb.errors import AuthenticationError, UsageError

    try:
        yield
    except UsageError as error:
        if "API key" not in str(error):
            raise
        raise Unreachable(f"no W&B API key; type `wandb login`, or {instead}") from None
    except AuthenticationError:
        raise Unreachable(
            f"W&B at {server()} did not take the API key, or is not there; type `wandb login`"
        ) from None


@contextmanager
def api(folder: Path, timeout: float, instead: str) -> Iterator[Any]:
    """``wandb.Api()`` of the user's server, each question of it answered within so many seconds.

    Unreachable if there is none, or no key, with what to type ``instead`` of a login.
    """
    try:
        with session(folder, "online") as wandb:
            with signed_in(instead):
                made = wandb.Api(timeout=max(1, round(timeout)))
            yield made
    except BaseException:
        end_service()
        raise


def patient(seconds: float) -> dict[str, Any]:
    """Settings of an online run: a server that is gone is asked again for about so long, and no longer.

    Left to itself the SDK asks for hours, with the training waiting.
    """
    asked = {"graphql": 10.0, "file_stream": 10.0, "file_transfer": 30.0}
    waits = {"retry_wait_min_seconds": 0.5, "retry_wait_max_seconds": max(1.0, seconds / 6)}
    own: dict[str, Any] = {}
    for kind, timeout in asked.items():
        own |= {f"x_{kind}_{name}": value for name, value in waits.items()}
        own |= {f"x_{kind}_timeout_seconds": min(timeout, seconds), f"x_{kind}_retry_max": RETRIES}
    return own


def settings(**own: Any) -> dict[str, Any]:
    """Settings of a run: ``own``, and what the record tells already (and without secrets) switched off.

    Arguments, host, git, code, packages, terminal and load of the machine stay out of W&B.
    """
    return {
        "host": "",
        "disable_git": True,
        "disable_code": True,
        "save_code": False,
        "console": "off",
        "label_disable": True,
        "sagemaker_disable": True,
        "x_disable_meta": True,
        "x_disable_stats": True,
        "x_disable_machine_info": True,
        "x_save_requirements": False,
        "x_skip_transaction_log": False,
        "x_transaction_log_flush_interval": FLUSH_SECONDS,
        "reinit": "create_new",
        "finish_timeout_raises": True,
        "use_dot_wandb": False,
        **{name: value for name, value in own.items() if value is not None},
    }


def end_service() -> None:
    """End the process with which the SDK asks; the next question starts another one.

    At the end of ours the SDK waits for it, now and then for ever: it is still asking a server that is gone.
    """
    import wandb
    from wandb.sdk import wandb_setup

    with suppress(Exception):  # there may be none, or another version of the SDK may hold it elsewhere
        process = wandb_setup.singleton().assert_service()._proc._process  # pyright: ignore
        late = threading.Timer(GRACE, process.kill)  # pyright: ignore
        late.daemon = True
        late.start()
        wandb.teardown()
        late.cancel()


@contextmanager
def asking(what: str, then: str = "type the same again when it is there") -> Iterator[None]:
    """Turns whatever the SDK raises into one line: what was asked of which server, why not, and what to type.

    Nothing but calls into the SDK belongs into the block: it has no common class for its errors.
    """
    try:
        yield
    except VisperaError:
        raise
    except Exception as fault:
        why = redact_text(" ".join(str(fault).split()))[:300] or type(fault).__name__
        raise VisperaError(f"W&B at {server()} did not {what}: {why}; {then}") from None


def server() -> str:
    """The server as the user has named it."""
    return redact_text(os.environ.get("WANDB_BASE_URL") or "its usual address (WANDB_BASE_URL is not set)")


def let_go(error: Exception, online: bool = False) -> None:
    """End a service that is gone, or asks a server in vain: the next run of this process gets another."""
    from wandb.sdk.mailbox import HandleAbandonedError, MailboxClosedError

    if online or isinstance(error, ConnectionError | HandleAbandonedError | MailboxClosedError):
        end_service()


@contextmanager
def ending(run: Any, code: int, online: bool) -> Iterator[None]:
    """Ends a run with the block, whatever happens in it; what went wrong first is what is raised."""
    try:
        yield
    except BaseException:
        with suppress(Exception):
            _finish(run, code, online)
        raise
    _finish(run, code, online)


def _finish(run: Any, code: int, online: bool) -> None:
    try:
        run.finish(exit_code=code)
    except Exception as error:
        let_go(error, online)
        raise


@contextmanager
def scratch(folder: Path, name: str) -> Iterator[Path]:
    """An empty folder below W&B's own, gone after the block; those of processes that were killed go first."""
    within = folder / "wandb" / "tmp"
    within.mkdir(parents=True, exist_ok=True)
    for left in within.glob("*-of-*-*"):
        if start_token(int(left.name.split("-of-")[1].split("-")[0])) is None:
            shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=f"{name}-of-{os.getpid()}-", dir=within))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
