"""The page as one file: pad, answer, *Inside* and one network.

Browsers load no modules from a disk, nor from a server that sends ``.js`` as another type, so the modules are in the page,
compressed: its first script unpacks an import map, which gives each of them as a data URL.
"""

from __future__ import annotations

import base64
import gzip
import json
import posixpath
import re
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export
from mnist_cnn.confidence import load_confidence
from page.play import in_base64, play_data
from page.preview import PICTURE, preview_tags
from page.templates import WEB, data_url, draw_html, headline, start_script, template

ROOMS = ("pad", "engine", "inside", "play")
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
`index.html` is the whole page: open it from a disk, send it by mail or put it on any web server. It makes no requests until
some parts of *Play* are opened, which load their data from the folder `play/` beside it, and your drawings never leave
your device. For other programs, `network.json` lists the layers and `network.bin` holds their weights as float32.

To publish it as a static Space, which is free: `hf upload USER/SPACE . --repo-type space`.
"""


def static_page(network: str | Path) -> dict[str, bytes]:
    """The files of the page, by name. Raises ``WeightsError``.

    ``network`` is the name of a shipped one, or the folder of any.
    """
    folder = network if isinstance(network, Path) else checkpoint.SHIPPED / network
    net = checkpoint.load(folder)
    name = checkpoint.load_recipe(folder).name
    exported = export(net, name, load_confidence(folder, net))
    parameters = f"{exported.description['parameters']:,}"
    description = json.dumps(exported.description).encode()
    sentence = headline(exported.description["parameters"])
    addresses = {"description": data_url(description), "weights": data_url(exported.weights)}
    late = cssmin(template("play/play.css"))  # nothing of it is seen before something is opened
    packed = base64.b64encode(
        gzip.compress(json.dumps({"modules": modules(), "network": addresses, "style": late}).encode(), mtime=0)
    ).decode()
    parts = {
        "@headline": sentence,
        "@preview": preview_tags(sentence, ""),
        "@style": cssmin(template("page.css")),
        "@draw": draw_html(PRIVACY),
        "@inside": template("inside/inside.html"),
        "@play": template("play/play.html"),
        "@start": start_script(),
        "@packed": packed,
    }
    index = re.sub("|".join(parts), lambda place: parts[place[0]], template("index.html"))
    return {
        "index.html": index.encode(),
        PICTURE: (WEB / PICTURE).read_bytes(),  # for those who show a link to the page
        "network.json": description,
        "network.bin": exported.weights,
        "README.md": README.format(parameters=parameters, name=name).encode(),
        **{f"play/{name}.js": script(name, content()) for name, content in play_data(folder).items()},
    }


def script(name: str, content: bytes) -> bytes:
    """A packed file as a script, which a page opened from a disk can load; ``web/pad/data.js`` waits for it."""
    return f"takeData({json.dumps(name)},'{in_base64(content)}');\n".encode()


def modules() -> dict[str, str]:
    """The modules without comments. As data URLs they cannot import relative paths: the path in ``web/`` names each."""
    found = {}
    for room in ROOMS:
        for path in sorted((WEB / room).glob("*.js")):
            name = f"{room}/{path.name}"
            source = re.sub(
                r"(from |import\()'(\.{1,2}/[^']+)'",
                lambda found, room=room: f"{found[1]}'{posixpath.normpath(f'{room}/{found[2]}')}'",  # type: ignore[misc]
                path.read_text("utf-8"),
            )
            found[name] = f"{jsmin(source)}\n//# sourceURL={name}\n"
    return found
