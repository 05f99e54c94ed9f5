"""Synthetic photographs of a digit on paper.

A sheet of tinted paper with a digit in a coloured pen or a pencil, plain, ruled or squared, is seen at a slight angle under
uneven light with the soft edge of a shadow, then blurred, with sensor noise, and saved as JPEG.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from mnist_cnn.drawing import decode
from mnist_cnn.drawing.unipen import Drawing, render

SIDES = 640, 480
"""Pixels of a photograph, landscape or portrait."""
SUPERSAMPLING = 2
PENS = np.array([[25, 25, 30], [25, 45, 140], [165, 30, 40], [20, 100, 60], [90, 40, 120]])
"""Colours of ink: black, blue, red, green, violet."""
LINES = np.array([[170, 195, 225], [185, 185, 185], [200, 180, 215]])
"""Colours of printed lines: pale blue, grey, violet."""


@dataclass(frozen=True)
class Conditions:
    """What is difficult about a photograph."""

    uneven: bool = False  # a gradient of up to 60 % and a soft shadow
    paper: str = ""  # plain; or "ruled", "squared", "any"
    pencil: bool = False  # 60–120 grey levels darker than the paper, instead of a pen
    edge: bool = False  # something dark reaches into the picture from a side
    blank: bool = False  # nothing is written on the sheet


CONDITIONS = {
    "flat_light": Conditions(),
    "uneven_light": Conditions(uneven=True),
    "ruled": Conditions(paper="ruled"),
    "squared": Conditions(paper="squared"),
    "pencil": Conditions(pencil=True),
    "all": Conditions(uneven=True, pencil=True, edge=True, paper="any"),
}


def photograph(pen: Drawing, conditions: Conditions, random: Generator) -> NDArray[np.uint8]:
    """A photograph of ``pen`` on paper, (H, W, 3) uint8."""
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


def _sheet(pen: Drawing, conditions: Conditions, size: tuple[int, int], random: Generator) -> NDArray[np.float64]:
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
    fine = [] if conditions.blank else [[(x * SUPERSAMPLING, y * SUPERSAMPLING) for x, y in s] for s in strokes]
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


def _view(size: tuple[int, int], around: int, random: Generator) -> tuple[float, ...]:
    """Pillow's eight coefficients, from the photograph's pixels to the sheet's: turned by up to 5°, in perspective."""
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


def _light(conditions: Conditions, size: tuple[int, int], random: Generator) -> NDArray[np.float64]:
    """How much light falls on every pixel, (H, W), 1 for all of it."""
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
