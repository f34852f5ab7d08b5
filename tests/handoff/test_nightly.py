"""The examples for the night do what their page says, on each exit code."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vispera import workspace
from vispera.door.application import composed
from vispera.door.verb import VERBS
from vispera.errors import VisperaError

ROOT = workspace.source()
FOLDER = ROOT / "docs" / "nightly"
SCRIPT = FOLDER / "nightly.sh"
PAGE = (ROOT / "docs" / "nightly.md").read_text()
NIGHT = "2017-03-16"
STUB = """#!/bin/sh
echo "$*" >> "$SEEN"
[ "$1" = pull ] && exit "$PULL"
code=$(head -n 1 "$CODES"); sed -i 1d "$CODES"
exit "$code"
"""


class Stage:
    """A folder with a ``vispera`` that ends as it is told, and everything that it was asked."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.seen, self.codes = folder / "seen", folder / "codes"
        self.command = folder / "vispera"
        self.command.write_text(STUB)
        self.command.chmod(0o755)
        self.seen.touch()

    def environment(self, codes: list[int], pull: int = 0, **more: str) -> dict[str, str]:
        self.codes.write_text("".join(f"{code}\n" for code in codes))
        told = {"SEEN": str(self.seen), "CODES": str(self.codes), "PULL": str(pull)}
        paths = f"{self.folder}:{os.environ['PATH']}"
        return {"PATH": paths, "PAUSE": "0", "ATTEMPTS": str(len(codes)), **told, **more}

    def run(self, codes: list[int], *words: str, pull: int = 0, **more: str) -> tuple[int, list[str]]:
        """Exit code of the script, and what it told; ``vispera score`` ends with the codes in turn."""
        environment = self.environment(codes, pull, **{"NIGHT": NIGHT, **more})
        done = subprocess.run([str(SCRIPT), *words], env=environment, capture_output=True, text=True)
        return done.returncode, done.stderr.splitlines()

    def asked(self) -> list[str]:
        return self.seen.read_text().splitlines()


@pytest.fixture
def stage(tmp_path) -> Stage:
    return Stage(tmp_path)


