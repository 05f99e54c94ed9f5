"""The ink of a picture -> a 28×28 image in MNIST's format. ``web/engine/picture.js`` is the JavaScript counterpart.

MNIST's digits were scaled so that the ink's bounding box fits 20×20 pixels at the same aspect ratio, then placed in 28×28 so
that the ink's centre of mass is the centre (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").
A drawing gets the same treatment, because a network trained on MNIST has never seen anything else.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.canvas import on_canvas
from mnist_cnn.drawing.photo import clean, is_photo
from mnist_cnn.drawing.raster import bounding_box, brightness, foreground, is_blank, resize, usual_level
from mnist_cnn.model import IMAGE_SIZE

BOX_SIZE = 20
"""Pixels of the longer side of the ink's bounding box in an MNIST image."""
CENTRE = 14
"""Row and column, counted from 0, of MNIST's centre of mass: half a pixel from the middle of the frame, which is 13.5.
With 14 nearly all of MNIST's digits, cut out and centred again, come back unchanged (a test checks this)."""
BOX_THRESHOLD = 0.1
"""Pixels fainter than this share of the darkest ink do not widen the bounding box."""

MAX_PEAK = 1.6
"""Ink darker than this times ``raster.usual_level`` counts as that dark: a dot where the pen rested must not make the rest
pale. MNIST's training digits stay as they are: their darkest pixels are at most 1.6 times the level (a test checks this)."""
STROKE_WIDTH_RANGE = 2.0, 2.7
"""Pixels, after scaling to 20×20: roughly the middle half of MNIST's own digits; their median is 2.3."""
MAX_EDGE_SHIFT = 1.5
"""Pixels, after scaling, by which an edge is moved at most."""
OVERSAMPLING = 4
"""Strokes are made thinner or thicker at this multiple of the final size."""
HARD_EDGE = 64
"""Grey levels per pixel at that size, after a mean over 3×3: steeper edges come from a pen of uniform colour.
MNIST's edges were scanned and scaled: 99 of 100 of its digits lie below; 300 pen digits, at 280 and 500 pixels, above."""
BLUR_PASSES = 2
"""Means over 3×3 at that size that soften hard edges. On average over ten networks they raise the accuracy on thin and
medium pens by 0.1 to 0.2 % (weights/LOG.md). Blurring strokes that are too thick would fill their loops, so they stay as
they are."""

Ink = NDArray[np.float32]


def ink_of(image: NDArray[np.uint8]) -> Ink:
    """Strength of the ink of ``image`` (H, W): 0 on the background, at most 255.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4), dark ink on a light background or the reverse. Of a screenshot only
    the canvas counts. A photograph is cleaned first; the ink of a large one is smaller than the photograph
    (``photo.PHOTO_SIZE``). Raises ``ValueError`` for another shape or type.
    """
    image = on_canvas(image)
    return foreground(brightness(clean(image) if is_photo(image) else image))


def normalise_ink(ink: Ink) -> NDArray[np.uint8] | None:
    """``ink`` (H, W), as ``ink_of`` gives it, as an image that MNIST could hold: (28, 28) uint8, bright on 0.

    ``None`` when nothing is drawn.
    """
    fitted = fit_ink(ink)
    return None if fitted is None else place(fitted)


def fit_ink(ink: Ink) -> Ink | None:
    """``ink`` (H, W) in MNIST's size and stroke width, not yet centred: at most 20×20, its peak 255.

    ``None`` when nothing is drawn.
    """
    if is_blank(ink):
        return None
    full_ink = min(float(ink.max()), MAX_PEAK * usual_level(ink))
    scaled = np.minimum(ink * np.float32(255 / full_ink), np.float32(255))
    small = resize(_adjust_strokes(_crop(scaled)), BOX_SIZE)
    full: Ink = small * np.float32(255 / small.max())
    return full


