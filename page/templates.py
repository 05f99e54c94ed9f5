"""What the Gradio page and the static page share: the path of the modules, their HTML, and the script that starts them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from mnist_cnn.model import CLASSES

WEB = Path(__file__).parents[1] / "web"
"""The modules, templates and style sheet of the page."""
STYLES = ("page.css", "results/results.css", "play/play.css")
"""The style sheets: of the page, of the tabs that need a server, and of the parts that open."""
START = WEB / "start.js"
"""Loads modules, or shows a message if they fail to load. It is inlined in the page, so it cannot fail to load itself."""


def headline(parameters: int) -> str:
    """What the page is, in a sentence for visitors."""
    return f"A tiny neural network – {parameters:,} numbers – reads it as you draw."


def template(name: str) -> str:
    """The text of a file in ``web/``."""
    return (WEB / name).read_text("utf-8")


def data_url(content: bytes, kind: str = "") -> str:
    """``content`` as an address of its own, which needs no request. ``kind`` is its media type."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def draw_html(privacy: str) -> str:
    """The pad and, beside it, the answer; ``web/pad/demo.js`` starts both. ``privacy``: what leaves the visitor's device."""
    bars = "".join(
        f'<div class="bar" role="listitem"><span class="bar-value"></span><span class="bar-rail"></span><b>{digit}</b></div>'
        for digit in range(CLASSES)
    )
    answer = template("pad/answer.html").replace("@bars", bars)
    pad = template("pad/pad.html").replace("@privacy", privacy)
    pad += template("pad/share.html")
    panel = '<section class="play-panel" tabindex="-1" hidden></section>'
    return f'<div class="draw"><div id="pad">{pad}</div><div id="answer">{answer}</div>{panel}</div>'


def start_script() -> str:
    """The function ``start`` of ``web/start.js``, for a script that does not import it."""
    return START.read_text("utf-8").replace("export async function", "async function")


def gradio_script(modules: Sequence[str], mount: str, *, hints: str) -> str:
    """JavaScript for ``gr.HTML(js_on_load=…, web=…)``: loads ``modules`` of ``web/`` and calls ``mount`` with them.

    ``hints`` selects the elements that show a message when a module does not load. Gradio puts a template without
    ``${value}`` on the page once and never again, so what the modules draw stays.
    """
    return f"{start_script()}start(element, `gradio_api/file=${{props.web}}`, {list(modules)}, {mount}, '{hints}');"
