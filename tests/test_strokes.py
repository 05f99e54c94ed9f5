"""Reading UNIPEN files and rendering strokes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.strokes import STROKE_WIDTH, Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render
from testing.pen_digits import pen_digits
from testing.strokes import stroke_width

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
        Drawing(label="7", strokes=[[(100.0, 100.0), (200.0, 100.0)], [(200.0, 100.0)]]),
        Drawing(label="1", strokes=[[(5.0, 494.0)]]),
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
    drawings = pen_digits()
    assert sorted(drawing.digit for drawing in drawings) == [digit for digit in range(10) for _ in range(2)]


def on_pad(drawing: Drawing, scale: float = 1.0, shift: float = 0.0) -> list[Stroke]:
    return [[(x / TABLET_SIZE * scale + shift, y / TABLET_SIZE * scale + shift) for x, y in s] for s in drawing.strokes]


def test_normalised_strokes_do_not_depend_on_size_and_place(drawings: list[Drawing]) -> None:
    for drawing in drawings[:20]:
        plain = normalise_strokes(on_pad(drawing))
        assert plain is not None
        moved = normalise_strokes(on_pad(drawing, 0.6, 0.3))
        assert moved is not None
        assert np.abs(plain.astype(int) - moved.astype(int)).max() <= 1


def test_normalised_strokes_have_mnists_form(drawings: list[Drawing]) -> None:
    widths, off_centre = [], []
    for drawing in drawings[:200]:
        image = normalise_strokes(on_pad(drawing))
        assert image is not None
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        assert image.max() == 255
        rows, columns = np.nonzero(image >= 64)
        assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
        mass = image.astype(float)
        centre = (mass.sum(axis=1) @ np.arange(28) / mass.sum(), mass.sum(axis=0) @ np.arange(28) / mass.sum())
        off_centre.append(np.abs(np.array(centre) - 14).max())
        widths.append(stroke_width(image))
    assert np.median(widths) == pytest.approx(STROKE_WIDTH, abs=0.4)
    assert np.mean(np.array(off_centre) <= 0.5) > 0.95  # the others would leave the frame


def test_no_strokes_are_no_image_and_a_dot_stays_a_dot() -> None:
    assert normalise_strokes([]) is None
    assert normalise_strokes([[]]) is None
    dot = normalise_strokes([[(0.3, 0.3)]])
    assert dot is not None
    assert (dot > 25).sum() <= 25
    assert dot.argmax() // 28 == dot.argmax() % 28


def test_strokes_and_their_picture_give_nearly_the_same_image(drawings: list[Drawing]) -> None:
    differences = []
    for drawing in drawings[:100]:
        picture = normalise(render(drawing.strokes, size=TABLET_SIZE, brush=16))
        strokes = normalise_strokes(on_pad(drawing))
        assert picture is not None
        assert strokes is not None
        differences.append(np.abs(picture.astype(float) - strokes).mean())
    assert np.mean(differences) < 15  # two different digits are 50 apart and more