def place(fitted: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Ink 0…255, (H, W) of at most 28×28, put into 28×28 with its centre of mass at ``CENTRE``, or as near as fits.

    It is moved by whole pixels; halves are rounded down and to the right.
    """
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    corner = []
    for axis, length in enumerate(fitted.shape):
        mass = fitted.sum(axis=1 - axis, dtype=np.float64)
        centre = float(mass @ np.arange(length)) / float(mass.sum())
        # slightly above the half: symmetric ink lies on it, and rounding errors must not decide
        corner.append(int(np.clip(math.floor(CENTRE - centre + 0.5 + 1e-6), 0, IMAGE_SIZE - length)))
    top, left = corner
    image[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted.round().astype(np.uint8)
    return image


def views(seen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``seen``, (28, 28) with some ink on 0, seen otherwise: (5, 28, 28), the ink put in its place again.

    Mirrored left to right, mirrored top to bottom, turned to the left by one, two and three quarters.
    """
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    ink = seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)
    turned = [np.rot90(ink, quarters) for quarters in (1, 2, 3)]
    return np.stack([place(each) for each in (ink[:, ::-1], ink[::-1], *turned)])


def measure_strokes(ink: Ink) -> tuple[float, float]:
    """Mean width of the strokes of ``ink`` (H, W) in pixels, and mean steepness of their edges in grey levels per pixel.

    The width is the ink over half the length of its outline. That length is the total variation of the ink, which for a
    shape of one grey level is its perimeter. The blur smooths the stairs of enlarged pixels, which would lengthen it.
    """
    smooth = _blurred(np.pad(ink, 2))
    slope = np.hypot(np.diff(smooth, axis=1)[1:, :], np.diff(smooth, axis=0)[:, 1:])
    outline = slope.sum(dtype=np.float64)
    return float(2 * smooth.sum(dtype=np.float64) / outline), float(np.square(slope).sum(dtype=np.float64) / outline)


def _crop(ink: Ink) -> Ink:
    """The part of ``ink`` within its bounding box."""
    return np.ascontiguousarray(ink[bounding_box(ink >= BOX_THRESHOLD * ink.max())])


def _adjust_strokes(box: Ink) -> Ink:
    """``box`` oversampled, with strokes thinner or thicker than ``STROKE_WIDTH_RANGE`` brought into that range.

    Without this the answer depends on the brush: a thin one on a large drawing nearly vanishes at 20 pixels, and a thick one
    on a small drawing fills its loops. Hard edges of strokes that are not too thick are softened.
    """
    fine = resize(box, OVERSAMPLING * BOX_SIZE)
    width, steepness = measure_strokes(fine)
    width /= OVERSAMPLING
    missing = np.clip(width, *STROKE_WIDTH_RANGE) - width
    shift = OVERSAMPLING * float(np.clip(missing / 2, -MAX_EDGE_SHIFT, MAX_EDGE_SHIFT))
    if shift < 0:
        thinner = 255 - _dilated(255 - np.pad(fine, 1), -shift)
        # where all strokes are thinner than the mean, erosion would leave nothing
        return _crop(thinner) if thinner.max() > 127 else fine
    if shift == 0 and steepness <= HARD_EDGE:
        return box
    thicker = _dilated(np.pad(fine, math.ceil(shift)), shift)
    for _ in range(BLUR_PASSES if steepness > HARD_EDGE else 0):
        thicker = _blurred(np.pad(thicker, 1))
    return _crop(thicker)


def _dilated(image: Ink, pixels: float) -> Ink:
    """Dilation by ``pixels``: alternating crosses and squares of 3×3 approximate a disc; the last step may be partial."""
    step = 0
    while pixels > 0:
        around = _neighbours(image)
        grown = np.maximum.reduce(around if step % 2 else [image, *around[1::2]])
        image = image + min(pixels, 1.0) * (grown - image)
        pixels -= 1
        step += 1
    return image


def _blurred(image: Ink) -> Ink:
    """The mean over 3×3 around every pixel."""
    mean: Ink = np.add.reduce(_neighbours(image)) / 9
    return mean


def _neighbours(image: Ink) -> list[Ink]:
    """``image`` shifted by up to one pixel in both directions, its border repeated: 3×3 shifts, the fifth by nothing."""
    height, width = image.shape
    padded = np.pad(image, 1, mode="edge")
    return [padded[down : down + height, right : right + width] for down in (2, 1, 0) for right in (2, 1, 0)]
