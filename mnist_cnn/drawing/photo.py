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

from mnist_cnn.drawing.background import MIN_PHOTO_SIZE, SCREEN_TOLERANCE, ground_level, has_grain, is_uneven
from mnist_cnn.drawing.raster import BACKGROUND_TOLERANCE, MIN_CONTRAST, background_level, brightness, resize

PHOTO_SIZE = 1_000
"""Pixels of the longer side. Larger photographs are reduced to this before they are cleaned."""
LINE_SEARCH_SIZE = 500
"""The same for the first search for printed lines."""
LINE_SAMPLES = 200
"""Along a line the ink is looked at in about so many places."""
MAX_TILTS = 5
"""So many tilts of that search at most are followed at full size: perspective spreads the lines of a page."""
CLOSING_SIZE = 0.16
"""Side of the closing's square as a fraction of the picture's longer side: wider than any stroke."""
CLOSING_STROKES, MIN_CLOSING_SIZE = 6.0, 0.04
"""Once the strokes are known the square is this many of their widths wide, and no smaller than that fraction."""
MAX_LINE_TILT = 7.0
"""Degrees by which printed lines may rise or fall in a picture taken by hand."""
LINE_TILT_STEP = 0.5
"""Degrees between the tilts that are tried, small enough to follow a line to within about a pixel."""
MIN_LINE_COVERAGE = 0.75
"""Fraction of the picture's width or height along which a printed line is visible. A digit's stroke is shorter or curved."""
MIN_LINE_PART = 0.2
"""Lines at the tilt of others may leave the picture at a side: so much of their length is within it."""
MIN_LINE_STRENGTH = 10
"""Of 255: fainter lines are removed later, by the threshold."""
MIN_STROKE_THICKNESS = 0.018
"""Fraction of the longer side: a straight band at least this thick is a stroke, not a printed line."""
LINE_GAIN = 1.3
"""Factor on a line's median strength when it is subtracted; with less, its noise would remain."""

CHALK_SKEWNESS = 1.0
"""A dark picture whose differences from their surroundings are more skewed than this shows chalk on a board rather than
paper in the shade."""

MIN_CLASS_CONTRAST = 30
"""Of 255 of the background: where the means above and below the threshold differ by less, nothing is written."""
MIN_SIGNAL = 10.0
"""The same in standard deviations of the paper's noise."""
MIN_DEVIATIONS = 5.0
"""Ink is darker than its background by more than the median of the picture and so many standard deviations, in grey levels:
their noise varies less between light and shade than that of the share of the background. 5 is Rose's criterion."""
HYSTERESIS = 0.5
"""Fraction of the threshold down to which the edges of a stroke, and pale digits among dark ones, are followed."""
SPECK = 0.012
"""Fraction of the longer side: components smaller than this in both directions are specks."""
MIN_COMPONENT_SIZE = 0.2
"""Components smaller than this share of the usual one are dropped."""
MAX_FLATNESS = 6.0
"""A component more than so many times as wide as high is not written: a ruled line, a cable, an edge of the paper."""
BORDER_MARGIN = 0.006
"""Fraction of the longer side: so far around a dropped component its soft edge is dropped with it."""
MAX_BORDER_CONTACT = 0.35
"""A component along more of the border than this share of its size is no digit: a table, a shadow."""
BORDER_SIZES = 0.5, 2.0
"""A component at the border is a digit only if its size, in usual ones of those clear of the border, is in this range."""
ROUNDS = 3
"""So often what is no digit is dropped and the rest thresholded anew."""

Grey = NDArray[np.float32]
Levels = NDArray[np.uint8]


