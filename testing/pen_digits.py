"""Twenty digits written with a pen, two of each, for tests and benchmarks that have no other file of strokes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render

STROKES = Path(__file__).with_name("pen_digits.unipen")
BRUSH = 20
"""Width of the pen in a picture, in pixels."""


def pen_digits() -> list[Drawing]:
    """The twenty drawings, in the order of the file."""
    return read_unipen(STROKES)


def save_picture(drawing: Drawing, path: Path) -> None:
    """Write ``drawing`` to ``path``, black on white, as large as the tablet it was written on."""
    Image.fromarray(render(drawing.strokes, size=TABLET_SIZE, brush=BRUSH)).save(path)
