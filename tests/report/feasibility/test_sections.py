"""The sections in the order of a reader's questions, and what each says where the records know less."""

from __future__ import annotations

import re
import shutil
from html import unescape

import pytest

from report.feasibility.reading import read
from reported import change, copied, declared, folder_of, of_verb, page_of, told_of
from vispera.errors import UsageError
from vispera.files import read_json, write_json
from vispera.report.feasibility import Report, open_report
from vispera.text import LANGUAGES, language

ORDER = ["verdict", "decision", "since", "data", "ladder", "quality", "value", "uses", "limitations",
         "risks", "roles", "reproduce", "appendix"]  # fmt: skip
FIGURES = ["ladder", "precision", "windows", "calibration", "season", "sensitivity", "uses"]
SENTENCE = re.compile(r"[.?](?:\s|$)")


def articles(html: str) -> dict[str, str]:
    return dict(re.findall(r'<article class="role" id="role-(\w+)">(.*?)</article>', html, re.DOTALL))


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_sections_stand_once_in_the_order_in_which_they_are_asked_for(reported, code):
    page = read(page_of(reported, code))
    assert page.sections == ORDER
    assert len(page.ids) == len(set(page.ids))
    links = [link for link in page.links if link.startswith("#")]
    assert {link.removeprefix("#") for link in links} <= {*page.ids}
    assert [link.removeprefix("#") for link in links if link.removeprefix("#") in ORDER][
        : len(ORDER)
    ] == ORDER


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_figure_has_words_two_drawings_and_a_text_for_those_who_do_not_see_it(reported, code):
    page = page_of(reported, code)
    shown = re.findall(r'<figure id="figure-(\w+)">(.*?)</figure>', page, re.DOTALL)
    assert [name for name, _ in shown if name != "fairness"] == FIGURES
    for _, figure in shown:
        (alt,) = re.findall(r' alt="([^"]+)"', figure)
        assert len(alt) > 30
        assert figure.count("data:image/svg+xml;base64,") == 2
        assert all(mark in figure for mark in ("<h3>", 'class="kicker"', 'class="note"'))


@pytest.mark.parametrize("code", LANGUAGES)
def test_eight_roles_each_have_a_question_a_figure_an_answer_and_where_to_read_on(reported, code):
    page, texts = page_of(reported, code), language(code).texts["report"]["role"]
    told = articles(page)
    assert len(told) == 8
    assert set(told) == set(texts)
    for role, html in told.items():
        (question,) = re.findall("<h3>(.*?)</h3>", html)
        assert plain(question) == texts[role]["question"]
        key, answer = re.findall(r'<p class="key">(.*?)</p>\s*<p>(.*?)</p>', html, re.DOTALL)[0]
        assert len(read(key).claims) >= 1
        assert 2 <= len(SENTENCE.findall(plain(answer))) <= 3, plain(answer)
        (link,) = read(html).links
        assert f'id="{link.removeprefix("#")}"' in page


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_no_record_tells_yet_is_said_to_be_not_yet(recorded, code):
    """There is no replay without refits beside this one, and no list has been scored every night."""
    told, say = told_of(recorded), language(code).say
    cards = articles(Report(told, code).section("roles").html)
    assert not told.facts["calls"]["once"]
    assert say("report.not_yet") in plain(cards["data_science_manager"])
    assert "refit=never" in cards["data_science_manager"]
    assert say("report.not_yet") in plain(cards["data_scientist"])


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_replay_from_before_reasons_and_fairness_were_recorded_is_told_too(recorded, tmp_path, code):
    home = copied(recorded, tmp_path / "home")
    for name in ("reasons.json", "fairness.json"):
        (of_verb(home, "replay").folder / name).unlink()
    told, texts = told_of(home), language(code).texts["report"]
    assert (told.facts["usage"]["reasons"], told.facts["usage"]["fairness"]) == (None, None)
    uses = Report(told, code).section("uses").html
    assert texts["uses"]["reasons_unknown"] in plain(uses)
    assert texts["uses"]["fairness_unknown"] in plain(uses)
    assert 'id="figure-fairness"' not in uses
    cards = articles(Report(told, code).section("roles").html)
    assert texts["role"]["support"]["unknown"] in plain(cards["support"])
    assert texts["role"]["compliance"]["fairness_not_yet"] in plain(cards["compliance"])
    assert read(cards["compliance"]).links == ["#uses"]


