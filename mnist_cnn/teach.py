"""Teach a network one person's hand: its last layer is fitted anew to a few drawings and pulled towards what it was.

``web/engine/teach.js`` is the JavaScript counterpart; ``python -m benchmarks.teach`` measures it. The settings were chosen
on 14 training writers and the last 10,000 training digits of MNIST, with a network that was trained without either, and
tried on 19 other training writers with another such network: the worst fifth of all 33 went from 93.3 to 95.6 %.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.model import CLASSES

Layer = NDArray[np.float64]
"""(outputs, features + 1): the weights of the last layer, the biases in the last column."""

PULL = 0.1
"""Strength of the pull towards the layer as it was."""
RIDGE = 0.01
"""Share of the pull on all weights alike; the rest of it is on what the layer says of MNIST's digits and of letters."""
STEPS = 60
"""Steps of a fit. Each brings the loss down; with 200, the same digits are read correctly."""
FITS = 4
"""Fits at most: drawings that are not read as taught count more in the next."""
EMPHASIS = 3.0
"""So many times as much."""
SURE = 0.99
"""A drawing that is read as taught with at least this probability counts only if a fit would unlearn it: those who are read
well already have nothing to gain and something to lose."""
WIDER = 1.16
"""The variants of a drawing are so many times as wide, and as narrow. Turned and slanted ones taught nothing beyond them."""


def variants(strokes: list[Stroke]) -> list[list[Stroke]]:
    """The drawing as it is, narrower and wider."""
    return [[[(wide * x, y) for x, y in stroke] for stroke in strokes] for wide in (1, 1 / WIDER, WIDER)]


def teach(layer: Layer, samples: list[Layer], labels: list[int], moments: Layer, digit_from: float) -> Layer:
    """``layer`` fitted to drawings.

    ``samples``: the features of each drawing, a 1 in the last column, one row for each variant, the drawing itself first.
    ``labels``: the digit of each. ``moments``: mean products of pairs of features, as ``features.pack_pull`` gives them.
    ``digit_from``: the log-odds from which a drawing counts as a digit; it matters with an eleventh output only.
    """
    sure = [probability(layer, sample[0], label) >= SURE for sample, label in zip(samples, labels, strict=True)]
    weights = np.where(sure, 0.0, 1.0)
    taught = layer
    for _ in range(FITS):
        taught = fit_last_layer(layer, samples, labels, weights, moments)
        known = [knows(taught, sample[0], label, digit_from) for sample, label in zip(samples, labels, strict=True)]
        if all(known):
            break
        weights = np.where(known, weights, np.maximum(1, EMPHASIS * weights))
    return taught


def fit_last_layer(layer: Layer, samples: list[Layer], labels: list[int], weights: Layer, moments: Layer) -> Layer:
    """``layer`` after ``STEPS`` steps towards the smallest cross-entropy of ``samples`` and pull together.

    The curvature of the loss is bounded as by Böhning (1992), so the steps need one inverse of a matrix of (features + 1)².
    A drawing that the layer already takes for a digit teaches which digit it is, and not what a digit is.
    """
    rows = np.concatenate(samples)
    counts = [len(sample) for sample in samples]
    share = np.repeat(weights / counts, counts)[:, None]
    target = np.eye(len(layer))[np.repeat(labels, counts)]
    known = log_odds(rows @ layer.T) > 0
    ridge = RIDGE * np.trace(moments[:-1, :-1]) / (len(moments) - 1)
    pull = PULL * (moments + ridge * np.eye(len(moments)))
    step = np.linalg.inv((share * rows).T @ rows / 2 + pull)
    change = np.zeros_like(layer)
    for _ in range(STEPS):
        scores = rows @ (layer + change).T
        scores[known, CLASSES:] = -np.inf
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        change -= ((share * (shares - target)).T @ rows + change @ pull) @ step
    return layer + change


def probability(layer: Layer, features: NDArray[np.float64], label: int) -> float:
    """The probability of ``label`` among all outputs of ``layer``, for a drawing given by its features and a 1."""
    scores = layer @ features
    return float(np.exp(scores[label] - scores.max()) / np.exp(scores - scores.max()).sum())


def knows(layer: Layer, features: NDArray[np.float64], label: int, digit_from: float) -> bool:
    """Whether ``layer`` reads a drawing, given by its features and a 1, as ``label`` and takes it for a digit."""
    scores = layer @ features
    return int(scores[:CLASSES].argmax()) == label and float(log_odds(scores[None])[0]) >= digit_from


def log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, outputs) -> (N,): the log-odds of any digit against the eleventh output; infinite where there is none."""
    digits = scores[:, :CLASSES]
    if scores.shape[1] == CLASSES:
        return np.full(len(scores), np.inf)
    most = digits.max(axis=1)
    odds: NDArray[np.float64] = most + np.log(np.exp(digits - most[:, None]).sum(axis=1)) - scores[:, CLASSES]
    return odds
