"""One line of writing: its pieces are grouped into digits, from left to right.

Pieces that lie above one another form one digit, so that a broken stroke stays whole and a correction is joined with the
digit it corrects. Geometry decides whether neighbours form one digit; in doubtful cases, every possible reading of the line
is scored with the network's log-odds of each digit. ``web/engine/rows.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from mnist_cnn.drawing.lines import Box, LogOdds, around

# The unit of length is the height of the line, which is that of its tallest piece. Evidence is in nats, like the network's
# log-odds. The bond's three weights are those of a logistic regression on the digits of 131 writers, alone and in rows,
# with signs among them (``python -m benchmarks.grouping --fit``); the others are roughly those of regressions on pen digits.
SPECK_SIZE = 0.15
"""A piece smaller than this in both directions is a speck: it joins a piece that it nearly touches, or is dropped."""
SPECK_DISTANCE = 0.1
"""How far a speck may be from the piece it belongs to."""
MIN_OVERLAP = 0.5
"""Pieces that share this much of the narrower one's width lie above one another."""
MIN_PIECE_WIDTH = 0.05
"""Narrower pieces are treated as this wide when overlaps are measured."""

BOND_INTERCEPT = 3.4
"""Evidence that two pieces are one digit if the second begins where the first ends. The next two costs are subtracted."""
GAP_COST = 26.8
"""Cost per height of the gap between the two; an overlap is a negative gap."""
DEPTH_COST = 9.4
"""Cost per height by which the shorter's middle lies below the taller's top and above its foot: the bar of a 5 begins at the
top of its body, a hyphen or another digit at half its height."""
MAX_DOUBT_STROKES, MAX_DOUBT_PICTURE = 4.0, 12.0
"""If the geometric evidence, for one digit or for two, exceeds this, the network is not run. For strokes: of 3, 4, 5, 6, 8
and 12, this value splits the fewest of the training writers' digits. Pieces cut from a picture are mostly doubtful."""

MAX_LOG_ODDS, MIN_LOG_ODDS = 10.0, -4.0
"""The network's log-odds are clipped to this range, so that one digit cannot outweigh all others."""
USUAL_WIDTH, WIDE_COST = 0.8, 11.0
"""A digit wider than this is less likely: the cost per height of excess width."""
USUAL_HEIGHT, SHORT_COST = 0.7, 18.0
"""A digit shorter than this is less likely: the cost per height that is missing."""
SIGN_SCORE = -5.0
"""Score of pieces that are no digit, such as a hyphen: what costs more as a digit is taken for a sign. Of −3, −5 and −8,
this value groups the training writers' digits, and rows with and without signs, best (``benchmarks.grouping``)."""
MAX_DIGIT_WIDTH = 1.8
"""Anything wider is divided wherever possible."""

MAX_PIECES = 60
"""With more pieces in a line the ink is not a number and is not divided."""
MAX_QUERIES_STROKES, MAX_QUERIES_PICTURE = 16, 150
"""With more doubtful digits in a line geometry alone decides, to save time: strokes are read on every frame."""
MAX_QUERIES_OF_LINES = 600
"""The same for all lines of a picture together."""

MIN_LETTERS = 3
"""A line is one of letters only if so many of its pieces are, and most of them."""


Reading = tuple[list[float], list[int]]
"""The log-odds of the most likely digit of each of several images, and that digit."""
Span = tuple[int, int]
"""The first piece of a digit and the one after its last, in the order from left to right."""


