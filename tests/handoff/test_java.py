"""The reader in plain Java that the contract comes with: compiled, and run on lists whole and damaged."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from handed import KEEP, about, content, handed, reseal
from vispera.current import CURRENT, Pointer, point
from vispera.handoff import publish

JAVA = Path(__file__).parents[1] / "java"
GOLDEN = Path(__file__).parents[1] / "golden" / "handoff-v1"
NIGHT = "2017-03-16"
LOCALES = [("es", "ES"), ("tr", "TR"), ("ar", "EG")]
NASTY = 'á€\U0001f3e8, "x"\r\n\ty\\z\x01\x7f ıİ'

pytestmark = pytest.mark.skipif(
    shutil.which("javac") is None, reason="javac is not here: install a JDK, 11 or later"
)


@pytest.fixture(scope="module")
def classes(tmp_path_factory) -> Path:
    """Folder of the compiled reader, for Java 11, without a warning."""
    folder = tmp_path_factory.mktemp("classes")
    command = ["javac", "--release", "11", "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", str(folder)]
    subprocess.run([*command, *map(str, sorted(JAVA.glob("*.java")))], check=True)
    return folder


def java(classes: Path, name: str, *words: object, locale: tuple[str, str] = ("es", "ES")) -> list[str]:
    """The command that runs a class on a machine of some locale, with a charset that is not ours."""
    language, country = locale
    machine = [f"-Duser.language={language}", f"-Duser.country={country}", "-Dfile.encoding=ISO-8859-1"]
    return ["java", "-XX:TieredStopAtLevel=1", *machine, "-cp", str(classes), name, *map(str, words)]


def read(classes: Path, place: Path, oldest: str = NIGHT, **more) -> tuple[int, bytes, str]:
    """Exit code of the reader, its lines and what it told."""
    done = subprocess.run(java(classes, "ListReader", place, oldest, **more), capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("locale", LOCALES)
def test_it_reads_a_list_whatever_the_machine_speaks(classes, tmp_path, locale):
    done = publish(tmp_path, {"list.csv": content(NIGHT, why=NASTY)}, about(NIGHT, simulated=True), KEEP)
    code, lines, told = read(classes, tmp_path, locale=locale)
    assert code == 0, told
    assert lines == (done.folder / "list.jsonl").read_bytes()
    assert [json.loads(line)["why_es"] for line in lines.split(b"\n")[:-1]] == [NASTY] * 3
    assert told.startswith(f"{NIGHT}-1: 3 rows, list, simulated: there is nobody to call")


@pytest.mark.parametrize("locale", LOCALES)
def test_it_tells_a_fallback_and_why(classes, tmp_path, locale):
    folder = handed(tmp_path, NIGHT, kind="fallback").folder
    code, lines, told = read(classes, tmp_path, locale=locale)
    assert code == 6
    assert lines == (folder / "list.jsonl").read_bytes()
    assert told.rstrip("\n").endswith(f"fallback: {about(NIGHT, 'fallback').reason}")


def test_it_reads_what_the_first_version_wrote(classes):
    code, lines, told = read(classes, GOLDEN, "2017-03-16")
    assert (code, lines) == (0, (GOLDEN / f"{NIGHT}-2" / "list.jsonl").read_bytes()), told


def test_it_reads_a_list_without_rows(classes, tmp_path):
    handed(tmp_path, NIGHT, [])
    assert read(classes, tmp_path)[:2] == (0, b"")


def test_a_stale_night_is_refused(classes, tmp_path):
    handed(tmp_path, NIGHT)
    assert read(classes, tmp_path, "2017-03-15")[0] == 0
    code, lines, told = read(classes, tmp_path, "2017-03-17")
    assert (code, lines) == (3, b"")
    assert told == f"refused, STALE: the newest list is of {NIGHT}, wanted 2017-03-17 or later\n"


def test_nothing_there_and_wrong_words_are_told_apart(classes, tmp_path):
    assert read(classes, tmp_path)[0] == 1
    assert read(classes, tmp_path, "16/03/2017")[0] == 2
    assert subprocess.run(java(classes, "ListReader"), capture_output=True).returncode == 2


@pytest.mark.parametrize("schema", [0, 2, "1.0", None])
def test_an_old_or_unknown_schema_is_refused(classes, tmp_path, schema):
    folder = handed(tmp_path, NIGHT).folder
    reseal(folder, {**json.loads((folder / "manifest.json").read_bytes()), "schema": schema})
    code, lines, told = read(classes, tmp_path)
    assert (code, lines) == (4, b"")
    assert told.endswith("wanted 1\n")


@pytest.mark.parametrize("name", ["list.csv", "manifest.properties", CURRENT])
@pytest.mark.parametrize("change", ["cut", "a byte", "empty"])
def test_a_truncated_or_changed_file_is_refused(classes, tmp_path, name, change):
    folder = handed(tmp_path, NIGHT).folder
    path = tmp_path / name if name == CURRENT else folder / name
    written = path.read_bytes()
    at = len(written) // 2
    changed = {"cut": written[:at], "a byte": written[:at] + b"~" + written[at + 1 :], "empty": b""}
    path.write_bytes(changed[change])
    code, lines, told = read(classes, tmp_path)
    assert (code, lines) == (5, b"")
    assert told.startswith("refused, DAMAGED: ")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rows": 4}, "another number of rows"),
        ({"columns": [{"name": "unit", "type": "text"}]}, "other columns"),
        ({"kind": "wish"}, "unknown Kind: wish"),
        ({"night": "16/03/2017"}, "night: "),
    ],
)
def test_a_manifest_that_does_not_fit_its_list_is_refused(classes, tmp_path, change, told):
    folder = handed(tmp_path, NIGHT).folder
    reseal(folder, {**json.loads((folder / "manifest.json").read_bytes()), **change})
    code, lines, refusal = read(classes, tmp_path)
    assert (code, lines) == (5, b"")
    assert told in refusal


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"0.5000", b"0,5000", "a row holds 11 values"),
        (b"0.5000", b"half", "not of its column's type"),
        (b"2017-03-20", b"2017-02-29", "not of its column's type"),
        ("más".encode(), "más".encode("latin-1"), "not UTF-8"),
        (b'hoy"""', b"hoy", "ends within a row"),
        (b"0000000000000000", b"0", "no unit of 16 hexadecimal digits"),
    ],
)
def test_what_is_sealed_but_no_list_is_refused(classes, tmp_path, old, new, told):
    folder = handed(tmp_path, NIGHT).folder
    written = (folder / "list.csv").read_bytes()
    assert old in written
    (folder / "list.csv").write_bytes(written.replace(old, new))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["sha256"]["list.csv"] = hashlib.sha256(written.replace(old, new)).hexdigest()
    reseal(folder, manifest)
    code, lines, refusal = read(classes, tmp_path)
    assert (code, lines) == (5, b"")
    assert told in refusal


