"""Segmentation: pieces of ink are grouped into digits, which stand in a row from left to right.

A piece is a stroke of the pen, or a connected component of a picture's ink. Pieces that lie above one another form one
digit, so that a broken stroke stays whole and a correction is joined with the digit it corrects. Geometry decides whether
neighbours form one digit; in doubtful cases, every possible reading of the row is scored with the network's log-odds of each
digit. ``web/engine/segmentation.js`` is the JavaScript counterpart.

Lines of writing are not separated: digits above one another are taken for one. A pen stroke is never cut, so digits written
without lifting the pen stay one; in a picture, ink too wide for a digit may be cut along a column of pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from mnist_cnn.data import standardise
from mnist_cnn.drawing.picture import Ink, normalise_ink
from mnist_cnn.drawing.raster import MIN_CONTRAST, bounding_box
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.model import CLASSES

# The unit of length is the height of the line, which is that of its tallest piece. Evidence is in nats, like the network's
# log-odds. The bond's three weights are those of a logistic regression on the digits of 133 writers, alone and in rows
# (``python -m benchmarks.grouping --fit``); the others are roughly those of regressions on pen digits.
SPECK_SIZE = 0.15
"""A piece smaller than this in both directions is a speck: it joins a piece that it nearly touches, or is dropped."""
SPECK_DISTANCE = 0.1
"""How far a speck may be from the piece it belongs to."""
MIN_OVERLAP = 0.5
"""Pieces that share this much of the narrower one's width lie above one another."""
MIN_PIECE_WIDTH = 0.05
"""Narrower pieces are treated as this wide when overlaps are measured."""

BOND_INTERCEPT = 4.2
"""Evidence that two pieces are one digit if the second begins where the first ends. The next two costs are subtracted."""
GAP_COST = 20.3
"""Cost per height of the gap between the two; an overlap is a negative gap."""
BESIDE_COST = 6.3
"""Cost per height that both span: the bar of a 5 lies above its body, another digit beside it."""
MAX_DOUBT_STROKES, MAX_DOUBT_PICTURE = 4.0, 12.0
"""If the geometric evidence, for one digit or for two, exceeds this, the network is not run. For strokes: of 3, 4, 5, 6, 8
and 12, this value groups the training writers' digits and rows best. Pieces cut from a picture are mostly doubtful."""

MAX_LOG_ODDS, MIN_LOG_ODDS = 10.0, -4.0
"""The network's log-odds are clipped to this range, so that one digit cannot outweigh all others."""
USUAL_WIDTH, WIDE_COST = 0.8, 11.0
"""A digit wider than this is less likely: the cost per height of excess width."""
USUAL_HEIGHT, SHORT_COST = 0.7, 18.0
"""A digit shorter than this is less likely: the cost per height that is missing."""
MAX_DIGIT_WIDTH = 1.8
"""Anything wider is divided wherever possible."""

INK_THRESHOLD = 0.3
"""Pixels fainter than this share of the darkest ink do not connect components."""
FRINGE = 2
"""Pixels around a piece that belong to it, however faint."""
MIN_CUT_WIDTH = 0.9
"""Connected ink is cut where it is wider than this."""
CUT_MARGIN, CUT_SPACING = 0.2, 0.1
"""Minimum distance of a cut from the ends, and between two cuts."""
CUTS_PER_HEIGHT = 4
"""Number of cuts tried per height of width."""
CUT_INTERCEPT, CUT_INK_WEIGHT = 4.0, 6.7
"""Evidence for one digit at a cut, and the weight of the ink that the cut crosses, relative to the mean over all columns."""
LONE_COMPONENT_BONUS = 3.0
"""Additional evidence for one digit if there is nothing else in the picture."""

MAX_PIECES = 60
"""With more pieces the ink is not a number and is not divided."""
MAX_COMPONENTS = 20_000
"""With more components, specks included, the ink is not divided either."""
MAX_QUERIES_STROKES, MAX_QUERIES_PICTURE = 16, 150
"""With more doubtful digits geometry alone decides, to save time: strokes are read on every frame."""

Box = tuple[float, float, float, float]
"""left, top, right, bottom"""
PixelBox = tuple[int, int, int, int]
"""The same in pixels; right and bottom are exclusive."""
Span = tuple[int, int]
"""The first piece of a digit and the one after its last, in the order from left to right."""
Network = Callable[[Tensor], Tensor]
"""Standardised images (N, 1, 28, 28) -> log-probabilities (N, classes); a network in eval mode."""
LogOdds = Callable[[list[list[int]]], list[float]]
"""Groups of pieces -> the network's log-odds of the most likely class of each."""


