"""What a visitor drew or brought -> 28×28 grey levels as MNIST has them. ``web/engine/`` is the twin in the browser."""

from mnist_cnn.drawing.image_file import DrawingError, decode
from mnist_cnn.drawing.picture import normalise

__all__ = ["DrawingError", "decode", "normalise"]
