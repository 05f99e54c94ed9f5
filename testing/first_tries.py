"""Eight things that people draw first to try out a digit recogniser: a question mark, a plus, a line …

``mnist_cnn.training.non_digits.first_tries`` draws the same things for training, with other formulas, so that benchmarks
measure on drawings that are not trained on. Points are in fractions of the pad's side.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_cnn.drawing.strokes import Stroke

Points = NDArray[np.float64]
"""The points of one stroke, (N, 2), in about −1…1."""
TREMBLE = 0.012
"""Amplitude of the three waves of a trembling hand, in units of the drawings below, which are about 2 in size."""


def _ellipse(x: float, y: float, wide: float, high: float, turns: float, start: float) -> Points:
    angle = 2 * np.pi * (start + np.linspace(0, turns, max(6, int(40 * turns * max(wide, high) ** 0.5))))
    return np.stack([x + wide * np.cos(angle), y + high * np.sin(angle)], axis=1)


def _line(*ends: tuple[float, float]) -> Points:
    return np.concatenate([np.linspace(a, b, 12) for a, b in pairwise(ends)])


def _question_mark(random: Generator) -> list[Points]:
    bow = _ellipse(0, -0.5, random.uniform(0.35, 0.6), 0.5, random.uniform(0.6, 0.72), random.uniform(0.42, 0.55))
    stem = _line(tuple(bow[-1]), (random.uniform(-0.05, 0.1), random.uniform(0.3, 0.55)))
    return [np.concatenate([bow, stem]), np.array([[random.normal(0, 0.05), random.uniform(0.75, 1)]])]


def _plus(random: Generator) -> list[Points]:
    wide, x, y = random.uniform(0.6, 1.1), random.normal(0, 0.08), random.normal(0, 0.1)
    return [_line((x, -0.9), (x, 0.9)), _line((-wide, y), (wide, y))]


def _line_across(random: Generator) -> list[Points]:
    fall = random.uniform(-0.2, 0.2)
    return [_line((-1, -fall), (1, fall))]


def _heart(random: Generator) -> list[Points]:
    t = 2 * np.pi * np.linspace(0, 1, 60)
    y = -(13 * np.cos(t) - random.uniform(4, 6) * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16
    return [np.stack([random.uniform(0.85, 1.2) * np.sin(t) ** 3, y], axis=1)]


def _face(random: Generator) -> list[Points]:
    apart, size = random.uniform(0.28, 0.42), random.uniform(0.03, 0.12)
    eyes = [_ellipse(side * apart, -0.3, size, size, 1, 0) for side in (-1, 1)]
    mouth = _ellipse(0, random.uniform(0, 0.2), 0.5, random.uniform(0.25, 0.45), random.uniform(0.35, 0.5), 0.03)
    return [_ellipse(0, 0, 1, random.uniform(0.85, 1.15), random.uniform(0.95, 1.05), random.random()), *eyes, mouth]


def _star(random: Generator) -> list[Points]:
    angle = 2 * np.pi * (np.arange(6) * 2 / 5 - 0.25) + random.normal(0, 0.06, 6)
    tips = np.stack([np.cos(angle), np.sin(angle)], axis=1) * random.uniform(0.85, 1.1, (6, 1))
    return [_line(*((float(x), float(y)) for x, y in tips))]


def _spiral(random: Generator) -> list[Points]:
    turns = random.uniform(2, 4)
    angle = 2 * np.pi * np.linspace(0.05, turns, int(30 * turns))
    return [np.stack([np.cos(angle), random.choice([-1, 1]) * np.sin(angle)], axis=1) * angle[:, None] / angle[-1]]


def _dot(random: Generator) -> list[Points]:
    return [random.normal(0, 0.02, (int(random.integers(1, 4)), 2))]


EIGHT: dict[str, Callable[[Generator], list[Points]]] = {
    "question mark": _question_mark,
    "plus": _plus,
    "line": _line_across,
    "heart": _heart,
    "face": _face,
    "star": _star,
    "spiral": _spiral,
    "dot": _dot,
}


def drawn(kind: str, random: Generator) -> list[Stroke]:
    """One drawing of ``kind``, slightly rotated, slanted and trembling, half as large as the pad; a dot stays small."""
    paths = EIGHT[kind](random)
    angle, slant, wide = random.normal(0, 0.07), random.uniform(-0.1, 0.25), random.uniform(0.8, 1.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[wide, -slant], [0, 1]])
    found: list[Stroke] = []
    for path in paths:
        waves, phases = random.uniform(2, 6, (3, 2)), random.uniform(0, 2 * np.pi, (3, 2))
        tremble = np.sin(path[:, :1, None] * waves + path[:, 1:, None] * waves[::-1] + phases).sum(axis=1) * TREMBLE
        found.append([(float(x), float(y)) for x, y in (path @ matrix.T + tremble) * random.uniform(0.24, 0.26) + 0.5])
    return found
