"""Rows of digits: drawings of single digits, by different writers, written side by side, or in lines, on one canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing, render

PAD_PIXELS = 280
"""Height of the canvas."""
PAD_BRUSHES = (0.025, 0.065, 0.125)
"""The thinnest, the default and the thickest brush of the page's pad, as fractions of the pad's side."""
LENGTHS = (2, 5)
"""Fewest and most digits in a row."""
LENGTHS_OF_LINES = (1, 4)
"""Fewest and most digits in a line of several."""
LINE_GAPS = (0.2, 0.8)
"""Range of the gaps between the ink of two lines, in mean heights."""
INDENT = 0.2
"""Standard deviation of where a line begins, in mean heights."""
HEIGHT = 0.55
"""Mean height of a digit, as a fraction of the canvas's height."""
HEIGHTS = (0.8, 1.2)
"""Range of the heights around the mean, digit by digit."""
GAPS = (0.1, 0.35)
"""Range of the gaps between the ink of two neighbours, in mean heights."""
BASELINE = 0.04
"""Standard deviation of the baselines, in mean heights."""
SIGNS = "-+="
"""What people write between digits."""
SIGN_SHARE = 0.25
"""Of the gaps between two digits; the others hold no sign, where signs are given."""
SIGN_SIZES = (0.35, 0.6)
"""Range of a sign's longer side, in mean heights."""
SIGN_MIDDLES = (0.4, 0.6)
"""Range of how far a sign's middle is above the baseline, in mean heights."""
SLANT = 0.1
"""Standard deviation of the slant that all digits share: how far to the right for every step up."""


@dataclass(frozen=True)
class NearGaps:
    """Gaps so small that the digits nearly touch."""

    share: float = 0.1  # of all gaps
    range: tuple[float, float] = (0.02, 0.1)  # in mean heights; negative where digits overlap


NEAR_GAPS = NearGaps()


@dataclass(frozen=True)
class Row:
    """Digits in a row, or in lines, on one canvas; points and brush are in its pixels."""

    label: str  # the digits alone; lines are joined by "\n"
    digits: list[list[Stroke]]  # and signs
    width: int
    brush: float
    height: int = PAD_PIXELS

    @property
    def strokes(self) -> list[Stroke]:
        """All strokes, digit by digit."""
        return [stroke for digit in self.digits for stroke in digit]


def write_rows(
    drawings: list[Drawing],
    count: int,
    seed: int,
    near: NearGaps = NEAR_GAPS,
    lengths: tuple[int, int] = LENGTHS,
    signs: Sequence[Drawing] = (),
) -> list[Row]:
    """``count`` rows of digits taken from ``drawings`` at random; the same ones for the same ``seed``.

    With ``signs``, some gaps between two digits hold one of them.
    """
    random = np.random.default_rng(seed)
    return [_write_row(drawings, random, near, lengths, signs) for _ in range(count)]


def write_two_lines(drawings: list[Drawing], count: int, seed: int) -> list[Row]:
    """``count`` drawings of two rows, one below the other, of digits taken from ``drawings`` at random."""
    random = np.random.default_rng(seed)
    pages = []
    for _ in range(count):
        upper, lower = (_write_row(drawings, random, NEAR_GAPS, LENGTHS_OF_LINES) for _ in range(2))
        lower = replace(lower, brush=upper.brush)
        mean = PAD_PIXELS * HEIGHT
        top, bottom = (np.concatenate([np.array(stroke)[:, 1] for stroke in row.strokes]) for row in (upper, lower))
        down = top.max() + upper.brush + mean * random.uniform(*LINE_GAPS) - bottom.min()
        right = abs(mean * random.normal(0, INDENT))
        moved = [[[(x + right, y + down) for x, y in stroke] for stroke in digit] for digit in lower.digits]
        width, height = max(upper.width, int(np.ceil(lower.width + right))), int(np.ceil(lower.height + down))
        pages.append(Row(f"{upper.label}\n{lower.label}", upper.digits + moved, width, upper.brush, height))
    return pages


def _write_row(
    drawings: list[Drawing], random: Generator, near: NearGaps, lengths: tuple[int, int], signs: Sequence[Drawing] = ()
) -> Row:
    chosen = [drawings[i] for i in random.integers(0, len(drawings), random.integers(lengths[0], lengths[1] + 1))]
    brush = PAD_PIXELS * float(random.choice(PAD_BRUSHES))
    mean, slant = PAD_PIXELS * HEIGHT, random.normal(0, SLANT)
    items: list[tuple[Drawing, bool]] = []  # and whether it is a sign
    for digit in chosen:
        if signs and items and random.random() < SIGN_SHARE:
            items.append((signs[int(random.integers(len(signs)))], True))
        items.append((digit, False))
    right = 0.0  # where the ink of the digit before ends
    placed = []
    for drawing, is_sign in items:
        points = np.concatenate([np.array(stroke) for stroke in drawing.strokes])
        low, high = points.min(axis=0), points.max(axis=0)
        size = mean * random.uniform(*(SIGN_SIZES if is_sign else HEIGHTS))
        scale = size / max((high - low).max() if is_sign else high[1] - low[1], 1.0)
        right += mean * random.uniform(*(near.range if random.random() < near.share else GAPS)) + brush
        baseline = mean * random.normal(0, BASELINE)
        if is_sign:
            baseline += (high[1] - low[1]) * scale / 2 - mean * random.uniform(*SIGN_MIDDLES)
        foot = np.array([low[0], high[1]])  # the lower left corner comes to (right, baseline)
        placed.append([(np.array(stroke) - foot) * scale + (right, baseline) for stroke in drawing.strokes])
        right += (high[0] - low[0]) * scale
    shear = np.array([[1.0, 0.0], [-slant, 1.0]])
    placed = [[stroke @ shear for stroke in strokes] for strokes in placed]
    every = np.concatenate([stroke for strokes in placed for stroke in strokes])
    low, high = every.min(axis=0), every.max(axis=0)
    margin = max(brush, mean / 4)
    shift = np.array([margin - low[0], (PAD_PIXELS - low[1] - high[1]) / 2])
    digits = [[[(float(x), float(y)) for x, y in stroke + shift] for stroke in strokes] for strokes in placed]
    width = max(int(np.ceil(high[0] - low[0] + 2 * margin)), PAD_PIXELS)
    return Row("".join(digit.label for digit in chosen), digits, width, brush)


def picture_of(row: Row) -> NDArray[np.uint8]:
    """The row black on white, (height, width) uint8."""
    return render(row.strokes, size=max(row.width, row.height), brush=row.brush)[: row.height, : row.width]


def side_by_side(drawings: list[list[Stroke]], step: float = 1.1) -> list[Stroke]:
    """The strokes of all ``drawings``, brought to a height of 1 and placed ``step`` apart from left to right."""
    row: list[Stroke] = []
    for place, strokes in enumerate(drawings):
        points = np.concatenate([np.array(stroke) for stroke in strokes])
        low, height = points.min(axis=0), np.ptp(points[:, 1])
        moved = [(np.array(stroke) - low) / height + (step * place, 0) for stroke in strokes]
        row += [[(float(x), float(y)) for x, y in stroke] for stroke in moved]
    return row
