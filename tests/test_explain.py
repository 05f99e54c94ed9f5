"""The browser's gradients against PyTorch's; and what its maps of reasons must have."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export as export_net
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build
from mnist_cnn.recipes import DEFAULT, RECIPES

SEED = 0
COUNT = 20


@pytest.fixture(scope="module")
def images(mnist: tuple[Dataset, Dataset]) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = mnist[1].images[:COUNT].numpy()
    return found


def in_browser(page: Page, net: nn.Sequential, script: str, **values: object) -> object:
    """What ``script``, a function body that sees ``network``, ``explain`` and ``given``, makes of ``net`` and ``values``."""
    description, weights = export_net(net, "test")
    body = f"""async ({{ description, weights, given }}) => {{
      const {{ createNetwork }} = await import('./engine/cnn.js');
      const explain = await import('./engine/gradients.js');
      const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const network = createNetwork(description, bytes(weights).buffer);
      {script}
    }}"""
    return page.evaluate(body, {"description": description, "weights": base64.b64encode(weights).decode(), "given": values})


def text_of(images: NDArray[np.uint8]) -> str:
    return base64.b64encode(images.tobytes()).decode()


@pytest.mark.parametrize("name", RECIPES)
def test_the_gradient_of_any_cell_is_pytorchs(name: str, page: Page, images: NDArray[np.uint8]) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / name).double()
    kept = {layer["name"] for layer in export_net(net, name).description["layers"]}
    random = np.random.default_rng(SEED)
    cells, expected = [], []
    for image in images[:3]:
        image = np.maximum(image, random.integers(0, 60, image.shape, np.uint8))  # on even ground poolings meet equal pixels
        pixels = standardise(torch.from_numpy(image)[None]).double().requires_grad_()
        x: torch.Tensor = pixels
        for layer, module in net.named_children():
            x = module(x)
            if layer not in kept or (layer.startswith("conv") and name != "1-plain"):
                continue  # batch norm is folded into some convolutions: their values are those of the layer after
            shape = x.shape[1:] if x.ndim == 4 else (x.shape[1], 1, 1)
            for _ in range(3):
                channel, row, column = (int(random.integers(size)) for size in shape)
                value = x[0, channel, row, column] if x.ndim == 4 else x[0, channel]
                (gradient,) = torch.autograd.grad(value, pixels, retain_graph=True)
                cells.append({"image": text_of(image), "name": layer, "channel": channel, "row": row, "column": column})
                expected.append(gradient.flatten().numpy() / 0.3081)
    script = """
      return given.cells.map(({ image, ...cell }) =>
        Array.from(explain.cellGradient(network, network.run(bytes(image)), cell)));"""
    found = np.array(in_browser(page, net.float(), script, cells=cells))
    assert len(found) >= 100
    scale = np.abs(expected).max()
    wrong = np.abs(found - np.array(expected)).max(axis=1) > 1e-4 * scale
    assert wrong.mean() <= 0.02  # a ReLU or a pooling within a rounding error of its bend may fall on either side


def test_the_ink_of_a_contrast_adds_up_to_the_difference_of_the_scores(page: Page, images: NDArray[np.uint8]) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    script = """
      return given.images.map((text) => {
        const image = bytes(text);
        return Array.from(explain.contrast(network, image, given.digit, given.other)); });"""
    digit, other = 7, 1
    found = np.array(in_browser(page, net, script, images=[text_of(image) for image in images], digit=digit, other=other))
    with torch.inference_mode():
        scores = net[:-1](standardise(torch.from_numpy(np.concatenate([images, np.zeros_like(images[:1])]))))
    margin = (scores[:, digit] - scores[:, other]).numpy()
    difference = margin[:-1] - margin[-1]
    assert np.abs(found.sum(axis=1) - difference).mean() <= 0.05 * np.abs(difference).mean()
    assert (found.reshape(images.shape)[images == 0] == 0).all()


@pytest.mark.parametrize("kind", ["saliency", "contrast"])
def test_the_map_of_reasons_hangs_on_the_weights(kind: str, page: Page, images: NDArray[np.uint8]) -> None:
    """The sanity check of Adebayo et al. 2018: a map that untrained weights give as well would only show the drawing."""
    trained = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    script = """
      return given.images.map((text) => {
        const image = bytes(text);
        const result = network.run(image);
        const map = given.kind === 'saliency'
          ? explain.saliency(network, result, 7) : explain.contrast(network, image, 7, 1);
        return Array.from(map); });"""
    given = {"images": [text_of(image) for image in images], "kind": kind}
    maps = np.array(in_browser(page, trained, script, **given))
    again = np.array(in_browser(page, trained, script, **given))
    torch.manual_seed(SEED)
    random = np.array(in_browser(page, build(RECIPES[DEFAULT]).eval(), script, **given))
    assert (maps == again).all()

    def likeness(ours: NDArray[np.float64], theirs: NDArray[np.float64], image: NDArray[np.uint8]) -> float:
        """Rank correlation over the pixels with ink, on which both maps have values."""
        inked = image.flatten() > 0
        ranks = [each[inked].argsort().argsort().astype(float) for each in (ours, theirs)]
        return float(np.corrcoef(ranks)[0, 1])

    found = [likeness(ours, theirs, image) for ours, theirs, image in zip(maps, random, images, strict=True)]
    assert abs(np.mean(found)) < 0.3
    assert max(found) < 0.8
