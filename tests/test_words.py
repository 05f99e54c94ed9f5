"""Words are no numbers, in print and by hand; a number among them is read; in both engines alike."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import Confidence, load_confidence
from mnist_cnn.drawing.rows import whole_letters
from mnist_cnn.predict import number_of, read_picture, read_strokes
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.training.stroke_data import is_unseen, load_packed
from testing.node import run_node
from testing.rows import picture_of, write_rows

SENTENCES = (
    "drawing with it draw",
    "use the number below",
    "the network holds numbers",
    "type check then update",
    "says where the ink is",
    "what remains unsure",
    "strokes of a picture",
    "home in the afternoon",
    "please call me back",
    "training and learning",
)
NUMBERS = ("47", "305", "92", "6184", "73", "26", "358", "90", "742", "64")
ROWS = 40


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(checkpoint.SHIPPED / DEFAULT)


@pytest.fixture(scope="module")
def confidence(net: nn.Sequential) -> Confidence | None:
    return load_confidence(checkpoint.SHIPPED / DEFAULT, net)


def printed(text: str) -> NDArray[np.uint8]:
    font = ImageFont.load_default(44)
    picture = Image.new("L", (round(font.getlength(text)) + 80, 110), 255)
    ImageDraw.Draw(picture).text((40, 22), text, font=font, fill=0)
    return np.asarray(picture)


def test_printed_words_are_no_number(net: nn.Sequential, confidence: Confidence | None) -> None:
    read = [number_of(read_picture(net, printed(sentence), confidence)) for sentence in SENTENCES]
    assert read.count("") >= 0.8 * len(SENTENCES), read


def test_a_number_among_printed_words_is_read(net: nn.Sequential, confidence: Confidence | None) -> None:
    read = [
        number_of(read_picture(net, printed(f"{sentence} {number}"), confidence))
        for sentence, number in zip(SENTENCES, NUMBERS, strict=True)
    ]
    assert sum(text.endswith(number) for text, number in zip(read, NUMBERS, strict=True)) >= 0.8 * len(NUMBERS), read


def test_letters_of_held_out_writers_are_no_number(net: nn.Sequential, confidence: Confidence | None) -> None:
    letters = [each for each in load_packed().drawings() if each.label.isalpha() and is_unseen(each.writer)]
    rows = write_rows(letters, ROWS, seed=3, lengths=(4, 8))
    pictures = [number_of(read_picture(net, picture_of(row), confidence)) for row in rows]
    strokes = [
        number_of(
            read_strokes(net, [[(x / row.width, y / row.width) for x, y in stroke] for stroke in row.strokes], confidence)
        )
        for row in rows
    ]
    assert pictures.count("") >= 0.6 * ROWS, pictures
    assert strokes.count("") >= 0.5 * ROWS, strokes


def test_a_sign_before_a_digit_makes_no_word(net: nn.Sequential, confidence: Confidence | None) -> None:
    minus, seven = [(0.2, 0.5), (0.35, 0.5)], [(0.4, 0.3), (0.6, 0.3), (0.47, 0.7)]
    assert number_of(read_strokes(net, [minus, seven], confidence)) == "7"


def test_letters_that_were_cut_are_whole_again() -> None:
    # strips 0 and 4, 1 and 5, 2 and 6 are of one piece each; 3 was not cut
    cuts, line = {(0, 4): 1.0, (1, 5): 1.0, (2, 6): 1.0}, [[0], [4], [1], [5], [2], [6], [3]]

    def read(groups: list[list[int]]) -> tuple[list[float], list[int]]:
        return [5.0] * len(groups), [1] * len(groups)

    assert whole_letters(line, cuts, read) == [[0, 4], [1, 5], [2, 6], [3]]
    assert whole_letters(line, cuts, lambda groups: (read(groups)[0], [8] * len(groups))) == line
    assert whole_letters([[0], [4], [1], [5], [3]], cuts, read) == [[0], [4], [1], [5], [3]], "two are too few"


def test_both_engines_read_words_alike(net: nn.Sequential, confidence: Confidence | None) -> None:
    pictures = [printed(f"{sentence} {number}") for sentence, number in zip(SENTENCES, NUMBERS, strict=True)][:6]
    pictures += [np.ascontiguousarray(np.rot90(pictures[0], turns)) for turns in (1, 2)]
    found = run_node(
        "import { numberOf, readPicture } from '@web/engine/predict.js';",
        "return pictures.map((picture) => { const read = readPicture(network, picture);"
        " return [numberOf(read), read.length]; });",
        net=net,
        confidence=confidence,
        pictures=pictures,
    )
    read = [read_picture(net, picture, confidence) for picture in pictures]
    assert found == [[number_of(digits), len(digits)] for digits in read]