def table(header: str) -> dict[str, list[str]]:
    _, _, below = PAGE.partition(f"\n{header}\n")
    rows = below.partition("\n\n")[0].splitlines()[1:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {cell[0].strip("`"): cell[1:] for cell in cells}


ROWS = table("| exit | what happened | what readers see | again? | whom to tell |")


@pytest.mark.parametrize("told", ROWS)
def test_it_does_on_each_exit_code_what_the_page_says(stage, told):
    code = 137 if told == "others" else int(told)
    _, sees, again, whom = ROWS[told]
    exit_code, lines = stage.run([code] * 3)
    assert exit_code == code
    assert len(stage.asked()) == 1 + (3 if again == "yes" else 1)
    roles = [line.partition(":")[0] for line in lines]
    wanted = re.findall(r"`([a-z-]+)`", whom)
    if sees == "the list before" and code != 130 and "call-centre" not in wanted:
        wanted.append("call-centre")
    assert roles == wanted
    assert all(f": night {NIGHT}: " in line for line in lines)


def test_every_exit_code_of_a_list_is_told():
    codes = {error.exit_code for error in (VisperaError, *VisperaError.__subclasses__())}
    not_reproduced = 4
    assert {int(told) for told in ROWS if told != "others"} == {0, 130} | codes - {not_reproduced}


@pytest.mark.parametrize(
    ("codes", "ends", "told"),
    [
        ([1, 0], 0, []),
        ([5, 0], 0, ["data-engineering"]),
        ([5, 5, 6, 6], 6, ["data-engineering", "call-centre"]),
        ([6, 6, 0], 0, []),
        ([6, 1], 1, ["operations", "call-centre"]),
        ([1, 3, 0], 3, ["data-science", "call-centre"]),
    ],
)
def test_it_goes_on_until_there_is_a_list(stage, codes, ends, told):
    exit_code, lines = stage.run(codes)
    assert exit_code == ends
    assert [line.partition(":")[0] for line in lines] == told
    assert len(stage.asked()) - 1 == (codes.index(3) + 1 if 3 in codes else len(codes))


def test_after_a_fallback_the_call_centre_is_told_that_it_has_one(stage):
    assert stage.run([6, 5])[1][-1].endswith("today's list is a fallback; its manifest says why")
    assert stage.run([5, 5])[1][-1].endswith("there is no list today; call nobody from an earlier one")


def test_it_pulls_then_scores_with_what_was_typed(stage):
    stage.run([0], "extract=/a folder/x", "list.control_share=0.1", PROBLEM="clinic", MODEL="champ")
    assert stage.asked() == [
        "pull problem=clinic to=champ",
        f"score problem=clinic night={NIGHT} artefact=champ extract=/a folder/x list.control_share=0.1",
    ]


def test_a_champion_that_cannot_be_pulled_is_told_and_the_one_before_it_makes_the_list(stage):
    exit_code, lines = stage.run([0], pull=5)
    assert exit_code == 0
    assert len(lines) == 1
    assert lines[0].startswith("data-science: ")
    assert len(stage.asked()) == 2


def test_the_alarm_gets_whom_and_what_and_when_it_fails_stderr_does(stage, tmp_path):
    alarm = tmp_path / "alarm"
    alarm.write_text(f'#!/bin/sh\nprintf "%s|%s|%s\\n" "$#" "$1" "$2" >> {tmp_path}/alarms\nexit "$RINGS"\n')
    alarm.chmod(0o755)
    assert stage.run([2], ALARM=str(alarm), RINGS="0")[1] == []
    first, second = (tmp_path / "alarms").read_text().splitlines()
    assert first.startswith(f"2|developers|night {NIGHT}: no list")
    assert second.startswith(f"2|call-centre|night {NIGHT}: there is no list")
    assert len(stage.run([2], ALARM=str(alarm), RINGS="1")[1]) == 2


@pytest.mark.parametrize("zone", ["Europe/Madrid", "Pacific/Kiritimati", "Pacific/Midway"])
def test_the_night_is_yesterday_where_the_hotel_is(stage, zone):
    def yesterday() -> str:
        return str(datetime.now(ZoneInfo(zone)).date() - timedelta(days=1))

    around = {yesterday()}
    stage.run([0], NIGHT="", TZ=zone)
    around.add(yesterday())
    assert re.findall(r"night=(\S+)", stage.asked()[1])[0] in around


def test_the_variables_are_those_of_the_script():
    script = SCRIPT.read_text().replace("$(date -d yesterday +%F)", "yesterday there")
    told = {name: cells[0].strip("`") for name, cells in table("| variable | default | meaning |").items()}
    assert told == dict(re.findall(r"\$\{([A-Z]+):-(.*?)\}", script))


def test_the_files_are_those_of_the_page():
    assert set(table("| file | what it is |")) == {f"docs/nightly/{path.name}" for path in FOLDER.iterdir()}
    assert os.access(SCRIPT, os.X_OK)


def moved(name: str, tmp_path: Path) -> str:
    """An example with our folder in the place of the one that it names."""
    (tmp_path / "docs").mkdir(exist_ok=True)
    if not (tmp_path / "docs" / "nightly").exists():
        shutil.copytree(FOLDER, tmp_path / "docs" / "nightly")
    (tmp_path / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    return (FOLDER / name).read_text().replace("/srv/vispera", str(tmp_path))


def test_the_line_of_the_crontab_makes_the_list(stage, tmp_path):
    *settings, line = [line for line in moved("crontab", tmp_path).splitlines() if not line.startswith("#")]
    fields = line.split(maxsplit=5)
    assert fields[:5] == ["30", "0", "*", "*", "*"]
    assert "%" not in fields[5], "cron ends the command there"
    shutil.copy(stage.command, tmp_path / ".venv" / "bin" / "vispera")
    paths = dict(setting.split("=", 1) for setting in settings)["PATH"]
    environment = stage.environment([0], NIGHT=NIGHT) | {"PATH": paths}
    done = subprocess.run(["sh", "-c", fields[5]], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert stage.asked()[1] == (
        f"score problem=hotel night={NIGHT} artefact=production extract={tmp_path}/extracts"
    )


def test_the_service_runs_what_the_crontab_runs(tmp_path):
    started = re.findall(r"^ExecStart=(.*)$", (FOLDER / "vispera-nightly.service").read_text(), re.MULTILINE)
    line = (FOLDER / "crontab").read_text().splitlines()[-1]
    assert shlex.split(started[0])[1:] == [word for word in line.split() if word.startswith("extract=")]
    assert shlex.split(started[0])[0].endswith("/docs/nightly/nightly.sh")


@pytest.mark.parametrize("verb", ["pull", "score"])
def test_what_the_script_types_composes(stage, verb):
    if verb not in VERBS:
        pytest.skip(f"there is no verb {verb} yet")
    words = re.findall(r"extract=\S+", (FOLDER / "crontab").read_text())
    stage.run([0], *words)
    (asked,) = [line.split() for line in stage.asked() if line.startswith(verb)]
    assert composed(verb, asked[1:]) is not None


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_takes_the_units(tmp_path):
    for name in ("vispera-nightly.service", "vispera-nightly.timer"):
        (tmp_path / name).write_text(moved(name, tmp_path))
    paths = [str(tmp_path / "vispera-nightly.service"), str(tmp_path / "vispera-nightly.timer")]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not here")
def test_shellcheck_finds_nothing():
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
