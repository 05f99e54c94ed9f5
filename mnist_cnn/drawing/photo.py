"""A photograph of a digit on paper -> dark ink on white, as if drawn on a clean canvas.

A photograph has no one ground level: light falls off, a shadow lies over the page, paper is ruled or squared, the table
shows at the border. So the ground is found for every place, by a closing: what is dark and narrow is filled up with what
lies around. The ratio of the picture to its ground no longer knows the light, for light multiplies both. What then runs
straight across the whole picture is taken off as a printed line, and of the rest the pieces that may belong to a digit are
kept, with their grey edges. ``web/photo.js`` does the same in the browser.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_cnn.drawing.raster import MIN_CONTRAST, brightness, ground_level, part_with, resize

FLAT = 6
"""Grey levels by which the ground of a clean picture may vary; ``drawing.normalise`` does with that much."""
FLAT_SHARE = 0.98
"""Of a clean picture at least this share of what is far from strong ink is flat. Of 4,920 drawings and enlarged MNIST
digits, rendered, scanned (noise of 2 levels), through JPEG or tightly cut, none has less; 800 photographs of ruled or
squared paper or in uneven light all have less."""
STRONG = 72
"""Grey levels from its ground from which on ink may be strong; printed lines on an empty sheet mostly have less."""
FAR = 0.1
"""Share of the shorter side within which soft edges and JPEG's ripples around strong ink are no sign of a photograph."""
SMALLEST = 64
"""Pixels a side: smaller pictures are never photographs."""

SIDE = 500
"""Longer side of the working picture, in pixels. Larger pictures are reduced to it."""
WINDOW = 0.16
"""Side of the closing's square as a share of the picture's longer side: wider than any stroke."""
SLOPES = np.tan(np.deg2rad(np.arange(-7, 7.25, 0.5)))
"""How far printed lines rise on a picture taken by hand; half a degree apart a line is still met to about a pixel."""
CROSSING = 0.75
"""Share of the picture's width or height along which a printed line shows. A digit's stroke is shorter, or curved."""
LINE_MIN = 10
"""Of 255: fainter lines are left to the threshold."""
LINE_WIDTH = 9
"""Pixels: a straight band at least this wide is a stroke, not a printed line."""
LINE_GAIN = 1.3
"""By how much more than its median strength a line is taken off; the rest would be its noise."""

SKEW = 1.0
"""From this skewness of the difference from the surroundings on a dark picture is chalk on a board, not paper in shade."""

FAINTEST = 30
"""Of 255 of the ground: where dark and light differ by less in the mean, nothing is written. On synthetic photographs of
digits they differ by at least 43 (n = 118); what noise and lines leave on an empty sheet mostly stays below."""
LOW = 0.5
"""Share of the threshold down to which the edges of a stroke are followed."""
RIM = 3
"""Pixels around a dropped piece that are dropped with it: its soft edge."""
REST = 0.5
"""When a table is dropped already, what else touches the border is dropped only if it leaves a piece with more than this
share of the largest one's ink: else it is the digit."""
SPECK = 0.04
"""Pieces with less ink than this share of the largest are specks."""
INNER = 0.0005
"""Share of the picture from which on a piece clear of the border is the digit, and those at the border are not."""

Grey = NDArray[np.float32]
Levels = NDArray[np.uint8]


def is_photo(image: NDArray[np.uint8]) -> bool:
    """Whether the ground of ``image``, uint8 (H, W), (H, W, 3) or (H, W, 4), is uneven, and ``clean`` should mend it."""
    grey = brightness(image)
    if min(grey.shape) < SMALLEST:
        return False
    off = np.abs(grey - ground_level(grey))
    if off.max() < MIN_CONTRAST:
        return False
    reach = max(1, round(FAR * min(grey.shape)))
    strong = off >= max(STRONG, off.max() / 2)
    far = np.ones_like(strong)
    if strong.any():
        part = part_with(strong, reach)
        uneven = np.count_nonzero(off > FLAT) - np.count_nonzero(strong)
        if uneven <= (1 - FLAT_SHARE) * (strong.size - strong[part].size):
            return False  # however near to strong ink it lies: this spares the filter for most drawings
        far[part] = ~ndimage.maximum_filter(strong[part], 2 * reach + 1, mode="nearest")
    return bool(far.any() and np.mean(off[far] <= FLAT) < FLAT_SHARE)


