"""Training digits that stand for all of them, so that the page can show which ones a drawing resembles.

For each digit, its training images are grouped by k-means in the numbers that the last layer weighs; the real image nearest
to each centre is kept. How far usual digits are from those is measured on the held-out writers, of whom the network has
seen nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from torch import nn

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.features import features_of
from mnist_cnn.model import CLASSES
from mnist_cnn.packed import pack, to_bytes, to_four_bits
from mnist_cnn.training.stroke_data import StrokeData, load_packed
from mnist_cnn.training.strokes import PenBatch, render

PER_DIGIT = 200
"""With 28×28 pixels of four bits, these are 260 KB, or 346 KB in base64; 250 per digit would be 416 KB."""
SEED, ROUNDS = 0, 20
SOURCES = "MNIST", "UNIPEN", "pen digits"


def pen_digits(strokes: StrokeData, chosen: NDArray[np.bool_]) -> Dataset:
    """The digits among the ``chosen`` drawings, as the pad shows them."""
    pens = PenBatch.of(strokes, chosen & (strokes.digits >= 0), strokes.digits)
    return Dataset(render(pens), pens.labels)


def exemplars(features: NDArray[np.float32], labels: NDArray[np.int64], per_digit: int) -> NDArray[np.int64]:
    """Indices of up to ``per_digit`` rows of each digit that cover all of them; ``features`` is (N, features)."""
    chosen = []
    for digit in range(CLASSES):
        places = np.flatnonzero(labels == digit)
        own = features[places]
        centres, _ = kmeans2(own, min(per_digit, len(own)), iter=ROUNDS, minit="++", seed=SEED)
        chosen.append(places[np.unique(_squared(own, centres).argmin(axis=0))])
    return np.concatenate(chosen)


def _squared(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """The squared distances of all rows of ``a`` from all rows of ``b``."""
    squared: NDArray[np.float32] = np.square(a).sum(axis=1)[:, None] - 2 * a @ b.T + np.square(b).sum(axis=1)
    return squared.clip(min=0)


def pack_neighbours(net: nn.Sequential, train: Dataset, about: dict[str, Any], per_digit: int = PER_DIGIT) -> bytes:
    """The content of ``neighbours.FILE``: the exemplars of MNIST's ``train`` and of the training writers."""
    strokes = load_packed()
    parts = [train, *(pen_digits(strokes, ~strokes.held_out & (strokes.of_tablet == tablet)) for tablet in (False, True))]
    images = torch.cat([part.images for part in parts])
    labels = torch.cat([part.labels for part in parts]).numpy()
    sources = np.repeat(np.arange(len(parts), dtype=np.uint8), [len(part) for part in parts])
    features = features_of(net, standardise(images)).numpy()
    chosen = exemplars(features, labels, per_digit)
    levels, scales = to_bytes(features[chosen].astype(np.float64))
    others = features_of(net, standardise(pen_digits(strokes, strokes.unseen).images)).numpy()
    usual = np.sort(np.sqrt(_squared(others, levels * scales).min(axis=1)))
    writers = len(set(strokes.writers[strokes.unseen & (strokes.digits >= 0)].tolist()))
    told = {"of": len(images), "writers": writers, "seed": SEED, "sources": SOURCES}
    arrays = {
        "features": levels,
        "scales": scales,
        "labels": labels[chosen].astype(np.uint8),
        "sources": sources[chosen],
        "pixels": to_four_bits(images[chosen].numpy()),
        "usual": usual.astype(np.float32),
    }
    return pack({**about, **told}, arrays)