def test_a_run_from_before_columns_with_gaps_and_importance_were_recorded_is_told_too(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    data = of_verb(home, "replay").folder / "data.json"
    change(data, "missing", to=None)
    (of_verb(home, "train").folder / "importance.json").unlink(missing_ok=True)
    told, texts = told_of(home), language("en").texts["report"]
    assert texts["data"]["missing_unknown"] in plain(Report(told, "en").section("data").html)
    assert "How much each weighs was not recorded" in plain(Report(told, "en").section("uses").html)
    assert "figure-uses" not in articles(Report(told, "en").section("roles").html)["support"]


def test_a_model_that_gives_no_reasons_is_told_so(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    change(of_verb(home, "replay").folder / "reasons.json", "declined", to="no trees")
    cards = articles(Report(told_of(home), "en").section("roles").html)
    assert language("en").texts["report"]["role"]["support"]["declined"] in plain(cards["support"])


@pytest.mark.parametrize("verdict", ["better", "worse", "within noise", "not defined"])
def test_every_verdict_on_the_difference_to_the_baseline_has_its_words(recorded, tmp_path, verdict):
    home = copied(recorded, tmp_path / "home")
    place = ("against", "windows", "test", "log_loss", "verdict")
    change(of_verb(home, "train").folder / "metrics.json", *place, to=verdict)
    said = {
        "better": "better than a table",
        "worse": "worse than a table",
        "within noise": "within the noise of",
    }
    told = plain(Report(told_of(home), "en").section("quality").html)
    assert said.get(verdict, "less is better") in told


def test_a_run_that_did_not_look_at_the_test_window_is_told_on_the_tuning_nights(recorded, tmp_path):
    home = copied(recorded, tmp_path / "home")
    for model in ("logistic", "rule"):
        folder = of_verb(home, "train", model).folder
        for name in ("metrics.json", "curves.json"):
            content = read_json(folder / name)
            del content["windows"]["test"]
            write_json(folder / name, content)
    told = told_of(home)
    assert told.facts["quality"]["window"] == "tuning"
    assert "The test nights were not looked at" in plain(Report(told, "en").section("quality").html)
    for code in LANGUAGES:
        for name in ("verdict", "quality", "limitations", "roles"):
            assert read(Report(told, code).section(name).html).bare == []


def test_no_call_was_ever_made_and_the_simulator_made_up_the_guests(reported):
    for code in LANGUAGES:
        page, say = page_of(reported, code), language(code).say
        said = plain(page[page.index("<body") :])
        assert said.count(say("report.verdict.no_call")) == 2  # with the verdict, and with the value
        assert said.startswith(f"{say('page.skip')} {say('figure.simulated')}")
        assert said.count(say("report.simulated_note")) == 1


def test_a_notebook_opens_a_report_by_its_file_its_folder_or_the_folder_of_all(own_report):
    folder = folder_of(own_report)
    for path in (folder / "report.json", folder, folder.parent, "reports/feasibility"):
        opened = open_report(str(path), "es")
        assert repr(opened) == f"<report {folder.name} on simulated>"
        assert opened.section("verdict").html in page_of(own_report, "es")
        assert repr(opened.section("verdict")) == "<verdict of a report>"
    with pytest.raises(UsageError, match="section 'verdct'; closest: 'verdict'"):
        open_report(str(folder)).section("verdct")
    with pytest.raises(UsageError, match="there are no texts in language 'fr'"):
        open_report(str(folder), "fr")
    shutil.rmtree(folder)
    with pytest.raises(UsageError, match=r"there is no report\.json; type: vispera report"):
        open_report("reports/feasibility")


def test_a_report_of_a_later_version_is_refused(own_report):
    record = folder_of(own_report) / "report.json"
    change(record, "schema", to=99)
    with pytest.raises(UsageError, match="report schema 99; this version reads up to 1"):
        open_report(str(record))


def test_decision_names_every_stakeholder_in_words(recorded):
    for code in LANGUAGES:
        told = plain(Report(told_of(recorded), code).section("decision").html)
        for role in declared().decision.stakeholders:
            assert language(code).say(f"report.decision.stakeholder.{role}") in told
