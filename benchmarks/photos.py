"""How many real pen digits are recognised on photographs: ``python -m benchmarks.photos --strokes pendigits-orig.tra``.

The photographs are synthetic, made by a seeded generator from the second half of a UNIPEN file (``photo.py`` was tuned on
the first): a sheet of tinted paper with a digit in a coloured pen or a pencil, ruled or squared or not, seen at a slight
angle under uneven light with the soft edge of a shadow, then blurred, with sensor noise, through JPEG. Each goes through
``drawing.normalise`` and the shipped network, with and without the cleaning of ``photo.clean``.
"""

from __future__ import annotations

import argparse
import io
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from tqdm import tqdm

from mnist_cnn import checkpoint
from mnist_cnn.data import standardise
from mnist_cnn.drawing import decode, normalise
from mnist_cnn.drawing import picture as drawing
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.recipes import DEFAULT, DEFAULT_ITERATION

COUNT = 1_000
SEED = 0
CANVAS_BRUSH = 16
"""Pixels of the 500 of the plain canvas."""

SIDES = 640, 480
"""Pixels of a photograph, lying or upright."""
SUPERSAMPLING = 2
PENS = np.array([[25, 25, 30], [25, 45, 140], [165, 30, 40], [20, 100, 60], [90, 40, 120]])
"""Colours of ink: black, blue, red, green, violet."""
LINES = np.array([[170, 195, 225], [185, 185, 185], [200, 180, 215]])
"""Colours of printed lines: pale blue, grey, violet."""


@dataclass(frozen=True)
class Conditions:
    """What may go wrong on a photograph."""

    uneven: bool = False  # a gradient of up to 60 % and a soft shadow
    paper: str = ""  # or "ruled", "squared"
    pencil: bool = False  # 60–120 grey levels darker than the paper, instead of a pen
    edge: bool = False  # something dark reaches into the picture from a side


CONDITIONS = {
    "flat_light": Conditions(),
    "uneven_light": Conditions(uneven=True),
    "ruled": Conditions(paper="ruled"),
    "squared": Conditions(paper="squared"),
    "pencil": Conditions(pencil=True),
    "all": Conditions(uneven=True, pencil=True, edge=True, paper="any"),
}


def photograph(pen: Drawing, conditions: Conditions, random: np.random.Generator) -> NDArray[np.uint8]:
    """A photograph (H, W, 3) uint8 of ``pen`` on paper."""
    if conditions.paper == "any":
        conditions = replace(conditions, paper=str(random.choice(["", "ruled", "squared"])))
        conditions = replace(conditions, pencil=bool(random.random() < 0.5), edge=bool(random.random() < 0.3))
    width, height = SIDES if random.random() < 0.5 else SIDES[::-1]
    colours = _sheet(pen, conditions, (width, height), random)
    colours *= _light(conditions, (width, height), random)[:, :, None]
    if conditions.edge:
        depth = round(random.uniform(0.02, 0.09) * height)
        ramp = np.arange(width) * random.uniform(-0.03, 0.03)
        rows = np.arange(height)[:, None] < (depth + ramp)[None, :]
        colours[rows[:: random.choice([-1, 1])]] = random.uniform(20, 90) * np.array([1.0, 0.85, 0.7])
    blurred = Image.fromarray(colours.clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(random.uniform(0.3, 1.2))
    )
    noisy = (
        np.asarray(blurred) + random.normal(0, random.uniform(1, 6), (height, width, 1)) + random.normal(0, 2, colours.shape)
    )
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=60)
    return decode(file.getvalue()).picture


