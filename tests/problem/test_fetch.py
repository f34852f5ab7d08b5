"""The hotel's table from several addresses: the first good one, and nothing of the bad ones."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from conftest import problem
from loopback import Reply, as_csv, as_publication, counts, published, serving
from vispera import redact
from vispera.errors import ContractBroken, UsageError, VisperaError
from vispera.problem.fetch import HIDDEN, halves
from vispera.problem.fetch import archive as archive_module
from vispera.problem.fetch.address import address_faults, learn_secrets

TABLE = published()
CSV = as_csv(TABLE)
PATIENCE = "problem.download={max_megabytes:1,timeout_seconds:5,attempts:2,pause_seconds:0}"


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.delenv("VISPERA_DATA", raising=False)
    return tmp_path / "data"


def hotel(data: Path, *addresses: str, whole: pd.DataFrame = TABLE):
    """The problem as a user sets it, whose published table is the small one."""
    told = f"problem.addresses=[{','.join(addresses)}]"
    return problem("hotel", f"data.cache={data}", counts(whole), PATIENCE, told)


def lies(data: Path) -> list[str]:
    """What lies in the data folder, without the canonical tables."""
    return sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.parts[-3:-1] != ("hotel",))


def canonical(data: Path) -> list[Path]:
    return list(data.glob("hotel/*/canonical.json"))


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def parquet() -> bytes:
    return TABLE.to_parquet(index=False)


def of_sets(server, files: dict[str, bytes]) -> str:
    """A list of two addresses, one for each of the publication's files."""
    return f"[{','.join(server.give(f'/{name}', Reply(content)) for name, content in files.items())}]"


GOOD = {
    "csv": (CSV, ["hotels.csv"]),
    "parquet": (parquet(), ["hotels.parquet"]),
    "zip with one table": (zipped({"readme.txt": b"x", "a/b.csv": CSV}), ["hotels.csv"]),
    "zip of the article": (
        zipped({"mmc2/": b"", "__MACOSX/._x.csv": b"x", **as_publication(TABLE), "R.txt": b""}),
        ["publication", "publication/H1.csv", "publication/H2.csv"],
    ),
    "zip that climbs": (zipped({f"../../{name}": c for name, c in as_publication(TABLE).items()}),
        ["publication", "publication/H1.csv", "publication/H2.csv"]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "left"), GOOD.values(), ids=list(GOOD))
def test_every_form_takes_its_place_and_is_canonical_at_once(server, data, body, left):
    made = hotel(data, server.give("/download", Reply(body)))
    files = made.fetch()
    assert [str(file.relative_to(data)) for file in files] == [name for name in left if "." in name]
    assert [name for name in lies(data) if not name.startswith("hotel/") and name != "hotel"] == left
    assert len(canonical(data)) == 1
    assert len(made.load()) == len(TABLE)
    assert len(canonical(data)) == 1, "what was checked is what is read"
    assert made.fetch() == files
    assert len(server.asked) == 1


def test_the_two_files_of_the_publication_appear_together(server, data):
    files = hotel(data, of_sets(server, as_publication(TABLE))).fetch()
    assert files == [data / "publication" / "H1.csv", data / "publication" / "H2.csv"]
    assert not (data / HIDDEN).exists()


def spoilt(body: bytes) -> bytes:
    """The same with one bit turned over."""
    return body[:2000] + bytes([body[2000] ^ 1]) + body[2001:]


PARTS = as_publication(TABLE)
H1_ROWS = (TABLE["hotel"] == "Resort Hotel").sum()
UNWHOLE = {
    "a web page": (Reply(b"\n <!DOCTYPE html><html>not here"), "a web page, not a table"),
    "another table": (Reply(b"a,b\n1,2\n"), "no column 'hotel'"),
    "some columns": (Reply(as_csv(TABLE.drop(columns=["adr", "meal", "lead_time"]).iloc[1:])),
        "'lead_time' is missing; hotel: column 'meal' is missing; hotel: column 'adr' is missing; hotel: "),
    "cut within a line": (Reply(CSV[:90_000]), "not the whole source: rows "),
    "cut between lines": (Reply(as_csv(TABLE.iloc[:-1])), "not the whole source: rows 999, expected 1000"),
    "other outcomes": (Reply(as_csv(TABLE.assign(is_canceled=0))), "cancelled 0, expected "),
    "declared too short": (Reply(CSV, length=50_000), "not the whole source: rows "),
    "nothing": (Reply(b""), "cannot be read as a table"),
    "not text": (Reply(bytes(range(128, 256)) * 9), "cannot be read as a table"),
    "a corrupted number": (Reply(CSV.replace(b"Hotel,0,", b"Hotel,0,x", 1)), "'lead_time' is not integer"),
    "a corrupted outcome": (Reply(CSV.replace(b"Hotel,0,", b"Hotel,7,", 1)), "neither 0 nor 1"),
    "an endless number": (Reply(CSV.replace(b"Hotel,0,", b"Hotel,0,9999999999999", 1)), "cannot be read"),
    "a damaged zip": (Reply(zipped(PARTS)[:-500]), "a zip that cannot be read"),
    "a corrupted zip": (Reply(spoilt(zipped(PARTS))), "a zip that cannot be read"),
    "a zip of others": (Reply(zipped({"a.csv": CSV, "b.csv": CSV})), "a zip with 2 tables in it; wanted"),
    "a zip that bursts": (Reply(zipped({"a.csv": b"0" * 2_000_000})), "in the zip is larger than 1 MB"),
    "a cut parquet": (Reply(parquet()[:-100]), "cannot be read as a table"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "told"), UNWHOLE.values(), ids=list(UNWHOLE))
