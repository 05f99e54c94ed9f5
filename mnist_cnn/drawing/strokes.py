"""Pen strokes -> a 28×28 image in MNIST's format. ``web/engine/strokes.js`` is the JavaScript counterpart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.picture import BOX_SIZE, place

Stroke = list[tuple[float, float]]
"""The points of one pen movement from touching to lifting; x to the right, y down."""

STROKE_WIDTH = 2.3
"""Pixels of the 28×28 image: the median of MNIST's digits, whatever brush the pad showed."""
EDGE_WIDTH = 2.0
"""Pixels from full ink to none across the edge of a stroke; MNIST's scaling left its edges this soft."""
EDGE_MARGIN = 1
"""Pixels around the 20×20, into which the soft edge reaches."""
MIN_EXTENT = 0.05
"""Fraction of the pad's side. Smaller drawings are not enlarged any further, so a dot stays a dot."""
MAX_STROKES = 500
"""Strokes of one drawing that a page may send to its server."""
MAX_POINTS = 5_000
"""Points of all strokes together. The pad keeps points 0.002 of its side apart, so this is ten times its side of ink; the
browser alone reads a drawing with more."""
_SEGMENTS_AT_ONCE = 256
"""Bounds the memory that a long drawing takes."""


def normalise_strokes(strokes: list[Stroke]) -> NDArray[np.uint8] | None:
    """Strokes as an image that MNIST could hold: (28, 28) uint8, bright ink on 0, or ``None`` when there are no points.

    Points are in fractions of the pad's side. The path is scaled, then drawn at MNIST's stroke width, so neither the size
    of the drawing nor the brush matters; in a picture, ``picture.fit_ink`` can only adjust the strokes.
    """
    ink = stroke_ink(strokes)
    return None if ink is None else place(ink)


def stroke_ink(strokes: list[Stroke]) -> NDArray[np.float64] | None:
    """Strokes in MNIST's size and stroke width, not yet centred: (H, W) of at most 22×22, 0…255.

    ``None`` when there are no points.
    """
    paths = [np.array(stroke, np.float64) for stroke in strokes if stroke]
    if not paths:
        return None
    points = np.concatenate(paths)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    reach = STROKE_WIDTH / 2 + 0.5
    scale = (BOX_SIZE - 2 * reach) / max(extent.max(), MIN_EXTENT)
    full = extent * scale + 2 * reach
    width, height = (int(side) for side in np.ceil(full - 1e-6) + 2 * EDGE_MARGIN)
    offset = (np.array([width, height]) - full) / 2 + reach
    distance = np.sqrt(_squared_distance([(path - low) * scale + offset for path in paths], width, height))
    ink = ((STROKE_WIDTH + EDGE_WIDTH) / 2 - distance).clip(0, EDGE_WIDTH)
    full_ink: NDArray[np.float64] = ink * (255 / ink.max())
    return full_ink


def _squared_distance(paths: list[NDArray[np.float64]], width: int, height: int) -> NDArray[np.float64]:
    """(height, width): squared distance from the centre of every pixel to the nearest of ``paths``, (N, 2) each."""
    starts = np.concatenate([path[:1] if len(path) == 1 else path[:-1] for path in paths])[:, None, None]
    ends = np.concatenate([path[:1] if len(path) == 1 else path[1:] for path in paths])[:, None, None]
    squared = np.full((height, width), np.inf)
    for first in range(0, len(starts), _SEGMENTS_AT_ONCE):
        start, end = starts[first : first + _SEGMENTS_AT_ONCE], ends[first : first + _SEGMENTS_AT_ONCE]
        dx, dy = (end - start)[..., 0], (end - start)[..., 1]  # (segments, 1, 1)
        px = np.arange(width)[None, None, :] + 0.5 - start[..., 0]
        py = np.arange(height)[None, :, None] + 0.5 - start[..., 1]
        along = ((px * dx + py * dy) / np.maximum(dx * dx + dy * dy, 1e-12)).clip(0, 1)
        squared = np.minimum(squared, ((px - along * dx) ** 2 + (py - along * dy) ** 2).min(axis=0))
    return squared
