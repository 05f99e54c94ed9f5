"""A piece that alone does not look like a digit may be one among digits; signs and letters are left out of a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import DIGIT, NOT_A_DIGIT, UNSURE, Confidence, classify, load_confidence
from mnist_cnn.data import standardise
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import Drawing, render
from mnist_cnn.predict import NUMBER_LOG_ODDS, number_of, read_picture, read_strokes
from mnist_cnn.recipes import ITERATION_5, ITERATION_6
from mnist_cnn.training.stroke_data import SIDE, TABLET, is_unseen, load_packed
from page.static import static_page
from testing.node import run_node
from testing.rows import SIGNS, Row, side_by_side, write_rows
from testing.servers import served_files
from testing.visitor import Tab

FOLDER = checkpoint.SHIPPED / ITERATION_6.name
LETTER: list[Stroke] = [[(0, 255), (100, 0), (200, 255)], [(50, 150), (150, 150)]]
"""A capital A."""


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(FOLDER)


@pytest.fixture(scope="module")
def confidence(net: nn.Sequential) -> Confidence:
    found = load_confidence(FOLDER, net)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def doubtful(net: nn.Sequential, confidence: Confidence) -> list[Drawing]:
    """Digits of held-out writers that are refused by less than ``NUMBER_LOG_ODDS``."""
    digits = [each for each in load_packed().drawings() if is_unseen(each.writer) and each.label.isdigit()]
    images = [normalise_strokes([[(x / SIDE, y / SIDE) for x, y in stroke] for stroke in each.strokes]) for each in digits]
    judged = classify(
        net, standardise(torch.from_numpy(np.stack([each for each in images if each is not None]))), confidence
    )
    lowest = confidence.digit_from - NUMBER_LOG_ODDS
    found = [
        each
        for each, judgement in zip(digits, judged, strict=True)
        if judgement.verdict == NOT_A_DIGIT and judgement.score > lowest + 0.1 and judgement.probabilities[each.digit] > 0.9
    ]
    assert len(found) > 5
    return found


def on_pad(drawings: list[list[Stroke]]) -> list[Stroke]:
    """The drawings in a row across the pad."""
    strokes = side_by_side(drawings)
    width = max(x for stroke in strokes for x, _ in stroke)
    return [[(0.05 + 0.9 * x / width, 0.3 + 0.9 * y / width) for x, y in stroke] for stroke in strokes]


def read_in_javascript(net: nn.Sequential, confidence: Confidence, numbers: list[list[Stroke]]) -> list[list[Any]]:
    """What the page's engine reads of each of ``numbers``, and the verdicts on its digits."""
    found: list[list[Any]] = run_node(
        "import { numberOf, readStrokes } from '@web/engine/predict.js';",
        """return given.numbers.map((strokes) => {
          const digits = readStrokes(network, strokes.map((stroke) => stroke.map(([x, y]) => ({ x, y }))));
          return [numberOf(digits), digits.map(({ judgement }) => judgement.verdict)];
        });""",
        net=net,
        confidence=confidence,
        numbers=numbers,
    )
    return found


def test_among_digits_a_doubtful_one_is_read_and_named_unsure(
    net: nn.Sequential, confidence: Confidence, doubtful: list[Drawing], drawings: list[Drawing]
) -> None:
    sure = [next(each for each in drawings if each.digit == digit) for digit in (3, 8)]
    numbers = [on_pad([sure[0].strokes, each.strokes, sure[1].strokes]) for each in doubtful]
    read = [read_strokes(net, number, confidence) for number in numbers]
    threes = [(each, digits) for each, digits in zip(doubtful, read, strict=True) if len(digits) == 3]
    right = [number_of(digits) == f"3{each.label}8" for each, digits in threes]
    assert np.mean(right) > 0.8
    middles = [digits[1] for _, digits in threes]
    images = standardise(torch.from_numpy(np.stack([np.array(each["seen"], np.uint8) for each in middles])))
    alone = [judgement.verdict == NOT_A_DIGIT for judgement in classify(net, images, confidence)]
    assert np.mean(alone) > 0.8  # a neighbour may have taken a stroke from the others
    refused_alone = [each for each, is_refused in zip(middles, alone, strict=True) if is_refused]
    assert {each["verdict"] for each in refused_alone} <= {UNSURE, NOT_A_DIGIT}
    theirs = read_in_javascript(net, confidence, numbers)
    ours = [[number_of(digits), [each["verdict"] for each in digits]] for digits in read]
    assert sum(mine == its for mine, its in zip(ours, theirs, strict=True)) >= len(ours) - 1  # a score may lie at the limit