def is_photo(image: NDArray[np.uint8]) -> bool:
    """Whether ``image``, uint8 (H, W), (H, W, 3) or (H, W, 4), is a photograph or a scan, which ``clean`` is for.

    Raises ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if min(grey.shape) < MIN_PHOTO_SIZE or np.abs(grey - background_level(grey)).max() < MIN_CONTRAST:
        return False
    return is_uneven(grey, SCREEN_TOLERANCE) or has_grain(grey)


def clean(image: NDArray[np.uint8], closing_size: float = CLOSING_SIZE) -> NDArray[np.uint8]:
    """The ink of a photograph: (H, W) uint8, dark on white (255), the longer side at most ``PHOTO_SIZE`` pixels.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4), not empty. Where nothing is written the result is white; dark and
    pale digits are brought to the same strength. Strokes are narrower than ``closing_size`` of the longer side. Raises
    ``ValueError`` for another shape or type.
    """
    grey = brightness(image)
    if max(grey.shape) > PHOTO_SIZE:
        grey = resize(grey, PHOTO_SIZE)
    noise = _noise(grey.astype(np.uint8))
    if noise > SCREEN_TOLERANCE or is_uneven(grey, BACKGROUND_TOLERANCE):  # without noise a mean would only blur
        grey = ndimage.uniform_filter(grey, 3, mode="nearest")
    size = closing_size * max(grey.shape)
    if background_level(grey) < 128 and _is_chalk(grey, _odd(size)):
        grey = 255 - grey
    level = ground_level(grey) if closing_size == CLOSING_SIZE else None
    ink, significant = _without_illumination(grey, size, level)
    ink = _without_lines(ink)
    labels = _digit_labels(ink, significant)
    fine = CLOSING_STROKES * _stroke_width(labels)
    if level is None and 0 < fine < size / 2:  # the strokes are thin: a background estimated from nearer shows fewer shadows
        ink, significant = _without_illumination(grey, max(fine, MIN_CLOSING_SIZE * max(grey.shape)), None)
        ink = _without_lines(ink)
        labels = _digit_labels(ink, significant)
    strength = _strengths(ink, labels)[labels]
    strength = ndimage.maximum_filter(strength, 3, mode="nearest")  # the faint outer edges too
    shares = (ink.astype(np.float32) / np.maximum(strength, 1)).clip(0, 1)
    result: NDArray[np.uint8] = 255 - np.where(strength > 0, np.floor(255 * shares), 0).astype(np.uint8)
    return result


def _odd(size: float) -> int:
    """The odd number of pixels at or just below ``size`` that a filter needs."""
    return round(size) // 2 * 2 + 1


def _stroke_width(labels: NDArray[np.intp]) -> float:
    """The mean width of the strokes of the components in pixels, 0 without any: twice their area over their outline."""
    area = int(np.count_nonzero(labels))
    outline = int(np.count_nonzero((labels > 0) & (ndimage.minimum_filter(labels, 3, mode="nearest") == 0)))
    return 2 * area / max(outline, 1)


def _strengths(ink: Levels, labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """The strength of full ink of every component, 0 of the background: the upper quartile of its stronger half."""
    strengths = np.zeros(labels.max() + 1, np.float32)
    for label, area in enumerate(ndimage.find_objects(labels), 1):
        if area is not None:
            own = np.sort(ink[area][labels[area] == label])
            strong = own[own > own[-1] / 2]
            strengths[label] = strong[len(strong) * 3 // 4]
    return strengths


def _without_illumination(grey: Grey, size: float, level: float | None) -> tuple[Levels, NDArray[np.bool_]]:
    """By how much every pixel is darker than the background there, 0…255, and whether by more than noise would be.

    Strokes are narrower than ``size`` pixels. The background has the grey ``level`` everywhere, if it has one.
    """
    if level is None:
        background = ndimage.grey_closing(grey, size=(_odd(size), _odd(size)), mode="nearest")
    else:
        background = np.full_like(grey, level)
    ink: Levels = np.floor(255 * (1 - grey / np.maximum(background, 1))).clip(0, 255).astype(np.uint8)
    difference = np.floor(background - grey).astype(np.int16)
    median = np.median(difference)
    return ink, difference > median + MIN_DEVIATIONS * 1.4826 * np.median(np.abs(difference - median))


def _without_lines(ink: Levels) -> Levels:
    """``ink`` without printed lines, level or upright."""
    lines = np.maximum(_printed_lines(ink), _printed_lines(np.ascontiguousarray(ink.T)).T)
    rest: Levels = (ink - np.minimum(ink, LINE_GAIN * lines)).astype(np.uint8)
    return rest


def _is_chalk(grey: Grey, size: int) -> bool:
    """Whether the dark picture ``grey`` shows light ink: ink is rarer than the background and further from the mean."""
    inner = grey[size:-size, size:-size]  # without the border, where a dark table may show
    if inner.size == 0:
        return False
    difference = inner - ndimage.uniform_filter(inner, size, mode="nearest")
    variance = (difference**2).mean(dtype=np.float64)
    return bool((difference**3).mean(dtype=np.float64) > CHALK_SKEWNESS * variance**1.5)


def _printed_lines(ink: Levels) -> Levels:
    """Strength (H, W) of the straight, thin and nearly horizontal lines that cross the whole of ``ink``."""
    small = resize(ink, LINE_SEARCH_SIZE) if max(ink.shape) > LINE_SEARCH_SIZE else ink
    tilts = np.arange(-MAX_LINE_TILT, MAX_LINE_TILT + LINE_TILT_STEP / 2, LINE_TILT_STEP)
    found = [int(_line_profile(small, tilt)[0].sum(dtype=np.int64)) for tilt in tilts]
    best = np.zeros_like(ink)
    rows, columns = np.arange(ink.shape[0])[:, None], np.arange(ink.shape[1])
    for at in np.argsort(-np.array(found), kind="stable")[:MAX_TILTS]:
        if found[at] > 0:
            for tilt in tilts[at] + LINE_TILT_STEP / 2 * np.arange(-1, 2):
                strength, reach = _line_profile(ink, tilt, MIN_LINE_PART)
                np.maximum(best, strength.take(rows - _rise(ink, tilt, columns) + reach), out=best)
    thin: Levels = ink - ndimage.grey_opening(ink, (_thickness(ink), 1), mode="nearest")  # no stroke, and none that crosses
    np.minimum(best, thin, out=best)
    return best


def _line_profile(ink: Levels, tilt: float, part: float = 1.0) -> tuple[Levels, int]:
    """Strength of the line that rises by ``tilt`` degrees through every row of the middle column, of ``reach`` rows above
    and below the picture too; and ``reach``.

    The median of the ink along a line is the strength of the print, whatever is written across it. A line that leaves the
    picture goes on along its border; if at least ``part`` of it is within the picture, that part alone may be a line too.
    """
    height, width = ink.shape
    columns = np.arange(0, width, max(1, width // LINE_SAMPLES))
    rise = _rise(ink, tilt, columns)
    reach = int(np.ceil(width / 2 * np.tan(np.deg2rad(abs(tilt))) + 0.5))
    rows = np.arange(-reach, height + reach)[:, None] + rise
    along = ink.take(width * rows.clip(0, height - 1) + columns)
    count = ((rows >= 0) & (rows < height)).sum(axis=1)
    leaving = np.flatnonzero((count < len(columns)) & (count >= part * len(columns)))
    within = np.where((rows[leaving] >= 0) & (rows[leaving] < height), along[leaving], 255)  # what lies outside comes last
    strength = _visible(along, np.full(len(along), len(columns)))
    strength[leaving] = np.maximum(strength[leaving], _visible(within, count[leaving]))
    strength -= ndimage.grey_opening(strength, _thickness(ink), mode="nearest")
    return strength, reach


def _visible(along: Levels, count: NDArray[np.intp]) -> Levels:
    """(N,): the median of the ``count`` lowest values of each row of ``along`` (N, W), 0 where too few of them are ink."""
    faint = np.count_nonzero(along < MIN_LINE_STRENGTH, axis=1)
    seen = np.flatnonzero(faint <= (count * (1 - MIN_LINE_COVERAGE)).astype(np.intp))
    strength = np.zeros(len(along), np.uint8)
    strength[seen] = np.sort(along[seen], axis=1)[np.arange(len(seen)), count[seen] // 2]
    return strength


def _rise(ink: Levels, tilt: float, columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many rows below its place in the middle column a line that rises by ``tilt`` degrees is in ``columns``."""
    rise: NDArray[np.intp] = np.floor((columns - ink.shape[1] / 2) * np.tan(np.deg2rad(tilt)) + 0.5).astype(np.intp)
    return rise


