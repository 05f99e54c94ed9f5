"""The page as files for any static server: pad, answer, *Inside* and one network."""

from __future__ import annotations

import json

from rcssmin import cssmin
from rjsmin import jsmin

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export
from mnist_cnn.confidence import load_confidence
from page.preview import PICTURE, preview_tags
from page.templates import WEB, draw_html, headline, start_script, template

ROOMS = ("pad", "engine", "inside")
"""The modules of the static page, by folder of ``web/``: the tab *Results* needs a server."""

PRIVACY = "Everything runs in your browser. Nothing you draw leaves your device."
README = """---
title: Draw a digit
emoji: ✍️
colorFrom: red
colorTo: yellow
sdk: static
app_file: index.html
license: mit
short_description: A CNN with {parameters} parameters reads your handwriting
tags:
  - mnist
  - image-classification
  - handwriting
datasets:
  - ylecun/mnist
---

# Draw a digit

A convolutional network with {parameters} parameters (`{name}`) recognises digits in your browser while you draw them.
Any static file server can serve this folder, for example `python -m http.server`. The page makes no requests to other hosts,
and your drawings never leave your device. `network.json` lists the layers, `network.bin` holds their weights as float32.

To publish it as a static Space, which is free: `hf upload USER/SPACE . --repo-type space`.
"""


def static_page(name: str) -> dict[str, bytes]:
    """The files of the page with the shipped network ``name``. Raises ``WeightsError``."""
    net = checkpoint.load(checkpoint.SHIPPED / name)
    exported = export(net, name, load_confidence(checkpoint.SHIPPED / name, net))
    parameters = f"{exported.description['parameters']:,}"
    scripts = [f"{room}/{path.name}" for room in ROOMS for path in sorted((WEB / room).glob("*.js"))]
    sentence = headline(exported.description["parameters"])
    parts = {
        "@headline": sentence,
        "@preview": preview_tags(sentence, ""),
        "@preload": "\n".join(f'<link rel="modulepreload" href="{name}">' for name in scripts),
        "@draw": draw_html(PRIVACY),
        "@inside": template("inside/inside.html"),
        "@start": start_script(),
    }
    index = template("index.html")
    for place, part in parts.items():
        index = index.replace(place, part)
    files = {name: jsmin(template(name)).encode() for name in scripts}
    files |= {"page.css": cssmin(template("page.css")).encode(), PICTURE: (WEB / PICTURE).read_bytes()}
    return files | {
        "index.html": index.encode(),
        "network.json": json.dumps(exported.description).encode(),
        "network.bin": exported.weights,
        "README.md": README.format(parameters=parameters, name=name).encode(),
    }