def test_what_is_wrong_leaves_nothing_and_says_what_came_and_what_to_do(server, data, reply, told):
    url = server.give("/hotels.csv", reply)
    with pytest.raises(ContractBroken) as refusal:
        hotel(data, url).fetch()
    fault, final = refusal.value.faults
    assert fault.startswith(f"{url} gave something else: ")
    assert told in fault
    assert final.startswith("no address gave the whole table: download it by hand (https://doi.org/")
    assert "data.path=FILE_OR_FOLDER" in final
    assert lies(data) == []


def test_a_corrupted_byte_is_known_by_its_hash_alone(server, data):
    good = hashlib.sha256(CSV).hexdigest()
    spoilt = CSV.replace(b",BB,", b",BC,", 1)
    url = server.give("/hotels.csv", Reply(spoilt))
    with pytest.raises(ContractBroken, match=f"sha256 [0-9a-f]{{64}}, expected {good}"):
        hotel(data, f"'{url}#sha256={good}'").fetch()
    assert lies(data) == []
    server.give("/hotels.csv", Reply(CSV))
    assert hotel(data, f"'{url}#sha256={good}'").fetch()


def test_each_cut_file_of_a_set_is_named(server, data):
    cut = {name: b"".join(body.splitlines(keepends=True)[:-9]) for name, body in PARTS.items()}
    with pytest.raises(ContractBroken) as refusal:
        hotel(data, of_sets(server, cut)).fetch()
    fault = refusal.value.faults[0]
    assert f"hotel: not the whole H1.csv: rows {H1_ROWS - 9}, expected {H1_ROWS}" in fault
    assert "hotel: not the whole H2.csv: rows " in fault
    assert "/H1.csv and http" in fault
    assert lies(data) == []


def test_the_next_address_is_tried_and_told(server, data, capsys):
    wrong, absent = server.give("/wrong.csv", Reply(b"a,b\n")), server.url + "/absent.csv"
    made = hotel(data, absent, wrong, server.give("/hotels.csv", Reply(CSV)))
    assert made.fetch() == [data / "hotels.csv"]
    assert not (data / HIDDEN).exists()
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert told[0] == f"warning: {absent} answers 404 Not Found; trying the next address"
    assert told[1].startswith(f"warning: {wrong} gave something else: ")
    assert len(told) == 2


def test_every_address_that_failed_is_told_and_one_wrong_file_decides(server, data):
    absent, wrong = server.url + "/absent.csv", server.give("/wrong.csv", Reply(b"a,b\n"))
    with pytest.raises(ContractBroken) as refusal:
        hotel(data, wrong, absent).fetch()
    assert [fault.split(" ")[0] for fault in refusal.value.faults] == [wrong, absent, "no"]
    with pytest.raises(VisperaError) as nothing:
        hotel(data, absent).fetch()
    assert nothing.value.exit_code == 1
    assert f"{absent} answers 404 Not Found" in nothing.value.faults
    assert lies(data) == []


def test_what_was_cut_is_kept_told_and_gone_on_with(server, data):
    url = server.give("/hotels.csv", Reply(CSV, etag='"a"', cut=40_000))
    with pytest.raises(ContractBroken, match="type the same again to go on with what was cut, or download"):
        hotel(data, url).fetch()
    assert not (data / "hotels.csv").exists()
    assert halves(data) == [f"0.0 of 0.1 MB from {url}"]
    server.asked.clear()
    server.give("/hotels.csv", Reply(CSV, etag='"a"'))
    hotel(data, url).fetch()
    assert [asked.status for asked in server.asked] == [206]
    assert not (data / HIDDEN).exists()


