"""Segmentation: pieces of ink are grouped into digits, line by line from left to right.

A piece is a stroke of the pen, or a connected component of a picture's ink. ``lines.py`` puts the pieces into lines, and
``rows.py`` groups those of a line into digits. ``web/engine/segmentation.js`` is the JavaScript counterpart.

A pen stroke is never cut, so digits written without lifting the pen stay one; in a picture, ink too wide for a digit may be
cut along a column of pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from mnist_cnn.data import standardise
from mnist_cnn.drawing.lines import Box, LogOdds, around, find_lines
from mnist_cnn.drawing.picture import Ink, normalise_ink
from mnist_cnn.drawing.raster import bounding_box, is_blank, usual_level
from mnist_cnn.drawing.rows import (
    MAX_DIGIT_WIDTH,
    MAX_DOUBT_PICTURE,
    MAX_DOUBT_STROKES,
    MAX_LOG_ODDS,
    MAX_QUERIES_PICTURE,
    MAX_QUERIES_STROKES,
    MIN_LOG_ODDS,
    Reading,
    clusters_of_lines,
    line_height,
    read_lines,
    whole_letters,
)
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.model import CLASSES

INK_THRESHOLD = 0.3
"""Pixels fainter than this share of the ink's usual level do not connect components."""
FRINGE = 2
"""Pixels around a piece that belong to it, however faint."""
MIN_CUT_WIDTH = 0.8
"""Connected ink is cut where it is wider than this."""
CUT_MARGIN, CUT_SPACING = 0.2, 0.1
"""Minimum distance of a cut from the ends, and between two cuts."""
CUTS_PER_HEIGHT = 4
"""Number of cuts tried per height of width."""
WAIST_CUTS = 2
"""Number of cuts tried at waists."""
CUT_INTERCEPT, CUT_INK_WEIGHT = 4.0, 6.7
"""Evidence for one digit at a cut, and the weight of what the cut crosses: the ink, relative to the mean over all columns,
or the height of the piece there, relative to the greatest, whichever is less."""
LONE_COMPONENT_BONUS = 3.0
"""Additional evidence for one digit if there is nothing else in the picture."""

MAX_COMPONENTS = 20_000
"""With more components, specks included, the ink is not a number and is not divided."""
MAX_FRAGMENTS = 8
"""With more pieces, none are taken for parts of one shape, to save time."""
MIN_FRAGMENT_ODDS = -2.0
"""What may be one shape stays one where the log-odds of one of its pieces are lower: the stems of an H look like a 1. Of 0,
−1, −2, −3 and −9, this reads 5 points more of the touching round digits than 0 and takes 1 point more of the letters for
digits; lower values gain less than they cost (first half of the pen digits, and held-out writers' letters)."""
MAX_SHAPE_GAP = 0.05
"""The pieces of one shape are no further apart, in heights of the line: ``weights/LOG.md``, *Letters read in parts*."""
CUT_ONE_COST = 6.0
"""What is cut to pieces stays one shape if their mean log-odds, with so much less for each 1, are below 0: letters have
straight parts, and 1s rarely touch their neighbours (the same part of the log)."""

