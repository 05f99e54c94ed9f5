"""Photographs whose background is of one colour for the most part: sparse lines, hard shadows, what shows at the sides."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from mnist_cnn import checkpoint
from mnist_cnn.confidence import load_confidence
from mnist_cnn.drawing import decode
from mnist_cnn.drawing.background import SCREEN_TOLERANCE, ground_level, has_grain, is_uneven
from mnist_cnn.drawing.photo import is_photo
from mnist_cnn.drawing.raster import brightness
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, render
from mnist_cnn.predict import predict
from mnist_cnn.recipes import DEFAULT
from testing.node import run_node
from testing.pen_digits import pen_digits
from testing.rows import picture_of, write_rows

Picture = NDArray[np.uint8]
Colours = NDArray[np.float64]
WIDTH, HEIGHT = 800, 600
COUNT = 12
DOWN, ACROSS = np.mgrid[:HEIGHT, :WIDTH]


def as_it_is(paper: Colours, random: Generator) -> Colours:
    return paper


def sparse_lines(paper: Colours, random: Generator) -> Colours:
    for top in range(int(random.integers(20, 120)), HEIGHT, 130):
        paper[top : top + 2] *= np.array([0.75, 0.85, 1.0])
    paper[:, 70:73] *= np.array([1.0, 0.55, 0.55])
    return paper


def spiral_binding(paper: Colours, random: Generator) -> Colours:
    for top in range(14, HEIGHT, 32):
        paper[(DOWN - top) ** 2 + (ACROSS - 22) ** 2 < 64] = 60
    paper[:, :10] = 80
    return paper


def hard_shadow(paper: Colours, random: Generator) -> Colours:
    angle = random.uniform(0, 2 * np.pi)
    beyond = np.cos(angle) * (ACROSS - WIDTH / 2) + np.sin(angle) * (DOWN - HEIGHT / 2)
    shaded: Colours = paper * (1 - 0.4 / (1 + np.exp(-beyond / 5)))[:, :, None]
    return shaded


def sheet_on_a_table(paper: Colours, random: Generator) -> Colours:
    tilt = random.uniform(-0.04, 0.04)
    edges = random.uniform(20, 45, 4)
    down, across = DOWN - tilt * ACROSS, ACROSS + tilt * DOWN
    is_sheet = (down > edges[0]) & (down < HEIGHT - edges[1]) & (across > edges[2]) & (across < WIDTH - edges[3])
    return np.where(is_sheet[:, :, None], paper, np.array([100.0, 70, 45]) + random.normal(0, 8, (HEIGHT, WIDTH, 1)))


SHEETS: dict[str, Callable[[Colours, Generator], Colours]] = {
    "as it is": as_it_is,
    "sparse lines": sparse_lines,
    "spiral binding": spiral_binding,
    "hard shadow": hard_shadow,
    "sheet on a table": sheet_on_a_table,
}


def photographs(name: str) -> list[tuple[str, Picture]]:
    """Numbers of three digits in blue ink on white paper, saved as JPEG, and what is written there."""
    taken = []
    for number, row in enumerate(write_rows(pen_digits(), COUNT, seed=1, lengths=(3, 3))):
        random = np.random.default_rng([4, number])
        writing = ImageOps.contain(Image.fromarray(picture_of(row)), (500, 400))
        page = Image.new("L", (WIDTH, HEIGHT), 255)
        page.paste(writing, ((WIDTH - writing.width) // 2, (HEIGHT - writing.height) // 2))
        ink = 1 - np.asarray(page)[:, :, None] / 255
        sheet = SHEETS[name](np.full((HEIGHT, WIDTH, 3), 225.0) + random.uniform(-6, 6, 3), random)
        colours = sheet * (1 - ink * np.array([0.85, 0.75, 0.4]))
        soft = Image.fromarray(colours.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
        noisy = np.asarray(soft) + random.normal(0, 3, (HEIGHT, WIDTH, 1))
        file = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=75)
        taken.append((row.label, decode(file.getvalue()).picture))
    return taken


@pytest.mark.parametrize("name", SHEETS)
def test_numbers_are_read_whatever_shows_beside_them(name: str) -> None:
    folder = checkpoint.SHIPPED / DEFAULT
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    right = [predict(net, picture, confidence)["number"] == label for label, picture in photographs(name)]
    assert np.mean(right) >= 0.8


def smooth(drawing: Drawing) -> Picture:
    """A drawing on a screen, partly in a hard shadow, (500, 500): no grain, no noise."""
    picture = render(drawing.strokes, size=TABLET_SIZE, brush=16).astype(np.float32)
    picture[:, :200] *= 0.45
    return picture.astype(np.uint8)


def test_what_is_refused_is_cleaned_though_it_has_no_grain() -> None:
    """The shadow was read as the digit."""
    folder = checkpoint.SHIPPED / DEFAULT
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    drawings = pen_digits()[::2]
    pictures = [smooth(drawing) for drawing in drawings]
    assert not any(is_photo(picture) for picture in pictures)
    ours = [predict(net, picture, confidence)["number"] for picture in pictures]
    assert np.mean([number == drawing.label for number, drawing in zip(ours, drawings, strict=True)]) >= 0.9
    theirs = run_node(
        "import { numberOf, readPicture } from '@web/engine/predict.js';",
        "return pictures.map((picture) => numberOf(readPicture(network, picture)));",
        net=net,
        confidence=confidence,
        pictures=pictures,
    )
    assert theirs == ours


def test_the_browser_knows_the_same_backgrounds() -> None:
    pictures = [picture for name in SHEETS for _, picture in photographs(name)[:2]]
    pictures += [np.full((70, 90), 255, np.uint8), np.where(np.eye(80, dtype=bool), 0, 255).astype(np.uint8)]
    found = run_node(
        """import { groundLevel, hasGrain, isUneven } from '@web/engine/background.js';
        import { isPhoto } from '@web/engine/photo.js';
        import { brightness } from '@web/engine/raster.js';""",
        """return pictures.map((picture) => {
          const grey = brightness(picture);
          return [isPhoto(picture), isUneven(grey, given.tolerance), hasGrain(grey), groundLevel(grey)];
        });""",
        pictures=pictures,
        tolerance=SCREEN_TOLERANCE,
    )
    assert len({each[3] is None for each in found}) == 2
    for picture, theirs in zip(pictures, found, strict=True):
        grey = brightness(picture)
        assert theirs[:3] == [is_photo(picture), is_uneven(grey, SCREEN_TOLERANCE), has_grain(grey)]
        level = ground_level(grey)
        assert (theirs[3] is None) == (level is None)
        assert level is None or theirs[3] == pytest.approx(level, abs=0.1)
