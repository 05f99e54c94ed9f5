"""A photograph of handwriting on paper -> dark ink on white, as if drawn on a clean canvas.

The background of a photograph is not a single grey level: light falls off, a shadow lies over the page, the paper is ruled
or squared, the table shows at the border. The background is therefore estimated at every pixel by a morphological closing,
which replaces whatever is dark and narrow by its surroundings. Dividing by this background removes the illumination.
Straight lines across the whole picture are taken for printed lines and subtracted. Of what remains, only the connected
components that may belong to a digit are kept, with their grey edges. ``web/engine/photo.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_cnn.drawing.raster import MIN_CONTRAST, background_level, bounding_box, brightness, resize

BACKGROUND_TOLERANCE = 6
"""Grey levels by which the background of a clean picture may vary; ``foreground`` tolerates that much."""
MIN_FLAT_SHARE = 0.98
"""In a clean picture at least this share of the pixels far from strong ink is flat. Of 4,920 drawings and enlarged MNIST
digits, rendered, scanned (noise of 2 levels), saved as JPEG or tightly cut, none has less; 800 photographs of ruled or
squared paper or in uneven light all have less."""
STRONG_INK = 72
"""Ink that differs from the background by at least this many grey levels may be strong; printed lines on an empty sheet
mostly differ by less."""
INK_NEIGHBOURHOOD = 0.1
"""Fraction of the shorter side. This close to strong ink, soft edges and JPEG ringing do not indicate a photograph."""
MIN_PHOTO_SIZE = 64
"""Pixels per side: smaller pictures are never photographs."""

PHOTO_SIZE = 500
"""Pixels of the longer side. Larger photographs are reduced to this before they are cleaned."""
CLOSING_SIZE = 0.16
"""Side of the closing's square as a fraction of the picture's longer side: wider than any stroke."""
MAX_LINE_TILT = 7.0
"""Degrees by which printed lines may rise or fall in a picture taken by hand."""
LINE_TILT_STEP = 0.5
"""Degrees between the tilts that are tried, small enough to follow a line to within about a pixel."""
MIN_LINE_COVERAGE = 0.75
"""Fraction of the picture's width or height along which a printed line is visible. A digit's stroke is shorter or curved."""
MIN_LINE_STRENGTH = 10
"""Of 255: fainter lines are removed later, by the threshold."""
MIN_STROKE_THICKNESS = 9
"""Pixels: a straight band at least this thick is a stroke, not a printed line."""
LINE_GAIN = 1.3
"""Factor on a line's median strength when it is subtracted; with less, its noise would remain."""

CHALK_SKEWNESS = 1.0
"""A dark picture whose differences from their surroundings are more skewed than this shows chalk on a board rather than
paper in the shade."""

MIN_CLASS_CONTRAST = 30
"""Of 255 of the background: where the means above and below the threshold differ by less, nothing is written. On synthetic
photographs of digits they differ by at least 43 (n = 118); noise and lines on an empty sheet mostly stay below."""
HYSTERESIS = 0.5
"""Fraction of the threshold down to which the edges of a stroke are followed (hysteresis thresholding)."""
BORDER_MARGIN = 3
"""Pixels around a dropped component that are dropped with it: its soft edge."""
MIN_REMAINDER = 0.5
"""Once a table has been dropped, other components at the border are dropped only if one with more than this share of the
largest one's ink remains; otherwise the largest is the digit."""
MIN_COMPONENT_INK = 0.04
"""Components with less ink than this share of the largest are dropped."""
MIN_INNER_INK = 0.0005
"""Fraction of the picture: with more strong ink than this, a component clear of the border is the digit, and those at the
border are not."""

Grey = NDArray[np.float32]
Levels = NDArray[np.uint8]


