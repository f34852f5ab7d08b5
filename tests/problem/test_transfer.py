"""One file over HTTP, from a server that cuts, changes, redirects, falters and lies."""

from __future__ import annotations

import gzip
import json
import socket
import threading

import pytest

from loopback import Asked, Reply, serving
from vispera.problem.fetch.answer import led_to
from vispera.problem.fetch.failure import Cut, Unreachable, Wrong
from vispera.problem.fetch.part import Part, Version
from vispera.problem.fetch.transfer import Limits, download

BODY = bytes(range(256)) * 800
OTHER = BODY[::-1]
DAY = "Tue, 11 Feb 2020 10:00:00 GMT"
ONCE = Limits(attempts=1, timeout_seconds=5, pause_seconds=0)
OFTEN = Limits(attempts=3, timeout_seconds=5, pause_seconds=0)


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def part(tmp_path):
    return tmp_path / "file.part"


def names(part):
    return sorted(path.name for path in part.parent.iterdir())


def begun(server, part, **reply):
    """A download of BODY that was cut after 100,000 bytes."""
    url = server.give("/file", Reply(BODY, cut=100_000, **reply))
    with pytest.raises(Cut, match=r"/file was cut after 0\.1 of 0\.2 MB"):
        download(url, part, "file", ONCE)
    server.asked.clear()
    return url


def test_a_whole_file_comes_with_one_question(server, part, capsys):
    url = server.give("/file", Reply(BODY, etag='"a"'))
    assert download(url, part, "file", ONCE).whole
    assert part.read_bytes() == BODY
    [asked] = server.asked
    assert "range" not in asked.headers
    assert asked.headers["accept-encoding"] == "identity"
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "fetch file: ask 127.0.0.1"
    assert told[1].startswith("fetch file 2/11: 0.0 of 0.2 MB")
    assert told[-1].startswith("fetch file: done in")
    download(url, part, "file", ONCE)
    assert len(server.asked) == 1, "what is whole is not asked for again"


@pytest.mark.parametrize("proof", [{"etag": '"a"'}, {"modified": DAY}], ids=str)
def test_a_cut_download_is_gone_on_with(server, part, proof):
    url = begun(server, part, **proof)
    so_far = part.stat().st_size
    assert 60_000 < so_far <= 100_000
    server.give("/file", Reply(BODY, **proof))
    download(url, part, "file", ONCE)
    assert part.read_bytes() == BODY
    [asked] = server.asked
    assert asked.headers["range"] == f"bytes={so_far}-"
    assert asked.headers["if-range"] in proof.values()
    assert (asked.status, asked.sent) == (206, len(BODY) - so_far)


def test_a_line_that_is_cut_again_and_again_is_gone_on_with_in_one_call(server, part, capsys):
    cuts = [Reply(BODY, etag='"a"', cut=cut) for cut in (60_000, 120_000)]
    url = server.give("/file", *cuts, Reply(BODY, etag='"a"'))
    download(url, part, "file", OFTEN)
    assert part.read_bytes() == BODY
    assert [asked.status for asked in server.asked] == [200, 206, 206]
    assert sum(asked.sent for asked in server.asked) < len(BODY) + 3 * 33_000
    assert "was cut after" in (told := capsys.readouterr().err)
    assert "trying again in 0 s" in told


CHANGED = {
    "If-Range is heeded": Reply(OTHER, etag='"b"'),
    "If-Range is not heeded": Reply(OTHER, etag='"b"', checks_if_range=False),
    "another length alone": Reply(OTHER[:-1], checks_if_range=False),
    "shorter than what came": Reply(OTHER[:5000], etag='"b"', checks_if_range=False),
}


@pytest.mark.parametrize("reply", CHANGED.values(), ids=list(CHANGED))
def test_a_file_that_has_changed_is_never_glued_to_an_old_half(server, part, reply):
    url = begun(server, part, etag='"a"')
    server.give("/file", reply)
    download(url, part, "file", ONCE)
    assert part.read_bytes() == reply.body
    assert server.asked[-1].sent == len(reply.body)


