"""How many real pen-written digits are recognised: ``python -m benchmarks.drawings --strokes pendigits-orig.tra``.

Every digit of a UNIPEN file is rendered as a visitor would draw it, with a round brush on a canvas of 500×500 pixels, and
taken through ``drawing.normalise`` and the shipped network; beside it, what a plain resize of the canvas to 28×28 gives.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from mnist_cnn import checkpoint
from mnist_cnn.data import standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.strokes import TABLET_SIZE, Drawing, read_unipen, render

WEIGHTS = Path(__file__).parents[1] / "weights"
BRUSHES = {"thin": 8, "middle": 16, "thick": 24, "very_thick": 40}
"""Widths in pixels of the 500; digits a third as high make of 16 about two of MNIST's 20 pixels."""
PLAIN_RESIZE_BRUSH = "middle"


def images_of(drawing: Drawing, *, brush: int, plain: bool) -> NDArray[np.uint8]:
    """(28, 28) uint8: the drawing, rendered with ``brush``, normalised or (``plain``) merely resized."""
    canvas = render(drawing.strokes, size=TABLET_SIZE, brush=brush)
    if plain:
        small = Image.fromarray(canvas).resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR)
        return 255 - np.asarray(small)
    seen = normalise(canvas)
    return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8) if seen is None else seen


def right_answers(net: torch.nn.Module, drawings: list[Drawing], *, brush: int, plain: bool, name: str) -> NDArray[np.bool_]:
    """(N,) whether the network's answer is the label."""
    make = partial(images_of, brush=brush, plain=plain)
    with ProcessPoolExecutor() as pool:
        mapped = pool.map(make, drawings, chunksize=64)
        images = torch.from_numpy(np.stack(list(tqdm(mapped, total=len(drawings), desc=name))))
    with torch.inference_mode():
        answers = torch.cat([net(standardise(batch)).argmax(dim=1) for batch in images.split(500)])
    right: NDArray[np.bool_] = answers.numpy() == np.array([drawing.label for drawing in drawings])
    return right


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, required=True, help="a UNIPEN file of digits")
    parser.add_argument(
        "--iteration",
        type=int,
        choices=range(1, len(RECIPES) + 1),
        default=list(RECIPES).index(DEFAULT) + 1,
        help="whose weights (default: %(default)s)",
    )
    options = parser.parse_args()
    name = list(RECIPES)[options.iteration - 1]
    net = checkpoint.load(WEIGHTS / name)
    drawings = read_unipen(options.strokes)
    labels = np.array([drawing.label for drawing in drawings])

    rows = {
        key: right_answers(net, drawings, brush=width, plain=False, name=f"{key} brush") for key, width in BRUSHES.items()
    }
    rows["plain_resize"] = right_answers(net, drawings, brush=BRUSHES[PLAIN_RESIZE_BRUSH], plain=True, name="plain resize")

    print(f"\n{name}, {len(drawings):,} digits of {options.strokes.name}; percent right, in all and per digit\n")
    print(f"{'':26}{'all':>7}" + "".join(f"{digit:>7}" for digit in range(CLASSES)))
    for key, right in rows.items():
        brush = BRUSHES.get(key, BRUSHES[PLAIN_RESIZE_BRUSH])
        per_digit = "".join(f"{100 * right[labels == digit].mean():7.1f}" for digit in range(CLASSES))
        print(f"{key.replace('_', ' ') + f', brush {brush} px':26}{100 * right.mean():7.2f}{per_digit}")
    print()
    shares = {key: round(100 * float(right.mean()), 2) for key, right in rows.items()}
    print(json.dumps({"n": len(drawings), **shares}))


if __name__ == "__main__":
    main()
