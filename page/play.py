"""The tab *Play*, and what its parts load when they are opened."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import gradio as gr

from mnist_cnn import ablation, checkpoint, features, neighbours, snapshots
from mnist_cnn.browser_format import export
from mnist_cnn.confidence import load_confidence
from mnist_cnn.packed import pack
from mnist_cnn.recipes import RECIPES
from page.iterations import LEARNT_FROM, PLAIN, TITLES
from page.seed_document import LOG_OF_4
from page.templates import WEB, gradio_script, template

OWN_FILES = (
    snapshots.FILE,
    ablation.FILE,
    ablation.DIGITS_FILE,
    features.TEST_FILE,
    features.PULL_FILE,
    neighbours.FILE,
)
"""Files beside the network of the page. ``train.py`` writes the first, ``python -m mnist_cnn.play`` the others."""
CALL = "({ mountPlay }) => mountPlay(element.querySelector('.play'))"


def build_play() -> None:
    """Add the tab's component to the Gradio page being built."""
    gr.HTML(
        # a heading between the page’s and those of the parts
        html_template=f'<h2 class="unseen">Play</h2>{template("play/play.html")}',
        js_on_load=gradio_script(["play/play.js"], CALL, hints=".play-now"),
        web=quote(WEB.as_posix()),
        elem_id="play",
    )


def play_data(folder: Path) -> dict[str, Callable[[], bytes]]:
    """The packed files by name, for a page that reads with the network of ``folder``: those that exist, made when called.

    The snapshots of that network, and what was measured of it; every other shipped network, and its snapshots; in
    ``versions``, which of them there are.
    """
    found: dict[str, Callable[[], bytes]] = {"versions": lambda: pack_versions(folder)}
    for name in RECIPES:
        shipped = checkpoint.SHIPPED / name
        if shipped == folder:
            continue
        if (shipped / checkpoint.WEIGHTS_FILE).exists():
            found[f"network-{name}"] = lambda shipped=shipped: pack_network(shipped)  # type: ignore[misc]
        if (shipped / snapshots.FILE).exists():
            found[f"snapshots-{name}"] = (shipped / snapshots.FILE).read_bytes
    for file in OWN_FILES:
        if (folder / file).exists():
            found[Path(file).stem] = (folder / file).read_bytes
    return found


def pack_network(folder: Path) -> bytes:
    """The network of ``folder`` as one packed file. Raises ``WeightsError``."""
    net = checkpoint.load(folder)
    exported = export(net, checkpoint.load_recipe(folder).name, load_confidence(folder, net))
    return pack(exported.description, {"weights": exported.values})


def pack_versions(folder: Path) -> bytes:
    """The shipped networks in words, and the names of their packed files, for a page that reads with that of ``folder``.

    ``network`` is null for the page's own; ``snapshots`` is null where there are none.
    """
    data = play_data(folder)
    versions = []
    for name in RECIPES:
        own = checkpoint.SHIPPED / name == folder
        kept = "snapshots" if own else f"snapshots-{name}"
        words = {"name": name, "title": TITLES[name], "about": PLAIN[name], "learntFrom": LEARNT_FROM[name]}
        files = {"network": None if own else f"network-{name}", "snapshots": kept if kept in data else None}
        versions.append({**words, **files, "log": LOG_OF_4 if name == "4-steplr5" else []})
    return pack({"versions": versions, "snapshots": "snapshots" if "snapshots" in data else None}, {})


def in_base64(content: bytes) -> str:
    """``content`` as text that JSON and JavaScript can hold."""
    return base64.b64encode(content).decode()
