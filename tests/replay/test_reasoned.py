"""How often each theme was a reason, counted by hand."""

from __future__ import annotations

from vispera.money.reason import Reason, no_reasons
from vispera.replay.reasoned import Reasoned, how_often


def row(*themes: str) -> tuple[Reason, ...]:
    """Reasons by theme; one that begins with a minus lowers the risk."""
    return tuple(Reason(one.lstrip("-"), (), -0.5 if one.startswith("-") else 0.5, {}) for one in themes)


def test_themes_stand_in_falling_order_of_first_then_any_then_by_name():
    found = [
        row("party", "guest"),
        row("guest", "-channel"),
        row("guest", "party", "-meal"),
        row("-party"),
        (),
    ]
    told = how_often(Reasoned({}, found, False), "catboost")
    assert (told["rows"], told["declined"], told["without"]) == (5, None, 1)
    assert list(told["themes"].items()) == [
        ("guest", {"first": 2, "any": 3, "raises": 3}),
        ("party", {"first": 2, "any": 3, "raises": 2}),
        ("channel", {"first": 0, "any": 1, "raises": 0}),
        ("meal", {"first": 0, "any": 1, "raises": 0}),
    ]


def test_a_model_that_cannot_explain_says_so_even_of_no_rows():
    for rows in (0, 3):
        told = how_often(Reasoned({}, [()] * rows, True), "gradient_boosting")
        assert told["declined"] == no_reasons("gradient_boosting")
        assert (told["rows"], told["without"], told["themes"]) == (rows, rows, {})
