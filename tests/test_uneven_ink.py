"""Ink that is broken, or darker in one place than elsewhere, in both engines alike."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.picture import MAX_PEAK, ink_of, normalise_ink
from mnist_cnn.drawing.raster import usual_level
from mnist_cnn.drawing.segmentation import split_ink
from mnist_cnn.drawing.unipen import Drawing, render
from mnist_cnn.predict import read_picture
from mnist_cnn.recipes import DEFAULT
from testing.node import run_node

Picture = NDArray[np.uint8]
SMALL = 32
COUNT = 300


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(checkpoint.SHIPPED / DEFAULT)


def small_ink(drawing: Drawing) -> NDArray[np.uint8]:
    """Ink of a pen, 0 to 255, as a picture of 32×32 pixels holds it."""
    points = np.array([point for stroke in drawing.strokes for point in stroke])
    scale = 400 / np.ptp(points, axis=0).max()
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    strokes = [[tuple((np.array(point) - middle) * scale + 250) for point in stroke] for stroke in drawing.strokes]
    large = Image.fromarray(render(strokes, size=500, brush=22))
    return 255 - np.asarray(large.resize((SMALL, SMALL), Image.Resampling.BOX))


@pytest.fixture(scope="module")
def broken(drawings: list[Drawing]) -> list[tuple[Drawing, Picture]]:
    """Digits turned into black and white, about one pixel in five lost: a threshold does that to a photograph."""
    random = np.random.default_rng(0)
    taken = drawings[:: ceil(len(drawings) / COUNT)]
    kept = [(small_ink(drawing) > 90) & (random.random((SMALL, SMALL)) > 0.18) for drawing in taken]
    return [(drawing, np.where(ink, 0, 255).astype(np.uint8)) for drawing, ink in zip(taken, kept, strict=True)]


def test_broken_strokes_are_one_digit(net: nn.Sequential, broken: list[tuple[Drawing, Picture]]) -> None:
    """Nine in a hundred were read in parts, most of them as the digit and something beside it."""
    readings = [(drawing.digit, [digit["digit"] for digit in read_picture(net, picture)]) for drawing, picture in broken]
    assert np.mean([len(found) == 1 for _, found in readings]) >= 0.95
    assert np.mean([found == [digit] for digit, found in readings]) >= 0.93


def test_a_dark_dot_does_not_make_the_rest_pale(drawings: list[Drawing]) -> None:
    for drawing in drawings[:20]:
        pale = small_ink(drawing) // 4
        dotted = pale.copy()
        dotted[np.unravel_index(pale.argmax(), pale.shape)] = 255
        without, with_dot = normalise(255 - pale), normalise(255 - dotted)
        assert without is not None
        assert with_dot is not None
        assert with_dot.sum(dtype=int) > 0.6 * without.sum(dtype=int)


def test_a_dark_dot_does_not_break_the_rest(net: nn.Sequential) -> None:
    """The dot alone was ink."""
    rows, columns = np.mgrid[:SMALL, :SMALL] - SMALL / 2
    ring = np.abs(np.hypot(rows / 11, columns / 8) - 1) < 0.09
    picture = np.where(ring, 215, 255).astype(np.uint8)
    picture[5, 16] = 0
    (piece,) = split_ink(ink_of(picture), net)
    assert piece.box == (8, 5, 25, 28)


def test_no_digit_of_mnist_is_darker_in_one_place_than_is_kept(mnist: tuple[Dataset, Dataset]) -> None:
    digits = mnist[0].images.numpy().astype(np.float32)
    assert max(digit.max() / usual_level(digit) for digit in digits[::6]) < MAX_PEAK + 0.01


def test_both_engines_split_broken_strokes_alike(net: nn.Sequential, broken: list[tuple[Drawing, Picture]]) -> None:
    pictures = [picture for _, picture in broken[:100]]
    found = run_node(
        """import { inkOf, normaliseInk } from '@web/engine/picture.js';
        import { splitInk } from '@web/engine/segmentation.js';""",
        """return pictures.map((picture) => splitInk(inkOf(picture), network)
            .map(({ box, ink }) => [box, Array.from(normaliseInk(ink))]));""",
        net=net,
        pictures=pictures,
    )
    different = 0
    for picture, theirs in zip(pictures, found, strict=True):
        ours = split_ink(ink_of(picture), net)
        if [list(piece.box) for piece in ours] != [box for box, _ in theirs]:
            different += 1
            continue
        for piece, (_, image) in zip(ours, theirs, strict=True):
            seen = normalise_ink(piece.ink)
            assert seen is not None
            assert np.abs(seen.flatten().astype(int) - image).max() <= 1
    assert different <= 1  # rounding may decide between two readings with the same score
