"""Reading UNIPEN files and rendering strokes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_cnn.strokes import Drawing, read_unipen, render

FILE = """.COMMENT two digits
.SEGMENT DIGIT 0 ? "7"
.PEN_DOWN
 100 400
 200 400
.PEN_UP
.DT 100
.PEN_DOWN
 200 400
.PEN_UP
.SEGMENT DIGIT 1 ? "1"
.PEN_DOWN
 5 6
.PEN_UP
"""


def test_read_unipen_turns_y_down(tmp_path: Path) -> None:
    path = tmp_path / "digits"
    path.write_text(FILE)
    assert read_unipen(path) == [
        Drawing(label=7, strokes=[[(100.0, 100.0), (200.0, 100.0)], [(200.0, 100.0)]]),
        Drawing(label=1, strokes=[[(5.0, 494.0)]]),
    ]


def test_a_point_outside_a_stroke_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "digits"
    path.write_text('.SEGMENT DIGIT 0 ? "7"\n 1 2\n')
    with pytest.raises(ValueError, match="line 2"):
        read_unipen(path)


def test_a_stroke_has_the_brush_width_and_round_ends() -> None:
    ink = 255 - render([[(30.0, 50.0), (70.0, 50.0)]], size=100, brush=10).astype(float)
    assert ink[:, 50].sum() / 255 == pytest.approx(10, abs=0.7)
    assert ink.sum() / 255 == pytest.approx(40 * 10 + np.pi * 25, rel=0.05)


def test_a_dot_is_a_disc_and_what_lies_outside_is_cut_off() -> None:
    ink = 255 - render([[(50.0, 50.0)]], size=100, brush=20).astype(float)
    assert ink.sum() / 255 == pytest.approx(np.pi * 100, rel=0.05)
    assert (render([[(-50.0, -50.0), (-9.0, 300.0)]], size=100, brush=10) == 255).all()


def test_the_tests_own_digits_are_two_of_each() -> None:
    drawings = read_unipen(Path(__file__).parent / "strokes.unipen")
    assert sorted(drawing.label for drawing in drawings) == [digit for digit in range(10) for _ in range(2)]