class Piece(NamedTuple):
    """One digit of a picture."""

    box: PixelBox
    """Around its ink, in pixels of the picture."""
    ink: Ink
    """The ink of this digit alone, (H, W), for ``picture.fit_ink``; all ink if the picture holds nothing else."""


def group_strokes(strokes: list[Stroke], net: Network) -> list[list[int]]:
    """For each digit, from left to right, the indices of its strokes in ascending order.

    Points are in fractions of the pad's side. A stroke without points and a dot far from every digit are in no group.
    """
    drawn = [i for i, stroke in enumerate(strokes) if stroke]
    boxes = [around((x, y, x, y) for x, y in strokes[i]) for i in drawn]
    clusters = clusters_of(boxes)
    sides = [around(boxes[i] for i in cluster) for cluster in clusters]

    def strokes_of(group: list[int]) -> list[int]:
        return [drawn[i] for number in group for i in clusters[number]]

    def log_odds(groups: list[list[int]]) -> list[float]:
        return _log_odds(net, [normalise_strokes([strokes[i] for i in strokes_of(group)]) for group in groups])

    return [sorted(strokes_of(group)) for group in _read_row(sides, {}, log_odds, MAX_DOUBT_STROKES, MAX_QUERIES_STROKES)]


def split_ink(ink: Ink, net: Network) -> list[Piece]:
    """The digits of ``ink`` (H, W), as ``picture.ink_of`` gives it, from left to right; none when nothing is drawn."""
    peak = ink.max(initial=np.float32(0))
    if peak < MIN_CONTRAST:
        return []
    strong = ink >= np.float32(INK_THRESHOLD) * peak
    area = bounding_box(strong, FRINGE)  # the rest of a large picture is not looked at
    labels, count = ndimage.label(strong[area], np.ones((3, 3)))
    if count > MAX_COMPONENTS:
        labels, count = strong[area].astype(labels.dtype), 1
    clusters = clusters_of(_boxes_of(labels))
    owners = np.full(count + 1, -1)
    for number, cluster in enumerate(clusters):
        owners[np.array(cluster) + 1] = number
    owned = owners[labels]
    boxes, cuts = _cut(owned, len(clusters))
    scaled = ink[area] * (np.float32(255) / peak)

    def box_of(group: list[int]) -> PixelBox:
        left, top, right, bottom = (int(side) for side in around(boxes[i] for i in group))
        return left, top, right, bottom

    def extract(group: list[int]) -> Ink:
        return _extract(scaled, owned, group, box_of(group))

    def log_odds(groups: list[list[int]]) -> list[float]:
        return _log_odds(net, [normalise_ink(extract(group)) for group in groups])

    row = _read_row(boxes, cuts, log_odds, MAX_DOUBT_PICTURE, MAX_QUERIES_PICTURE)
    is_all = len(row) == 1 and len(clusters) == 1 and len(clusters[0]) == count
    y, x = area[0].start, area[1].start
    pieces = []
    for group in row:
        left, top, right, bottom = box_of(group)
        pieces.append(Piece((left + x, top + y, right + x, bottom + y), ink if is_all else extract(group)))
    return pieces


def _extract(ink: Ink, owned: NDArray[np.int64], group: list[int], box: PixelBox) -> Ink:
    """The ink of the pieces of ``group``, which lie in ``box``, and of their fringe."""
    left, top, right, bottom = box
    area = np.s_[max(0, top - FRINGE) : bottom + FRINGE, max(0, left - FRINGE) : right + FRINGE]
    own = np.isin(owned[area], group)
    near = ndimage.maximum_filter(own, 2 * FRINGE + 1) & (owned[area] < 0)
    digit: Ink = np.where(own | near, ink[area], np.float32(0)).round()
    return digit


def _log_odds(net: Network, images: list[NDArray[np.uint8] | None]) -> list[float]:
    """The log-odds of the most likely digit of every image; without an image it is ``MIN_LOG_ODDS``."""
    seen = [image for image in images if image is not None]
    if not seen:
        return [MIN_LOG_ODDS] * len(images)
    with torch.inference_mode():
        best = net(standardise(torch.from_numpy(np.stack(seen))))[:, :CLASSES].amax(dim=1).double()
    odds = iter((best - torch.log(-torch.expm1(best) + 1e-12)).clamp(MIN_LOG_ODDS, MAX_LOG_ODDS).tolist())
    return [MIN_LOG_ODDS if image is None else next(odds) for image in images]


