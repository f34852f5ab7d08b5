"""Spanish and English say the same: equal claims, section by section, each as its language writes it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import pytest

from report.feasibility.reading import Read, read
from reported import change, copied, folder_of, of_verb, page_of, told_of
from vispera.files import read_json
from vispera.report.feasibility.claim import Claim
from vispera.report.feasibility.prose import Teller
from vispera.text import LANGUAGES, language

MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
}
NARROW = "\u00a0"


def flat(texts: dict, above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in texts.items():
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        found |= (
            flat(inside, f"{above}{key}.") if isinstance(inside, dict) else {above + str(key): str(value)}
        )
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_of_a_report_holds_a_digit_or_markup(code):
    texts = flat(dict(language(code).texts["report"]))
    assert len(texts) > 250
    said = {key: re.sub(r"{[^}]*}", "", text) for key, text in texts.items()}
    assert {key for key, text in said.items() if re.search(r"\d|<|&", text)} == set()


def told_in(page: Read) -> dict[str, Counter]:
    """How often each claim stands in a section; what is declared in two languages counts as one."""
    ends = re.compile(r"_(?:en|es)$")
    return {
        section: Counter(
            (ends.sub("", one.name), "" if one.element == "q" else one.value) for one in page.of(section)
        )
        for section in ("front", *page.sections)
    }


def test_both_languages_tell_equal_claims_in_each_section_in_the_same_order(reported):
    english, spanish = (read(page_of(reported, code)) for code in ("en", "es"))
    assert english.sections == spanish.sections
    one, other = told_in(english), told_in(spanish)
    assert {name: one[name] - other[name] for name in one} == {name: Counter() for name in one}
    assert {name: other[name] - one[name] for name in one} == {name: Counter() for name in one}
    assert english.ids == spanish.ids
    assert english.links == spanish.links


def test_both_languages_have_one_record_between_them(reported):
    folder = folder_of(reported)
    assert sorted(path.name for path in folder.iterdir()) == ["en", "es", "report.json"]
    assert sorted(path.name for path in folder.rglob("report.json")) == ["report.json"]


def expected(claim: dict, code: str) -> str:
    """A number as a schoolbook of the language writes it."""
    scaled = Decimal(float(claim["value"]) * (100.0 if claim["form"] in ("percent", "points") else 1.0))
    rounded = scaled.quantize(Decimal(1).scaleb(-claim["digits"]), ROUND_HALF_EVEN)
    whole, _, part = f"{abs(rounded):f}".partition(".")
    grouped = claim["form"] == "count" and len(whole) > (3 if code == "en" else 4)
    if grouped:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", "," if code == "en" else NARROW, whole)
    written = whole + (("." if code == "en" else ",") + part if part else "")
    sign = "−" if rounded < 0 else ""
    end = {"en": "%", "es": f"{NARROW}%"}[code] if claim["form"] == "percent" else ""
    return f"{sign}{written}{end}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_number_and_date_is_written_as_the_language_does(reported, code):
    claims = read_json(folder_of(reported) / "report.json")["claims"]
    forms = Counter()
    for one in read(page_of(reported, code)).claims:
        claim = claims[one.name]
        forms[claim["form"]] += 1
        if claim["form"] in ("count", "number", "eur", "points", "percent"):
            assert one.text == expected(claim, code), one.name
        elif claim["form"] == "date":
            on = date.fromisoformat(claim["value"])
            assert one.text == f"{on.day} {MONTHS[code].split()[on.month - 1]} {on.year}"
    assert min(forms[form] for form in ("count", "number", "eur", "points", "percent", "date")) > 5


@pytest.mark.parametrize(
    ("value", "form", "digits", "english", "spanish"),
    [
        (1234567, "count", 0, "1,234,567", "1\u00a0234\u00a0567"),
        (9999, "count", 0, "9,999", "9999"),
        (10000, "count", 0, "10,000", "10\u00a0000"),
        (-12.34, "eur", 1, "−12.3", "−12,3"),
        (-0.04, "eur", 1, "0.0", "0,0"),
        (0.0873, "percent", 1, "8.7%", "8,7\u00a0%"),
        (-0.0873, "points", 1, "−8.7", "−8,7"),
        (0.27135, "number", 4, "0.2713", "0,2713"),
        ("2017-03-16", "date", 0, "16 Mar 2017", "16 mar 2017"),
    ],
)
def test_thousands_decimals_and_signs(recorded, value, form, digits, english, spanish):
    claim = Claim("x", value, form, ("a/b.json#/c",), digits=digits)
    told = told_of(recorded)
    assert [Teller(told, language(code)).written(claim) for code in ("en", "es")] == [english, spanish]


def test_what_users_wrote_is_quoted_in_the_language_of_the_report_or_marked_as_another(recorded, tmp_path):
    told = told_of(recorded)
    own = told.content["decision"]["question"]
    assert read(str(Teller(told, language("es")).quoted("question"))).claims[0].text == own["es"]
    claims = {
        **told.content["claims"],
        "question_es": {**told.content["claims"]["question_es"], "value": None},
    }
    english_alone = type(told)({**told.content, "claims": claims})
    (quoted,) = read(str(Teller(english_alone, language("es")).quoted("question"))).claims
    assert (quoted.text, quoted.attributes["lang"]) == (own["en"], "en")


def test_what_a_user_wrote_is_never_markup(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    hostile = '<script>alert(1)</script> & "9"'
    change(of_verb(home, "replay").folder / "replay.json", "contenders", 6, "model", to=hostile)
    change(of_verb(home, "train", "logistic").folder / "record.json", "model", to=hostile)
    told = told_of(home, runs=(of_verb(home, "train").id,))
    shown = str(Teller(told, language("en"))["model"])
    assert "<script>" not in shown
    assert read(shown).claims[0].text == hostile
