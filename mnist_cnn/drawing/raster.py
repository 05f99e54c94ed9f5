"""Grey-level pictures: brightness, ink against the background, resizing.

``web/engine/raster.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LUMA_WEIGHTS = 0.299, 0.587, 0.114
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
MIN_CONTRAST = 24
"""Grey levels of 255: smaller differences from the background are taken for noise."""
FAINT_CONTRAST = 8
"""On a ground of one colour, which has no noise, only smaller differences are."""
FLAT_SHARE = 0.8
"""Such a ground is at least this much of the picture. Of noise, half would be lighter and half darker than the median."""

BACKGROUND_TOLERANCE = 6
"""Grey levels by which a background of one colour varies where it was scanned or saved as JPEG."""
MIN_FLAT_SHARE = 0.98
"""Of such a background at least this share is within its tolerance: a speck or an artefact of JPEG may lie on it."""

Grey = TypeVar("Grey", NDArray[np.float32], NDArray[np.uint8])


def brightness(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Brightness (H, W), 0…255, of ``image``, uint8 (H, W), (H, W, 3) or (H, W, 4).

    Transparency is composited over white, or over black where white would hide all ink.
    Raises ``ValueError`` for another shape or type.
    """
    if image.dtype != np.uint8:
        raise ValueError(f"a drawing must be uint8, not {image.dtype}")
    if image.ndim == 2:
        return image.astype(np.float32)
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        raise ValueError(f"a drawing must be (H, W), (H, W, 3) or (H, W, 4), not {image.shape}")
    grey: NDArray[np.float32] = image[:, :, :3].astype(np.float32) @ np.array(LUMA_WEIGHTS, np.float32)
    if image.shape[2] == 3:
        return grey
    alpha = image[:, :, 3].astype(np.float32) / np.float32(255)
    on_black: NDArray[np.float32] = grey * alpha
    on_white: NDArray[np.float32] = on_black + np.float32(255) * (1 - alpha)
    hidden = np.ptp(on_white) < MIN_CONTRAST <= 255 * np.ptp(alpha)
    return on_black if hidden else on_white


def background_level(grey: NDArray[np.float32]) -> float:
    """The median grey level of the border of ``grey`` (H, W)."""
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def foreground(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Strength of the ink (H, W): 0 on the background of ``grey`` (H, W), at most 255.

    On a light background dark pixels are ink, on a dark background light ones.
    """
    if grey.size == 0:
        return grey
    background = np.float32(background_level(grey))
    ink: NDArray[np.float32] = background - grey if background >= 128 else grey - background
    return ink.clip(min=0)


def is_blank(ink: NDArray[np.float32]) -> bool:
    """Whether ``ink`` (H, W), as ``foreground`` gives it, is too faint to be more than noise."""
    peak = ink.max(initial=np.float32(0))
    return bool(peak < FAINT_CONTRAST or (peak < MIN_CONTRAST and np.mean(ink == 0) < FLAT_SHARE))


def usual_level(ink: NDArray[np.float32]) -> float:
    """How strong most of ``ink`` (H, W) is: its mean weighted by itself, so that background and dark dots hardly count."""
    return float(np.square(ink, dtype=np.float64).sum() / ink.sum(dtype=np.float64))


def resize(grey: Grey, longest: int) -> Grey:
    """``grey`` (H, W) scaled so that its longer side has ``longest`` pixels, by Pillow's box filter."""
    height, width = grey.shape
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def bounding_box(mask: NDArray[np.bool_], margin: int = 0) -> tuple[slice, slice]:
    """The rows and columns of (H, W) that hold all of ``mask``, which is not empty, and ``margin`` pixels around it."""
    top, bottom = np.flatnonzero(mask.any(axis=1)).take([0, -1]).tolist()
    left, right = np.flatnonzero(mask.any(axis=0)).take([0, -1]).tolist()
    return slice(max(0, top - margin), bottom + margin + 1), slice(max(0, left - margin), right + margin + 1)
