"""The browser's engine, run by Node: what its modules make of values from Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.browser_format import export
from mnist_cnn.confidence import Confidence
from testing import ROOT

SCRIPT = """
import { readFileSync, writeFileSync } from 'node:fs';
import { createNetwork } from '@web/engine/cnn.js';

const given = JSON.parse(readFileSync('given.json', 'utf8'));
const bytes = (name) => new Uint8Array(readFileSync(name)); // a copy with a buffer of its own
const all = bytes('images');
const images = Array.from({ length: all.length / 784 }, (_, i) => all.subarray(784 * i, 784 * (i + 1)));
const pixels = bytes('pictures');
let end = 0;
const pictures = given.sizes.map(([height, width]) => {
  end += 4 * width * height;
  return { data: pixels.subarray(end - 4 * width * height, end), width, height };
});
const network = given.description && createNetwork(given.description, bytes('weights').buffer);

@imports
const found = await (async () => { @body })();
writeFileSync('found.json', JSON.stringify(found));
"""


def run_node(
    imports: str,
    body: str,
    *,
    net: nn.Sequential | None = None,
    confidence: Confidence | None = None,
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8] = (),
    pictures: Sequence[NDArray[np.uint8]] = (),
    **given: object,
) -> Any:
    """What the JavaScript function ``body`` returns, by way of JSON.

    ``imports`` are import statements in which ``@web`` is the folder ``web/``. ``body`` sees ``network``, exported from
    ``net``; ``images``, (28, 28) each, as arrays of 784 grey levels; ``pictures``, (H, W), (H, W, 3) or (H, W, 4) each, as
    RGBA; and ``given``, an object of the other values. Raises ``RuntimeError`` with Node's words when it fails.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("Node is not installed; on Debian: apt-get install nodejs")
    script = SCRIPT.replace("@imports", imports).replace("@body", body).replace("@web", (ROOT / "web").as_uri())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        description = None
        if net is not None:
            description, weights = export(net, "test", confidence)
            (folder / "weights").write_bytes(weights)
        values = {**given, "description": description, "sizes": [picture.shape[:2] for picture in pictures]}
        (folder / "given.json").write_text(json.dumps(values))
        (folder / "images").write_bytes(np.array(images, np.uint8).tobytes())
        (folder / "pictures").write_bytes(b"".join(_rgba(picture).tobytes() for picture in pictures))
        (folder / "script.mjs").write_text(script)
        done = subprocess.run([node, "script.mjs"], cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads((folder / "found.json").read_text())


def _rgba(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = np.dstack([picture] * 3) if picture.ndim == 2 else picture
    return colours if colours.shape[2] == 4 else np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])