def _thickness(ink: Levels) -> int:
    """In pixels, how thick a stroke is at least."""
    return max(3, _odd(MIN_STROKE_THICKNESS * max(ink.shape)))


def _digit_labels(ink: Levels, significant: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Which component every pixel of ``ink`` (H, W) belongs to, 0 where nothing is written.

    Nothing is written where ``ink`` is not ``significant``. Components that are no digits are dropped, and the rest is
    thresholded again, as long as something remains.
    """
    result = np.zeros(ink.shape, np.intp)
    noise = _noise(ink)
    margin = 2 * max(1, round(BORDER_MARGIN * max(ink.shape))) + 1
    for turn in range(ROUNDS):
        threshold = _threshold(ink, noise)
        if threshold is None:
            break
        labels, count = ndimage.label(significant & (ink > HYSTERESIS * threshold), np.ones((3, 3)))
        large, kept, at_border = _sorted_out(labels, count)
        if not kept.any():
            return np.where(large[labels], labels, 0) if turn == 0 else result
        result = np.where(kept[labels], labels, 0)
        dropped = at_border & ~kept
        if not dropped.any():
            break
        ink = np.where(ndimage.maximum_filter(dropped[labels], margin, mode="nearest"), 0, ink).astype(np.uint8)
    return result


def _noise(ink: Levels) -> float:
    """Standard deviation of the noise of ``ink``, from the median difference of neighbours."""
    return float(1.4826 / np.sqrt(2) * np.median(np.abs(np.diff(ink.astype(np.float32), axis=1))))


def _sorted_out(labels: NDArray[np.intp], count: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """(count + 1,) each: whether a component is no speck, may be a digit or a part of one, touches the border."""
    boxes = [(c.start, r.start, c.stop, r.stop) for r, c in ndimage.find_objects(labels)]
    left, top, right, bottom = np.array([(0, 0, 0, 0), *boxes]).T
    size = np.maximum(right - left, bottom - top)
    large = size >= SPECK * max(labels.shape)
    edges = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    contact = np.sum([np.bincount(edge, minlength=count + 1) for edge in edges], axis=0)
    large[0], contact[0] = False, 0
    flat = right - left > MAX_FLATNESS * (bottom - top)
    inner = large & ~flat & (contact == 0)
    kept = large & ~flat & (contact <= MAX_BORDER_CONTACT * size)
    if inner.any():
        usual = _usual(size[inner])
        kept &= (contact == 0) | ((size >= BORDER_SIZES[0] * usual) & (size <= BORDER_SIZES[1] * usual))
        kept &= size >= MIN_COMPONENT_SIZE * usual
    return large, kept, contact > 0


def _usual(sizes: NDArray[np.intp]) -> float:
    """The median of ``sizes``, where each counts as often as it is large."""
    ordered = np.sort(sizes)
    return float(ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)])


def _threshold(ink: Levels, noise: float) -> int | None:
    """Otsu's threshold of ``ink``, or that of its pixels above it: the first whose two classes differ enough."""
    from skimage.filters import threshold_otsu  # imported only for a photograph: it would delay the start

    dark = ink.ravel()
    for _ in range(2):
        if dark.min() == dark.max():
            return None
        threshold = int(threshold_otsu(dark))
        strong = dark > threshold
        if dark[strong].mean() - dark[~strong].mean() >= max(MIN_CLASS_CONTRAST, MIN_SIGNAL * noise):
            return threshold
        dark = dark[strong]
    return None
