"""Finding what a screenshot shows: the canvas, which is the rectangle of one colour that people drew on, or a photograph.

A screenshot often shows more than the drawing: a frame, a title bar, the page around the canvas. What lies outside the
canvas is painted in its colour, so that all that differs from that colour was drawn. A photograph on a page, in the viewer
of a phone for example, has its sides repeated outwards instead. ``web/engine/canvas.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_cnn.drawing.background import is_grain
from mnist_cnn.drawing.raster import BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE, brightness

MIN_CANVAS_SHARE = 0.25
"""Fraction of the picture that has the canvas's colour. What is smaller may be a button or a field of a form."""
MAX_CORNER = 0.1
"""Along each side of the canvas's bounding box all is canvas, but for so much at either end: its corners may be round. Where
a stroke crosses a side, what lies beyond belongs to the drawing."""
MAX_SIMILAR_SHARE = 0.5
"""Other areas of the same colour, but for one around it, are at most this share of the canvas: boxes for several digits are
no canvas."""

MIN_GRAIN = 0.1
"""At least this share of the neighbours in a photograph differ. JPEG may leave only one in eight, those of two blocks."""
JPEG_BLOCK = 8
"""Pixels: this near to a photograph, JPEG lets neighbours on the page differ too."""
MIN_BLOCKS = 16
"""A photograph is at least so many of those blocks wide and high: in smaller pictures they cover the gaps of a digit."""
MIN_FILL = 0.98
"""Share of a photograph that lies within a block of neighbours that differ: it is a rectangle without gaps."""

Picture = NDArray[np.uint8]
Area = tuple[slice, slice]
"""Rows and columns of a rectangle."""


def on_canvas(image: Picture) -> Picture:
    """``image`` with everything outside its canvas in the canvas's colour; ``image`` itself if that is all it shows.

    If it shows a photograph on a page, every pixel outside has the colour of the nearest one of the photograph.
    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4). Of a page and a canvas on it the canvas is meant, of two side by side
    that of the more frequent colour. Raises ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if grey.size == 0:
        return image
    photograph = _photograph_in(grey)
    if photograph is not None:
        rows, columns = (
            np.arange(n).clip(side.start, side.stop - 1) for n, side in zip(grey.shape, photograph, strict=True)
        )
        continued: Picture = image[rows[:, None], columns]
        return continued
    counts = np.bincount(np.floor(grey + np.float32(0.5)).astype(np.uint8).ravel(), minlength=256)
    found: Area = slice(0, grey.shape[0]), slice(0, grey.shape[1])
    colour = None
    while True:
        level = int(counts.argmax())
        similar = slice(max(0, level - MIN_CONTRAST + 1), level + MIN_CONTRAST)
        if counts[similar].sum() < MIN_CANVAS_SHARE * grey.size:
            break
        counts[similar] = 0
        for area in _canvases_of(grey, level):
            if _contains(found, area):
                found = area
                y, x = np.argwhere(np.abs(grey[area] - np.float32(level)) <= BACKGROUND_TOLERANCE)[0]
                colour = image[area][y, x]
    if colour is None or image[found].shape == image.shape:
        return image
    painted = np.empty_like(image)
    painted[:] = colour
    painted[found] = image[found]
    return painted


def _photograph_in(grey: NDArray[np.float32]) -> Area | None:
    """The rectangle of a photograph in ``grey`` (H, W), without its sides; ``None`` unless a page lies around it.

    A photograph has grain, and a page has none.
    """
    grain = is_grain(grey)
    if grain.mean() < MIN_GRAIN * MIN_CANVAS_SHARE:
        return None
    near = ndimage.maximum_filter(grain, 2 * JPEG_BLOCK + 1, mode="nearest")
    labels, _ = ndimage.label(near, np.ones((3, 3)))
    found: Area = ndimage.find_objects(labels)[int(np.bincount(labels.ravel())[1:].argmax())]
    rows, columns = (
        slice(side.start and side.start + 2 * JPEG_BLOCK, length if side.stop == length else side.stop - 2 * JPEG_BLOCK)
        for side, length in zip(found, grey.shape, strict=True)
    )
    photograph = grain[rows, columns]
    if min(photograph.shape) < MIN_BLOCKS * JPEG_BLOCK or photograph.size < MIN_CANVAS_SHARE * grey.size:
        return None
    steps = [*_steps(grey, found[0], rows, columns), *_steps(grey.T, found[1], columns, rows)]
    is_on_page = min(steps, default=0.0) > BACKGROUND_TOLERANCE
    is_rectangle = near[rows, columns].mean() >= MIN_FILL and photograph.mean() >= MIN_GRAIN
    return (rows, columns) if is_on_page and is_rectangle else None


def _steps(grey: NDArray[np.float32], found: slice, rows: slice, columns: slice) -> list[float]:
    """By how much the levels at the first and the last of the rows ``found`` differ from those of ``rows``, where they do.

    Overexposed paper has no grain either, but its level does not change at once.
    """
    ends = (found.start, rows.start), (found.stop - 1, rows.stop - 1)
    return [abs(float(np.median(grey[a, columns]) - np.median(grey[b, columns]))) for a, b in ends if a != b]


def _canvases_of(grey: NDArray[np.float32], level: int) -> list[Area]:
    """All that may be a canvas of this grey level in ``grey`` (H, W) and has a drawing, the largest first."""
    difference = np.abs(grey - np.float32(level))
    alike = difference < MIN_CONTRAST
    inside = ndimage.minimum_filter(alike, 3, mode="nearest")  # a line of a pixel, though slanting, divides two areas
    labels, _ = ndimage.label(inside, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    areas: list[Area] = ndimage.find_objects(labels)
    canvases = []
    for number in np.argsort(-sizes, kind="stable"):
        if sizes[number] < MIN_CANVAS_SHARE * grey.size:
            break
        area = areas[number]
        own = labels[area] == number + 1
        similar = np.flatnonzero(sizes > MAX_SIMILAR_SHARE * sizes[number])
        is_alone = all(_contains(areas[other], area) for other in similar)
        is_flat = np.mean(difference[area][own] <= BACKGROUND_TOLERANCE) >= MIN_FLAT_SHARE
        if is_alone and is_flat and _is_bounded(own) and (difference[area] >= MIN_CONTRAST).any():
            canvases.append(area)
    return canvases


def _contains(outer: Area, inner: Area) -> bool:
    return all(o.start <= i.start and i.stop <= o.stop for o, i in zip(outer, inner, strict=True))


def _is_bounded(own: NDArray[np.bool_]) -> bool:
    """Whether the sides of ``own`` (H, W) are all true but for their ends."""
    down, across = (int(MAX_CORNER * length) for length in own.shape)
    rows, columns = own[down : own.shape[0] - down, [0, -1]], own[[0, -1], across : own.shape[1] - across]
    return bool(rows.all() and columns.all())
