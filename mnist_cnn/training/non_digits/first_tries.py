"""What people draw first to try out a digit recogniser, none of it a digit: a question mark, a heart, a face …

Each function returns the strokes of one drawing, (points, 2) with y down, in about −1…1; ``paths.by_hand`` then slants,
stretches and bends them as another person would.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from mnist_cnn.training.non_digits.paths import Points, by_hand, curve
from mnist_cnn.training.non_digits.scribbles import Outline


def _arc(start: float, stop: float, count: int = 24) -> Points:
    """Part of the unit circle, angles in turns, clockwise from the right."""
    angle = 2 * np.pi * np.linspace(start, stop, count)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _jitter(path: Points, random: Generator, size: float = 0.05) -> Points:
    return path + random.normal(0, size, path.shape)


def question_mark(random: Generator) -> list[Points]:
    """A hook open to the left, a stem that may be short or bent, and nearly always a dot."""
    knots = np.array([[-0.45, -0.55], [-0.3, -0.9], [0.1, -1], [0.45, -0.75], [0.4, -0.4], [0.08, -0.1], [0.0, 0.3]])
    knots = _jitter(knots, random, 0.06) * [random.uniform(0.7, 1.3), 1]
    body = curve(knots[int(random.integers(0, 2)) :], 28)
    if random.random() < 0.2:  # a stem of its own, straight down
        body = np.concatenate([body, [[body[-1, 0], body[-1, 1] + random.uniform(0.1, 0.3)]]])
    dot = np.array([body[-1] + [random.normal(0, 0.06), random.uniform(0.2, 0.5)]])
    if random.random() < 0.4:
        dot = dot + _arc(0, 1, 8) * random.uniform(0.02, 0.1)
    return [body, dot] if random.random() < 0.9 else [body]


def plus(random: Generator) -> list[Points]:
    """A vertical and a horizontal stroke that cross."""
    x, y = random.normal(0, 0.12, 2)
    wide, high = random.uniform(0.7, 1.1, 2)
    return [_jitter(np.array([[-wide, y], [wide, y]]), random), _jitter(np.array([[x, -high], [x, high]]), random)]


def cross(random: Generator) -> list[Points]:
    """Two diagonal strokes that cross."""
    one = _jitter(np.array([[-0.8, -0.9], [0.8, 0.9]]), random, 0.12)
    return [one, _jitter(np.array([[0.8, -0.9], [-0.8, 0.9]]), random, 0.12)]


def level_line(random: Generator) -> list[Points]:
    """One stroke from left to right, at most 25° from the horizontal, straight or slightly bent."""
    knots = np.array([[-1, 0], [0, random.normal(0, 0.06)], [1, 0]])
    angle = random.uniform(-0.43, 0.43) * random.random()
    return [curve(knots, 8) @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])]


def equals(random: Generator) -> list[Points]:
    """Two or three horizontal strokes above each other."""
    gap = random.uniform(0.3, 0.8)
    return [_jitter(np.array([[-1, gap * i], [1, gap * i]]), random) for i in range(int(random.integers(2, 4)))]


def heart(random: Generator) -> list[Points]:
    """In one stroke or two."""
    dent, tip = random.uniform(-0.65, -0.25), random.uniform(0.85, 1.15)
    half = np.array([[0, dent], [0.3, -0.9], [0.75, -0.85], [0.95, -0.45], [0.65, 0.2], [0.25, 0.7], [0, tip]])
    right, left = (curve(_jitter(half, random), 24) * [side * random.uniform(0.85, 1.1), 1] for side in (1, -1))
    if random.random() < 0.3:
        return [left, right]
    around = np.concatenate([left, right[::-1]])
    return [around if random.random() < 0.7 else around[::-1]]


def face(random: Generator) -> list[Points]:
    """A ring, two eyes, a mouth with its corners up or down, and in a third of the cases a nose."""
    start = random.random()
    ring = _arc(start, start + random.uniform(0.93, 1.06), 32) * random.uniform(0.85, 1.1, 2)
    across, height, size = random.uniform(0.25, 0.45), random.uniform(-0.45, -0.2), random.uniform(0.02, 0.14)
    bar = np.array([[0, -size], [0, size]])
    eyes: list[Points] = []
    kind = int(random.integers(3))
    for x in (-across, across):
        middle = np.array([[x, height]]) + random.normal(0, 0.03, 2)
        eyes.append([middle, middle + _arc(0, 1, 10) * size, middle + bar][kind])
    depth = random.uniform(0.1, 0.35) * random.choice([1, 1, 1, -0.7, 0.1])
    wide, low = random.uniform(0.3, 0.55), random.uniform(0.25, 0.45)
    mouth = curve(_jitter(np.array([[-wide, low], [0, low + depth], [wide, low]]), random, 0.03), 12)
    nose = [np.array([[0, -0.1], [random.normal(0, 0.08), 0.15]])] if random.random() < 0.35 else []
    return [ring, *eyes, *nose, mouth]


def star(random: Generator) -> list[Points]:
    """A pentagram in one stroke, an outline of four to six points, or strokes through one centre."""
    kind = random.random()
    if kind < 0.45:
        at = _arc(-0.25, 0.75, 6)[[0, 2, 4, 1, 3, 5]]
        return [_jitter(at, random, 0.09)]
    if kind < 0.8:
        corners = int(random.choice([5, 5, 5, 6, 4]))
        radii = np.where(np.arange(2 * corners + 1) % 2, random.uniform(0.35, 0.6), 1.0)[:, None]
        around = _jitter(_arc(-0.25, 0.75, 2 * corners + 1) * radii, random, 0.05)
        around[-1] = around[0] + random.normal(0, 0.03, 2)
        return [around]
    count = int(random.integers(3, 5))
    turned = np.arange(count) / (2 * count) + random.normal(0, 0.02, count) + 0.25
    return [_jitter(np.concatenate([_arc(t, t, 1), -_arc(t, t, 1)]), random, 0.06) for t in turned]


def spiral(random: Generator) -> list[Points]:
    """1.6 to 5 turns, outwards or inwards, in either direction."""
    turns = random.uniform(1.6, 5)
    share = np.linspace(random.uniform(0, 0.1), 1, int(16 * turns))
    angle = 2 * np.pi * (turns * share + random.random())
    path = np.stack([np.cos(angle), np.sin(angle)], axis=1) * share[:, None] ** random.uniform(0.7, 1.2)
    path *= [random.choice([-1, 1]), random.uniform(0.75, 1.2)]
    return [path[::-1] if random.random() < 0.4 else path]


def dot(random: Generator) -> list[Points]:
    """One touch of the pen or a few in one place; small, and not to be enlarged."""
    size = random.uniform(0, 0.12)
    return [random.normal(0, 1, (int(random.integers(1, 5)), 2)) * size]


def tick(random: Generator) -> list[Points]:
    """A short stroke down and a long one up."""
    knots = np.array([[-0.7, 0.1], [-0.25, 0.7], [0.8, random.uniform(-1, -0.5)]])
    return [_jitter(knots, random, 0.08)]


def house(random: Generator) -> list[Points]:
    """A square with a roof, a square alone, or a roof closed to a triangle."""
    box = _jitter(np.array([[-0.7, -0.2], [-0.7, 1], [0.7, 1], [0.7, -0.2], [-0.7, -0.2]]), random)
    roof = _jitter(np.array([[-0.8, -0.2], [0, -1], [0.8, -0.2]]), random)
    return [[box, roof], [box], [np.concatenate([roof, roof[:1]])]][int(random.integers(3))]


def person(random: Generator) -> list[Points]:
    """A stick figure."""
    head = _arc(0.25, 1.27, 16) * random.uniform(0.22, 0.35) - [0, 0.7]
    body = np.array([[0, -0.4], [0, 0.3]])
    arms = np.array([[-0.5, random.uniform(-0.3, 0.1)], [0, -0.15], [0.5, random.uniform(-0.3, 0.1)]])
    legs = np.array([[-0.45, 1], [0, 0.3], [0.45, 1]])
    return [_jitter(path, random, 0.03) for path in (head, body, arms, legs)]


def infinity(random: Generator) -> list[Points]:
    """An 8 lying on its side."""
    angle = 2 * np.pi * (np.linspace(0, random.uniform(0.97, 1.05), 40) + random.random())
    return [np.stack([np.sin(angle), random.uniform(0.3, 0.5) * np.sin(2 * angle)], axis=1)]


def flower(random: Generator) -> list[Points]:
    """Petals around a centre: a flower, or without the centre a cloud."""
    petals = int(random.integers(4, 8))
    angle = np.linspace(0, 1, 10 * petals + 1)
    radius = 0.75 + random.uniform(0.15, 0.3) * np.abs(np.sin(np.pi * petals * angle))
    around = _arc(0, 1, len(angle)) * radius[:, None] * [1, random.uniform(0.5, 1)]
    return [around, _arc(0, 1, 12) * 0.3] if random.random() < 0.5 else [around]


FIRST_TRIES: dict[str, Outline] = {
    make.__name__.replace("_", " "): make
    for make in (
        question_mark,
        plus,
        cross,
        level_line,
        equals,
        heart,
        face,
        star,
        spiral,
        dot,
        tick,
        house,
        person,
        infinity,
        flower,
    )
}
"""The kinds that the network is trained on; ``benchmarks.first_tries`` draws others."""


def draw_first_try(kind: str, random: Generator) -> list[Points]:
    """The strokes of one drawing of ``kind``, in about −1…1; a dot keeps its size, all others may be scaled."""
    strokes = FIRST_TRIES[kind](random)
    return strokes if kind == "dot" else by_hand(strokes, random)