def clusters_of_lines(boxes: Sequence[Box], lines: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    """``clusters_of`` of each line, as indices of all ``boxes``; and the line of every cluster."""
    clusters, line_of = [], []
    for number, line in enumerate(lines):
        for cluster in clusters_of([boxes[i] for i in line]):
            clusters.append([line[i] for i in cluster])
            line_of.append(number)
    return clusters, line_of


def read_lines(
    boxes: Sequence[Box],
    line_of: list[int],
    cuts: dict[tuple[int, int], float],
    log_odds: LogOdds,
    limits: tuple[float, int],
) -> list[list[list[int]]]:
    """The boxes of every line grouped into digits by ``_read_row``; lines in ascending order, without empty ones.

    ``limits``: ``MAX_DOUBT_…`` and ``MAX_QUERIES_…`` of strokes or of pictures.
    """
    lines = sorted(set(line_of))
    max_doubt, max_queries = limits
    most = min(max_queries, MAX_QUERIES_OF_LINES // max(1, len(lines)))
    rows = [[i for i, own in enumerate(line_of) if own == line] for line in lines]
    return [_read_row(boxes, row, cuts, log_odds, (max_doubt, most)) for row in rows]


def _read_row(
    boxes: Sequence[Box], row: list[int], cuts: dict[tuple[int, int], float], log_odds: LogOdds, limits: tuple[float, int]
) -> list[list[int]]:
    """The boxes of a ``row``, which are not none, grouped into digits, as indices, digits from left to right.

    ``cuts`` holds the evidence between strips of one piece. The score of a reading is the sum of its digits' scores. The
    score of a digit is the network's log-odds of its most likely class, minus the cost of an unusual size, but at least
    ``SIGN_SCORE``; plus the evidence that its pieces are one digit.
    """
    max_doubt, max_queries = limits
    height = max(line_height(boxes[i] for i in row), 1e-9)
    order = sorted(row, key=lambda i: boxes[i][0] + boxes[i][2])
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
    is_cut = [False, *(pair in cuts for pair in pairwise(order)), False]
    for start, end in scores:
        if not any(is_cut[start : end + 1]):  # neither a part of a piece nor a piece too wide for one digit is a sign
            scores[start, end] = max(scores[start, end], SIGN_SCORE + sum(bonds[start + 1 : end]))
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
    gap, depth = gap_and_depth(before, after, height)
    return BOND_INTERCEPT - GAP_COST * gap - DEPTH_COST * depth


def gap_and_depth(before: Box, after: Box, height: float) -> tuple[float, float]:
    """How far ``after`` begins behind the end of ``before``, and how deep the shorter's middle lies beside the taller.

    In line heights; both may be negative.
    """
    shorter, taller = sorted((before, after), key=lambda box: box[3] - box[1])
    middle = (shorter[1] + shorter[3]) / 2
    return (after[0] - before[2]) / height, min(middle - taller[1], taller[3] - middle) / height


def whole_letters(
    line: list[list[int]], cuts: dict[tuple[int, int], float], read: Callable[[list[list[int]]], Reading]
) -> list[list[int]]:
    """The groups of a ``line``, from left to right; in one of letters, those that were cut are whole again.

    A letter is likelier no digit; or it was cut, and one of its parts is likelier no digit or looks like a 1, as stems do.
    """
    piece_of: dict[int, int] = {}  # of every strip but the first of a piece
    for before, after in cuts:
        piece_of[after] = piece_of.get(before, before)
    pieces = [{piece_of.get(strip, strip) for strip in group} for group in line]
    parts = {piece: [i for i, own in enumerate(pieces) if piece in own] for piece in set().union(*pieces)}
    if all(len(numbers) == 1 for numbers in parts.values()):
        return line
    odds, digits = read(line)
    letters = {
        piece
        for piece, numbers in parts.items()
        if min(odds[i] for i in numbers) < 0 or (len(numbers) > 1 and 1 in [digits[i] for i in numbers])
    }
    if len(letters) < MIN_LETTERS or len(letters) <= len(parts) / 2:
        return line
    joined: list[list[int]] = []
    last: set[int] = set()  # the letters of which the last group is a part
    for group, own in zip(line, pieces, strict=True):
        if last & own:
            joined[-1] = [*joined[-1], *group]
        else:
            joined.append(group)
            last = set()
        last |= own & letters
    return joined


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


def line_height(boxes: Iterable[Box]) -> float:
    """Height of the tallest box; where all are flat, half the width of the widest."""
    return max(max(bottom - top, (right - left) / 2) for left, top, right, bottom in boxes)
