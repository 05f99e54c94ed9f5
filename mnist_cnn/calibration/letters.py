"""Letters and signs as pen strokes: those of Hershey's plotter fonts and the centre lines of TrueType letters."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from mnist_cnn.training.non_digits.paths import Points, middle_line

LETTERS = string.ascii_uppercase + string.ascii_lowercase
TRUETYPE = [
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSerif-Italic",
    "DejaVuSansMono",
    "STIXGeneral",
    "STIXGeneralItalic",
    "cmss10",
    "cmtt10",
    "cmti10",
    "cmmi10",
    "cmr10",
]
HERSHEY = (
    "futuram",
    "cyrilc_1",
    "cyrillic",
    "gothgbt",
    "gothgrt",
    "gothiceng",
    "gothicger",
    "gothicita",
    "gothitt",
    "japanese",
)
"""Without the families rowman, script and times and their copies (futural, cursive, music …): the benchmark uses those."""
MATHEMATICAL = range(0x1D400, 0x1D6A4)
"""Latin letters in bold, italic, script, fraktur, double-struck, sans serif and monospace; each A to Z, then a to z."""
FOREIGN = (
    "БДЖИЙЛФЦЧШЩЪЫЬЭЮЯбвджийклмнптфцчшщъыьэюяΓΔΘΛΞΠΣΦΨΩαβγδεζηθλμνξπρσφχψω"
    + "".join(map(chr, [*range(0x531, 0x557), *range(0x561, 0x587), *range(0x10D0, 0x10F1)]))  # Armenian, Georgian
)
SYMBOLS = "#$%&*+<=>?@{}~!^ÆØÞßæøþ€£¥§¶∞∂∑√∫≈≠≤"
AMBIGUOUS = "OoIl"
"""Letters that look like digits in any handwriting: the score is not fitted on them."""


def glyphs() -> list[list[Points]]:
    """The strokes of letters and signs from many fonts."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    letters = [c for c in LETTERS if c not in AMBIGUOUS]
    held = TTFont(fonts / "STIXGeneral.ttf").getBestCmap()
    signs = dict.fromkeys(TRUETYPE, letters) | {
        "cmsy10": [c for c in letters if c.isupper()],
        "STIXGeneral": letters
        + [chr(c) for c in MATHEMATICAL if c in held and LETTERS[(c - MATHEMATICAL.start) % len(LETTERS)] not in AMBIGUOUS],
        "DejaVuSans": [*letters, *FOREIGN, *SYMBOLS],
        "DejaVuSerif": [*FOREIGN],
    }
    found = [truetype(str(fonts / f"{font}.ttf"), sign) for font, of_font in signs.items() for sign in of_font]
    found += [hershey(font, letter) for font in HERSHEY for letter in letters]
    return [strokes for strokes in found if strokes]


@cache
def hershey(font: str, letter: str) -> list[Points]:
    """The strokes of ``letter`` in a Hershey font (PyPI ``Hershey-Fonts``)."""
    return [np.array(list(stroke), float) for stroke in _hershey_font(font).strokes_for_text(letter)]


@cache
def _hershey_font(font: str) -> Any:
    from HersheyFonts import HersheyFonts

    fonts = HersheyFonts()
    fonts.load_default_font(font)
    return fonts


@cache
def truetype(font: str, letter: str) -> list[Points]:
    """The centre lines of ``letter`` in a TrueType font file."""
    image = Image.new("L", (80, 80))
    ImageDraw.Draw(image).text((40, 40), letter, fill=255, font=ImageFont.truetype(font, 40), anchor="mm")
    return middle_line(np.asarray(image) > 127)
