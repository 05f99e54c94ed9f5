"""From what was drawn to its digits: pieces are grouped to digits, which stand in a row from left to right.

A piece is a stroke of the pen, or ink that hangs together in a picture. Pieces above each other are one digit: so a broken
stroke stays whole, and a correction belongs to what it corrects. Between neighbours the shapes speak first; where they leave
a doubt, every way to read the row is weighed by how sure the network is of each digit.
``web/numbers.js`` does the same, step by step.

Two lines of writing are not told apart: digits above each other are taken for one. A stroke of the pen is never cut, so
digits written without lifting it stay one; in a picture, ink too wide for a digit may be cut along a column of pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import nn

from mnist_cnn.data import standardise
from mnist_cnn.drawing.picture import ink_of, normalise_ink
from mnist_cnn.drawing.raster import MIN_CONTRAST, part_with
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes

# Lengths are in heights of the line, which is its tallest piece. What speaks for a reading is counted in nats, as the
# network's log-odds are. The values are, roughly, those of logistic regressions on the first half of the pen digits, alone
# and in rows.
SPECK = 0.15
"""A piece smaller than this both ways is no digit: it belongs to what it nearly touches, or to nothing."""
BESIDE = 0.1
"""How far off that may be."""
ABOVE = 0.5
"""Pieces that share this much of the narrower one's width stand above each other."""
NARROWEST = 0.05
"""No piece counts as narrower than this."""

JOINED = 24.0
"""What speaks for one digit where two pieces just meet, end above end; against it speaks what follows."""
GAP = 59.0
"""…for every height of a gap between the two; an overlap speaks for one digit."""
SIDE_BY_SIDE = 26.0
"""…for every height that both span: the bar of a 5 stands above its body, another digit beside it."""
TOO_WIDE = 97.0
"""…for every height that the two are wider than one."""
DOUBT = 12.0
"""Where shapes speak more clearly than this, for one digit or for two, the network is not asked."""

SUREST, LEAST_SURE = 10.0, -4.0
"""More log-odds do not count: one digit does not outweigh all others."""
WIDE, WIDE_COST = 0.8, 11.0
"""A digit is less likely for every height that it is wider than this, …"""
LOW, LOW_COST = 0.7, 18.0
"""… or lower than this."""
WIDEST = 1.8
"""No digit is wider, if it can be parted."""

INK = 0.3
"""Pixels fainter than this share of the darkest ink hold no pieces together."""
FRINGE = 2
"""Pixels around a piece that belong to it, however faint."""
CUT_FROM = 0.9
"""Ink that hangs together is cut where it is wider than this."""
CUT_END, CUT_STEP = 0.2, 0.1
"""Cuts are at least so far from the ends, and so far from each other."""
CUTS = 4
"""Cuts tried for every height of width."""
UNCUT, UNCUT_INK = 4.0, 6.7
"""What speaks for one digit at a cut, and more where it goes through as much ink as a column has in the mean."""
ALONE = 3.0
"""More speaks for one digit where nothing else is in the picture."""

MOST_PIECES = 60
"""More are no number: they are left together."""
MOST_SPECKS = 20_000
"""With more, specks or not, they are left together too."""
MOST_LOOKS_AT_STROKES, MOST_LOOKS_AT_PICTURE = 10, 150
"""With more doubts the network is not asked and shapes alone decide: strokes are read on every frame of a drawing."""

Box = tuple[float, float, float, float]
"""left, top, right, bottom"""
PixelBox = tuple[int, int, int, int]
"""The same in pixels; right and bottom are the first ones beyond."""
LogOdds = Callable[[list[list[int]]], list[float]]
"""Groups of pieces -> the network's log-odds of the likeliest class of each."""


class Piece(NamedTuple):
    """One digit of a picture."""

    box: PixelBox
    """Around its ink, in pixels of the picture."""
    ink: NDArray[np.float32]
    """The digit's alone, (H, W), for ``drawing.normalise_ink``; all of the picture's when it holds nothing else."""


def group_strokes(strokes: list[Stroke], net: nn.Module) -> list[list[int]]:
    """The indices of the strokes of every digit, ascending, digits from left to right.

    Points are in shares of the pad's side; ``net`` is in eval mode. A stroke without points and a dot far from every digit
    are in no group.
    """
    drawn = [i for i, stroke in enumerate(strokes) if stroke]
    boxes = [_box_of(strokes[i]) for i in drawn]
    clusters = _clusters(boxes)
    around = [_around(boxes[i] for i in cluster) for cluster in clusters]

    def log_odds(groups: list[list[int]]) -> list[float]:
        members = [[strokes[drawn[i]] for number in group for i in clusters[number]] for group in groups]
        return _log_odds(net, [normalise_strokes(each) for each in members])

    row = _read_row(around, {}, log_odds, MOST_LOOKS_AT_STROKES)
    return [sorted(drawn[i] for number in group for i in clusters[number]) for group in row]