def test_a_server_that_ignores_ranges_begins_anew(server, part):
    url = begun(server, part, etag='"a"')
    server.give("/file", Reply(BODY, etag='"a"', ranges=False))
    download(url, part, "file", ONCE)
    assert part.read_bytes() == BODY
    assert server.asked[0].sent == len(BODY)


@pytest.mark.parametrize("proof", [{}, {"etag": 'W/"a"', "modified": DAY}], ids=str)
def test_half_a_file_that_nothing_identifies_is_not_kept(server, part, proof):
    url = begun(server, part, **proof)
    assert names(part) == []
    download(server.give("/file", Reply(BODY, **proof)), part, "file", ONCE)
    assert url.endswith("/file")
    assert "range" not in server.asked[0].headers


@pytest.mark.parametrize("damage", ["{", "[]", '{"etag": 1}'])
def test_a_damaged_note_about_a_part_means_beginning_anew(server, part, damage):
    url = begun(server, part, etag='"a"')
    Part(part).about.write_text(damage)
    download(server.give("/file", Reply(BODY, etag='"a"')), part, "file", ONCE)
    assert part.read_bytes() == BODY
    assert "range" not in server.asked[0].headers, url


def test_a_body_without_a_length_that_is_cut_does_not_pass_for_whole(server, part):
    url = server.give("/file", Reply(BODY, chunked=True, cut=100_000), Reply(BODY, chunked=True))
    with pytest.raises(Cut, match=r"of \? MB"):
        download(url, part, "file", ONCE)
    assert names(part) == []
    assert download(url, part, "file", ONCE).whole
    assert part.read_bytes() == BODY


def test_a_length_that_is_too_large_is_a_cut_and_one_that_is_too_small_cuts(server, part):
    url = server.give("/file", Reply(BODY, etag='"a"', length=len(BODY) + 9))
    with pytest.raises(Cut):
        download(url, part, "file", OFTEN)
    server.give("/small", Reply(BODY, length=1000))
    small = part.with_name("small.part")
    download(server.url + "/small", small, "file", ONCE)
    assert small.stat().st_size == 1000  # nothing but the count of its rows can tell


def test_a_body_that_is_packed_all_the_same_is_unpacked(server, part):
    packed = gzip.compress(BODY)
    url = server.give("/file", Reply(packed, etag='"a"', encoding="gzip"))
    download(url, part, "file", ONCE)
    assert part.read_bytes() == BODY


@pytest.mark.parametrize(
    ("status", "questions"), [(404, 1), (403, 1), (304, 1), (500, 3), (503, 3), (429, 3)]
)
def test_a_refusal_is_final_and_a_server_that_falters_is_asked_again(server, part, status, questions):
    url = server.give("/file", Reply(b"sorry", status=status))
    with pytest.raises(Unreachable, match=f"answers {status} [A-Z]"):
        download(url, part, "file", OFTEN)
    assert len(server.asked) == questions
    assert names(part) == []


def test_a_server_that_recovers_gives_the_file(server, part):
    url = server.give("/file", Reply(status=503), Reply(status=500), Reply(BODY))
    download(url, part, "file", OFTEN)
    assert part.read_bytes() == BODY


def test_pauses_grow(server, part, monkeypatch):
    paused = []
    monkeypatch.setattr("vispera.problem.fetch.transfer.time.sleep", paused.append)
    url = server.give("/file", Reply(status=503))
    with pytest.raises(Unreachable):
        download(url, part, "file", Limits(attempts=4, pause_seconds=0.5))
    assert paused == [0.5, 1, 2]


def test_nobody_there_is_told_at_once(part):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file"
        with pytest.raises(Unreachable, match="cannot be reached: Connection refused") as refusal:
            download(url, part, "file", OFTEN)
    assert not refusal.value.again
    assert names(part) == []


