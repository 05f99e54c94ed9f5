"""The tabs *Draw* and *Inside*: the network for the browser, and PyTorch's check of the browser's answer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TypeGuard
from urllib.parse import quote

import gradio as gr
import numpy as np
import torch

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export
from mnist_cnn.confidence import Confidence, load_confidence
from mnist_cnn.drawing.strokes import MAX_POINTS, MAX_STROKES, Stroke
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.predict import number_of, predict, read_strokes
from mnist_cnn.recipes import DEFAULT
from page.play import in_base64, play_data
from page.templates import WEB, data_url, draw_html, gradio_script, template

PRIVACY = "Strokes go to this server for the check by PyTorch and are not kept. Photos never leave your device."
CALL_DRAW = (
    "({ mountDemo }, { mountLine }, { setSource }) => { setSource((name) => server.load_data(name)); mountLine(element); "
    "return mountDemo(element, props.network, (drawing) => server.check_drawing(drawing)); }"
)
CALL_INSIDE = "({ mountInside }) => mountInside(element.querySelector('.inside'))"


def build_draw() -> None:
    """Add the pad and its answer to the Gradio page being built. Raises ``WeightsError``."""
    gr.set_static_paths([WEB])
    gr.HTML(
        html_template=draw_html(PRIVACY),
        js_on_load=gradio_script(["pad/demo.js", "play/line.js", "pad/data.js"], CALL_DRAW, hints=".pad-wait"),
        server_functions=[check_drawing, load_data],
        web=quote(WEB.as_posix()),
        network=network_urls(),
        elem_id="draw",
    )


def build_inside() -> None:
    """Add the tab's component to the Gradio page being built."""
    gr.HTML(
        html_template=template("inside/inside.html"),
        js_on_load=gradio_script(["inside/inside.js"], CALL_INSIDE, hints=".inside-hint"),
        web=quote(WEB.as_posix()),
        elem_id="inside",
    )


_chosen: Path | None = None


def show(folder: Path | None) -> None:
    """Read what is drawn and sent with the network of ``folder``; ``None`` is the default one."""
    global _chosen
    _chosen = folder
    network.cache_clear()
    certainty.cache_clear()


def _folder() -> Path:
    return _chosen or checkpoint.SHIPPED / DEFAULT


@cache
def network() -> torch.nn.Sequential:
    """The network of the page, after its first pass, which is the slowest. Raises ``WeightsError``."""
    net = checkpoint.load(_folder())
    predict(net, np.tri(IMAGE_SIZE, dtype=np.uint8) * 255)
    return net


@cache
def certainty() -> Confidence | None:
    """The confidence fitted for ``network()``, or ``None`` if there is none. Raises ``WeightsError``."""
    return load_confidence(_folder(), network())


def check_drawing(drawing: object) -> str:
    """A sentence that says whether PyTorch reads the strokes as the visitor's browser does.

    ``drawing`` is what ``web/pad/demo.js`` sends: ``{"strokes": points in 0…1, "number": all digits in a row,
    "seen": 784 grey levels per digit}``.
    """
    strokes = drawing.get("strokes") if isinstance(drawing, dict) else None
    if not _are_strokes(strokes):
        return "The server was sent something that is not a drawing. Reload the page."
    digits = read_strokes(network(), strokes, certainty())  # the browser leaves out what is not a digit, too
    if not digits:
        return ""
    assert isinstance(drawing, dict)
    number = number_of(digits)
    if drawing.get("number") != number:
        return f"PyTorch on the server reads {number.replace(chr(10), ', new line, ') or 'no digit'}."
    equal = drawing.get("seen") == [[level for row in digit["seen"] for level in row] for digit in digits]
    return "PyTorch on the server agrees." if equal else "PyTorch on the server agrees, although it saw a different image."


def load_data(name: object) -> str:
    """The packed file called ``name`` in base64, for a part of the page that has been opened; empty if there is none."""
    found = play_data(_folder()).get(name) if isinstance(name, str) else None
    return "" if found is None else in_base64(found())


def _are_strokes(strokes: object) -> TypeGuard[list[Stroke]]:
    """Whether a value from the page, which could be anything, is a list of strokes drawn by hand."""
    if type(strokes) is not list or len(strokes) > MAX_STROKES or not all(type(stroke) is list for stroke in strokes):
        return False
    if sum(map(len, strokes)) > MAX_POINTS:
        return False
    return all(
        type(point) is list and len(point) == 2 and all(type(value) in (int, float) and 0 <= value <= 1 for value in point)
        for stroke in strokes
        for point in stroke
    )


def network_urls() -> dict[str, str]:
    """The network as data URLs: they need no request, which could fail or reach another replica."""
    exported = export(network(), checkpoint.load_recipe(_folder()).name, certainty())
    contents = {"description": json.dumps(exported.description).encode(), "weights": exported.weights}
    return {name: data_url(content) for name, content in contents.items()}