def test_a_folder_that_vanishes_while_it_is_read_sends_the_reader_to_current_again(classes, tmp_path):
    old = handed(tmp_path, NIGHT).folder
    new = handed(tmp_path, "2017-03-17", range(2)).folder
    sealed = (old / "manifest.properties").read_bytes()
    point(tmp_path, Pointer(old.name, hashlib.sha256(sealed).hexdigest()))
    (old / "manifest.properties").unlink()
    os.mkfifo(old / "manifest.properties")
    reader = subprocess.Popen(java(classes, "ListReader", tmp_path, NIGHT), stdout=subprocess.PIPE)
    with os.fdopen(reached(old / "manifest.properties", reader), "wb") as pipe:
        (old / "list.csv").unlink()
        handed(tmp_path, "2017-03-17", range(2))
        pipe.write(sealed)
    lines, _ = reader.communicate()
    assert reader.returncode == 0
    assert lines == (new / "list.jsonl").read_bytes()


def reached(pipe: Path, reader: subprocess.Popen) -> int:
    """The end of a named pipe into which to write, once the reader has opened the other."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert reader.poll() is None
            time.sleep(0.01)


def test_a_folder_that_stays_away_is_refused(classes, tmp_path):
    shutil.rmtree(handed(tmp_path, NIGHT).folder)
    code, _, told = read(classes, tmp_path)
    assert code == 5
    assert told.endswith("is missing\n")


@pytest.fixture
def publisher(tmp_path) -> Iterator[subprocess.Popen]:
    """A process that publishes without pause."""
    handed(tmp_path, "2017-03-15")
    command = [sys.executable, str(Path(__file__).with_name("without_pause.py")), str(tmp_path)]
    process = subprocess.Popen(command)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("locale", LOCALES[:2])
def test_a_thousand_reads_while_publishing_are_all_whole(classes, tmp_path, publisher, locale):
    command = java(classes, "ReadWithoutPause", tmp_path, 1000, 20, locale=locale)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    reads, lists = map(int, done.stdout.split())
    assert reads >= 1000
    assert lists >= 20
    assert publisher.poll() is None