def test_a_part_that_proves_wrong_when_it_is_whole_is_taken_away(server, data):
    other = as_csv(TABLE.iloc[::-1].assign(is_canceled=1))
    url = server.give("/hotels.csv", Reply(other, etag='"a"', cut=40_000))
    for reply in (None, Reply(other, etag='"a"')):
        if reply:
            server.give("/hotels.csv", reply)
        with pytest.raises(ContractBroken):
            hotel(data, url).fetch()
    assert lies(data) == []


def test_of_a_set_the_file_that_came_is_not_fetched_again(server, data):
    urls = of_sets(server, PARTS)
    server.give("/H2.csv", Reply(PARTS["H2.csv"], etag='"2"', cut=40_000))
    with pytest.raises(ContractBroken, match="was cut"):
        hotel(data, urls).fetch()
    server.asked.clear()
    server.give("/H2.csv", Reply(PARTS["H2.csv"], etag='"2"'))
    hotel(data, urls).fetch()
    assert [(asked.path, asked.status) for asked in server.asked] == [("/H2.csv", 206)]


def test_two_at_once_ask_once(server, data):
    on = threading.Event()
    url = server.give("/hotels.csv", Reply(CSV, cut=len(CSV), held=on))
    found: list[list[Path]] = []
    both = [threading.Thread(target=lambda: found.append(hotel_of[0].fetch())) for _ in range(2)]
    hotel_of = [hotel(data, url)]
    for thread in both:
        thread.start()
    on.set()
    for thread in both:
        thread.join(60)
    assert found == [[data / "hotels.csv"]] * 2
    assert len(server.asked) == 1


def test_what_lies_in_data_is_used_and_never_replaced(server, data):
    data.mkdir()
    (data / "mine.csv").write_bytes(CSV)
    url = server.give("/hotels.csv", Reply(CSV))
    assert hotel(data, url).fetch() == [data / "mine.csv"]
    (named := data.parent / "named.csv").write_bytes(CSV)
    assert problem("hotel", f"data.path={named}", f"problem.addresses=[{url}]").fetch() == [named]
    assert server.asked == []


def test_a_file_that_is_put_there_meanwhile_stays(server, data, monkeypatch):
    def meanwhile(*given):
        (data / "hotels.csv").write_bytes(b"mine")
        return unpack(*given)

    unpack = archive_module.unpack
    monkeypatch.setattr("vispera.problem.fetch.unpack", meanwhile)
    with pytest.raises(VisperaError, match="is there by now, and is not replaced"):
        hotel(data, server.give("/hotels.csv", Reply(CSV))).fetch()
    assert (data / "hotels.csv").read_bytes() == b"mine"


def test_what_a_killed_process_left_is_cleared(server, data):
    (data / HIDDEN / "ready-x" / "publication").mkdir(parents=True)
    with pytest.raises(VisperaError):
        hotel(data, server.url + "/absent.csv").fetch()
    assert lies(data) == []


def test_a_disk_that_refuses_is_told_in_one_line(server, data, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("vispera.problem.fetch.sync", full)
    with pytest.raises(VisperaError, match="cannot be written: No space left on device; type vispera doctor"):
        hotel(data, server.give("/hotels.csv", Reply(CSV))).fetch()
    assert not (data / "hotels.csv").exists()


NO_ADDRESSES = ["hotels.csv", "ftp://h/x", "https://", "https://h:x/y", "https://h:0/y", "https://[/y", "file:///x",
    "https://h/x#sha256=12", "https://h/x#part"]  # fmt: skip


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_refused_with_what_is_allowed(url):
    [fault] = address_faults([url, "https://h/x", ("http://h/1", "http://h/2")], ("H1", "H2"), "key")
    assert fault.startswith("key: '")
    assert "wanted http(s)://HOST/PATH" in fault


def test_faulty_settings_are_all_told_as_the_configuration_is_read():
    addresses = "problem.addresses=[ftp://h/x,'http://ana:pw7@[/y?token=canary',[https://h/1,https://h/2,https://h/3]]"
    with pytest.raises(UsageError) as refusal:
        problem("hotel", addresses, "problem.download.attempts=0")
    told = [fault.partition(";")[0] for fault in refusal.value.faults]
    assert told == [
        "problem.addresses: 'ftp://h/x' is no address",
        "problem.addresses: 'http:...' is no address",
        "problem.addresses: a list of 3 addresses",
        "problem.download.attempts=0: wanted 1 or more",
    ]


def test_secrets_of_addresses_are_learned(monkeypatch):
    learn_secrets(
        ["https://ana:pass-word-9@h/x?sig=abcDEF123&page=hotel_bookings", ("https://h/1?api_key=zz-top-11",)]
    )
    try:
        assert redact.redact_text("pass-word-9 abcDEF123 zz-top-11") == "<redacted> <redacted> <redacted>"
        assert redact.redact_text("hotel_bookings") == "hotel_bookings"
    finally:
        redact.forget_learned()
