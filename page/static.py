"""The page as files that any static server serves: pad, answer, *Inside* and one network."""

from __future__ import annotations

import json
from pathlib import Path

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export
from mnist_cnn.confidence import load_confidence
from mnist_cnn.model import CLASSES

WEB = Path(__file__).parents[1] / "web"
"""The modules, templates and style sheet of the page."""
ONLY_SERVED = WEB / "results"
"""Modules of a tab that the static page does not have."""

README = """---
title: Draw a digit
emoji: ✍️
colorFrom: red
colorTo: yellow
sdk: static
app_file: index.html
license: mit
short_description: A CNN of {parameters} parameters reads your handwriting
tags:
  - mnist
  - image-classification
  - handwriting
datasets:
  - ylecun/mnist
---

# Draw a digit

A convolutional network of {parameters} parameters (`{name}`) reads what you draw, on every frame, in your own browser.
Any static file server serves this folder, for example `python -m http.server`; it asks no other host for anything, and
nothing that is drawn leaves the page. `network.json` lists the layers, `network.bin` holds their weights as float32.

As a static Space, which is free: `hf upload USER/SPACE . --repo-type space`.
"""


def draw_html() -> str:
    """The pad and, beside it, the place of the answer; ``web/demo.js`` brings them to life."""
    bars = "".join(
        f'<div class="bar" role="listitem"><span class="bar-value"></span><span class="bar-rail"></span><b>{digit}</b></div>'
        for digit in range(CLASSES)
    )
    pad, answer = ((WEB / "pad" / name).read_text("utf-8") for name in ("pad.html", "answer.html"))
    return f'<div class="draw"><div id="pad">{pad}</div><div id="answer">{answer.replace("@bars", bars)}</div></div>'


def static_page(name: str) -> dict[str, bytes]:
    """The files of the page with the shipped network ``name``. Raises ``WeightsError``."""
    net = checkpoint.load(checkpoint.SHIPPED / name)
    exported = export(net, name, load_confidence(checkpoint.SHIPPED / name, net))
    parameters = f"{exported.description['parameters']:,}"
    index = (WEB / "index.html").read_text("utf-8").replace("@parameters", parameters).replace("@draw", draw_html())
    index = index.replace("@inside", (WEB / "inside" / "inside.html").read_text("utf-8"))
    scripts = (path for path in sorted(WEB.rglob("*.js")) if ONLY_SERVED not in path.parents)
    files = {path.relative_to(WEB).as_posix(): path.read_bytes() for path in (*scripts, WEB / "page.css")}
    return files | {
        "index.html": index.encode(),
        "network.json": json.dumps(exported.description).encode(),
        "network.bin": exported.weights,
        "README.md": README.format(parameters=parameters, name=name).encode(),
    }
