"""Digits made into images that are not digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_cnn.drawing.picture import BOX_SIZE, place
from mnist_cnn.drawing.raster import bounding_box, resize
from mnist_cnn.training.non_digits.paths import Images, as_drawn, curve, digit_strokes

TURNED_BY_180 = (3, 4, 7)
"""Digits that are no longer digits upside down: 0, 1, 2, 5 and 8 look the same, and 6 and 9 become each other."""
MIRRORED = (3, 4, 6, 7, 9)
"""Digits that are no longer digits when mirrored: a 2 looks almost like a 5, and a 5 like a 2."""
FLIPPED = (4, 6, 7, 9)
TURNED_BY_90 = (2, 3, 4, 5, 6, 7, 8, 9)


def centred(image: NDArray[np.uint8]) -> Images:
    """Ink of any size in MNIST's format: its longer side 20 pixels, its centre of mass in the middle."""
    small = resize(image[bounding_box(image > 0)], BOX_SIZE).astype(np.float32)
    return place(small * (255 / small.max()))


def spoil(images: Images, labels: NDArray[np.int64], count: int, random: Generator) -> Images:
    """(count, 28, 28): digits of ``images`` made into images that are not digits, in nine ways, in turn."""
    by_label = [np.flatnonzero(labels == digit) for digit in range(10)]

    def pick(digits: tuple[int, ...] = tuple(range(10))) -> Images:
        image: Images = images[random.choice(by_label[random.choice(digits)])]
        return image

    def joined(axis: int) -> Images:
        halves = [pick()[:, 4:24] if axis else pick()[4:24] for _ in range(2)]
        return centred(np.concatenate(halves, axis=axis))

    def halves(axis: int) -> Images:
        first, second = random.choice(10, 2, replace=False)
        a, b = (pick((int(digit),)) for digit in (first, second))
        return centred(np.concatenate([a[:14], b[14:]]) if axis else np.concatenate([a[:, :14], b[:, 14:]], axis=1))

    def shuffled() -> Images:
        image = pick()[4:24, 4:24]
        quarters = [image[:10, :10], image[:10, 10:], image[10:, :10], image[10:, 10:]]
        a, b, c, d = (quarters[i] for i in np.roll(random.permutation(4), 1))
        return centred(np.block([[a, b], [c, d]]))

    def crossed() -> Images:
        strokes = digit_strokes(pick())
        low, high = np.concatenate(strokes).min(axis=0), np.concatenate(strokes).max(axis=0)
        for _ in range(random.integers(2, 4)):
            ends = low - 6 + (high - low + 12) * random.uniform(0, 1, (3, 2))
            strokes.append(curve(ends, 20))
        return as_drawn(strokes)

    def over() -> Images:
        return centred(np.maximum(pick(), np.roll(pick(), random.integers(-5, 6, 2), axis=(0, 1))))

    ways: list[Callable[[], Images]] = [
        lambda: centred(pick(MIRRORED)[:, ::-1]),
        lambda: centred(np.rot90(pick(TURNED_BY_180), 2)),
        lambda: centred(np.rot90(pick(TURNED_BY_90), random.choice([1, 3]))),
        lambda: joined(int(random.integers(2))),
        lambda: halves(int(random.integers(2))),
        shuffled,
        crossed,
        over,
        lambda: centred(pick(FLIPPED)[::-1]),
    ]
    return np.stack([ways[number % len(ways)]() for number in range(count)])