@pytest.mark.parametrize("sent", [0, 100_000])
def test_a_server_that_falls_silent_is_given_up(server, part, sent):
    over = threading.Event()
    url = server.give("/file", Reply(BODY, etag='"a"', cut=sent, held=over))
    with pytest.raises(Cut, match=r"no answer within 0\.2 s"):
        download(url, part, "file", Limits(attempts=2, timeout_seconds=0.2, pause_seconds=0))
    over.set()
    assert len(server.asked) == 2
    assert bool(names(part)) == (sent > 0)


def test_redirections_are_followed_and_the_rest_is_asked_for_at_their_end(server, part):
    begun(server, part, etag='"a"')
    so_far = part.stat().st_size
    server.give("/file", Reply(BODY, etag='"a"'))
    first = server.give("/first", Reply(status=302, location="/second"))
    server.give("/second", Reply(status=308, location=server.url + "/file"))
    download(first, part, "file", ONCE)
    assert part.read_bytes() == BODY
    assert server.asked[-1].sent == len(BODY) - so_far


REFUSED_REDIRECTS = {
    "/loop": "is redirected more than 5 times",
    "file:///etc/passwd": "is redirected to file:///etc/passwd, which is not followed",
    "ftp://ana:pw@example.org/x": "is redirected to ftp://example.org/x, which is not followed",
    "http://[": "is redirected to what is no address",
}


@pytest.mark.parametrize(("location", "told"), REFUSED_REDIRECTS.items())
def test_redirections_that_are_not_followed(server, part, location, told):
    url = server.give("/loop", Reply(status=301, location=location))
    with pytest.raises(Unreachable) as refusal:
        download(url, part, "file", OFTEN)
    assert str(refusal.value) == f"{url} {told}"
    assert len(server.asked) == (6 if location == "/loop" else 1)
    assert names(part) == []


def test_an_encrypted_line_never_leads_to_an_open_one():
    with pytest.raises(Unreachable, match=r"to http://example\.org/x, which is not followed"):
        led_to("https://example.org/y", "http://example.org/x?token=canary")
    assert led_to("http://example.org/y", "https://example.org/x?a=1") == "https://example.org/x?a=1"
    assert led_to("https://example.org/y", "//other.org/x") == "https://other.org/x"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(server, part, chunked):
    url = server.give("/file", Reply(BODY, etag='"a"', chunked=chunked))
    with pytest.raises(Wrong, match=r"gives 0\.\d MB or more, allowed are 0\.1"):
        download(url, part, "file", Limits(max_megabytes=0.1))
    assert names(part) == []
    assert len(server.asked) == 1


def test_what_an_address_hides_is_told_to_its_server_alone(server, part, capsys):
    other = server.url.replace("127.0.0.1", "localhost")
    hidden = server.url.replace("://", "://ana:canary-1@") + "/file?token=canary-2#sha256=00"
    server.give(
        "/file", Reply(BODY, etag='"a"', cut=100_000), Reply(status=302, location=other + "/elsewhere")
    )
    server.give("/elsewhere", Reply(status=404))
    with pytest.raises(Unreachable) as refusal:
        download(hidden, part, "file", OFTEN)
    first, *_, last = server.asked
    assert first.path == "/file?token=canary-2"
    assert first.headers["authorization"].startswith("Basic ")
    assert last == Asked("/elsewhere", last.headers, 404, 0)
    assert "authorization" not in last.headers
    written = Part(part).about.read_text()
    assert json.loads(written)["address"] == server.url + "/file"
    assert "canary" not in written + str(refusal.value) + capsys.readouterr().err


def test_versions_that_may_be_one():
    known = Version('"a"', None, 5)
    assert known.may_be(Version('"a"', "yesterday", None))
    assert not known.may_be(Version('"b"', None, 5))
    assert not known.may_be(Version('"a"', None, 6))
    assert Version().may_be(known)


def test_limits_that_make_no_sense_are_told_all_at_once():
    faults = Limits(max_megabytes=0, timeout_seconds=-1, attempts=0, pause_seconds=-1).faults(
        "problem.download"
    )
    assert faults[2] == "problem.download.attempts=0: wanted 1 or more"
    assert len(faults) == 4
    assert Limits().faults("problem.download") == []
