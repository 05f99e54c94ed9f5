"""The page: draw a digit, see it recognised; look at the network behind it. ``python app.py`` serves it."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import sys
from functools import cache
from typing import TypeGuard
from urllib.parse import quote

import gradio as gr
import numpy as np
import torch
from starlette.middleware import Middleware

from export import WEB, WEIGHTS, draw_html
from guard import MAX_UPLOAD, Guard, Uploads, upload_component
from mnist_cnn import checkpoint
from mnist_cnn.confidence import Confidence, load_confidence
from mnist_cnn.drawing import DrawingError, decode, pixel_count
from mnist_cnn.export import export
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.numbers import group_strokes
from mnist_cnn.predict import Prediction, answer_of, predict
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.strokes import Stroke, normalise_strokes
from tabs.architecture import build_architecture
from tabs.results import build_results

MAX_STROKES, MAX_POINTS = 500, 5_000
"""More is not from a hand; points are counted over all strokes."""

AT_ONCE_PIXELS = 400_000
"""Smaller pictures are read where requests are handled. It takes some milliseconds, and a thread, which has to win Python's
lock back after every step, would keep the others waiting for longer: ``benchmarks.load`` shows it."""
ANSWERS_A_SUMMARY = "1000"
"""Answers after which Gradio computes its statistics anew; it would after each."""
SECONDS_A_STATUS = 10
"""Between two words to those who wait for an answer. Gradio would tell all of them whenever one is answered."""

# A template without ${value} is put on the page once and never again, so what this module draws stays.
DEMO_JS = """
import(new URL(`gradio_api/file=${props.web}/demo.js`, document.baseURI))
  .then(({ mountDemo }) => mountDemo(element, props.network, (drawing) => server.check_drawing(drawing)))
  .catch((error) => {
    element.querySelector('.pad-wait').textContent = 'The pad could not be loaded. Reload the page to try again.';
    console.error(error);
  });
"""

INSIDE_JS = """
import(new URL(`gradio_api/file=${props.web}/inside.js`, document.baseURI))
  .then(({ mountInside }) => mountInside(element.querySelector('.inside')))
  .catch((error) => {
    element.querySelector('.inside-hint').textContent = 'This could not be loaded. Reload the page to try again.';
    console.error(error);
  });
