"""The file of what calls came to: what is written, what is read, and every fault with its line."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vispera import workspace
from vispera.clock import day
from vispera.errors import ContractBroken, UsageError
from vispera.money.outcome_file import (
    COLUMNS,
    VALUES,
    Listed,
    Told,
    read_list,
    read_outcomes,
    template,
)
from vispera.money.records import MOST_TOLD

FIRST, SECOND = day("2017-03-16"), day("2017-03-17")
LISTED = (
    Listed(FIRST, "0f3a9c51d2e87b64", "call"),
    Listed(FIRST, "9b20c4d7715e38aa", "call"),
    Listed(FIRST, "c7715e38aa9b20d4", "control"),
    Listed(SECOND, "41d8e6f0a93b7c25", "call"),
)
HEADER = ",".join(COLUMNS)
GOOD = (
    "2017-03-16,0f3a9c51d2e87b64,call,2017-03-17T09:30+01:00,yes,cancels",
    "2017-03-16,9b20c4d7715e38aa,call,2017-03-17T18:05:10Z,no,",
    "2017-03-16,c7715e38aa9b20d4,control,,,",
)


def file(tmp_path, *rows: str, header: str = HEADER, end: str = "\r\n"):
    path = tmp_path / "outcomes.csv"
    path.write_bytes("".join(row + end for row in (header, *rows)).encode())
    return path


def refused(path, listed=LISTED) -> tuple[str, ...]:
    with pytest.raises(ContractBroken) as broken:
        read_outcomes(path, listed)
    assert all("\n" not in fault for fault in broken.value.faults)
    return broken.value.faults


def test_a_file_is_read_as_it_stands(tmp_path):
    assert read_outcomes(file(tmp_path, *GOOD), LISTED) == (
        Told(LISTED[0], True, "yes", "cancels"),
        Told(LISTED[1], True, "no", ""),
        Told(LISTED[2], False, "", ""),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_other_programs_write_is_read_too(tmp_path, end):
    plain = read_outcomes(file(tmp_path, *GOOD), LISTED)
    quoted = ['"' + row.replace(",", '","') + '"' for row in GOOD]
    path = file(tmp_path, *quoted, "", end=end)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_outcomes(path, LISTED) == plain
    turned = [",".join(row.split(",")[::-1]) for row in GOOD]
    path = file(tmp_path, *turned[::-1], header=",".join(COLUMNS[::-1]))
    assert read_outcomes(path, LISTED) == plain[::-1]


def test_a_control_that_was_called_is_what_happened(tmp_path):
    breach = "2017-03-16,c7715e38aa9b20d4,control,2017-03-17T10:00+01:00,yes,comes"
    told = read_outcomes(file(tmp_path, *GOOD[:2], breach), LISTED)
    assert told[2] == Told(LISTED[2], True, "yes", "comes")


WRONG = {
    "2017-03-16,0f3a9c51d2e87b65,call,,,": "unit 0f3a9c51d2e87b65 is not on the list; copy",
    "2017-03-16,41d8e6f0a93b7c25,call,,,": "is not on the list of 2017-03-16, it is on that of 2017-03-17",
    "2017-03-16,0f3a9c51d2e87b64,call,,,": "unit 0f3a9c51d2e87b64 stands on line 2 already; wanted one row",
    "16/03/2017,41d8e6f0a93b7c25,call,,,": "night='16/03/2017'; wanted a date such as 2017-03-16",
    "20170317,41d8e6f0a93b7c25,call,,,": "night='20170317'; wanted a date",
    "2017-03-17,4.1E+15,call,,,": "unit='4.1E+15'; wanted 16 hexadecimal digits",
    "2017-03-17,41D8E6F0A93B7C25,call,,,": "wanted 16 hexadecimal digits",
    "2017-03-17,41d8e6f0a93b7c25,called,,,": "arm='called'; allowed: call, control",
    "2017-03-17,41d8e6f0a93b7c25,,,,": "arm=''; allowed: call, control",
    "2017-03-17,41d8e6f0a93b7c25,control,,,": "arm='control', but the list says 'call'; copy it",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18T09:30,yes,": "wanted a time with zone",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18,yes,": "wanted a time with zone",
    "2017-03-17,41d8e6f0a93b7c25,call,9:30,yes,": "called_at='9:30'; wanted a time",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-17T23:59+01:00,yes,": "wanted a later day: the list",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18T09:30Z,,": "reached is empty although called_at is not",
    "2017-03-17,41d8e6f0a93b7c25,call,,yes,": "reached='yes' without called_at",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18T09:30Z,Yes,": "reached='Yes'; allowed: yes, no, empty",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18T09:30Z,no,comes": "answer='comes' of a guest who was not",
    "2017-03-17,41d8e6f0a93b7c25,call,,,comes": "answer='comes' of a guest who was not reached",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18T09:30Z,yes,maybe": "answer='maybe'; allowed: comes, cancels",
    "2017-03-17,41d8e6f0a93b7c25,call,2017-03-18T09:30Z,yes": "5 values, wanted 6, as in the header",
    "2017-03-17,41d8e6f0a93b7c25,call,,,,": "7 values, wanted 6",
}


@pytest.mark.parametrize("row", WRONG)
def test_each_fault_is_told_with_its_line(tmp_path, row):
    (fault,) = refused(file(tmp_path, *GOOD, row))
    assert fault.startswith("outcomes.csv, line 5: ")
    assert WRONG[row] in fault


def test_all_faults_are_told_at_once_and_lines_are_those_of_an_editor(tmp_path):
    rows = ('2017-03-16,"0f3a\r\n",nobody,soon,perhaps,', "", *GOOD[1:], "2017-03-17,x,call,,no,comes")
    faults = refused(file(tmp_path, *rows))
    lines = [re.match(r"outcomes\.csv, line (\d+): (\w+)", fault) for fault in faults]
    assert [line and line.groups() for line in lines] == [
        ("2", "unit"),
        ("2", "arm"),
        ("2", "called_at"),
        ("2", "reached"),
        ("7", "unit"),
        ("7", "reached"),
        ("7", "answer"),
        None,
    ]
    assert faults[-1] == (
        "outcomes.csv: unit 0f3a9c51d2e87b64 of the list of 2017-03-16 has no row; wanted one, called or not"
    )


def test_a_night_may_be_missing_but_no_unit_of_a_night(tmp_path):
    assert len(read_outcomes(file(tmp_path, *GOOD), LISTED)) == 3
    (fault,) = refused(file(tmp_path, *GOOD[:2]))
    assert "unit c7715e38aa9b20d4 of the list of 2017-03-16 has no row" in fault


HEADERS = {
    "night;unit;arm;called_at;reached;answer": "separated by ';'; wanted a comma",
    "night\tunit\tarm\tcalled_at\treached\tanswer": "separated by '\\t'; wanted a comma",
    "night,unit,arm,called_at,reached": "column 'answer' is missing; wanted night,unit,arm",
    f"{HEADER},note": "column 'note' may not be there",
    f"{HEADER},night": "column 'night' is there 2 times",
    "night,unit,arm,called_at,reached,Answer": "column 'Answer' may not be there; closest: 'answer'",
}


@pytest.mark.parametrize("header", HEADERS)
def test_another_header_is_refused(tmp_path, header):
    faults = refused(file(tmp_path, *GOOD, header=header))
    assert all(fault.startswith("outcomes.csv, line 1: ") for fault in faults)
    assert any(HEADERS[header] in fault for fault in faults)


def test_what_is_no_such_file_at_all_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"outcomes=.*No such file"):
        read_outcomes(tmp_path / "nowhere.csv", LISTED)
    path = tmp_path / "outcomes.csv"
    for content, told in {
        b"": "column 'night' is missing",
        f"{HEADER}\r\n".encode(): "there is no row below the header",
        f"{HEADER}\r\n{GOOD[0]}\r\n".encode("utf-16"): "line 1: not UTF-8",
        f"{HEADER}\r\n{GOOD[0]} más\r\n".encode(
            "latin-1"
        ): "line 2: not UTF-8; save the file as CSV in UTF-8",
        f'{HEADER}\r\n2017-03-16,"0f\r\n'.encode(): "this is no CSV as in RFC 4180",
        f'{HEADER}\r\n"2017"-03-16,0f,call,,,\r\n'.encode(): "line 2: this is no CSV as in RFC 4180",
    }.items():
        path.write_bytes(content)
        assert told in refused(path)[0]


def test_a_word_about_a_guest_is_not_repeated_at_length(tmp_path):
    said = "Mrs Molina says that her husband is ill and asks to be called again on 600 000 000"
    (fault,) = refused(file(tmp_path, *GOOD[:2], f"2017-03-16,c7715e38aa9b20d4,control,,,{said}"))[:1]
    assert "husband" not in fault


def test_thousands_of_faults_are_counted(tmp_path):
    faults = refused(file(tmp_path, *["x,y,z,,,"] * 1000))
    assert len(faults) == MOST_TOLD + 1
    assert faults[-1] == f"outcomes.csv: and {3000 - MOST_TOLD:,} more faults"


# ---- the list, and the file to be filled in


def listing(tmp_path, *rows: str, header: str = "night,rank,unit,arm,why_es"):
    path = tmp_path / "lists.csv"
    path.write_bytes("".join(f"{row}\r\n" for row in (header, *rows)).encode())
    return path


def test_of_a_list_only_three_columns_are_needed(tmp_path):
    path = listing(
        tmp_path,
        '2017-03-16,1,0f3a9c51d2e87b64,call,"Más, por su valor"',
        "2017-03-16,2,c7715e38aa9b20d4,control,",
    )
    assert read_list(path) == read_list(tmp_path) == (LISTED[0], LISTED[2])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2017-03-17,1,0f3a9c51d2e87b64,call,", "line 3: unit 0f3a9c51d2e87b64 stands on line 2 already"),
        ("2017-03-17,1,0f3a,call,", "line 3: unit='0f3a'"),
        ("2017-03-17,1,41d8e6f0a93b7c25,CALL,", "line 3: arm='CALL'"),
    ],
)
def test_a_list_that_cannot_be_answered_is_refused(tmp_path, row, told):
    with pytest.raises(ContractBroken) as broken:
        read_list(listing(tmp_path, "2017-03-16,1,0f3a9c51d2e87b64,call,", row))
    (fault,) = broken.value.faults
    assert told in fault


def test_what_is_no_list_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"list=.*No such file"):
        read_list(tmp_path)
    with pytest.raises(ContractBroken, match="column 'arm' is missing"):
        read_list(listing(tmp_path, "2017-03-16,1", header="night,unit"))


def test_the_file_to_be_filled_in_is_whole_once_it_is(tmp_path):
    content = template(LISTED).decode()
    assert content.splitlines()[1] == "2017-03-16,0f3a9c51d2e87b64,call,,,"
    assert content.count("\r\n") == content.count("\n") == 5
    (tmp_path / "outcomes.csv").write_text(content, newline="")
    told = read_outcomes(tmp_path / "outcomes.csv", LISTED)
    assert [one.listed for one in told] == list(LISTED)
    assert not any(one.called for one in told)


CALLS = st.one_of(
    st.just(("", "", "")),
    st.just(("2017-03-18T08:00-03:00", "no", "")),
    st.sampled_from(VALUES["answer"]).map(lambda answer: ("2017-03-19T08:00Z", "yes", answer)),
)


@given(
    units=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=12, unique=True),
    data=st.data(),
)
def test_what_is_written_is_read_back(tmp_path_factory, units, data):
    listed = [
        Listed(
            data.draw(st.sampled_from((FIRST, SECOND))),
            f"{u:016x}",
            data.draw(st.sampled_from(VALUES["arm"])),
        )
        for u in units
    ]
    calls = [data.draw(CALLS) for _ in units]
    rows = list(csv.reader(io.StringIO(template(listed).decode(), newline="")))
    filled = [rows[0], *([*row[:3], *call] for row, call in zip(rows[1:], calls, strict=True))]
    path = tmp_path_factory.mktemp("told") / "outcomes.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(filled)
    assert read_outcomes(path, listed) == tuple(
        Told(one, bool(at), reached, answer) for one, (at, reached, answer) in zip(listed, calls, strict=True)
    )


# ---- the page says what the code does

PAGE = (workspace.source() / "docs" / "call-outcomes.md").read_text()


def test_the_page_names_every_column_and_value():
    table = {row[2 : row.index("`", 3)].strip("`"): row for row in PAGE.splitlines() if row.startswith("| `")}
    assert tuple(table) == COLUMNS
    for column, values in VALUES.items():
        told = re.findall(r"`(\w+)`", table[column].split("|")[2])
        assert tuple(told) == tuple(value for value in values if value)


def test_the_example_of_the_page_is_read(tmp_path):
    (example,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    rows = list(csv.DictReader(io.StringIO(example)))
    listed = [Listed(day(row["night"]), row["unit"], row["arm"]) for row in rows]
    (tmp_path / "outcomes.csv").write_text(example)
    assert len(read_outcomes(tmp_path / "outcomes.csv", listed)) == len(rows) == 4