def clean(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink of a photograph: (H, W) uint8, dark on white (255), the longer side at most ``SIDE`` pixels.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4), not empty. Where nothing is written all is white.
    Raises ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if max(grey.shape) > SIDE:
        grey = resize(grey, SIDE)
    ink = _ink(ndimage.uniform_filter(grey, 3, mode="nearest"))
    lines = np.maximum(_lines(ink), _lines(np.ascontiguousarray(ink.T)).T)
    ink = (ink - np.minimum(ink, LINE_GAIN * lines)).astype(np.uint8)
    found = _pieces(ink)
    if found is None:
        return np.full(ink.shape, 255, np.uint8)
    kept, threshold = found
    strong = np.sort(ink[kept & (ink > threshold)])
    full = strong[len(strong) * 3 // 4]
    kept = ndimage.maximum_filter(kept, 3, mode="nearest")  # the faint rim of the edges too
    shares = np.where(kept, ink.astype(np.float32) / np.float32(full), 0).clip(0, 1)
    result: NDArray[np.uint8] = 255 - np.floor(255 * shares).astype(np.uint8)
    return result


def _ink(grey: Grey) -> Levels:
    """How much darker than its ground every pixel is, 0…255 of the ground; chalk on a board counts as ink on paper."""
    size = round(WINDOW * max(grey.shape)) // 2 * 2 + 1
    inner = grey[size:-size, size:-size]  # a dark table at the border is no sign of paper or board
    off = inner - ndimage.uniform_filter(inner, size, mode="nearest")
    if ground_level(grey) < 128 and (off**3).mean(dtype=np.float64) > SKEW * (off**2).mean(dtype=np.float64) ** 1.5:
        grey = 255 - grey  # ink is the rarer of the two and so differs the more from what is around it
    ground = ndimage.grey_closing(grey, size=(size, size), mode="nearest")
    ink: Levels = np.floor(255 * (1 - grey / np.maximum(ground, 1))).clip(0, 255).astype(np.uint8)
    return ink


def _lines(ink: Levels) -> Levels:
    """Strength (H, W) of the straight, thin and nearly level lines that cross the whole of ``ink``.

    Along a line the median of the ink is the strength of what is printed there, whatever is written across it.
    """
    height, width = ink.shape
    reach = int(np.ceil(SLOPES.max() * width / 2))
    columns = np.arange(width)
    rows = np.arange(-reach, height + reach)[:, None]  # of the line at the picture's middle
    padded = np.pad(ink, ((2 * reach, 2 * reach), (0, 0)), mode="edge")
    low, middle = int(width * (1 - CROSSING)), width // 2
    best = np.zeros_like(ink)
    for slope in SLOPES:
        rise = np.floor((columns - width / 2) * slope + 0.5).astype(np.intp)
        along = np.partition(padded[rows + rise + 2 * reach, columns], (low, middle), axis=1)
        strength = np.where(along[:, low] >= LINE_MIN, along[:, middle], 0)
        strength -= ndimage.grey_opening(strength, LINE_WIDTH, mode="nearest")
        np.maximum(best, strength[np.arange(height)[:, None] - rise + reach], out=best)
    return best


def _pieces(ink: Levels) -> tuple[NDArray[np.bool_], int] | None:
    """Where ``ink`` (H, W) belongs to the digit, and above which level it is strong; ``None`` where nothing is written.

    As long as there is more, what comes in from the border is dropped and the rest looked at anew.
    """
    found, least = None, 0.0
    while (threshold := _threshold(ink)) is not None:
        numbers, mass = _masses(ink, threshold)
        most = mass.max()
        if found is not None and most <= max(INNER * ink.size * threshold, least):
            break
        least = 0.0 if found is None else REST * most
        found = ((mass > 0) & (mass >= SPECK * most))[numbers], threshold
        at_border = np.zeros(len(mass), np.bool_)
        at_border[np.unique(np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]]))] = True
        at_border[0] = False  # the ground
        if not at_border.any():
            break
        ink = np.where(ndimage.maximum_filter(at_border[numbers], 2 * RIM + 1, mode="nearest"), 0, ink).astype(np.uint8)
    return found


def _threshold(ink: Levels) -> int | None:
    """Otsu's threshold, unless what it divides hardly differs; then that of its darker part, if that is divided better."""
    from skimage.filters import threshold_otsu  # only a photograph needs it: the start would take longer

    dark = ink.ravel()
    for _ in range(2):
        if dark.min() == dark.max():
            return None
        threshold = int(threshold_otsu(dark))
        strong = dark > threshold
        if dark[strong].mean() - dark[~strong].mean() >= FAINTEST:
            return threshold
        dark = dark[strong]
    return None


def _masses(ink: Levels, threshold: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The number (H, W) of the connected piece that a pixel lies in, 0 on the ground, and the strong ink of every piece."""
    numbers, count = ndimage.label(ink > LOW * threshold, np.ones((3, 3)))
    strong = np.where(ink > threshold, ink, 0).ravel()
    mass = np.bincount(numbers.ravel(), strong, count + 1).astype(np.float64)
    mass[0] = 0
    return numbers, mass