"""


@cache
def network() -> torch.nn.Sequential:
    """The network that answers, its first and slowest pass behind it. Raises ``WeightsError``."""
    net = checkpoint.load(WEIGHTS / DEFAULT)
    predict(net, np.tri(IMAGE_SIZE, dtype=np.uint8) * 255)
    return net


@cache
def certainty() -> Confidence | None:
    """How sure ``network()`` is. Raises ``WeightsError``."""
    return load_confidence(WEIGHTS / DEFAULT, network())


def check_drawing(drawing: object) -> str:
    """What PyTorch says of the strokes that the visitor's browser has just read, beside the browser's own answer.

    ``drawing`` is what ``web/demo.js`` hands on: ``{"strokes": points in 0…1, "number": all digits in a row,
    "seen": 784 grey levels a digit}``.
    """
    strokes = drawing.get("strokes") if isinstance(drawing, dict) else None
    if not _are_strokes(strokes):
        return "The server was sent something that is not a drawing. Reload the page."
    groups = group_strokes(strokes, network())
    images = [seen for group in groups if (seen := normalise_strokes([strokes[i] for i in group])) is not None]
    if not images:
        return ""
    assert isinstance(drawing, dict)
    number = "".join(str(answer_of(network(), seen)["digit"]) for seen in images)
    if drawing.get("number") != number:
        return f"PyTorch on the server reads {number}."
    equal = drawing.get("seen") == [seen.flatten().tolist() for seen in images]
    return "PyTorch on the server agrees." if equal else "PyTorch on the server agrees, though it saw another image."


def _are_strokes(strokes: object) -> TypeGuard[list[Stroke]]:
    """Whether a value from the page, which could be anything, is a list of strokes from a hand."""
    if type(strokes) is not list or len(strokes) > MAX_STROKES or not all(type(stroke) is list for stroke in strokes):
        return False
    if sum(map(len, strokes)) > MAX_POINTS:
        return False
    return all(
        type(point) is list and len(point) == 2 and all(type(value) in (int, float) and 0 <= value <= 1 for value in point)
        for stroke in strokes
        for point in stroke
    )


async def recognise_file(image: bytes | None) -> Prediction:
    """Recognise the handwritten digits in a picture, dark on light or light on dark, at most 10 MB.

    Returns digit (0 to 9, the best guess, or null when there is not one digit), probabilities (of 0 to 9, calibrated),
    verdict (in words), candidates (two digits when the verdict is "unsure"), seen (the 28 rows of 28 grey levels, 0 to 255,
    that the network saw), number (all digits in a row) and digits (the same five for each digit from left to right, and
    its box: left, top, right, bottom in pixels).
    """
    content = image or b""
    try:
        if pixel_count(content) <= AT_ONCE_PIXELS:
            return _read_file(content)
        return await asyncio.to_thread(_read_file, content)
    except DrawingError as error:
        raise gr.Error(str(error), print_exception=False) from error


def _read_file(content: bytes) -> Prediction:
    picture, size = decode(content)
    return predict(network(), picture, certainty(), size=size)


def network_urls() -> dict[str, str]:
    """The default network for the browser, within the page: no request that could fail, and none to another replica."""
    exported = export(network(), DEFAULT, certainty())
    contents = {"description": json.dumps(exported.description).encode(), "weights": exported.weights}
    return {name: f"data:;base64,{base64.b64encode(content).decode()}" for name, content in contents.items()}


def build_page(uploads: Uploads) -> gr.Blocks:
    """The Gradio page, whose ``/predict`` reads ``uploads``.

    Raises ``WeightsError`` when the default network's weights cannot be used.
    """
    certainty()  # a broken weights folder is told at the start, not to the first visitor
    gr.set_static_paths([WEB])
    total = sum(row.params for row in trace(network()))

    page: gr.Blocks
    with gr.Blocks(title="Draw a digit", analytics_enabled=False, elem_id="page") as page:
        gr.HTML(
            f"<header><h1>Draw a digit.</h1><p>{total:,} parameters read it.</p></header>",
            elem_id="top",
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Draw", id="draw"):
                gr.HTML(
                    html_template=draw_html(),
                    js_on_load=DEMO_JS,
                    server_functions=[check_drawing],
                    web=quote(WEB.as_posix()),
                    network=network_urls(),
                    elem_id="draw",
                )
            with gr.Tab("Inside", id="inside"):
                gr.HTML(
                    html_template=(WEB / "inside.html").read_text("utf-8"),
                    js_on_load=INSIDE_JS,
                    web=quote(WEB.as_posix()),
                    elem_id="inside",
                )
            with gr.Tab("Architecture", id="architecture"):
                build_architecture()
            with gr.Tab("Results", id="results"):
                build_results()

        upload = upload_component(uploads, "A picture of a digit")
        result = gr.JSON(visible=False)

        upload.upload(recognise_file, upload, result, api_name="predict", concurrency_limit=2)
    page.queue(status_update_rate=SECONDS_A_STATUS)
    return page


def main() -> int:
    """Serve the page until it is stopped; 1 when it cannot start."""
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    torch.set_num_threads(1)  # one small image gains nothing from threads, and visitors share the cores
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", ANSWERS_A_SUMMARY)
    os.environ.setdefault("MPLBACKEND", "agg")  # Gradio asks matplotlib, where it is installed; to choose takes it a second
    uploads = Uploads()
    try:
        page = build_page(uploads)
    except checkpoint.WeightsError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    gc.collect()
    gc.freeze()  # what is loaded stays: visitors need not wait while all of it is walked through for garbage
    try:
        page.launch(
            server_port=port,
            theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
            css_paths=WEB / "page.css",
            footer_links=["api"],
            run_history=False,
            ssr_mode=False,
            max_file_size=MAX_UPLOAD,
            app_kwargs={"middleware": [Middleware(Guard, uploads=uploads)]},
        )
    except OSError as error:
        print(f"app.py: port {port} cannot be used; choose another with GRADIO_SERVER_PORT ({error})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
