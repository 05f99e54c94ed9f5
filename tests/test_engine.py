"""The engine in the browser against PyTorch: the same log-probabilities, the same 28×28 images."""

from __future__ import annotations

import base64

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
from mnist_cnn.recipes import RECIPES

COUNT = 1_000
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


def images_of(page: Page, script: str, argument: object) -> NDArray[np.uint8]:
    """What ``script``, which returns 28×28 images in base64, makes of ``argument``."""
    text: str = page.evaluate(script, argument)
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 28, 28)


TO_BASE64 = """
const toBase64 = (images) => {
  const all = new Uint8Array(784 * images.length);
  images.forEach((image, i) => all.set(image ?? [], 784 * i));
  let text = '';
  for (const byte of all) text += String.fromCharCode(byte);
  return btoa(text);
};
"""
STROKES_JS = (
    "async (drawings) => {"
    + TO_BASE64
    + """
  const { normaliseStrokes } = await import('./engine/strokes.js');
  return toBase64(drawings.map((strokes) => normaliseStrokes(strokes.map((points) => points.map(([x, y]) => ({ x, y }))))));
}"""
)
PICTURES_JS = (
    "async (pictures) => {"
    + TO_BASE64
    + """
  const { inkOf, normaliseInk } = await import('./engine/picture.js');
  return toBase64(pictures.map(({ text, side, tint }) => {
    const grey = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const data = new Uint8ClampedArray(4 * grey.length);
    grey.forEach((level, i) => data.set([level, tint ? Math.min(255, level + 40) : level, level, 255], 4 * i));
    return normaliseInk(inkOf({ data, width: side, height: side }));
  }));
}"""
)
LOG_PROBS_JS = """async ({ name, text }) => {
  const { loadNetwork } = await import('./engine/cnn.js');
  const network = await loadNetwork(`${name}-network.json`, `${name}-network.bin`);
  const images = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const found = [];
  for (let i = 0; i < images.length; i += 784) found.push(Array.from(network.run(images.subarray(i, i + 784)).logProbs));
  return found;
}"""


def assert_nearly_equal(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> None:
    """Within 2 grey levels on 99.9 % of the pixels of every image, so that not one of them is moved."""
    assert ours.shape == theirs.shape == (COUNT, 28, 28)
    far = np.abs(ours.astype(int) - theirs.astype(int)) > 2
    assert far.mean(axis=(1, 2)).max() <= 0.0015  # 1 of 784
    assert (ours.reshape(COUNT, -1).max(axis=1) == 255).all()


def test_strokes_are_normalised_alike(page: Page, many_strokes: list[list[Stroke]]) -> None:
    expected = [normalise_strokes(strokes) for strokes in many_strokes]
    assert_nearly_equal(
        images_of(page, STROKES_JS, many_strokes), np.stack([image for image in expected if image is not None])
    )


def test_pictures_are_normalised_alike(page: Page, many_strokes: list[list[Stroke]]) -> None:
    expected, found = [], []
    for start in range(0, COUNT, 200):
        pictures = []
        for number, strokes in enumerate(many_strokes[start : start + 200]):
            side = PICTURE_SIZES[number % len(PICTURE_SIZES)]
            brush = side * BRUSHES[number // len(PICTURE_SIZES) % len(BRUSHES)]
            scaled = [[(x * side, y * side) for x, y in stroke] for stroke in strokes]
            grey = render(scaled, size=side, brush=brush)
            if number % 4 == 1:
                grey = 255 - grey
            tint = number % 5 == 0
            green = np.minimum(grey.astype(int) + 40, 255).astype(np.uint8) if tint else grey
            image = normalise(np.stack([grey, green, grey], axis=2))
            expected.append(np.zeros((28, 28), np.uint8) if image is None else image)
            pictures.append({"text": base64.b64encode(grey.tobytes()).decode(), "side": side, "tint": tint})
        found.append(images_of(page, PICTURES_JS, pictures))
    assert_nearly_equal(np.concatenate(found), np.stack(expected))


@pytest.mark.parametrize("name", RECIPES)
def test_both_engines_give_the_same_answers(
    name: str, page: Page, mnist: tuple[Dataset, Dataset], many_strokes: list[list[Stroke]]
) -> None:
    drawn = [normalise_strokes(strokes) for strokes in many_strokes]
    images = np.concatenate([mnist[1].images[:COUNT].numpy(), np.stack([image for image in drawn if image is not None])])
    assert len(images) == 2 * COUNT
    found = np.array(page.evaluate(LOG_PROBS_JS, {"name": name, "text": base64.b64encode(images.tobytes()).decode()}))
    net = checkpoint.load(checkpoint.SHIPPED / name)
    with torch.inference_mode():
        expected = net(standardise(torch.from_numpy(images))).numpy()
    assert np.abs(found - expected).max() <= 1e-3
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()


BOXES_JS = """async ({ name, cells }) => {
  const { loadNetwork, receptiveBox } = await import('./engine/cnn.js');
  const { description } = await loadNetwork(`${name}-network.json`, `${name}-network.bin`);
  return cells.map(([layer, row, column]) => receptiveBox(description, layer, row, column));
}"""


@pytest.mark.parametrize("name", RECIPES)
def test_a_cells_box_is_the_support_of_its_gradient(name: str, page: Page) -> None:
    torch.manual_seed(SEED)
    net = build(RECIPES[name]).eval()
    for parameter in net.parameters():  # positive weights: no ReLU is shut and no two paths cancel
        parameter.data.abs_().add_(0.01)
    # a max pooling passes the gradient to one pixel a window; over many random images every pixel has its turn
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
    boxes = page.evaluate(BOXES_JS, {"name": name, "cells": cells})
    assert len(boxes) >= 40
    assert [[box["top"], box["left"], box["bottom"], box["right"]] for box in boxes] == supports
