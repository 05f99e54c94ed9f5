"""From a drawing or a photograph to a 28×28 image in MNIST's format. ``web/engine/`` does the same in the browser.

In the order in which the modules build on each other: ``raster``, ``photo``, ``picture``, ``strokes``,
``lines``, ``rows``, ``segmentation``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.image_file import DrawingError, decode
from mnist_cnn.drawing.picture import ink_of, normalise_ink

__all__ = ["DrawingError", "decode", "normalise"]


def normalise(image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """All ink of ``image`` as one digit of MNIST: (28, 28) uint8, bright ink on 0, or ``None`` when nothing is drawn.

    ``image`` is uint8, (H, W), (H, W, 3) or (H, W, 4), dark ink on a light background or the reverse. A photograph is
    cleaned first. Raises ``ValueError`` for another shape or type.
    """
    return normalise_ink(ink_of(image))
