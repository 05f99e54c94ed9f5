"""The browser's engine, run by Node, against Python's: the same 28×28 images, the same log-probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export as export_net
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, render
from mnist_cnn.model import build
from mnist_cnn.recipes import DEFAULT, RECIPES
from testing.node import run_node
from testing.visitor import draw

COUNT = 1_000
OTHERS_COUNT = 200
"""The same for networks other than the default."""
PICTURES = 120
PICTURE_SIZES = (90, 140, 200)
BRUSHES = (0.02, 0.04, 0.08)
SEED = 0


@pytest.fixture(scope="module")
def many_strokes(drawings: list[Drawing]) -> list[list[Stroke]]:
    """Real digits, each turned, stretched and put somewhere on the pad at random."""
    random = np.random.default_rng(SEED)
    found = []
    for number in random.choice(len(drawings), COUNT):
        angle, (sx, sy) = random.normal(0, 0.15), random.uniform(0.3, 1.2, 2)
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([sx, sy])
        shift = random.uniform(-0.1, 0.3, 2)
        strokes = [np.array(stroke) / TABLET_SIZE @ matrix.T + shift for stroke in drawings[number].strokes]
        found.append([[(float(x), float(y)) for x, y in stroke] for stroke in strokes])
    return found


@pytest.fixture(scope="module")
def stroke_images(many_strokes: list[list[Stroke]]) -> NDArray[np.uint8]:
    """(N, 28, 28): what Python makes of ``many_strokes``."""
    return np.stack([image for strokes in many_strokes if (image := normalise_strokes(strokes)) is not None])


def assert_nearly_equal(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> None:
    """At most one pixel of an image differs by more than 2 grey levels, so no image is shifted."""
    assert ours.shape == theirs.shape
    far = np.abs(ours.astype(int) - theirs.astype(int)) > 2
    assert far.sum(axis=(1, 2)).max() <= 1
    assert (ours.max(axis=(1, 2)) == 255).all()


def test_strokes_are_normalised_alike(many_strokes: list[list[Stroke]], stroke_images: NDArray[np.uint8]) -> None:
    found = run_node(
        "import { normaliseStrokes } from '@web/engine/strokes.js';",
        """return given.drawings.map((strokes) =>
          Array.from(normaliseStrokes(strokes.map((points) => points.map(([x, y]) => ({ x, y }))))));""",
        drawings=many_strokes,
    )
    assert len(stroke_images) == COUNT
    assert_nearly_equal(np.array(found, np.uint8).reshape(-1, 28, 28), stroke_images)


def test_pictures_are_normalised_alike(many_strokes: list[list[Stroke]]) -> None:
    pictures = []
    for number, strokes in enumerate(many_strokes[:PICTURES]):
        side = PICTURE_SIZES[number % len(PICTURE_SIZES)]
        brush = side * BRUSHES[number // len(PICTURE_SIZES) % len(BRUSHES)]
        grey = render([[(x * side, y * side) for x, y in stroke] for stroke in strokes], size=side, brush=brush)
        if number % 4 == 1:
            grey = 255 - grey
        tinted = np.minimum(grey.astype(int) + 40, 255).astype(np.uint8)
        pictures.append(np.stack([grey, tinted if number % 5 == 0 else grey, grey], axis=2))
    found = run_node(
        "import { inkOf, normaliseInk } from '@web/engine/picture.js';",
        "return pictures.map((picture) => Array.from(normaliseInk(inkOf(picture))));",
        pictures=pictures,
    )
    expected = [image for picture in pictures if (image := normalise(picture)) is not None]
    assert len(expected) == PICTURES
    assert_nearly_equal(np.array(found, np.uint8).reshape(-1, 28, 28), np.stack(expected))


@pytest.mark.parametrize("name", RECIPES)
def test_both_engines_give_the_same_answers(
    name: str, mnist: tuple[Dataset, Dataset], stroke_images: NDArray[np.uint8]
) -> None:
    count = COUNT if name == DEFAULT else OTHERS_COUNT
    images = np.concatenate([mnist[1].images[:count].numpy(), stroke_images[:count]])
    assert len(images) == 2 * count
    net = checkpoint.load(checkpoint.SHIPPED / name)
    found = run_node("", "return images.map((image) => Array.from(network.run(image).logProbs));", net=net, images=images)
    with torch.inference_mode():
        expected = net(standardise(torch.from_numpy(images))).numpy()
    assert np.abs(np.array(found) - expected).max() <= 1e-3
    assert (np.array(found).argmax(axis=1) == expected.argmax(axis=1)).all()


@pytest.mark.parametrize("name", RECIPES)
def test_a_cells_box_is_the_support_of_its_gradient(name: str) -> None:
    torch.manual_seed(SEED)
    net = build(RECIPES[name]).eval()
    for parameter in net.parameters():  # positive weights: every ReLU is active and no two paths cancel
        parameter.data.abs_().add_(0.01)
    # a max pooling passes the gradient to one pixel per window; over many random images every pixel has its turn
    images = torch.rand(48, 1, 28, 28, requires_grad=True)
    x: torch.Tensor = images
    exported = {layer["name"] for layer in export_net(net, name).description["layers"]}
    cells, supports = [], []
    for layer, module in net.named_children():
        x = module(x)
        if x.ndim != 4:
            break
        if layer not in exported:
            continue  # folded into the convolution before it
        last = x.shape[-1] - 1
        for row, column in {(0, 0), (0, last), (last // 2, last // 2), (last, last // 2)}:
            (gradient,) = torch.autograd.grad(x[:, :, row, column].sum(), images, retain_graph=True)
            support = (gradient != 0).any(dim=0)[0].nonzero()
            cells.append([layer, row, column])
            supports.append([*support.min(dim=0).values.tolist(), *support.max(dim=0).values.tolist()])
    boxes = run_node(
        "import { receptiveBox } from '@web/engine/cnn.js';",
        "return given.cells.map(([layer, row, column]) => receptiveBox(network.description, layer, row, column));",
        net=net,
        cells=cells,
    )
    assert len(boxes) >= 40
    assert [[box["top"], box["left"], box["bottom"], box["right"]] for box in boxes] == supports


def test_the_page_reads_with_this_engine(page: Page, drawings: list[Drawing]) -> None:
    """What a visitor's browser found, in a drawing made with the mouse, is what Node finds in the same strokes."""
    page.evaluate("import('pad/demo.js').then(({ onReading }) => onReading((reading) => { window.reading = reading; }))")
    page.wait_for_function("window.reading")
    draw(page, drawings[0].strokes)
    page.wait_for_function("window.reading.digit")
    browsers = page.evaluate(
        """() => ({
          strokes: window.reading.strokes,
          seen: Array.from(window.reading.digit.seen),
          logProbs: Array.from(window.reading.digit.result.logProbs),
        })"""
    )
    (nodes,) = run_node(
        """import { readStrokes } from '@web/engine/predict.js';
        import { pathsOf } from '@web/pad/read.js';""",
        """return readStrokes(network, pathsOf(given.strokes)).map(({ seen, result }) =>
          ({ seen: Array.from(seen), logProbs: Array.from(result.logProbs) }));""",
        net=checkpoint.load(checkpoint.SHIPPED / DEFAULT),
        strokes=browsers["strokes"],
    )
    assert nodes["seen"] == browsers["seen"]
    assert nodes["logProbs"] == pytest.approx(browsers["logProbs"], abs=1e-5)
