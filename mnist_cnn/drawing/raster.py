"""Grey pictures: the brightness of what a file or a canvas holds, and another size for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
MIN_CONTRAST = 24
"""What differs from its ground by less than this, of 255, is taken for noise."""


def brightness(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Brightness (H, W), 0…255, transparent pixels laid over white, or over black where white would hide all ink.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4). Raises ``ValueError`` for another shape or type.
    """
    if image.dtype != np.uint8:
        raise ValueError(f"a drawing must be uint8, not {image.dtype}")
    if image.ndim == 2:
        return image.astype(np.float32)
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        raise ValueError(f"a drawing must be (H, W), (H, W, 3) or (H, W, 4), not {image.shape}")
    grey: NDArray[np.float32] = image[:, :, :3].astype(np.float32) @ LUMA
    if image.shape[2] == 3:
        return grey
    alpha = image[:, :, 3].astype(np.float32) / np.float32(255)
    on_black: NDArray[np.float32] = grey * alpha
    on_white: NDArray[np.float32] = on_black + np.float32(255) * (1 - alpha)
    hidden = np.ptp(on_white) < MIN_CONTRAST <= 255 * np.ptp(alpha)
    return on_black if hidden else on_white


def ground_level(grey: NDArray[np.float32]) -> float:
    """What most of the border of ``grey`` (H, W) shows."""
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def resize(grey: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """``grey`` (H, W) scaled with its shape kept so that its longest side has ``longest`` pixels."""
    height, width = grey.shape
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def part_with(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """The rows and columns of (H, W) that hold all of ``mask``, which is not empty, and ``margin`` pixels around it."""
    top, bottom = np.flatnonzero(mask.any(axis=1)).take([0, -1]).tolist()
    left, right = np.flatnonzero(mask.any(axis=0)).take([0, -1]).tolist()
    return slice(max(0, top - margin), bottom + margin + 1), slice(max(0, left - margin), right + margin + 1)
