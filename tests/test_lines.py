"""Lines of writing: where one ends and the next begins, in boxes, strokes and pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import NOT_A_DIGIT, load_confidence
from mnist_cnn.drawing.lines import Box, find_lines
from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import render
from mnist_cnn.predict import Digit, number_of, predict, read_ink, read_picture, read_strokes
from testing.pen_digits import pen_digits

SIZE = 600


def undecided(groups: list[list[int]]) -> list[float]:
    return [0.0] * len(groups)


def grid(rows: int, columns: int, slope: float = 0.0) -> list[Box]:
    """Boxes of 1 × 0.6 at steps of 1.5 down and 1 across, row by row."""
    places = [(row, column) for row in range(rows) for column in range(columns)]
    return [(c, 1.5 * r + slope * c, c + 0.6, 1.5 * r + slope * c + 1) for r, c in places]


@pytest.mark.parametrize("slope", [0.0, 0.15, -0.15])
def test_a_grid_is_read_row_by_row(slope: float) -> None:
    assert find_lines(grid(3, 5, slope), undecided) == [[5 * row + i for i in range(5)] for row in range(3)]


def test_a_bar_above_its_digit_is_no_line() -> None:
    assert find_lines([(0, 0.2, 0.5, 1), (0.1, 0, 0.6, 0.05)], undecided) == [[0, 1]]


@pytest.mark.parametrize(("odds", "lines"), [(10.0, [[0, 1]]), (-4.0, [[0], [1]])])
def test_where_two_halves_stand_close_the_network_decides(odds: float, lines: list[list[int]]) -> None:
    halves: list[Box] = [(0, 0, 0.5, 0.5), (0, 0.6, 0.5, 1.1)]
    assert find_lines(halves, lambda groups: [odds if len(group) == 2 else 5.0 for group in groups]) == lines


def page_of(lines: list[str]) -> list[Stroke]:
    """The lines written with ``testing.pen_digits``, points in fractions of the pad's side."""
    pens = {pen.label: pen for pen in pen_digits()}
    strokes: list[Stroke] = []
    for row, line in enumerate(lines):
        for column, label in enumerate(line):
            points = np.concatenate([np.array(stroke) for stroke in pens[label].strokes])
            low, high = points.min(axis=0), points.max(axis=0)
            scale = 0.17 / (high[1] - low[1])
            corner = np.array([0.08 + 0.21 * column, 0.08 + 0.3 * row])
            strokes += [
                [(float(x), float(y)) for x, y in (np.array(stroke) - low) * scale + corner]
                for stroke in pens[label].strokes
            ]
    return strokes


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(checkpoint.SHIPPED / "6-hands")


def test_two_lines_are_two_lines_as_strokes_and_as_a_picture_on_its_side(net: nn.Sequential) -> None:
    strokes = page_of(["2346", "753"])
    confidence = load_confidence(checkpoint.SHIPPED / "6-hands", net)
    assert number_of(read_strokes(net, strokes, confidence)) == "2346\n753"
    picture = render([[(x * SIZE, y * SIZE) for x, y in stroke] for stroke in strokes], size=SIZE, brush=8)
    upright = predict(net, picture, confidence)
    assert upright["number"] == "2346\n753"
    assert [digit["line"] for digit in upright["digits"]] == [0, 0, 0, 0, 1, 1, 1]
    turned = predict(net, np.ascontiguousarray(np.rot90(picture)), confidence)
    assert turned["number"] == "2346\n753"
    for ours, theirs in zip(upright["digits"], turned["digits"], strict=True):
        left, top, right, bottom = ours["box"]
        assert np.abs(np.array(theirs["box"]) - [top, SIZE - right, bottom, SIZE - left]).max() <= 1


def test_a_page_of_text_is_not_read_from_every_side(net: nn.Sequential, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Image.new("L", (640, 480), 255)
    for y in range(30, 450, 70):
        for x, letter in enumerate("RXYa\u2013\u2013"):
            ImageDraw.Draw(picture).text((40 + 90 * x, y), letter, 0, ImageFont.load_default(48))
    readings = []

    def counted(*arguments: Any, **named: Any) -> list[Digit]:
        readings.append(named.get("turns", 0))
        return read_ink(*arguments, **named)

    monkeypatch.setattr("mnist_cnn.predict.read_ink", counted)
    read_picture(net, np.array(picture), load_confidence(checkpoint.SHIPPED / "6-hands", net))
    assert readings == [0, 0]  # as it is, and as if it were a photograph


def test_what_does_not_look_like_a_digit_is_left_out_of_the_number(net: nn.Sequential) -> None:
    confidence = load_confidence(checkpoint.SHIPPED / "6-hands", net)
    digits = read_strokes(net, page_of(["23"]), confidence)
    refused: Digit = {**digits[0], "verdict": NOT_A_DIGIT}
    assert number_of([refused, digits[1]]) == "3"
    assert number_of([refused]) == ""


def test_too_many_pieces_are_one_line_and_none_is_compared() -> None:
    boxes = [(8.0 * x, 8.0 * y, 8.0 * x + 4, 8.0 * y + 4) for y in range(100) for x in range(100)]

    def never(groups: list[list[int]]) -> list[float]:
        raise AssertionError(groups)

    assert find_lines(boxes, never) == [list(range(len(boxes)))]
    assert len(find_lines(boxes[:100] + boxes[300:400], never)) == 2
