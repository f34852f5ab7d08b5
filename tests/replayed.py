"""A replay as it was recorded once, and figures of it, or of what a test makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vispera.report.figure.replay import FIGURES, Subject
from vispera.report.figure.style import Canvas, look
from vispera.text import language

GOLDEN = Path(__file__).parent / "golden" / "replay-v1.json"


def recorded() -> dict[str, Any]:
    return json.loads(GOLDEN.read_text("utf-8"))


def canvas(figure: str, told: dict[str, Any], code: str = "en") -> Canvas:
    with look():
        return FIGURES[figure](Subject(told, language(code)))


def texts(one: Canvas) -> list[str]:
    """Every text on the axes of a figure."""
    return [text.get_text() for axes in one.figure.axes for text in axes.texts]
