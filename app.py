"""The page: draw a digit, see it recognised; look at the network behind it. ``python app.py`` serves it."""

from __future__ import annotations

import base64
import json
import os
import sys
from functools import cache
from html import escape
from statistics import mean, stdev
from typing import TypeGuard
from urllib.parse import quote

import gradio as gr
import numpy as np
import torch

from export import WEB, WEIGHTS, draw_html
from mnist_cnn import checkpoint
from mnist_cnn.confidence import Confidence, load_confidence
from mnist_cnn.drawing import DrawingError, decode, sent_size
from mnist_cnn.export import export
from mnist_cnn.model import IMAGE_SIZE, build, parameter_count
from mnist_cnn.numbers import group_strokes
from mnist_cnn.predict import Prediction, answer_of, predict
from mnist_cnn.receptive_field import Row, trace
from mnist_cnn.recipes import DEFAULT, PARAMETER_BUDGET, RECIPES
from mnist_cnn.seed_document import PRINTED, differences
from mnist_cnn.strokes import Stroke, normalise_strokes

MAX_STROKES, MAX_POINTS = 500, 5_000
"""More is not from a hand; points are counted over all strokes."""
MAX_UPLOAD = "10mb"

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

    ``drawing`` is what ``web/demo.js`` hands on: ``{"strokes": points in 0…1, "number": all digits in a row, "seen": 784 grey
    levels a digit}``.
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


def recognise_file(image: bytes | None) -> Prediction:
    """Recognise the handwritten digits in a picture, dark on light or light on dark, at most 10 MB.

    Returns digit (0 to 9, the best guess, or null when there is not one digit), probabilities (of 0 to 9, calibrated),
    verdict (in words), candidates (two digits when the verdict is "unsure"), seen (the 28 rows of 28 grey levels, 0 to 255,
    that the network saw), number (all digits in a row) and digits (the same five for each digit from left to right, and
    its box: left, top, right, bottom in pixels).
    """
    try:
        picture = decode(image or b"")
        return predict(network(), picture, certainty(), size=sent_size(image or b""))
    except DrawingError as error:
        raise gr.Error(str(error), print_exception=False) from error


def architecture(name: str) -> str:
    """HTML: what the recipe called ``name`` changes, where its parameters are, and its layer table."""
    recipe = RECIPES[name]
    rows = trace(build(recipe))
    total = sum(row.params for row in rows)
    segments = "".join(
        f'<span style="flex-grow:{row.params}" title="{row.name}: {row.params:,}">'
        f"{row.name if row.params > PARAMETER_BUDGET * 0.12 else ''}</span>"
        for row in rows
        if row.params
    )
    printed = PRINTED.get(name)  # iterations of our own are not in the seed document
    notes = "".join(f"<li>{escape(note)}</li>" for note in (differences(printed, rows) if printed else []))
    notes = f'<h2>Where the seed document differs</h2><ul class="notes">{notes}</ul>' if notes else ""
    # ReLU and log-softmax have no window, no parameters and keep every size
    body = "".join(_table_row(row) for row in rows if not row.name.startswith(("relu", "log_softmax")))
    return f"""
<p class="lead">{escape(recipe.change)}</p>
<p class="count" role="status"><strong>{total:,}</strong> parameters of a budget of {PARAMETER_BUDGET:,}</p>
<div class="budget" role="img" aria-label="{total:,} of {PARAMETER_BUDGET:,} parameters are used">
{segments}<span class="budget-free" style="flex-grow:{PARAMETER_BUDGET - total}"></span></div>
<div class="table-frame" tabindex="0" role="region" aria-label="Layer table">
<table class="layers">
<thead><tr><th scope="col">Layer</th><th>Channels in</th><th>Channels out</th><th>Kernel</th><th>Stride</th>
<th>Padding</th><th>Output</th><th>Receptive field</th><th>Jump</th><th>Parameters</th></tr></thead>
<tbody><tr><th scope="row">input</th><td>1</td><td>1</td><td>–</td><td>–</td><td>–</td><td>28×28</td><td>1×1</td>
<td>1</td><td>–</td></tr>{body}</tbody>
<tfoot><tr><th scope="row">total</th><td colspan="8"></td><td>{total:,}</td></tr></tfoot></table></div>
<p class="caption">Read from the network itself. The receptive field is the square of input pixels one unit can see; the jump
is the distance between neighbouring units, in input pixels. ReLU follows every convolution and changes none of these
numbers.</p>{notes}"""


