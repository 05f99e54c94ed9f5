"""Pen strokes, brought to MNIST's form.

``web/normalise.js`` does to strokes what ``normalise_strokes`` does, number by number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.picture import BOX_SIZE, place

Stroke = list[tuple[float, float]]
"""The points of one pen movement from touching to lifting; x to the right, y down."""

STROKE_WIDTH = 2.3
"""Pixels of 28: the median of MNIST's digits, whatever brush the pad showed."""
EDGE = 2.0
"""Pixels from full ink to none across the edge of a stroke; MNIST's scaling left its edges this soft."""
MARGIN = 1
"""Pixels around the 20×20, into which the soft edge reaches."""
SEGMENTS_AT_ONCE = 256
"""Bounds the memory that a long drawing takes."""
SMALLEST = 0.05
"""Strokes that together are smaller than this share of the pad are not enlarged any further: a dot stays a dot."""


def normalise_strokes(strokes: list[Stroke]) -> NDArray[np.uint8] | None:
    """Strokes as MNIST would have them, (28, 28) uint8 with bright ink on 0, or ``None`` when there are none.

    Points are in shares of the pad's side. The path is scaled, then drawn at the stroke width of MNIST, so neither the size
    of the drawing nor the brush matters; ``drawing.normalise`` can only mend a picture's strokes.
    """
    paths = [np.array(stroke, np.float64) for stroke in strokes if stroke]
    if not paths:
        return None
    points = np.concatenate(paths)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    reach = STROKE_WIDTH / 2 + 0.5
    scale = (BOX_SIZE - 2 * reach) / max(extent.max(), SMALLEST)
    full = extent * scale + 2 * reach
    width, height = (int(side) for side in np.ceil(full - 1e-6) + 2 * MARGIN)
    offset = (np.array([width, height]) - full) / 2 + reach
    paths = [(path - low) * scale + offset for path in paths]

    starts = np.concatenate([path[:1] if len(path) == 1 else path[:-1] for path in paths])[:, None, None]
    ends = np.concatenate([path[:1] if len(path) == 1 else path[1:] for path in paths])[:, None, None]
    squared = np.full((height, width), np.inf)  # distance of every pixel's centre to the path
    for first in range(0, len(starts), SEGMENTS_AT_ONCE):
        start, end = starts[first : first + SEGMENTS_AT_ONCE], ends[first : first + SEGMENTS_AT_ONCE]
        dx, dy = (end - start)[..., 0], (end - start)[..., 1]  # (segments, 1, 1)
        px = np.arange(width)[None, None, :] + 0.5 - start[..., 0]
        py = np.arange(height)[None, :, None] + 0.5 - start[..., 1]
        along = ((px * dx + py * dy) / np.maximum(dx * dx + dy * dy, 1e-12)).clip(0, 1)
        squared = np.minimum(squared, ((px - along * dx) ** 2 + (py - along * dy) ** 2).min(axis=0))
    distance = np.sqrt(squared)
    ink = ((STROKE_WIDTH + EDGE) / 2 - distance).clip(0, EDGE)
    return place(ink * (255 / ink.max()))
