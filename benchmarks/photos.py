"""How many real pen digits are recognised on photographs: ``python -m benchmarks.photos --strokes pendigits-orig.tra``.

The photographs are synthetic (``testing.photographs``), made by a seeded generator from the second half of a UNIPEN file;
``photo.py`` was tuned on the first half. Each is read as an upload is, by ``predict.read_picture``,
and once more without the cleaning of ``photo.clean``. Right is what is read as one digit, and as the digit that was written.
Writers on whom any network was trained are left out.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from mnist_cnn import checkpoint
from mnist_cnn.drawing.raster import brightness, foreground
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render
from mnist_cnn.predict import number_of, read_ink, read_picture
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.stroke_data import unseen
from testing.photographs import CONDITIONS, Conditions, photograph

COUNT = 1_000
SEED = 0
CANVAS_BRUSH = 16
"""Pixels of the 500 of the plain canvas."""


def read(numbered: tuple[int, Drawing], *, conditions: Conditions | None, name: str) -> tuple[str, str]:
    """What the network ``name`` reads in a photograph, or without ``conditions`` on a clean canvas: cleaned and not cleaned.

    What is not cleaned goes through the rest of the pipeline alike.
    """
    number, pen = numbered
    if conditions is None:
        picture = render(pen.strokes, size=TABLET_SIZE, brush=CANVAS_BRUSH)
    else:
        picture = photograph(pen, conditions, np.random.default_rng([SEED, number]))
    net = network(name)
    size = picture.shape[1], picture.shape[0]
    cleaned, as_it_is = read_picture(net, picture), read_ink(net, foreground(brightness(picture)), size=size)
    return number_of(cleaned), number_of(as_it_is)


@cache
def network(name: str) -> torch.nn.Sequential:
    """The network of this name, once per process."""
    torch.set_num_threads(1)
    return checkpoint.load(checkpoint.SHIPPED / name)


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, required=True, help="a UNIPEN file of digits")
    parser.add_argument("--count", type=int, default=COUNT, help="photographs per condition (default: %(default)s)")
    parser.add_argument("--first-half", action="store_true", help="the digits photo.py was tuned on, not those to report")
    parser.add_argument("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    options = parser.parse_args()
    pens = read_unipen(options.strokes)
    half = pens[: len(pens) // 2] if options.first_half else pens[len(pens) // 2 :]
    half = unseen(half)
    chosen = [half[at] for at in np.random.default_rng(SEED).permutation(len(half))[: options.count]]
    ways = {"plain_canvas": None, **CONDITIONS}
    shares: dict[str, float] = {}
    rows = [f"iteration {options.iteration}, {len(chosen):,} digits; percent right", f"{'':14}{'cleaned':>9}{'not':>9}"]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for name, conditions in ways.items():
            way = partial(read, conditions=conditions, name=ITERATIONS[options.iteration].name)
            pairs = list(tqdm(pool.map(way, enumerate(chosen), chunksize=16), total=len(chosen), desc=name))
            right = [[digits == pen.label for digits in pair] for pair, pen in zip(pairs, chosen, strict=True)]
            cleaned, as_it_is = 100 * np.mean(right, axis=0)
            shares[name] = round(float(cleaned), 2)
            rows.append(f"{name:14}{cleaned:9.2f}{as_it_is:9.2f}")
    print("\n".join(["", *rows, ""]))
    print(json.dumps({"n": len(chosen), **shares}))


if __name__ == "__main__":
    main()