def split_picture(image: NDArray[np.uint8], net: nn.Module) -> list[Piece]:
    """The digits of ``image``, which is what ``drawing.normalise`` takes, from left to right; none when nothing is drawn."""
    ink = ink_of(image)
    peak = ink.max(initial=np.float32(0))
    if peak < MIN_CONTRAST:
        return []
    strong = ink >= np.float32(INK) * peak
    part = part_with(strong, FRINGE)  # the rest of a large picture need not be looked at
    labels, count = ndimage.label(strong[part], np.ones((3, 3)))
    if count > MOST_SPECKS:
        labels, count = strong[part].astype(labels.dtype), 1
    clusters = _clusters(_boxes_of(labels))
    owners = np.full(count + 1, -1)
    for number, cluster in enumerate(clusters):
        owners[np.array(cluster) + 1] = number
    owned = owners[labels]
    whole = len(clusters) == 1 and len(clusters[0]) == count
    boxes, cuts = _cut(owned, len(clusters))
    full = ink[part] * (np.float32(255) / peak)

    def box_of(group: list[int]) -> PixelBox:
        left, top, right, bottom = (int(side) for side in _around(boxes[i] for i in group))
        return left, top, right, bottom

    def alone(group: list[int]) -> NDArray[np.float32]:
        left, top, right, bottom = box_of(group)
        area = np.s_[max(0, top - FRINGE) : bottom + FRINGE, max(0, left - FRINGE) : right + FRINGE]
        own = np.isin(owned[area], group)
        near = ndimage.maximum_filter(own, 2 * FRINGE + 1) & (owned[area] < 0)
        digit: NDArray[np.float32] = np.where(own | near, full[area], np.float32(0)).round()
        return digit

    def on_page(left: int, top: int, right: int, bottom: int) -> PixelBox:
        return left + part[1].start, top + part[0].start, right + part[1].start, bottom + part[0].start

    def log_odds(groups: list[list[int]]) -> list[float]:
        return _log_odds(net, [normalise_ink(alone(group)) for group in groups])

    row = _read_row(boxes, cuts, log_odds, MOST_LOOKS_AT_PICTURE)
    inks = [ink] if whole and len(row) == 1 else [alone(group) for group in row]
    return [Piece(on_page(*box_of(group)), each) for group, each in zip(row, inks, strict=True)]


def _log_odds(net: nn.Module, images: list[NDArray[np.uint8] | None]) -> list[float]:
    """The log-odds of the likeliest class of every image, which is a digit or not; an empty one is surely none."""
    seen = [image for image in images if image is not None]
    if not seen:
        return [LEAST_SURE] * len(images)
    with torch.inference_mode():
        best = net(standardise(torch.from_numpy(np.stack(seen)))).amax(dim=1).double()
    odds = iter((best - torch.log(-torch.expm1(best) + 1e-12)).clamp(LEAST_SURE, SUREST).tolist())
    return [LEAST_SURE if image is None else next(odds) for image in images]


