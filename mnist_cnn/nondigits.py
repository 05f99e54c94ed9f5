"""What is no digit: spoiled digits, letters and scribbles, to fit the score of ``confidence.py`` and to try it.

Letters are the strokes of Hershey's plotter fonts (PyPI ``Hershey-Fonts``) or the middle lines of TrueType letters, each
written anew as by another hand; scribbles are paths at random. Strokes are in any unit, y down, and
``strokes.normalise_strokes`` makes of them what the pad would. Everything random is drawn from a ``numpy`` generator.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize

from mnist_cnn.drawing import BOX_SIZE, place
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.strokes import Stroke, normalise_strokes

LETTERS = string.ascii_uppercase + string.ascii_lowercase
Images = NDArray[np.uint8]
"""(N, 28, 28), bright ink on 0."""
Path2 = NDArray[np.float64]
"""The points of one stroke, (N, 2): x and y."""
Scribble = Callable[[Generator], list[Path2]]

FINER = 3
"""Middle lines are found at this multiple of MNIST's size."""
TURNED_BY_180 = (3, 4, 7)
"""Digits that are none upside down: 0, 1, 2, 5 and 8 stay themselves, 6 and 9 become each other."""
MIRRORED = (3, 4, 6, 7, 9)
"""Digits that are none from behind: a 2 becomes nearly a 5, a 5 nearly a 2."""
FLIPPED = (4, 6, 7, 9)
TURNED_BY_90 = (2, 3, 4, 5, 6, 7, 8, 9)


def middle_line(ink: NDArray[np.bool_]) -> list[Path2]:
    """The skeleton of ``ink`` (H, W) as short strokes between neighbouring pixels."""
    thin = np.pad(skeletonize(ink), 1)
    rows, columns = np.nonzero(thin)
    found = [np.array([[x, y]], float) for y, x in zip(rows, columns, strict=True)][:1]
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        both = thin[rows + down, columns + right]
        starts = np.stack([columns[both], rows[both]], axis=1).astype(float)
        found += [np.array([start, start + np.array([right, down])]) for start in starts]
    return found


def digit_strokes(image: Images) -> list[Path2]:
    """The middle line of one MNIST digit (28, 28): the digit as a pen would have given it."""
    size = FINER * IMAGE_SIZE
    return middle_line(np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) > 110)


@cache
def hershey(font: str, letter: str) -> list[Path2]:
    """The strokes of a letter of a Hershey font."""
    from HersheyFonts import HersheyFonts

    fonts = HersheyFonts()
    fonts.load_default_font(font)
    return [np.array(list(stroke), float) for stroke in fonts.strokes_for_text(letter)]


@cache
def truetype(font: str, letter: str) -> list[Path2]:
    """The middle lines of a letter of a TrueType font file."""
    image = Image.new("L", (80, 80))
    ImageDraw.Draw(image).text((40, 40), letter, fill=255, font=ImageFont.truetype(font, 40), anchor="mm")
    return middle_line(np.asarray(image) > 127)


def by_hand(strokes: list[Path2], random: Generator) -> list[Path2]:
    """``strokes`` as another hand would write them: slanted, narrow or wide, turned a little, bent, joints missed."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), max(np.ptp(points, axis=0).max(), 1e-6)
    angle, slant = random.normal(0, 0.08), random.uniform(-0.15, 0.4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, -slant], [0, 1]]) @ np.diag(np.exp(random.uniform(-0.3, 0.3, 2)))
    waves, phases = random.uniform(-7, 7, (2, 3, 2)), random.uniform(0, 2 * np.pi, (2, 3))
    strength = random.normal(0, 0.02, (2, 3))
    paths = [dense(stroke, 0.08 * extent) for stroke in strokes]
    path = (np.concatenate(paths) - low) / extent @ matrix.T
    path += (np.sin(np.einsum("nj,akj->nak", path, waves) + phases) * strength).sum(axis=2)  # smooth in place
    bent = np.split(path, np.cumsum([len(path) for path in paths])[:-1])
    if len(strokes) > 8:  # the pieces of a middle line stay together
        return bent
    return [path + random.normal(0, 0.015, 2) for path in bent]


def dense(path: Path2, step: float) -> Path2:
    """``path`` with points at most ``step`` apart."""
    if len(path) < 3 and np.hypot(*(path[-1] - path[0])) <= step:
        return path
    pieces = [path[:1]]
    for start, end in pairwise(path):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / step)))
        pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)


def seen(strokes: list[Path2]) -> Images:
    """(28, 28): what the pad makes of ``strokes``, whose longer side fills half of it."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), max(np.ptp(points, axis=0).max(), 1e-6)
    on_pad: list[Stroke] = [[(float(x), float(y)) for x, y in (path - low) / (2 * extent) + 0.25] for path in strokes]
    image = normalise_strokes(on_pad)
    assert image is not None
    return image


# --- spoiled digits -------------------------------------------------------------------------------------------------


