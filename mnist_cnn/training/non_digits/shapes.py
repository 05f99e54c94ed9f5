"""Filled grey shapes that are not digits."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from mnist_cnn.drawing import normalise
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.training.non_digits.paths import Images, Points, curve, polygon
from mnist_cnn.training.non_digits.scribbles import Outline

SHAPE_SCALE = 2
"""Shapes are drawn at this multiple of MNIST's size, then reduced."""


def _polygons(corners: list[Points]) -> NDArray[np.float64]:
    """The union of closed polygons in −1…1, (56, 56), 0 or 1."""
    size = SHAPE_SCALE * IMAGE_SIZE
    image = Image.new("L", (size, size))
    for path in corners:
        ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in (path + 1) * size / 2], fill=1)
    return np.asarray(image, np.float64)


def _rounded(random: Generator) -> list[Points]:
    return [curve(polygon(int(random.integers(4, 10)), random), 60) * random.uniform(0.5, 1.1, 2)]


def _ellipse(random: Generator) -> list[Points]:
    t = np.linspace(0, 2 * np.pi, 60)
    return [np.stack([np.cos(t), np.sin(t)], axis=1) * random.uniform(0.45, 1.05, 2)]


def _trapezoid(random: Generator) -> list[Points]:
    top, bottom = random.uniform(0.35, 1, 2)
    height = random.uniform(0.4, 1.05)
    lean = random.uniform(-0.3, 0.3)
    box = np.array([[-top + lean, -height], [top + lean, -height], [bottom, height], [-bottom, height]])
    return [box if random.random() < 0.7 else box[:, ::-1]]


def _heap(random: Generator) -> list[Points]:
    """Several overlapping polygons, in half of all cases symmetric."""
    parts = [
        polygon(int(random.integers(3, 7)), random) * random.uniform(0.15, 0.9, 2) + random.uniform(-0.5, 0.5, 2)
        for _ in range(random.integers(2, 6))
    ]
    return parts + [part * np.array([-1, 1]) for part in parts] if random.random() < 0.5 else parts


def _profile(random: Generator) -> list[Points]:
    """A body along a vertical or horizontal axis, with a width at every height, as vases, coats and soles have."""
    heights = np.linspace(-1, 1, int(random.integers(4, 9))) * random.uniform(0.4, 1)
    right = random.uniform(0.25, 1, len(heights))
    left = -right if random.random() < 0.6 else -random.uniform(0.1, 1, len(heights))
    body = np.concatenate([np.stack([right, heights], axis=1), np.stack([left, heights], axis=1)[::-1]])
    return [body if random.random() < 0.6 else body[:, ::-1]]


def _legs(random: Generator) -> list[Points]:
    """A block from which two to four wide bars extend."""
    count, foot = int(random.integers(2, 5)), random.uniform(-0.6, 0.2)
    width = random.uniform(0.6, 0.95)
    edges = np.linspace(-width, width, 2 * count)[:, None] + random.normal(0, 0.04, (2 * count, 2))
    bars = [
        np.array([[a[0], foot], [b[0], foot], [b[1], 0.95], [a[1], 0.95]])
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    block = np.array([[-width, -0.95], [width, -0.95], [width, foot + 0.05], [-width, foot + 0.05]])
    turned = np.rot90(np.eye(2), int(random.integers(4))) if random.random() < 0.4 else np.eye(2)
    return [part @ turned for part in [block, *bars]]


SHAPES: dict[str, Outline] = {
    "rounded": _rounded,
    "ellipse": _ellipse,
    "trapezoid": _trapezoid,
    "heap": _heap,
    "profile": _profile,
    "legs": _legs,
}
"""Kinds of shapes: closed polygons in about −1…1."""


def filled_shape(shape: Outline, random: Generator) -> Images:
    """(28, 28): a shape filled with greys, with or without holes, of any size from small to cut off by the border."""
    outline = shape(random)
    size = random.uniform(0.55, 1.1)
    middle = random.normal(0, 0.08, 2)
    ink = _polygons([path * size + middle for path in outline])
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    ink *= random.uniform(0.4, 1)
    for _ in range(random.integers(0, 4)):  # patches of another grey; those of 0 are holes
        patch = _polygons(
            [polygon(int(random.integers(3, 8)), random) * random.uniform(0.1, 0.6, 2) + random.uniform(-0.6, 0.6, 2)]
        )
        ink *= 1 - patch * (1 - random.choice([0, *random.uniform(0.3, 1.5, 3)]))
    angle = random.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    if random.random() < 0.5:  # a gradient
        ink *= 1 + random.uniform(0, 0.7) * along
    if random.random() < 0.35:  # stripes
        ink *= 1 + random.uniform(0.1, 0.5) * np.sign(np.sin(along * random.uniform(4, 25)))
    if random.random() < 0.4:  # a lighter or darker rim
        small = (
            np.asarray(Image.fromarray((ink > 0).astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(3)), float) / 255
        )
        ink *= 1 + random.uniform(-0.6, 0.6) * small**4
    image = Image.fromarray((255 * ink / max(ink.max(), 1e-6)).clip(0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.5)))
    grey = np.asarray(image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BOX), float)
    grey *= 1 + random.choice([0, 0.05, 0.25]) * random.normal(0, 1, grey.shape)  # a texture
    small_image: Images = (grey * random.uniform(0.6, 1)).clip(0, 255).astype(np.uint8)
    found = normalise(small_image) if random.random() < 0.5 else None
    return small_image if found is None else found
