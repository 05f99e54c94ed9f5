"""How many real pen-written digits are recognised: ``python -m benchmarks.drawings --strokes pendigits-orig.tra``.

The default network sees every digit of a UNIPEN file in three forms: as strokes (``strokes.normalise_strokes``, as the pad
does), as a picture drawn with a round brush on a canvas of 500×500 pixels (``drawing.normalise``, all ink as one digit), and
as that picture only resized to 28×28. Then strokes and pictures are compared on the pad itself, over sizes and brushes.
Writers on whom any network was trained are left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from mnist_cnn import checkpoint
from mnist_cnn.confidence import digit_probabilities
from mnist_cnn.data import standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.stroke_data import unseen
from testing.rows import PAD_BRUSHES, PAD_PIXELS

BRUSHES = {"thin": 8, "middle": 16, "thick": 24, "very_thick": 40}
"""Widths in pixels of the 500; digits a third as high make of 16 about two of MNIST's 20 pixels."""
PLAIN_RESIZE_BRUSH = "middle"

SIZES = (0.2, 0.5, 1.0)
"""Longer side of a drawing as a share of the pad, as far as the brush leaves room."""

Make = Callable[[Drawing], NDArray[np.uint8] | None]
"""A drawing -> what the network sees; ``None`` when nothing is drawn."""


def from_canvas(drawing: Drawing, *, brush: int) -> NDArray[np.uint8] | None:
    """The drawing where it was on the tablet, rendered and normalised."""
    return normalise(render(drawing.strokes, size=TABLET_SIZE, brush=brush))


def from_resized_canvas(drawing: Drawing, *, brush: int) -> NDArray[np.uint8]:
    """The same canvas, only resized."""
    canvas = Image.fromarray(render(drawing.strokes, size=TABLET_SIZE, brush=brush))
    return 255 - np.asarray(canvas.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR))


def on_pad(drawing: Drawing, *, size: float, brush: float) -> list[Stroke]:
    """The strokes in shares of the pad, ink within ``size`` of it around its middle."""
    points = np.concatenate([np.array(stroke) for stroke in drawing.strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = max(size - brush, brush) / max((high - low).max(), 1.0)
    middle = (low + high) / 2
    return [[((x - middle[0]) * scale + 0.5, (y - middle[1]) * scale + 0.5) for x, y in s] for s in drawing.strokes]


def from_strokes(drawing: Drawing, *, size: float, brush: float) -> NDArray[np.uint8] | None:
    """What the pad makes of the strokes."""
    return normalise_strokes(on_pad(drawing, size=size, brush=brush))


def pad_picture(drawing: Drawing, *, size: float, brush: float) -> NDArray[np.uint8]:
    """A picture of the pad, black on white."""
    strokes = [[(x * PAD_PIXELS, y * PAD_PIXELS) for x, y in stroke] for stroke in on_pad(drawing, size=size, brush=brush)]
    return render(strokes, size=PAD_PIXELS, brush=brush * PAD_PIXELS)


def from_pad_picture(drawing: Drawing, *, size: float, brush: float) -> NDArray[np.uint8] | None:
    """What is made of a picture of the pad."""
    return normalise(pad_picture(drawing, size=size, brush=brush))


def right_answers(net: torch.nn.Module, drawings: list[Drawing], make: Make, name: str) -> NDArray[np.bool_]:
    """(N,) whether the network's answer is the label."""
    nothing = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    with ProcessPoolExecutor() as pool:
        mapped = tqdm(pool.map(make, drawings, chunksize=64), total=len(drawings), desc=name)
        images = torch.from_numpy(np.stack([nothing if image is None else image for image in mapped]))
    with torch.inference_mode():
        answers = torch.cat([digit_probabilities(net(standardise(batch))).argmax(dim=1) for batch in images.split(500)])
    right: NDArray[np.bool_] = answers.numpy() == np.array([drawing.digit for drawing in drawings])
    return right


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, required=True, help="a UNIPEN file of digits")
    parser.add_argument(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="whose weights (default: %(default)s)",
    )
    options = parser.parse_args()
    name = ITERATIONS[options.iteration].name
    net = checkpoint.load(checkpoint.SHIPPED / name)
    drawings = unseen(read_unipen(options.strokes))
    labels = np.array([drawing.digit for drawing in drawings])

    middle = BRUSHES[PLAIN_RESIZE_BRUSH]
    as_strokes = partial(from_strokes, size=SIZES[1], brush=PAD_BRUSHES[1])
    ways: dict[str, tuple[str, Make]] = {"strokes": ("as strokes", as_strokes)}
    for key, width in BRUSHES.items():
        ways[key] = f"as a picture, brush {width} px", partial(from_canvas, brush=width)
    ways["plain_resize"] = f"plain resize, brush {middle} px", partial(from_resized_canvas, brush=middle)
    rows = {key: right_answers(net, drawings, make, title) for key, (title, make) in ways.items()}
    sizes = {
        size: {
            brush: {
                "strokes": right_answers(net, drawings, partial(from_strokes, size=size, brush=brush), "strokes").mean(),
                "picture": right_answers(net, drawings, partial(from_pad_picture, size=size, brush=brush), "picture").mean(),
            }
            for brush in PAD_BRUSHES
        }
        for size in SIZES
    }

    print(f"\n{name}, {len(drawings):,} digits of {options.strokes.name}; percent right, in all and per digit\n")
    print(f"{'':28}{'all':>7}" + "".join(f"{digit:>7}" for digit in range(CLASSES)))
    for key, right in rows.items():
        per_digit = "".join(f"{100 * right[labels == digit].mean():7.1f}" for digit in range(CLASSES))
        print(f"{ways[key][0]:28}{100 * right.mean():7.2f}{per_digit}")
    print("\nDrawn on the pad, as strokes / as a picture of it; brush and size in shares of the pad's side\n")
    print(f"{'':12}" + "".join(f"{f'brush {brush}':>18}" for brush in PAD_BRUSHES))
    for size, brushes in sizes.items():
        cells = (f"{100 * each['strokes']:.2f} / {100 * each['picture']:.2f}" for each in brushes.values())
        print(f"{f'size {size}':12}" + "".join(f"{cell:>18}" for cell in cells))
    print()
    shares = {key: round(100 * float(right.mean()), 2) for key, right in rows.items()}
    print(json.dumps({"n": len(drawings), **shares}))


if __name__ == "__main__":
    main()
