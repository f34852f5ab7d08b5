"""Texts: every language says the same things, and every thing that is said is written down."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
import yaml

import vispera.text
from vispera.errors import UsageError
from vispera.text import LANGUAGES, language

FOLDER = Path(vispera.text.__file__).parent


def flat(texts: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in texts.items():
        if isinstance(value, dict):
            found |= flat(value, f"{above}{key}.")
        else:
            found[above + key] = value
    return found


def placeholders(text: object) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}


def test_there_is_one_file_a_language():
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(LANGUAGES)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_language_has_every_text_with_the_same_places_to_fill(code):
    english, other = flat(dict(language("en").texts)), flat(dict(language(code).texts))
    assert set(other) == set(english)
    differing = {key for key in english if placeholders(english[key]) != placeholders(other[key])}
    assert not differing


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_key_stands_twice_in_a_file(code):
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice: {sorted({k for k in keys if keys.count(k) > 1})}"
        return loader.construct_mapping(node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    assert yaml.load((FOLDER / f"{code}.yaml").read_text("utf-8"), Strict)  # noqa: S506 (a SafeLoader)


def test_a_missing_text_is_an_error_and_a_missing_language_names_the_nearest():
    with pytest.raises(KeyError):
        language("en").say("figure.no_such_text")
    assert not language("en").has("figure.no_such_text")
    assert not language("en").has("figure.roc")
    with pytest.raises(UsageError, match=r"language 'eng'; closest: 'en'"):
        language("eng")


def test_numbers_are_written_as_each_language_does():
    english, spanish = language("en"), language("es")
    assert (english.count(35000), spanish.count(35000)) == ("35,000", "35\u00a0000")
    assert (english.percent(0.0873, 1), spanish.percent(0.0873, 1)) == ("8.7%", "8,7\u00a0%")
    assert english.span("2016-11-10", "2017-01-11") == "10 Nov 2016 – 11 Jan 2017"
    assert spanish.span("2016-11-10", "2017-01-11") == "10 nov 2016 – 11 ene 2017"
    assert english.names(["one"]) == "one"