def _box_of(stroke: Stroke) -> Box:
    xs, ys = zip(*stroke, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _boxes_of(labels: NDArray[np.int64]) -> list[PixelBox]:
    """The boxes of the pixels labelled 1, 2, 3… in (H, W)."""
    return [(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in ndimage.find_objects(labels)]


def _around(boxes: Iterable[Box]) -> Box:
    """The box around ``boxes``."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _line_height(boxes: Iterable[Box]) -> float:
    """Height of the tallest box; where all are flat, half the width of the widest."""
    return max(max(bottom - top, (right - left) / 2) for left, top, right, bottom in boxes)


def _clusters(boxes: Sequence[Box]) -> list[list[int]]:
    """The boxes that stand above each other, as indices; specks are with what they are beside, or nowhere."""
    if not boxes:
        return []
    height = _line_height(boxes)
    large = [i for i, box in enumerate(boxes) if max(box[2] - box[0], box[3] - box[1]) >= SPECK * height]
    if len(large) > MOST_PIECES:
        return [list(range(len(boxes)))]
    clusters: list[tuple[Box, list[int]]] = []
    for i in large:
        box, members = boxes[i], [i]
        while True:
            above = next((other for other in clusters if _are_above(other[0], box, height)), None)
            if above is None:
                break
            clusters.remove(above)
            box, members = _around([above[0], box]), above[1] + members
        clusters.append((box, members))
    # thousands of specks are nothing unusual in a photograph
    specks = np.setdiff1d(np.arange(len(boxes)), large)
    sides = np.array(boxes, np.float64)[specks]
    distances = np.array(
        [
            np.maximum.reduce([box[0] - sides[:, 2], sides[:, 0] - box[2], box[1] - sides[:, 3], sides[:, 1] - box[3]])
            for box, _ in clusters
        ]
    )  # (clusters, specks)
    nearest = distances.argmin(axis=0)
    beside = distances.min(axis=0) <= BESIDE * height
    for number, (_, members) in enumerate(clusters):
        members += specks[beside & (nearest == number)].tolist()
    return [members for _, members in clusters]


def _are_above(a: Box, b: Box, height: float) -> bool:
    shared = min(a[2], b[2]) - max(a[0], b[0])
    return shared >= ABOVE * max(min(a[2] - a[0], b[2] - b[0]), NARROWEST * height)


def _cut(owned: NDArray[np.int64], count: int) -> tuple[list[PixelBox], dict[tuple[int, int], float]]:
    """Cut pieces too wide for one digit along the columns with the least ink, more often than need be.

    ``owned`` (H, W) holds the piece of every pixel, −1 where there is none, and is changed: strips get numbers of their own.
    Returns the boxes of all pieces, and for every pair of strips side by side what speaks for leaving them together.
    """
    boxes = _boxes_of(owned + 1)
    height = _line_height(boxes)
    alone = count == 1 and boxes[0][2] - boxes[0][0] <= WIDEST * height
    cuts: dict[tuple[int, int], float] = {}
    for number in range(count):
        left, top, right, bottom = boxes[number]
        width = right - left
        if width <= CUT_FROM * height:
            continue
        area = owned[top:bottom, left:right]
        own = area == number
        ink = own.sum(axis=0)
        free = np.zeros(width, bool)
        end, step = max(1, round(CUT_END * height)), max(1, round(CUT_STEP * height))
        free[end : width - end] = True
        places: list[int] = []
        while free.any() and len(places) < round(CUTS * width / height):
            least = np.flatnonzero(free & (ink == ink[free].min()))
            places.append(int(least[len(least) // 2]))
            free[max(0, places[-1] - step) : places[-1] + step + 1] = False
        places.sort()
        before = number
        for start, stop in pairwise([*places, width]):
            strip = own[:, start:stop]
            if not strip.any():
                continue
            area[:, start:stop][strip] = len(boxes)
            boxes.append((0, 0, 0, 0))
            cuts[before, len(boxes) - 1] = UNCUT + UNCUT_INK * float(ink[start] / ink.mean()) + ALONE * alone
            before = len(boxes) - 1
    return _boxes_of(owned + 1), cuts


def _read_row(
    boxes: Sequence[Box], cuts: dict[tuple[int, int], float], log_odds: LogOdds, most_looks: int
) -> list[list[int]]:
    """The boxes grouped to digits, as indices, digits from left to right.

    ``cuts`` holds the neighbours that are strips of one piece. A reading of the row is worth the sum of what its digits are
    worth, and dynamic programming finds the best. A digit is worth the network's log-odds of its likeliest class, less what
    is odd about its size, and what joins its pieces.
    """
    if not boxes:
        return []
    height = max(_line_height(boxes), 1e-9)
    order = sorted(range(len(boxes)), key=lambda i: boxes[i][0] + boxes[i][2])
    count = len(order)
    # what speaks for one digit across the border before each piece; the row's own ends are borders too
    bonds = [-np.inf]
    for before, after in pairwise(order):
        bond = cuts.get((before, after))
        bonds.append(_bond(boxes[before], boxes[after], height) if bond is None else bond)
    bonds.append(-np.inf)

    runs: dict[tuple[int, int], float] = {}  # (first, one after the last) in ``order`` -> worth
    asked = []
    for start in range(count):
        for end in range(start + 1, count + 1):
            inner = bonds[start + 1 : end]
            left, top, right, bottom = _around(boxes[i] for i in order[start:end])
            wide, high = (right - left) / height, (bottom - top) / height
            if min(inner, default=0) < -DOUBT or (wide > WIDEST and min(inner, default=np.inf) <= DOUBT):
                break
            if max(bonds[start], bonds[end]) > DOUBT:
                continue
            runs[start, end] = sum(inner) - WIDE_COST * max(0.0, wide - WIDE) - LOW_COST * max(0.0, LOW - high)
            if any(abs(bond) <= DOUBT for bond in bonds[start : end + 1]):
                asked.append((start, end))
    if len(asked) > most_looks:
        borders = [k for k in range(count + 1) if bonds[k] <= 0]
        return [order[start:end] for start, end in pairwise(borders)]
    if asked:
        for run, odds in zip(asked, log_odds([order[start:end] for start, end in asked]), strict=True):
            runs[run] += odds

    best = [(0.0, 0)]  # of the first 0, 1, 2… pieces: the worth of their best reading, and where its last digit starts
    for end in range(1, count + 1):
        readings = ((best[start][0] + runs[start, end], start) for start in range(end) if (start, end) in runs)
        best.append(max(readings, default=(-np.inf, 0)))  # no digit ends between pieces that are surely one
    digits = []
    end = count
    while end:
        digits.append(order[best[end][1] : end])
        end = best[end][1]
    return digits[::-1]


def _bond(before: Box, after: Box, height: float) -> float:
    """What speaks for one digit where two boxes are neighbours."""
    left, top, right, bottom = _around([before, after])
    gap = after[0] - before[2]
    beside = (before[3] - before[1]) + (after[3] - after[1]) - (bottom - top)
    return JOINED - (GAP * gap + SIDE_BY_SIDE * beside + TOO_WIDE * max(0.0, right - left - height)) / height