def _sheet(pen: Drawing, conditions: Conditions, size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float64]:
    """The sheet under even light, (H, W, 3)."""
    width, height = size
    short = min(size)
    around = 2 * short  # the sheet reaches beyond the picture on all sides
    paper = random.uniform(205, 250) + random.uniform(-1, 1) * np.array([6.0, 0.0, -10.0])
    # digit: its longer side is 25 to 70 % of the picture's shorter one
    points = np.concatenate([np.array(stroke) for stroke in pen.strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    extent = random.uniform(0.25, 0.7) * short
    brush = random.uniform(0.035, 0.13) * extent
    scale = (extent - brush) / max((high - low).max(), 1.0)
    room = (np.array(size) - (high - low) * scale - brush) / 2 * 0.8
    middle = np.array([around, around]) / 2 + random.uniform(-1, 1, 2) * room
    strokes = [[tuple((np.array(p) - (low + high) / 2) * scale + middle) for p in stroke] for stroke in pen.strokes]
    fine = [[(x * SUPERSAMPLING, y * SUPERSAMPLING) for x, y in stroke] for stroke in strokes]
    ink = 1 - render(fine, size=around * SUPERSAMPLING, brush=brush * SUPERSAMPLING).astype(np.float32) / 255
    lines = Image.new("L", (around * SUPERSAMPLING, around * SUPERSAMPLING), 0)
    if conditions.paper:
        draw = ImageDraw.Draw(lines)
        gap = random.uniform(0.05, 0.12) * short if conditions.paper == "squared" else random.uniform(0.09, 0.25) * short
        thick = max(2, round(random.uniform(0.0025, 0.006) * short * SUPERSAMPLING))
        for at in np.arange(random.uniform(0, gap), around, gap) * SUPERSAMPLING:
            draw.line([(0, at), (around * SUPERSAMPLING, at)], fill=255, width=thick)
            if conditions.paper == "squared":
                draw.line([(at, 0), (at, around * SUPERSAMPLING)], fill=255, width=thick)
    layers = Image.merge("RGB", [lines, Image.fromarray((255 * ink).round().astype(np.uint8)), lines])
    layers = layers.transform(size, Image.Transform.PERSPECTIVE, _view(size, around, random), Image.Resampling.BICUBIC)
    shares = np.asarray(layers).astype(np.float64) / 255
    printed = LINES[random.integers(len(LINES))] / 250
    if conditions.pencil:
        colour = (paper - random.uniform(60, 120)) / paper
        grain = 1 - random.uniform(0, 0.35) * random.random((height, width))  # the paper's grain takes graphite unevenly
        shares[:, :, 1] *= grain
    else:
        colour = PENS[random.integers(len(PENS))] / 255
    sheet: NDArray[np.float64] = paper * (1 - shares[:, :, :1] * (1 - printed)) * (1 - shares[:, :, 1:2] * (1 - colour))
    return sheet


def _view(size: tuple[int, int], around: int, random: np.random.Generator) -> tuple[float, ...]:
    """Pillow's eight numbers: photograph's pixels -> sheet's, turned by up to 5° and a little in perspective."""
    width, height = size
    angle = np.deg2rad(random.uniform(-5, 5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    there = (corners - np.array(size) / 2) * (1 + random.uniform(-0.04, 0.04, (4, 2)))
    there = (there @ turn.T + around / 2) * SUPERSAMPLING
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return tuple(np.linalg.solve(np.array(rows), np.array(right)))


def _light(conditions: Conditions, size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float64]:
    """Light on every pixel, (H, W), 1 in full."""
    width, height = size
    exposure = random.uniform(0.85, 1.0)
    if not conditions.uneven:
        return np.full((height, width), exposure)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))

    def along() -> NDArray[np.float64]:
        angle = random.uniform(0, 2 * np.pi)
        ramp: NDArray[np.float64] = np.cos(angle) * across + np.sin(angle) * down
        return ramp

    ramp = along()
    gradient = 1 - random.uniform(0.2, 0.6) * (ramp - ramp.min()) / np.ptp(ramp)
    softness = random.uniform(0.03, 0.3)
    shadow = 1 - random.uniform(0, 0.45) / (1 + np.exp(-(along() - random.uniform(-0.6, 0.6)) / softness * 4))
    light: NDArray[np.float64] = exposure * gradient * shadow
    return light


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