PixelBox = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; the last two are exclusive."""
Network = Callable[[Tensor], Tensor]
"""Standardised images (N, 1, 28, 28) -> log-probabilities (N, classes); a network in eval mode."""


class Piece(NamedTuple):
    """One digit of a picture."""

    box: PixelBox
    """Around its ink, in pixels of the picture."""
    ink: Ink
    """The ink of this digit alone, (H, W), for ``picture.fit_ink``; all ink if the picture holds nothing else."""
    line: int
    """The line it stands in, 0 at the top."""


def group_strokes(strokes: list[Stroke], net: Network) -> list[list[int]]:
    """For each digit, line by line from left to right, the indices of its strokes in ascending order.

    Points are in fractions of the pad's side. A stroke without points and a dot far from every digit are in no group.
    """
    return [group for line in group_lines(strokes, net) for group in line]


def group_lines(strokes: list[Stroke], net: Network) -> list[list[list[int]]]:
    """For each line, from top to bottom, its digits as ``group_strokes`` gives them."""
    drawn = [i for i, stroke in enumerate(strokes) if stroke]
    boxes = [around((x, y, x, y) for x, y in strokes[i]) for i in drawn]

    def read(groups: list[list[int]]) -> Reading:
        return _read(net, [normalise_strokes([strokes[drawn[i]] for i in group]) for group in groups])

    clusters, line_of = clusters_of_lines(boxes, find_lines(boxes, lambda groups: read(groups)[0]))

    def strokes_of(group: list[int]) -> list[int]:
        return [i for number in group for i in clusters[number]]

    def read_clusters(groups: list[list[int]]) -> Reading:
        return read([strokes_of(group) for group in groups])

    cluster_boxes = [around(boxes[i] for i in cluster) for cluster in clusters]
    limits = MAX_DOUBT_STROKES, MAX_QUERIES_STROKES
    lines = read_lines(cluster_boxes, line_of, {}, lambda groups: read_clusters(groups)[0], limits)
    if sum(map(len, lines)) <= MAX_FRAGMENTS:
        lines = [_join_parts(line, cluster_boxes, read_clusters) for line in lines]
    groups = [group for line in lines for group in line]
    if 1 < len(groups) <= MAX_FRAGMENTS and _may_be_one_digit(cluster_boxes):
        every = list(range(len(clusters)))
        parts = read_clusters(groups)
        is_broken = min(parts[0]) < MIN_FRAGMENT_ODDS and _may_be_one_shape(cluster_boxes, lines)
        if is_broken or _are_parts(parts, partial(read_clusters, [every])):
            lines = [[every]]
    return [[sorted(drawn[i] for i in strokes_of(group)) for group in line] for line in lines]


def split_ink(ink: Ink, net: Network) -> list[Piece]:
    """The digits of ``ink`` (H, W), as ``picture.ink_of`` gives it, line by line from left to right; none without ink."""
    if is_blank(ink):
        return []
    peak = ink.max()
    strong = ink >= np.float32(INK_THRESHOLD * usual_level(ink))
    area = bounding_box(strong, FRINGE)  # the rest of a large picture is not looked at
    labels, count = ndimage.label(strong[area], np.ones((3, 3)))
    if count > MAX_COMPONENTS:
        labels, count = strong[area].astype(labels.dtype), 1
    scaled = ink[area] * (np.float32(255) / peak)

    def odds_in(owned: NDArray[np.int64], boxes: Sequence[PixelBox]) -> LogOdds:
        return lambda groups: _log_odds(net, [normalise_ink(_extract(scaled, owned, boxes, group)) for group in groups])

    components = _boxes_of(labels)
    clusters, line_of = clusters_of_lines(components, find_lines(components, odds_in(labels - 1, components)))
    owners = np.full(count + 1, -1)
    for number, cluster in enumerate(clusters):
        owners[np.array(cluster) + 1] = number
    owned = owners[labels]
    boxes, cuts = _cut(owned, line_of)
    lines = read_lines(boxes, line_of, cuts, odds_in(owned, boxes), (MAX_DOUBT_PICTURE, MAX_QUERIES_PICTURE))

    def read(found: list[list[int]]) -> Reading:
        return _read(net, [normalise_ink(_extract(scaled, owned, boxes, group)) for group in found])

    lines = [whole_letters(line, cuts, read) for line in lines]
    groups = [group for line in lines for group in line]
    is_whole = False
    if len(groups) == 1 and sum(map(len, clusters)) < count:
        without, with_specks = _log_odds(net, [normalise_ink(_extract(scaled, owned, boxes, groups[0])), normalise_ink(ink)])
        is_whole = with_specks > without
    elif 1 < len(groups) <= MAX_FRAGMENTS and _may_be_one_digit(boxes):
        odds, digits = read(groups)
        in_letter = len(clusters) == 1 and sum(odds) < CUT_ONE_COST * digits.count(1)
        is_broken = (min(odds) < MIN_FRAGMENT_ODDS or in_letter) and _may_be_one_shape(components, lines)
        is_whole = is_broken or _are_parts((odds, digits), lambda: _read(net, [normalise_ink(ink)]), broken=True)
    if is_whole:
        every = list(range(count))
        lines, clusters, owned, boxes = [[every]], [every], labels - 1, components
    is_all = sum(map(len, lines)) == 1 and len(clusters) == 1 and len(clusters[0]) == count
    y, x = area[0].start, area[1].start
    pieces = []
    for number, line in enumerate(lines):
        for group in line:
            left, top, right, bottom = _pixels(boxes, group)
            own = ink if is_all else _extract(scaled, owned, boxes, group)
            pieces.append(Piece((left + x, top + y, right + x, bottom + y), own, number))
    return pieces


def _may_be_one_digit(boxes: Sequence[Box]) -> bool:
    """Whether ``boxes`` together are no wider than a digit may be."""
    left, top, right, bottom = around(boxes)
    return right - left <= MAX_DIGIT_WIDTH * (bottom - top)


def _join_parts(line: list[list[int]], boxes: Sequence[Box], read: Callable[[list[list[int]]], Reading]) -> list[list[int]]:
    """The groups of ``line``, two neighbours joined where they are parts of one digit."""
    if len(line) < 2:
        return line
    odds, digits = read(line)
    joined: list[list[int]] = []
    start = 0
    while start < len(line):
        own = slice(start, start + 2)
        both = [i for group in line[own] for i in group]
        fits = len(line[own]) == 2 and _may_be_one_digit([boxes[i] for i in both])
        is_one = fits and _are_parts((odds[own], digits[own]), partial(read, [both]))
        joined.append(both if is_one else line[start])
        start += 2 if is_one else 1
    return joined


def _are_parts(parts: Reading, whole: Callable[[], Reading], *, broken: bool = False) -> bool:
    """Whether these parts are one digit: one is likelier none, and all together are likelier one that no part is already.

    ``broken``: strokes may be broken, so that a part may be that digit already, but less clearly than all together.
    """
    if min(parts[0]) >= 0:
        return False
    (odds,), (digit,) = whole()
    alike = [part for part, own in zip(*parts, strict=True) if own == digit and part > 0]
    return odds > max(alike, default=0) if broken else odds > 0 and not alike


def _may_be_one_shape(boxes: Sequence[Box], lines: list[list[list[int]]]) -> bool:
    """Whether ``boxes``, read as ``lines``, may be those of one shape: close together, and no wider than a digit may be."""
    left, _, right, _ = around(boxes)
    height = line_height(boxes)
    if len(lines) != 1 or right - left > MAX_DIGIT_WIDTH * height:
        return False
    ordered = sorted(boxes)
    ends = accumulate((box[2] for box in ordered), max)
    return all(box[0] - end <= MAX_SHAPE_GAP * height for end, box in zip(ends, ordered[1:], strict=False))


def _pixels(boxes: Sequence[PixelBox], group: list[int]) -> PixelBox:
    """The box around those of ``group``."""
    left, top, right, bottom = (int(side) for side in around(boxes[i] for i in group))
    return left, top, right, bottom


def _extract(ink: Ink, owned: NDArray[np.int64], boxes: Sequence[PixelBox], group: list[int]) -> Ink:
    """The ink of the pieces of ``group``, which lie in their ``boxes``, and of their fringe."""
    left, top, right, bottom = _pixels(boxes, group)
    area = np.s_[max(0, top - FRINGE) : bottom + FRINGE, max(0, left - FRINGE) : right + FRINGE]
    own = np.isin(owned[area], group)
    near = ndimage.maximum_filter(own, 2 * FRINGE + 1) & (owned[area] < 0)
    digit: Ink = np.where(own | near, ink[area], np.float32(0)).round()
    return digit


def _log_odds(net: Network, images: list[NDArray[np.uint8] | None]) -> list[float]:
    """The log-odds of the most likely digit of every image; without an image it is ``MIN_LOG_ODDS``."""
    return _read(net, images)[0]


def _read(net: Network, images: list[NDArray[np.uint8] | None]) -> Reading:
    """``_log_odds`` of every image, and its most likely digit; without an image, −1."""
    seen = [image for image in images if image is not None]
    if not seen:
        return [MIN_LOG_ODDS] * len(images), [-1] * len(images)
    with torch.inference_mode():
        best, digits = net(standardise(torch.from_numpy(np.stack(seen))))[:, :CLASSES].max(dim=1)
    odds = (best.double() - torch.log(-torch.expm1(best.double()) + 1e-12)).clamp(MIN_LOG_ODDS, MAX_LOG_ODDS)
    found = iter(zip(odds.tolist(), digits.tolist(), strict=True))
    pairs = [(MIN_LOG_ODDS, -1) if image is None else next(found) for image in images]
    return [odds for odds, _ in pairs], [digit for _, digit in pairs]


def _boxes_of(labels: NDArray[np.int64]) -> list[PixelBox]:
    """The boxes of the pixels labelled 1, 2, 3… in (H, W)."""
    return [(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in ndimage.find_objects(labels)]


def _cut(owned: NDArray[np.int64], line_of: list[int]) -> tuple[list[PixelBox], dict[tuple[int, int], float]]:
    """Cut pieces too wide for one digit into strips, more than necessary: the best reading joins some again.

    ``owned`` (H, W) holds the piece of every pixel, −1 where there is none, and ``line_of`` the line of every piece; both
    are changed: strips get their own numbers. Returns the boxes of all pieces, and for every pair of adjacent strips the
    evidence that they are one digit.
    """
    boxes = _boxes_of(owned + 1)
    heights = {
        line: line_height(box for box, own in zip(boxes, line_of, strict=True) if own == line) for line in set(line_of)
    }
    cuts: dict[tuple[int, int], float] = {}
    for number, (left, top, right, bottom) in enumerate(boxes):
        width, height = right - left, heights[line_of[number]]
        if width <= MIN_CUT_WIDTH * height:
            continue
        bonus = LONE_COMPONENT_BONUS * (len(boxes) == 1 and width <= MAX_DIGIT_WIDTH * height)
        area = owned[top:bottom, left:right]
        own = area == number
        ink = own.sum(axis=0)
        before = number
        extents = _extents(own)
        crossed = np.minimum(ink / ink.mean(), extents / extents.max())
        for start, stop in pairwise([*_cut_columns(ink, extents, height), width]):
            strip = own[:, start:stop]
            if not strip.any():
                continue
            after = len(line_of)
            area[:, start:stop][strip] = after
            line_of.append(line_of[number])
            cuts[before, after] = CUT_INTERCEPT + CUT_INK_WEIGHT * float(crossed[start]) + bonus
            before = after
    return _boxes_of(owned + 1), cuts


def _extents(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(W,): how many rows lie between the uppermost and the lowest pixel of every column of ``mask`` (H, W)."""
    bottom = len(mask) - mask[::-1].argmax(axis=0)
    extents: NDArray[np.int64] = np.where(mask.any(axis=0), bottom - mask.argmax(axis=0), 0)
    return extents


def _cut_columns(ink: NDArray[np.int64], extents: NDArray[np.int64], height: float) -> list[int]:
    """Where to cut a piece with ``ink`` (W,) pixels and ``_extents`` per column, not too close together.

    First at the waists, where round digits touch, then where there is least ink.
    """
    width = len(ink)
    margin, spacing = max(1, round(CUT_MARGIN * height)), max(1, round(CUT_SPACING * height))
    free = np.zeros(width, bool)
    free[margin : width - margin] = True
    columns: list[int] = []
    while free.any() and len(columns) < round(CUTS_PER_HEIGHT * width / height):
        profile = extents if len(columns) < WAIST_CUTS else ink
        least = np.flatnonzero(free & (profile == profile[free].min()))
        columns.append(int(least[len(least) // 2]))
        free[max(0, columns[-1] - spacing) : columns[-1] + spacing + 1] = False
    return sorted(columns)