def centred(image: NDArray[np.uint8]) -> Images:
    """Ink of any size brought to MNIST's: its longer side 20 pixels, its mass in the middle."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX_SIZE / max(box.shape)
    size = (max(1, round(box.shape[1] * scale)), max(1, round(box.shape[0] * scale)))
    small = np.asarray(Image.fromarray(box).resize(size, Image.Resampling.BOX), np.float32)
    return place(small * (255 / small.max()))


def spoil(images: Images, labels: NDArray[np.int64], count: int, random: Generator) -> Images:
    """(count, 28, 28): digits of ``images`` made into what is none, in nine ways taking turns."""
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
        return seen(strokes)

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


# --- scribbles ------------------------------------------------------------------------------------------------------


def curve(knots: Path2, count: int) -> Path2:
    """A smooth path of ``count`` points past ``knots`` (Catmull and Rom's spline)."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    at = np.linspace(0, len(knots) - 1, count)
    i = np.minimum(at.astype(int), len(knots) - 2)
    t = (at - i)[:, None]
    a, b, c, d = (padded[i + j] for j in range(4))
    path: Path2 = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return path


def polygon(corners: int, random: Generator) -> Path2:
    """A closed polygon around 0, not quite regular."""
    angles = np.arange(corners + 1) * 2 * np.pi / corners + random.uniform(0, 2 * np.pi)
    radii = np.append(random.uniform(0.7, 1, corners), 0)
    radii[-1] = radii[0]
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _tangle(random: Generator) -> list[Path2]:
    knots = random.uniform(-1, 1, (random.integers(7, 20), 2)) * random.uniform(0.5, 1, 2)
    return [curve(knots, 8 * len(knots))]


def _sticks(random: Generator) -> list[Path2]:
    middles = random.uniform(-1, 1, (random.integers(4, 14), 1, 2))
    return [*(middles + random.uniform(-0.7, 0.7, (len(middles), 2, 2)))]


def _waves(random: Generator) -> list[Path2]:
    turns = random.uniform(2.5, 7)
    t = np.linspace(0, 1, 80)
    wave = np.stack([2 * t, random.uniform(0.2, 0.9) * np.sin(2 * np.pi * turns * t)], axis=1)
    return [wave @ _turn(random)]


def _loops(random: Generator) -> list[Path2]:
    t = np.linspace(0, 2 * np.pi, 150)
    a, b = random.choice([(1, 3), (2, 3), (3, 4), (3, 5), (2, 5), (1, 4)])
    return [np.stack([np.sin(a * t + random.uniform(0, 3)), np.sin(b * t)], axis=1) @ _turn(random)]


def _star(random: Generator) -> list[Path2]:
    corners = int(random.integers(5, 10))
    step = int(random.integers(2, (corners - 1) // 2 + 1))
    around = polygon(corners, random)[:-1]
    return [around[(np.arange(corners + 1) * step) % corners]]


def _rings(random: Generator) -> list[Path2]:
    ring = curve(polygon(9, random), 40)
    middles = random.uniform(-1.2, 1.2, (random.integers(2, 5), 2)) * random.choice([0, 1])
    sizes = random.uniform(0.2, 1, len(middles))
    return [ring * size + middle for size, middle in zip(sizes, middles, strict=True)]


def _grid(random: Generator) -> list[Path2]:
    rows, columns = random.integers(1, 5, 2) + np.array([1, 0])
    across = [np.array([[0, y], [1, y]]) for y in np.linspace(0, 1, rows)]
    down = [np.array([[x, 0], [x, 1]]) for x in np.linspace(0, 1, columns)]
    turn = _turn(random)
    return [(line + random.normal(0, 0.05, (2, 2))) @ turn for line in across + down]


def _corners(random: Generator) -> list[Path2]:
    return [polygon(int(random.integers(3, 5)), random) * random.uniform(0.6, 1, 2)]


def _rays(random: Generator) -> list[Path2]:
    angles = np.sort(random.uniform(0, 2 * np.pi, random.integers(5, 12)))
    return [np.array([[0, 0], [np.cos(a), np.sin(a)]]) * random.uniform(0.5, 1) for a in angles]


def _arrow(random: Generator) -> list[Path2]:
    head = np.array([[0.7, -random.uniform(0.2, 0.5)], [1, 0], [0.7, random.uniform(0.2, 0.5)]])
    turn = _turn(random)
    return [np.array([[0, 0], [1, 0]]) @ turn, head @ turn]


def _face(random: Generator) -> list[Path2]:
    ring = curve(polygon(9, random), 40)
    eyes = [np.array([[x, -0.3], [x, -0.1]]) for x in (-0.35, 0.35)]
    mouth = curve(np.array([[-0.4, 0.3], [0, random.uniform(0.1, 0.6)], [0.4, 0.3]]), 12)
    return [ring, *eyes, mouth]


def _filled(random: Generator) -> list[Path2]:
    around = curve(polygon(int(random.integers(4, 9)), random), 60) * random.uniform(0.5, 1, 2)
    return [around * size for size in np.linspace(1, 0.1, 8)]


def _splash(random: Generator) -> list[Path2]:
    middles = random.normal(0, 1, (random.integers(2, 9), 2))
    return [middle + curve(polygon(6, random), 20) * random.uniform(0.02, 0.3) for middle in middles]


def _wander(random: Generator) -> list[Path2]:
    found = []
    for _ in range(random.integers(1, 4)):
        heading = np.cumsum(random.normal(0, random.uniform(0.3, 0.8), random.integers(40, 120)))
        found.append(np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0) + random.normal(0, 6, 2))
    return found


def _turn(random: Generator) -> NDArray[np.float64]:
    angle = random.uniform(0, 2 * np.pi)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


SCRIBBLES: dict[str, Scribble] = {
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
"""Kinds that the score is fitted on; the benchmark has its own."""
