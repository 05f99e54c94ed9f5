"""The page: draw a digit, see it recognised; look at the network behind it. ``python app.py`` serves it."""

from __future__ import annotations

import base64
import os
import sys
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import numpy as np
import torch

from mnist_cnn import checkpoint
from mnist_cnn.drawing import DrawingError, decode
from mnist_cnn.model import CLASSES, IMAGE_SIZE, build
from mnist_cnn.predict import Prediction, nothing_drawn, predict
from mnist_cnn.receptive_field import Row, trace
from mnist_cnn.recipes import DEFAULT, PARAMETER_BUDGET, RECIPES
from mnist_cnn.seed_document import PRINTED, differences

HERE = Path(__file__).parent.resolve()
WEB = HERE / "web"
WEIGHTS = HERE / "weights"

PICTURE_PREFIX = "data:image/png;base64,"
MAX_PICTURE_CHARACTERS = 500_000
"""The pad's pictures have some 5,000; more than this is not from the pad."""
MAX_UPLOAD = "10mb"

# A template without ${value} is put on the page once and never again, so what these modules draw stays.
PAD_JS = """
import(new URL(`gradio_api/file=${props.web}/pad.js`, document.baseURI))
  .then(({ mountPad }) => mountPad(element.querySelector('.pad'), (picture) => {
    if (picture === props.value) return; // a tap on ink: the answer stands, and Python would not be asked
    document.dispatchEvent(new CustomEvent('pad-drawing', { detail: picture }));
    props.value = picture;
  }))
  .catch(() => {
    element.querySelector('.pad-wait').textContent = 'The pad could not be loaded. Reload the page to try again.';
  });
"""
ANSWER_JS = """
import(new URL(`gradio_api/file=${props.web}/answer.js`, document.baseURI)).then(({ mountAnswer }) => {
  const show = mountAnswer(element.querySelector('.answer'));
  show(props.value);
  watch('value', () => show(props.value));
  document.addEventListener('pad-drawing', (event) => show(event.detail || null, true));
}).catch(() => {
  element.querySelector('.answer-probability').textContent = 'Answers could not be loaded. Reload the page.';
});
"""


@cache
def network() -> torch.nn.Sequential:
    """The network that answers, its first and slowest pass behind it. Raises ``WeightsError``."""
    net = checkpoint.load(WEIGHTS / DEFAULT)
    predict(net, np.tri(IMAGE_SIZE, dtype=np.uint8) * 255)
    return net


def recognise_drawing(picture: str | None) -> Prediction:
    """The answer for the pad's picture: a PNG as a data URL, or nothing from an empty pad."""
    if not picture:
        return nothing_drawn()
    if not isinstance(picture, str) or not picture.startswith(PICTURE_PREFIX):
        raise gr.Error("The pad sent something that is not a picture. Reload the page.", print_exception=False)
    if len(picture) > MAX_PICTURE_CHARACTERS:
        raise gr.Error("The pad sent too large a picture. Reload the page.", print_exception=False)
    try:
        content = base64.b64decode(picture.removeprefix(PICTURE_PREFIX), validate=True)
    except ValueError:
        raise gr.Error("The pad sent a damaged picture. Reload the page.", print_exception=False) from None
    return recognise_file(content)


def recognise_file(image: bytes | None) -> Prediction:
    """Recognise the handwritten digit in a picture, dark on light or light on dark, at most 10 MB.

    Returns digit (0 to 9, or null when nothing is drawn), probabilities (of 0 to 9), verdict (in words) and
    seen (the 28 rows of 28 grey levels, 0 to 255, that the network saw).
    """
    try:
        return predict(network(), decode(image or b""))
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


def build_page() -> gr.Blocks:
    """The Gradio page. Raises ``WeightsError`` when the default network's weights cannot be used."""
    network()  # a broken weights folder is told at the start, not to the first visitor
    gr.set_static_paths([WEB])
    bars = "\n".join(
        f'<div class="bar" role="listitem"><span class="bar-value"></span><span class="bar-rail"></span><b>{digit}</b></div>'
        for digit in range(CLASSES)
    )
    answer_template = (WEB / "answer.html").read_text("utf-8").replace("@bars", bars)
    total = sum(row.params for row in trace(network()))

    page: gr.Blocks
    with gr.Blocks(title="Draw a digit", analytics_enabled=False, elem_id="page") as page:
        gr.HTML(
            f"<header><h1>Draw a digit.</h1><p>{total:,} parameters read it.</p></header>",
            elem_id="top",
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Draw", id="draw"), gr.Row(elem_id="draw"):
                pad = gr.HTML(
                    value=None,
                    html_template=(WEB / "pad.html").read_text("utf-8"),
                    js_on_load=PAD_JS,
                    web=quote(WEB.as_posix()),
                    elem_id="pad",
                )
                answer = gr.HTML(
                    value=None,
                    html_template=answer_template,
                    js_on_load=ANSWER_JS,
                    web=quote(WEB.as_posix()),
                    elem_id="answer",
                )
            with gr.Tab("Architecture", id="architecture"):
                choice = gr.Radio(
                    [(f"{number} · {name[2:]}", name) for number, name in enumerate(RECIPES, 1)],
                    value=DEFAULT,
                    label="Iteration",
                    elem_id="iteration",
                )
                table = gr.HTML(architecture(DEFAULT), elem_id="architecture")

        upload = gr.File(visible=False, type="binary", label="A picture of a digit")
        result = gr.JSON(visible=False)

        # queue=False: one request and its reply, no event stream; a prediction takes a few milliseconds
        pad.change(recognise_drawing, pad, answer, queue=False, show_progress="hidden", api_visibility="private")
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