def _table_row(row: Row) -> str:
    def square(side: int | None) -> str:
        return "–" if side is None else f"{side}×{side}"

    def number(value: int | None) -> str:
        return "–" if value is None else f"{value:,}"

    placeless = row.jump is None  # from the flattening on, a layer is a list of numbers
    cells = [
        number(row.in_channels),
        number(row.out_channels),
        square(row.kernel),
        number(row.stride),
        number(row.padding),
        number(row.out_channels) if placeless else square(row.out_size),
        "whole image" if placeless and row.name == "fc1" else square(row.receptive_field),
        number(row.jump),
        number(row.params) if row.params else "–",
    ]
    kind = row.name.rstrip("0123456789")
    return (
        f'<tr class="layer-{kind}"><th scope="row">{row.name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    )


def results() -> str:
    """HTML: what the seed document reports beside what the committed histories hold."""
    rows = []
    for name, recipe in RECIPES.items():
        history = json.loads((WEIGHTS / name / checkpoint.HISTORY).read_text("utf-8"))
        accuracies = [[epoch["test_accuracy"] for epoch in run["epochs"]] for run in history["runs"]]
        last = [run[-1] for run in accuracies]
        spread = f" ± {stdev(last):.2f}" if len(last) > 1 else ""
        printed = PRINTED.get(name)  # iterations of our own are not in the seed document
        cells = [
            f"{parameter_count(build(recipe)):,}",
            f"{printed.test_accuracy} %" if printed else "–",
            f"<b>{mean(last):.2f}{spread} %</b>",
            f"{len(last)}",
            f"{max(map(max, accuracies)):.2f} %",
        ]
        rows.append(
            f'<tr><th scope="row">{name}<span>{escape(recipe.change)}</span></th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    return f"""
<div class="table-frame" tabindex="0" role="region" aria-label="Results">
<table class="layers results">
<thead><tr><th scope="col">Iteration</th><th>Parameters</th><th>Seed document</th><th>Measured, last epoch</th><th>Seeds</th>
<th>Best epoch*</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>
<p class="caption">Accuracy on MNIST's 10,000 test digits after {recipe.epochs} epochs, mean ± standard deviation over the
seeds; every epoch of every seed is in <code>weights/*/history.json</code>. * The best epoch of all seeds is a footnote: who
picks it, picks it on the test set.</p>"""


def network_urls() -> dict[str, str]:
    """The default network for the browser, within the page: no request that could fail, and none to another replica."""
    exported = export(network(), DEFAULT, certainty())
    contents = {"description": json.dumps(exported.description).encode(), "weights": exported.weights}
    return {name: f"data:;base64,{base64.b64encode(content).decode()}" for name, content in contents.items()}


def build_page() -> gr.Blocks:
    """The Gradio page. Raises ``WeightsError`` when the default network's weights cannot be used."""
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
                choice = gr.Radio(
                    [(f"{number} · {name[2:]}", name) for number, name in enumerate(RECIPES, 1)],
                    value=DEFAULT,
                    label="Iteration",
                    elem_id="iteration",
                )
                table = gr.HTML(architecture(DEFAULT), elem_id="architecture")

            with gr.Tab("Results", id="results"):
                gr.HTML(results(), elem_id="results")

        upload = gr.File(visible=False, type="binary", label="A picture of a digit")
        result = gr.JSON(visible=False)

        choice.change(architecture, choice, table, show_progress="hidden", api_visibility="private")
        upload.upload(recognise_file, upload, result, api_name="predict", concurrency_limit=2)
    return page


def main() -> int:
    """Serve the page until it is stopped; 1 when it cannot start."""
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    torch.set_num_threads(1)  # one small image gains nothing from threads, and visitors share the cores
    try:
        page = build_page()
    except checkpoint.WeightsError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    try:
        page.launch(
            server_port=port,
            theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
            css_paths=WEB / "page.css",
            footer_links=["api"],
            run_history=False,
            ssr_mode=False,
            max_file_size=MAX_UPLOAD,
        )
    except OSError as error:
        print(f"app.py: port {port} cannot be used; choose another with GRADIO_SERVER_PORT ({error})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
