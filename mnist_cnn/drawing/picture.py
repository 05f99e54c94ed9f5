"""What a visitor drew -> what MNIST would have made of it.

MNIST's digits were scaled so that the ink's bounding box fits 20×20 pixels with its shape kept, then placed in 28×28 so
that the ink's centre of mass is the centre (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").
A drawing gets the same treatment, because a network trained on MNIST has never seen anything else.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.photo import clean, is_photo
from mnist_cnn.drawing.raster import MIN_CONTRAST, brightness, ground_level, resize
from mnist_cnn.model import IMAGE_SIZE

BOX_SIZE = 20
"""Longest side of the ink's bounding box in an MNIST image, in pixels."""
CENTRE = 14
"""Row and column, counted from 0, of MNIST's centre of mass: half a pixel from the middle of the frame, which is 13.5.
With 14 nearly all of MNIST's digits, cut out and centred again, come back unchanged (a test holds it)."""
BOX_FLOOR = 0.1
"""Pixels fainter than this share of the darkest ink do not widen the bounding box."""

STROKE_WIDTHS = 2.0, 2.7
"""Pixels, after scaling to 20×20: where the middle half of MNIST's own digits lies, roughly; their median is 2.3."""
MAX_CHANGE = 1.5
"""Pixels, after scaling, by which an edge is moved at most."""
FINER = 4
"""Strokes are made thinner or thicker at this multiple of the final size."""
HARD = 64
"""Grey levels a pixel at that size, after a mean over 3×3: steeper edges are those of a pen of one colour. MNIST's, scanned
and scaled, are flatter; 99 of 100 of its digits lie below, 300 digits of a pen, in 280 and 500 pixels, above."""
BLURS = 2
"""Means over 3×3 at that size that make hard edges soft. Ten networks read .1 to .2 % more of thin and middle pens with them
in the mean (weights/LOG.md); strokes that are too thick fill their loops and are read worse, so they stay as they are."""


def normalise(image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """An image as MNIST would have it, (28, 28) uint8 with bright ink on 0, or ``None`` when nothing is drawn.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4), dark ink on a light ground or the reverse. A photograph is
    cleaned first (``photo.clean``). Raises ``ValueError`` for another shape or type.
    """
    return normalise_ink(ink_of(clean(image) if is_photo(image) else image))


def normalise_ink(ink: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """What ``normalise`` makes of a picture whose ink is ``ink``, (H, W) as ``ink_of`` gives it."""
    peak = ink.max(initial=np.float32(0))
    if peak < MIN_CONTRAST:
        return None
    return place(_fit(_mend_width(_cut_out(ink * (255 / peak)))))


def ink_of(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Strength of the ink of ``image``, which is what ``normalise`` takes: (H, W), 0 on the ground, 255 at most."""
    return _ink(brightness(image))


def _ink(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Strength of the ink (H, W), 0 on the ground. The ground is what most of the border shows."""
    if grey.size == 0:
        return grey
    ground = np.float32(ground_level(grey))
    ink: NDArray[np.float32] = ground - grey if ground >= 128 else grey - ground
    return ink.clip(min=0)


def _cut_out(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of ``ink`` within its bounding box."""
    dark = ink >= BOX_FLOOR * ink.max()
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def stroke_width(image: NDArray[np.uint8] | NDArray[np.float32]) -> float:
    """Mean width of the strokes of ``image`` (H, W), bright ink on 0, in pixels after scaling its ink to 20×20."""
    return _strokes_of(resize(_cut_out(image.astype(np.float32)), FINER * BOX_SIZE))[0] / FINER


def _strokes_of(box: NDArray[np.float32]) -> tuple[float, float]:
    """Mean width of the strokes in pixels, ink over half the length of its outline, and mean steepness of their edges.

    The outline's length is the total variation of the ink, which for a shape of one grey level is its perimeter. The blur
    is for the stairs of enlarged pixels, along which the way is longer.
    """
    smooth = _blurred(np.pad(box, 2))
    slope = np.hypot(np.diff(smooth, axis=1)[1:, :], np.diff(smooth, axis=0)[:, 1:])
    outline = slope.sum(dtype=np.float64)
    return float(2 * smooth.sum(dtype=np.float64) / outline), float(np.square(slope).sum(dtype=np.float64) / outline)


def _mend_width(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """``box`` at four times its final size, with strokes thinner or thicker than ``STROKE_WIDTHS`` brought there.

    Without this the answer depends on the brush: a thin one on a large drawing nearly vanishes at 20 pixels, and a thick one
    on a small drawing fills its loops. Hard edges of strokes that are not too thick are made soft.
    """
    fine = resize(box, FINER * BOX_SIZE)
    width, steepness = _strokes_of(fine)
    width /= FINER
    change = FINER * float(np.clip((np.clip(width, *STROKE_WIDTHS) - width) / 2, -MAX_CHANGE, MAX_CHANGE))
    if change < 0:
        thinner = 255 - _grow(255 - np.pad(fine, 1), -change)
        # where all strokes are thinner than the mean, eroding them would leave nothing
        return _cut_out(thinner) if thinner.max() > 127 else fine
    if change == 0 and steepness <= HARD:
        return box
    mended = _grow(np.pad(fine, math.ceil(change)), change)
    for _ in range(BLURS if steepness > HARD else 0):
        mended = _blurred(np.pad(mended, 1))
    return _cut_out(mended)


def _grow(image: NDArray[np.float32], pixels: float) -> NDArray[np.float32]:
    """Dilation by ``pixels``: crosses and squares of 3×3 in turn make nearly a disc; the last step may be a part of one."""
    step = 0
    while pixels > 0:
        around = _neighbours(image)
        grown = np.maximum.reduce(around if step % 2 else [image, *around[1::2]])
        image = image + min(pixels, 1.0) * (grown - image)
        pixels -= 1
        step += 1
    return image


def _blurred(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over 3×3 around every pixel."""
    mean: NDArray[np.float32] = np.add.reduce(_neighbours(image)) / 9
    return mean


def _neighbours(image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """``image`` moved by at most one pixel both ways, its border repeated: 3×3 of them, row by row, itself the fifth."""
    height, width = image.shape
    padded = np.pad(image, 1, mode="edge")
    return [padded[down : down + height, right : right + width] for down in (2, 1, 0) for right in (2, 1, 0)]


def _fit(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """``box`` scaled to its final size, its peak back at 255."""
    small = resize(box, BOX_SIZE)
    full: NDArray[np.float32] = small * np.float32(255 / small.max())
    return full


def place(small: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Ink 0…255, (H, W) of at most 28×28, put into 28×28 with its centre of mass at ``CENTRE``, as near as the frame allows.

    It is moved by whole pixels; from half a pixel on, down and to the right.
    """
    canvas = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    corner = []
    for axis, length in enumerate(small.shape):
        mass = small.sum(axis=1 - axis, dtype=np.float64)
        centre = float(mass @ np.arange(length)) / float(mass.sum())
        # a hair above the half: symmetric ink lies on it, and rounding errors must not decide
        corner.append(int(np.clip(math.floor(CENTRE - centre + 0.5 + 1e-6), 0, IMAGE_SIZE - length)))
    top, left = corner
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small.round().astype(np.uint8)
    return canvas