def _boxes_of(labels: NDArray[np.int64]) -> list[PixelBox]:
    """The boxes of the pixels labelled 1, 2, 3… in (H, W)."""
    return [(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in ndimage.find_objects(labels)]


def around(boxes: Iterable[Box]) -> Box:
    """The box around ``boxes``."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def line_height(boxes: Iterable[Box]) -> float:
    """Height of the tallest box; where all are flat, half the width of the widest."""
    return max(max(bottom - top, (right - left) / 2) for left, top, right, bottom in boxes)


def clusters_of(boxes: Sequence[Box]) -> list[list[int]]:
    """Boxes that lie above one another, as indices; a speck joins the nearest cluster unless that is too far away."""
    if not boxes:
        return []
    height = line_height(boxes)
    large = [i for i, box in enumerate(boxes) if max(box[2] - box[0], box[3] - box[1]) >= SPECK_SIZE * height]
    if len(large) > MAX_PIECES:
        return [list(range(len(boxes)))]
    clusters: list[tuple[Box, list[int]]] = []
    for i in large:
        box, members = boxes[i], [i]
        while True:
            above = next((other for other in clusters if _are_above(other[0], box, height)), None)
            if above is None:
                break
            clusters.remove(above)
            box, members = around([above[0], box]), above[1] + members
        clusters.append((box, members))
    # a photograph may have thousands of specks, so their distances are computed at once
    specks = np.setdiff1d(np.arange(len(boxes)), large)
    sides = np.array(boxes, np.float64)[specks]
    distances = np.array(
        [
            np.maximum.reduce([box[0] - sides[:, 2], sides[:, 0] - box[2], box[1] - sides[:, 3], sides[:, 1] - box[3]])
            for box, _ in clusters
        ]
    )  # (clusters, specks)
    nearest = distances.argmin(axis=0)
    beside = distances.min(axis=0) <= SPECK_DISTANCE * height
    for number, (_, members) in enumerate(clusters):
        members += specks[beside & (nearest == number)].tolist()
    return [members for _, members in clusters]


def _are_above(a: Box, b: Box, height: float) -> bool:
    """Whether one of two boxes lies above the other."""
    shared = min(a[2], b[2]) - max(a[0], b[0])
    return shared >= MIN_OVERLAP * max(min(a[2] - a[0], b[2] - b[0]), MIN_PIECE_WIDTH * height)


def _cut(owned: NDArray[np.int64], count: int) -> tuple[list[PixelBox], dict[tuple[int, int], float]]:
    """Cut pieces too wide for one digit into strips, more than necessary: the best reading joins some again.

    ``owned`` (H, W) holds the piece of every pixel, −1 where there is none, and is changed: strips get their own numbers.
    Returns the boxes of all pieces, and for every pair of adjacent strips the evidence that they are one digit.
    """
    boxes = _boxes_of(owned + 1)
    height = line_height(boxes)
    bonus = LONE_COMPONENT_BONUS * (count == 1 and boxes[0][2] - boxes[0][0] <= MAX_DIGIT_WIDTH * height)
    cuts: dict[tuple[int, int], float] = {}
    added = count
    for number in range(count):
        left, top, right, bottom = boxes[number]
        width = right - left
        if width <= MIN_CUT_WIDTH * height:
            continue
        area = owned[top:bottom, left:right]
        own = area == number
        ink = own.sum(axis=0)
        before = number
        for start, stop in pairwise([*_cut_columns(ink, height), width]):
            strip = own[:, start:stop]
            if not strip.any():
                continue
            area[:, start:stop][strip] = added
            cuts[before, added] = CUT_INTERCEPT + CUT_INK_WEIGHT * float(ink[start] / ink.mean()) + bonus
            before, added = added, added + 1
    return _boxes_of(owned + 1), cuts


def _cut_columns(ink: NDArray[np.int64], height: float) -> list[int]:
    """Where to cut a piece with ``ink`` (W,) pixels per column: the columns with the least ink, not too close together."""
    width = len(ink)
    margin, spacing = max(1, round(CUT_MARGIN * height)), max(1, round(CUT_SPACING * height))
    free = np.zeros(width, bool)
    free[margin : width - margin] = True
    columns: list[int] = []
    while free.any() and len(columns) < round(CUTS_PER_HEIGHT * width / height):
        least = np.flatnonzero(free & (ink == ink[free].min()))
        columns.append(int(least[len(least) // 2]))
        free[max(0, columns[-1] - spacing) : columns[-1] + spacing + 1] = False
    return sorted(columns)


def _read_row(
    boxes: Sequence[Box], cuts: dict[tuple[int, int], float], log_odds: LogOdds, max_doubt: float, max_queries: int
) -> list[list[int]]:
    """The boxes grouped into digits, as indices, digits from left to right.

    ``cuts`` holds the evidence between strips of one piece. The score of a reading is the sum of its digits' scores. The
    score of a digit is the network's log-odds of its most likely class, plus the evidence that its pieces are one digit,
    minus the cost of an unusual size.
    """
    if not boxes:
        return []
    height = max(line_height(boxes), 1e-9)
    order = sorted(range(len(boxes)), key=lambda i: boxes[i][0] + boxes[i][2])
    bonds = [-np.inf]  # evidence for one digit across the border before each piece; the ends of the row are borders too
    for before, after in pairwise(order):
        bond = cuts.get((before, after))
        bonds.append(_bond(boxes[before], boxes[after], height) if bond is None else bond)
    bonds.append(-np.inf)

    scores = _shape_scores([boxes[i] for i in order], bonds, height, max_doubt)
    doubtful = [(start, end) for start, end in scores if any(abs(bond) <= max_doubt for bond in bonds[start : end + 1])]
    if len(doubtful) > max_queries:
        borders = [i for i, bond in enumerate(bonds) if bond <= 0]
        return [order[start:end] for start, end in pairwise(borders)]
    if doubtful:
        for span, odds in zip(doubtful, log_odds([order[start:end] for start, end in doubtful]), strict=True):
            scores[span] += odds
    return [order[start:end] for start, end in _best_reading(scores, len(order))]


def _shape_scores(boxes: Sequence[Box], bonds: list[float], height: float, max_doubt: float) -> dict[Span, float]:
    """The spans of ``boxes``, in a row, that may be a digit, and their geometric scores."""
    scores: dict[Span, float] = {}
    for start in range(len(boxes)):
        for end in range(start + 1, len(boxes) + 1):
            inner = bonds[start + 1 : end]
            left, top, right, bottom = around(boxes[start:end])
            wide, high = (right - left) / height, (bottom - top) / height
            weakest = min(inner, default=np.inf)
            if weakest < -max_doubt or (wide > MAX_DIGIT_WIDTH and weakest <= max_doubt):
                break
            if max(bonds[start], bonds[end]) > max_doubt:
                continue
            cost = WIDE_COST * max(0.0, wide - USUAL_WIDTH), SHORT_COST * max(0.0, USUAL_HEIGHT - high)
            scores[start, end] = sum(inner) - cost[0] - cost[1]
    return scores


def _best_reading(scores: dict[Span, float], count: int) -> list[Span]:
    """The spans that cover ``count`` pieces with the greatest sum of ``scores``, by dynamic programming."""
    best = [(0.0, 0)]  # of the first 0, 1, 2… pieces: the score of their best reading, and where its last digit starts
    for end in range(1, count + 1):
        readings = ((best[start][0] + scores[start, end], start) for start in range(end) if (start, end) in scores)
        best.append(max(readings, default=(-np.inf, 0)))  # no digit ends between pieces that are certainly one
    spans: list[Span] = []
    end = count
    while end:
        spans.append((best[end][1], end))
        end = best[end][1]
    return spans[::-1]


def _bond(before: Box, after: Box, height: float) -> float:
    """The evidence that two neighbouring boxes are one digit."""
    gap, beside = gap_and_side_by_side(before, after, height)
    return BOND_INTERCEPT - GAP_COST * gap - BESIDE_COST * beside


def gap_and_side_by_side(before: Box, after: Box, height: float) -> tuple[float, float]:
    """How far ``after`` begins behind the end of ``before``, and how far both span the same height; in line heights."""
    _, top, _, bottom = around([before, after])
    beside = (before[3] - before[1]) + (after[3] - after[1]) - (bottom - top)
    return (after[0] - before[2]) / height, beside / height