def is_photo(image: NDArray[np.uint8]) -> bool:
    """Whether the background of ``image``, uint8 (H, W), (H, W, 3) or (H, W, 4), is uneven and needs ``clean``.

    Raises ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if min(grey.shape) < MIN_PHOTO_SIZE:
        return False
    difference = np.abs(grey - background_level(grey))
    if difference.max() < MIN_CONTRAST:
        return False
    reach = max(1, round(INK_NEIGHBOURHOOD * min(grey.shape)))
    strong = difference >= max(STRONG_INK, difference.max() / 2)
    far = np.ones_like(strong)
    if strong.any():
        area = bounding_box(strong, reach)
        uneven = np.count_nonzero(difference > BACKGROUND_TOLERANCE) - np.count_nonzero(strong)
        if uneven <= (1 - MIN_FLAT_SHARE) * (strong.size - strong[area].size):
            return False  # wherever the uneven pixels lie: this saves the filter for most drawings
        far[area] = ~ndimage.maximum_filter(strong[area], 2 * reach + 1, mode="nearest")
    return bool(far.any() and np.mean(difference[far] <= BACKGROUND_TOLERANCE) < MIN_FLAT_SHARE)


def clean(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink of a photograph: (H, W) uint8, dark on white (255), the longer side at most ``PHOTO_SIZE`` pixels.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4), not empty. Where nothing is written the result is white.
    Raises ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if max(grey.shape) > PHOTO_SIZE:
        grey = resize(grey, PHOTO_SIZE)
    ink = _without_illumination(ndimage.uniform_filter(grey, 3, mode="nearest"))
    lines = np.maximum(_printed_lines(ink), _printed_lines(np.ascontiguousarray(ink.T)).T)
    ink = (ink - np.minimum(ink, LINE_GAIN * lines)).astype(np.uint8)
    found = _digit_mask(ink)
    if found is None:
        return np.full(ink.shape, 255, np.uint8)
    mask, threshold = found
    strong = np.sort(ink[mask & (ink > threshold)])
    full = strong[len(strong) * 3 // 4]
    mask = ndimage.maximum_filter(mask, 3, mode="nearest")  # the faint outer edges too
    shares = np.where(mask, ink.astype(np.float32) / np.float32(full), 0).clip(0, 1)
    result: NDArray[np.uint8] = 255 - np.floor(255 * shares).astype(np.uint8)
    return result


def _without_illumination(grey: Grey) -> Levels:
    """By how much every pixel is darker than the background there, 0…255; chalk on a board becomes ink on paper."""
    size = round(CLOSING_SIZE * max(grey.shape)) // 2 * 2 + 1
    if background_level(grey) < 128 and _is_chalk(grey, size):
        grey = 255 - grey
    background = ndimage.grey_closing(grey, size=(size, size), mode="nearest")
    ink: Levels = np.floor(255 * (1 - grey / np.maximum(background, 1))).clip(0, 255).astype(np.uint8)
    return ink


def _is_chalk(grey: Grey, size: int) -> bool:
    """Whether the dark picture ``grey`` shows light ink: ink is rarer than the background and further from the mean."""
    inner = grey[size:-size, size:-size]  # without the border, where a dark table may show
    difference = inner - ndimage.uniform_filter(inner, size, mode="nearest")
    variance = (difference**2).mean(dtype=np.float64)
    return bool((difference**3).mean(dtype=np.float64) > CHALK_SKEWNESS * variance**1.5)


def _printed_lines(ink: Levels) -> Levels:
    """Strength (H, W) of the straight, thin and nearly horizontal lines that cross the whole of ``ink``.

    The median of the ink along a line is the strength of the print, whatever is written across it.
    """
    height, width = ink.shape
    slopes = np.tan(np.deg2rad(np.arange(-MAX_LINE_TILT, MAX_LINE_TILT + LINE_TILT_STEP / 2, LINE_TILT_STEP)))
    reach = int(np.ceil(slopes.max() * width / 2))
    columns = np.arange(width)
    rows = np.arange(-reach, height + reach)[:, None]  # of the line in the middle column
    padded = np.pad(ink, ((2 * reach, 2 * reach), (0, 0)), mode="edge")
    low, middle = int(width * (1 - MIN_LINE_COVERAGE)), width // 2
    best = np.zeros_like(ink)
    for slope in slopes:
        rise = np.floor((columns - width / 2) * slope + 0.5).astype(np.intp)
        along = np.partition(padded[rows + rise + 2 * reach, columns], (low, middle), axis=1)
        strength = np.where(along[:, low] >= MIN_LINE_STRENGTH, along[:, middle], 0)
        strength -= ndimage.grey_opening(strength, MIN_STROKE_THICKNESS, mode="nearest")
        np.maximum(best, strength[np.arange(height)[:, None] - rise + reach], out=best)
    return best


def _digit_mask(ink: Levels) -> tuple[NDArray[np.bool_], int] | None:
    """Which pixels of ``ink`` (H, W) belong to digits, and the threshold of strong ink; ``None`` where nothing is written.

    Components that touch the border are dropped, and the rest is thresholded again, as long as enough ink remains.
    """
    found, least = None, 0.0
    while (threshold := _threshold(ink)) is not None:
        labels, mass = _components(ink, threshold)
        most = mass.max()
        if found is not None and most <= max(MIN_INNER_INK * ink.size * threshold, least):
            break
        least = 0.0 if found is None else MIN_REMAINDER * most
        found = ((mass > 0) & (mass >= MIN_COMPONENT_INK * most))[labels], threshold
        at_border = np.zeros(len(mass), np.bool_)
        at_border[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = True
        at_border[0] = False  # the background
        if not at_border.any():
            break
        dropped = ndimage.maximum_filter(at_border[labels], 2 * BORDER_MARGIN + 1, mode="nearest")
        ink = np.where(dropped, 0, ink).astype(np.uint8)
    return found


def _threshold(ink: Levels) -> int | None:
    """Otsu's threshold of ``ink``, or that of its pixels above it: the first whose two classes differ enough."""
    from skimage.filters import threshold_otsu  # imported only for a photograph: it would delay the start

    dark = ink.ravel()
    for _ in range(2):
        if dark.min() == dark.max():
            return None
        threshold = int(threshold_otsu(dark))
        strong = dark > threshold
        if dark[strong].mean() - dark[~strong].mean() >= MIN_CLASS_CONTRAST:
            return threshold
        dark = dark[strong]
    return None


def _components(ink: Levels, threshold: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Labels (H, W) of the connected components, 0 on the background, and the strong ink of each label."""
    labels, count = ndimage.label(ink > HYSTERESIS * threshold, np.ones((3, 3)))
    strong = np.where(ink > threshold, ink, 0).ravel()
    mass = np.bincount(labels.ravel(), strong, count + 1).astype(np.float64)
    mass[0] = 0
    return labels, mass
