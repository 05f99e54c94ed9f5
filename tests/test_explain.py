"""The browser's gradients, run by Node, against PyTorch's; and what its maps of reasons must have."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export as export_net
from mnist_cnn.data import STD, Dataset, standardise
from mnist_cnn.model import build
from mnist_cnn.recipes import DEFAULT, RECIPES
from testing.node import run_node

SEED = 0
COUNT = 8
DIGIT, OTHER = 7, 1
IMPORTS = "import { cellGradient, contrast, saliency } from '@web/engine/gradients.js';"
MAPS = {
    "saliency": "return images.map((image) => Array.from(saliency(network, network.run(image), given.digit)));",
    "contrast": """return images.map((image) => {
      const steps = contrast(network, image, given.digit, given.other);
      let step = steps.next();
      while (!step.done) step = steps.next();
      return Array.from(step.value);
    });""",
}


@pytest.fixture(scope="module")
def images(mnist: tuple[Dataset, Dataset]) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = mnist[1].images[:COUNT].numpy()
    return found


@pytest.mark.parametrize("name", RECIPES)
def test_the_gradient_of_any_cell_is_pytorchs(name: str, images: NDArray[np.uint8]) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / name).double()
    kept = {layer["name"] for layer in export_net(net, name).description["layers"]}
    random = np.random.default_rng(SEED)
    uneven = np.maximum(images[:3], random.integers(0, 60, (3, 28, 28), np.uint8))  # flat areas have ties in poolings
    cells, gradients = [], []
    for number, image in enumerate(uneven):
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
                cells.append({"number": number, "name": layer, "channel": channel, "row": row, "column": column})
                gradients.append(gradient.flatten().numpy() / STD)
    body = """return given.cells.map(({ number, ...cell }) =>
      Array.from(cellGradient(network, network.run(images[number]), cell)));"""
    found, expected = np.array(run_node(IMPORTS, body, net=net.float(), images=uneven, cells=cells)), np.array(gradients)
    assert len(found) >= 100
    lengths, expected_lengths = np.linalg.norm(found, axis=1), np.linalg.norm(expected, axis=1)
    products = (found * expected).sum(axis=1)
    assert lengths == pytest.approx(expected_lengths, rel=1e-5)
    assert (products >= (1 - 1e-9) * lengths * expected_lengths).all(), "the cosine similarity is not 1"


def test_the_ink_of_a_contrast_adds_up_to_the_difference_of_the_scores(images: NDArray[np.uint8]) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    found = np.array(run_node(IMPORTS, MAPS["contrast"], net=net, images=images, digit=DIGIT, other=OTHER))
    with torch.inference_mode():
        scores = net[:-1](standardise(torch.from_numpy(np.concatenate([images, np.zeros_like(images[:1])]))))
    margin = (scores[:, DIGIT] - scores[:, OTHER]).numpy()
    difference = margin[:-1] - margin[-1]
    assert np.abs(found.sum(axis=1) - difference).mean() <= 0.05 * np.abs(difference).mean()
    assert (found.reshape(images.shape)[images == 0] == 0).all()


@pytest.mark.parametrize("kind", MAPS)
def test_a_map_of_reasons_depends_on_the_weights(kind: str, images: NDArray[np.uint8]) -> None:
    """The sanity check of Adebayo et al. 2018: a map that untrained weights give as well would only show the drawing."""
    trained = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    torch.manual_seed(SEED)
    untrained = build(RECIPES[DEFAULT]).eval()
    maps, random = (
        np.array(run_node(IMPORTS, MAPS[kind], net=net, images=images, digit=DIGIT, other=OTHER))
        for net in (trained, untrained)
    )

    def likeness(ours: NDArray[np.float64], theirs: NDArray[np.float64], image: NDArray[np.uint8]) -> float:
        """Rank correlation over the pixels with ink, on which both maps have values."""
        inked = image.flatten() > 0
        ranks = [each[inked].argsort().argsort().astype(float) for each in (ours, theirs)]
        return float(np.corrcoef(ranks)[0, 1])

    found = [likeness(ours, theirs, image) for ours, theirs, image in zip(maps, random, images, strict=True)]
    assert abs(np.mean(found)) < 0.3
    assert max(found) < 0.8
