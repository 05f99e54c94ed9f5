"""What tests measure on an image's strokes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.picture import BOX_SIZE, BOX_THRESHOLD, OVERSAMPLING, measure_strokes
from mnist_cnn.drawing.raster import bounding_box, resize


def stroke_width(image: NDArray[np.uint8]) -> float:
    """Mean width of the strokes of ``image`` (H, W), bright ink on 0, in pixels after scaling its ink to 20×20."""
    box = image[bounding_box(image >= BOX_THRESHOLD * image.max())].astype(np.float32)
    return measure_strokes(resize(box, OVERSAMPLING * BOX_SIZE))[0] / OVERSAMPLING
