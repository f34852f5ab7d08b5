"""Every number in a report is a claim: without its claims no digit is left, in either language."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from report.feasibility.reading import read
from reported import folder_of, page_of, told_of
from vispera.report.feasibility import Report
from vispera.report.feasibility.prose import Teller
from vispera.report.feasibility.section import SECTIONS, section
from vispera.report.feasibility.told import Told
from vispera.text import LANGUAGES, Language, language

PARTS = re.compile(r"\d+(?:[.,\u00a0]\d+)*")
"""Numbers as either language writes them."""


@pytest.mark.parametrize("code", LANGUAGES)
def test_without_its_claims_no_digit_is_left_on_a_page(reported, code):
    page = read(page_of(reported, code))
    assert len(page.claims) > 500
    assert len(page.prose) > 200, "there is prose to look at"
    assert page.bare == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_marked_as_a_number_or_as_said_is_somebody_s_claim(reported, code):
    page = read(page_of(reported, code))
    assert [one.text for one in page.unclaimed] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_of_title_description_and_alternative_texts_stand_on_the_page_as_claims(reported, code):
    text = page_of(reported, code)
    page = read(text)
    written = {number for one in page.claims for number in PARTS.findall(one.text)}
    titles = re.findall(r"<title>([^<]*)</title>", text)
    told = [value for name, value in page.attributes if name == "alt"]
    descriptions = re.findall(r'name="description" content="([^"]*)"', text)
    numbers = {number for one in (*titles, *told, *descriptions) for number in PARTS.findall(one)}
    assert (len(titles), len(descriptions)) == (1, 1)
    assert len(told) >= 7
    assert len(numbers) > 10
    assert numbers <= written


def _doctored(texts: dict, *keys: str, to: str) -> dict:
    first, *rest = keys
    return {**texts, first: _doctored(texts[first], *rest, to=to) if rest else to}


@pytest.mark.parametrize(
    "said",
    [
        "The lists would have been worth 38 EUR a night.",
        "Worth {list_value} EUR &#51; times",
        "<b>12</b> nights, {nights} of them good",
        "٣ nights",
    ],
)
def test_a_number_that_somebody_writes_into_a_text_is_caught(recorded, said):
    english = language("en")
    doctored = Language("en", _doctored(dict(english.texts), "report", "value", "lead", to=said))
    told = told_of(recorded)
    assert read(str(section("value", Teller(told, english)))).bare == []
    assert len(read(str(section("value", Teller(told, doctored)))).bare) >= 1


def test_a_number_that_code_puts_beside_the_claims_is_caught(recorded):
    told = told_of(recorded)

    class Careless(Teller):
        def __getitem__(self, name):
            return self.written(self.told.claims[name])

    class Unmarked(Teller):
        def claim(self, claim):
            return type(super().claim(claim))("<data>{}</data>").format(self.written(claim))

    for code in LANGUAGES:
        careless = read(str(section("ladder", Careless(told, language(code)))))
        assert len(careless.bare) > 5
        unmarked = read(str(section("value", Unmarked(told, language(code)))))
        assert (unmarked.bare, unmarked.claims) == ([], [])
        assert len(unmarked.unclaimed) > 5


def test_a_sentence_with_a_number_that_nobody_claims_is_not_told(recorded):
    told = told_of(recorded)
    claims = {name: entry for name, entry in told.content["claims"].items() if name != "list_value"}
    without = Told({**told.content, "claims": claims})
    with pytest.raises(KeyError, match="list_value"):
        Report(without, "en").section("value")


def test_a_claim_whose_record_holds_nothing_is_told_as_not_known(recorded):
    told = told_of(recorded)
    for code, said in (("en", "not known"), ("es", "no se sabe")):
        teller = Teller(told, language(code))
        gone = replace(told.claims["list_value"], value=None)
        assert str(teller.claim(gone)) == language(code).say("report.gone") == said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_alone_is_sound_and_without_bare_numbers(recorded, name, code):
    shown = Report(told_of(recorded), code).section(name)
    told = read(shown.html)
    assert told.bare == []
    assert told.sections == [name]
    assert shown._repr_html_() == shown.html


def test_the_published_record_is_what_the_notebook_is_made_of(reported):
    told = Told.read(folder_of(reported) / "report.json")
    page = page_of(reported, "en")
    for name in SECTIONS:
        assert Report(told, "en").section(name).html in page
