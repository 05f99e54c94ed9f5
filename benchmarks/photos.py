"""How many real pen digits are recognised on photographs: ``python -m benchmarks.photos --strokes pendigits-orig.tra``.

The photographs are synthetic (``testing.photographs``), made by a seeded generator from the second half of a UNIPEN file;
``photo.py`` was tuned on the first half. Each goes through
``drawing.normalise`` and the shipped network, with and without the cleaning of ``photo.clean``.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from mnist_cnn import checkpoint
from mnist_cnn.data import standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing import picture as drawing
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.recipes import DEFAULT, DEFAULT_ITERATION
from testing.photographs import CONDITIONS, Conditions, photograph

COUNT = 1_000
SEED = 0
CANVAS_BRUSH = 16
"""Pixels of the 500 of the plain canvas."""


def _seen(numbered: tuple[int, Drawing], *, conditions: Conditions) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What the network sees of a photograph with and without cleaning; nothing drawn is black."""
    number, pen = numbered
    image = photograph(pen, conditions, np.random.default_rng([SEED, number]))
    return _image(image), _uncleaned(image)


def _seen_canvas(numbered: tuple[int, Drawing]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The same of a clean canvas."""
    image = render(numbered[1].strokes, size=TABLET_SIZE, brush=CANVAS_BRUSH)
    return _image(image), _uncleaned(image)


def _image(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    seen = normalise(image)
    return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8) if seen is None else seen


def _uncleaned(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    with patch.object(drawing, "is_photo", lambda grey: False):
        return _image(image)


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, required=True, help="a UNIPEN file of digits")
    parser.add_argument("--count", type=int, default=COUNT, help="photographs a condition (default: %(default)s)")
    parser.add_argument("--first-half", action="store_true", help="the digits photo.py was tuned on, not those to report")
    options = parser.parse_args()
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    pens = read_unipen(options.strokes)
    half = pens[: len(pens) // 2] if options.first_half else pens[len(pens) // 2 :]
    chosen = [half[at] for at in np.random.default_rng(SEED).permutation(len(half))[: options.count]]
    labels = torch.tensor([pen.label for pen in chosen])

    ways = {"plain_canvas": _seen_canvas}
    ways |= {name: partial(_seen, conditions=conditions) for name, conditions in CONDITIONS.items()}
    shares: dict[str, float] = {}
    rows = [f"iteration {DEFAULT_ITERATION}, {len(chosen):,} digits; percent right", f"{'':14}{'cleaned':>9}{'not':>9}"]
    with ProcessPoolExecutor() as pool:
        for name, way in ways.items():
            pairs = list(tqdm(pool.map(way, enumerate(chosen), chunksize=16), total=len(chosen), desc=name))
            right = []
            for images in zip(*pairs, strict=True):
                with torch.inference_mode():
                    answers = net(standardise(torch.from_numpy(np.stack(images)))).argmax(dim=1)
                right.append(100 * (answers == labels).double().mean().item())
            shares[name] = round(right[0], 2)
            rows.append(f"{name:14}{right[0]:9.2f}{right[1]:9.2f}")
    print("\n".join(["", *rows, ""]))
    print(json.dumps({"n": len(chosen), **shares}))


if __name__ == "__main__":
    main()
