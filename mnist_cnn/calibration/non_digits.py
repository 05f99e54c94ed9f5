"""What is no digit: spoiled digits, letters, scribbles and filled shapes, to fit ``confidence.py``'s score and to try it.

Letters are the strokes of Hershey's plotter fonts (PyPI ``Hershey-Fonts``) or the middle lines of TrueType letters, each
written anew as by another hand; scribbles are paths at random; filled shapes are grey pictures. Strokes are in any unit, y
down; ``strokes.normalise_strokes`` makes of them what the pad would. Everything random is drawn from a ``numpy`` generator.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from skimage.morphology import skeletonize

from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.picture import BOX_SIZE, place
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.model import IMAGE_SIZE

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
    return [np.array(list(stroke), float) for stroke in _hershey_font(font).strokes_for_text(letter)]


@cache
def _hershey_font(font: str) -> Any:
    from HersheyFonts import HersheyFonts

    fonts = HersheyFonts()
    fonts.load_default_font(font)
    return fonts


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

# --- filled shapes --------------------------------------------------------------------------------------------------

SHAPE_SCALE = 2
"""Shapes are drawn at this multiple of MNIST's size."""


def _polygons(corners: list[Path2]) -> NDArray[np.float64]:
    """The union of closed polygons in −1…1, (56, 56), 0 or 1."""
    size = SHAPE_SCALE * IMAGE_SIZE
    image = Image.new("L", (size, size))
    for path in corners:
        ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in (path + 1) * size / 2], fill=1)
    return np.asarray(image, np.float64)


def _rounded(random: Generator) -> list[Path2]:
    return [curve(polygon(int(random.integers(4, 10)), random), 60) * random.uniform(0.5, 1.1, 2)]


def _ellipse(random: Generator) -> list[Path2]:
    t = np.linspace(0, 2 * np.pi, 60)
    return [np.stack([np.cos(t), np.sin(t)], axis=1) * random.uniform(0.45, 1.05, 2)]


def _trapezoid(random: Generator) -> list[Path2]:
    top, bottom = random.uniform(0.35, 1, 2)
    height = random.uniform(0.4, 1.05)
    lean = random.uniform(-0.3, 0.3)
    box = np.array([[-top + lean, -height], [top + lean, -height], [bottom, height], [-bottom, height]])
    return [box if random.random() < 0.7 else box[:, ::-1]]


def _heap(random: Generator) -> list[Path2]:
    """Several polygons over each other, mirrored as often as not."""
    parts = [
        polygon(int(random.integers(3, 7)), random) * random.uniform(0.15, 0.9, 2) + random.uniform(-0.5, 0.5, 2)
        for _ in range(random.integers(2, 6))
    ]
    return parts + [part * np.array([-1, 1]) for part in parts] if random.random() < 0.5 else parts


def _profile(random: Generator) -> list[Path2]:
    """A body around an upright or level axis, with a width at every height: vases, coats, soles."""
    heights = np.linspace(-1, 1, int(random.integers(4, 9))) * random.uniform(0.4, 1)
    right = random.uniform(0.25, 1, len(heights))
    left = -right if random.random() < 0.6 else -random.uniform(0.1, 1, len(heights))
    body = np.concatenate([np.stack([right, heights], axis=1), np.stack([left, heights], axis=1)[::-1]])
    return [body if random.random() < 0.6 else body[:, ::-1]]


def _legs(random: Generator) -> list[Path2]:
    """A block with two to four wide bars out of it."""
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


SHAPES: dict[str, Scribble] = {
    "rounded": _rounded,
    "ellipse": _ellipse,
    "trapezoid": _trapezoid,
    "heap": _heap,
    "profile": _profile,
    "legs": _legs,
}
"""Kinds of filled shapes, closed polygons in about −1…1."""


def filled(shape: Scribble, random: Generator) -> Images:
    """(28, 28): a shape filled with greys, with or without holes, anywhere between small and cut off by the border."""
    outline = shape(random)
    size = random.uniform(0.55, 1.1)
    middle = random.normal(0, 0.08, 2)
    ink = _polygons([path * size + middle for path in outline])
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    ink *= random.uniform(0.4, 1)
    for _ in range(random.integers(0, 4)):  # patches of other greys; of 0 they are holes
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
    if random.random() < 0.4:  # a rim that is lighter or darker
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
