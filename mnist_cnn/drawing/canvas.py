"""Finding the canvas of a screenshot: the rectangle of one colour that people drew on.

A screenshot often shows more than the drawing: a frame, a title bar, the page around the canvas. What lies outside the
canvas is painted in its colour, so that all that differs from that colour was drawn. ``web/engine/canvas.js`` is the
JavaScript counterpart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_cnn.drawing.raster import BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE, brightness

MIN_CANVAS_SHARE = 0.25
"""Fraction of the picture that has the canvas's colour. What is smaller may be a button or a field of a form."""
MAX_CORNER = 0.1
"""Along each side of the canvas's bounding box all is canvas, but for so much at either end: its corners may be round. Where
a stroke crosses a side, what lies beyond belongs to the drawing."""
MAX_SIMILAR_SHARE = 0.5
"""The next largest area of the same colour is at most this share of the canvas: boxes for several digits are no canvas."""

Picture = NDArray[np.uint8]


def on_canvas(image: Picture) -> Picture:
    """``image`` with everything outside its canvas in the canvas's colour; ``image`` itself if that is all it shows.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4). Of a page and a canvas on it the canvas is meant, of two side by side
    that of the more frequent colour. Raises ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if grey.size == 0:
        return image
    levels = np.floor(grey + np.float32(0.5)).astype(np.uint8)
    counts = np.bincount(levels.ravel(), minlength=256)
    found = slice(0, grey.shape[0]), slice(0, grey.shape[1])
    colour = None
    while True:
        level = int(counts.argmax())
        similar = slice(max(0, level - MIN_CONTRAST + 1), level + MIN_CONTRAST)
        if counts[similar].sum() < MIN_CANVAS_SHARE * grey.size:
            break
        counts[similar] = 0
        box = _canvas_of(grey, level)
        if box is not None and all(
            outer.start <= inner.start and inner.stop <= outer.stop for inner, outer in zip(box, found, strict=True)
        ):
            found = box
            y, x = np.argwhere(levels[box] == level)[0]
            colour = image[box][y, x]
    if colour is None or image[found].shape == image.shape:
        return image
    painted = np.empty_like(image)
    painted[:] = colour
    painted[found] = image[found]
    return painted


def _canvas_of(grey: NDArray[np.float32], level: int) -> tuple[slice, slice] | None:
    """The rows and columns of the canvas of this grey level in ``grey`` (H, W); ``None`` if there is none with a drawing."""
    difference = np.abs(grey - np.float32(level))
    alike = difference < MIN_CONTRAST
    inside = ndimage.minimum_filter(alike, 3, mode="nearest")  # a line of a pixel, though slanting, divides two areas
    labels, count = ndimage.label(inside, np.ones((3, 3)))
    if count == 0:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    largest = int(sizes.argmax())
    second = np.partition(sizes, -2)[-2] if count > 1 else 0
    if sizes[largest] < MIN_CANVAS_SHARE * grey.size or second > MAX_SIMILAR_SHARE * sizes[largest]:
        return None
    box: tuple[slice, slice] = ndimage.find_objects(labels)[largest]
    own = labels[box] == largest + 1
    if not all(side[int(MAX_CORNER * len(side)) : len(side) - int(MAX_CORNER * len(side))].all() for side in _sides(own)):
        return None
    is_flat = np.mean(difference[box][own] <= BACKGROUND_TOLERANCE) >= MIN_FLAT_SHARE
    is_drawn_on = bool((difference[box] >= MIN_CONTRAST).any())
    return box if is_flat and is_drawn_on else None


def _sides(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
    """The first and the last row of ``mask`` (H, W), and its first and last column."""
    return mask[0], mask[-1], mask[:, 0], mask[:, -1]
