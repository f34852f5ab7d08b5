"""The test double itself: it raises on what it does not model, and its faults are real ones."""

from __future__ import annotations

import pytest
import requests

from wandb_double import ENTITY, KEY, serving
from wandb_double.executor import NotModelled, execute, node, taking


def ask(double, query: str, key: str = KEY, **variables):
    asked = {"query": query, "variables": variables}
    answer = requests.post(f"{double.url}/graphql", json=asked, auth=("api", key), timeout=10)
    answer.raise_for_status()
    return answer.json()["data"]


def test_it_answers_what_it_models():
    with serving() as double:
        assert ask(double, "query Viewer { viewer { id entity } }")["viewer"]["entity"] == ENTITY
        assert double.asked == ["Viewer"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("query Viewer { viewer { shoe_size } }", "field User.shoe_size"),
        ("query Viewer { viewer(of: 1) { id } }", "arguments of Query.viewer: of"),
        ("query Viewer { viewer { teams } }", "without its fields"),
        (
            'mutation M { upsertModel(input: {entityName: "x", name: "y", colour: 3}) { inserted } }',
            "colour=3",
        ),
        ("query Other { weather { now } }", "field Query.weather"),
    ],
)
def test_what_it_does_not_model_is_refused_at_once_and_fails_the_test_at_the_end(query, said):
    refusal = pytest.raises(requests.HTTPError, match="400")
    with pytest.raises(AssertionError, match="does not model") as failure, serving() as double, refusal:
        ask(double, query)
    assert said in str(failure.value)


def test_a_path_that_it_does_not_know_is_refused():
    refusal = pytest.raises(requests.HTTPError, match="400")
    with pytest.raises(AssertionError, match="GET /somewhere"), serving() as double, refusal:
        requests.get(f"{double.url}/somewhere/else", timeout=10).raise_for_status()


def test_another_key_is_no_key():
    with serving() as double, pytest.raises(requests.HTTPError, match="401"):
        ask(double, "query Viewer { viewer { id } }", key="x" * 40)


def test_gone_is_gone_and_back_is_back_with_what_it_had():
    with serving() as double:
        double.state.project(ENTITY, "p")
        double.faults.gone_at = "Viewer"
        with pytest.raises(requests.RequestException):
            ask(double, "query Viewer { viewer { id } }")
        double.leave()
        with pytest.raises(requests.RequestException):
            ask(double, "query Other { viewer { id } }")
        double.faults.gone_at = None
        double.arrive()
        query = "query P($e: String, $n: String) { project(name: $n, entityName: $e) { name } }"
        assert ask(double, query, e=ENTITY, n="p")["project"]["name"] == "p"


def test_fragments_directives_and_aliases_mean_what_the_language_says():
    hotel = node("Hotel", "Place", name="Arena", stars=4)
    roots = {"query": node("Query", hotel=lambda name: hotel if name == "Arena" else None)}
    query = """
    query Q($name: String!, $stars: Boolean = false, $more: Boolean!) {
      other: hotel(name: $name) { ...P ... on Ship { masts } stars @include(if: $stars) }
      none: hotel(name: "none") { name }
      hotel(name: $name) @skip(if: $more) { name }
    }
    fragment P on Place { __typename name }
    """
    found = execute(query, {"name": "Arena", "more": True}, roots)
    assert found == {"other": {"__typename": "Hotel", "name": "Arena"}, "none": None}
    with pytest.raises(NotModelled, match="does not declare: beds"):
        execute(query, {"name": "Arena", "more": True, "beds": 2}, roots)


def test_an_input_of_a_mutation_is_named_field_by_field():
    taken = taking("name size", lambda given: given)
    assert taken(input={"name": "x", "size": None}) == {"name": "x"}
    with pytest.raises(NotModelled, match="weight=3"):
        taken(input={"name": "x", "weight": 3})
