"""UNIPEN files of pen strokes: reading them, and rendering strokes as a canvas would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_cnn.drawing.strokes import Stroke

TABLET_SIZE = 500
"""Coordinates in the UNIPEN files read here run from 0 to 500, from the lower left corner."""
SUPERSAMPLING = 3
"""Strokes are drawn at this multiple of the size and then reduced, which antialiases them."""


@dataclass(frozen=True)
class Drawing:
    """One character as it was written."""

    label: str  # the character
    strokes: list[Stroke]
    writer: str = ""  # "" where the file does not name one

    @property
    def digit(self) -> int:
        """The label as a number. Raises ``ValueError`` if it is not a digit."""
        return int(self.label)


def read_unipen(path: Path) -> list[Drawing]:
    """The digits of a UNIPEN text file, points in 0…500 with y flipped to point down.

    In ``pendigits-orig.tra``, a comment of three numbers follows each label: the digit, its writer (1…30) and its place
    among that writer's digits. Raises ``ValueError`` when the file has points outside a stroke or a label that is not a
    digit, and ``OSError`` when it cannot be read.
    """
    drawings: list[Drawing] = []
    stroke: Stroke | None = None
    for number, line in enumerate(path.read_text("latin-1").splitlines(), start=1):
        words = line.split()
        if not words or words[0] == ".DT":
            continue
        if words[0] == ".SEGMENT":  # .SEGMENT DIGIT 0 ? "8"
            drawings.append(Drawing(label=str(int(words[-1].strip('"'))), strokes=[]))
        elif words[0] == ".COMMENT":  # .COMMENT 8 12 224
            if drawings and not drawings[-1].strokes and len(words) == 4 and words[1] == drawings[-1].label:
                drawings[-1] = replace(drawings[-1], writer=words[2])
        elif words[0] == ".PEN_DOWN":
            stroke = []
            drawings[-1].strokes.append(stroke)
        elif words[0] == ".PEN_UP":
            stroke = None
        elif not words[0].startswith("."):
            if drawings and stroke is None:
                raise ValueError(f"{path}, line {number}: this point belongs to no stroke: there is no .PEN_DOWN before it")
            if stroke is not None:
                stroke.append((float(words[0]), TABLET_SIZE - float(words[1])))
    return drawings


def render(strokes: list[Stroke], *, size: int, brush: float) -> NDArray[np.uint8]:
    """(size, size) uint8: black ink of a round brush, ``brush`` pixels wide, antialiased on white.

    Points are in pixels of that canvas; anything outside is cut off.
    """
    scale = SUPERSAMPLING
    image = Image.new("L", (size * scale, size * scale), 255)
    pen = ImageDraw.Draw(image)
    radius = brush * scale / 2
    for stroke in strokes:
        points = [(x * scale, y * scale) for x, y in stroke]
        pen.line(points, fill=0, width=round(2 * radius))
        for x, y in points:  # round ends and joints
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return np.asarray(image.reduce(scale))
