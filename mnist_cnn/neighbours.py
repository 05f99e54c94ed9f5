"""The training digits that are nearest to a drawing in a network's own numbers: those that its last layer weighs.

``web/engine/neighbours.js`` is the JavaScript counterpart. ``mnist_cnn.training.exemplars`` chooses the digits it has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FILE = "neighbours.bin"
"""Name of the file beside a network's weights."""


def nearest(features: NDArray[np.floating], known: NDArray[np.floating], count: int) -> tuple[list[int], list[float]]:
    """The ``count`` rows of ``known``, (N, features), nearest to ``features``, and their distances, the nearest first."""
    distances = np.sqrt(np.square(known - features).sum(axis=1))
    order = np.argsort(distances, kind="stable")[:count]
    return order.tolist(), distances[order].tolist()


def share_nearer(distance: float, usual: NDArray[np.floating]) -> float:
    """The share of ``usual``, distances in ascending order, that are below ``distance``."""
    return int(np.searchsorted(usual, distance)) / len(usual)
