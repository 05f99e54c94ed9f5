"""Pen paths: the centre line of ink or a smooth curve, varied as other people would write it, and rendered as on the pad.

A path is in any unit, with y down. Everything random is drawn from a ``numpy`` generator.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from skimage.morphology import skeletonize

from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.model import IMAGE_SIZE

Images = NDArray[np.uint8]
"""(N, 28, 28) or (28, 28), bright ink on 0."""
Points = NDArray[np.float64]
"""The points of one stroke, (N, 2): x and y."""

SKELETON_SCALE = 3
"""Centre lines are computed at this multiple of MNIST's size."""
SKELETON_LEVEL = 110
"""Grey levels above this are ink there."""


def middle_line(ink: NDArray[np.bool_]) -> list[Points]:
    """The skeleton of ``ink``, (H, W), as short strokes between neighbouring pixels."""
    thin = np.pad(skeletonize(ink), 1)
    rows, columns = np.nonzero(thin)
    found = [np.array([[x, y]], float) for y, x in zip(rows, columns, strict=True)][:1]
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        both = thin[rows + down, columns + right]
        starts = np.stack([columns[both], rows[both]], axis=1).astype(float)
        found += [np.array([start, start + np.array([right, down])]) for start in starts]
    return found


def digit_strokes(image: Images) -> list[Points]:
    """The centre line of one MNIST digit, (28, 28): a guess at how the pen moved."""
    size = SKELETON_SCALE * IMAGE_SIZE
    return middle_line(np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) > SKELETON_LEVEL)


def by_hand(strokes: list[Points], random: Generator) -> list[Points]:
    """``strokes`` as another person might write them: slanted, stretched, slightly rotated, warped, with joints missed."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), max(np.ptp(points, axis=0).max(), 1e-6)
    angle, slant = random.normal(0, 0.08), random.uniform(-0.15, 0.4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, -slant], [0, 1]]) @ np.diag(np.exp(random.uniform(-0.3, 0.3, 2)))
    waves, phases = random.uniform(-7, 7, (2, 3, 2)), random.uniform(0, 2 * np.pi, (2, 3))
    strength = random.normal(0, 0.02, (2, 3))
    paths = [dense(stroke, 0.08 * extent) for stroke in strokes]
    path = (np.concatenate(paths) - low) / extent @ matrix.T
    path += (np.sin(np.einsum("nj,akj->nak", path, waves) + phases) * strength).sum(axis=2)  # varies smoothly along the path
    warped = np.split(path, np.cumsum([len(path) for path in paths])[:-1])
    if len(strokes) > 8:  # a middle line, whose pieces stay together
        return warped
    return [path + random.normal(0, 0.015, 2) for path in warped]


def dense(path: Points, step: float) -> Points:
    """``path`` with points added until neighbours are at most ``step`` apart."""
    if len(path) < 3 and np.hypot(*(path[-1] - path[0])) <= step:
        return path
    pieces = [path[:1]]
    for start, end in pairwise(path):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / step)))
        pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)


def as_drawn(strokes: list[Points]) -> Images:
    """(28, 28): what the pad makes of ``strokes``, drawn so that their longer side spans half of it."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), max(np.ptp(points, axis=0).max(), 1e-6)
    on_pad: list[Stroke] = [[(float(x), float(y)) for x, y in (path - low) / (2 * extent) + 0.25] for path in strokes]
    image = normalise_strokes(on_pad)
    assert image is not None
    return image


def curve(knots: Points, count: int) -> Points:
    """A smooth path of ``count`` points through ``knots`` (a Catmull–Rom spline)."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    at = np.linspace(0, len(knots) - 1, count)
    i = np.minimum(at.astype(int), len(knots) - 2)
    t = (at - i)[:, None]
    a, b, c, d = (padded[i + j] for j in range(4))
    path: Points = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return path


def polygon(corners: int, random: Generator) -> Points:
    """A closed polygon around the origin, slightly irregular, with radii of 0.7 to 1."""
    angles = np.arange(corners + 1) * 2 * np.pi / corners + random.uniform(0, 2 * np.pi)
    radii = np.append(random.uniform(0.7, 1, corners), 0)
    radii[-1] = radii[0]
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
