"""What a mirrored run reaches, asks, and leaves behind: nothing outside its workspace."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from vispera.wandb_session import variables

KEY = "0123456789" * 4
SCENES = Path(__file__).with_name("scenes.py")


def files_below(folder: str) -> list[str]:
    """Every file and link below a folder."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir())


def test_an_offline_run_tries_to_reach_nothing(finished):
    if finished.attempts is None:
        pytest.skip("the kernel gives no network namespace here")
    assert finished.record.tracker["state"] == "closed"
    assert finished.attempts == {}


def test_the_same_eyes_see_a_run_that_does_try_and_that_run_finishes_all_the_same(place):
    online = {"WANDB_MODE": "online", "WANDB_API_KEY": KEY, "WANDB_BASE_URL": "http://192.0.2.1:8080"}
    done = place.play("plain", alone=True, **online)
    if place.attempts is None:
        pytest.skip("the kernel gives no network namespace here")
    assert place.attempts.get("IpOutNoRoutes", 0) >= 1
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)
    assert (run["state"], run["tracker"]["state"]) == ("finished", "closed")
    assert run["tracker"]["fault"].startswith("open: ")
    assert run["tracker"]["where"].startswith("wandb/offline-run-")
    assert "it is mirrored offline: type vispera sync" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_written_outside_the_workspace(finished):
    for name in ("HOME", "TMPDIR", "cwd"):
        assert files_below(finished.place.folder(name)) == [], name
    assert {path.name for path in finished.place.root.iterdir()} <= {
        *("conf", "src", "requirements.lock"),
        *("data", "experiments", "wandb"),
    }


def test_no_secret_is_in_a_byte_that_is_written_or_told(finished):
    written = [path.read_bytes() for path in finished.place.root.rglob("*") if path.is_file()]
    assert any(finished.record.id.encode() in content for content in written)
    for where, canary in finished.canaries.items():
        assert not any(canary.encode() in content for content in written), where
        assert canary not in finished.done.stdout + finished.done.stderr, where


def test_wandb_collects_nothing_of_its_own(finished):
    names = files_below(str(finished.log.parent / "files"))
    assert names
    assert all(name.startswith("media/") for name in names), names
    kinds = {"stats", "output", "output_raw", "environment"}
    assert not [kind for kind in kinds if finished.of_kind(kind)]
    assert b"train.py" not in finished.log.read_bytes()


def test_wandb_says_nothing_on_the_terminal(finished):
    assert "wandb:" not in finished.done.stderr + finished.done.stdout


def test_online_without_a_key_is_told_and_not_asked_for_on_a_terminal(place):
    told = on_a_terminal(place, [sys.executable, str(SCENES), "plain", str(place.root)], WANDB_MODE="online")
    assert "no W&B API key; type `wandb login`, or tracker.mode=offline" in told
    assert "Paste" not in told
    assert "choice" not in told
    assert '"state": "finished"' in told


def on_a_terminal(place, command: list[str], **environ: str) -> str:
    """What a command that ends well says on a terminal of its own."""
    ours, theirs = pty.openpty()
    env = {**place.environ, "TERM": "xterm", **environ}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as run:
        os.close(theirs)
        told = b""
        with suppress(OSError):  # how the end of a terminal reads on Linux
            while part := os.read(ours, 4096):
                told += part
    os.close(ours)
    assert run.returncode == 0, told
    return told.decode()


def test_wandb_is_imported_for_a_run_and_not_before():
    look = (
        "import sys; from vispera.commands.train import Arguments; "
        "from vispera.door.building import arguments; "
        "from vispera.door.application import composed; "
        "tracker = arguments(Arguments, composed('train', ['tracker=wandb'])).tracker; "
        "print(tracker.name, 'wandb' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert shown.stdout == "wandb False\n"


def test_variables_of_the_user_stay_but_for_those_that_the_settings_took_over():
    asked = {
        "WANDB_SILENT": "false",
        "WANDB_MODE": "online",
        "WANDB_CACHE_DIR": "",
        "WANDB_SHOW_INFO": "true",
    }
    found = variables(Path("/w"), "offline", asked)
    assert "WANDB_SILENT" not in found
    assert (found["WANDB_MODE"], found["WANDB_DIR"], found["WANDB_SHOW_INFO"]) == ("offline", "/w", "false")
    assert found["WANDB_CACHE_DIR"] == "/w/wandb/cache"
