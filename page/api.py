"""The HTTP API: ``/predict`` reads an image file.

Its limits are constants in ``page/guard.py`` (bytes, seconds) and ``mnist_cnn/drawing/image_file.py`` (pixels).
"""

from __future__ import annotations

import asyncio

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing import DrawingError, decode
from mnist_cnn.drawing.image_file import pixel_count
from mnist_cnn.predict import Prediction, predict
from page.draw import certainty, network
from page.guard import Uploads, upload_component

AT_ONCE_PIXELS, AT_ONCE_LEVELS, AT_ONCE_EDGES = 400_000, 40, 0.18
"""A picture of fewer pixels, brightnesses, and edges for its pixels is read on the event loop: it takes a few milliseconds.
A thread would delay other requests for longer, because it would compete for the interpreter lock after every step, as
``python -m benchmarks.load`` shows. Of photographs, which take .4 s, a sample has 40 brightnesses or more, of a digit from
the pad 10; of noise, which takes up to 2.5 s, 24 % of neighbours differ, of digits by strangers 13 % at most."""
SAMPLED_SIDE = 50
"""So many pixels a side are looked at, because looking takes time too."""


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
    """Whether reading ``picture`` takes milliseconds."""
    step = -(-max(picture.shape[:2]) // SAMPLED_SIDE)
    sample = picture[::step, ::step]
    levels = sample if sample.ndim == 2 else sample[..., 1]
    dark = levels < (int(levels.min()) + int(levels.max())) / 2
    edges = np.count_nonzero(dark[:, 1:] != dark[:, :-1]) + np.count_nonzero(dark[1:] != dark[:-1])
    few_levels = int(np.count_nonzero(np.bincount(levels.ravel()))) < AT_ONCE_LEVELS
    return few_levels and bool(edges < AT_ONCE_EDGES * 2 * dark.size)


def _read_file(content: bytes) -> Prediction:
    picture, size = decode(content)
    return predict(network(), picture, certainty(), size=size)


def build_api(uploads: Uploads) -> None:
    """Add the endpoint, which reads ``uploads``, to the Gradio page being built."""
    upload = upload_component(uploads, "A picture of a digit")
    result = gr.JSON(visible=False)
    upload.upload(recognise_file, upload, result, api_name="predict", concurrency_limit=2)
