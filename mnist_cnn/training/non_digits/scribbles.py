"""Scribbles: random paths that are not digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_cnn.training.non_digits.paths import Points, curve, polygon

Outline = Callable[[Generator], list[Points]]
"""Draws the paths of one scribble or one shape."""


def _tangle(random: Generator) -> list[Points]:
    knots = random.uniform(-1, 1, (random.integers(7, 20), 2)) * random.uniform(0.5, 1, 2)
    return [curve(knots, 8 * len(knots))]


def _sticks(random: Generator) -> list[Points]:
    middles = random.uniform(-1, 1, (random.integers(4, 14), 1, 2))
    return [*(middles + random.uniform(-0.7, 0.7, (len(middles), 2, 2)))]


def _waves(random: Generator) -> list[Points]:
    turns = random.uniform(2.5, 7)
    t = np.linspace(0, 1, 80)
    wave = np.stack([2 * t, random.uniform(0.2, 0.9) * np.sin(2 * np.pi * turns * t)], axis=1)
    return [wave @ _turn(random)]


def _loops(random: Generator) -> list[Points]:
    t = np.linspace(0, 2 * np.pi, 150)
    a, b = random.choice([(1, 3), (2, 3), (3, 4), (3, 5), (2, 5), (1, 4)])
    return [np.stack([np.sin(a * t + random.uniform(0, 3)), np.sin(b * t)], axis=1) @ _turn(random)]


def _star(random: Generator) -> list[Points]:
    corners = int(random.integers(5, 10))
    step = int(random.integers(2, (corners - 1) // 2 + 1))
    around = polygon(corners, random)[:-1]
    return [around[(np.arange(corners + 1) * step) % corners]]


def _rings(random: Generator) -> list[Points]:
    ring = curve(polygon(9, random), 40)
    middles = random.uniform(-1.2, 1.2, (random.integers(2, 5), 2)) * random.choice([0, 1])
    sizes = random.uniform(0.2, 1, len(middles))
    return [ring * size + middle for size, middle in zip(sizes, middles, strict=True)]


def _grid(random: Generator) -> list[Points]:
    rows, columns = random.integers(1, 5, 2) + np.array([1, 0])
    across = [np.array([[0, y], [1, y]]) for y in np.linspace(0, 1, rows)]
    down = [np.array([[x, 0], [x, 1]]) for x in np.linspace(0, 1, columns)]
    turn = _turn(random)
    return [(line + random.normal(0, 0.05, (2, 2))) @ turn for line in across + down]


def _corners(random: Generator) -> list[Points]:
    return [polygon(int(random.integers(3, 5)), random) * random.uniform(0.6, 1, 2)]


def _rays(random: Generator) -> list[Points]:
    angles = np.sort(random.uniform(0, 2 * np.pi, random.integers(5, 12)))
    return [np.array([[0, 0], [np.cos(a), np.sin(a)]]) * random.uniform(0.5, 1) for a in angles]


def _arrow(random: Generator) -> list[Points]:
    head = np.array([[0.7, -random.uniform(0.2, 0.5)], [1, 0], [0.7, random.uniform(0.2, 0.5)]])
    turn = _turn(random)
    return [np.array([[0, 0], [1, 0]]) @ turn, head @ turn]


def _face(random: Generator) -> list[Points]:
    ring = curve(polygon(9, random), 40)
    eyes = [np.array([[x, -0.3], [x, -0.1]]) for x in (-0.35, 0.35)]
    mouth = curve(np.array([[-0.4, 0.3], [0, random.uniform(0.1, 0.6)], [0.4, 0.3]]), 12)
    return [ring, *eyes, mouth]


def _filled(random: Generator) -> list[Points]:
    around = curve(polygon(int(random.integers(4, 9)), random), 60) * random.uniform(0.5, 1, 2)
    return [around * size for size in np.linspace(1, 0.1, 8)]


def _splash(random: Generator) -> list[Points]:
    middles = random.normal(0, 1, (random.integers(2, 9), 2))
    return [middle + curve(polygon(6, random), 20) * random.uniform(0.02, 0.3) for middle in middles]


def _wander(random: Generator) -> list[Points]:
    found = []
    for _ in range(random.integers(1, 4)):
        heading = np.cumsum(random.normal(0, random.uniform(0.3, 0.8), random.integers(40, 120)))
        found.append(np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0) + random.normal(0, 6, 2))
    return found


def _turn(random: Generator) -> NDArray[np.float64]:
    angle = random.uniform(0, 2 * np.pi)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


SCRIBBLES: dict[str, Outline] = {
    "tangle": _tangle,
    "sticks": _sticks,
    "waves": _waves,
    "loops": _loops,
    "star": _star,
    "rings": _rings,
    "grid": _grid,
    "corners": _corners,
    "rays": _rays,
    "arrow": _arrow,
    "face": _face,
    "filled": _filled,
    "splash": _splash,
    "wander": _wander,
}
"""The kinds that the score is fitted on; the benchmark has others."""
