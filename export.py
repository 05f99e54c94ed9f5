"""Write the demo as a static page that needs no server of ours: ``python export.py --iteration 5 --out dist``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mnist_cnn import checkpoint
from mnist_cnn.confidence import load_confidence
from mnist_cnn.export import export
from mnist_cnn.model import CLASSES
from mnist_cnn.recipes import DEFAULT, RECIPES

HERE = Path(__file__).parent.resolve()
WEB = HERE / "web"
WEIGHTS = HERE / "weights"

ONLY_SERVED = {"curves.js", "results.js"}
"""Modules of tabs that the static page does not have."""

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
    pad, answer = ((WEB / name).read_text("utf-8") for name in ("pad.html", "answer.html"))
    return f'<div class="draw"><div id="pad">{pad}</div><div id="answer">{answer.replace("@bars", bars)}</div></div>'


def static_page(name: str) -> dict[str, bytes]:
    """The files of the page with the shipped network ``name``. Raises ``WeightsError``."""
    net = checkpoint.load(WEIGHTS / name)
    exported = export(net, name, load_confidence(WEIGHTS / name, net))
    parameters = f"{exported.description['parameters']:,}"
    index = (WEB / "index.html").read_text("utf-8").replace("@parameters", parameters).replace("@draw", draw_html())
    index = index.replace("@inside", (WEB / "inside.html").read_text("utf-8"))
    scripts = (path for path in sorted(WEB.glob("*.js")) if path.name not in ONLY_SERVED)
    files = {path.name: path.read_bytes() for path in (*scripts, WEB / "page.css")}
    return files | {
        "index.html": index.encode(),
        "network.json": json.dumps(exported.description).encode(),
        "network.bin": exported.weights,
        "README.md": README.format(parameters=parameters, name=name).encode(),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the page; 2 when that is impossible."""
    names = list(RECIPES)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--iteration",
        type=int,
        choices=range(1, len(names) + 1),
        default=names.index(DEFAULT) + 1,
        help="whose network (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder for the page (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        files = static_page(names[options.iteration - 1])
        if options.out.is_dir() and any(options.out.iterdir()) and not (options.out / "network.json").exists():
            raise FileExistsError("it holds other files")
        options.out.mkdir(parents=True, exist_ok=True)
        checkpoint.write_whole({options.out / name: content for name, content in files.items()})
    except checkpoint.WeightsError as error:
        print(f"export.py: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"export.py: {options.out} cannot be written ({error}); choose another folder with --out", file=sys.stderr)
        return 2
    size = sum(len(content) for content in files.values())
    print(
        f"{options.out}: {len(files)} files, {size / 1000:.0f} KB. To see the page: python -m http.server -d {options.out}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