def test_the_page_reads_a_photograph_of_a_number_as_python_does(
    net: nn.Sequential,
    confidence: Confidence,
    doubtful: list[Drawing],
    drawings: list[Drawing],
    tab: Tab,
    tmp_path: Path,
) -> None:
    sure = [next(each for each in drawings if each.digit == digit) for digit in (3, 8)]
    for each in doubtful:
        strokes = on_pad([sure[0].strokes, each.strokes, sure[1].strokes])
        picture = render([[(1000 * x, 1000 * y) for x, y in stroke] for stroke in strokes], size=1000, brush=28)
        digits = read_picture(net, picture, confidence)
        if [digit["verdict"] for digit in digits] == [DIGIT, UNSURE, DIGIT]:
            break
    else:
        pytest.fail("no picture holds a digit that is read among others only")
    Image.fromarray(picture).save(tmp_path / "number.png")
    with served_files(static_page(ITERATION_6.name)) as url:
        page = tab.open(url)
        page.locator(".pad-upload input").set_input_files(tmp_path / "number.png")
        expect(page.locator(".answer-digit")).to_have_text(number_of(digits))


def test_alone_or_beside_one_digit_it_stays_refused(
    net: nn.Sequential, confidence: Confidence, doubtful: list[Drawing], drawings: list[Drawing]
) -> None:
    assert number_of(read_strokes(net, on_pad([doubtful[0].strokes]), confidence)) == ""
    pair = read_strokes(net, on_pad([doubtful[0].strokes, drawings[0].strokes]), confidence)
    assert pair[0]["verdict"] == NOT_A_DIGIT


@pytest.fixture(scope="module")
def with_signs() -> list[Row]:
    """Numbers by held-out writers, with a hyphen, a plus or an equals sign between some digits."""
    unseen = [each for each in load_packed().drawings() if is_unseen(each.writer)]
    digits = [each for each in unseen if each.label.isdigit() and each.writer.startswith(TABLET)]
    rows = write_rows(digits, 150, 1, lengths=(3, 4), signs=[each for each in unseen if each.label in SIGNS])
    return [row for row in rows if len(row.digits) > len(row.label)]


def test_a_sign_between_two_digits_joins_neither_and_is_left_out(
    net: nn.Sequential, confidence: Confidence, with_signs: list[Row]
) -> None:
    numbers = [[[(x / row.width, y / row.width) for x, y in stroke] for stroke in row.strokes] for row in with_signs]
    read = [read_strokes(net, number, confidence) for number in numbers]
    ours = [number_of(digits) for digits in read]
    assert np.mean([len(digits) == len(row.digits) for digits, row in zip(read, with_signs, strict=True)]) > 0.95
    assert np.mean([number == row.label for number, row in zip(ours, with_signs, strict=True)]) > 0.85
    theirs = [number for number, _ in read_in_javascript(net, confidence, numbers)]
    assert sum(mine == its for mine, its in zip(ours, theirs, strict=True)) >= len(ours) - 1  # a score may lie at the limit


def test_a_level_line_has_no_height_to_compare_with() -> None:
    """Iteration 5 reads one as a digit."""
    folder = checkpoint.SHIPPED / ITERATION_5.name
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    assert confidence is not None
    lines: list[list[Stroke]] = [[[(0.2, y), (0.8, y)]] for y in (0.3, 0.5, 0.7)]
    ours = [number_of(read_strokes(net, line, confidence)) for line in lines]
    assert "".join(ours)
    theirs = [number for number, _ in read_in_javascript(net, confidence, lines)]
    assert ours == theirs


def test_a_letter_before_the_digits_is_left_out(net: nn.Sequential, confidence: Confidence, drawings: list[Drawing]) -> None:
    digits = [next(each for each in drawings if each.digit == digit) for digit in (3, 8, 5)]
    read = read_strokes(net, on_pad([LETTER, *(each.strokes for each in digits)]), confidence)
    assert number_of(read) == "385"
    assert read[0]["verdict"] == NOT_A_DIGIT
