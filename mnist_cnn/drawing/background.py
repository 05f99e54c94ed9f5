"""The background of a picture: whether it is even, has the grain of paper or a camera's noise, and is of one grey level.

``web/engine/background.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_cnn.drawing.raster import (
    BACKGROUND_TOLERANCE,
    MIN_CONTRAST,
    MIN_FLAT_SHARE,
    background_level,
    bounding_box,
    resize,
)

MIN_PHOTO_SIZE = 64
"""Pixels per side: smaller pictures are never photographs."""
SCREEN_TOLERANCE = 2.5
"""Grey levels by which the background of a picture that was drawn on a screen varies at most: of the 225 shared ones of at
least 64×64 pixels none varies more."""
ROUNDING = 0.01
"""Grey levels by which the brightness of equal pixels may differ."""
STRONG_INK = 72
"""Ink that differs from the background by at least this many grey levels may be strong; printed lines on an empty sheet
mostly differ by less."""
INK_NEIGHBOURHOOD = 0.1
"""Fraction of the shorter side. This close to strong ink, soft edges and JPEG ringing do not indicate a photograph."""
GROUND_SIZE = 200
"""Pixels of the longer side of the copy on which the background is looked for: it changes slowly."""
GROUND_CLOSING = 0.24
"""Side of that closing's square as a fraction of the longer side: half as wide again as ``photo.CLOSING_SIZE``, because a
blot of ink is wider than a stroke."""

Grey = NDArray[np.float32]


def is_uneven(grey: Grey, tolerance: float) -> bool:
    """Whether the background of ``grey`` (H, W), where no ink is near, varies by more than ``tolerance`` grey levels."""
    difference = np.abs(grey - background_level(grey))
    strong = difference >= max(STRONG_INK, difference.max() / 2)
    far = np.ones_like(strong)
    if strong.any():
        reach = max(1, round(INK_NEIGHBOURHOOD * min(grey.shape)))
        area = bounding_box(strong, reach)
        uneven = np.count_nonzero(difference > tolerance) - np.count_nonzero(strong)
        if uneven <= (1 - MIN_FLAT_SHARE) * (strong.size - strong[area].size):
            return False  # wherever the uneven pixels lie: this saves the filter for most drawings
        far[area] = ~ndimage.maximum_filter(strong[area], 2 * reach + 1, mode="nearest")
    return bool(far.any() and np.mean(difference[far] <= tolerance) < MIN_FLAT_SHARE)


def is_grain(grey: Grey) -> NDArray[np.bool_]:
    """Where a pixel of ``grey`` (H, W) differs from the one on its left, which the first of a row does not."""
    return np.abs(np.diff(grey, axis=1, prepend=grey[:, :1])) > ROUNDING


def has_grain(grey: Grey) -> bool:
    """Whether most neighbours in ``grey`` (H, W) differ, as they do on paper and not on a screen."""
    return bool(np.count_nonzero(is_grain(grey)) > 0.5 * (grey.size - len(grey)))


def ground_level(grey: Grey) -> float | None:
    """The grey level of the background of ``grey`` (H, W), whose ink is dark; ``None`` if it has more than one.

    A shadow and light that falls off give it several.
    """
    small = resize(grey, GROUND_SIZE) if max(grey.shape) > GROUND_SIZE else grey
    side = round(GROUND_CLOSING * max(small.shape)) // 2 * 2 + 1
    ground = ndimage.grey_closing(small, size=(side, side), mode="nearest")
    level = np.median(ground)
    if np.mean(np.abs(ground - level) <= BACKGROUND_TOLERANCE) < MIN_FLAT_SHARE:
        return None
    return float(np.median(small[np.abs(small - level) < MIN_CONTRAST]))  # the closing is as light as the lightest grain
