"""The faces of the report's text, cut from the STIX fonts that come with matplotlib.

`python tests/report/feasibility/faces.py` writes them anew into the package.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

LATIN = (
    "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+0160-0161,U+0178,U+017D-017E,U+2010-2015,U+2018-201E,"
    "U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+20AC,U+2190-2193,U+2212,U+2248,U+2260,U+2264-2265"
)
"""What Spanish, English and their neighbours are written with, and the signs that stand beside numbers."""

SOURCES = {"regular": "STIXGeneral.ttf", "bold": "STIXGeneralBol.ttf", "italic": "STIXGeneralItalic.ttf"}
FAMILY = "Vispera Text"
"""The licence keeps the name of STIX to the whole fonts."""
LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1."


def face(name: str) -> bytes:
    """A face as WOFF, compressed with zlib, which every reader has."""
    import matplotlib
    from fontTools import subset

    options = subset.Options()
    options.set(flavor="woff")
    options.hinting = False
    options.recalc_timestamp = False
    options.layout_features = ["kern", "liga"]
    options.drop_tables += ["FFTM", "GlyphOrder"]
    source = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / SOURCES[name]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(LATIN))
    written = BytesIO()
    with subset.load_font(source, options) as font:
        cutter.subset(font)
        _renamed(font, name)
        subset.save_font(font, written, options)
    return written.getvalue()


def _renamed(font, name: str) -> None:
    notice = font["name"].getDebugName(0)
    font["name"].names = []
    told = {0: notice, 1: FAMILY, 2: name.title(), 4: f"{FAMILY} {name.title()}", 13: LICENCE}
    told[6] = f"VisperaText-{name.title()}"
    for number, text in told.items():
        font["name"].setName(text, number, 3, 1, 0x409)


if __name__ == "__main__":
    from vispera import workspace

    for one in SOURCES:
        place = workspace.source() / "src/vispera/report/feasibility/asset/fonts" / f"{one}.woff"
        place.write_bytes(face(one))
