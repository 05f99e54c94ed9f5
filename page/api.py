"""The HTTP API: ``/predict`` reads an image file.

Its limits are constants in ``page/guard.py`` (bytes, seconds) and ``mnist_cnn/drawing/image_file.py`` (pixels).
"""

from __future__ import annotations

import asyncio

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_cnn.drawing import DrawingError, decode
from mnist_cnn.drawing.image_file import pixel_count
from mnist_cnn.drawing.photo import is_photo
from mnist_cnn.predict import Prediction, predict
from page.draw import certainty, network
from page.guard import Uploads, upload_component

AT_ONCE_PIXELS, AT_ONCE_COMPONENTS = 400_000, 16
"""A picture of no more pixels and connected components, ink and paper, which is no photograph, is read on the event loop: it
takes a few milliseconds. A thread would delay other requests for longer, because it would compete for the interpreter lock
after every step, as ``python -m benchmarks.load`` shows. Many components, such as those of noise, take up to seconds."""
SAMPLED_SIDE = 125
"""Components are counted on so many pixels a side, because counting takes time too."""


async def recognise_file(image: bytes | None) -> Prediction:
    """Recognise the handwritten digits in a picture, dark on light or light on dark, at most 16 MB.

    Returns digit (0 to 9, the best guess, or null when there is not one digit), probabilities (of 0 to 9, calibrated),
    verdict (in words), candidates (two digits when the verdict is "unsure"), seen (the 28 rows of 28 grey levels, 0 to 255,
    that the network saw), number (all digits as a string, lines separated by a newline, without what does not look like a
    digit) and digits (for each digit, line by line from left to right, the first five fields, its line, and its box: left,
    top, right, bottom in pixels; and wrong_way_round where it does not look like a digit, but surely would if it were
    mirrored or turned).
    """
    content = image or b""
    try:
        if pixel_count(content) > AT_ONCE_PIXELS:
            return await asyncio.to_thread(_read_file, content)
        picture, size = decode(content)
    except DrawingError as error:
        raise gr.Error(str(error), print_exception=False) from error
    if _is_quick(picture):
        return predict(network(), picture, certainty(), size=size)
    return await asyncio.to_thread(predict, network(), picture, certainty(), size=size)


def _is_quick(picture: NDArray[np.uint8]) -> bool:
    if is_photo(picture):
        return False
    step = -(-max(picture.shape[:2]) // SAMPLED_SIDE)
    sample = picture[::step, ::step].reshape(*picture[::step, ::step].shape[:2], -1).mean(axis=2)
    dark = sample < (sample.min() + sample.max()) / 2
    return sum(int(ndimage.label(part, np.ones((3, 3)))[1]) for part in (dark, ~dark)) <= AT_ONCE_COMPONENTS


def _read_file(content: bytes) -> Prediction:
    picture, size = decode(content)
    return predict(network(), picture, certainty(), size=size)


def build_api(uploads: Uploads) -> None:
    """Add the endpoint, which reads ``uploads``, to the Gradio page being built."""
    upload = upload_component(uploads, "A picture of a digit")
    result = gr.JSON(visible=False)
    upload.upload(recognise_file, upload, result, api_name="predict", concurrency_limit=2)
