"""An executed notebook as the report's cells leave it, with every kind of block that is dressed."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from nbformat import NotebookNode, v4

LONG = "experiments/20261126-214001-gradient-boosting-1c61f6/metrics.json#/windows/test"
FOLDER = Path(__file__).parent / "sample"
VALUES = (-32.2, -58.2, 20.6, 37.2, 38.6, 213.5)
NIGHTS = (213, -42, -32, -57, -55, 97, 27, 3, -48, 17, 21, -17, 237, 54, -3, -32, -56, -7, 486, -16, -108,
          -31, 241, -45, -23, -68, 21, 272, 30, -13, -27, 301, -24, 13, 41, -27, 203, -14, -45)  # fmt: skip
"""EUR, of a replay on the hotel's real bookings."""


def blocks(code: str) -> list[str]:
    """What each cell displays, in a language."""
    text = (FOLDER / f"{code}.html").read_text("utf-8")
    parts = {"ladder": figure("ladder", code), "season": figure("season", code), "long": long_table()}
    for name, part in parts.items():
        text = text.replace(f"{{{{{name}}}}}", part)
    return [block.strip() for block in text.split("<!-- cell -->")]


def notebook(code: str, *, run: int = 0) -> NotebookNode:
    """The blocks as outputs of code cells, among all that a page does not show; ``run`` is told nowhere."""
    cells = [
        v4.new_markdown_cell("# Markdown of the template"),
        v4.new_code_cell("# the source of a cell\nreport = 'x.json'", metadata={"tags": ["parameters"]}),
    ]
    for number, block in enumerate(blocks(code)):
        outputs = [
            v4.new_output("stream", name="stderr", text="a warning on the way"),
            v4.new_output("display_data", {"text/html": block, "text/plain": "<IPython.HTML object>"}),
        ]
        timing = {"papermill": {"duration": 0.5 + run, "start_time": f"2026-11-26T21:00:0{run}"}}
        source = f"display(section({number}))"
        cells.append(v4.new_code_cell(source, execution_count=number + run, metadata=timing, outputs=outputs))
    return v4.new_notebook(cells=cells, metadata={"papermill": {"output_path": f"/tmp/{run}.ipynb"}})  # noqa: S108


TOLD = {
    "es": {
        "ladder": ("La escalera", "Cada peldaño gana al anterior, menos el último",
                   "Euros por noche sobre no llamar, con su intervalo del 90 %"),
        "season": ("Noche a noche", "Pocas noches buenas pagan muchas de pérdida",
                   "Euros que deja la lista de cada noche, del 16 de marzo al 26 de abril"),
        "note": "Reservas reales; las llamadas, supuestas.",
        "alt": "Barras con las cifras de la tabla que sigue",
    },
    "en": {
        "ladder": ("The ladder", "Every rung beats the one before it, but the last",
                   "Euros a night over not calling, with the 90% interval"),
        "season": ("Night by night", "A few good nights pay for many that lose",
                   "Euros that each night's list leaves, from 16 March to 26 April"),
        "note": "Bookings are real; calls are assumed.",
        "alt": "Bars with the numbers of the table below",
    },
}  # fmt: skip


def figure(name: str, code: str) -> str:
    """A figure with a wide and a narrow picture."""
    told, values = TOLD[code], VALUES if name == "ladder" else NIGHTS
    kicker, title, subtitle = told[name]
    narrow, wide = (data(bars(values, width, height)) for width, height in ((360, 300), (720, 300)))
    return (
        f'<figure id="figure-{name}"><figcaption><span class="kicker">{kicker}</span><h3>{title}</h3>'
        f'<p>{subtitle}</p></figcaption><picture><source media="(max-width: 560px)" srcset="{narrow}">'
        f'<img src="{wide}" alt="{told["alt"]}" width="720" height="300"></picture>'
        f'<p class="note">{told["note"]}</p></figure>'
    )


def bars(values: tuple[float, ...], width: int, height: int) -> str:
    """A bar for each value, above or below a line."""
    most, least = max(values), min(values)
    scale, step = (height - 20) / (most - least), width / len(values)
    zero = 10 + most * scale
    drawn = [
        f'<rect x="{step * i + 1:.1f}" y="{zero - max(value, 0) * scale:.1f}" width="{step - 2:.1f}" '
        f'height="{abs(value) * scale:.1f}" fill="{"#0072B2" if value > 0 else "#D55E00"}"/>'
        for i, value in enumerate(values)
    ]
    line = f'<path d="M0 {zero:.1f}H{width}" stroke="#1a1a1a"/>'
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(drawn)}{line}</svg>'


def data(svg: str) -> str:
    """A picture as an address that holds it."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def long_table() -> str:
    """A table of more rows than a printed page holds, one of them with a long path."""
    rows = "".join(
        f'<tr><th scope="row"><code>model.parameter_{number}</code></th><td class="n">{number}</td>'
        f"<td><code>{LONG}/{number}</code></td></tr>"
        for number in range(70)
    )
    return (
        '<div class="scroll" tabindex="0"><table class="numbers"><caption>70</caption><thead><tr>'
        '<th scope="col">A</th><th scope="col">B</th><th scope="col">C</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
